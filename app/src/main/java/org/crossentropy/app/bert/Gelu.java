package org.crossentropy.app.bert;

/**
 * The Gaussian error linear unit (Hendrycks and Gimpel 2016), exactly: {@code x P(x)}, P being the distribution function
 * of the standard normal distribution, {@code (1 + erf(x / sqrt 2)) / 2}; not the approximation by tanh. Beyond 8 it is 0
 * or x; the error is below 1e-9 before rounding to float.
 */
final class Gelu {

    /** Nodes of the table for each unit. */
    private static final int FINENESS = 32;

    /** Where P is 0 or 1 to 15 digits. */
    private static final int BOUND = 8;

    private static final int NODES = 2 * BOUND * FINENESS + 1;

    /** P at the nodes, from -BOUND to BOUND. */
    private static final double[] DISTRIBUTION = new double[NODES];

    /** Its derivative there. */
    private static final double[] DENSITY = new double[NODES];

    static {
        for (int i = 0; i < NODES; i++) {
            double node = (double) i / FINENESS - BOUND;
            DISTRIBUTION[i] = distribution(node);
            DENSITY[i] = density(node);
        }
    }

    private Gelu() {}

    static void apply(float[] values) {
        for (int j = 0; j < values.length; j++) {
            values[j] = of(values[j]);
        }
    }

    /** NaN stays NaN. */
    static float of(float x) {
        if (x >= BOUND) {
            return x;
        }
        if (x <= -BOUND) {
            return 0;
        }
        int node = (int) Math.rint(((double) x + BOUND) * FINENESS);
        double a = (double) node / FINENESS - BOUND;
        double d = x - a;
        // Taylor's series of P at the node: each derivative is the density times a Hermite polynomial of a.
        double second = -a;
        double third = a * a - 1;
        double fourth = (3 - a * a) * a;
        double series = 1 + d * (second / 2 + d * (third / 6 + d * (fourth / 24)));
        return (float) (x * (DISTRIBUTION[node] + DENSITY[node] * d * series));
    }

    private static double density(double x) {
        return Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
    }

    /** {@code P(x) = 1/2 + density(x) (x + x^3/3 + x^5/(3 5) + ...)}. */
    private static double distribution(double x) {
        double term = x;
        double sum = x;
        for (int k = 3; Math.abs(term) > Math.ulp(sum); k += 2) {
            term *= x * x / k;
            sum += term;
        }
        return 0.5 + density(x) * sum;
    }
}
