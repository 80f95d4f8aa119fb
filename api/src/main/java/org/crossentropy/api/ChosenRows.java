package org.crossentropy.api;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.LongConsumer;

/** The rows of a batch that count, some at a time: where they are, and what class each has. */
final class ChosenRows {

    private final RowSelection selection;
    private final long rows;
    private final LongConsumer leftOut;
    private final long[] places;
    private final int[] classes;
    private final MemorySegment looked;
    private long next;
    private int count;

    /**
     * Starts before the first row.
     *
     * @param selection which rows count
     * @param rows number of rows
     * @param capacity rows at a time
     * @param leftOut is told each row that does not count
     */
    ChosenRows(RowSelection selection, long rows, int capacity, LongConsumer leftOut) {
        this.selection = selection;
        this.rows = rows;
        this.leftOut = leftOut;
        this.places = new long[capacity];
        this.classes = new int[capacity];
        this.looked = MemorySegment.ofArray(new int[capacity]);
    }

    /** Moves on to the next rows that count; false if there are none. */
    boolean next() {
        count = 0;
        while (count < places.length && next < rows) {
            look((int) Math.min(places.length - count, rows - next));
        }
        return count > 0;
    }

    private void look(int size) {
        selection.copy(next, size, looked);
        for (int i = 0; i < size; i++) {
            int index = looked.getAtIndex(ValueLayout.JAVA_INT, i);
            if (index < 0) {
                leftOut.accept(next + i);
            } else {
                places[count] = next + i;
                classes[count] = index;
                count++;
            }
        }
        next += size;
    }

    int count() {
        return count;
    }

    /** The row of the batch that one of these is. */
    long place(int i) {
        return places[i];
    }

    long first() {
        return places[0];
    }

    /** Whether they follow each other in the batch. */
    boolean areConsecutive() {
        return places[count - 1] - places[0] == count - 1;
    }

    /** The class of each, where rows have one. */
    ClassIndices classes() {
        return ClassIndices.of(classes).slice(0, count);
    }

    /** Copies these rows of a matrix, as they are stored, to the beginning of some memory. */
    Matrix gather(Matrix from, MemorySegment to) {
        Matrix copies = Matrix.of(from.type(), to, count, from.columns());
        long bytes = (long) from.columns() * from.type().bytes();
        long stride = from.rowStride() * from.type().bytes();
        for (int i = 0; i < count && bytes > 0; i++) {
            MemorySegment.copy(from.segment(), places[i] * stride, to, i * bytes, bytes);
        }
        return copies;
    }
}
