package org.crossentropy.jvm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.List;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.spi.LossKernels;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Binary cross-entropy leaves the same bits with scalar kernels and with vector kernels of every width, on the heap and off
 * it, in compiled code too.
 */
class LogisticBitEqualityTest {

    /** Around the lanes of a sum, a chunk, a block, and beyond two blocks. */
    private static final int[][] SHAPES = {
        {0, 5}, {1, 1}, {3, 1}, {1, 7}, {5, 16}, {4, 17}, {3, 31}, {2, 33}, {2, 67}, {1, 255}, {1, 256}, {2, 257},
        {1, 511}, {2, 513}, {1, 1000}, {1, 1024}, {2, 1025}, {1, 2100}, {1, 4099}
    };

    /** Enough for C2, which counts the rounds of a loop too. */
    private static final int REPETITIONS = 400;

    private static final LossKernels SCALAR = new ScalarLossKernels();

    @ParameterizedTest
    @EnumSource(names = {"FLOAT32", "FLOAT64"})
    void widthsAgree(ElementType type) {
        for (int[] shape : SHAPES) {
            // Of the combinations of larger shapes every fifth, which still has each operand present and absent.
            int step = shape[0] * shape[1] > 100 ? 5 : 1;
            for (LogisticCase.Data data : LogisticCase.Data.values()) {
                for (int variant = 0; variant < LogisticCase.VARIANTS; variant += step) {
                    compare(LogisticCase.of(type, shape[0], shape[1], data, variant));
                }
            }
        }
    }

    private static void compare(LogisticCase call) {
        byte[] expected = call.run(SCALAR, false);
        assertArrayEquals(expected, call.run(SCALAR, true), () -> call + " on the heap");
        List<LossKernels> vectors = VectorKernelsAtWidth.all();
        for (int i = 0; i < vectors.size(); i++) {
            int index = i;
            for (boolean onHeap : new boolean[] {false, true}) {
                assertArrayEquals(
                        expected,
                        call.run(vectors.get(i), onHeap),
                        () -> call + (onHeap ? " on the heap" : " off the heap") + " at width "
                                + VectorKernelsAtWidth.widths().toList().get(index));
            }
        }
    }

    /** First calls are interpreted, the last ones compiled by C2. */
    @ParameterizedTest
    @EnumSource(names = {"FLOAT32", "FLOAT64"})
    void compiledCodeAgreesWithInterpretedCode(ElementType type) {
        LogisticCase call = LogisticCase.of(type, 2, 1500, LogisticCase.Data.SPECIAL, 15);
        byte[] first = call.run(SCALAR, false);
        for (int repetition = 0; repetition < REPETITIONS; repetition++) {
            assertArrayEquals(first, call.run(SCALAR, false), call::toString);
            assertArrayEquals(first, call.run(VectorKernelsAtWidth.all().getLast(), false), call::toString);
        }
    }
}
