package org.crossentropy.api;

/** Sums of numbers that are known by their logarithms. */
final class LogSum {

    private LogSum() {}

    /** {@code log(exp a + exp b)}; NaN of NaN. StrictMath, so that it is the same everywhere. */
    static double of(double a, double b) {
        double most = Math.max(a, b);
        return Double.isInfinite(most) ? most : most + StrictMath.log1p(StrictMath.exp(-Math.abs(a - b)));
    }
}
