package org.crossentropy.app.data;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.crossentropy.api.ClassIndices;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.IndexType;
import org.crossentropy.api.Matrix;

/** Memory for some examples as a model sees them, filled again and again. */
public final class Batch {

    private static final long ALIGNMENT = 64;

    private final Examples examples;
    private final Matrix inputs;
    private final MemorySegment targets;
    private final float[] row;
    private int size;

    /**
     * Allocates a batch, empty.
     *
     * @param examples what it takes examples from
     * @param capacity how many examples it holds at most
     * @param arena how long it lives
     */
    public Batch(Examples examples, int capacity, Arena arena) {
        this.examples = examples;
        int columns = examples.features();
        this.inputs = Matrix.of(
                ElementType.FLOAT32,
                arena.allocate((long) capacity * columns * Float.BYTES, ALIGNMENT),
                capacity,
                columns);
        this.targets = arena.allocate((long) capacity * Integer.BYTES, ALIGNMENT);
        this.row = new float[columns];
    }

    /**
     * {@return the examples, one a row}
     */
    public Matrix inputs() {
        return inputs.rows(0, size);
    }

    /**
     * {@return their classes}
     */
    public ClassIndices targets() {
        return ClassIndices.of(IndexType.INT32, targets, size);
    }

    /** Removes all examples. */
    public void clear() {
        size = 0;
    }

    /**
     * Adds an example.
     *
     * @param example number of the example
     */
    public void add(int example) {
        examples.read(example, row);
        long start = (long) size * row.length * Float.BYTES;
        MemorySegment.copy(row, 0, inputs.segment(), ValueLayout.JAVA_FLOAT, start, row.length);
        targets.setAtIndex(ValueLayout.JAVA_INT, size, examples.classOf(example));
        size++;
    }
}
