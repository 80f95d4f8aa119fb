package org.crossentropy.app;

import java.io.PrintWriter;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.crossentropy.api.Execution;
import org.crossentropy.app.data.Dataset;
import org.crossentropy.app.model.Network;
import org.crossentropy.app.model.Objective;
import org.crossentropy.app.model.Score;
import org.crossentropy.app.model.Trainer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code xent train}. */
@Command(
        name = "train",
        description = "Trains a classifier with this library's loss and gradient, and tests it.",
        footer = {
            "",
            "The same options, backend and number of threads give the same weights, bit by",
            "bit. The loss of an epoch includes label smoothing and the L2 penalty; the",
            "held-out loss does not."
        })
final class TrainCommand implements Callable<Integer> {

    /** The models. */
    enum Model {
        /** One layer: logistic regression, binary with one output for two classes, else multinomial. */
        LOGISTIC,
        /** A multilayer perceptron. */
        MLP
    }

    /** By name, so that a seed means the same in every version of Java. */
    private static final String GENERATOR = "L64X128MixRandom";

    @Spec
    private @Nullable CommandSpec spec;

    @Option(
            names = "--model",
            description = "logistic (binary for 2 classes, else multinomial) or mlp (default: ${DEFAULT-VALUE})")
    private Model model = Model.MLP;

    @ArgGroup
    private DataOptions data = new DataOptions();

    @Mixin
    private TrainingOptions training = new TrainingOptions();

    @Option(names = "--seed", paramLabel = "S", description = "of weights, order and shifts (${DEFAULT-VALUE})")
    private long seed = 1;

    @Mixin
    private ExecutionOptions where = new ExecutionOptions();

    @Option(names = "--json", description = "print JSON, and no progress")
    private boolean json;

    @Override
    public Integer call() {
        Execution execution = where.open();
        Dataset dataset = data.load();
        Trainer.Options options = training.of(dataset);
        Objective objective = objective(dataset, execution);
        List<Integer> widths = widths(dataset, objective);
        PrintWriter out = Main.out(spec);
        try (Arena arena = Arena.ofShared()) {
            long start = System.nanoTime();
            RandomGenerator.SplittableGenerator random = generator();
            Network network = new Network(widths, Trainer.rowsAtOnce(options), execution, random.split(), arena);
            TrainReport.Setup setup =
                    new TrainReport.Setup(dataset, model, widths, network.size(), objective, execution, seed, options);
            TrainProgress progress = TrainProgress.start(setup, json ? null : out);
            Trainer trainer = new Trainer(network, objective, options, random.split(), arena);
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

    private RandomGenerator.SplittableGenerator generator() {
        return RandomGeneratorFactory.<RandomGenerator.SplittableGenerator>of(GENERATOR)
                .create(seed);
    }

    private Objective objective(Dataset dataset, Execution execution) {
        double labelSmoothing = training.labelSmoothing(dataset);
        return model == Model.LOGISTIC && dataset.classes() == 2
                ? Objective.binary(labelSmoothing, execution)
                : Objective.softmax(dataset.classes(), labelSmoothing, execution);
    }

    private List<Integer> widths(Dataset dataset, Objective objective) {
        List<Integer> widths = new ArrayList<>();
        widths.add(dataset.training().features());
        if (model == Model.MLP) {
            widths.addAll(training.hidden(dataset));
        } else {
            training.checkNotHidden();
        }
        widths.add(objective.logits());
        return widths;
    }
}
