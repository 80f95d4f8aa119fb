package org.crossentropy.bench.task;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.crossentropy.api.Matrix;

/** Writes the elements of a matrix in order, ten times as fast as a matrix that checks rows and columns. */
interface Elements {

    /** Rounds a number to the matrix's type and stores it. */
    void set(long index, double value);

    static Elements of(Matrix matrix) {
        MemorySegment segment = matrix.segment();
        return switch (matrix.type()) {
            case FLOAT32 -> (index, value) -> segment.setAtIndex(ValueLayout.JAVA_FLOAT, index, (float) value);
            case FLOAT64 -> (index, value) -> segment.setAtIndex(ValueLayout.JAVA_DOUBLE, index, value);
            case BFLOAT16, FLOAT16 -> {
                int columns = matrix.columns();
                yield (index, value) -> matrix.set(index / columns, (int) (index % columns), value);
            }
        };
    }
}
