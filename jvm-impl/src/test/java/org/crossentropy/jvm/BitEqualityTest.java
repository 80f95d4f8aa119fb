package org.crossentropy.jvm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.spi.LossKernels;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The scalar kernels and the vector kernels of every width leave the same bits, in compiled code too. */
class BitEqualityTest {

    private static final int[] CLASSES = {
        1, 2, 3, 5, 7, 8, 9, 10, 11, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129, 511, 512, 513, 1000, 1023, 1024,
        1025, 2049, 4097, 32000
    };
    private static final int[] ROWS = {0, 1, 17};
    /** Larger cases are left to the cross-check of all backends. */
    private static final int MOST_ELEMENTS = 33_000;

    private static final LossKernels SCALAR = new ScalarLossKernels();

    static Stream<Integer> classes() {
        return IntStream.of(CLASSES).boxed();
    }

    @ParameterizedTest
    @MethodSource("classes")
    void floatsAgree(int classes) {
        compareAll(ElementType.FLOAT32, classes);
    }

    @ParameterizedTest
    @MethodSource("classes")
    void doublesAgree(int classes) {
        compareAll(ElementType.FLOAT64, classes);
    }

    private static void compareAll(ElementType type, int classes) {
        for (int rows : ROWS) {
            for (RowCase.Data data : RowCase.Data.values()) {
                if ((long) rows * classes <= MOST_ELEMENTS) {
                    long seed = (classes * 31L + rows) * 31 + data.name().hashCode();
                    compare(RowCase.random(type, classes, rows, data, seed));
                }
            }
        }
    }

    private static void compare(RowCase rowCase) {
        long[] expected = rowCase.run(SCALAR);
        for (LossKernels vector : VectorKernelsAtWidth.all()) {
            long[] actual = rowCase.run(vector);
            assertArrayEquals(
                    expected,
                    actual,
                    () -> rowCase + " at width "
                            + VectorKernelsAtWidth.widths()
                                    .toList()
                                    .get(VectorKernelsAtWidth.all().indexOf(vector)));
        }
    }

    /** First calls are interpreted, the last ones compiled by C2. */
    @ParameterizedTest
    @EnumSource(
            value = ElementType.class,
            names = {"FLOAT32", "FLOAT64"})
    void compiledCodeAgreesWithInterpretedCode(ElementType type) {
        for (int classes : new int[] {10, 65, 1030}) {
            RowCase rowCase = RowCase.random(type, classes, 3, RowCase.Data.SPARSE, classes + 5);
            long[] first = rowCase.run(SCALAR);
            for (int repetition = 0; repetition < 12_000; repetition++) {
                assertArrayEquals(first, rowCase.run(SCALAR), rowCase::toString);
                assertArrayEquals(first, rowCase.run(VectorKernelsAtWidth.all().getLast()), rowCase::toString);
            }
        }
    }

    @Test
    void everyWidthOfTheMachineIsTested() {
        assertEquals(
                VectorKernelsAtWidth.widths().count(),
                VectorKernelsAtWidth.all().size());
    }
}
