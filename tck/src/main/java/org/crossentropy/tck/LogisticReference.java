package org.crossentropy.tck;

import org.crossentropy.api.ElementType;

/**
 * What the kernel of binary cross-entropy must return, one element after the other and straight from the definition in
 * {@link org.crossentropy.api.spi}. Elements are held as doubles, which is exact.
 */
final class LogisticReference {

    private final LogisticCase call;
    private final int lanes;
    private final int block;

    final double[] sums;
    final double[] losses;
    final double[] gradient;

    /** Computes a call. */
    LogisticReference(LogisticCase call) {
        this.call = call;
        this.lanes = call.type == ElementType.FLOAT64 ? 16 : 32;
        this.block = call.type == ElementType.FLOAT64 ? 512 : 1024;
        this.sums = new double[call.rows];
        this.losses = new double[call.rows * call.columns];
        this.gradient = new double[call.rows * call.columns];
        for (int row = 0; row < call.rows; row++) {
            double factor = rounded(call.factors[row % call.factors.length]);
            for (int j = 0; j < call.columns; j++) {
                element(row * call.columns + j, j, factor);
            }
            sums[row] = hasTargetOutside(row) ? Double.NaN : sum(row);
        }
    }

    private void element(int i, int j, double factor) {
        double w = call.weights == null ? 1 : call.weights[i];
        if (w == 0) {
            return;
        }
        double x = call.logits[i];
        double t = call.targets[i];
        double e = CanonicalFunctions.exp(call.type, -Math.abs(x));
        double l = CanonicalFunctions.log1p(call.type, e);
        double ofP = rounded(l + (x < 0 ? -x : 0));
        double ofN = rounded(l + (x > 0 ? x : 0));
        double p = rounded(w * (call.positiveWeights == null ? t : rounded(call.positiveWeights[j] * t)));
        double n = rounded(w * rounded(1 - t));
        double f = p == 0 ? 0 : rounded(p * ofP);
        f = n == 0 ? f : fma(n, ofN, f);
        losses[i] = call.positiveWeights == null ? f : fma(l, 0, f);
        double q = rounded(1 / rounded(1 + e));
        double s = x >= 0 ? q : rounded(e * q);
        double z = x >= 0 ? rounded(e * q) : q;
        gradient[i] = rounded(factor * fma(n, s, -rounded(p * z)));
    }

    private boolean hasTargetOutside(int row) {
        boolean outside = false;
        for (int i = row * call.columns; i < (row + 1) * call.columns; i++) {
            outside |= call.targets[i] < 0 || call.targets[i] > 1;
        }
        return outside;
    }

    private double sum(int row) {
        double[] sum = new double[lanes];
        for (int start = 0; start < call.columns; start += block) {
            for (int lane = 0; lane < lanes; lane++) {
                double partial = 0;
                for (int j = start + lane; j < Math.min(start + block, call.columns); j += lanes) {
                    partial = rounded(partial + losses[row * call.columns + j]);
                }
                sum[lane] += partial;
            }
        }
        return tree(sum, 0, 1);
    }

    /** The sum of every step-th lane: halves of halves, down to one. */
    private double tree(double[] values, int first, int step) {
        return step == lanes ? values[first] : tree(values, first, 2 * step) + tree(values, first + step, 2 * step);
    }

    /** Rounding one sum, product or quotient of floats to double first changes nothing. */
    private double rounded(double value) {
        return call.rounded(value);
    }

    /** The one operation for which a detour over double would round twice. */
    private double fma(double a, double b, double c) {
        return call.type == ElementType.FLOAT64
                ? Math.fma(a, b, c)
                : (double) Math.fma((float) a, (float) b, (float) c);
    }
}
