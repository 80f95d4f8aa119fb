package org.crossentropy.api;

import org.jspecify.annotations.Nullable;

/**
 * A pass over a batch for losses that are made group by group in tiles. Sums are taken in the order of the groups, so that
 * the number of threads cannot be seen in them.
 */
final class GroupPass {

    /** Makes losses and gradients of one group of rows; used by several threads at once on different groups. */
    interface GroupLoss {
        void compute(RowGroup group);
    }

    private GroupPass() {}

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
        GroupSums sums = new GroupSums(RowWork.groups(shape.rows(), shape.columns()), false);
        double scale = settings.scale(counts);
        int groupRows = RowWork.groupRows(shape.columns());
        TileWork.run(settings.execution(), shareable, shape, tiles -> {
            RowGroup group = new RowGroup(tiles, selection, scale, rowLosses);
            return (from, rows) -> {
                group.set(from, rows);
                loss.compute(group);
                sums.setLoss((int) (from / groupRows), group.losses(), 0, rows);
            };
        });
        return settings.result(sums.loss(), counts);
    }
}
