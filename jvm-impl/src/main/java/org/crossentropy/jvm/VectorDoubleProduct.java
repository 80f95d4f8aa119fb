package org.crossentropy.jvm;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.Arrays;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The matrix product for double in vectors: {@code C = scale A B + accumulate C}.
 *
 * <p>Both factors are copied into panels in the order in which they are used: B by {@link #DEPTH} rows and up to {@link
 * #WIDE} columns, A by as many columns and up to {@link #TALL} rows, times scale. The innermost loop multiplies a panel
 * of {@link #ROWS} rows of A by one of two vectors of columns of B; its 12 sums, two vectors of B and a broadcast element
 * of A fit in 16 registers. The copies live on the heap, at most about 2.2 MB a call, whatever memory the caller has. Sums
 * over more than {@link #DEPTH} products are rounded to double every so many; the order depends on the shape alone.
 */
final class VectorDoubleProduct {

    private static final VectorSpecies<Double> SPECIES = VectorWidth.DOUBLES;
    private static final int WIDTH = SPECIES.length();
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();

    /** Rows of a tile of C. */
    private static final int ROWS = 6;

    /** Columns of a tile of C. */
    private static final int COLUMNS = 2 * WIDTH;

    /** Products summed before a tile is added to C: a panel of B of this depth fits in the first-level cache. */
    private static final int DEPTH = 256;

    /** Rows of A copied at a time: with {@link #DEPTH} columns they fit in the second-level cache. */
    private static final int TALL = 32 * ROWS;

    /** Columns of B copied at a time. */
    private static final int WIDE = 1024;

    private final int m;
    private final int n;
    private final int k;
    private final double scale;
    private final double accumulate;
    private final MatrixView a;
    private final MatrixView b;
    private final MatrixView c;
    private final double[] packedA;
    private final double[] packedB;
    private final double[] line;
    private final double[] tile = new double[ROWS * COLUMNS];

    private VectorDoubleProduct(
            int m, int n, int k, double scale, MatrixView a, MatrixView b, double accumulate, MatrixView c) {
        this.m = m;
        this.n = n;
        this.k = k;
        this.scale = scale;
        this.accumulate = accumulate;
        this.a = a;
        this.b = b;
        this.c = c;
        int depth = Math.min(DEPTH, k);
        this.packedA = new double[roundUp(Math.min(TALL, m), ROWS) * depth];
        this.packedB = new double[roundUp(Math.min(WIDE, n), COLUMNS) * depth];
        this.line = new double[Math.max(DEPTH, Math.max(Math.min(TALL, m), Math.min(WIDE, n)))];
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
    static void multiply(
            int m, int n, int k, double scale, MatrixView a, MatrixView b, double accumulate, MatrixView c) {
        new VectorDoubleProduct(m, n, k, scale, a, b, accumulate, c).run();
    }

    private void run() {
        for (int column = 0; column < n; column += WIDE) {
            int columns = Math.min(WIDE, n - column);
            // At least one round, so that an empty product scales C too.
            for (int depth = 0; depth == 0 || depth < k; depth += DEPTH) {
                int depths = Math.min(DEPTH, k - depth);
                packB(depth, depths, column, columns);
                for (int row = 0; row < m; row += TALL) {
                    int rows = Math.min(TALL, m - row);
                    packA(row, rows, depth, depths);
                    multiplyPanels(row, rows, column, columns, depths, depth == 0 ? accumulate : 1.0);
                }
            }
        }
    }

    private void multiplyPanels(int row, int rows, int column, int columns, int depths, double factor) {
        double[] array = c.segment().heapBase().orElse(null) instanceof double[] base ? base : null;
        for (int j = 0; j < columns; j += COLUMNS) {
            for (int i = 0; i < rows; i += ROWS) {
                multiplyTile(packedA, i * depths, packedB, j * depths, depths, tile);
                long to = c.index(row + i, column + j);
                if (rows - i < ROWS || columns - j < COLUMNS) {
                    addPartOfTile(to, Math.min(ROWS, rows - i), Math.min(COLUMNS, columns - j), factor);
                } else if (array != null) {
                    int base = (int) (c.segment().address() / Double.BYTES + to);
                    addTile(tile, factor, array, base, (int) c.stride());
                } else if (c.segment().isNative()) {
                    addTile(tile, factor, c.segment(), to * Double.BYTES, c.stride() * Double.BYTES);
                } else {
                    addPartOfTile(to, ROWS, COLUMNS, factor);
                }
            }
        }
    }

    /** The product of a panel of A and one of B. */
    private static void multiplyTile(double[] a, int atA, double[] b, int atB, int depths, double[] tile) {
        final DoubleVector zero = DoubleVector.zero(SPECIES);
        DoubleVector sum0a = zero;
        DoubleVector sum0b = zero;
        DoubleVector sum1a = zero;
        DoubleVector sum1b = zero;
        DoubleVector sum2a = zero;
        DoubleVector sum2b = zero;
        DoubleVector sum3a = zero;
        DoubleVector sum3b = zero;
        DoubleVector sum4a = zero;
        DoubleVector sum4b = zero;
        DoubleVector sum5a = zero;
        DoubleVector sum5b = zero;
        for (int p = 0; p < depths; p++) {
            DoubleVector b0 = DoubleVector.fromArray(SPECIES, b, atB + COLUMNS * p);
            DoubleVector b1 = DoubleVector.fromArray(SPECIES, b, atB + COLUMNS * p + WIDTH);
            DoubleVector a0 = DoubleVector.broadcast(SPECIES, a[atA + ROWS * p]);
            sum0a = a0.fma(b0, sum0a);
            sum0b = a0.fma(b1, sum0b);
            DoubleVector a1 = DoubleVector.broadcast(SPECIES, a[atA + ROWS * p + 1]);
            sum1a = a1.fma(b0, sum1a);
            sum1b = a1.fma(b1, sum1b);
            DoubleVector a2 = DoubleVector.broadcast(SPECIES, a[atA + ROWS * p + 2]);
            sum2a = a2.fma(b0, sum2a);
            sum2b = a2.fma(b1, sum2b);
            DoubleVector a3 = DoubleVector.broadcast(SPECIES, a[atA + ROWS * p + 3]);
            sum3a = a3.fma(b0, sum3a);
            sum3b = a3.fma(b1, sum3b);
            DoubleVector a4 = DoubleVector.broadcast(SPECIES, a[atA + ROWS * p + 4]);
            sum4a = a4.fma(b0, sum4a);
            sum4b = a4.fma(b1, sum4b);
            DoubleVector a5 = DoubleVector.broadcast(SPECIES, a[atA + ROWS * p + 5]);
            sum5a = a5.fma(b0, sum5a);
            sum5b = a5.fma(b1, sum5b);
        }
        sum0a.intoArray(tile, 0);
        sum0b.intoArray(tile, WIDTH);
        sum1a.intoArray(tile, COLUMNS);
        sum1b.intoArray(tile, COLUMNS + WIDTH);
        sum2a.intoArray(tile, 2 * COLUMNS);
        sum2b.intoArray(tile, 2 * COLUMNS + WIDTH);
        sum3a.intoArray(tile, 3 * COLUMNS);
        sum3b.intoArray(tile, 3 * COLUMNS + WIDTH);
        sum4a.intoArray(tile, 4 * COLUMNS);
        sum4b.intoArray(tile, 4 * COLUMNS + WIDTH);
        sum5a.intoArray(tile, 5 * COLUMNS);
        sum5b.intoArray(tile, 5 * COLUMNS + WIDTH);
    }

    private static void addTile(double[] tile, double factor, double[] c, int to, int stride) {
        final DoubleVector factors = DoubleVector.broadcast(SPECIES, factor);
        for (int i = 0; i < ROWS; i++) {
            for (int j = 0; j < COLUMNS; j += WIDTH) {
                DoubleVector sum = DoubleVector.fromArray(SPECIES, tile, i * COLUMNS + j);
                if (factor != 0.0) {
                    sum = DoubleVector.fromArray(SPECIES, c, to + i * stride + j)
                            .fma(factors, sum);
                }
                sum.intoArray(c, to + i * stride + j);
            }
        }
    }

    private static void addTile(double[] tile, double factor, MemorySegment c, long to, long stride) {
        final DoubleVector factors = DoubleVector.broadcast(SPECIES, factor);
        for (int i = 0; i < ROWS; i++) {
            for (int j = 0; j < COLUMNS; j += WIDTH) {
                DoubleVector sum = DoubleVector.fromArray(SPECIES, tile, i * COLUMNS + j);
                long at = to + i * stride + (long) j * Double.BYTES;
                if (factor != 0.0) {
                    sum = DoubleVector.fromMemorySegment(SPECIES, c, at, ORDER).fma(factors, sum);
                }
                sum.intoMemorySegment(c, at, ORDER);
            }
        }
    }

    /** For the edges of C, and for memory that is neither off-heap nor an array of double. */
    private void addPartOfTile(long to, int rows, int columns, double factor) {
        MemorySegment segment = c.segment();
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                long at = to + i * c.stride() + j;
                double sum = tile[i * COLUMNS + j];
                if (factor != 0.0) {
                    sum = Math.fma(segment.getAtIndex(JAVA_DOUBLE_UNALIGNED, at), factor, sum);
                }
                segment.setAtIndex(JAVA_DOUBLE_UNALIGNED, at, sum);
            }
        }
    }

    /** Copies rows of A, times scale, into panels of {@link #ROWS}, each column by column; a short one ends in zeros. */
    private void packA(int row, int rows, int depth, int depths) {
        if (rows % ROWS != 0) {
            Arrays.fill(packedA, rows / ROWS * ROWS * depths, roundUp(rows, ROWS) * depths, 0.0);
        }
        if (a.transposed()) {
            for (int p = 0; p < depths; p++) {
                load(a, a.index(row, depth + p), rows);
                for (int i = 0; i < rows; i++) {
                    packedA[i / ROWS * ROWS * depths + p * ROWS + i % ROWS] = scale * line[i];
                }
            }
        } else {
            for (int i = 0; i < rows; i++) {
                load(a, a.index(row + i, depth), depths);
                int to = i / ROWS * ROWS * depths + i % ROWS;
                for (int p = 0; p < depths; p++) {
                    packedA[to + p * ROWS] = scale * line[p];
                }
            }
        }
    }

    /** Copies columns of B into panels of {@link #COLUMNS}, each row by row; a short one ends in zeros. */
    private void packB(int depth, int depths, int column, int columns) {
        if (columns % COLUMNS != 0) {
            Arrays.fill(packedB, columns / COLUMNS * COLUMNS * depths, roundUp(columns, COLUMNS) * depths, 0.0);
        }
        if (b.transposed()) {
            for (int j = 0; j < columns; j++) {
                load(b, b.index(depth, column + j), depths);
                int to = j / COLUMNS * COLUMNS * depths + j % COLUMNS;
                for (int p = 0; p < depths; p++) {
                    packedB[to + p * COLUMNS] = line[p];
                }
            }
        } else {
            for (int p = 0; p < depths; p++) {
                load(b, b.index(depth + p, column), columns);
                for (int j = 0; j < columns; j += COLUMNS) {
                    System.arraycopy(line, j, packedB, j * depths + p * COLUMNS, Math.min(COLUMNS, columns - j));
                }
            }
        }
    }

    private void load(MatrixView matrix, long index, int count) {
        MemorySegment.copy(matrix.segment(), JAVA_DOUBLE_UNALIGNED, index * Double.BYTES, line, 0, count);
    }

    private static int roundUp(int count, int multiple) {
        return (count + multiple - 1) / multiple * multiple;
    }
}
