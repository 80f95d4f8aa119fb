package org.crossentropy.api;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Columns of a matrix brought into a tile as rows. */
final class ColumnTile {

    /** Columns that are copied together, so that a cache line that was read is used while it is there. */
    private static final int STEP = 8;

    private ColumnTile() {}

    /**
     * Copies columns.
     *
     * @param matrix float32 or float64
     * @param column first column
     * @param count number of columns
     * @param tile receives a row of as many elements as the matrix has rows for each
     * @param stride elements from one row of the tile to the next
     */
    static void load(Matrix matrix, int column, int count, MemorySegment tile, long stride) {
        int done = 0;
        for (; done + STEP <= count; done += STEP) {
            MemorySegment rows = tile.asSlice(done * stride * matrix.type().bytes());
            if (matrix.type() == ElementType.FLOAT32) {
                loadFloats(matrix, column + done, rows, stride);
            } else {
                loadDoubles(matrix, column + done, rows, stride);
            }
        }
        for (; done < count; done++) {
            loadOne(
                    matrix,
                    column + done,
                    tile.asSlice(done * stride * matrix.type().bytes()));
        }
    }

    private static void loadOne(Matrix matrix, int column, MemorySegment row) {
        for (int i = 0; i < matrix.rows(); i++) {
            if (matrix.type() == ElementType.FLOAT32) {
                row.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) matrix.get(i, column));
            } else {
                row.setAtIndex(ValueLayout.JAVA_DOUBLE, i, matrix.get(i, column));
            }
        }
    }

    private static void loadFloats(Matrix matrix, int column, MemorySegment rows, long stride) {
        MemorySegment source = matrix.segment();
        long step = stride * Float.BYTES;
        long bytes = matrix.rows() * Float.BYTES;
        MemorySegment row0 = rows.asSlice(0, bytes);
        MemorySegment row1 = rows.asSlice(step, bytes);
        MemorySegment row2 = rows.asSlice(2 * step, bytes);
        MemorySegment row3 = rows.asSlice(3 * step, bytes);
        MemorySegment row4 = rows.asSlice(4 * step, bytes);
        MemorySegment row5 = rows.asSlice(5 * step, bytes);
        MemorySegment row6 = rows.asSlice(6 * step, bytes);
        MemorySegment row7 = rows.asSlice(7 * step, bytes);
        for (int i = 0; i < matrix.rows(); i++) {
            long at = (i * matrix.rowStride() + column) * Float.BYTES;
            row0.setAtIndex(ValueLayout.JAVA_FLOAT, i, source.get(ValueLayout.JAVA_FLOAT_UNALIGNED, at));
            row1.setAtIndex(
                    ValueLayout.JAVA_FLOAT, i, source.get(ValueLayout.JAVA_FLOAT_UNALIGNED, at + 1 * Float.BYTES));
            row2.setAtIndex(
                    ValueLayout.JAVA_FLOAT, i, source.get(ValueLayout.JAVA_FLOAT_UNALIGNED, at + 2 * Float.BYTES));
            row3.setAtIndex(
                    ValueLayout.JAVA_FLOAT, i, source.get(ValueLayout.JAVA_FLOAT_UNALIGNED, at + 3 * Float.BYTES));
            row4.setAtIndex(
                    ValueLayout.JAVA_FLOAT, i, source.get(ValueLayout.JAVA_FLOAT_UNALIGNED, at + 4 * Float.BYTES));
            row5.setAtIndex(
                    ValueLayout.JAVA_FLOAT, i, source.get(ValueLayout.JAVA_FLOAT_UNALIGNED, at + 5 * Float.BYTES));
            row6.setAtIndex(
                    ValueLayout.JAVA_FLOAT, i, source.get(ValueLayout.JAVA_FLOAT_UNALIGNED, at + 6 * Float.BYTES));
            row7.setAtIndex(
                    ValueLayout.JAVA_FLOAT, i, source.get(ValueLayout.JAVA_FLOAT_UNALIGNED, at + 7 * Float.BYTES));
        }
    }

    private static void loadDoubles(Matrix matrix, int column, MemorySegment rows, long stride) {
        MemorySegment source = matrix.segment();
        long step = stride * Double.BYTES;
        long bytes = matrix.rows() * Double.BYTES;
        MemorySegment row0 = rows.asSlice(0, bytes);
        MemorySegment row1 = rows.asSlice(step, bytes);
        MemorySegment row2 = rows.asSlice(2 * step, bytes);
        MemorySegment row3 = rows.asSlice(3 * step, bytes);
        MemorySegment row4 = rows.asSlice(4 * step, bytes);
        MemorySegment row5 = rows.asSlice(5 * step, bytes);
        MemorySegment row6 = rows.asSlice(6 * step, bytes);
        MemorySegment row7 = rows.asSlice(7 * step, bytes);
        for (int i = 0; i < matrix.rows(); i++) {
            long at = (i * matrix.rowStride() + column) * Double.BYTES;
            row0.setAtIndex(ValueLayout.JAVA_DOUBLE, i, source.get(ValueLayout.JAVA_DOUBLE_UNALIGNED, at));
            row1.setAtIndex(
                    ValueLayout.JAVA_DOUBLE, i, source.get(ValueLayout.JAVA_DOUBLE_UNALIGNED, at + 1 * Double.BYTES));
            row2.setAtIndex(
                    ValueLayout.JAVA_DOUBLE, i, source.get(ValueLayout.JAVA_DOUBLE_UNALIGNED, at + 2 * Double.BYTES));
            row3.setAtIndex(
                    ValueLayout.JAVA_DOUBLE, i, source.get(ValueLayout.JAVA_DOUBLE_UNALIGNED, at + 3 * Double.BYTES));
            row4.setAtIndex(
                    ValueLayout.JAVA_DOUBLE, i, source.get(ValueLayout.JAVA_DOUBLE_UNALIGNED, at + 4 * Double.BYTES));
            row5.setAtIndex(
                    ValueLayout.JAVA_DOUBLE, i, source.get(ValueLayout.JAVA_DOUBLE_UNALIGNED, at + 5 * Double.BYTES));
            row6.setAtIndex(
                    ValueLayout.JAVA_DOUBLE, i, source.get(ValueLayout.JAVA_DOUBLE_UNALIGNED, at + 6 * Double.BYTES));
            row7.setAtIndex(
                    ValueLayout.JAVA_DOUBLE, i, source.get(ValueLayout.JAVA_DOUBLE_UNALIGNED, at + 7 * Double.BYTES));
        }
    }
}
