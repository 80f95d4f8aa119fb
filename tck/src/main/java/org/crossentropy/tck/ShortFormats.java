package org.crossentropy.tck;

import org.crossentropy.api.ElementType;

/** The formats of 16 bits as sets of numbers, apart from any conversion of bits. */
final class ShortFormats {

    private ShortFormats() {}

    /**
     * Returns the nearest number of a format, of two equally near the even one.
     *
     * @param type a format of 16 bits
     * @param value a number of float
     * @return the nearest; infinite from half a unit beyond the largest on
     */
    static double nearest(ElementType type, double value) {
        if (!Double.isFinite(value) || value == 0) {
            return value;
        }
        int digits = type == ElementType.BFLOAT16 ? 8 : 11;
        int leastExponent = type == ElementType.BFLOAT16 ? -126 : -14;
        int greatestExponent = type == ElementType.BFLOAT16 ? 127 : 15;
        int exponent = Math.max(Math.getExponent(value), leastExponent);
        double unit = Math.scalb(1.0, exponent - digits + 1);
        // Exact but for rint, which rounds halves to even.
        double rounded = Math.rint(value / unit) * unit;
        boolean beyond = Math.abs(rounded) >= Math.scalb(1.0, greatestExponent + 1);
        return beyond ? Math.copySign(Double.POSITIVE_INFINITY, value) : rounded;
    }
}
