package org.crossentropy.api;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.crossentropy.api.spi.TileOperation;
import org.jspecify.annotations.Nullable;

/** Binary cross-entropy of every similarity, pairs against all others: the loss of the chunks of {@link SigLip}. */
final class SigmoidPairs implements SimilarityChunks.ChunkLoss {

    private final ElementwiseLoss loss;
    private final Execution execution;
    private final boolean shareable;
    private final int[] partners;
    private final double @Nullable [] losses;
    private final CompensatedSum derivatives = new CompensatedSum();

    /**
     * Describes the pairs.
     *
     * @param options how losses are reduced
     * @param shareable whether threads may share the caller's memory
     * @param partners the key that each query belongs to
     * @param losses receives the loss of each query
     */
    SigmoidPairs(
            ContrastiveOptions options,
            Execution execution,
            boolean shareable,
            int[] partners,
            double @Nullable [] losses) {
        Reduction reduction = PositivePairs.chunkRule(options, partners.length).reduction();
        LossSettings settings = new LossSettings(reduction, options.emptyMean(), execution);
        this.loss = new ElementwiseLoss(settings, TileOperation.LOGISTIC, "logits", false, null, 1, 1, 0, 0, 0);
        this.execution = execution;
        this.shareable = shareable;
        this.partners = partners;
        this.losses = losses;
    }

    @Override
    public LossResult compute(Matrix logits, long from, boolean wantsGradient) {
        int count = Math.toIntExact(logits.rows());
        ClassIndices classes =
                ClassIndices.of(IndexType.INT32, MemorySegment.ofArray(partners).asSlice(from * Integer.BYTES), count);
        TargetScan scan = new TargetScan(classes, logits.columns(), TargetScan.IgnoreIndex.NONE, null, null, null);
        Matrix gradient = wantsGradient ? logits : null;
        ElementwisePass pass =
                new ElementwisePass(loss, logits, new DenseTargets.OneHot(scan), null, null, gradient, null, false);
        BatchCounts counts = BatchCounts.ofElements(logits, scan);
        LossResult result =
                GroupPass.run(loss.settings(), shareable, logits, scan, counts, rowLosses(from, count), pass);
        if (wantsGradient) {
            addDerivatives(logits);
        }
        return result;
    }

    private @Nullable RowValues rowLosses(long from, int count) {
        return losses == null
                ? null
                : RowValues.of(
                        ElementType.FLOAT64, MemorySegment.ofArray(losses).asSlice(from * Double.BYTES), count);
    }

    /** Sum of all derivatives by logits so far, which is the derivative by the bias. */
    double derivativeByBias() {
        return derivatives.high();
    }

    private void addDerivatives(Matrix gradient) {
        double[] sums = new double[Math.toIntExact(gradient.rows())];
        RowWork.Body body = (scratch, from, to) -> {
            for (long row = from; row < to; row++) {
                sums[(int) row] = sum(gradient, row);
            }
        };
        RowWork.run(execution.parallelism(), shareable, gradient.rows(), gradient.columns(), body);
        for (double sum : sums) {
            derivatives.add(sum);
        }
    }

    private static double sum(Matrix matrix, long row) {
        MemorySegment segment = matrix.segment();
        long start = row * matrix.rowStride();
        long end = start + matrix.columns();
        double sum = 0;
        if (matrix.type() == ElementType.FLOAT32) {
            for (long at = start; at < end; at++) {
                sum += segment.get(ValueLayout.JAVA_FLOAT_UNALIGNED, at * Float.BYTES);
            }
        } else {
            for (long at = start; at < end; at++) {
                sum += segment.get(ValueLayout.JAVA_DOUBLE_UNALIGNED, at * Double.BYTES);
            }
        }
        return sum;
    }
}
