package org.crossentropy.app;

import java.util.function.IntSupplier;
import org.crossentropy.api.BinaryCrossEntropy;
import org.crossentropy.api.LabelSmoothing;
import org.crossentropy.api.SoftmaxCrossEntropy;
import org.crossentropy.app.io.InputException;
import picocli.CommandLine.Option;

/** What is done to targets, logits and losses on the way, as the user says it. */
final class ShapeOptions {

    @Option(
            names = "--label-smoothing",
            paramLabel = "E",
            description = "part of a target's probability that is spread (default: ${DEFAULT-VALUE}); with"
                    + " binary-cross-entropy, moved toward 1/2")
    private double labelSmoothing;

    @Option(
            names = "--smoothing",
            paramLabel = "WHERE",
            description =
                    "spread it over all classes (uniform, as PyTorch) or over the others (others, as Megatron-LM);"
                            + " default: ${DEFAULT-VALUE}")
    private LabelSmoothing.Convention smoothing = LabelSmoothing.Convention.UNIFORM;

    @Option(names = "--temperature", paramLabel = "T", description = "divide logits by T (default: ${DEFAULT-VALUE})")
    private double temperature = 1;

    @Option(names = "--softcap", paramLabel = "C", description = "make logits C tanh(x / C), before the temperature")
    private double softCap;

    @Option(names = "--z-loss", paramLabel = "Z", description = "add Z times the square of a row's log-sum-exp")
    private double zLoss;

    @Option(names = "--focal", paramLabel = "GAMMA", description = "weigh losses by (1 - p)^GAMMA: the focal loss")
    private double focal;

    /**
     * Rejects what the loss cannot do.
     *
     * @param loss which
     * @param isSoft whether targets are distributions and not labels
     * @param keptClasses classes that take part, counted if need be
     */
    void check(LossName loss, boolean isSoft, IntSupplier keptClasses) {
        Range.check("--label-smoothing", labelSmoothing, 0, 1);
        Range.checkPositive("--temperature", temperature);
        Range.checkNotNegative("--softcap", softCap);
        Range.checkNotNegative("--z-loss", zLoss);
        Range.checkNotNegative("--focal", focal);
        if (focal > 0 && labelSmoothing > 0) {
            throw new InputException("--focal and --label-smoothing exclude each other, leave out one of them");
        }
        boolean others = smoothing == LabelSmoothing.Convention.OTHERS && labelSmoothing > 0;
        if (others) {
            Range.check("--smoothing others: number of classes", keptClasses.getAsInt(), 2, Integer.MAX_VALUE);
        }
        if (isSoft && loss == LossName.SOFTMAX_CROSS_ENTROPY) {
            EvalTargets.checkLabels("--focal", focal > 0);
            EvalTargets.checkLabels("--smoothing others", others);
        }
    }

    void apply(SoftmaxCrossEntropy.Builder builder) {
        builder.labelSmoothing(new LabelSmoothing(smoothing, labelSmoothing))
                .temperature(temperature)
                .softCap(softCap)
                .zLoss(zLoss)
                .focal(focal);
    }

    void apply(BinaryCrossEntropy.Builder builder) {
        builder.labelSmoothing(labelSmoothing).focal(focal);
    }
}
