package org.crossentropy.jvm;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemorySegment;

/** Conversions between float and the two 16-bit formats, to nearest even; NaN has one form in each format. */
final class ShortFloats {

    private static final short BFLOAT16_NAN = 0x7fc0;
    private static final short FLOAT16_NAN = 0x7e00;

    private ShortFloats() {}

    static void widenBfloat16(MemorySegment shorts, MemorySegment floats, long start, int count) {
        for (long i = start; i < start + count; i++) {
            float value = Float.intBitsToFloat(shorts.getAtIndex(JAVA_SHORT, i) << 16);
            floats.setAtIndex(JAVA_FLOAT, i, Float.isNaN(value) ? Float.NaN : value);
        }
    }

    static void widenFloat16(MemorySegment shorts, MemorySegment floats, long start, int count) {
        for (long i = start; i < start + count; i++) {
            float value = Float.float16ToFloat(shorts.getAtIndex(JAVA_SHORT, i));
            floats.setAtIndex(JAVA_FLOAT, i, Float.isNaN(value) ? Float.NaN : value);
        }
    }

    static void narrowBfloat16(MemorySegment floats, MemorySegment shorts, long start, int count) {
        for (long i = start; i < start + count; i++) {
            shorts.setAtIndex(JAVA_SHORT, i, bfloat16(floats.getAtIndex(JAVA_FLOAT, i)));
        }
    }

    static void narrowFloat16(MemorySegment floats, MemorySegment shorts, long start, int count) {
        for (long i = start; i < start + count; i++) {
            float value = floats.getAtIndex(JAVA_FLOAT, i);
            shorts.setAtIndex(JAVA_SHORT, i, Float.isNaN(value) ? FLOAT16_NAN : Float.floatToFloat16(value));
        }
    }

    /** Rounds by adding just less than half of the last place kept, or half where that place is odd. */
    private static short bfloat16(float value) {
        if (Float.isNaN(value)) {
            return BFLOAT16_NAN;
        }
        int bits = Float.floatToRawIntBits(value);
        return (short) ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16);
    }
}
