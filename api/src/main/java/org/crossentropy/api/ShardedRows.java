package org.crossentropy.api;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/** The rows of a batch once all their classes have been seen: what each loses, and how that depends on its numbers. */
final class ShardedRows {

    /** Rows looked at together. */
    private static final int RUN = 512;

    private final ShardedBatch batch;
    private final PartialCrossEntropy all;
    private final TargetScan scan;
    private final ReductionRule rule;
    private final RowLoss rowLoss;
    private final ClassWeights.@Nullable Table weights;

    /**
     * Looks at the targets once more.
     *
     * @throws IllegalArgumentException if the value is not of all classes of this batch
     */
    ShardedRows(ShardedBatch batch, PartialCrossEntropy all) {
        all.checkWhole(batch);
        this.batch = batch;
        this.all = all;
        this.scan = batch.select(all.type());
        this.rule = batch.loss().rule();
        this.rowLoss = batch.loss().rowLoss();
        this.weights = batch.loss().weights(all.type());
    }

    /** The loss of the batch, and of each row. */
    LossResult result(@Nullable RowValues rowLosses) {
        CompensatedSum loss = new CompensatedSum();
        CompensatedSum weight = new CompensatedSum();
        long count = 0;
        RowNumbers row = new RowNumbers();
        MemorySegment targets = MemorySegment.ofArray(new int[RUN]);
        for (int from = 0; from < all.rows(); from += RUN) {
            int rows = Math.min(RUN, all.rows() - from);
            scan.copy(from, rows, targets);
            for (int i = 0; i < rows; i++) {
                int target = targets.getAtIndex(ValueLayout.JAVA_INT, i);
                boolean counts = target >= 0 && !(rule.skipsEmptyRows() && isEmpty(from + i));
                double lost = 0;
                if (counts) {
                    compute(from + i, target, row);
                    lost = row.loss * scan.rowWeight(from + i);
                    weight.add(row.classWeight * scan.rowWeight(from + i));
                    count++;
                }
                loss.add(lost);
                RowOutputs.set(rowLosses, from + i, lost);
            }
        }
        return rule.result(loss, weight, count, all.rows());
    }

    /** The factor of gradients. */
    double scale() {
        if (!(rule.reduction() instanceof Reduction.Mean)) {
            return 1;
        }
        LossResult counts = result(null);
        // Where nothing counts, the gradient is 0 whatever the mean is.
        return counts.count() == 0 ? 1 : rule.scale(counts);
    }

    /** Whether no class of a row has any probability. */
    boolean isEmpty(int row) {
        return all.logSumExp(row) == Double.NEGATIVE_INFINITY;
    }

    boolean skipsEmptyRows() {
        return rule.skipsEmptyRows();
    }

    double logSumExp(int row) {
        return all.logSumExp(row);
    }

    ShardedBatch batch() {
        return batch;
    }

    /** Sum of the weights of all classes. */
    double weightTotal() {
        return weights == null ? batch.loss().classes() : weights.total();
    }

    /** Finds the loss of a row and its derivatives by the numbers of the whole row. */
    void compute(int row, int target, RowNumbers numbers) {
        numbers.index = row;
        numbers.target = target;
        numbers.classWeight = weights == null ? 1 : weights.of(target);
        numbers.crossEntropy = all.negativeLogLikelihood(row);
        numbers.spread = all.spread(row);
        numbers.logSumExp = all.logSumExp(row);
        numbers.clearResults();
        if (Double.isNaN(numbers.logSumExp) || isEmpty(row)) {
            numbers.loss = Double.NaN;
            numbers.byCrossEntropy = Double.NaN;
            numbers.byLogSumExp = Double.NaN;
        } else {
            rowLoss.compute(numbers);
        }
    }
}
