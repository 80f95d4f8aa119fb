package org.crossentropy.api;

/**
 * A pass over a batch for every loss on a softmax: reads a group of rows into a tile, lets the kernels find the numbers of
 * each row, has the {@link RowLoss} make losses and derivatives of them, and turns those into the gradient while the tile is
 * still in the cache. Memory is read once and written once, as in {@link SoftmaxLossPass}, which does the plain loss without
 * the copy.
 */
final class SoftmaxTilePass {

    private final SoftmaxTask task;
    private final Matrix matrix;
    private final GroupSums sums;

    SoftmaxTilePass(SoftmaxTask task) {
        this.task = task;
        this.matrix = task.matrix();
        this.sums = new GroupSums(RowWork.groups(matrix.rows(), matrix.columns()), task.skipEmptyRows());
    }

    /**
     * Runs over the batch.
     *
     * @param scale factor of gradients
     */
    void run(Execution execution, boolean shareable, double scale) {
        TileWork.run(execution, shareable, matrix, tiles -> new SoftmaxTileGroup(task, scale, sums, tiles)::run);
    }

    CompensatedSum lossSum() {
        return sums.loss();
    }

    /** Number of rows that count. */
    long count() {
        return task.skipEmptyRows() ? sums.count() : task.selection().count();
    }

    /** Sum of the weights of the rows that count. */
    CompensatedSum weightSum() {
        return task.skipEmptyRows() ? sums.weight() : task.selection().weightSum();
    }
}
