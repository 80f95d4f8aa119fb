package org.crossentropy.tck;

import java.util.Arrays;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.spi.TileOperation;
import org.jspecify.annotations.Nullable;

/**
 * What a tile operation must return, one element after the other and straight from the definition of
 * {@link TileOperation}. Elements are held as doubles, which is exact; those of 16 bits as their bit patterns.
 */
final class TileReference {

    private static final int LANES = 16;

    private final TileCase tile;
    private final ElementType type;
    private final int columns;

    /** The tile that is written, and the results. */
    final double[] out;

    final double[] results;

    /** The row in work and its scalars, not rounded. */
    private int row;

    private double r0;
    private double r1;
    private double r2;

    /** Computes a step. */
    TileReference(TileCase tile) {
        this.tile = tile;
        this.type = tile.type();
        this.columns = tile.columns();
        this.out = tile.out().clone();
        this.results = new double[tile.resultCount()];
        Arrays.fill(results, TileCase.UNTOUCHED);
        for (row = 0; row < tile.rows(); row++) {
            r0 = tile.scalar(row, 0);
            r1 = tile.scalar(row, 1);
            r2 = tile.scalar(row, 2);
            row();
        }
    }

    private void row() {
        switch (tile.operation()) {
            case CENTER -> center();
            case CROSS -> cross();
            case ORDER -> order();
            case RANGE -> range();
            default -> {
                for (int j = 0; j < columns; j++) {
                    element(row * columns + j, j);
                }
            }
        }
    }

    private void element(int i, int j) {
        double a = tile.a()[i];
        switch (tile.operation()) {
            case WIDEN_BFLOAT16 -> out[i] = Float.intBitsToFloat((int) a << 16);
            case WIDEN_FLOAT16 -> out[i] = Float.float16ToFloat((short) (int) a);
            case NARROW_BFLOAT16 -> out[i] = narrow(a, 8, -126, 0x7f80);
            case NARROW_FLOAT16 -> out[i] = narrow(a, 11, -14, 0x7c00);
            case SHAPE -> out[i] = rounded(shape(a));
            case SHAPE_GRADIENT -> {
                double u = a * r1;
                out[i] = rounded((out[i] * r0) * Math.fma(-u, u, 1));
            }
            case MASK -> out[i] = tile.mask(row, j) ? a : rounded(r0);
            case TARGETS -> out[i] = rounded(at(tile.column(), j) * Math.fma(r0, a, r1));
            case BLEND -> out[i] = fma(out[i], rounded(r0), -rounded(rounded(r1) * a));
            case TILT -> out[i] = tilt(a, tile.b()[i], out[i]);
            case EXP -> out[i] = CanonicalFunctions.exp(type, a);
            case LOG -> out[i] = rounded(CanonicalFunctions.log(a));
            case RATIO -> out[i] = a == 0 ? 0 : rounded(rounded(r0) * rounded(a / tile.b()[i]));
            case LOGISTIC -> logistic(i, j);
            case SIGMOID_SQUARED -> sigmoidSquared(i);
            case BERNOULLI -> bernoulli(i, j);
            case CENTER, CROSS, ORDER, RANGE -> throw new AssertionError(tile.operation());
        }
    }

    /**
     * Rounds to a format of 16 bits by arithmetic: the number is counted in units of the format's spacing, which is exact.
     *
     * @param precision digits, the leading one included
     * @param leastExponent exponent of the smallest normal number
     * @param infinity bit pattern
     */
    private static double narrow(double a, int precision, int leastExponent, int infinity) {
        int sign = Double.doubleToRawLongBits(a) < 0 ? 0x8000 : 0;
        if (Double.isNaN(a)) {
            return infinity | (1 << (precision - 2));
        }
        if (a == 0 || Double.isInfinite(a)) {
            return a == 0 ? sign : sign | infinity;
        }
        int exponent = Math.max(Math.getExponent(a), leastExponent);
        int units = (int) Math.rint(Math.scalb(Math.abs(a), precision - 1 - exponent));
        // A carry out of the digits runs into the exponent, which is just what it should do.
        int pattern = ((exponent - leastExponent) << (precision - 1)) + units;
        return sign | Math.min(pattern, infinity);
    }

    private double shape(double a) {
        if (r0 == 0) {
            return a / r1;
        }
        double e = CanonicalFunctions.exp(-2 * Math.abs(a / r0));
        return Math.copySign(r0 * ((1 - e) / (1 + e)), a) / r1;
    }

    private double tilt(double a, double b, double old) {
        return b == 0 ? old : fma(rounded(rounded(r0) * b), rounded(rounded(a - rounded(r1)) - rounded(r2)), old);
    }

    private void center() {
        double max = Double.NEGATIVE_INFINITY;
        for (int i = row * columns; i < (row + 1) * columns; i++) {
            max = tile.a()[i] > max ? tile.a()[i] : max;
        }
        results[row] = max == 0 ? 0 : max;
        for (int i = row * columns; i < (row + 1) * columns; i++) {
            out[i] = max == Double.NEGATIVE_INFINITY ? tile.a()[i] : rounded(tile.a()[i] - results[row]);
        }
    }

    private void cross() {
        double[] sums = new double[LANES];
        double[] masses = new double[LANES];
        for (int j = 0; j < columns; j++) {
            double a = tile.a()[row * columns + j];
            if (a != 0) {
                sums[j % LANES] = Math.fma(a, r0 - tile.b()[row * columns + j], sums[j % LANES]);
                masses[j % LANES] += a;
            }
        }
        results[2 * row] = tree(sums, 0, 1);
        results[2 * row + 1] = tree(masses, 0, 1);
    }

    /** The sum of every step-th lane: halves of halves, down to one. */
    private static double tree(double[] lanes, int first, int step) {
        return step == LANES ? lanes[first] : tree(lanes, first, 2 * step) + tree(lanes, first + step, 2 * step);
    }

    private void logistic(int i, int j) {
        double a = tile.a()[i];
        double d = CanonicalFunctions.exp(type, -Math.abs(a));
        double l = CanonicalFunctions.log1p(d);
        double ofP = l + Math.max(-a, 0);
        double ofN = l + Math.max(a, 0);
        double s = positive(a, d);
        double z = negative(a, d);
        double mP = r1 == 0 ? 1 : CanonicalFunctions.exp(-r1 * ofN);
        double mN = r1 == 0 ? 1 : CanonicalFunctions.exp(-r1 * ofP);
        double fP = r1 == 0 ? Math.fma(r2, z, ofP) : mP * ofP;
        double fN = r1 == 0 ? Math.fma(r2, s, ofN) : mN * ofN;
        double gP = r1 == 0 ? -Math.fma(r2 * s, z, z) : -(mP * ((s == 0 ? 0 : (r1 * ofP) * s) + z));
        double gN = r1 == 0 ? Math.fma(r2 * z, s, s) : mN * ((z == 0 ? 0 : (r1 * ofN) * z) + s);
        double p = (at(tile.c(), i) * at(tile.column(), j)) * tile.b()[i];
        double n = at(tile.c(), i) * (1 - tile.b()[i]);
        results[i] = Double.isNaN(a) ? a : term(p, fP) + term(n, fN);
        if (tile.hasOut()) {
            out[i] = Double.isNaN(a) ? a : rounded(r0 * (term(p, gP) + term(n, gN)));
        }
    }

    private void sigmoidSquared(int i) {
        double e = CanonicalFunctions.exp(type, -Math.abs(tile.a()[i]));
        double s = positive(tile.a()[i], e);
        double z = negative(tile.a()[i], e);
        double b = tile.b()[i];
        double c = at(tile.c(), i);
        double d = (1 - b) * s - b * z;
        results[i] = (c * d) * d;
        if (tile.hasOut()) {
            out[i] = rounded(r0 * (((2 * c) * d) * (s * z)));
        }
    }

    private static double positive(double a, double d) {
        double q = 1 / (1 + d);
        return a >= 0 ? q : d * q;
    }

    private static double negative(double a, double d) {
        double q = 1 / (1 + d);
        return a >= 0 ? d * q : q;
    }

    private void bernoulli(int i, int j) {
        double a = tile.a()[i];
        double ofP = -CanonicalFunctions.log(a);
        double ofN = -CanonicalFunctions.log1p(-a);
        double p = (at(tile.c(), i) * at(tile.column(), j)) * tile.b()[i];
        double n = at(tile.c(), i) * (1 - tile.b()[i]);
        double loss = term(p, ofP > r1 ? r1 : ofP) + term(n, ofN > r1 ? r1 : ofN);
        results[i] = Double.isNaN(a) ? a : loss;
        if (tile.hasOut()) {
            double up = n == 0 || ofN > r1 ? 0 : n / (1 - a);
            double down = p == 0 || ofP > r1 ? 0 : p / a;
            out[i] = Double.isNaN(a) ? a : rounded(r0 * (up - down));
        }
    }

    private void order() {
        double[] x = Arrays.copyOfRange(tile.a(), row * columns, (row + 1) * columns);
        double max = Arrays.stream(x).max().orElseThrow();
        int y = (int) r0;
        results[2 * row] = -1;
        results[2 * row + 1] = -1;
        // The stream's maximum is NaN where any element is.
        if (!Double.isNaN(max) && max != Double.NEGATIVE_INFINITY) {
            int best = 0;
            int rank = 0;
            while (x[best] != max) {
                best++;
            }
            for (int j = 0; j < columns && y >= 0; j++) {
                rank += x[j] > x[y] || (x[j] == x[y] && j < y) ? 1 : 0;
            }
            results[2 * row] = best;
            results[2 * row + 1] = y < 0 ? -1 : rank;
        }
    }

    private void range() {
        results[row] = -1;
        for (int j = columns - 1; j >= 0; j--) {
            double x = tile.a()[row * columns + j];
            if (x < r0 || x > r1) {
                results[row] = j;
            }
        }
    }

    /** A factor of 0 wins over an infinity. */
    private static double term(double factor, double value) {
        return factor == 0 ? 0 : factor * value;
    }

    /** An element of an operand, 1 where that is absent. */
    private static double at(double @Nullable [] operand, int i) {
        return operand == null ? 1 : operand[i];
    }

    /** To the type. Rounding one sum, product or quotient of floats to double first changes nothing. */
    private double rounded(double value) {
        return type == ElementType.FLOAT64 ? value : (double) (float) value;
    }

    /** The one operation for which a detour over double would round twice. */
    private double fma(double a, double b, double c) {
        return type == ElementType.FLOAT64 ? Math.fma(a, b, c) : (double) Math.fma((float) a, (float) b, (float) c);
    }
}
