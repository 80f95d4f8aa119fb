package org.crossentropy.jvm;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Conversions between float and the 16-bit formats, for every pattern of 16 bits and the floats between them. */
class ShortFloatsTest {

    private static final int PATTERNS = 1 << 16;
    private static final short BFLOAT16_NAN = 0x7fc0;
    private static final short FLOAT16_NAN = 0x7e00;

    private final MemorySegment shorts = MemorySegment.ofArray(new short[PATTERNS]);
    private final MemorySegment floats = MemorySegment.ofArray(new float[PATTERNS]);

    @Test
    void everyBfloat16IsTheUpperHalfOfAFloat() {
        putAllPatterns();
        ShortFloats.widenBfloat16(shorts, floats, 0, PATTERNS);
        for (int i = 0; i < PATTERNS; i++) {
            float exact = Float.intBitsToFloat(i << 16);
            assertEquals(Float.floatToIntBits(exact), Float.floatToRawIntBits(floats.getAtIndex(JAVA_FLOAT, i)));
        }
    }

    @Test
    void everyFloat16HasItsValue() {
        putAllPatterns();
        ShortFloats.widenFloat16(shorts, floats, 0, PATTERNS);
        for (int i = 0; i < PATTERNS; i++) {
            assertEquals(
                    Float.floatToIntBits((float) valueOfFloat16(i)),
                    Float.floatToRawIntBits(floats.getAtIndex(JAVA_FLOAT, i)));
        }
    }

    @Test
    void everyPatternComesBack() {
        putAllPatterns();
        ShortFloats.widenBfloat16(shorts, floats, 0, PATTERNS);
        ShortFloats.narrowBfloat16(floats, shorts, 0, PATTERNS);
        for (int i = 0; i < PATTERNS; i++) {
            boolean nan = Float.isNaN(floats.getAtIndex(JAVA_FLOAT, i));
            assertEquals(nan ? BFLOAT16_NAN : (short) i, shorts.getAtIndex(JAVA_SHORT, i));
        }
        putAllPatterns();
        ShortFloats.widenFloat16(shorts, floats, 0, PATTERNS);
        ShortFloats.narrowFloat16(floats, shorts, 0, PATTERNS);
        for (int i = 0; i < PATTERNS; i++) {
            boolean nan = Float.isNaN(floats.getAtIndex(JAVA_FLOAT, i));
            assertEquals(nan ? FLOAT16_NAN : (short) i, shorts.getAtIndex(JAVA_SHORT, i));
        }
    }

    @Test
    void halfwayGoesToTheEvenNeighbourAndTheRestToTheNearest() {
        for (int upper = 0; upper < 0x7f80; upper++) {
            int tie = upper << 16 | 0x8000;
            assertEquals((short) (upper + (upper & 1)), narrowBfloat16(Float.intBitsToFloat(tie)));
            assertEquals((short) upper, narrowBfloat16(Float.intBitsToFloat(tie - 1)));
            assertEquals((short) (upper + 1), narrowBfloat16(Float.intBitsToFloat(tie + 1)));
            assertEquals((short) (upper + 1 | 0x8000), narrowBfloat16(-Float.intBitsToFloat(tie + 1)));
        }
        for (int i = 0; i < 0x7bff; i++) {
            float tie = (float) ((valueOfFloat16(i) + valueOfFloat16(i + 1)) / 2);
            assertEquals((short) (i + (i & 1)), narrowFloat16(tie));
            assertEquals((short) i, narrowFloat16(Math.nextDown(tie)));
            assertEquals((short) (i + 1), narrowFloat16(Math.nextUp(tie)));
        }
        assertEquals((short) 0x7bff, narrowFloat16(Math.nextDown(65520f)));
        assertEquals((short) 0x7c00, narrowFloat16(65520f));
    }

    /** The nearest of the neighbours by value; infinity counts as the next power of two. */
    @Test
    void randomFloatsGoToTheNearestBfloat16() {
        Random random = new Random(42);
        for (int i = 0; i < PATTERNS; i++) {
            float x = Math.abs(Float.intBitsToFloat(random.nextInt()));
            if (!Float.isFinite(x)) {
                continue;
            }
            int below = Float.floatToRawIntBits(x) >>> 16;
            double lower = valueOfBfloat16(below);
            double upper = valueOfBfloat16(below + 1);
            boolean up = x - lower > upper - x || (x - lower == upper - x && (below & 1) == 1);
            assertEquals((short) (up ? below + 1 : below), narrowBfloat16(x), () -> "of " + x);
        }
    }

    @Test
    void randomFloatsGoWhereTheJdkPutsThem() {
        Random random = new Random(43);
        for (int i = 0; i < 10 * PATTERNS; i++) {
            float x = Float.intBitsToFloat(random.nextInt());
            assertEquals(Float.isNaN(x) ? FLOAT16_NAN : Float.floatToFloat16(x), narrowFloat16(x), () -> "of " + x);
        }
    }

    private void putAllPatterns() {
        for (int i = 0; i < PATTERNS; i++) {
            shorts.setAtIndex(JAVA_SHORT, i, (short) i);
        }
    }

    private short narrowBfloat16(float x) {
        floats.setAtIndex(JAVA_FLOAT, 0, x);
        ShortFloats.narrowBfloat16(floats, shorts, 0, 1);
        return shorts.getAtIndex(JAVA_SHORT, 0);
    }

    private short narrowFloat16(float x) {
        floats.setAtIndex(JAVA_FLOAT, 0, x);
        ShortFloats.narrowFloat16(floats, shorts, 0, 1);
        return shorts.getAtIndex(JAVA_SHORT, 0);
    }

    private static double valueOfBfloat16(int bits) {
        return bits == 0x7f80 ? 0x1p128 : Float.intBitsToFloat(bits << 16);
    }

    /** By the definition of IEEE 754 binary16. */
    private static double valueOfFloat16(int bits) {
        double sign = (bits & 0x8000) == 0 ? 1 : -1;
        int exponent = bits >> 10 & 31;
        int fraction = bits & 1023;
        if (exponent == 31) {
            return fraction == 0 ? sign * Double.POSITIVE_INFINITY : Double.NaN;
        }
        return exponent == 0
                ? sign * Math.scalb((double) fraction, -24)
                : sign * Math.scalb(1024.0 + fraction, exponent - 25);
    }
}
