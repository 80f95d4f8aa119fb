package org.crossentropy.api;

/** Conversions of single numbers to and from bfloat16, the upper half of a float. */
final class Bfloat16 {

    private static final short NAN = 0x7fc0;

    private Bfloat16() {}

    static float toFloat(short bits) {
        return Float.intBitsToFloat(bits << 16);
    }

    /** Rounds to nearest even, by adding just less than half of the last place kept, or half where that is odd. */
    static short of(float value) {
        int bits = Float.floatToRawIntBits(value);
        return Float.isNaN(value) ? NAN : (short) ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16);
    }
}
