package org.crossentropy.jvm;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;
import org.crossentropy.api.spi.TileStep;

/**
 * The tile operations for float, one element after the other, as {@link org.crossentropy.api.spi.TileOperation} defines
 * them; {@link ScalarDoubleTile} is its twin for double.
 */
class ScalarFloatTile extends TileLoop {

    /**
     * Prepares one step.
     *
     * @param step what to do
     */
    ScalarFloatTile(TileStep step) {
        super(step);
    }

    @Override
    void widenBfloat16(long start, int first) {
        ShortFloats.widenBfloat16(a, out, start + first, columns - first);
    }

    @Override
    void widenFloat16(long start, int first) {
        ShortFloats.widenFloat16(a, out, start + first, columns - first);
    }

    @Override
    void narrowBfloat16(long start, int first) {
        ShortFloats.narrowBfloat16(a, out, start + first, columns - first);
    }

    @Override
    void narrowFloat16(long start, int first) {
        ShortFloats.narrowFloat16(a, out, start + first, columns - first);
    }

    @Override
    void shape(long start, int first) {
        for (long i = start + first; i < start + columns; i++) {
            put(i, (float) TileMath.shape(get(a, i), r0, r1));
        }
    }

    @Override
    void shapeGradient(long start, int first) {
        for (long i = start + first; i < start + columns; i++) {
            put(i, (float) TileMath.shapeGradient(get(out, i), get(a, i), r0, r1));
        }
    }

    @Override
    void mask(long start, long maskStart, int first) {
        for (int j = first; j < columns; j++) {
            put(start + j, c.get(JAVA_BYTE, maskStart + j) != 0 ? get(a, start + j) : (float) r0);
        }
    }

    @Override
    double center(long start) {
        // -0 + 0 is +0.
        float max = largest(start, 0, Float.NEGATIVE_INFINITY) + 0f;
        subtract(start, 0, max == Float.NEGATIVE_INFINITY ? 0f : max);
        return max;
    }

    /** The largest of some elements and a number; NaN skipped. */
    float largest(long start, int first, float atLeast) {
        float max = atLeast;
        for (long i = start + first; i < start + columns; i++) {
            float x = get(a, i);
            max = x > max ? x : max;
        }
        return max;
    }

    void subtract(long start, int first, float shift) {
        for (long i = start + first; i < start + columns; i++) {
            put(i, get(a, i) - shift);
        }
    }

    @Override
    void targets(long start, int first) {
        for (int j = first; j < columns; j++) {
            put(start + j, (float) (columnWeight(j) * Math.fma(r0, get(a, start + j), r1)));
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
        float keep = (float) r0;
        float take = (float) r1;
        for (long i = start + first; i < start + columns; i++) {
            put(i, Math.fma(get(out, i), keep, -(take * get(a, i))));
        }
    }

    @Override
    void tilt(long start, int first) {
        float factor = (float) r0;
        float shift = (float) r1;
        float secondShift = (float) r2;
        for (long i = start + first; i < start + columns; i++) {
            float p = get(b, i);
            if (p != 0f) {
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
            put(i, (float) CanonicalMath.log((double) get(a, i)));
        }
    }

    @Override
    void ratio(long start, int first) {
        float factor = (float) r0;
        for (long i = start + first; i < start + columns; i++) {
            float x = get(a, i);
            put(i, x == 0f ? 0f : factor * (x / get(b, i)));
        }
    }

    @Override
    void logistic(long start, int first) {
        TileMath.Logistic sides = new TileMath.Logistic();
        for (int j = first; j < columns; j++) {
            float x = get(a, start + j);
            sides.set(x, CanonicalMath.exp(-Math.abs(x)), r1, r2);
            double t = get(b, start + j);
            double weight = elementWeight(start + j);
            double p = weight * columnWeight(j) * t;
            double n = weight * (1.0 - t);
            putResult(start + j, nanIf(x, TileMath.term(p, sides.fP) + TileMath.term(n, sides.fN)));
            if (wantOut) {
                double g = r0 * (TileMath.term(p, sides.gP) + TileMath.term(n, sides.gN));
                put(start + j, (float) nanIf(x, g));
            }
        }
    }

    @Override
    void sigmoidSquared(long start, int first) {
        TileMath.Logistic sides = new TileMath.Logistic();
        for (long i = start + first; i < start + columns; i++) {
            float x = get(a, i);
            sides.probabilities(x, CanonicalMath.exp(-Math.abs(x)));
            double t = get(b, i);
            double weight = elementWeight(i);
            double d = (1.0 - t) * sides.s - t * sides.z;
            putResult(i, weight * d * d);
            if (wantOut) {
                put(i, (float) (r0 * (2.0 * weight * d * (sides.s * sides.z))));
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
                put(start + j, (float) nanIf(x, r0 * (up - down)));
            }
        }
    }

    /** At most r1; NaN stays. */
    private double cut(double loss) {
        return loss > r1 ? r1 : loss;
    }

    @Override
    int indexOfLargest(long start) {
        float largest = largest(start, 0, Float.NEGATIVE_INFINITY);
        return largest == Float.NEGATIVE_INFINITY || hasNaN(start, 0) ? -1 : firstEqual(start, 0, largest);
    }

    boolean hasNaN(long start, int first) {
        for (long i = start + first; i < start + columns; i++) {
            if (Float.isNaN(get(a, i))) {
                return true;
            }
        }
        return false;
    }

    /** The first column with a number, which is in the row from the column {@code first} on. */
    int firstEqual(long start, int first, float value) {
        int j = first;
        while (get(a, start + j) != value) {
            j++;
        }
        return j;
    }

    @Override
    int rank(long start, int target) {
        float value = get(a, start + target);
        return countAbove(start, 0, target, value, true) + countAbove(start, target, columns, value, false);
    }

    /** How many elements are above a number, or equal to it if ties count. */
    int countAbove(long start, int first, int end, float value, boolean ties) {
        int count = 0;
        for (int j = first; j < end; j++) {
            float x = get(a, start + j);
            count += x > value || (ties && x == value) ? 1 : 0;
        }
        return count;
    }

    @Override
    int firstOutside(long start, int first) {
        for (int j = first; j < columns; j++) {
            float x = get(a, start + j);
            if (x < (float) r0 || x > (float) r1) {
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

    private static float get(MemorySegment tile, long i) {
        return tile.getAtIndex(JAVA_FLOAT, i);
    }

    /** Stores an element, NaN in its one form. */
    final void put(long i, float value) {
        out.setAtIndex(JAVA_FLOAT, i, Float.isNaN(value) ? Float.NaN : value);
    }
}
