package org.crossentropy.api;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** One row of a matrix as doubles on the heap, whatever its format and memory. */
final class DoubleLine {

    final double[] values;

    DoubleLine(int size) {
        this.values = new double[size];
    }

    void read(Matrix matrix, long row) {
        MemorySegment segment = matrix.segment();
        long at = row * matrix.rowStride();
        int size = matrix.columns();
        switch (matrix.type()) {
            case FLOAT32 -> {
                for (int j = 0; j < size; j++) {
                    values[j] = segment.get(ValueLayout.JAVA_FLOAT_UNALIGNED, (at + j) * Float.BYTES);
                }
            }
            case FLOAT64 -> {
                for (int j = 0; j < size; j++) {
                    values[j] = segment.get(ValueLayout.JAVA_DOUBLE_UNALIGNED, (at + j) * Double.BYTES);
                }
            }
            case BFLOAT16, FLOAT16 -> {
                for (int j = 0; j < size; j++) {
                    values[j] = matrix.get(row, j);
                }
            }
        }
    }

    /** Copies a row to one of another matrix, rounded to its format. */
    void copy(Matrix from, long row, Matrix to, long place) {
        read(from, row);
        write(to, place, to.columns());
    }

    /** Adds a row to one of another matrix. */
    void add(Matrix from, long row, Matrix to, long place) {
        read(from, row);
        for (int j = 0; j < to.columns(); j++) {
            values[j] += to.get(place, j);
        }
        write(to, place, to.columns());
    }

    /** Writes the first elements, rounded to the format. */
    void write(Matrix matrix, long row, int size) {
        MemorySegment segment = matrix.segment();
        long at = row * matrix.rowStride();
        switch (matrix.type()) {
            case FLOAT32 -> {
                for (int j = 0; j < size; j++) {
                    segment.set(ValueLayout.JAVA_FLOAT_UNALIGNED, (at + j) * Float.BYTES, (float) values[j]);
                }
            }
            case FLOAT64 -> {
                for (int j = 0; j < size; j++) {
                    segment.set(ValueLayout.JAVA_DOUBLE_UNALIGNED, (at + j) * Double.BYTES, values[j]);
                }
            }
            case BFLOAT16, FLOAT16 -> {
                for (int j = 0; j < size; j++) {
                    matrix.set(row, j, values[j]);
                }
            }
        }
    }
}
