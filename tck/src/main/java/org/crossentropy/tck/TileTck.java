package org.crossentropy.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.fail;

import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.spi.LossKernels;
import org.crossentropy.api.spi.TileOperation;
import org.crossentropy.api.spi.TileStep;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Tile operations, bit by bit against their definition: all of them, in both element types, of many shapes, with
 * operands present and absent, apart and in place, ordinary and special.
 */
public abstract class TileTck {

    private static final long SEED = 20_260_401;

    /** Rows and columns: around the lanes of a sum, of a vector, and beyond. */
    private static final int[][] SHAPES = {
        {1, 1}, {3, 1}, {1, 2}, {7, 3}, {1, 7}, {3, 8}, {2, 15}, {5, 16}, {4, 17}, {3, 31}, {2, 33}, {2, 67}, {2, 1000},
        {1, 4099}
    };

    private static final int DRAWS = 12;

    private static final int PATTERNS = 1 << Short.SIZE;

    /** Called by subclasses. */
    protected TileTck() {}

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
    Stream<DynamicTest> operationsHaveTheBitsOfTheirDefinition() {
        return Arrays.stream(TileOperation.values())
                .map(operation -> DynamicTest.dynamicTest(operation.name(), () -> compareAll(operation)));
    }

    private void compareAll(TileOperation operation) {
        SplittableRandom random = new SplittableRandom(SEED);
        boolean ofFloatAlone = TileCase.WIDENING.contains(operation) || TileCase.NARROWING.contains(operation);
        for (ElementType type : ElementType.ARITHMETIC) {
            if (type == ElementType.FLOAT64 && ofFloatAlone) {
                continue;
            }
            for (int[] shape : SHAPES) {
                for (int draw = 0; draw < DRAWS; draw++) {
                    compare(new TileCase(operation, type, shape[0], shape[1], random));
                }
            }
        }
    }

    /** The formats of 16 bits have so few numbers that all can be tried. */
    @Test
    void everyPatternIsWidened() {
        for (TileOperation operation : TileCase.WIDENING) {
            TileCase tile = new TileCase(operation, ElementType.FLOAT32, 1, PATTERNS, new SplittableRandom(SEED));
            Arrays.setAll(tile.a(), pattern -> pattern);
            compare(tile);
        }
    }

    /** Every sign and exponent of a float, with the bits that decide about rounding in all combinations. */
    @Test
    void floatsOfEveryExponentAreNarrowed() {
        int[] low = {0, 1, 0x0fff, 0x1000, 0x1001, 0x1fff, 0x2000, 0x3000, 0x7fff, 0x8000, 0x8001, 0xffff};
        int[] high = {0, 0x10000, 0x20000, 0x30000, 0x3f0000, 0x400000, 0x550000, 0x7e0000, 0x7f0000};
        int mantissas = low.length * high.length;
        for (TileOperation operation : TileCase.NARROWING) {
            TileCase tile = new TileCase(operation, ElementType.FLOAT32, 512, mantissas, new SplittableRandom(SEED));
            Arrays.setAll(tile.a(), i -> {
                int mantissa = low[i % low.length] | high[i % mantissas / low.length];
                return Float.intBitsToFloat(((i / mantissas) << 23) | mantissa);
            });
            compare(tile);
        }
    }

    @Test
    void noRowsTouchNothing() {
        for (TileOperation operation : TileOperation.values()) {
            compare(new TileCase(operation, ElementType.FLOAT32, 0, 5, new SplittableRandom(SEED)));
        }
    }

    private void compare(TileCase tile) {
        TileReference expected = new TileReference(tile);
        try (Arena arena = Arena.ofConfined()) {
            TileMemory memory = new TileMemory(tile, arena);
            TileStep step = memory.step();
            kernels().tile(step);
            if (tile.hasOut()) {
                for (int i = 0; i < expected.out.length; i++) {
                    same(memory.outBits(expected.out[i]), memory.outBits(i), "out", i, tile);
                }
            }
            for (int i = 0; i < expected.results.length; i++) {
                long bits = Double.doubleToLongBits(expected.results[i]);
                same(bits, memory.resultBits(i), "results", i, tile);
            }
            assertEquals("", memory.damage(), () -> "memory that is not the operation's to write: " + tile);
        }
    }

    private static void same(long expected, long actual, String what, int index, TileCase tile) {
        if (expected != actual) {
            fail(String.format(
                    "%s[%d] has the bits %#x, must be %#x; a is %s%s; scalars of the row %s: %s",
                    what,
                    index,
                    actual,
                    expected,
                    tile.a().length == tile.resultCount() || "out".equals(what) ? tile.a()[index] : "a row",
                    tile.hasB() && tile.b().length > index ? ", b " + tile.b()[index] : "",
                    tile.scalars() == null ? "none" : Arrays.toString(tile.scalars()),
                    tile));
        }
    }
}
