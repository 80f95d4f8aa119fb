package org.crossentropy.app;

import java.io.PrintWriter;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.crossentropy.api.Execution;
import org.crossentropy.api.LabelSmoothing;
import org.crossentropy.app.data.Dataset;
import org.crossentropy.app.data.Digits;
import org.crossentropy.app.data.IdxFolder;
import org.crossentropy.app.model.Network;
import org.crossentropy.app.model.Score;
import org.crossentropy.app.model.Trainer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code xent train}. */
@Command(
        name = "train",
        description = "Trains a classifier of images with this library's loss and gradient, and tests it.",
        footer = {
            "",
            "The same options, backend and number of threads give the same weights, bit by bit. The loss of an epoch",
            "includes label smoothing; the held-out loss does not."
        })
final class TrainCommand implements Callable<Integer> {

    /** The models. */
    enum Model {
        /** One layer: multinomial logistic regression. */
        LOGISTIC,
        /** A multilayer perceptron. */
        MLP
    }

    /** By name, so that a seed means the same in every version of Java. */
    private static final String GENERATOR = "L64X128MixRandom";

    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--model", description = "logistic or mlp (default: ${DEFAULT-VALUE})")
    private Model model = Model.MLP;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "folder with images in the format of MNIST (IDX, plain or gzipped);"
                    + " default: the handwritten digits that come with xent")
    private @Nullable Path data;

    @Option(names = "--epochs", paramLabel = "N", description = "how often each image is seen (${DEFAULT-VALUE})")
    private int epochs = 30;

    @Option(names = "--batch", paramLabel = "N", description = "images of a step (${DEFAULT-VALUE})")
    private int batch = 32;

    @Option(
            names = "--learning-rate",
            paramLabel = "R",
            description = "of the first step; falls to 0 (${DEFAULT-VALUE})")
    private double learningRate = 0.004;

    @Option(
            names = "--hidden",
            split = ",",
            paramLabel = "N",
            description = "widths of the hidden layers of mlp (256,128)")
    private List<Integer> hidden = List.of(256, 128);

    @Option(names = "--label-smoothing", paramLabel = "E", description = "uniform, in training (${DEFAULT-VALUE})")
    private double labelSmoothing = 0.1;

    @Option(names = "--weight-decay", paramLabel = "D", description = "times the learning rate (${DEFAULT-VALUE})")
    private double weightDecay = 0.3;

    @Option(
            names = "--shift",
            paramLabel = "P",
            description = "move images at random by up to so many pixels, in training (${DEFAULT-VALUE})")
    private double shift = 0.5;

    @Option(names = "--seed", paramLabel = "S", description = "of weights, order and shifts (${DEFAULT-VALUE})")
    private long seed = 1;

    @Mixin
    private ExecutionOptions where = new ExecutionOptions();

    @Option(names = "--json", description = "print JSON, and no progress")
    private boolean json;

    @Override
    public Integer call() {
        checkOptions();
        Execution execution = where.open();
        Dataset dataset = data == null ? Digits.load() : IdxFolder.load(data);
        List<Integer> widths = widths(dataset);
        PrintWriter out = Main.out(spec);
        try (Arena arena = Arena.ofShared()) {
            long start = System.nanoTime();
            RandomGenerator.SplittableGenerator random = generator();
            Trainer.Options options = options();
            Network network = new Network(widths, Trainer.rowsAtOnce(options), execution, random.split(), arena);
            TrainReport.Setup setup =
                    new TrainReport.Setup(dataset, model, widths, network.size(), execution, seed, options);
            TrainProgress progress = TrainProgress.start(setup, json ? null : out);
            Trainer trainer = new Trainer(network, options, execution, random.split(), arena);
            trainer.train(dataset.training(), progress);
            Score heldOut = trainer.score(dataset.heldOut());
            double seconds = (System.nanoTime() - start) * 1e-9;
            TrainReport report = new TrainReport(setup, progress.epochs(), heldOut, network.fingerprint(), seconds);
            if (json) {
                Json.print(out, report::write);
            } else {
                report.print(out);
            }
        }
        return ExitStatus.FINE;
    }

    private void checkOptions() {
        Range.check("--epochs", epochs, 1, 1_000_000);
        Range.check("--batch", batch, 1, 1 << 20);
        Range.check("--learning-rate", learningRate, 1e-30, 1000);
        Range.check("--label-smoothing", labelSmoothing, 0, 1);
        Range.check("--weight-decay", weightDecay, 0, 1 / learningRate);
        Range.check("--shift", shift, 0, 1000);
        for (int width : hidden) {
            Range.check("--hidden", width, 1, 1 << 16);
        }
    }

    private RandomGenerator.SplittableGenerator generator() {
        return RandomGeneratorFactory.<RandomGenerator.SplittableGenerator>of(GENERATOR)
                .create(seed);
    }

    private Trainer.Options options() {
        return new Trainer.Options(
                epochs, batch, learningRate, weightDecay, LabelSmoothing.uniform(labelSmoothing), shift);
    }

    private List<Integer> widths(Dataset dataset) {
        List<Integer> widths = new ArrayList<>();
        widths.add(dataset.training().pixelsPerImage());
        if (model == Model.MLP) {
            widths.addAll(hidden);
        }
        widths.add(dataset.classes());
        return widths;
    }
}
