package org.crossentropy.tck;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.lang.foreign.Arena;
import java.util.SplittableRandom;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.Execution;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.MatrixProduct;
import org.crossentropy.api.MatrixProduct.Operand;
import org.junit.jupiter.api.Test;

/** Matrix products against double-double dot products, within the bound of the standard error analysis. */
public abstract class MatrixProductTck extends KernelTck {

    private static final int[][] SHAPES = {
        {0, 3, 2},
        {3, 0, 2},
        {2, 3, 0},
        {0, 0, 0},
        {1, 1, 1},
        {1, 7, 3},
        {7, 1, 3},
        {5, 3, 1},
        {2, 2, 2},
        {13, 17, 19},
        {64, 64, 64},
        {31, 33, 65},
        {3, 128, 257},
        {97, 5, 211},
        {16, 48, 300}
    };

    private static final int[][] LARGE_SHAPES = {{257, 257, 257}, {300, 65, 129}};

    private static final MemoryKind[] MEMORY = {
        MemoryKind.HEAP,
        MemoryKind.OFF_HEAP,
        MemoryKind.OFF_HEAP_SHIFTED,
        MemoryKind.OFF_HEAP_ODD,
        MemoryKind.HEAP_BYTES
    };

    /** Elements of a large product that are compared. */
    private static final int SAMPLES = 400;

    /** Called by subclasses. */
    protected MatrixProductTck() {}

    /**
     * One product.
     *
     * @param type element type
     * @param m rows of C
     * @param n columns of C
     * @param k length of the sums
     * @param useA how A is used
     * @param useB how B is used
     * @param scale factor of the product
     * @param accumulate factor of the old C
     * @param memory where the matrices live
     * @param padding elements between rows
     */
    private record Product(
            ElementType type,
            int m,
            int n,
            int k,
            Operand useA,
            Operand useB,
            double scale,
            double accumulate,
            MemoryKind memory,
            int padding) {

        Matrix random(Arena arena, SplittableRandom random, int rows, int columns) {
            Matrix matrix = filled(arena, rows, columns, 0);
            for (int i = 0; i < rows; i++) {
                for (int j = 0; j < columns; j++) {
                    matrix.set(i, j, random.nextGaussian() * Math.scalb(1.0, random.nextInt(-3, 3)));
                }
            }
            return matrix;
        }

        Matrix filled(Arena arena, int rows, int columns, double value) {
            long stride = (long) columns + padding;
            var segment = memory.allocate(arena, type, rows * stride);
            segment.fill(Batch.MARK);
            Matrix matrix = Matrix.of(type, segment, rows, columns, stride);
            for (int i = 0; i < rows; i++) {
                for (int j = 0; j < columns; j++) {
                    matrix.set(i, j, value);
                }
            }
            return matrix;
        }

        Matrix left(Arena arena, SplittableRandom random) {
            return useA == Operand.PLAIN ? random(arena, random, m, k) : random(arena, random, k, m);
        }

        Matrix right(Arena arena, SplittableRandom random) {
            return useB == Operand.PLAIN ? random(arena, random, k, n) : random(arena, random, n, k);
        }

        double a(Matrix matrix, int i, int p) {
            return useA == Operand.PLAIN ? matrix.get(i, p) : matrix.get(p, i);
        }

        double b(Matrix matrix, int p, int j) {
            return useB == Operand.PLAIN ? matrix.get(p, j) : matrix.get(j, p);
        }
    }

    private void check(Product product, Execution execution, long seed) {
        try (Arena arena = Arena.ofShared()) {
            SplittableRandom random = new SplittableRandom(seed);
            Matrix a = product.left(arena, random);
            Matrix b = product.right(arena, random);
            // Without accumulation C must not be read: NaN would show.
            Matrix c = product.accumulate() == 0
                    ? product.filled(arena, product.m(), product.n(), Double.NaN)
                    : product.random(arena, random, product.m(), product.n());
            Matrix old = product.filled(arena, product.m(), product.n(), 0);
            old.segment().copyFrom(c.segment());
            MatrixProduct.on(execution)
                    .multiply(a, product.useA(), b, product.useB(), product.scale(), product.accumulate(), c);
            assertPaddingUntouched(c, product);
            long elements = (long) product.m() * product.n();
            for (long sample = 0; sample < Math.min(elements, SAMPLES); sample++) {
                long index = elements <= SAMPLES ? sample : random.nextLong(elements);
                int row = (int) (index / product.n());
                int column = (int) (index % product.n());
                check(product, a, b, old, c, row, column, seed);
            }
        }
    }

    private static void check(Product product, Matrix a, Matrix b, Matrix old, Matrix c, int i, int j, long seed) {
        DoubleDouble sum = DoubleDouble.ZERO;
        double size = 0;
        for (int p = 0; p < product.k(); p++) {
            double left = product.a(a, i, p);
            double right = product.b(b, p, j);
            sum = sum.plus(DoubleDouble.product(left, right));
            size += Math.abs(left * right);
        }
        sum = sum.times(product.scale());
        double carried = 0;
        if (product.accumulate() != 0) {
            DoubleDouble before = DoubleDouble.product(product.accumulate(), old.get(i, j));
            sum = sum.plus(before);
            carried = Math.abs(before.high());
        }
        double roundoff = Ulp.roundoff(product.type());
        double bound = Tolerances.MATRIX_PRODUCT_FACTOR
                * roundoff
                * ((product.k() + 2) * Math.abs(product.scale()) * size + 2 * carried);
        double distance = Ulp.distance(c.get(i, j), sum);
        if (!(distance <= bound)) {
            fail("element (" + i + ", " + j + ") is " + c.get(i, j) + ", must be " + sum.high() + ", off by " + distance
                    + ", allowed is " + bound + "; seed " + seed + ", " + product);
        }
    }

    @Test
    void allShapesAndTransposes() {
        long seed = Grid.seed();
        for (int[] shape : SHAPES) {
            for (ElementType type : ElementType.ARITHMETIC) {
                for (Operand useA : Operand.values()) {
                    for (Operand useB : Operand.values()) {
                        MemoryKind memory = MEMORY[(int) (seed % MEMORY.length)];
                        // Three products each have the same padding.
                        int padding = (int) (seed / 3 % 3) * 4;
                        double scale = seed % 2 == 0 ? 1 : -0.37;
                        for (double accumulate : new double[] {0, 1, -2.5}) {
                            Product product = new Product(
                                    type, shape[0], shape[1], shape[2], useA, useB, scale, accumulate, memory, padding);
                            check(product, alone(), seed++);
                        }
                    }
                }
            }
        }
    }

    @Test
    void largeShapesOnOneAndTwoThreads() {
        long seed = Grid.seed();
        for (int[] shape : LARGE_SHAPES) {
            for (ElementType type : ElementType.ARITHMETIC) {
                for (Operand useA : Operand.values()) {
                    for (Operand useB : Operand.values()) {
                        Product product = new Product(
                                type, shape[0], shape[1], shape[2], useA, useB, 1, 0, MemoryKind.OFF_HEAP, 0);
                        check(product, seed % 2 == 0 ? alone() : threads(2), seed++);
                    }
                }
            }
        }
    }

    @Test
    void everyKindOfMemory() {
        for (MemoryKind memory : MemoryKind.values()) {
            for (ElementType type : ElementType.ARITHMETIC) {
                Product product = new Product(type, 9, 11, 13, Operand.PLAIN, Operand.TRANSPOSED, 2, 0.5, memory, 3);
                check(product, alone(), Grid.seed());
            }
        }
    }

    @Test
    void sameProductHasTheSameBits() {
        for (int threads : new int[] {1, 2}) {
            types().forEach(type -> {
                Product product =
                        new Product(type, 200, 150, 100, Operand.PLAIN, Operand.PLAIN, 1, 0, MemoryKind.OFF_HEAP, 0);
                try (Arena arena = Arena.ofShared()) {
                    SplittableRandom random = new SplittableRandom(Grid.seed());
                    Matrix a = product.left(arena, random);
                    Matrix b = product.right(arena, random);
                    Matrix first = product.filled(arena, 200, 150, 0);
                    Matrix second = product.filled(arena, 200, 150, 5);
                    MatrixProduct.on(threads(threads)).multiply(a, b, first);
                    MatrixProduct.on(threads(threads)).multiply(a, b, second);
                    assertSameBits(first, second, product);
                }
            });
        }
    }

    @Test
    void sumsOfNothingAreZero() {
        types().forEach(type -> {
            Product product = new Product(type, 3, 4, 0, Operand.PLAIN, Operand.PLAIN, 1, 0, MemoryKind.HEAP, 0);
            Matrix c = product.filled(Arena.ofAuto(), 3, 4, Double.NaN);
            Matrix a = product.filled(Arena.ofAuto(), 3, 0, 0);
            Matrix b = product.filled(Arena.ofAuto(), 0, 4, 0);
            MatrixProduct.on(alone()).multiply(a, b, c);
            for (int i = 0; i < 3; i++) {
                for (int j = 0; j < 4; j++) {
                    assertBits(0.0, c.get(i, j), "(" + i + ", " + j + ")");
                }
            }
        });
    }

    @Test
    void nanAndInfinityPassThrough() {
        types().forEach(type -> {
            Product product = new Product(type, 3, 3, 3, Operand.PLAIN, Operand.PLAIN, 1, 0, MemoryKind.OFF_HEAP, 0);
            Matrix a = product.filled(Arena.ofAuto(), 3, 3, 1);
            Matrix b = product.filled(Arena.ofAuto(), 3, 3, 1);
            Matrix c = product.filled(Arena.ofAuto(), 3, 3, 0);
            a.set(0, 1, Double.NaN);
            a.set(1, 1, Double.POSITIVE_INFINITY);
            MatrixProduct.on(alone()).multiply(a, b, c);
            assertTrue(Double.isNaN(c.get(0, 2)), "NaN in the row of A");
            assertBits(Double.POSITIVE_INFINITY, c.get(1, 2), "infinity in the row of A");
            assertBits(3.0, c.get(2, 2), "row without");
        });
    }

    @Test
    void shapesThatDoNotFit() {
        MatrixProduct product = MatrixProduct.on(alone());
        Matrix a = Matrix.of(new float[6], 2, 3);
        Matrix c = Matrix.of(new float[4], 2, 2);
        var thrown = assertThrows(IllegalArgumentException.class, () -> product.multiply(a, a, c));
        assertTrue(String.valueOf(thrown.getMessage()).contains("2 x 3"), thrown.getMessage());
        Matrix doubles = Matrix.of(new double[6], 3, 2);
        thrown = assertThrows(IllegalArgumentException.class, () -> product.multiply(a, doubles, c));
        assertTrue(String.valueOf(thrown.getMessage()).contains("FLOAT64"), thrown.getMessage());
        Matrix square = Matrix.of(new float[4], 2, 2);
        thrown = assertThrows(IllegalArgumentException.class, () -> product.multiply(square, c, square));
        assertTrue(String.valueOf(thrown.getMessage()).contains("C overlaps A"), thrown.getMessage());
    }
}
