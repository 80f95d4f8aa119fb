package org.crossentropy.bench.task;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.crossentropy.api.Matrix;

/** Reads and writes the elements of a matrix by their number, ten times as fast as a matrix that checks rows and columns. */
interface Elements {

    /** Rounds a number to the matrix's type and stores it. */
    void set(long index, double value);

    /** Reads a number. */
    double get(long index);

    static Elements of(Matrix matrix) {
        MemorySegment segment = matrix.segment();
        return switch (matrix.type()) {
            case FLOAT32 ->
                new Elements() {
                    @Override
                    public void set(long index, double value) {
                        segment.setAtIndex(ValueLayout.JAVA_FLOAT, index, (float) value);
                    }

                    @Override
                    public double get(long index) {
                        return segment.getAtIndex(ValueLayout.JAVA_FLOAT, index);
                    }
                };
            case FLOAT64 ->
                new Elements() {
                    @Override
                    public void set(long index, double value) {
                        segment.setAtIndex(ValueLayout.JAVA_DOUBLE, index, value);
                    }

                    @Override
                    public double get(long index) {
                        return segment.getAtIndex(ValueLayout.JAVA_DOUBLE, index);
                    }
                };
            case BFLOAT16, FLOAT16 ->
                new Elements() {
                    private final int columns = matrix.columns();

                    @Override
                    public void set(long index, double value) {
                        matrix.set(index / columns, (int) (index % columns), value);
                    }

                    @Override
                    public double get(long index) {
                        return matrix.get(index / columns, (int) (index % columns));
                    }
                };
        };
    }
}
