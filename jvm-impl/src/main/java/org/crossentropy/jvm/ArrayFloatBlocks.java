package org.crossentropy.jvm;

import static jdk.incubator.vector.VectorOperators.EQ;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;
import static jdk.incubator.vector.VectorOperators.NE;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * The loops over blocks of float logits in heap arrays; {@link SegmentFloatBlocks} has the same ones for memory segments.
 *
 * <p>Each hot loop is alone in its method, unrolled twice and written out by hand, its constants in locals: the forms that
 * C2 was measured to keep in registers. Partial steps are masked.
 */
final class ArrayFloatBlocks implements FloatBlocks {

    private static final VectorSpecies<Float> SPECIES = VectorWidth.FLOATS;
    private static final int WIDTH = SPECIES.length();
    private static final int LANES = FloatBlocks.LANES;

    /** The lane numbers 0, 1, ... of a vector. */
    private static final FloatVector IOTA = FloatVector.zero(SPECIES).addIndex(1);

    private static final float[] NONE = {};

    private final float[] logits;
    private final float[] gradient;
    private final float[] weights;
    private final int logitsOffset;
    private final int gradientOffset;
    private final int weightsOffset;
    private final MemorySegment workspace;

    /**
     * Binds the loops to the memory of one call; heap segments must be of {@code float[]}.
     */
    ArrayFloatBlocks(MemorySegment logits, MemorySegment gradient, MemorySegment weights, MemorySegment workspace) {
        this.logits = array(logits);
        this.gradient = array(gradient);
        this.weights = array(weights);
        this.logitsOffset = offset(logits);
        this.gradientOffset = offset(gradient);
        this.weightsOffset = offset(weights);
        this.workspace = workspace;
    }

    /** Whether a segment can be given to the constructor: absent, or over a writable {@code float[]}. */
    static boolean accepts(MemorySegment segment) {
        return !RowSums.isPresent(segment) || segment.heapBase().orElse(null) instanceof float[];
    }

    private static float[] array(MemorySegment segment) {
        return segment.heapBase().orElse(null) instanceof float[] array ? array : NONE;
    }

    private static int offset(MemorySegment segment) {
        return segment.isNative() ? 0 : (int) (segment.address() / Float.BYTES);
    }

    @Override
    public float logit(long index) {
        return logits[(int) index + logitsOffset];
    }

    @Override
    public float weight(int index) {
        return weights[index + weightsOffset];
    }

    @Override
    public void setGradient(long index, float value) {
        gradient[(int) index + gradientOffset] = value;
    }

    @Override
    public float max(long from, int n) {
        return max(logits, (int) from + logitsOffset, n);
    }

    private static float max(float[] x, int from, int n) {
        FloatVector max0 = FloatVector.broadcast(SPECIES, Float.NEGATIVE_INFINITY);
        FloatVector max1 = max0;
        int whole = n & -(2 * WIDTH);
        // Compare and blend, since max() spends several instructions on NaN and -0.
        for (int j = 0; j < whole; j += 2 * WIDTH) {
            FloatVector x0 = FloatVector.fromArray(SPECIES, x, from + j);
            FloatVector x1 = FloatVector.fromArray(SPECIES, x, from + j + WIDTH);
            max0 = max0.blend(x0, x0.compare(GT, max0));
            max1 = max1.blend(x1, x1.compare(GT, max1));
        }
        for (int j = whole; j < n; j += WIDTH) {
            VectorMask<Float> inside = IOTA.compare(LT, (float) (n - j));
            FloatVector x0 = FloatVector.fromArray(SPECIES, x, from + j, inside);
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
            addExps(logits, (int) from + logitsOffset, step, shift, workspace);
            addExpStep(logits, (int) (from + step) + logitsOffset, LANES, shift, target - step, workspace);
            next = step + LANES;
        }
        addExps(logits, (int) (from + next) + logitsOffset, whole - next, shift, workspace);
        if (whole < n) {
            addExpStep(logits, (int) (from + whole) + logitsOffset, n - whole, shift, target - whole, workspace);
        }
    }

    private static void addExps(float[] x, int from, int n, float shift, MemorySegment workspace) {
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
                FloatVector t0 = FloatVector.fromArray(SPECIES, x, from + j).sub(c);
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
                FloatVector t1 =
                        FloatVector.fromArray(SPECIES, x, from + j + WIDTH).sub(c);
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
    private static void addExpStep(float[] x, int from, int n, float shift, int target, MemorySegment workspace) {
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
            FloatVector t0 = FloatVector.fromArray(SPECIES, x, from + j, inside).sub(c);
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
            keepExps(logits, (int) from + logitsOffset, gradient, (int) to + gradientOffset, step, shift, workspace);
            keepExpStep(
                    logits,
                    (int) (from + step) + logitsOffset,
                    gradient,
                    (int) (to + step) + gradientOffset,
                    LANES,
                    shift,
                    target - step,
                    workspace);
            next = step + LANES;
        }
        keepExps(
                logits,
                (int) (from + next) + logitsOffset,
                gradient,
                (int) (to + next) + gradientOffset,
                whole - next,
                shift,
                workspace);
        if (whole < n) {
            keepExpStep(
                    logits,
                    (int) (from + whole) + logitsOffset,
                    gradient,
                    (int) (to + whole) + gradientOffset,
                    n - whole,
                    shift,
                    target - whole,
                    workspace);
        }
    }

    private static void keepExps(float[] x, int from, float[] g, int to, int n, float shift, MemorySegment workspace) {
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
                FloatVector t0 = FloatVector.fromArray(SPECIES, x, from + j).sub(c);
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
                e0.intoArray(g, to + j);
                sum0 = sum0.add(e0);
                FloatVector t1 =
                        FloatVector.fromArray(SPECIES, x, from + j + WIDTH).sub(c);
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
                e1.intoArray(g, to + j + WIDTH);
                sum1 = sum1.add(e1);
            }
            VectorWidth.store(sum0, workspace, RowWorkspace.EXP_PARTIALS, lane);
            VectorWidth.store(sum1, workspace, RowWorkspace.EXP_PARTIALS, lane + WIDTH);
        }
    }

    private static void keepExpStep(
            float[] x, int from, float[] g, int to, int n, float shift, int target, MemorySegment workspace) {
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
            FloatVector t0 = FloatVector.fromArray(SPECIES, x, from + j, inside).sub(c);
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
            e0.intoArray(g, to + j, inside);
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
            addShifted(logits, (int) from + logitsOffset, step, shift, workspace);
            addShiftedStep(logits, (int) (from + step) + logitsOffset, LANES, shift, target - step, workspace);
            next = step + LANES;
        }
        addShifted(logits, (int) (from + next) + logitsOffset, whole - next, shift, workspace);
        if (whole < n) {
            addShiftedStep(logits, (int) (from + whole) + logitsOffset, n - whole, shift, target - whole, workspace);
        }
    }

    private static void addShifted(float[] x, int from, int n, float shift, MemorySegment workspace) {
        for (int lane = 0; lane < LANES; lane += 2 * WIDTH) {
            FloatVector sum0 = VectorWidth.loadFloats(workspace, RowWorkspace.SPREAD_PARTIALS, lane);
            FloatVector sum1 = VectorWidth.loadFloats(workspace, RowWorkspace.SPREAD_PARTIALS, lane + WIDTH);
            for (int j = lane; j < n; j += LANES) {
                sum0 = sum0.add(FloatVector.fromArray(SPECIES, x, from + j).sub(shift));
                sum1 = sum1.add(
                        FloatVector.fromArray(SPECIES, x, from + j + WIDTH).sub(shift));
            }
            VectorWidth.store(sum0, workspace, RowWorkspace.SPREAD_PARTIALS, lane);
            VectorWidth.store(sum1, workspace, RowWorkspace.SPREAD_PARTIALS, lane + WIDTH);
        }
    }

    private static void addShiftedStep(float[] x, int from, int n, float shift, int target, MemorySegment workspace) {
        for (int j = 0; j < n; j += WIDTH) {
            VectorMask<Float> inside = IOTA.compare(LT, (float) (n - j));
            VectorMask<Float> summed = inside.and(IOTA.compare(NE, (float) (target - j)));
            FloatVector v = FloatVector.fromArray(SPECIES, x, from + j, inside).sub(shift);
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
                    logits, (int) from + logitsOffset, weights, fromWeight + weightsOffset, step, shift, workspace);
            addShiftedWeightedStep(
                    logits,
                    (int) (from + step) + logitsOffset,
                    weights,
                    fromWeight + step + weightsOffset,
                    LANES,
                    shift,
                    target - step,
                    workspace);
            next = step + LANES;
        }
        addShiftedWeighted(
                logits,
                (int) (from + next) + logitsOffset,
                weights,
                fromWeight + next + weightsOffset,
                whole - next,
                shift,
                workspace);
        if (whole < n) {
            addShiftedWeightedStep(
                    logits,
                    (int) (from + whole) + logitsOffset,
                    weights,
                    fromWeight + whole + weightsOffset,
                    n - whole,
                    shift,
                    target - whole,
                    workspace);
        }
    }

    private static void addShiftedWeighted(
            float[] x, int from, float[] w, int fromWeight, int n, float shift, MemorySegment workspace) {
        final FloatVector zero = FloatVector.zero(SPECIES);
        for (int lane = 0; lane < LANES; lane += 2 * WIDTH) {
            FloatVector sum0 = VectorWidth.loadFloats(workspace, RowWorkspace.SPREAD_PARTIALS, lane);
            FloatVector sum1 = VectorWidth.loadFloats(workspace, RowWorkspace.SPREAD_PARTIALS, lane + WIDTH);
            for (int j = lane; j < n; j += LANES) {
                FloatVector w0 = FloatVector.fromArray(SPECIES, w, fromWeight + j);
                FloatVector w1 = FloatVector.fromArray(SPECIES, w, fromWeight + j + WIDTH);
                FloatVector v0 = FloatVector.fromArray(SPECIES, x, from + j).sub(shift);
                FloatVector v1 =
                        FloatVector.fromArray(SPECIES, x, from + j + WIDTH).sub(shift);
                // A class without weight adds 0 even where its logit is -inf.
                sum0 = v0.blend(zero, w0.compare(EQ, zero)).fma(w0, sum0);
                sum1 = v1.blend(zero, w1.compare(EQ, zero)).fma(w1, sum1);
            }
            VectorWidth.store(sum0, workspace, RowWorkspace.SPREAD_PARTIALS, lane);
            VectorWidth.store(sum1, workspace, RowWorkspace.SPREAD_PARTIALS, lane + WIDTH);
        }
    }

    private static void addShiftedWeightedStep(
            float[] x, int from, float[] w, int fromWeight, int n, float shift, int target, MemorySegment workspace) {
        for (int j = 0; j < n; j += WIDTH) {
            VectorMask<Float> inside = IOTA.compare(LT, (float) (n - j));
            FloatVector w0 = FloatVector.fromArray(SPECIES, w, fromWeight + j, inside);
            FloatVector v0 = FloatVector.fromArray(SPECIES, x, from + j, inside).sub(shift);
            VectorMask<Float> summed = inside.and(IOTA.compare(NE, (float) (target - j)))
                    .andNot(w0.compare(EQ, FloatVector.zero(SPECIES)));
            FloatVector sum = VectorWidth.loadFloats(workspace, RowWorkspace.SPREAD_PARTIALS, j);
            VectorWidth.store(sum.blend(v0.fma(w0, sum), summed), workspace, RowWorkspace.SPREAD_PARTIALS, j);
        }
    }

    @Override
    public void scale(long to, int n, float factor) {
        scale(gradient, (int) to + gradientOffset, n, factor);
    }

    private static void scale(float[] g, int to, int n, float factor) {
        final FloatVector k = FloatVector.broadcast(SPECIES, factor);
        int whole = n & -(2 * WIDTH);
        for (int j = 0; j < whole; j += 2 * WIDTH) {
            FloatVector e0 = FloatVector.fromArray(SPECIES, g, to + j);
            FloatVector e1 = FloatVector.fromArray(SPECIES, g, to + j + WIDTH);
            e0.mul(k).intoArray(g, to + j);
            e1.mul(k).intoArray(g, to + j + WIDTH);
        }
        for (int j = whole; j < n; j += WIDTH) {
            VectorMask<Float> inside = IOTA.compare(LT, (float) (n - j));
            FloatVector.fromArray(SPECIES, g, to + j, inside).mul(k).intoArray(g, to + j, inside);
        }
    }

    @Override
    public void scaleAndSubtract(long to, int n, float factor, float subtrahend) {
        scaleAndSubtract(gradient, (int) to + gradientOffset, n, factor, subtrahend);
    }

    private static void scaleAndSubtract(float[] g, int to, int n, float factor, float subtrahend) {
        final FloatVector k = FloatVector.broadcast(SPECIES, factor);
        final FloatVector minus = FloatVector.broadcast(SPECIES, -subtrahend);
        int whole = n & -(2 * WIDTH);
        for (int j = 0; j < whole; j += 2 * WIDTH) {
            FloatVector e0 = FloatVector.fromArray(SPECIES, g, to + j);
            FloatVector e1 = FloatVector.fromArray(SPECIES, g, to + j + WIDTH);
            e0.fma(k, minus).intoArray(g, to + j);
            e1.fma(k, minus).intoArray(g, to + j + WIDTH);
        }
        for (int j = whole; j < n; j += WIDTH) {
            VectorMask<Float> inside = IOTA.compare(LT, (float) (n - j));
            FloatVector.fromArray(SPECIES, g, to + j, inside).fma(k, minus).intoArray(g, to + j, inside);
        }
    }

    @Override
    public void scaleAndSubtractWeights(long to, int fromWeight, int n, float factor, float beta) {
        scaleAndSubtractWeights(
                gradient, (int) to + gradientOffset, weights, fromWeight + weightsOffset, n, factor, beta);
    }

    private static void scaleAndSubtractWeights(
            float[] g, int to, float[] w, int fromWeight, int n, float factor, float beta) {
        final FloatVector k = FloatVector.broadcast(SPECIES, factor);
        // The sign of beta is turned beforehand: (-beta) w is exactly -(beta w).
        final FloatVector minusBeta = FloatVector.broadcast(SPECIES, -beta);
        int whole = n & -(2 * WIDTH);
        for (int j = 0; j < whole; j += 2 * WIDTH) {
            FloatVector minus0 =
                    FloatVector.fromArray(SPECIES, w, fromWeight + j).mul(minusBeta);
            FloatVector minus1 =
                    FloatVector.fromArray(SPECIES, w, fromWeight + j + WIDTH).mul(minusBeta);
            FloatVector e0 = FloatVector.fromArray(SPECIES, g, to + j);
            FloatVector e1 = FloatVector.fromArray(SPECIES, g, to + j + WIDTH);
            e0.fma(k, minus0).intoArray(g, to + j);
            e1.fma(k, minus1).intoArray(g, to + j + WIDTH);
        }
        for (int j = whole; j < n; j += WIDTH) {
            VectorMask<Float> inside = IOTA.compare(LT, (float) (n - j));
            FloatVector minus0 =
                    FloatVector.fromArray(SPECIES, w, fromWeight + j, inside).mul(minusBeta);
            FloatVector.fromArray(SPECIES, g, to + j, inside).fma(k, minus0).intoArray(g, to + j, inside);
        }
    }

    @Override
    public void subtract(long from, long to, int n, float first, float second) {
        subtract(logits, (int) from + logitsOffset, gradient, (int) to + gradientOffset, n, first, second);
    }

    private static void subtract(float[] x, int from, float[] g, int to, int n, float first, float second) {
        int whole = n & -(2 * WIDTH);
        for (int j = 0; j < whole; j += 2 * WIDTH) {
            FloatVector x0 = FloatVector.fromArray(SPECIES, x, from + j);
            FloatVector x1 = FloatVector.fromArray(SPECIES, x, from + j + WIDTH);
            x0.sub(first).sub(second).intoArray(g, to + j);
            x1.sub(first).sub(second).intoArray(g, to + j + WIDTH);
        }
        for (int j = whole; j < n; j += WIDTH) {
            VectorMask<Float> inside = IOTA.compare(LT, (float) (n - j));
            FloatVector.fromArray(SPECIES, x, from + j, inside)
                    .sub(first)
                    .sub(second)
                    .intoArray(g, to + j, inside);
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
            float g = gradient[(int) (to + j) + gradientOffset];
            if (Float.isNaN(g)) {
                setGradient(to + j, Float.NaN);
            }
        }
    }
}
