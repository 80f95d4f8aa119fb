package org.crossentropy.jvm;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.spi.LossKernels;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Matrix products against sums in double, within the bound of the error analysis. */
class MatrixProductTest {

    private static final int[][] SHAPES = {
        {1, 1, 1},
        {1, 5, 3},
        {7, 1, 2},
        {3, 4, 0},
        {6, 32, 9},
        {5, 31, 17},
        {13, 33, 64},
        {12, 64, 257},
        {200, 70, 30},
        {33, 2100, 5},
        {2, 1030, 300},
        {65, 129, 513}
    };

    private enum Memory {
        HEAP,
        OFF_HEAP,
        BYTES
    }

    static Stream<LossKernels> kernels() {
        List<LossKernels> kernels = new ArrayList<>(VectorKernelsAtWidth.all());
        kernels.addFirst(new ScalarLossKernels());
        return kernels.stream();
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void productsAreWithinTheBound(LossKernels kernels) {
        long seed = 1;
        for (ElementType type : ElementType.ARITHMETIC) {
            for (int[] shape : SHAPES) {
                for (int flags = 0; flags < 8; flags++) {
                    boolean transposeA = (flags & 1) != 0;
                    boolean transposeB = (flags & 2) != 0;
                    double accumulate = (flags & 4) != 0 ? 0.0 : flags % 3 == 0 ? 1.0 : -0.75;
                    for (Memory memory : Memory.values()) {
                        new Product(
                                        type,
                                        shape[0],
                                        shape[1],
                                        shape[2],
                                        transposeA,
                                        transposeB,
                                        accumulate,
                                        memory,
                                        seed++)
                                .check(kernels);
                    }
                }
            }
        }
    }

    /** One product with seeded data; C begins as NaN where it must not be read. */
    private record Product(
            ElementType type,
            int m,
            int n,
            int k,
            boolean transposeA,
            boolean transposeB,
            double accumulate,
            Memory memory,
            long seed) {

        private static final double SCALE = 0.5;
        private static final int OFFSET = 3;
        private static final int PADDING = 2;

        void check(LossKernels kernels) {
            int strideA = (transposeA ? m : k) + PADDING;
            int strideB = (transposeB ? k : n) + PADDING;
            int strideC = n + PADDING;
            Random random = new Random(seed);
            double[] a = numbers(random, OFFSET + (transposeA ? k : m) * strideA);
            double[] b = numbers(random, OFFSET + (transposeB ? n : k) * strideB);
            double[] before = numbers(random, OFFSET + m * strideC);
            if (accumulate == 0.0) {
                Arrays.fill(before, Double.NaN);
            }
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment c = segment(arena, before);
                kernels.matrixProduct(
                        type,
                        transposeA,
                        transposeB,
                        m,
                        n,
                        k,
                        SCALE,
                        segment(arena, a),
                        OFFSET,
                        strideA,
                        segment(arena, b),
                        OFFSET,
                        strideB,
                        accumulate,
                        c,
                        OFFSET,
                        strideC);
                for (int i = 0; i < m; i++) {
                    for (int j = 0; j < strideC; j++) {
                        int at = OFFSET + i * strideC + j;
                        if (j >= n) {
                            assertEquals(before[at], get(c, at), () -> this + " wrote between rows");
                        } else {
                            checkElement(a, b, before[at], get(c, at), i, j, strideA, strideB);
                        }
                    }
                }
            }
        }

        private void checkElement(
                double[] a, double[] b, double before, double actual, int i, int j, int strideA, int strideB) {
            double sum = 0;
            double magnitude = 0;
            for (int p = 0; p < k; p++) {
                double product = a[OFFSET + (transposeA ? p * strideA + i : i * strideA + p)]
                        * b[OFFSET + (transposeB ? j * strideB + p : p * strideB + j)];
                sum += product;
                magnitude += Math.abs(product);
            }
            double old = accumulate == 0.0 ? 0.0 : accumulate * before;
            double unit = type == ElementType.FLOAT32 ? 0x1p-24 : 0x1p-53;
            double bound = 2 * ((k + 2) * unit * SCALE * magnitude + 2 * unit * Math.abs(old));
            assertTrue(
                    Math.abs(actual - (SCALE * sum + old)) <= bound,
                    () -> this + " at " + i + ", " + j + ": " + actual);
        }

        private double[] numbers(Random random, int count) {
            return random.doubles(count, -1, 1)
                    .map(x -> type == ElementType.FLOAT32 ? (double) (float) x : x)
                    .toArray();
        }

        private MemorySegment segment(Arena arena, double[] values) {
            long bytes = (long) values.length * type.bytes();
            MemorySegment segment = switch (memory) {
                case OFF_HEAP -> arena.allocate(bytes, type.bytes());
                case BYTES -> MemorySegment.ofArray(new byte[(int) bytes + 1]).asSlice(1);
                case HEAP ->
                    type == ElementType.FLOAT32
                            ? MemorySegment.ofArray(new float[values.length + 1])
                                    .asSlice(4)
                            : MemorySegment.ofArray(new double[values.length + 1])
                                    .asSlice(8);
            };
            for (int j = 0; j < values.length; j++) {
                if (type == ElementType.FLOAT32) {
                    segment.setAtIndex(JAVA_FLOAT_UNALIGNED, j, (float) values[j]);
                } else {
                    segment.setAtIndex(JAVA_DOUBLE_UNALIGNED, j, values[j]);
                }
            }
            return segment;
        }

        private double get(MemorySegment segment, int index) {
            return type == ElementType.FLOAT32
                    ? segment.getAtIndex(JAVA_FLOAT_UNALIGNED, index)
                    : segment.getAtIndex(JAVA_DOUBLE_UNALIGNED, index);
        }
    }
}
