package org.crossentropy.app;

import java.util.List;
import org.crossentropy.app.data.Dataset;
import org.crossentropy.app.io.InputException;
import org.crossentropy.app.model.Trainer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How to train, as the user says it; what is left out depends on the data. */
final class TrainingOptions {

    /**
     * What is done unless the user says otherwise.
     *
     * @param epochs how often each example is seen
     * @param batch examples of a step
     * @param learningRate of the first step
     * @param hidden widths of the hidden layers
     * @param labelSmoothing of the targets
     * @param l2 factor of the penalty
     * @param weightDecay part of a weight that a step takes away, where there is no penalty
     * @param shift by how much images are moved
     */
    private record Defaults(
            int epochs,
            BatchSize batch,
            double learningRate,
            List<Integer> hidden,
            double labelSmoothing,
            double l2,
            double weightDecay,
            double shift) {

        static final Defaults IMAGES = new Defaults(30, new BatchSize(32), 0.004, List.of(256, 128), 0.1, 0, 0.3, 0.5);

        /**
         * For a few hundred examples that fit one step. The penalty is the one with the least loss of logistic regression in
         * five-fold cross-validation on the tumours to train, out of ten from 0.0001 to 0.1; the rest are round numbers. No
         * example that is held out had a say.
         */
        static final Defaults TABLES =
                new Defaults(300, new BatchSize(Integer.MAX_VALUE), 0.05, List.of(16), 0, 0.005, 0, 0);

        static Defaults of(Dataset dataset) {
            return dataset.training().areShiftable() ? IMAGES : TABLES;
        }
    }

    @Option(names = "--epochs", paramLabel = "N", description = "how often each example is seen (30; 300 for wdbc)")
    private @Nullable Integer epochs;

    @Option(
            names = "--batch",
            paramLabel = "N",
            converter = BatchSize.Converter.class,
            description = "examples of a step, or full for all of them (32; full for wdbc)")
    private @Nullable BatchSize batch;

    @Option(
            names = "--learning-rate",
            paramLabel = "R",
            description = "of the first step; falls to 0 (0.004; 0.05 for wdbc)")
    private @Nullable Double learningRate;

    @Option(
            names = "--hidden",
            split = ",",
            paramLabel = "N",
            description = "widths of the hidden layers of mlp (256,128; 16 for wdbc)")
    private @Nullable List<Integer> hidden;

    @Option(
            names = "--label-smoothing",
            paramLabel = "E",
            description = "in training: uniform, or toward 1/2 with one output (0.1; 0 for wdbc)")
    private @Nullable Double labelSmoothing;

    @Option(
            names = "--l2",
            paramLabel = "LAMBDA",
            description = "add LAMBDA / 2 times the sum of squared weights, biases left out, to the mean loss (0; 0.005"
                    + " for wdbc)")
    private @Nullable Double l2;

    @Option(
            names = "--weight-decay",
            paramLabel = "D",
            description = "part of a weight that a step takes away, times the learning rate (0.3; 0 with a penalty, and"
                    + " for wdbc)")
    private @Nullable Double weightDecay;

    @Option(
            names = "--shift",
            paramLabel = "P",
            description = "move images at random by up to so many pixels, in training (0.5)")
    private @Nullable Double shift;

    /** Fills in what was left out, and checks all of it. */
    Trainer.Options of(Dataset dataset) {
        Defaults defaults = Defaults.of(dataset);
        Trainer.Options options = new Trainer.Options(
                epochs == null ? defaults.epochs() : epochs,
                (batch == null ? defaults.batch() : batch).of(dataset.training().count()),
                learningRate == null ? defaults.learningRate() : learningRate,
                weightDecay(defaults),
                l2(defaults),
                shift(dataset, defaults));
        Range.check("--epochs", options.epochs(), 1, 1_000_000);
        Range.check("--learning-rate", options.learningRate(), 1e-30, 1000);
        Range.check("--l2", options.l2(), 0, 1e6);
        Range.check("--weight-decay", options.weightDecay(), 0, 1 / options.learningRate());
        return options;
    }

    double labelSmoothing(Dataset dataset) {
        double part = labelSmoothing == null ? Defaults.of(dataset).labelSmoothing() : labelSmoothing;
        Range.check("--label-smoothing", part, 0, 1);
        return part;
    }

    List<Integer> hidden(Dataset dataset) {
        List<Integer> widths = hidden == null ? Defaults.of(dataset).hidden() : hidden;
        for (int width : widths) {
            Range.check("--hidden", width, 1, 1 << 16);
        }
        return widths;
    }

    /** For models without hidden layers. */
    void checkNotHidden() {
        if (hidden != null) {
            throw new InputException(
                    "--hidden is for --model mlp, not for --model logistic, which has no hidden layers");
        }
    }

    /** Two pulls towards 0 at once would hide what the one that was asked for does. */
    private double weightDecay(Defaults defaults) {
        if (weightDecay != null) {
            return weightDecay;
        }
        return l2(defaults) > 0 ? 0 : defaults.weightDecay();
    }

    private double l2(Defaults defaults) {
        if (l2 != null) {
            return l2;
        }
        return weightDecay != null && weightDecay > 0 ? 0 : defaults.l2();
    }

    private double shift(Dataset dataset, Defaults defaults) {
        if (shift == null) {
            return defaults.shift();
        }
        Range.check("--shift", shift, 0, 1000);
        if (shift > 0 && !dataset.training().areShiftable()) {
            throw new InputException("--shift is " + shift + ", must be 0 for " + dataset.name()
                    + ", which has no images that could be moved");
        }
        return shift;
    }
}
