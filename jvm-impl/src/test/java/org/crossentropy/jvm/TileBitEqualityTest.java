package org.crossentropy.jvm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.List;
import java.util.stream.Stream;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.spi.LossKernels;
import org.crossentropy.api.spi.TileOperation;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A tile step leaves the same bits with scalar kernels and with vector kernels of every width, in compiled code too. */
class TileBitEqualityTest {

    private static final int[][] SHAPES = {
        {0, 5}, {1, 1}, {3, 1}, {1, 7}, {5, 16}, {4, 17}, {3, 33}, {2, 1000}, {1, 4099}
    };

    /** Every combination of optional operands, and {@link TileCase}'s scalars of both kinds. */
    private static final int VARIANTS = 64;

    /** Enough for C2, which counts the rounds of a loop too. */
    private static final int REPETITIONS = 400;

    private static final LossKernels SCALAR = new ScalarLossKernels();

    static Stream<Arguments> operations() {
        return Stream.of(TileOperation.values())
                .flatMap(operation -> Stream.of(ElementType.FLOAT32, ElementType.FLOAT64)
                        .filter(type -> TileCase.exists(operation, type))
                        .map(type -> Arguments.of(operation, type)));
    }

    @ParameterizedTest
    @MethodSource("operations")
    void widthsAgree(TileOperation operation, ElementType type) {
        for (int[] shape : SHAPES) {
            // Of the combinations every third, of larger shapes every thirteenth, which still has each operand present
            // and absent.
            int step = shape[0] * shape[1] > 100 ? 13 : 3;
            for (TileCase.Data data : TileCase.Data.values()) {
                for (int variant = 0; variant < VARIANTS; variant += step) {
                    compare(TileCase.of(operation, type, shape[0], shape[1], data, variant));
                }
            }
        }
    }

    private static void compare(TileCase tileCase) {
        long[] expected = tileCase.run(SCALAR);
        List<LossKernels> vectors = VectorKernelsAtWidth.all();
        for (int i = 0; i < vectors.size(); i++) {
            int index = i;
            assertArrayEquals(
                    expected,
                    tileCase.run(vectors.get(i)),
                    () -> tileCase + " at width "
                            + VectorKernelsAtWidth.widths().toList().get(index));
        }
    }

    /** First calls are interpreted, the last ones compiled by C2. */
    @ParameterizedTest
    @MethodSource("operations")
    void compiledCodeAgreesWithInterpretedCode(TileOperation operation, ElementType type) {
        TileCase tileCase = TileCase.of(operation, type, 2, 1000, TileCase.Data.SPECIAL, 10);
        long[] first = tileCase.run(SCALAR);
        for (int repetition = 0; repetition < REPETITIONS; repetition++) {
            assertArrayEquals(first, tileCase.run(SCALAR), tileCase::toString);
            assertArrayEquals(first, tileCase.run(VectorKernelsAtWidth.all().getLast()), tileCase::toString);
        }
    }
}
