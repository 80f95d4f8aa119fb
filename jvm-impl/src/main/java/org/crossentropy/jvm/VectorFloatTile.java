package org.crossentropy.jvm;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static jdk.incubator.vector.VectorOperators.D2F;
import static jdk.incubator.vector.VectorOperators.EQ;
import static jdk.incubator.vector.VectorOperators.F2D;
import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.I2S;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.LT;
import static jdk.incubator.vector.VectorOperators.NE;
import static jdk.incubator.vector.VectorOperators.S2I;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.Arrays;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;
import org.crossentropy.api.spi.TileOperation;
import org.crossentropy.api.spi.TileStep;

/**
 * The tile operations for float in vectors. Short ones work on as many elements as fill whole vectors, and leave the rest of
 * the row to {@link ScalarFloatTile}, which computes the same bits; those of many steps go through {@link VectorTileMath}
 * in chunks. What is computed in double is done on half as many elements at a time. {@link VectorDoubleTile} is its twin for double.
 *
 * <p>The conversions from and to binary16 are not here: the Vector API has none, and the plain loop uses the processor's.
 */
final class VectorFloatTile extends ScalarFloatTile {

    private static final VectorSpecies<Float> SPECIES = VectorWidth.FLOATS;
    private static final VectorSpecies<Integer> INTS = VectorSpecies.of(int.class, SPECIES.vectorShape());
    private static final VectorSpecies<Float> HALF = VectorWidth.HALF_FLOATS;
    private static final VectorSpecies<Short> SHORTS = VectorSpecies.of(short.class, HALF.vectorShape());
    private static final VectorSpecies<Double> DOUBLES = VectorWidth.DOUBLES;
    private static final int WIDTH = SPECIES.length();
    private static final int HALF_WIDTH = HALF.length();
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();

    /** As many bytes as there are floats in a vector, or in two where a vector cannot be so short. */
    private static final VectorSpecies<Byte> BYTES =
            VectorSpecies.of(byte.class, VectorShape.forBitSize(Math.max(64, Byte.SIZE * WIDTH)));

    private static final int BFLOAT16_NAN = 0x7fc0;

    private final VectorTileMath math;

    /**
     * Prepares one step.
     *
     * @param step what to do
     */
    VectorFloatTile(TileStep step) {
        super(step);
        math = new VectorTileMath(isTranscendental() ? columns : 0);
    }

    /**
     * Whether an operation widens its elements.
     *
     * @param operation what is done
     */
    static boolean computesInDouble(TileOperation operation) {
        return switch (operation) {
            case SHAPE, SHAPE_GRADIENT, TARGETS, CROSS, LOG, LOGISTIC, SIGMOID_SQUARED, BERNOULLI -> true;
            default -> false;
        };
    }

    @Override
    void widenBfloat16(long start, int first) {
        int whole = columns & -WIDTH;
        for (int j = first; j < whole; j += WIDTH) {
            ShortVector shorts = ShortVector.fromMemorySegment(SHORTS, a, (start + j) * Short.BYTES, ORDER);
            IntVector bits = (IntVector) shorts.convertShape(S2I, INTS, 0);
            put(start + j, bits.lanewise(LSHL, 16).reinterpretAsFloats());
        }
        super.widenBfloat16(start, whole);
    }

    @Override
    void narrowBfloat16(long start, int first) {
        int whole = columns & -WIDTH;
        for (int j = first; j < whole; j += WIDTH) {
            FloatVector x = get(a, start + j);
            IntVector bits = x.reinterpretAsInts();
            IntVector odd = bits.lanewise(LSHR, 16).and(1);
            IntVector rounded = bits.add(0x7fff).add(odd).lanewise(LSHR, 16);
            IntVector upper = rounded.blend(BFLOAT16_NAN, x.compare(NE, x).cast(INTS));
            ((ShortVector) upper.convertShape(I2S, SHORTS, 0)).intoMemorySegment(out, (start + j) * Short.BYTES, ORDER);
        }
        super.narrowBfloat16(start, whole);
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
        int whole = columns & -HALF_WIDTH;
        for (int j = first; j < whole; j += HALF_WIDTH) {
            put(start + j, widen(a, start + j).div(r1));
        }
        super.shape(start, whole);
    }

    @Override
    void shapeGradient(long start, int first) {
        int whole = columns & -HALF_WIDTH;
        for (int j = first; j < whole; j += HALF_WIDTH) {
            DoubleVector shaped = widen(a, start + j);
            DoubleVector u = shaped.mul(r1);
            put(start + j, widen(out, start + j).mul(r0).mul(u.neg().fma(u, constant(1.0))));
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
                VectorMask<Float> replaced = VectorMask.fromLong(SPECIES, ~(kept >>> k));
                put(start + j + k, get(a, start + j + k).blend((float) r0, replaced));
            }
        }
        super.mask(start, maskStart, whole);
    }

    @Override
    float largest(long start, int first, float atLeast) {
        int whole = columns & -WIDTH;
        FloatVector max = FloatVector.broadcast(SPECIES, atLeast);
        // Compare and blend, since max() spends several instructions on NaN and -0.
        for (int j = first; j < whole; j += WIDTH) {
            FloatVector x = get(a, start + j);
            max = max.blend(x, x.compare(GT, max));
        }
        return super.largest(start, whole, VectorWidth.largest(max));
    }

    @Override
    void subtract(long start, int first, float shift) {
        int whole = columns & -WIDTH;
        for (int j = first; j < whole; j += WIDTH) {
            put(start + j, get(a, start + j).sub(shift));
        }
        super.subtract(start, whole, shift);
    }

    @Override
    void targets(long start, int first) {
        int whole = columns & -HALF_WIDTH;
        for (int j = first; j < whole; j += HALF_WIDTH) {
            DoubleVector target = constant(r0).fma(widen(a, start + j), constant(r1));
            put(start + j, hasColumn ? widen(column, j).mul(target) : target);
        }
        super.targets(start, whole);
    }

    @Override
    void addCross(long start, int first, double[] sums, double[] masses) {
        int whole = columns & -LANES;
        DoubleVector offset = constant(r0);
        for (int lane = 0; lane < LANES; lane += HALF_WIDTH) {
            DoubleVector sum = DoubleVector.fromArray(DOUBLES, sums, lane);
            DoubleVector total = DoubleVector.fromArray(DOUBLES, masses, lane);
            for (int j = first + lane; j < whole; j += LANES) {
                DoubleVector mass = widen(a, start + j);
                DoubleVector distance = offset.sub(widen(b, start + j));
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
        FloatVector keep = FloatVector.broadcast(SPECIES, (float) r0);
        FloatVector take = FloatVector.broadcast(SPECIES, (float) r1);
        for (int j = first; j < whole; j += WIDTH) {
            FloatVector taken = take.mul(get(a, start + j));
            put(start + j, get(out, start + j).fma(keep, taken.neg()));
        }
        super.blend(start, whole);
    }

    @Override
    void tilt(long start, int first) {
        int whole = columns & -WIDTH;
        for (int j = first; j < whole; j += WIDTH) {
            FloatVector p = get(b, start + j);
            FloatVector old = get(out, start + j);
            FloatVector distance = get(a, start + j).sub((float) r1).sub((float) r2);
            FloatVector tilted = canonical(p.mul((float) r0).fma(distance, old));
            VectorWidth.store(old.blend(tilted, p.compare(NE, 0f)), out, (start + j) * Float.BYTES, 0);
        }
        super.tilt(start, whole);
    }

    @Override
    void exp(long start, int first) {
        int whole = columns & -WIDTH;
        exp(a, out, (start + first) * Float.BYTES, whole - first);
        super.exp(start, whole);
    }

    private static void exp(MemorySegment a, MemorySegment out, long from, int count) {
        final FloatVector log2e = FloatVector.broadcast(SPECIES, CanonicalMath.F_LOG2_E);
        final FloatVector magic = FloatVector.broadcast(SPECIES, CanonicalMath.F_MAGIC);
        final FloatVector minusHigh = FloatVector.broadcast(SPECIES, CanonicalMath.F_MINUS_LN2_HIGH);
        final FloatVector minusLow = FloatVector.broadcast(SPECIES, CanonicalMath.F_MINUS_LN2_LOW);
        final FloatVector c6 = FloatVector.broadcast(SPECIES, CanonicalMath.F_C6);
        final FloatVector c5 = FloatVector.broadcast(SPECIES, CanonicalMath.F_C5);
        final FloatVector c4 = FloatVector.broadcast(SPECIES, CanonicalMath.F_C4);
        final FloatVector c3 = FloatVector.broadcast(SPECIES, CanonicalMath.F_C3);
        final FloatVector c2 = FloatVector.broadcast(SPECIES, CanonicalMath.F_C2);
        final FloatVector one = FloatVector.broadcast(SPECIES, 1f);
        final FloatVector cutoff = FloatVector.broadcast(SPECIES, CanonicalMath.F_CUTOFF);
        final FloatVector overflow = FloatVector.broadcast(SPECIES, CanonicalMath.F_OVERFLOW);
        final FloatVector infinity = FloatVector.broadcast(SPECIES, Float.POSITIVE_INFINITY);
        final FloatVector nan = FloatVector.broadcast(SPECIES, Float.NaN);
        final FloatVector zero = FloatVector.zero(SPECIES);
        for (int j = 0; j < count; j += WIDTH) {
            FloatVector t = FloatVector.fromMemorySegment(SPECIES, a, from + (long) j * Float.BYTES, ORDER);
            FloatVector biased = t.fma(log2e, magic);
            FloatVector n = biased.sub(magic);
            FloatVector r = n.fma(minusLow, n.fma(minusHigh, t));
            FloatVector p =
                    c6.fma(r, c5).fma(r, c4).fma(r, c3).fma(r, c2).fma(r, one).fma(r, one);
            FloatVector power = biased.reinterpretAsInts().lanewise(LSHL, 23).reinterpretAsFloats();
            p.mul(power)
                    .blend(zero, t.compare(LT, cutoff))
                    .blend(infinity, t.compare(GE, overflow))
                    .blend(nan, t.compare(NE, t))
                    .intoMemorySegment(out, from + (long) j * Float.BYTES, ORDER);
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
            FloatVector x = get(a, start + j);
            FloatVector ratio = x.div(get(b, start + j)).mul((float) r0);
            put(start + j, ratio.blend(0f, x.compare(EQ, 0f)));
        }
        super.ratio(start, whole);
    }

    @Override
    void logistic(long start, int first) {
        for (int j = first; j < columns; j += VectorTileMath.CHUNK) {
            int count = Math.min(VectorTileMath.CHUNK, columns - j);
            loadWithSides(start, j, count);
            loadExpOfMinusAbs(start + j, count);
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
            loadExpOfMinusAbs(start + j, count);
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
            FloatVector x = get(a, start + j);
            if (x.compare(NE, x).anyTrue()) {
                return true;
            }
        }
        return super.hasNaN(start, whole);
    }

    @Override
    int firstEqual(long start, int first, float value) {
        int whole = columns & -WIDTH;
        for (int j = first; j < whole; j += WIDTH) {
            VectorMask<Float> equal = get(a, start + j).compare(EQ, value);
            if (equal.anyTrue()) {
                return j + equal.firstTrue();
            }
        }
        return super.firstEqual(start, whole, value);
    }

    @Override
    int countAbove(long start, int first, int end, float value, boolean ties) {
        int whole = first + ((end - first) & -WIDTH);
        int count = 0;
        for (int j = first; j < whole; j += WIDTH) {
            FloatVector x = get(a, start + j);
            count += (ties ? x.compare(GE, value) : x.compare(GT, value)).trueCount();
        }
        return count + super.countAbove(start, whole, end, value, ties);
    }

    @Override
    int firstOutside(long start, int first) {
        int whole = columns & -WIDTH;
        for (int j = first; j < whole; j += WIDTH) {
            FloatVector x = get(a, start + j);
            VectorMask<Float> outside = x.compare(LT, (float) r0).or(x.compare(GT, (float) r1));
            if (outside.anyTrue()) {
                return j + outside.firstTrue();
            }
        }
        return super.firstOutside(start, whole);
    }

    /** {@code exp(-|a|)}, in float. */
    private void loadExpOfMinusAbs(long i, int count) {
        int whole = count & -HALF_WIDTH;
        expOfMinusAbs(a, i * Float.BYTES, math.d, whole);
        for (int j = whole; j < count; j++) {
            math.d[j] = CanonicalMath.exp(-Math.abs((float) math.a[j]));
        }
    }

    private static void expOfMinusAbs(MemorySegment a, long from, double[] to, int count) {
        final FloatVector log2e = FloatVector.broadcast(HALF, CanonicalMath.F_LOG2_E);
        final FloatVector magic = FloatVector.broadcast(HALF, CanonicalMath.F_MAGIC);
        final FloatVector minusHigh = FloatVector.broadcast(HALF, CanonicalMath.F_MINUS_LN2_HIGH);
        final FloatVector minusLow = FloatVector.broadcast(HALF, CanonicalMath.F_MINUS_LN2_LOW);
        final FloatVector c6 = FloatVector.broadcast(HALF, CanonicalMath.F_C6);
        final FloatVector c5 = FloatVector.broadcast(HALF, CanonicalMath.F_C5);
        final FloatVector c4 = FloatVector.broadcast(HALF, CanonicalMath.F_C4);
        final FloatVector c3 = FloatVector.broadcast(HALF, CanonicalMath.F_C3);
        final FloatVector c2 = FloatVector.broadcast(HALF, CanonicalMath.F_C2);
        final FloatVector one = FloatVector.broadcast(HALF, 1f);
        final FloatVector cutoff = FloatVector.broadcast(HALF, CanonicalMath.F_CUTOFF);
        final FloatVector zero = FloatVector.zero(HALF);
        for (int j = 0; j < count; j += HALF_WIDTH) {
            FloatVector t = FloatVector.fromMemorySegment(HALF, a, from + (long) j * Float.BYTES, ORDER)
                    .abs()
                    .neg();
            FloatVector biased = t.fma(log2e, magic);
            FloatVector n = biased.sub(magic);
            FloatVector r = n.fma(minusLow, n.fma(minusHigh, t));
            FloatVector p =
                    c6.fma(r, c5).fma(r, c4).fma(r, c3).fma(r, c2).fma(r, one).fma(r, one);
            FloatVector power = biased.reinterpretAsInts().lanewise(LSHL, 23).reinterpretAsFloats();
            FloatVector e = p.mul(power).blend(zero, t.compare(LT, cutoff));
            ((DoubleVector) e.convertShape(F2D, DOUBLES, 0)).intoArray(to, j);
        }
    }

    /** Copies elements, widened. */
    private static void load(MemorySegment tile, long i, double[] to, int count) {
        int whole = count & -HALF_WIDTH;
        for (int j = 0; j < whole; j += HALF_WIDTH) {
            widen(tile, i + j).intoArray(to, j);
        }
        for (int j = whole; j < count; j++) {
            to[j] = tile.getAtIndex(JAVA_FLOAT, i + j);
        }
    }

    private void putAll(long i, double[] from, int count) {
        int whole = count & -HALF_WIDTH;
        for (int j = 0; j < whole; j += HALF_WIDTH) {
            put(i + j, DoubleVector.fromArray(DOUBLES, from, j));
        }
        for (int j = whole; j < count; j++) {
            put(i + j, (float) from[j]);
        }
    }

    private void putResults(long i, double[] from, int count) {
        int whole = count & -HALF_WIDTH;
        for (int j = 0; j < whole; j += HALF_WIDTH) {
            DoubleVector x = DoubleVector.fromArray(DOUBLES, from, j);
            VectorWidth.store(x.blend(Double.NaN, x.compare(NE, x)), results, (i + j) * Double.BYTES, 0);
        }
        for (int j = whole; j < count; j++) {
            putResult(i + j, from[j]);
        }
    }

    private static FloatVector get(MemorySegment tile, long i) {
        return VectorWidth.loadFloats(tile, i * Float.BYTES, 0);
    }

    /** Half as many elements, in double. */
    private static DoubleVector widen(MemorySegment tile, long i) {
        FloatVector half = VectorWidth.loadHalfFloats(tile, i * Float.BYTES, 0);
        return (DoubleVector) half.convertShape(F2D, DOUBLES, 0);
    }

    private static DoubleVector constant(double value) {
        return DoubleVector.broadcast(DOUBLES, value);
    }

    /** NaN in its one form. */
    private static FloatVector canonical(FloatVector x) {
        return x.blend(Float.NaN, x.compare(NE, x));
    }

    private void put(long i, FloatVector x) {
        VectorWidth.store(canonical(x), out, i * Float.BYTES, 0);
    }

    /** Rounds to float. */
    private void put(long i, DoubleVector x) {
        FloatVector rounded = (FloatVector) x.convertShape(D2F, HALF, 0);
        VectorWidth.store(canonical(rounded), out, i * Float.BYTES, 0);
    }
}
