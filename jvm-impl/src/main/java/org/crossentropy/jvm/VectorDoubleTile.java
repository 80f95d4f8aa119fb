package org.crossentropy.jvm;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static jdk.incubator.vector.VectorOperators.EQ;
import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LT;
import static jdk.incubator.vector.VectorOperators.NE;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.Arrays;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;
import org.crossentropy.api.spi.TileStep;

/**
 * The tile operations for double in vectors. Short ones work on as many elements as fill whole vectors, and leave the rest of
 * the row to {@link ScalarDoubleTile}, which computes the same bits; those of many steps go through {@link VectorTileMath}
 * in chunks. {@link VectorFloatTile} is its twin for float.
 */
final class VectorDoubleTile extends ScalarDoubleTile {

    private static final VectorSpecies<Double> SPECIES = VectorWidth.DOUBLES;
    private static final int WIDTH = SPECIES.length();
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();

    /** As many bytes as there are doubles in a vector, or in several where a vector cannot be so short. */
    private static final VectorSpecies<Byte> BYTES =
            VectorSpecies.of(byte.class, VectorShape.forBitSize(Math.max(64, Byte.SIZE * WIDTH)));

    private final VectorTileMath math;

    /**
     * Prepares one step.
     *
     * @param step what to do
     */
    VectorDoubleTile(TileStep step) {
        super(step);
        math = new VectorTileMath(isTranscendental() ? columns : 0);
    }

    @Override
    void shape(long start, int first) {
        if (r0 == 0) {
            divide(start, first);
            return;
        }
        for (int j = first; j < columns; j += VectorTileMath.CHUNK) {
            int count = Math.min(VectorTileMath.CHUNK, columns - j);
            load(a, start + j, math.a, count);
            math.shape(count, r0, r1);
            putAll(start + j, math.a, count);
        }
    }

    /** The temperature alone. */
    private void divide(long start, int first) {
        int whole = columns & -WIDTH;
        for (int j = first; j < whole; j += WIDTH) {
            put(start + j, get(a, start + j).div(r1));
        }
        super.shape(start, whole);
    }

    @Override
    void shapeGradient(long start, int first) {
        int whole = columns & -WIDTH;
        for (int j = first; j < whole; j += WIDTH) {
            DoubleVector shaped = get(a, start + j);
            DoubleVector u = shaped.mul(r1);
            put(start + j, get(out, start + j).mul(r0).mul(u.neg().fma(u, constant(1.0))));
        }
        super.shapeGradient(start, whole);
    }

    @Override
    void mask(long start, long maskStart, int first) {
        int whole = columns & -BYTES.length();
        for (int j = first; j < whole; j += BYTES.length()) {
            long kept = ByteVector.fromMemorySegment(BYTES, c, maskStart + j, ORDER)
                    .compare(NE, (byte) 0)
                    .toLong();
            for (int k = 0; k < BYTES.length(); k += WIDTH) {
                VectorMask<Double> replaced = VectorMask.fromLong(SPECIES, ~(kept >>> k));
                put(start + j + k, get(a, start + j + k).blend(r0, replaced));
            }
        }
        super.mask(start, maskStart, whole);
    }

    @Override
    double largest(long start, int first, double atLeast) {
        int whole = columns & -WIDTH;
        DoubleVector max = DoubleVector.broadcast(SPECIES, atLeast);
        // Compare and blend, since max() spends several instructions on NaN and -0.
        for (int j = first; j < whole; j += WIDTH) {
            DoubleVector x = get(a, start + j);
            max = max.blend(x, x.compare(GT, max));
        }
        return super.largest(start, whole, VectorWidth.largest(max));
    }

    @Override
    void subtract(long start, int first, double shift) {
        int whole = columns & -WIDTH;
        for (int j = first; j < whole; j += WIDTH) {
            put(start + j, get(a, start + j).sub(shift));
        }
        super.subtract(start, whole, shift);
    }

    @Override
    void targets(long start, int first) {
        int whole = columns & -WIDTH;
        for (int j = first; j < whole; j += WIDTH) {
            DoubleVector target = constant(r0).fma(get(a, start + j), constant(r1));
            put(start + j, hasColumn ? get(column, j).mul(target) : target);
        }
        super.targets(start, whole);
    }

    @Override
    void addCross(long start, int first, double[] sums, double[] masses) {
        int whole = columns & -LANES;
        DoubleVector offset = constant(r0);
        for (int lane = 0; lane < LANES; lane += WIDTH) {
            DoubleVector sum = DoubleVector.fromArray(SPECIES, sums, lane);
            DoubleVector total = DoubleVector.fromArray(SPECIES, masses, lane);
            for (int j = first + lane; j < whole; j += LANES) {
                DoubleVector mass = get(a, start + j);
                DoubleVector distance = offset.sub(get(b, start + j));
                sum = sum.blend(mass.fma(distance, sum), mass.compare(NE, 0.0));
                // A mass of 0 changes no total.
                total = total.add(mass);
            }
            sum.intoArray(sums, lane);
            total.intoArray(masses, lane);
        }
        super.addCross(start, whole, sums, masses);
    }

    @Override
    void blend(long start, int first) {
        int whole = columns & -WIDTH;
        DoubleVector keep = DoubleVector.broadcast(SPECIES, r0);
        DoubleVector take = DoubleVector.broadcast(SPECIES, r1);
        for (int j = first; j < whole; j += WIDTH) {
            DoubleVector taken = take.mul(get(a, start + j));
            put(start + j, get(out, start + j).fma(keep, taken.neg()));
        }
        super.blend(start, whole);
    }

    @Override
    void tilt(long start, int first) {
        int whole = columns & -WIDTH;
        for (int j = first; j < whole; j += WIDTH) {
            DoubleVector p = get(b, start + j);
            DoubleVector old = get(out, start + j);
            DoubleVector distance = get(a, start + j).sub(r1).sub(r2);
            DoubleVector tilted = canonical(p.mul(r0).fma(distance, old));
            VectorWidth.store(old.blend(tilted, p.compare(NE, 0.0)), out, (start + j) * Double.BYTES, 0);
        }
        super.tilt(start, whole);
    }

    @Override
    void exp(long start, int first) {
        for (int j = first; j < columns; j += VectorTileMath.CHUNK) {
            int count = Math.min(VectorTileMath.CHUNK, columns - j);
            load(a, start + j, math.a, count);
            VectorTileMath.exp(math.a, count);
            putAll(start + j, math.a, count);
        }
    }

    @Override
    void log(long start, int first) {
        for (int j = first; j < columns; j += VectorTileMath.CHUNK) {
            int count = Math.min(VectorTileMath.CHUNK, columns - j);
            load(a, start + j, math.a, count);
            math.logOfElements(count);
            putAll(start + j, math.a, count);
        }
    }

    @Override
    void ratio(long start, int first) {
        int whole = columns & -WIDTH;
        for (int j = first; j < whole; j += WIDTH) {
            DoubleVector x = get(a, start + j);
            DoubleVector ratio = x.div(get(b, start + j)).mul(r0);
            put(start + j, ratio.blend(0.0, x.compare(EQ, 0.0)));
        }
        super.ratio(start, whole);
    }

    @Override
    void logistic(long start, int first) {
        for (int j = first; j < columns; j += VectorTileMath.CHUNK) {
            int count = Math.min(VectorTileMath.CHUNK, columns - j);
            loadWithSides(start, j, count);
            math.expOfMinusAbs(count);
            math.logistic(count, r1, r2, r0);
            putLosses(start + j, count);
        }
    }

    @Override
    void sigmoidSquared(long start, int first) {
        for (int j = first; j < columns; j += VectorTileMath.CHUNK) {
            int count = Math.min(VectorTileMath.CHUNK, columns - j);
            load(a, start + j, math.a, count);
            load(b, start + j, math.p, count);
            loadOrOnes(c, hasC, start + j, math.n, count);
            math.expOfMinusAbs(count);
            math.sigmoidSquared(count, r0);
            putLosses(start + j, count);
        }
    }

    @Override
    void bernoulli(long start, int first) {
        for (int j = first; j < columns; j += VectorTileMath.CHUNK) {
            int count = Math.min(VectorTileMath.CHUNK, columns - j);
            loadWithSides(start, j, count);
            math.bernoulli(count, r1, r0);
            putLosses(start + j, count);
        }
    }

    private void loadWithSides(long start, int j, int count) {
        load(a, start + j, math.a, count);
        loadOrOnes(c, hasC, start + j, math.n, count);
        loadOrOnes(column, hasColumn, j, math.d, count);
        load(b, start + j, math.p, count);
        math.weighSides(count);
    }

    private static void loadOrOnes(MemorySegment tile, boolean present, long i, double[] to, int count) {
        if (present) {
            load(tile, i, to, count);
        } else {
            Arrays.fill(to, 1.0);
        }
    }

    private void putLosses(long i, int count) {
        putResults(i, math.loss, count);
        if (wantOut) {
            putAll(i, math.gradient, count);
        }
    }

    @Override
    boolean hasNaN(long start, int first) {
        int whole = columns & -WIDTH;
        for (int j = first; j < whole; j += WIDTH) {
            DoubleVector x = get(a, start + j);
            if (x.compare(NE, x).anyTrue()) {
                return true;
            }
        }
        return super.hasNaN(start, whole);
    }

    @Override
    int firstEqual(long start, int first, double value) {
        int whole = columns & -WIDTH;
        for (int j = first; j < whole; j += WIDTH) {
            VectorMask<Double> equal = get(a, start + j).compare(EQ, value);
            if (equal.anyTrue()) {
                return j + equal.firstTrue();
            }
        }
        return super.firstEqual(start, whole, value);
    }

    @Override
    int countAbove(long start, int first, int end, double value, boolean ties) {
        int whole = first + ((end - first) & -WIDTH);
        int count = 0;
        for (int j = first; j < whole; j += WIDTH) {
            DoubleVector x = get(a, start + j);
            count += (ties ? x.compare(GE, value) : x.compare(GT, value)).trueCount();
        }
        return count + super.countAbove(start, whole, end, value, ties);
    }

    @Override
    int firstOutside(long start, int first) {
        int whole = columns & -WIDTH;
        for (int j = first; j < whole; j += WIDTH) {
            DoubleVector x = get(a, start + j);
            VectorMask<Double> outside = x.compare(LT, r0).or(x.compare(GT, r1));
            if (outside.anyTrue()) {
                return j + outside.firstTrue();
            }
        }
        return super.firstOutside(start, whole);
    }

    private static void load(MemorySegment tile, long i, double[] to, int count) {
        MemorySegment.copy(tile, JAVA_DOUBLE, i * Double.BYTES, to, 0, count);
    }

    private void putAll(long i, double[] from, int count) {
        int whole = count & -WIDTH;
        for (int j = 0; j < whole; j += WIDTH) {
            put(i + j, DoubleVector.fromArray(SPECIES, from, j));
        }
        for (int j = whole; j < count; j++) {
            put(i + j, from[j]);
        }
    }

    private void putResults(long i, double[] from, int count) {
        int whole = count & -WIDTH;
        for (int j = 0; j < whole; j += WIDTH) {
            VectorWidth.store(canonical(DoubleVector.fromArray(SPECIES, from, j)), results, (i + j) * Double.BYTES, 0);
        }
        for (int j = whole; j < count; j++) {
            putResult(i + j, from[j]);
        }
    }

    private static DoubleVector get(MemorySegment tile, long i) {
        return VectorWidth.loadDoubles(tile, i * Double.BYTES, 0);
    }

    private static DoubleVector constant(double value) {
        return DoubleVector.broadcast(SPECIES, value);
    }

    /** NaN in its one form. */
    private static DoubleVector canonical(DoubleVector x) {
        return x.blend(Double.NaN, x.compare(NE, x));
    }

    private void put(long i, DoubleVector x) {
        VectorWidth.store(canonical(x), out, i * Double.BYTES, 0);
    }
}
