package org.crossentropy.jvm;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static jdk.incubator.vector.VectorOperators.EQ;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;
import static jdk.incubator.vector.VectorOperators.NE;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * The loops over blocks of float logits in off-heap memory. The loops are those of {@link ArrayFloatBlocks}: an access through
 * a segment is compiled well only while the site has seen no more than two implementation classes, and native and mapped
 * memory are two, so that heap memory has to have loops of its own.
 */
final class SegmentFloatBlocks implements FloatBlocks {

    private static final VectorSpecies<Float> SPECIES = VectorWidth.FLOATS;
    private static final int WIDTH = SPECIES.length();
    private static final int LANES = FloatBlocks.LANES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();

    /** The lane numbers 0, 1, ... of a vector. */
    private static final FloatVector IOTA = FloatVector.zero(SPECIES).addIndex(1);

    private final MemorySegment logits;
    private final MemorySegment gradient;
    private final MemorySegment weights;
    private final MemorySegment workspace;

    /** Binds the loops to the memory of one call. */
    SegmentFloatBlocks(MemorySegment logits, MemorySegment gradient, MemorySegment weights, MemorySegment workspace) {
        this.logits = logits;
        this.gradient = gradient;
        this.weights = weights;
        this.workspace = workspace;
    }

    /** Whether a segment can be given to the constructor. */
    static boolean accepts(MemorySegment segment) {
        return segment.isNative();
    }

    @Override
    public float logit(long index) {
        return logits.getAtIndex(JAVA_FLOAT_UNALIGNED, index);
    }

    @Override
    public float weight(int index) {
        return weights.getAtIndex(JAVA_FLOAT_UNALIGNED, index);
    }

    @Override
    public void setGradient(long index, float value) {
        gradient.setAtIndex(JAVA_FLOAT_UNALIGNED, index, value);
    }

    @Override
    public float max(long from, int n) {
        return max(logits, from * Float.BYTES, n);
    }

    private static float max(MemorySegment x, long from, int n) {
        FloatVector max0 = FloatVector.broadcast(SPECIES, Float.NEGATIVE_INFINITY);
        FloatVector max1 = max0;
        int whole = n & -(2 * WIDTH);
        // Compare and blend, since max() spends several instructions on NaN and -0.
        for (int j = 0; j < whole; j += 2 * WIDTH) {
            FloatVector x0 = FloatVector.fromMemorySegment(SPECIES, x, from + (long) j * Float.BYTES, ORDER);
            FloatVector x1 = FloatVector.fromMemorySegment(SPECIES, x, from + (long) (j + WIDTH) * Float.BYTES, ORDER);
            max0 = max0.blend(x0, x0.compare(GT, max0));
            max1 = max1.blend(x1, x1.compare(GT, max1));
        }
        for (int j = whole; j < n; j += WIDTH) {
            VectorMask<Float> inside = IOTA.compare(LT, (float) (n - j));
            FloatVector x0 = FloatVector.fromMemorySegment(SPECIES, x, from + (long) j * Float.BYTES, ORDER, inside);
            max0 = max0.blend(x0, x0.compare(GT, max0).and(inside));
        }
        return VectorWidth.largest(max0.blend(max1, max1.compare(GT, max0)));
    }

    @Override
    public void addExps(long from, int n, float shift, int target) {
        int whole = n & -LANES;
        int next = 0;
        if (target >= 0 && target < whole) {
            int step = target & -LANES;
            addExps(logits, from * Float.BYTES, step, shift, workspace);
            addExpStep(logits, (from + step) * Float.BYTES, LANES, shift, target - step, workspace);
            next = step + LANES;
        }
        addExps(logits, (from + next) * Float.BYTES, whole - next, shift, workspace);
        if (whole < n) {
            addExpStep(logits, (from + whole) * Float.BYTES, n - whole, shift, target - whole, workspace);
        }
    }

    private static void addExps(MemorySegment x, long from, int n, float shift, MemorySegment workspace) {
        final FloatVector c = FloatVector.broadcast(SPECIES, shift);
        final FloatVector log2e = FloatVector.broadcast(SPECIES, CanonicalMath.F_LOG2_E);
        final FloatVector magic = FloatVector.broadcast(SPECIES, CanonicalMath.F_MAGIC);
        final FloatVector minusHigh = FloatVector.broadcast(SPECIES, CanonicalMath.F_MINUS_LN2_HIGH);
        final FloatVector minusLow = FloatVector.broadcast(SPECIES, CanonicalMath.F_MINUS_LN2_LOW);
        final FloatVector c6 = FloatVector.broadcast(SPECIES, CanonicalMath.F_C6);
        final FloatVector c5 = FloatVector.broadcast(SPECIES, CanonicalMath.F_C5);
        final FloatVector c4 = FloatVector.broadcast(SPECIES, CanonicalMath.F_C4);
        final FloatVector c3 = FloatVector.broadcast(SPECIES, CanonicalMath.F_C3);
        final FloatVector c2 = FloatVector.broadcast(SPECIES, CanonicalMath.F_C2);
        final FloatVector one = FloatVector.broadcast(SPECIES, 1);
        final FloatVector cutoff = FloatVector.broadcast(SPECIES, CanonicalMath.F_CUTOFF);
        final FloatVector zero = FloatVector.zero(SPECIES);
        for (int lane = 0; lane < LANES; lane += 2 * WIDTH) {
            FloatVector sum0 = VectorWidth.loadFloats(workspace, RowWorkspace.EXP_PARTIALS, lane);
            FloatVector sum1 = VectorWidth.loadFloats(workspace, RowWorkspace.EXP_PARTIALS, lane + WIDTH);
            for (int j = lane; j < n; j += LANES) {
                FloatVector t0 = FloatVector.fromMemorySegment(SPECIES, x, from + (long) j * Float.BYTES, ORDER)
                        .sub(c);
                FloatVector b0 = t0.fma(log2e, magic);
                FloatVector k0 = b0.sub(magic);
                FloatVector r0 = k0.fma(minusLow, k0.fma(minusHigh, t0));
                FloatVector p0 = c6.fma(r0, c5)
                        .fma(r0, c4)
                        .fma(r0, c3)
                        .fma(r0, c2)
                        .fma(r0, one)
                        .fma(r0, one);
                FloatVector s0 = b0.reinterpretAsInts().lanewise(LSHL, 23).reinterpretAsFloats();
                FloatVector e0 = p0.mul(s0).blend(zero, t0.compare(LT, cutoff));
                sum0 = sum0.add(e0);
                FloatVector t1 = FloatVector.fromMemorySegment(
                                SPECIES, x, from + (long) (j + WIDTH) * Float.BYTES, ORDER)
                        .sub(c);
                FloatVector b1 = t1.fma(log2e, magic);
                FloatVector k1 = b1.sub(magic);
                FloatVector r1 = k1.fma(minusLow, k1.fma(minusHigh, t1));
                FloatVector p1 = c6.fma(r1, c5)
                        .fma(r1, c4)
                        .fma(r1, c3)
                        .fma(r1, c2)
                        .fma(r1, one)
                        .fma(r1, one);
                FloatVector s1 = b1.reinterpretAsInts().lanewise(LSHL, 23).reinterpretAsFloats();
                FloatVector e1 = p1.mul(s1).blend(zero, t1.compare(LT, cutoff));
                sum1 = sum1.add(e1);
            }
            VectorWidth.store(sum0, workspace, RowWorkspace.EXP_PARTIALS, lane);
            VectorWidth.store(sum1, workspace, RowWorkspace.EXP_PARTIALS, lane + WIDTH);
        }
    }

    /** One step, perhaps a partial one, perhaps with the target in it. */
    private static void addExpStep(
            MemorySegment x, long from, int n, float shift, int target, MemorySegment workspace) {
        final FloatVector c = FloatVector.broadcast(SPECIES, shift);
        final FloatVector log2e = FloatVector.broadcast(SPECIES, CanonicalMath.F_LOG2_E);
        final FloatVector magic = FloatVector.broadcast(SPECIES, CanonicalMath.F_MAGIC);
        final FloatVector minusHigh = FloatVector.broadcast(SPECIES, CanonicalMath.F_MINUS_LN2_HIGH);
        final FloatVector minusLow = FloatVector.broadcast(SPECIES, CanonicalMath.F_MINUS_LN2_LOW);
        final FloatVector c6 = FloatVector.broadcast(SPECIES, CanonicalMath.F_C6);
        final FloatVector c5 = FloatVector.broadcast(SPECIES, CanonicalMath.F_C5);
        final FloatVector c4 = FloatVector.broadcast(SPECIES, CanonicalMath.F_C4);
        final FloatVector c3 = FloatVector.broadcast(SPECIES, CanonicalMath.F_C3);
        final FloatVector c2 = FloatVector.broadcast(SPECIES, CanonicalMath.F_C2);
        final FloatVector one = FloatVector.broadcast(SPECIES, 1);
        final FloatVector cutoff = FloatVector.broadcast(SPECIES, CanonicalMath.F_CUTOFF);
        final FloatVector zero = FloatVector.zero(SPECIES);
        for (int j = 0; j < n; j += WIDTH) {
            VectorMask<Float> inside = IOTA.compare(LT, (float) (n - j));
            VectorMask<Float> summed = inside.and(IOTA.compare(NE, (float) (target - j)));
            FloatVector t0 = FloatVector.fromMemorySegment(SPECIES, x, from + (long) j * Float.BYTES, ORDER, inside)
                    .sub(c);
            FloatVector b0 = t0.fma(log2e, magic);
            FloatVector k0 = b0.sub(magic);
            FloatVector r0 = k0.fma(minusLow, k0.fma(minusHigh, t0));
            FloatVector p0 = c6.fma(r0, c5)
                    .fma(r0, c4)
                    .fma(r0, c3)
                    .fma(r0, c2)
                    .fma(r0, one)
                    .fma(r0, one);
            FloatVector s0 = b0.reinterpretAsInts().lanewise(LSHL, 23).reinterpretAsFloats();
            FloatVector e0 = p0.mul(s0).blend(zero, t0.compare(LT, cutoff));
            FloatVector sum = VectorWidth.loadFloats(workspace, RowWorkspace.EXP_PARTIALS, j);
            VectorWidth.store(sum.add(zero.blend(e0, summed)), workspace, RowWorkspace.EXP_PARTIALS, j);
        }
    }

    @Override
    public void keepExps(long from, long to, int n, float shift, int target) {
        int whole = n & -LANES;
        int next = 0;
        if (target >= 0 && target < whole) {
            int step = target & -LANES;
            keepExps(logits, from * Float.BYTES, gradient, to * Float.BYTES, step, shift, workspace);
            keepExpStep(
                    logits,
                    (from + step) * Float.BYTES,
                    gradient,
                    (to + step) * Float.BYTES,
                    LANES,
                    shift,
                    target - step,
                    workspace);
            next = step + LANES;
        }
        keepExps(
                logits,
                (from + next) * Float.BYTES,
                gradient,
                (to + next) * Float.BYTES,
                whole - next,
                shift,
                workspace);
        if (whole < n) {
            keepExpStep(
                    logits,
                    (from + whole) * Float.BYTES,
                    gradient,
                    (to + whole) * Float.BYTES,
                    n - whole,
                    shift,
                    target - whole,
                    workspace);
        }
    }

    private static void keepExps(
            MemorySegment x, long from, MemorySegment g, long to, int n, float shift, MemorySegment workspace) {
        final FloatVector c = FloatVector.broadcast(SPECIES, shift);
        final FloatVector log2e = FloatVector.broadcast(SPECIES, CanonicalMath.F_LOG2_E);
        final FloatVector magic = FloatVector.broadcast(SPECIES, CanonicalMath.F_MAGIC);
        final FloatVector minusHigh = FloatVector.broadcast(SPECIES, CanonicalMath.F_MINUS_LN2_HIGH);
        final FloatVector minusLow = FloatVector.broadcast(SPECIES, CanonicalMath.F_MINUS_LN2_LOW);
        final FloatVector c6 = FloatVector.broadcast(SPECIES, CanonicalMath.F_C6);
        final FloatVector c5 = FloatVector.broadcast(SPECIES, CanonicalMath.F_C5);
        final FloatVector c4 = FloatVector.broadcast(SPECIES, CanonicalMath.F_C4);
        final FloatVector c3 = FloatVector.broadcast(SPECIES, CanonicalMath.F_C3);
        final FloatVector c2 = FloatVector.broadcast(SPECIES, CanonicalMath.F_C2);
        final FloatVector one = FloatVector.broadcast(SPECIES, 1);
        final FloatVector cutoff = FloatVector.broadcast(SPECIES, CanonicalMath.F_CUTOFF);
        final FloatVector zero = FloatVector.zero(SPECIES);
        for (int lane = 0; lane < LANES; lane += 2 * WIDTH) {
            FloatVector sum0 = VectorWidth.loadFloats(workspace, RowWorkspace.EXP_PARTIALS, lane);
            FloatVector sum1 = VectorWidth.loadFloats(workspace, RowWorkspace.EXP_PARTIALS, lane + WIDTH);
            for (int j = lane; j < n; j += LANES) {
                FloatVector t0 = FloatVector.fromMemorySegment(SPECIES, x, from + (long) j * Float.BYTES, ORDER)
                        .sub(c);
                FloatVector b0 = t0.fma(log2e, magic);
                FloatVector k0 = b0.sub(magic);
                FloatVector r0 = k0.fma(minusLow, k0.fma(minusHigh, t0));
                FloatVector p0 = c6.fma(r0, c5)
                        .fma(r0, c4)
                        .fma(r0, c3)
                        .fma(r0, c2)
                        .fma(r0, one)
                        .fma(r0, one);
                FloatVector s0 = b0.reinterpretAsInts().lanewise(LSHL, 23).reinterpretAsFloats();
                FloatVector e0 = p0.mul(s0).blend(zero, t0.compare(LT, cutoff));
                e0.intoMemorySegment(g, to + (long) j * Float.BYTES, ORDER);
                sum0 = sum0.add(e0);
                FloatVector t1 = FloatVector.fromMemorySegment(
                                SPECIES, x, from + (long) (j + WIDTH) * Float.BYTES, ORDER)
                        .sub(c);
                FloatVector b1 = t1.fma(log2e, magic);
                FloatVector k1 = b1.sub(magic);
                FloatVector r1 = k1.fma(minusLow, k1.fma(minusHigh, t1));
                FloatVector p1 = c6.fma(r1, c5)
                        .fma(r1, c4)
                        .fma(r1, c3)
                        .fma(r1, c2)
                        .fma(r1, one)
                        .fma(r1, one);
                FloatVector s1 = b1.reinterpretAsInts().lanewise(LSHL, 23).reinterpretAsFloats();
                FloatVector e1 = p1.mul(s1).blend(zero, t1.compare(LT, cutoff));
                e1.intoMemorySegment(g, to + (long) (j + WIDTH) * Float.BYTES, ORDER);
                sum1 = sum1.add(e1);
            }
            VectorWidth.store(sum0, workspace, RowWorkspace.EXP_PARTIALS, lane);
            VectorWidth.store(sum1, workspace, RowWorkspace.EXP_PARTIALS, lane + WIDTH);
        }
    }

    private static void keepExpStep(
            MemorySegment x,
            long from,
            MemorySegment g,
            long to,
            int n,
            float shift,
            int target,
            MemorySegment workspace) {
        final FloatVector c = FloatVector.broadcast(SPECIES, shift);
        final FloatVector log2e = FloatVector.broadcast(SPECIES, CanonicalMath.F_LOG2_E);
        final FloatVector magic = FloatVector.broadcast(SPECIES, CanonicalMath.F_MAGIC);
        final FloatVector minusHigh = FloatVector.broadcast(SPECIES, CanonicalMath.F_MINUS_LN2_HIGH);
        final FloatVector minusLow = FloatVector.broadcast(SPECIES, CanonicalMath.F_MINUS_LN2_LOW);
        final FloatVector c6 = FloatVector.broadcast(SPECIES, CanonicalMath.F_C6);
        final FloatVector c5 = FloatVector.broadcast(SPECIES, CanonicalMath.F_C5);
        final FloatVector c4 = FloatVector.broadcast(SPECIES, CanonicalMath.F_C4);
        final FloatVector c3 = FloatVector.broadcast(SPECIES, CanonicalMath.F_C3);
        final FloatVector c2 = FloatVector.broadcast(SPECIES, CanonicalMath.F_C2);
        final FloatVector one = FloatVector.broadcast(SPECIES, 1);
        final FloatVector cutoff = FloatVector.broadcast(SPECIES, CanonicalMath.F_CUTOFF);
        final FloatVector zero = FloatVector.zero(SPECIES);
        for (int j = 0; j < n; j += WIDTH) {
            VectorMask<Float> inside = IOTA.compare(LT, (float) (n - j));
            VectorMask<Float> summed = inside.and(IOTA.compare(NE, (float) (target - j)));
            FloatVector t0 = FloatVector.fromMemorySegment(SPECIES, x, from + (long) j * Float.BYTES, ORDER, inside)
                    .sub(c);
            FloatVector b0 = t0.fma(log2e, magic);
            FloatVector k0 = b0.sub(magic);
            FloatVector r0 = k0.fma(minusLow, k0.fma(minusHigh, t0));
            FloatVector p0 = c6.fma(r0, c5)
                    .fma(r0, c4)
                    .fma(r0, c3)
                    .fma(r0, c2)
                    .fma(r0, one)
                    .fma(r0, one);
            FloatVector s0 = b0.reinterpretAsInts().lanewise(LSHL, 23).reinterpretAsFloats();
            FloatVector e0 = p0.mul(s0).blend(zero, t0.compare(LT, cutoff));
            e0 = zero.blend(e0, summed);
            e0.intoMemorySegment(g, to + (long) j * Float.BYTES, ORDER, inside);
            FloatVector sum = VectorWidth.loadFloats(workspace, RowWorkspace.EXP_PARTIALS, j);
            VectorWidth.store(sum.add(e0), workspace, RowWorkspace.EXP_PARTIALS, j);
        }
    }

    @Override
    public void addShifted(long from, int n, float shift, int target) {
        int whole = n & -LANES;
        int next = 0;
        if (target >= 0 && target < whole) {
            int step = target & -LANES;
            addShifted(logits, from * Float.BYTES, step, shift, workspace);
            addShiftedStep(logits, (from + step) * Float.BYTES, LANES, shift, target - step, workspace);
            next = step + LANES;
        }
        addShifted(logits, (from + next) * Float.BYTES, whole - next, shift, workspace);
        if (whole < n) {
            addShiftedStep(logits, (from + whole) * Float.BYTES, n - whole, shift, target - whole, workspace);
        }
    }

    private static void addShifted(MemorySegment x, long from, int n, float shift, MemorySegment workspace) {
        for (int lane = 0; lane < LANES; lane += 2 * WIDTH) {
            FloatVector sum0 = VectorWidth.loadFloats(workspace, RowWorkspace.SPREAD_PARTIALS, lane);
            FloatVector sum1 = VectorWidth.loadFloats(workspace, RowWorkspace.SPREAD_PARTIALS, lane + WIDTH);
            for (int j = lane; j < n; j += LANES) {
                sum0 = sum0.add(FloatVector.fromMemorySegment(SPECIES, x, from + (long) j * Float.BYTES, ORDER)
                        .sub(shift));
                sum1 = sum1.add(
                        FloatVector.fromMemorySegment(SPECIES, x, from + (long) (j + WIDTH) * Float.BYTES, ORDER)
                                .sub(shift));
            }
            VectorWidth.store(sum0, workspace, RowWorkspace.SPREAD_PARTIALS, lane);
            VectorWidth.store(sum1, workspace, RowWorkspace.SPREAD_PARTIALS, lane + WIDTH);
        }
    }

    private static void addShiftedStep(
            MemorySegment x, long from, int n, float shift, int target, MemorySegment workspace) {
        for (int j = 0; j < n; j += WIDTH) {
            VectorMask<Float> inside = IOTA.compare(LT, (float) (n - j));
            VectorMask<Float> summed = inside.and(IOTA.compare(NE, (float) (target - j)));
            FloatVector v = FloatVector.fromMemorySegment(SPECIES, x, from + (long) j * Float.BYTES, ORDER, inside)
                    .sub(shift);
            FloatVector sum = VectorWidth.loadFloats(workspace, RowWorkspace.SPREAD_PARTIALS, j);
            VectorWidth.store(sum.blend(sum.add(v), summed), workspace, RowWorkspace.SPREAD_PARTIALS, j);
        }
    }

    @Override
    public void addShiftedWeighted(long from, int fromWeight, int n, float shift, int target) {
        int whole = n & -LANES;
        int next = 0;
        if (target >= 0 && target < whole) {
            int step = target & -LANES;
            addShiftedWeighted(
                    logits, from * Float.BYTES, weights, (long) fromWeight * Float.BYTES, step, shift, workspace);
            addShiftedWeightedStep(
                    logits,
                    (from + step) * Float.BYTES,
                    weights,
                    (long) (fromWeight + step) * Float.BYTES,
                    LANES,
                    shift,
                    target - step,
                    workspace);
            next = step + LANES;
        }
        addShiftedWeighted(
                logits,
                (from + next) * Float.BYTES,
                weights,
                (long) (fromWeight + next) * Float.BYTES,
                whole - next,
                shift,
                workspace);
        if (whole < n) {
            addShiftedWeightedStep(
                    logits,
                    (from + whole) * Float.BYTES,
                    weights,
                    (long) (fromWeight + whole) * Float.BYTES,
                    n - whole,
                    shift,
                    target - whole,
                    workspace);
        }
    }

    private static void addShiftedWeighted(
            MemorySegment x, long from, MemorySegment w, long fromWeight, int n, float shift, MemorySegment workspace) {
        final FloatVector zero = FloatVector.zero(SPECIES);
        for (int lane = 0; lane < LANES; lane += 2 * WIDTH) {
            FloatVector sum0 = VectorWidth.loadFloats(workspace, RowWorkspace.SPREAD_PARTIALS, lane);
            FloatVector sum1 = VectorWidth.loadFloats(workspace, RowWorkspace.SPREAD_PARTIALS, lane + WIDTH);
            for (int j = lane; j < n; j += LANES) {
                FloatVector w0 = FloatVector.fromMemorySegment(SPECIES, w, fromWeight + (long) j * Float.BYTES, ORDER);
                FloatVector w1 =
                        FloatVector.fromMemorySegment(SPECIES, w, fromWeight + (long) (j + WIDTH) * Float.BYTES, ORDER);
                FloatVector v0 = FloatVector.fromMemorySegment(SPECIES, x, from + (long) j * Float.BYTES, ORDER)
                        .sub(shift);
                FloatVector v1 = FloatVector.fromMemorySegment(
                                SPECIES, x, from + (long) (j + WIDTH) * Float.BYTES, ORDER)
                        .sub(shift);
                // A class without weight adds 0 even where its logit is -inf.
                sum0 = v0.blend(zero, w0.compare(EQ, zero)).fma(w0, sum0);
                sum1 = v1.blend(zero, w1.compare(EQ, zero)).fma(w1, sum1);
            }
            VectorWidth.store(sum0, workspace, RowWorkspace.SPREAD_PARTIALS, lane);
            VectorWidth.store(sum1, workspace, RowWorkspace.SPREAD_PARTIALS, lane + WIDTH);
        }
    }

    private static void addShiftedWeightedStep(
            MemorySegment x,
            long from,
            MemorySegment w,
            long fromWeight,
            int n,
            float shift,
            int target,
            MemorySegment workspace) {
        for (int j = 0; j < n; j += WIDTH) {
            VectorMask<Float> inside = IOTA.compare(LT, (float) (n - j));
            FloatVector w0 =
                    FloatVector.fromMemorySegment(SPECIES, w, fromWeight + (long) j * Float.BYTES, ORDER, inside);
            FloatVector v0 = FloatVector.fromMemorySegment(SPECIES, x, from + (long) j * Float.BYTES, ORDER, inside)
                    .sub(shift);
            VectorMask<Float> summed = inside.and(IOTA.compare(NE, (float) (target - j)))
                    .andNot(w0.compare(EQ, FloatVector.zero(SPECIES)));
            FloatVector sum = VectorWidth.loadFloats(workspace, RowWorkspace.SPREAD_PARTIALS, j);
            VectorWidth.store(sum.blend(v0.fma(w0, sum), summed), workspace, RowWorkspace.SPREAD_PARTIALS, j);
        }
    }

    @Override
    public void scale(long to, int n, float factor) {
        scale(gradient, to * Float.BYTES, n, factor);
    }

    private static void scale(MemorySegment g, long to, int n, float factor) {
        final FloatVector k = FloatVector.broadcast(SPECIES, factor);
        int whole = n & -(2 * WIDTH);
        for (int j = 0; j < whole; j += 2 * WIDTH) {
            FloatVector e0 = FloatVector.fromMemorySegment(SPECIES, g, to + (long) j * Float.BYTES, ORDER);
            FloatVector e1 = FloatVector.fromMemorySegment(SPECIES, g, to + (long) (j + WIDTH) * Float.BYTES, ORDER);
            e0.mul(k).intoMemorySegment(g, to + (long) j * Float.BYTES, ORDER);
            e1.mul(k).intoMemorySegment(g, to + (long) (j + WIDTH) * Float.BYTES, ORDER);
        }
        for (int j = whole; j < n; j += WIDTH) {
            VectorMask<Float> inside = IOTA.compare(LT, (float) (n - j));
            FloatVector.fromMemorySegment(SPECIES, g, to + (long) j * Float.BYTES, ORDER, inside)
                    .mul(k)
                    .intoMemorySegment(g, to + (long) j * Float.BYTES, ORDER, inside);
        }
    }

    @Override
    public void scaleAndSubtract(long to, int n, float factor, float subtrahend) {
        scaleAndSubtract(gradient, to * Float.BYTES, n, factor, subtrahend);
    }

    private static void scaleAndSubtract(MemorySegment g, long to, int n, float factor, float subtrahend) {
        final FloatVector k = FloatVector.broadcast(SPECIES, factor);
        final FloatVector minus = FloatVector.broadcast(SPECIES, -subtrahend);
        int whole = n & -(2 * WIDTH);
        for (int j = 0; j < whole; j += 2 * WIDTH) {
            FloatVector e0 = FloatVector.fromMemorySegment(SPECIES, g, to + (long) j * Float.BYTES, ORDER);
            FloatVector e1 = FloatVector.fromMemorySegment(SPECIES, g, to + (long) (j + WIDTH) * Float.BYTES, ORDER);
            e0.fma(k, minus).intoMemorySegment(g, to + (long) j * Float.BYTES, ORDER);
            e1.fma(k, minus).intoMemorySegment(g, to + (long) (j + WIDTH) * Float.BYTES, ORDER);
        }
        for (int j = whole; j < n; j += WIDTH) {
            VectorMask<Float> inside = IOTA.compare(LT, (float) (n - j));
            FloatVector.fromMemorySegment(SPECIES, g, to + (long) j * Float.BYTES, ORDER, inside)
                    .fma(k, minus)
                    .intoMemorySegment(g, to + (long) j * Float.BYTES, ORDER, inside);
        }
    }

    @Override
    public void scaleAndSubtractWeights(long to, int fromWeight, int n, float factor, float beta) {
        scaleAndSubtractWeights(gradient, to * Float.BYTES, weights, (long) fromWeight * Float.BYTES, n, factor, beta);
    }

    private static void scaleAndSubtractWeights(
            MemorySegment g, long to, MemorySegment w, long fromWeight, int n, float factor, float beta) {
        final FloatVector k = FloatVector.broadcast(SPECIES, factor);
        // The sign of beta is turned beforehand: (-beta) w is exactly -(beta w).
        final FloatVector minusBeta = FloatVector.broadcast(SPECIES, -beta);
        int whole = n & -(2 * WIDTH);
        for (int j = 0; j < whole; j += 2 * WIDTH) {
            FloatVector minus0 = FloatVector.fromMemorySegment(SPECIES, w, fromWeight + (long) j * Float.BYTES, ORDER)
                    .mul(minusBeta);
            FloatVector minus1 = FloatVector.fromMemorySegment(
                            SPECIES, w, fromWeight + (long) (j + WIDTH) * Float.BYTES, ORDER)
                    .mul(minusBeta);
            FloatVector e0 = FloatVector.fromMemorySegment(SPECIES, g, to + (long) j * Float.BYTES, ORDER);
            FloatVector e1 = FloatVector.fromMemorySegment(SPECIES, g, to + (long) (j + WIDTH) * Float.BYTES, ORDER);
            e0.fma(k, minus0).intoMemorySegment(g, to + (long) j * Float.BYTES, ORDER);
            e1.fma(k, minus1).intoMemorySegment(g, to + (long) (j + WIDTH) * Float.BYTES, ORDER);
        }
        for (int j = whole; j < n; j += WIDTH) {
            VectorMask<Float> inside = IOTA.compare(LT, (float) (n - j));
            FloatVector minus0 = FloatVector.fromMemorySegment(
                            SPECIES, w, fromWeight + (long) j * Float.BYTES, ORDER, inside)
                    .mul(minusBeta);
            FloatVector.fromMemorySegment(SPECIES, g, to + (long) j * Float.BYTES, ORDER, inside)
                    .fma(k, minus0)
                    .intoMemorySegment(g, to + (long) j * Float.BYTES, ORDER, inside);
        }
    }

    @Override
    public void subtract(long from, long to, int n, float first, float second) {
        subtract(logits, from * Float.BYTES, gradient, to * Float.BYTES, n, first, second);
    }

    private static void subtract(
            MemorySegment x, long from, MemorySegment g, long to, int n, float first, float second) {
        int whole = n & -(2 * WIDTH);
        for (int j = 0; j < whole; j += 2 * WIDTH) {
            FloatVector x0 = FloatVector.fromMemorySegment(SPECIES, x, from + (long) j * Float.BYTES, ORDER);
            FloatVector x1 = FloatVector.fromMemorySegment(SPECIES, x, from + (long) (j + WIDTH) * Float.BYTES, ORDER);
            x0.sub(first).sub(second).intoMemorySegment(g, to + (long) j * Float.BYTES, ORDER);
            x1.sub(first).sub(second).intoMemorySegment(g, to + (long) (j + WIDTH) * Float.BYTES, ORDER);
        }
        for (int j = whole; j < n; j += WIDTH) {
            VectorMask<Float> inside = IOTA.compare(LT, (float) (n - j));
            FloatVector.fromMemorySegment(SPECIES, x, from + (long) j * Float.BYTES, ORDER, inside)
                    .sub(first)
                    .sub(second)
                    .intoMemorySegment(g, to + (long) j * Float.BYTES, ORDER, inside);
        }
    }

    @Override
    public void fill(long to, int n, float value) {
        for (int j = 0; j < n; j++) {
            setGradient(to + j, value);
        }
    }

    @Override
    public void canonicalizeNaN(long to, int n) {
        for (int j = 0; j < n; j++) {
            float g = gradient.getAtIndex(JAVA_FLOAT_UNALIGNED, to + j);
            if (Float.isNaN(g)) {
                setGradient(to + j, Float.NaN);
            }
        }
    }
}
