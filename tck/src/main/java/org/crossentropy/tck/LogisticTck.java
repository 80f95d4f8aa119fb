package org.crossentropy.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.lang.foreign.Arena;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.spi.LossKernels;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * The kernel of binary cross-entropy, bit by bit against its definition: in both element types, of many shapes, with operands
 * present and absent and in any kind of memory, ordinary and special. Nothing but the results is written.
 */
public abstract class LogisticTck {

    private static final long SEED = 20_260_601;

    /** Rows and columns: around the lanes of a sum, a block, and beyond two blocks. */
    private static final int[][] SHAPES = {
        {0, 5}, {1, 1}, {3, 1}, {1, 2}, {7, 3}, {5, 15}, {5, 16}, {4, 17}, {3, 31}, {3, 32}, {3, 33}, {2, 67}, {2, 255},
        {2, 257}, {2, 511}, {3, 512}, {2, 513}, {2, 1000}, {2, 1024}, {2, 1025}, {1, 2100}, {1, 4099}
    };

    private static final int DRAWS = 40;

    /** Just below 0 and just above 1, and far. */
    private static final double[] OUTSIDE = {
        -Float.MIN_VALUE, -0.5, Math.nextUp(1f), 2, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY
    };

    /** Called by subclasses. */
    protected LogisticTck() {}

    /**
     * {@return the kernels under test}
     */
    protected abstract LossKernels kernels();

    /** Skips every test of a backend that is not available. */
    @BeforeEach
    void isAvailable() {
        assertNotNull(kernels(), "kernels under test");
    }

    @TestFactory
    Stream<DynamicTest> resultsHaveTheBitsOfTheirDefinition() {
        return ElementType.ARITHMETIC.stream()
                .map(type -> DynamicTest.dynamicTest(type.name(), () -> compareAll(type)));
    }

    private void compareAll(ElementType type) {
        SplittableRandom random = new SplittableRandom(SEED);
        for (int[] shape : SHAPES) {
            for (int draw = 0; draw < DRAWS; draw++) {
                compare(new LogisticCase(type, shape[0], shape[1], random), random);
            }
        }
    }

    /** The sum of its row is NaN even where the element's weight is 0; those of other rows are what they are. */
    @Test
    void targetOutsideMakesTheSumOfItsRowNaN() {
        SplittableRandom random = new SplittableRandom(SEED);
        for (ElementType type : ElementType.ARITHMETIC) {
            for (int columns : new int[] {1, 16, 33, 600, 1100}) {
                for (double outside : OUTSIDE) {
                    LogisticCase call = new LogisticCase(type, 3, columns, random);
                    int at = columns + random.nextInt(columns);
                    call.targets[at] = outside;
                    if (call.weights != null && random.nextBoolean()) {
                        call.weights[at] = 0;
                    }
                    compare(call, random);
                }
            }
        }
    }

    /** Wherever in a row it is: in whole steps of any kernel, or in what is left of them. */
    @Test
    void targetOutsideIsSeenEverywhere() {
        SplittableRandom random = new SplittableRandom(SEED);
        for (ElementType type : ElementType.ARITHMETIC) {
            LogisticCase call = new LogisticCase(type, 1, 150, random);
            for (int j = 0; j < 150; j++) {
                double inside = call.targets[j];
                call.targets[j] = OUTSIDE[j % OUTSIDE.length];
                compare(call, random);
                call.targets[j] = inside;
            }
        }
    }

    private void compare(LogisticCase call, SplittableRandom random) {
        try (Arena arena = Arena.ofConfined()) {
            LogisticMemory memory = new LogisticMemory(call, random, arena);
            kernels().logistic(memory.rows());
            assertEquals("", memory.differences(), call::toString);
        }
    }
}
