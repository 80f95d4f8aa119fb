package org.crossentropy.api;

import org.jspecify.annotations.Nullable;

/**
 * The classes that one call sees, and how a softmax over them alone is computed on a chunk of their logits.
 *
 * @param batch the batch
 * @param targets which rows count, and which of the classes is the target of each
 * @param inputs inputs of rows
 * @param weights weights of the classes, null for 1 each
 * @param buffers working memory
 * @param shareable whether other threads may work on the data
 */
record ShardPart(
        ShardedBatch batch,
        ShardTargets targets,
        RowInputs inputs,
        ClassWeights.@Nullable Table weights,
        LinearBuffers buffers,
        boolean shareable) {

    /** Runs over a chunk; rows without any class here count for nothing. */
    void run(ChosenRows rows, Matrix logits, RowLoss rowLoss, @Nullable Matrix gradient, RowOutputs outputs) {
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
                weights,
                rowLoss,
                true,
                gradient,
                null,
                outputs);
        new SoftmaxTilePass(task).run(batch.loss().head().loss().execution(), shareable, 1);
    }

    /** Sum of the weights of the classes. */
    double weightTotal() {
        return weights == null ? targets.classes() : weights.total();
    }

    /** The weight of a class of the part. */
    double weight(int index) {
        return weights == null ? 1 : weights.of(index);
    }

    /** Whether the target of a row is one of the classes. */
    boolean holdsTarget(long row) {
        return targets.holds(batch.targets().get(row));
    }
}
