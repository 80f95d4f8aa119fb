package org.crossentropy.api;

/** Functions of the logarithm of a ratio of probabilities; StrictMath, so that they are the same everywhere. */
final class LogRatio {

    /** Below this the series converges to the last digit within its terms. */
    private static final double SMALL = 0.125;

    private static final int TERMS = 12;

    private LogRatio() {}

    /** The ratio itself; +inf from about 709.8 on. */
    static double ratio(double logRatio) {
        return StrictMath.exp(logRatio);
    }

    /**
     * Returns {@code e^d - 1 - d}, at least 0: what a sample contributes to a divergence of Kullback and Leibler when d is the
     * logarithm of the ratio of the other probability to the one it was drawn with (k3 of Schulman 2020). Without the
     * cancellation that the formula has near 0.
     */
    static double excess(double d) {
        if (Double.isInfinite(d)) {
            return Double.POSITIVE_INFINITY;
        }
        if (Math.abs(d) >= SMALL) {
            return StrictMath.expm1(d) - d;
        }
        double sum = 1;
        for (int n = TERMS; n > 2; n--) {
            sum = 1 + d / n * sum;
        }
        return d * d / 2 * sum;
    }
}
