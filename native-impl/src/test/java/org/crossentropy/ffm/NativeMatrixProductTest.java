package org.crossentropy.ffm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.spi.LossKernels;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Matrix products of small whole numbers, which are exact in any order, from the heap and from off-heap memory. */
class NativeMatrixProductTest {
    private static final long SEED = 20_260_102;
    private static final int M = 5;
    private static final int N = 4;
    private static final int K = 3;
    private static final int OFFSET = 2;
    private static final int PADDING = 3;
    private static final float UNTOUCHED = 99;

    private final Arena arena = Arena.ofConfined();
    private final LossKernels kernels = new NativeBackendProvider().open();

    @AfterEach
    void closeArena() {
        arena.close();
    }

    @Test
    void multipliesAsDefined() {
        for (ElementType type : ElementType.ARITHMETIC) {
            for (int bits = 0; bits < 32; bits++) {
                boolean transposeA = (bits & 1) != 0;
                boolean transposeB = (bits & 2) != 0;
                var a = new Operand(type, transposeA ? K : M, transposeA ? M : K, (bits & 4) != 0);
                var b = new Operand(type, transposeB ? N : K, transposeB ? K : N, (bits & 8) != 0);
                var c = new Operand(type, M, N, (bits & 16) != 0);
                double[][] expected = product(a, transposeA, b, transposeB, c);
                kernels.matrixProduct(
                        type,
                        transposeA,
                        transposeB,
                        M,
                        N,
                        K,
                        2,
                        a.segment,
                        OFFSET,
                        a.stride(),
                        b.segment,
                        OFFSET,
                        b.stride(),
                        3,
                        c.segment,
                        OFFSET,
                        c.stride());
                for (int i = 0; i < M; i++) {
                    for (int j = 0; j < N; j++) {
                        assertEquals(expected[i][j], c.get(i, j), "combination " + bits);
                    }
                }
                c.assertPaddingUntouched();
            }
        }
    }

    @Test
    void oldContentDoesNotMatterWithoutAccumulation() {
        for (boolean onHeap : new boolean[] {false, true}) {
            var a = new Operand(ElementType.FLOAT32, M, K, onHeap);
            var b = new Operand(ElementType.FLOAT32, K, N, onHeap);
            var c = new Operand(ElementType.FLOAT32, M, N, onHeap);
            c.fill(0);
            double[][] expected = product(a, false, b, false, c);
            c.fill(Float.NaN);
            kernels.matrixProduct(
                    ElementType.FLOAT32,
                    false,
                    false,
                    M,
                    N,
                    K,
                    2,
                    a.segment,
                    OFFSET,
                    a.stride(),
                    b.segment,
                    OFFSET,
                    b.stride(),
                    0,
                    c.segment,
                    OFFSET,
                    c.stride());
            assertEquals(expected[M - 1][N - 1], c.get(M - 1, N - 1));
        }
    }

    @Test
    void emptyInnerDimensionMakesZeroOrScalesTheOldContent() {
        for (boolean onHeap : new boolean[] {false, true}) {
            for (double accumulate : new double[] {0, 3}) {
                var c = new Operand(ElementType.FLOAT64, M, N, onHeap);
                c.fill(5);
                kernels.matrixProduct(
                        ElementType.FLOAT64,
                        false,
                        true,
                        M,
                        N,
                        0,
                        2,
                        MemorySegment.NULL,
                        0,
                        0,
                        MemorySegment.NULL,
                        0,
                        0,
                        accumulate,
                        c.segment,
                        OFFSET,
                        c.stride());
                assertEquals(accumulate * 5, c.get(0, 0));
                assertEquals(accumulate * 5, c.get(M - 1, N - 1));
                c.assertPaddingUntouched();
            }
        }
    }

    @Test
    void emptyResultIsNoWork() {
        kernels.matrixProduct(
                ElementType.FLOAT32,
                false,
                false,
                0,
                N,
                K,
                1,
                MemorySegment.NULL,
                0,
                0,
                MemorySegment.NULL,
                0,
                0,
                0,
                MemorySegment.NULL,
                0,
                0);
        kernels.matrixProduct(
                ElementType.FLOAT32,
                false,
                false,
                M,
                0,
                K,
                1,
                MemorySegment.NULL,
                0,
                0,
                MemorySegment.NULL,
                0,
                0,
                0,
                MemorySegment.NULL,
                0,
                0);
    }

    @Test
    void strideOfASingleRowMeansNothing() {
        var a = new Operand(ElementType.FLOAT32, 1, K, false);
        var b = new Operand(ElementType.FLOAT32, K, N, false);
        var c = new Operand(ElementType.FLOAT32, 1, N, false);
        c.fill(0);
        double expected = 0;
        for (int k = 0; k < K; k++) {
            expected += a.get(0, k) * b.get(k, 1);
        }
        kernels.matrixProduct(
                ElementType.FLOAT32,
                false,
                false,
                1,
                N,
                K,
                1,
                a.segment,
                OFFSET,
                0,
                b.segment,
                OFFSET,
                b.stride(),
                0,
                c.segment,
                OFFSET,
                Long.MAX_VALUE);
        assertEquals(expected, c.get(0, 1));
    }

    @Test
    void negativeSizeIsOurMistake() {
        var c = new Operand(ElementType.FLOAT32, M, N, false);
        var error = assertThrows(
                AssertionError.class,
                () -> kernels.matrixProduct(
                        ElementType.FLOAT32,
                        false,
                        false,
                        M,
                        N,
                        -1,
                        1,
                        c.segment,
                        0,
                        1,
                        c.segment,
                        0,
                        1,
                        0,
                        c.segment,
                        0,
                        c.stride()));
        assertEquals("xent_matrix_product returned XENT_INVALID_ARGUMENT", error.getMessage());
    }

    private static double[][] product(Operand a, boolean transposeA, Operand b, boolean transposeB, Operand c) {
        double[][] result = new double[M][N];
        for (int i = 0; i < M; i++) {
            for (int j = 0; j < N; j++) {
                double sum = 0;
                for (int k = 0; k < K; k++) {
                    sum += (transposeA ? a.get(k, i) : a.get(i, k)) * (transposeB ? b.get(j, k) : b.get(k, j));
                }
                result[i][j] = 2 * sum + 3 * c.get(i, j);
            }
        }
        return result;
    }

    /** A padded matrix of small whole numbers. */
    private final class Operand {
        final ElementType type;
        final int rows;
        final int columns;
        final MemorySegment segment;

        Operand(ElementType type, int rows, int columns, boolean onHeap) {
            this.type = type;
            this.rows = rows;
            this.columns = columns;
            int count = OFFSET + (rows - 1) * stride() + columns;
            segment = switch (type) {
                case FLOAT32 ->
                    onHeap ? MemorySegment.ofArray(new float[count]) : arena.allocate(ValueLayout.JAVA_FLOAT, count);
                case FLOAT64 ->
                    onHeap ? MemorySegment.ofArray(new double[count]) : arena.allocate(ValueLayout.JAVA_DOUBLE, count);
                case BFLOAT16, FLOAT16 -> throw new AssertionError(type);
            };
            for (int i = 0; i < count; i++) {
                set(i, UNTOUCHED);
            }
            var random = new Random(SEED);
            for (int i = 0; i < rows; i++) {
                for (int j = 0; j < columns; j++) {
                    set(OFFSET + i * stride() + j, random.nextInt(9) - 4);
                }
            }
        }

        int stride() {
            return columns + PADDING;
        }

        void fill(float value) {
            for (int i = 0; i < rows; i++) {
                for (int j = 0; j < columns; j++) {
                    set(OFFSET + i * stride() + j, value);
                }
            }
        }

        double get(int row, int column) {
            return at(OFFSET + row * stride() + column);
        }

        void assertPaddingUntouched() {
            for (int i = 0; i < OFFSET; i++) {
                assertEquals(UNTOUCHED, at(i));
            }
            for (int i = 0; i < rows - 1; i++) {
                for (int j = columns; j < stride(); j++) {
                    assertEquals(UNTOUCHED, get(i, j));
                }
            }
        }

        private double at(int index) {
            return type == ElementType.FLOAT32
                    ? segment.getAtIndex(ValueLayout.JAVA_FLOAT, index)
                    : segment.getAtIndex(ValueLayout.JAVA_DOUBLE, index);
        }

        private void set(int index, float value) {
            if (type == ElementType.FLOAT32) {
                segment.setAtIndex(ValueLayout.JAVA_FLOAT, index, value);
            } else {
                segment.setAtIndex(ValueLayout.JAVA_DOUBLE, index, value);
            }
        }
    }
}
