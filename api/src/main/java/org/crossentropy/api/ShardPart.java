package org.crossentropy.api;

import org.jspecify.annotations.Nullable;

/**
 * The classes that one call sees, and how a softmax over them alone is computed on a chunk of their logits.
 *
 * @param batch the batch
 * @param targets which rows count, and which of the classes is the target of each
 * @param inputs inputs of rows
 * @param buffers working memory
 * @param shareable whether other threads may work on the data
 */
record ShardPart(ShardedBatch batch, ShardTargets targets, RowInputs inputs, LinearBuffers buffers, boolean shareable) {

    /** Runs over a chunk; rows without any class here count for nothing. */
    void run(
            ChosenRows rows,
            Matrix logits,
            RowLoss rowLoss,
            double scale,
            @Nullable Matrix gradient,
            RowOutputs outputs) {
        SoftmaxCrossEntropy.Builder options = batch.loss().options();
        SoftmaxTask task = new SoftmaxTask(
                new LogitRows(logits, options.softCap, options.temperature, inputs.mask(rows, buffers.maskRoom())),
                new TargetScan(
                        rows.classes(),
                        targets.classes(),
                        TargetScan.IgnoreIndex.NONE,
                        null,
                        inputs.weights(rows),
                        null),
                null,
                LabelSmoothing.none(),
                weights(),
                rowLoss,
                true,
                gradient,
                null,
                outputs);
        new SoftmaxTilePass(task).run(batch.loss().head().loss().execution(), shareable, scale);
    }

    /** Weights of the classes. */
    ClassWeights.@Nullable Table weights() {
        return batch.loss().weights(buffers.head().type(), targets.first(), targets.classes());
    }

    /** Sum of their weights. */
    static double total(ClassWeights.@Nullable Table weights, int classes) {
        return weights == null ? classes : weights.total();
    }

    static double weight(ClassWeights.@Nullable Table weights, int index) {
        return weights == null ? 1 : weights.of(index);
    }

    /** Whether the target of a row is one of the classes. */
    boolean holdsTarget(long row) {
        return targets.holds(batch.targets().get(row));
    }
}
