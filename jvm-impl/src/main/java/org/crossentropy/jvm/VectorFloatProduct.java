package org.crossentropy.jvm;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.jspecify.annotations.Nullable;

/**
 * The matrix product for float in vectors: {@code C = scale A B + accumulate C}, in the {@linkplain ProductOrder order}
 * that all products of this module have, so that its bits do not depend on the width of vectors, nor on the pieces of rows
 * and columns that a product is computed in.
 *
 * <p>Both factors are copied into {@linkplain FloatPanels panels} in the order in which they are used: one {@linkplain
 * ProductOrder#RUN run} of {@link #WIDE} columns of B at a time, and of {@link #TALL} rows of A, times scale. A panel of A
 * then meets all panels of {@link #NEAR} columns of B, which remain in the second-level cache; {@link FloatProductTile}
 * multiplies a pair of them in registers. What it sums goes to C in rows of as many columns, long enough that the
 * processor fetches C ahead.
 *
 * <p>The copies live on the heap, at most about 2.4 MB a call and less for small products; A and B may be in any memory.
 * C is added to directly if it is an array of float or in memory of an arena, and through a line on the heap otherwise.
 *
 * <p>Tiles run within a few percent of the processor's peak of multiply-adds. Of what is lost the most is copying B, which
 * is read once from memory, and matters with few rows of A; then adding to a C larger than the caches.
 */
final class VectorFloatProduct {

    private static final VectorSpecies<Float> SPECIES = VectorWidth.FLOATS;
    private static final int WIDTH = SPECIES.length();
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final int ROWS = FloatProductTile.ROWS;
    private static final int COLUMNS = FloatProductTile.COLUMNS;

    /** Rows of A copied at a time: a run of them takes 256 KB, read once for every {@link #NEAR} columns. */
    private static final int TALL = 32 * ROWS;

    /** Columns of B copied at a time: a run of them takes 2 MB of the last cache, and {@link #TALL} rows of C no more. */
    private static final int WIDE = 2048;

    /** Columns of B used again for every panel of A, and of C added to at a time: a run of them takes 512 KB. */
    private static final int NEAR = 512;

    private final int m;
    private final int n;
    private final int k;
    private final float scale;
    private final float accumulate;
    private final MatrixView c;
    private final float @Nullable [] array;
    private final FloatPanels left;
    private final FloatPanels right;
    private final float[] sums = new float[ROWS * NEAR];
    private final float[] line = new float[NEAR];

    private VectorFloatProduct(
            int m, int n, int k, float scale, MatrixView a, MatrixView b, float accumulate, MatrixView c) {
        this.m = m;
        this.n = n;
        this.k = k;
        this.scale = scale;
        this.accumulate = accumulate;
        this.c = c;
        this.array = c.segment().heapBase().orElse(null) instanceof float[] base ? base : null;
        int depth = Math.min(ProductOrder.RUN, k);
        this.left = new FloatPanels(a, ROWS, FloatProductTile.SPACING, Math.min(TALL, m), depth);
        this.right = new FloatPanels(b.transpose(), COLUMNS, COLUMNS, Math.min(WIDE, n), depth);
    }

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
    static void multiply(int m, int n, int k, float scale, MatrixView a, MatrixView b, float accumulate, MatrixView c) {
        new VectorFloatProduct(m, n, k, scale, a, b, accumulate, c).run();
    }

    private void run() {
        for (int column = 0; column < n; column += WIDE) {
            int columns = Math.min(WIDE, n - column);
            // At least one round, so that an empty product scales C too.
            for (int depth = 0; depth == 0 || depth < k; depth += ProductOrder.RUN) {
                int depths = Math.min(ProductOrder.RUN, k - depth);
                right.copy(column, columns, depth, depths, 1f);
                for (int row = 0; row < m; row += TALL) {
                    int rows = Math.min(TALL, m - row);
                    left.copy(row, rows, depth, depths, scale);
                    for (int near = 0; near < columns; near += NEAR) {
                        int some = Math.min(NEAR, columns - near);
                        addProduct(row, rows, column, near, some, depths, depth == 0 ? accumulate : 1f);
                    }
                }
            }
        }
    }

    /** Adds the product of the panels of A and some of those of B to C. */
    private void addProduct(int row, int rows, int column, int from, int columns, int depths, float factor) {
        for (int i = 0; i < rows; i += ROWS) {
            int panelA = i / ROWS * left.length(depths);
            for (int j = 0; j < columns; j += COLUMNS) {
                int panelB = (from + j) / COLUMNS * right.length(depths);
                FloatProductTile.multiply(left.elements, panelA, right.elements, panelB, depths, sums, j, NEAR);
            }
            addSums(row + i, Math.min(ROWS, rows - i), column + from, columns, factor);
        }
    }

    /** Adds the sums of some rows and columns to C. */
    private void addSums(int row, int rows, int column, int columns, float factor) {
        MemorySegment segment = c.segment();
        for (int i = 0; i < rows; i++) {
            long at = c.index(row + i, column) * Float.BYTES;
            if (array != null) {
                add(sums, i * NEAR, columns, factor, array, (int) ((segment.address() + at) / Float.BYTES));
            } else if (OffHeap.is(segment)) {
                add(sums, i * NEAR, columns, factor, segment, at);
            } else {
                if (factor != 0f) {
                    MemorySegment.copy(segment, JAVA_FLOAT_UNALIGNED, at, line, 0, columns);
                }
                add(sums, i * NEAR, columns, factor, line, 0);
                MemorySegment.copy(line, 0, segment, JAVA_FLOAT_UNALIGNED, at, columns);
            }
        }
    }

    private static void add(float[] sums, int from, int columns, float factor, float[] c, int to) {
        final FloatVector factors = FloatVector.broadcast(SPECIES, factor);
        int j = 0;
        for (; j < SPECIES.loopBound(columns); j += WIDTH) {
            FloatVector sum = FloatVector.fromArray(SPECIES, sums, from + j);
            if (factor != 0f) {
                sum = FloatVector.fromArray(SPECIES, c, to + j).fma(factors, sum);
            }
            sum.intoArray(c, to + j);
        }
        for (; j < columns; j++) {
            float sum = sums[from + j];
            c[to + j] = factor == 0f ? sum : Math.fma(c[to + j], factor, sum);
        }
    }

    private static void add(float[] sums, int from, int columns, float factor, MemorySegment c, long to) {
        final FloatVector factors = FloatVector.broadcast(SPECIES, factor);
        MemorySegment target = OffHeap.exact(c);
        int j = 0;
        for (; j < SPECIES.loopBound(columns); j += WIDTH) {
            FloatVector sum = FloatVector.fromArray(SPECIES, sums, from + j);
            long at = to + (long) j * Float.BYTES;
            if (factor != 0f) {
                sum = FloatVector.fromMemorySegment(SPECIES, target, at, ORDER).fma(factors, sum);
            }
            sum.intoMemorySegment(target, at, ORDER);
        }
        for (; j < columns; j++) {
            long at = to + (long) j * Float.BYTES;
            float sum = sums[from + j];
            float old = factor == 0f ? 0f : target.get(JAVA_FLOAT_UNALIGNED, at);
            target.set(JAVA_FLOAT_UNALIGNED, at, factor == 0f ? sum : Math.fma(old, factor, sum));
        }
    }
}
