package org.crossentropy.api;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * The group of rows that a thread works on: which rows, which of them count, with which weight, and what their losses are.
 * Mutable and reused from group to group.
 */
final class RowGroup {

    private final Tiles tiles;
    private final RowSelection selection;
    private final double scale;
    private final @Nullable RowValues rowLosses;
    private long from;
    private int count;

    /**
     * Makes a group without rows.
     *
     * @param tiles working memory
     * @param selection which rows count
     * @param scale factor of gradients
     * @param rowLosses receives the losses of rows
     */
    RowGroup(Tiles tiles, RowSelection selection, double scale, @Nullable RowValues rowLosses) {
        this.tiles = tiles;
        this.selection = selection;
        this.scale = scale;
        this.rowLosses = rowLosses;
    }

    /** Moves on to other rows. */
    void set(long firstRow, int rows) {
        from = firstRow;
        count = rows;
        selection.copy(from, count, tiles.scratch().targets);
    }

    Tiles tiles() {
        return tiles;
    }

    long from() {
        return from;
    }

    int count() {
        return count;
    }

    /** The class of a row, or -1 where the row does not count; 0 where rows have none. */
    int target(int i) {
        return tiles.scratch().targets.getAtIndex(ValueLayout.JAVA_INT, i);
    }

    boolean counts(int i) {
        return target(i) >= 0;
    }

    double rowWeight(int i) {
        return counts(i) ? selection.rowWeight(from + i) : 0;
    }

    /** What the gradient of a row's loss is multiplied by. */
    double factor(int i) {
        return counts(i) ? scale * selection.rowWeight(from + i) : 0;
    }

    /** Sets a row's loss, without its weight; 0 is taken for rows that do not count. */
    void setLoss(int i, double loss) {
        double weighted = counts(i) ? rowWeight(i) * loss : 0;
        losses().setAtIndex(ValueLayout.JAVA_DOUBLE, i, weighted);
        RowOutputs.set(rowLosses, from + i, weighted);
    }

    /** Sets the loss of all rows together, where it is not wanted row by row. */
    void setLossOfAll(double loss) {
        for (int i = 0; i < count; i++) {
            losses().setAtIndex(ValueLayout.JAVA_DOUBLE, i, i == 0 ? loss : 0);
        }
    }

    MemorySegment losses() {
        return tiles.scratch().negativeLogLikelihood;
    }

    /** Reads rows into a tile, 0 for those that do not count, so that nothing they hold can matter. */
    void load(Matrix matrix, MemorySegment tile) {
        StoredRows.load(tiles, matrix, from, count, tile);
        zeroLeftOut(tile);
    }

    /** Writes a gradient, exactly 0 for rows that do not count. */
    void store(MemorySegment tile, Matrix matrix) {
        zeroLeftOut(tile);
        StoredRows.store(tiles, tile, matrix, from, count);
    }

    void zeroLeftOut(MemorySegment tile) {
        for (int i = 0; i < count; i++) {
            if (!counts(i)) {
                tiles.zeroRow(tile, i);
            }
        }
    }
}
