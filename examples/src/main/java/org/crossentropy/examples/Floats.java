package org.crossentropy.examples;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.random.RandomGenerator;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.Matrix;

/** Off-heap float32 matrices, which every backend reads without a copy. */
final class Floats {

    private static final long ALIGNMENT = 64;

    private Floats() {}

    /** Allocates a matrix of zeros, which lives as long as it is used. */
    static Matrix matrix(long rows, int columns) {
        MemorySegment segment = Arena.ofAuto().allocate(rows * columns * Float.BYTES, ALIGNMENT);
        return Matrix.of(ElementType.FLOAT32, segment, rows, columns);
    }

    static float get(MemorySegment segment, long index) {
        return segment.getAtIndex(ValueLayout.JAVA_FLOAT, index);
    }

    static void set(MemorySegment segment, long index, float value) {
        segment.setAtIndex(ValueLayout.JAVA_FLOAT, index, value);
    }

    static void add(MemorySegment segment, long index, float value) {
        set(segment, index, get(segment, index) + value);
    }

    /** The column of the largest number of a row, the first of equals. */
    static int largest(Matrix matrix, long row) {
        int largest = 0;
        for (int j = 1; j < matrix.columns(); j++) {
            if (matrix.get(row, j) > matrix.get(row, largest)) {
                largest = j;
            }
        }
        return largest;
    }

    /** Draws a column by the log-probabilities that a row holds. */
    static int draw(Matrix logProbabilities, long row, RandomGenerator random) {
        double rest = random.nextDouble();
        int last = logProbabilities.columns() - 1;
        for (int j = 0; j < last; j++) {
            rest -= Math.exp(logProbabilities.get(row, j));
            if (rest < 0) {
                return j;
            }
        }
        return last;
    }

    /** Copies one row of a matrix to another of as many columns. */
    static void copyRow(Matrix from, long fromRow, Matrix to, long toRow) {
        long bytes = (long) from.columns() * Float.BYTES;
        MemorySegment.copy(from.segment(), fromRow * bytes, to.segment(), toRow * bytes, bytes);
    }
}
