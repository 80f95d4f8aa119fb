package org.crossentropy.jvm;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * The matrix product for double, blocked for the caches: {@code C = scale A B + accumulate C}, in the {@linkplain
 * ProductOrder order} that all products of this module have.
 *
 * <p>B is copied in panels of one run of rows by {@link #COLUMNS} columns, which fit in the second-level cache, and A
 * in single rows of a panel's depth. Rows of C are accumulated in a heap array, so that the innermost loop runs along
 * three arrays whatever memory the caller has, and C is read and written once per panel. About 520 KB of heap are
 * allocated per call, less for small matrices.
 */
final class ScalarDoubleProduct {

    private static final int DEPTH = ProductOrder.RUN;
    private static final int COLUMNS = 512;

    private ScalarDoubleProduct() {}

    /**
     * Multiplies.
     *
     * @param m rows of A and C
     * @param n columns of B and C
     * @param k columns of A, rows of B
     * @param scale factor of the product
     * @param a left factor
     * @param b right factor
     * @param accumulate factor of the old C, which is not read if this is 0
     * @param c the result
     */
    static void multiply(
            int m, int n, int k, double scale, MatrixView a, MatrixView b, double accumulate, MatrixView c) {
        int width = Math.min(COLUMNS, n);
        double[] panel = new double[Math.min(DEPTH, k) * width];
        double[] left = new double[Math.min(DEPTH, k)];
        double[] sums = new double[width];
        double[] old = new double[width];
        for (int column = 0; column < n; column += COLUMNS) {
            int columns = Math.min(COLUMNS, n - column);
            // At least one round, so that an empty product scales C too.
            for (int depth = 0; depth == 0 || depth < k; depth += DEPTH) {
                int depths = Math.min(DEPTH, k - depth);
                copy(b, depth, depths, column, columns, panel);
                for (int row = 0; row < m; row++) {
                    copy(a, row, 1, depth, depths, left);
                    Arrays.fill(sums, 0, columns, 0.0);
                    for (int p = 0; p < depths; p++) {
                        addMultiple(scale * left[p], panel, p * columns, sums, columns);
                    }
                    double factor = depth == 0 ? accumulate : 1.0;
                    if (factor != 0.0) {
                        copy(c, row, 1, column, columns, old);
                        addMultiple(factor, old, 0, sums, columns);
                    }
                    long to = c.index(row, column) * Double.BYTES;
                    MemorySegment.copy(sums, 0, c.segment(), JAVA_DOUBLE_UNALIGNED, to, columns);
                }
            }
        }
    }

    /** Copies a part of a matrix into a tight array, row by row of the matrix meant. */
    private static void copy(MatrixView from, int row, int rows, int column, int columns, double[] to) {
        MemorySegment segment = from.segment();
        if (from.transposed()) {
            for (int j = 0; j < columns; j++) {
                long start = from.index(row, column + j);
                for (int i = 0; i < rows; i++) {
                    to[i * columns + j] = segment.getAtIndex(JAVA_DOUBLE_UNALIGNED, start + i);
                }
            }
        } else {
            for (int i = 0; i < rows; i++) {
                MemorySegment.copy(
                        segment,
                        JAVA_DOUBLE_UNALIGNED,
                        from.index(row + i, column) * Double.BYTES,
                        to,
                        i * columns,
                        columns);
            }
        }
    }

    private static void addMultiple(double factor, double[] panel, int from, double[] sums, int columns) {
        for (int j = 0; j < columns; j++) {
            sums[j] = Math.fma(factor, panel[from + j], sums[j]);
        }
    }
}
