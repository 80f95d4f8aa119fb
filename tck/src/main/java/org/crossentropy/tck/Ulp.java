package org.crossentropy.tck;

import org.crossentropy.api.ElementType;

/**
 * Distances in units in the last place. The unit of an exact value is the spacing of the element type at that value as
 * if its exponents went on for ever, so that a loss of 1e-60 can be judged by float's precision; for stored elements the
 * spacing ends where subnormal numbers do.
 */
public final class Ulp {

    private static final int FLOAT_DIGITS = 23;
    private static final int DOUBLE_DIGITS = 52;

    private Ulp() {}

    /**
     * Returns the spacing of numbers of a precision around a value.
     *
     * @param precision element type that gives the number of bits
     * @param value finite
     * @return the spacing, at least the smallest double
     */
    public static double spacing(ElementType precision, double value) {
        if (value == 0) {
            return Double.MIN_VALUE;
        }
        // Subnormal doubles report the exponent below the least one; scaling up first gives the true one.
        int exponent =
                Math.abs(value) < Double.MIN_NORMAL ? Math.getExponent(value * 0x1p64) - 64 : Math.getExponent(value);
        return Math.max(Double.MIN_VALUE, Math.scalb(1.0, exponent - digits(precision)));
    }

    /**
     * Returns the spacing of stored elements around a value.
     *
     * @param type element type
     * @param value finite
     * @return the spacing, at least that of subnormal elements
     */
    public static double spacingStored(ElementType type, double value) {
        double least = switch (type) {
            case FLOAT32, BFLOAT16, FLOAT16 -> Float.MIN_VALUE;
            case FLOAT64 -> Double.MIN_VALUE;
        };
        return Math.max(least, spacing(type, value));
    }

    /**
     * Returns how far a number is from the exact one.
     *
     * @param actual computed
     * @param exact expected
     * @return the distance; 0 where both are NaN or the same infinity, infinite where only one is
     */
    public static double distance(double actual, DoubleDouble exact) {
        if (Double.isNaN(actual) || Double.isNaN(exact.high())) {
            return Double.isNaN(actual) && Double.isNaN(exact.high()) ? 0 : Double.POSITIVE_INFINITY;
        }
        if (actual == exact.high() && !exact.isFinite()) {
            return 0;
        }
        if (!exact.isFinite() || Double.isInfinite(actual)) {
            return Double.POSITIVE_INFINITY;
        }
        return Math.abs(exact.minus(DoubleDouble.of(actual)).high());
    }

    /**
     * Returns the unit roundoff, half the spacing at 1.
     *
     * @param precision element type
     * @return 2^-24 or 2^-53
     */
    public static double roundoff(ElementType precision) {
        return Math.scalb(1.0, -digits(precision) - 1);
    }

    /**
     * Returns the smallest normal number: below it, exponentials may be taken for 0.
     *
     * @param type element type
     * @return 2^-126 or 2^-1022
     */
    public static double minNormal(ElementType type) {
        return switch (type) {
            case FLOAT32, BFLOAT16, FLOAT16 -> Float.MIN_NORMAL;
            case FLOAT64 -> Double.MIN_NORMAL;
        };
    }

    private static int digits(ElementType precision) {
        return switch (precision) {
            case FLOAT32, BFLOAT16, FLOAT16 -> FLOAT_DIGITS;
            case FLOAT64 -> DOUBLE_DIGITS;
        };
    }
}
