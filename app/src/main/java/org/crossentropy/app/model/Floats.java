package org.crossentropy.app.model;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.Matrix;

/** The off-heap float32 matrices of a model, which backends read without a copy. */
final class Floats {

    private static final long ALIGNMENT = 64;

    private Floats() {}

    /** Allocates a matrix of zeros. */
    static Matrix matrix(long rows, int columns, Arena arena) {
        MemorySegment segment = arena.allocate(rows * columns * Float.BYTES, ALIGNMENT);
        return Matrix.of(ElementType.FLOAT32, segment, rows, columns);
    }

    static float get(MemorySegment segment, long index) {
        return segment.getAtIndex(ValueLayout.JAVA_FLOAT, index);
    }

    static void set(MemorySegment segment, long index, float value) {
        segment.setAtIndex(ValueLayout.JAVA_FLOAT, index, value);
    }
}
