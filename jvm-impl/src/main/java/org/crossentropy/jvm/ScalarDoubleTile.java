package org.crossentropy.jvm;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;

import java.lang.foreign.MemorySegment;
import org.crossentropy.api.spi.TileStep;

/**
 * The tile operations for double, one element after the other, as {@link org.crossentropy.api.spi.TileOperation} defines
 * them; {@link ScalarFloatTile} is its twin for float.
 */
class ScalarDoubleTile extends TileLoop {

    /**
     * Prepares one step.
     *
     * @param step what to do
     */
    ScalarDoubleTile(TileStep step) {
        super(step);
    }

    @Override
    void shape(long start, int first) {
        for (long i = start + first; i < start + columns; i++) {
            put(i, TileMath.shape(get(a, i), r0, r1));
        }
    }

    @Override
    void shapeGradient(long start, int first) {
        for (long i = start + first; i < start + columns; i++) {
            put(i, TileMath.shapeGradient(get(out, i), get(a, i), r0, r1));
        }
    }

    @Override
    void mask(long start, long maskStart, int first) {
        for (int j = first; j < columns; j++) {
            put(start + j, c.get(JAVA_BYTE, maskStart + j) != 0 ? get(a, start + j) : r0);
        }
    }

    @Override
    double center(long start) {
        // -0 + 0 is +0.
        double max = largest(start, 0, Double.NEGATIVE_INFINITY) + 0.0;
        subtract(start, 0, max == Double.NEGATIVE_INFINITY ? 0.0 : max);
        return max;
    }

    /** The largest of some elements and a number; NaN skipped. */
    double largest(long start, int first, double atLeast) {
        double max = atLeast;
        for (long i = start + first; i < start + columns; i++) {
            double x = get(a, i);
            max = x > max ? x : max;
        }
        return max;
    }

    void subtract(long start, int first, double shift) {
        for (long i = start + first; i < start + columns; i++) {
            put(i, get(a, i) - shift);
        }
    }

    @Override
    void targets(long start, int first) {
        for (int j = first; j < columns; j++) {
            put(start + j, columnWeight(j) * Math.fma(r0, get(a, start + j), r1));
        }
    }

    @Override
    void addCross(long start, int first, double[] sums, double[] masses) {
        for (int j = first; j < columns; j++) {
            double mass = get(a, start + j);
            if (mass != 0) {
                sums[j % LANES] = Math.fma(mass, r0 - get(b, start + j), sums[j % LANES]);
                masses[j % LANES] += mass;
            }
        }
    }

    @Override
    void blend(long start, int first) {
        double keep = r0;
        double take = r1;
        for (long i = start + first; i < start + columns; i++) {
            put(i, Math.fma(get(out, i), keep, -(take * get(a, i))));
        }
    }

    @Override
    void tilt(long start, int first) {
        double factor = r0;
        double shift = r1;
        double secondShift = r2;
        for (long i = start + first; i < start + columns; i++) {
            double p = get(b, i);
            if (p != 0.0) {
                put(i, Math.fma(factor * p, (get(a, i) - shift) - secondShift, get(out, i)));
            }
        }
    }

    @Override
    void exp(long start, int first) {
        for (long i = start + first; i < start + columns; i++) {
            put(i, CanonicalMath.expOfAny(get(a, i)));
        }
    }

    @Override
    void log(long start, int first) {
        for (long i = start + first; i < start + columns; i++) {
            put(i, CanonicalMath.log(get(a, i)));
        }
    }

    @Override
    void ratio(long start, int first) {
        double factor = r0;
        for (long i = start + first; i < start + columns; i++) {
            double x = get(a, i);
            put(i, x == 0.0 ? 0.0 : factor * (x / get(b, i)));
        }
    }

    @Override
    void logistic(long start, int first) {
        TileMath.Logistic sides = new TileMath.Logistic();
        for (int j = first; j < columns; j++) {
            double x = get(a, start + j);
            sides.set(x, CanonicalMath.exp(-Math.abs(x)), r1, r2);
            double t = get(b, start + j);
            double weight = elementWeight(start + j);
            double p = weight * columnWeight(j) * t;
            double n = weight * (1.0 - t);
            putResult(start + j, nanIf(x, TileMath.term(p, sides.fP) + TileMath.term(n, sides.fN)));
            if (wantOut) {
                double g = r0 * (TileMath.term(p, sides.gP) + TileMath.term(n, sides.gN));
                put(start + j, nanIf(x, g));
            }
        }
    }

    @Override
    void sigmoidSquared(long start, int first) {
        TileMath.Logistic sides = new TileMath.Logistic();
        for (long i = start + first; i < start + columns; i++) {
            double x = get(a, i);
            sides.probabilities(x, CanonicalMath.exp(-Math.abs(x)));
            double t = get(b, i);
            double weight = elementWeight(i);
            double d = (1.0 - t) * sides.s - t * sides.z;
            putResult(i, weight * d * d);
            if (wantOut) {
                put(i, r0 * (2.0 * weight * d * (sides.s * sides.z)));
            }
        }
    }

    @Override
    void bernoulli(long start, int first) {
        for (int j = first; j < columns; j++) {
            double x = get(a, start + j);
            double t = get(b, start + j);
            double weight = elementWeight(start + j);
            double p = weight * columnWeight(j) * t;
            double n = weight * (1.0 - t);
            double ofPositive = -CanonicalMath.log(x);
            double ofNegative = -CanonicalMath.log1pFromMinusOne(-x);
            double loss = TileMath.term(p, cut(ofPositive)) + TileMath.term(n, cut(ofNegative));
            putResult(start + j, nanIf(x, loss));
            if (wantOut) {
                double up = n == 0 || ofNegative > r1 ? 0.0 : n / (1.0 - x);
                double down = p == 0 || ofPositive > r1 ? 0.0 : p / x;
                put(start + j, nanIf(x, r0 * (up - down)));
            }
        }
    }

    /** At most r1; NaN stays. */
    private double cut(double loss) {
        return loss > r1 ? r1 : loss;
    }

    @Override
    int indexOfLargest(long start) {
        double largest = largest(start, 0, Double.NEGATIVE_INFINITY);
        return largest == Double.NEGATIVE_INFINITY || hasNaN(start, 0) ? -1 : firstEqual(start, 0, largest);
    }

    boolean hasNaN(long start, int first) {
        for (long i = start + first; i < start + columns; i++) {
            if (Double.isNaN(get(a, i))) {
                return true;
            }
        }
        return false;
    }

    /** The first column with a number, which is in the row from the column {@code first} on. */
    int firstEqual(long start, int first, double value) {
        int j = first;
        while (get(a, start + j) != value) {
            j++;
        }
        return j;
    }

    @Override
    int rank(long start, int target) {
        double value = get(a, start + target);
        return countAbove(start, 0, target, value, true) + countAbove(start, target, columns, value, false);
    }

    /** How many elements are above a number, or equal to it if ties count. */
    int countAbove(long start, int first, int end, double value, boolean ties) {
        int count = 0;
        for (int j = first; j < end; j++) {
            double x = get(a, start + j);
            count += x > value || (ties && x == value) ? 1 : 0;
        }
        return count;
    }

    @Override
    int firstOutside(long start, int first) {
        for (int j = first; j < columns; j++) {
            double x = get(a, start + j);
            if (x < r0 || x > r1) {
                return j;
            }
        }
        return -1;
    }

    private double elementWeight(long i) {
        return hasC ? get(c, i) : 1.0;
    }

    private double columnWeight(int j) {
        return hasColumn ? get(column, j) : 1.0;
    }

    /** The value, unless the input was NaN: a term left out must not hide that. */
    private static double nanIf(double input, double value) {
        return Double.isNaN(input) ? Double.NaN : value;
    }

    private static double get(MemorySegment tile, long i) {
        return tile.getAtIndex(JAVA_DOUBLE, i);
    }

    /** Stores an element, NaN in its one form. */
    final void put(long i, double value) {
        out.setAtIndex(JAVA_DOUBLE, i, Double.isNaN(value) ? Double.NaN : value);
    }
}
