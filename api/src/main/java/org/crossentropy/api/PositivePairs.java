package org.crossentropy.api;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Softmax cross-entropy of each query's similarities, its positive key being the class: the loss of the chunks of {@link
 * InfoNce} and {@link NtXent}.
 */
final class PositivePairs implements SimilarityChunks.ChunkLoss {

    private final ReductionRule rule;
    private final Execution execution;
    private final boolean shareable;
    private final int[] positives;
    private final boolean excludesSelf;
    private final double @Nullable [] losses;

    /**
     * Describes the pairs.
     *
     * @param options how losses are reduced
     * @param shareable whether threads may share the caller's memory
     * @param positives the positive key of each query
     * @param excludesSelf whether key i is no candidate for query i
     * @param losses receives the loss of each query
     */
    PositivePairs(
            ContrastiveOptions options,
            Execution execution,
            boolean shareable,
            int[] positives,
            boolean excludesSelf,
            double @Nullable [] losses) {
        this.rule = chunkRule(options, positives.length);
        this.execution = execution;
        this.shareable = shareable;
        this.positives = positives;
        this.excludesSelf = excludesSelf;
        this.losses = losses;
    }

    /** A mean over the whole batch, of which a chunk sees some rows. All rows count, with weight 1. */
    static ReductionRule chunkRule(ContrastiveOptions options, long rows) {
        Reduction reduction = options.reduction();
        if (reduction instanceof Reduction.Mean(Denominator denominator)
                && !(denominator instanceof Denominator.Given)
                && rows > 0) {
            reduction = Reduction.mean(Denominator.given((double) rows));
        }
        return new ReductionRule(reduction, options.emptyMean(), EmptyRows.NAN);
    }

    @Override
    public LossResult compute(Matrix logits, long from, boolean wantsGradient) {
        int count = Math.toIntExact(logits.rows());
        if (excludesSelf) {
            for (int i = 0; i < count; i++) {
                logits.set(i, (int) from + i, Double.NEGATIVE_INFINITY);
            }
        }
        ClassIndices classes = ClassIndices.of(
                IndexType.INT32, MemorySegment.ofArray(positives).asSlice(from * Integer.BYTES), count);
        TargetScan scan = new TargetScan(classes, logits.columns(), TargetScan.IgnoreIndex.NONE, null, null, null);
        RowValues rowLosses = losses == null
                ? null
                : RowValues.of(
                        ElementType.FLOAT64, MemorySegment.ofArray(losses).asSlice(from * Double.BYTES), count);
        return new SoftmaxRun(rule, execution, shareable, logits, scan)
                .plain(
                        scan,
                        null,
                        null,
                        LabelSmoothing.none(),
                        logits.columns(),
                        wantsGradient ? logits : null,
                        rowLosses);
    }
}
