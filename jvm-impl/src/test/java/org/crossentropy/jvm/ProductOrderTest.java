package org.crossentropy.jvm;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.spi.LossKernels;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every element of a product is made in the order of {@link ProductOrder}, on both backends, whatever is around it. */
class ProductOrderTest {

    /** Around the rows and columns of tiles at all widths, of copies and of runs. */
    private static final int[][] SHAPES = {
        {1, 1, 1},
        {3, 5, 0},
        {6, 32, 255},
        {7, 33, 256},
        {5, 31, 257},
        {13, 65, 512},
        {193, 17, 31},
        {97, 9, 513},
        {2, 1030, 40},
        {7, 2051, 20},
        {11, 515, 300}
    };

    static Stream<LossKernels> kernels() {
        List<LossKernels> kernels = new ArrayList<>(VectorKernelsAtWidth.all());
        kernels.addFirst(new ScalarLossKernels());
        return kernels.stream();
    }

    private static Stream<Product> products() {
        List<Product> products = new ArrayList<>();
        for (ElementType type : ElementType.ARITHMETIC) {
            for (int[] shape : SHAPES) {
                for (int flags = 0; flags < 4; flags++) {
                    double accumulate = flags == 0 ? 0.0 : flags == 1 ? 1.0 : -0.3;
                    boolean transposeA = (flags & 1) != 0;
                    boolean transposeB = (flags & 2) != 0;
                    products.add(
                            new Product(type, shape[0], shape[1], shape[2], transposeA, transposeB, 0.7, accumulate));
                }
            }
        }
        return products.stream();
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void elementsAreMadeInTheDocumentedOrder(LossKernels kernels) {
        products().forEach(product -> {
            Matrices matrices = product.matrices();
            MemorySegment c = matrices.copyOfC();
            matrices.multiply(kernels, 0, product.m, 0, product.n, c);
            for (int i = 0; i < product.m; i++) {
                for (int j = 0; j < product.n; j++) {
                    String where = product + " at " + i + ", " + j;
                    assertEquals(matrices.expected(i, j), get(product.type, c, i * product.n + j), where);
                }
            }
        });
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void piecesHaveTheBitsOfTheWhole(LossKernels kernels) {
        products().forEach(product -> {
            Matrices matrices = product.matrices();
            MemorySegment whole = matrices.copyOfC();
            matrices.multiply(kernels, 0, product.m, 0, product.n, whole);
            MemorySegment pieces = matrices.copyOfC();
            int[] rows = cuts(product.m);
            int[] columns = cuts(product.n);
            for (int i = 1; i < rows.length; i++) {
                for (int j = 1; j < columns.length; j++) {
                    matrices.multiply(kernels, rows[i - 1], rows[i], columns[j - 1], columns[j], pieces);
                }
            }
            assertArrayEquals(bits(whole), bits(pieces), product::toString);
        });
    }

    /** Unequal pieces: of 1, of a bit more than a third, and the rest. */
    private static int[] cuts(int count) {
        return new int[] {0, Math.min(1, count), Math.min(count / 3 + 2, count), count};
    }

    private static byte[] bits(MemorySegment segment) {
        return segment.toArray(JAVA_BYTE);
    }

    private static double get(ElementType type, MemorySegment segment, long index) {
        return type == ElementType.FLOAT32
                ? segment.getAtIndex(JAVA_FLOAT_UNALIGNED, index)
                : segment.getAtIndex(JAVA_DOUBLE_UNALIGNED, index);
    }

    private record Product(
            ElementType type,
            int m,
            int n,
            int k,
            boolean transposeA,
            boolean transposeB,
            double scale,
            double accumulate) {

        Matrices matrices() {
            SplittableRandom random = new SplittableRandom(m * 1009L + n * 31L + k);
            return new Matrices(this, numbers(random, m * k), numbers(random, k * n), numbers(random, m * n));
        }

        private MemorySegment numbers(SplittableRandom random, int count) {
            double[] numbers = random.doubles(count, -1, 1).toArray();
            if (type == ElementType.FLOAT64) {
                return MemorySegment.ofArray(numbers);
            }
            float[] rounded = new float[count];
            for (int i = 0; i < count; i++) {
                rounded[i] = (float) numbers[i];
            }
            return MemorySegment.ofArray(rounded);
        }
    }

    /** Seeded data of a product. */
    private record Matrices(Product product, MemorySegment a, MemorySegment b, MemorySegment c) {

        MemorySegment copyOfC() {
            MemorySegment copy = MemorySegment.ofArray(new double[(int) (c.byteSize() / Double.BYTES) + 1])
                    .asSlice(0, c.byteSize());
            return copy.copyFrom(c);
        }

        private int strideA() {
            return product.transposeA ? product.m : product.k;
        }

        private int strideB() {
            return product.transposeB ? product.k : product.n;
        }

        private int indexA(int i, int p) {
            return product.transposeA ? p * strideA() + i : i * strideA() + p;
        }

        private int indexB(int p, int j) {
            return product.transposeB ? j * strideB() + p : p * strideB() + j;
        }

        void multiply(LossKernels kernels, int fromRow, int toRow, int fromColumn, int toColumn, MemorySegment result) {
            kernels.matrixProduct(
                    product.type,
                    product.transposeA,
                    product.transposeB,
                    toRow - fromRow,
                    toColumn - fromColumn,
                    product.k,
                    product.scale,
                    a,
                    indexA(fromRow, 0),
                    strideA(),
                    b,
                    indexB(0, fromColumn),
                    strideB(),
                    product.accumulate,
                    result,
                    fromRow * product.n + fromColumn,
                    product.n);
        }

        double expected(int i, int j) {
            double old = get(product.type, c, i * product.n + j);
            double factor = product.accumulate;
            for (int run = 0; run == 0 || run < product.k; run += ProductOrder.RUN) {
                double sum = 0;
                for (int p = run; p < Math.min(product.k, run + ProductOrder.RUN); p++) {
                    sum = fma(scaled(get(product.type, a, indexA(i, p))), get(product.type, b, indexB(p, j)), sum);
                }
                old = factor == 0 ? sum : fma(old, factor, sum);
                factor = 1;
            }
            return old;
        }

        private double scaled(double x) {
            return product.type == ElementType.FLOAT32 ? (float) product.scale * (float) x : product.scale * x;
        }

        private double fma(double x, double y, double z) {
            return product.type == ElementType.FLOAT32 ? Math.fma((float) x, (float) y, (float) z) : Math.fma(x, y, z);
        }
    }
}
