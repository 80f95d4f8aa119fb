package org.crossentropy.api;

/**
 * A sum of doubles held as two doubles, high + low, each addition exact but for the rounding of the low part (Knuth's
 * two-sum). Infinities and NaN pass through the high part.
 */
final class CompensatedSum {

    private double high;
    private double low;

    void add(double value) {
        double sum = high + value;
        double part = sum - high;
        low += (high - (sum - part)) + (value - part);
        high = sum;
    }

    void add(double valueHigh, double valueLow) {
        add(valueHigh);
        low += valueLow;
    }

    double high() {
        double sum = high + low;
        return Double.isFinite(high) ? sum : high;
    }

    double low() {
        double sum = high + low;
        return Double.isFinite(sum) ? low - (sum - high) : 0;
    }
}
