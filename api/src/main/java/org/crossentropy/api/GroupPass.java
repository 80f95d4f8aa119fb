package org.crossentropy.api;

import org.crossentropy.api.spi.LossKernels;
import org.jspecify.annotations.Nullable;

/**
 * A pass over a batch for losses that are made group by group in tiles. Sums are taken in the order of the groups, so that
 * the number of threads cannot be seen in them.
 */
final class GroupPass implements RowWork.Body {

    /** Makes losses and gradients of one group of rows; used by several threads at once on different groups. */
    interface GroupLoss {
        void compute(RowGroup group);
    }

    private final LossKernels kernels;
    private final Matrix shape;
    private final RowSelection selection;
    private final double scale;
    private final @Nullable RowValues rowLosses;
    private final GroupLoss loss;
    private final GroupSums sums;

    private GroupPass(
            LossKernels kernels,
            Matrix shape,
            RowSelection selection,
            double scale,
            @Nullable RowValues rowLosses,
            GroupLoss loss) {
        this.kernels = kernels;
        this.shape = shape;
        this.selection = selection;
        this.scale = scale;
        this.rowLosses = rowLosses;
        this.loss = loss;
        this.sums = new GroupSums(RowWork.groups(shape.rows(), shape.columns()), false);
    }

    /**
     * Computes the losses of a batch.
     *
     * @param settings reduction and place
     * @param shareable whether several threads may work on the data
     * @param shape a matrix with the rows, columns and type of the batch
     * @param selection which rows count
     * @param counts what a mean can be divided by
     * @param rowLosses receives the losses of rows
     * @param loss makes them
     * @return sums and counts
     */
    static LossResult run(
            LossSettings settings,
            boolean shareable,
            Matrix shape,
            RowSelection selection,
            BatchCounts counts,
            @Nullable RowValues rowLosses,
            GroupLoss loss) {
        LossKernels kernels = settings.execution().backend().kernels();
        GroupPass pass = new GroupPass(kernels, shape, selection, settings.scale(counts), rowLosses, loss);
        RowWork.run(settings.execution().parallelism(), shareable, shape.rows(), shape.columns(), pass);
        return settings.result(pass.sums.loss(), counts);
    }

    @Override
    public void run(Scratch scratch, long from, long to) {
        int group = RowWork.groupRows(shape.columns());
        ElementType type = shape.type().arithmetic();
        Tiles tiles = new Tiles(kernels, scratch, type, shape.columns(), (int) Math.min(group, to - from));
        RowGroup rows = new RowGroup(tiles, selection, scale, rowLosses);
        for (long row = from; row < to; row += group) {
            rows.set(row, (int) Math.min(group, to - row));
            loss.compute(rows);
            sums.setLoss((int) (row / group), rows.losses(), 0, rows.count());
        }
    }
}
