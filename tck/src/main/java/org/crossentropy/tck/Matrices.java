package org.crossentropy.tck;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.Matrix;

/** Matrices of any element type. */
final class Matrices {

    private Matrices() {}

    /** A matrix filled with {@link Batch#MARK}. */
    static Matrix empty(ElementType type, int rows, int columns, int padding) {
        long stride = (long) columns + padding;
        MemorySegment segment = Arena.ofAuto().allocate(Math.max(1, rows * stride * type.bytes()), 64);
        segment.fill(Batch.MARK);
        return Matrix.of(type, segment, rows, columns, stride);
    }

    static Matrix of(ElementType type, int rows, int columns, double... values) {
        Matrix matrix = empty(type, rows, columns, 0);
        for (int i = 0; i < rows * columns; i++) {
            matrix.set(i / columns, i % columns, values[i]);
        }
        return matrix;
    }

    static void copy(Matrix source, Matrix destination) {
        for (long row = 0; row < source.rows(); row++) {
            for (int j = 0; j < source.columns(); j++) {
                destination.set(row, j, source.get(row, j));
            }
        }
    }

    /** A copy of the same type, shape and stride, the marks between the rows included. */
    static Matrix copyOf(Matrix source) {
        MemorySegment segment =
                Arena.ofAuto().allocate(Math.max(1, source.segment().byteSize()), 64);
        MemorySegment.copy(source.segment(), 0, segment, 0, source.segment().byteSize());
        return Matrix.of(source.type(), segment, source.rows(), source.columns(), source.rowStride());
    }

    static Matrix like(Matrix source) {
        int padding = (int) (source.rowStride() - source.columns());
        return empty(source.type(), Math.toIntExact(source.rows()), source.columns(), padding);
    }
}
