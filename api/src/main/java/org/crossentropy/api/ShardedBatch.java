package org.crossentropy.api;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a batch whose classes are seen part by part: their targets and weights. Immutable; views of memory that belongs
 * to the caller. Made by {@link ShardedCrossEntropy#batch}; each machine makes its own from the same targets.
 */
public final class ShardedBatch {

    private final ShardedCrossEntropy loss;
    private final ClassIndices targets;
    private final @Nullable RowValues sampleWeights;

    ShardedBatch(ShardedCrossEntropy loss, ClassIndices targets, @Nullable RowValues sampleWeights) {
        this.loss = loss;
        this.targets = Objects.requireNonNull(targets, "targets");
        this.sampleWeights = sampleWeights;
        if (sampleWeights != null && sampleWeights.count() != targets.count()) {
            throw new IllegalArgumentException("sampleWeights has " + sampleWeights.count()
                    + " elements, must have one for each of the " + targets.count() + " targets");
        }
        select(ElementType.FLOAT64);
    }

    /**
     * Begins the work on a part of the vocabulary.
     *
     * @param firstClass the class of the first row of the weight
     * @param hidden N x D
     * @param weight as many rows as the part has classes, x D
     * @return the call, to be completed and computed
     */
    public ShardCall on(int firstClass, Matrix hidden, Matrix weight) {
        return new ShardCall(this, firstClass, hidden, weight);
    }

    /**
     * Returns the loss of the batch.
     *
     * @param all what is known of all classes together
     * @return sums and counts
     * @throws IllegalArgumentException if classes are missing, or it is of other rows
     */
    public LossResult result(PartialCrossEntropy all) {
        return new ShardedRows(this, all).result(null);
    }

    /**
     * Returns the loss of the batch and of each row.
     *
     * @param all what is known of all classes together
     * @param rowLosses receives N losses, weighted, not divided by anything; 0 for rows that do not count
     * @return sums and counts
     * @throws IllegalArgumentException if classes are missing, or it is of other rows
     */
    public LossResult result(PartialCrossEntropy all, RowValues rowLosses) {
        if (rowLosses.count() != targets.count()) {
            throw new IllegalArgumentException("rowLosses has " + rowLosses.count()
                    + " elements, must have one for each of the " + targets.count() + " targets");
        }
        CallBuffers buffers = new CallBuffers();
        register(buffers);
        buffers.output("rowLosses", rowLosses);
        return new ShardedRows(this, all).result(rowLosses);
    }

    ShardedCrossEntropy loss() {
        return loss;
    }

    ClassIndices targets() {
        return targets;
    }

    @Nullable
    RowValues sampleWeights() {
        return sampleWeights;
    }

    /** Looks at every target. */
    TargetScan select(ElementType type) {
        return new TargetScan(targets, loss.classes(), loss.options().ignore, loss.weights(type), sampleWeights, null);
    }

    void register(CallBuffers buffers) {
        buffers.input("targets", targets.segment());
        buffers.input("sampleWeights", sampleWeights == null ? null : sampleWeights.segment());
    }
}
