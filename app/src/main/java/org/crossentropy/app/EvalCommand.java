package org.crossentropy.app;

import java.io.PrintWriter;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.crossentropy.api.Execution;
import org.crossentropy.api.LabelSmoothing;
import org.crossentropy.api.Reduction;
import org.crossentropy.api.SoftmaxCrossEntropy;
import org.crossentropy.app.io.OutputFile;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code xent eval}. */
@Command(
        name = "eval",
        description =
                "Computes the cross-entropy of logits and labels in NumPy files, which may be larger than memory.",
        footer = {
            "",
            "Accuracy is the share of rows, ignored ones left out, whose first largest logit is the label's;",
            "a row with a NaN counts as wrong. Perplexity is exp of the mean loss by weight sum.",
            "The files must not shrink meanwhile."
        })
final class EvalCommand implements Callable<Integer> {

    /** The reductions by the names that users know. */
    enum ReductionName {
        MEAN,
        SUM,
        NONE;

        Reduction reduction() {
            return switch (this) {
                case MEAN -> Reduction.MEAN;
                case SUM -> Reduction.SUM;
                case NONE -> Reduction.NONE;
            };
        }
    }

    @Spec
    private @Nullable CommandSpec spec;

    @Option(
            names = "--logits",
            required = true,
            paramLabel = "X.npy",
            description = "float32 or float64, rows x classes, C order")
    private @Nullable Path logits;

    @Option(
            names = "--labels",
            required = true,
            paramLabel = "Y.npy",
            description = "int32 or int64, one class index for each row")
    private @Nullable Path labels;

    @Option(names = "--class-weights", paramLabel = "W.npy", description = "float32 or float64, one for each class")
    private @Nullable Path classWeights;

    @Option(
            names = "--ignore-index",
            paramLabel = "I",
            description = "label of rows to leave out (default: ${DEFAULT-VALUE})")
    private long ignoreIndex = SoftmaxCrossEntropy.DEFAULT_IGNORE_INDEX;

    @Option(
            names = "--label-smoothing",
            paramLabel = "E",
            description = "part of a label's probability that is spread (default: ${DEFAULT-VALUE})")
    private double labelSmoothing;

    @Option(
            names = "--smoothing",
            paramLabel = "WHERE",
            description =
                    "spread it over all classes (uniform, as PyTorch) or over the others (others, as Megatron-LM);"
                            + " default: ${DEFAULT-VALUE}")
    private LabelSmoothing.Convention smoothing = LabelSmoothing.Convention.UNIFORM;

    @Option(
            names = "--reduction",
            paramLabel = "HOW",
            description = "mean, sum or none: what loss and gradient are of (default: ${DEFAULT-VALUE})")
    private ReductionName reduction = ReductionName.MEAN;

    @Option(names = "--per-row", paramLabel = "OUT.npy", description = "write the loss of each row, float64")
    private @Nullable Path perRow;

    @Option(
            names = "--gradient",
            paramLabel = "OUT.npy",
            description = "write the gradient with respect to the logits, in their type")
    private @Nullable Path gradient;

    @Mixin
    private ExecutionOptions where = new ExecutionOptions();

    @Option(names = "--json", description = "print JSON")
    private boolean json;

    @Override
    public Integer call() {
        Path logitsFile = Objects.requireNonNull(logits, "logits");
        Path labelsFile = Objects.requireNonNull(labels, "labels");
        checkOutputsApart(logitsFile, labelsFile);
        Range.check("--label-smoothing", labelSmoothing, 0, 1);
        Execution execution = where.open();
        try (Arena arena = Arena.ofShared()) {
            EvalInputs inputs = EvalInputs.map(logitsFile, labelsFile, classWeights, ignoreIndex, arena);
            SoftmaxCrossEntropy loss = loss(inputs, execution);
            EvalReport report = new Evaluation(inputs, loss, perRow, gradient).run(arena);
            PrintWriter out = Main.out(spec);
            if (json) {
                Json.print(out, report::write);
            } else {
                report.print(out);
            }
        }
        return ExitStatus.FINE;
    }

    private void checkOutputsApart(Path logitsFile, Path labelsFile) {
        List<Path> others = new ArrayList<>(List.of(logitsFile, labelsFile));
        Stream.ofNullable(classWeights).forEach(others::add);
        for (Path output : Stream.of(perRow, gradient).filter(Objects::nonNull).toList()) {
            OutputFile.checkApart(output, others);
            others.add(output);
        }
    }

    private SoftmaxCrossEntropy loss(EvalInputs inputs, Execution execution) {
        if (smoothing == LabelSmoothing.Convention.OTHERS && labelSmoothing > 0) {
            Range.check("--smoothing others: number of classes", inputs.logits().columns(), 2, Integer.MAX_VALUE);
        }
        SoftmaxCrossEntropy.Builder builder = SoftmaxCrossEntropy.builder()
                .reduction(reduction.reduction())
                .ignoreIndex(ignoreIndex)
                .labelSmoothing(new LabelSmoothing(smoothing, labelSmoothing))
                .execution(execution);
        if (!inputs.classWeights().isEmpty()) {
            builder.classWeights(inputs.classWeights().stream()
                    .mapToDouble(Double::doubleValue)
                    .toArray());
        }
        return builder.build();
    }
}
