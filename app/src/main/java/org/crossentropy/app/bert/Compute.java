package org.crossentropy.app.bert;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.Execution;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.MatrixProduct;
import org.crossentropy.api.Softmax;

/**
 * What layers compute with: the library's products and softmax, and row functions on as many threads.
 *
 * @param product matrix products
 * @param softmax rows of probabilities
 * @param threads how many threads take part
 */
record Compute(MatrixProduct product, Softmax softmax, int threads) {

    private static final long ALIGNMENT = 64;

    /** Rows that are worth a thread. */
    private static final long ROWS = 8;

    /** What is done to the numbers of a row, in place. */
    interface RowFunction {
        void apply(long row, float[] values);
    }

    static Compute on(Execution execution) {
        return new Compute(
                MatrixProduct.on(execution),
                Softmax.on(execution),
                execution.parallelism().threads());
    }

    /** Allocates a matrix of zeros off the heap, which backends read without a copy. */
    static Matrix matrix(long rows, int columns, Arena arena) {
        MemorySegment segment = arena.allocate(rows * columns * Float.BYTES, ALIGNMENT);
        return Matrix.of(ElementType.FLOAT32, segment, rows, columns);
    }

    /** Changes every row of a matrix. */
    void eachRow(Matrix matrix, RowFunction function) {
        int parts = Math.clamp(matrix.rows() / ROWS, 1, threads);
        List<ForkJoinTask<?>> helpers = new ArrayList<>();
        for (int part = 1; part < parts; part++) {
            long from = matrix.rows() * part / parts;
            long to = matrix.rows() * (part + 1) / parts;
            helpers.add(ForkJoinPool.commonPool().submit(() -> eachRow(matrix, from, to, function)));
        }
        eachRow(matrix, 0, matrix.rows() / parts, function);
        helpers.forEach(ForkJoinTask::join);
    }

    private static void eachRow(Matrix matrix, long from, long to, RowFunction function) {
        float[] values = new float[matrix.columns()];
        for (long row = from; row < to; row++) {
            read(matrix, row, values);
            function.apply(row, values);
            write(values, matrix, row);
        }
    }

    static void read(Matrix matrix, long row, float[] values) {
        long offset = row * matrix.rowStride() * Float.BYTES;
        MemorySegment.copy(matrix.segment(), ValueLayout.JAVA_FLOAT_UNALIGNED, offset, values, 0, matrix.columns());
    }

    static void write(float[] values, Matrix matrix, long row) {
        long offset = row * matrix.rowStride() * Float.BYTES;
        MemorySegment.copy(values, 0, matrix.segment(), ValueLayout.JAVA_FLOAT_UNALIGNED, offset, matrix.columns());
    }

    /** Adds a row of a matrix. */
    static void add(float[] values, Matrix matrix, long row) {
        float[] others = new float[values.length];
        read(matrix, row, others);
        for (int j = 0; j < values.length; j++) {
            values[j] += others[j];
        }
    }
}
