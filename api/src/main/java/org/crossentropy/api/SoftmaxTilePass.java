package org.crossentropy.api;

import org.crossentropy.api.spi.LossKernels;

/**
 * A pass over a batch for every loss on a softmax: reads a group of rows into a tile, lets the kernels find the numbers of
 * each row, has the {@link RowLoss} make losses and derivatives of them, and turns those into the gradient while the tile is
 * still in the cache. Memory is read once and written once, as in {@link SoftmaxLossPass}, which does the plain loss without
 * the copy.
 */
final class SoftmaxTilePass implements RowWork.Body {

    private final LossKernels kernels;
    private final SoftmaxTask task;
    private final Matrix matrix;
    private final GroupSums sums;

    SoftmaxTilePass(LossKernels kernels, SoftmaxTask task) {
        this.kernels = kernels;
        this.task = task;
        this.matrix = task.matrix();
        this.sums = new GroupSums(RowWork.groups(matrix.rows(), matrix.columns()), task.skipEmptyRows());
    }

    @Override
    public void run(Scratch scratch, long from, long to) {
        int group = RowWork.groupRows(matrix.columns());
        ElementType type = matrix.type().arithmetic();
        Tiles tiles = new Tiles(kernels, scratch, type, matrix.columns(), (int) Math.min(group, to - from));
        SoftmaxTileGroup work = new SoftmaxTileGroup(kernels, task, sums, tiles);
        for (long row = from; row < to; row += group) {
            work.run(row, (int) Math.min(group, to - row));
        }
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
