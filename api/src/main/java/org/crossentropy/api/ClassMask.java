package org.crossentropy.api;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.BitSet;
import java.util.Objects;

/**
 * Which classes take part: for all rows alike, or for each row. A class that is masked has probability exactly 0, gradient
 * exactly 0, and no share of label smoothing, as if its column did not exist. Unlike an ignore index that is a class, it
 * leaves the class out of the denominator too.
 *
 * <p>Used for invalid actions of a policy, restricted vocabularies, and padding of the class axis. A row whose classes are
 * all masked is an empty row ({@link EmptyRows}): where that is NaN the loss is, and the gradient 0 all the same.
 */
public final class ClassMask {

    private final MemorySegment kept;
    private final long rows;
    private final int classes;
    private final boolean shared;

    /** Classes that take part in all rows; not known of masks that the caller can still change. */
    private final int keptByAll;

    private ClassMask(MemorySegment kept, long rows, int classes, boolean shared) {
        this.kept = kept;
        this.rows = rows;
        this.classes = classes;
        this.shared = shared;
        this.keptByAll = shared ? count(0) : -1;
    }

    /**
     * Returns a mask for all rows.
     *
     * @param kept one element a class, true where it takes part; copied
     * @return the mask
     */
    public static ClassMask keep(boolean... kept) {
        MemorySegment bytes = Arena.ofAuto().allocate(Math.max(1, kept.length));
        for (int j = 0; j < kept.length; j++) {
            bytes.set(ValueLayout.JAVA_BYTE, j, (byte) (kept[j] ? 1 : 0));
        }
        return new ClassMask(bytes, 1, kept.length, true);
    }

    /**
     * Returns a mask for all rows from the set of classes that take part.
     *
     * @param kept the classes that take part; copied
     * @param classes number of classes
     * @return the mask
     * @throws IllegalArgumentException if the set holds a class that does not exist
     */
    public static ClassMask keep(BitSet kept, int classes) {
        Checks.atLeast("classes", classes, 0);
        if (kept.length() > classes) {
            throw new IllegalArgumentException("kept holds class " + (kept.length() - 1) + ", must be below " + classes
                    + ", the number of classes");
        }
        boolean[] flags = new boolean[classes];
        kept.stream().forEach(j -> flags[j] = true);
        return keep(flags);
    }

    /**
     * Views a mask with a row for each row of logits.
     *
     * @param kept one byte for each row and class, row after row: 0 where the class is masked; not copied
     * @param rows number of rows
     * @param classes number of classes
     * @return the mask
     * @throws IllegalArgumentException if the segment is too short
     */
    public static ClassMask perRow(MemorySegment kept, long rows, int classes) {
        Objects.requireNonNull(kept, "kept");
        Checks.atLeast("rows", rows, 0);
        Checks.atLeast("classes", classes, 0);
        long count = Math.multiplyHigh(rows, (long) classes) == 0 ? rows * classes : -1;
        Checks.room("mask " + rows + " x " + classes, kept, count, Byte.BYTES);
        return new ClassMask(kept.asSlice(0, count), rows, classes, false);
    }

    /**
     * {@return whether one row of the mask serves all rows}
     */
    public boolean isShared() {
        return shared;
    }

    /**
     * {@return number of classes}
     */
    public int classes() {
        return classes;
    }

    /**
     * Returns whether a class takes part.
     *
     * @param row the row, looked at unless the mask is {@linkplain #isShared shared}
     * @param classIndex the class
     * @return false if it is masked
     */
    public boolean isKept(long row, int classIndex) {
        Objects.checkIndex(classIndex, classes);
        long start = shared ? 0 : Objects.checkIndex(row, rows) * classes;
        return kept.get(ValueLayout.JAVA_BYTE, start + classIndex) != 0;
    }

    /** Number of classes that take part in a row. */
    int keptClasses(long row) {
        return shared ? keptByAll : count(row);
    }

    private int count(long row) {
        int count = 0;
        for (int j = 0; j < classes; j++) {
            count += isKept(row, j) ? 1 : 0;
        }
        return count;
    }

    MemorySegment segment() {
        return kept;
    }

    void check(Matrix logits) {
        if (classes != logits.columns() || (!shared && rows != logits.rows())) {
            throw new IllegalArgumentException("classMask is " + (shared ? "" : rows + " x ") + classes
                    + " classes, must fit the logits, " + logits.rows() + " x " + logits.columns());
        }
    }

    /**
     * {@return shape, for people}
     */
    @Override
    public String toString() {
        return "mask of " + (shared ? "" : rows + " x ") + classes + " classes";
    }
}
