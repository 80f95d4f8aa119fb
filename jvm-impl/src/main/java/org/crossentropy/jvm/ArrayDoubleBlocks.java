package org.crossentropy.jvm;

import static jdk.incubator.vector.VectorOperators.EQ;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;
import static jdk.incubator.vector.VectorOperators.NE;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * The loops over blocks of double logits in heap arrays; {@link SegmentDoubleBlocks} has the same ones for memory segments.
 *
 * <p>Each hot loop is alone in its method, unrolled twice and written out by hand, its constants in locals: the forms that
 * C2 was measured to keep in registers. Partial steps are masked.
 */
final class ArrayDoubleBlocks implements DoubleBlocks {

    private static final VectorSpecies<Double> SPECIES = VectorWidth.DOUBLES;
    private static final int WIDTH = SPECIES.length();
    private static final int LANES = DoubleBlocks.LANES;

    /** The lane numbers 0, 1, ... of a vector. */
    private static final DoubleVector IOTA = DoubleVector.zero(SPECIES).addIndex(1);

    private static final double[] NONE = {};

    private final double[] logits;
    private final double[] gradient;
    private final double[] weights;
    private final int logitsOffset;
    private final int gradientOffset;
    private final int weightsOffset;
    private final MemorySegment workspace;

    /**
     * Binds the loops to the memory of one call; heap segments must be of {@code double[]}.
     */
    ArrayDoubleBlocks(MemorySegment logits, MemorySegment gradient, MemorySegment weights, MemorySegment workspace) {
        this.logits = array(logits);
        this.gradient = array(gradient);
        this.weights = array(weights);
        this.logitsOffset = offset(logits);
        this.gradientOffset = offset(gradient);
        this.weightsOffset = offset(weights);
        this.workspace = workspace;
    }

    /** Whether a segment can be given to the constructor: absent, or over a writable {@code double[]}. */
    static boolean accepts(MemorySegment segment) {
        return !RowSums.isPresent(segment) || segment.heapBase().orElse(null) instanceof double[];
    }

    private static double[] array(MemorySegment segment) {
        return segment.heapBase().orElse(null) instanceof double[] array ? array : NONE;
    }

    private static int offset(MemorySegment segment) {
        return segment.isNative() ? 0 : (int) (segment.address() / Double.BYTES);
    }

    @Override
    public double logit(long index) {
        return logits[(int) index + logitsOffset];
    }

    @Override
    public double weight(int index) {
        return weights[index + weightsOffset];
    }

    @Override
    public void setGradient(long index, double value) {
        gradient[(int) index + gradientOffset] = value;
    }

    @Override
    public double max(long from, int n) {
        return max(logits, (int) from + logitsOffset, n);
    }

    private static double max(double[] x, int from, int n) {
        DoubleVector max0 = DoubleVector.broadcast(SPECIES, Double.NEGATIVE_INFINITY);
        DoubleVector max1 = max0;
        int whole = n & -(2 * WIDTH);
        // Compare and blend, since max() spends several instructions on NaN and -0.
        for (int j = 0; j < whole; j += 2 * WIDTH) {
            DoubleVector x0 = DoubleVector.fromArray(SPECIES, x, from + j);
            DoubleVector x1 = DoubleVector.fromArray(SPECIES, x, from + j + WIDTH);
            max0 = max0.blend(x0, x0.compare(GT, max0));
            max1 = max1.blend(x1, x1.compare(GT, max1));
        }
        for (int j = whole; j < n; j += WIDTH) {
            VectorMask<Double> inside = IOTA.compare(LT, (double) (n - j));
            DoubleVector x0 = DoubleVector.fromArray(SPECIES, x, from + j, inside);
            max0 = max0.blend(x0, x0.compare(GT, max0).and(inside));
        }
        return VectorWidth.largest(max0.blend(max1, max1.compare(GT, max0)));
    }

    @Override
    public void addExps(long from, int n, double shift, int target) {
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

    private static void addExps(double[] x, int from, int n, double shift, MemorySegment workspace) {
        final DoubleVector c = DoubleVector.broadcast(SPECIES, shift);
        final DoubleVector log2e = DoubleVector.broadcast(SPECIES, CanonicalMath.D_LOG2_E);
        final DoubleVector magic = DoubleVector.broadcast(SPECIES, CanonicalMath.D_MAGIC);
        final DoubleVector minusHigh = DoubleVector.broadcast(SPECIES, CanonicalMath.D_MINUS_LN2_HIGH);
        final DoubleVector minusLow = DoubleVector.broadcast(SPECIES, CanonicalMath.D_MINUS_LN2_LOW);
        final DoubleVector c11 = DoubleVector.broadcast(SPECIES, CanonicalMath.D_C11);
        final DoubleVector c10 = DoubleVector.broadcast(SPECIES, CanonicalMath.D_C10);
        final DoubleVector c9 = DoubleVector.broadcast(SPECIES, CanonicalMath.D_C9);
        final DoubleVector c8 = DoubleVector.broadcast(SPECIES, CanonicalMath.D_C8);
        final DoubleVector c7 = DoubleVector.broadcast(SPECIES, CanonicalMath.D_C7);
        final DoubleVector c6 = DoubleVector.broadcast(SPECIES, CanonicalMath.D_C6);
        final DoubleVector c5 = DoubleVector.broadcast(SPECIES, CanonicalMath.D_C5);
        final DoubleVector c4 = DoubleVector.broadcast(SPECIES, CanonicalMath.D_C4);
        final DoubleVector c3 = DoubleVector.broadcast(SPECIES, CanonicalMath.D_C3);
        final DoubleVector c2 = DoubleVector.broadcast(SPECIES, CanonicalMath.D_C2);
        final DoubleVector one = DoubleVector.broadcast(SPECIES, 1);
        final DoubleVector cutoff = DoubleVector.broadcast(SPECIES, CanonicalMath.D_CUTOFF);
        final DoubleVector zero = DoubleVector.zero(SPECIES);
        for (int lane = 0; lane < LANES; lane += 2 * WIDTH) {
            DoubleVector sum0 = VectorWidth.loadDoubles(workspace, RowWorkspace.EXP_PARTIALS, lane);
            DoubleVector sum1 = VectorWidth.loadDoubles(workspace, RowWorkspace.EXP_PARTIALS, lane + WIDTH);
            for (int j = lane; j < n; j += LANES) {
                DoubleVector t0 = DoubleVector.fromArray(SPECIES, x, from + j).sub(c);
                DoubleVector b0 = t0.fma(log2e, magic);
                DoubleVector k0 = b0.sub(magic);
                DoubleVector r0 = k0.fma(minusLow, k0.fma(minusHigh, t0));
                DoubleVector p0 = c11.fma(r0, c10)
                        .fma(r0, c9)
                        .fma(r0, c8)
                        .fma(r0, c7)
                        .fma(r0, c6)
                        .fma(r0, c5)
                        .fma(r0, c4)
                        .fma(r0, c3)
                        .fma(r0, c2)
                        .fma(r0, one)
                        .fma(r0, one);
                DoubleVector s0 = b0.reinterpretAsLongs().lanewise(LSHL, 52).reinterpretAsDoubles();
                DoubleVector e0 = p0.mul(s0).blend(zero, t0.compare(LT, cutoff));
                sum0 = sum0.add(e0);
                DoubleVector t1 =
                        DoubleVector.fromArray(SPECIES, x, from + j + WIDTH).sub(c);
                DoubleVector b1 = t1.fma(log2e, magic);
                DoubleVector k1 = b1.sub(magic);
                DoubleVector r1 = k1.fma(minusLow, k1.fma(minusHigh, t1));
                DoubleVector p1 = c11.fma(r1, c10)
                        .fma(r1, c9)
                        .fma(r1, c8)
                        .fma(r1, c7)
                        .fma(r1, c6)
                        .fma(r1, c5)
                        .fma(r1, c4)
                        .fma(r1, c3)
                        .fma(r1, c2)
                        .fma(r1, one)
                        .fma(r1, one);
                DoubleVector s1 = b1.reinterpretAsLongs().lanewise(LSHL, 52).reinterpretAsDoubles();
                DoubleVector e1 = p1.mul(s1).blend(zero, t1.compare(LT, cutoff));
                sum1 = sum1.add(e1);
            }
            VectorWidth.store(sum0, workspace, RowWorkspace.EXP_PARTIALS, lane);
            VectorWidth.store(sum1, workspace, RowWorkspace.EXP_PARTIALS, lane + WIDTH);
        }
    }

    /** One step, perhaps a partial one, perhaps with the target in it. */
    private static void addExpStep(double[] x, int from, int n, double shift, int target, MemorySegment workspace) {
        final DoubleVector c = DoubleVector.broadcast(SPECIES, shift);
        final DoubleVector log2e = DoubleVector.broadcast(SPECIES, CanonicalMath.D_LOG2_E);
        final DoubleVector magic = DoubleVector.broadcast(SPECIES, CanonicalMath.D_MAGIC);
        final DoubleVector minusHigh = DoubleVector.broadcast(SPECIES, CanonicalMath.D_MINUS_LN2_HIGH);
        final DoubleVector minusLow = DoubleVector.broadcast(SPECIES, CanonicalMath.D_MINUS_LN2_LOW);
        final DoubleVector c11 = DoubleVector.broadcast(SPECIES, CanonicalMath.D_C11);
        final DoubleVector c10 = DoubleVector.broadcast(SPECIES, CanonicalMath.D_C10);
        final DoubleVector c9 = DoubleVector.broadcast(SPECIES, CanonicalMath.D_C9);
        final DoubleVector c8 = DoubleVector.broadcast(SPECIES, CanonicalMath.D_C8);
        final DoubleVector c7 = DoubleVector.broadcast(SPECIES, CanonicalMath.D_C7);
        final DoubleVector c6 = DoubleVector.broadcast(SPECIES, CanonicalMath.D_C6);
        final DoubleVector c5 = DoubleVector.broadcast(SPECIES, CanonicalMath.D_C5);
        final DoubleVector c4 = DoubleVector.broadcast(SPECIES, CanonicalMath.D_C4);
        final DoubleVector c3 = DoubleVector.broadcast(SPECIES, CanonicalMath.D_C3);
        final DoubleVector c2 = DoubleVector.broadcast(SPECIES, CanonicalMath.D_C2);
        final DoubleVector one = DoubleVector.broadcast(SPECIES, 1);
        final DoubleVector cutoff = DoubleVector.broadcast(SPECIES, CanonicalMath.D_CUTOFF);
        final DoubleVector zero = DoubleVector.zero(SPECIES);
        for (int j = 0; j < n; j += WIDTH) {
            VectorMask<Double> inside = IOTA.compare(LT, (double) (n - j));
            VectorMask<Double> summed = inside.and(IOTA.compare(NE, (double) (target - j)));
            DoubleVector t0 =
                    DoubleVector.fromArray(SPECIES, x, from + j, inside).sub(c);
            DoubleVector b0 = t0.fma(log2e, magic);
            DoubleVector k0 = b0.sub(magic);
            DoubleVector r0 = k0.fma(minusLow, k0.fma(minusHigh, t0));
            DoubleVector p0 = c11.fma(r0, c10)
                    .fma(r0, c9)
                    .fma(r0, c8)
                    .fma(r0, c7)
                    .fma(r0, c6)
                    .fma(r0, c5)
                    .fma(r0, c4)
                    .fma(r0, c3)
                    .fma(r0, c2)
                    .fma(r0, one)
                    .fma(r0, one);
            DoubleVector s0 = b0.reinterpretAsLongs().lanewise(LSHL, 52).reinterpretAsDoubles();
            DoubleVector e0 = p0.mul(s0).blend(zero, t0.compare(LT, cutoff));
            DoubleVector sum = VectorWidth.loadDoubles(workspace, RowWorkspace.EXP_PARTIALS, j);
            VectorWidth.store(sum.add(zero.blend(e0, summed)), workspace, RowWorkspace.EXP_PARTIALS, j);
        }
    }

    @Override
    public void keepExps(long from, long to, int n, double shift, int target) {
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

    private static void keepExps(
            double[] x, int from, double[] g, int to, int n, double shift, MemorySegment workspace) {
        final DoubleVector c = DoubleVector.broadcast(SPECIES, shift);
        final DoubleVector log2e = DoubleVector.broadcast(SPECIES, CanonicalMath.D_LOG2_E);
        final DoubleVector magic = DoubleVector.broadcast(SPECIES, CanonicalMath.D_MAGIC);
        final DoubleVector minusHigh = DoubleVector.broadcast(SPECIES, CanonicalMath.D_MINUS_LN2_HIGH);
        final DoubleVector minusLow = DoubleVector.broadcast(SPECIES, CanonicalMath.D_MINUS_LN2_LOW);
        final DoubleVector c11 = DoubleVector.broadcast(SPECIES, CanonicalMath.D_C11);
        final DoubleVector c10 = DoubleVector.broadcast(SPECIES, CanonicalMath.D_C10);
        final DoubleVector c9 = DoubleVector.broadcast(SPECIES, CanonicalMath.D_C9);
        final DoubleVector c8 = DoubleVector.broadcast(SPECIES, CanonicalMath.D_C8);
        final DoubleVector c7 = DoubleVector.broadcast(SPECIES, CanonicalMath.D_C7);
        final DoubleVector c6 = DoubleVector.broadcast(SPECIES, CanonicalMath.D_C6);
        final DoubleVector c5 = DoubleVector.broadcast(SPECIES, CanonicalMath.D_C5);
        final DoubleVector c4 = DoubleVector.broadcast(SPECIES, CanonicalMath.D_C4);
        final DoubleVector c3 = DoubleVector.broadcast(SPECIES, CanonicalMath.D_C3);
        final DoubleVector c2 = DoubleVector.broadcast(SPECIES, CanonicalMath.D_C2);
        final DoubleVector one = DoubleVector.broadcast(SPECIES, 1);
        final DoubleVector cutoff = DoubleVector.broadcast(SPECIES, CanonicalMath.D_CUTOFF);
        final DoubleVector zero = DoubleVector.zero(SPECIES);
        for (int lane = 0; lane < LANES; lane += 2 * WIDTH) {
            DoubleVector sum0 = VectorWidth.loadDoubles(workspace, RowWorkspace.EXP_PARTIALS, lane);
            DoubleVector sum1 = VectorWidth.loadDoubles(workspace, RowWorkspace.EXP_PARTIALS, lane + WIDTH);
            for (int j = lane; j < n; j += LANES) {
                DoubleVector t0 = DoubleVector.fromArray(SPECIES, x, from + j).sub(c);
                DoubleVector b0 = t0.fma(log2e, magic);
                DoubleVector k0 = b0.sub(magic);
                DoubleVector r0 = k0.fma(minusLow, k0.fma(minusHigh, t0));
                DoubleVector p0 = c11.fma(r0, c10)
                        .fma(r0, c9)
                        .fma(r0, c8)
                        .fma(r0, c7)
                        .fma(r0, c6)
                        .fma(r0, c5)
                        .fma(r0, c4)
                        .fma(r0, c3)
                        .fma(r0, c2)
                        .fma(r0, one)
                        .fma(r0, one);
                DoubleVector s0 = b0.reinterpretAsLongs().lanewise(LSHL, 52).reinterpretAsDoubles();
                DoubleVector e0 = p0.mul(s0).blend(zero, t0.compare(LT, cutoff));
                e0.intoArray(g, to + j);
                sum0 = sum0.add(e0);
                DoubleVector t1 =
                        DoubleVector.fromArray(SPECIES, x, from + j + WIDTH).sub(c);
                DoubleVector b1 = t1.fma(log2e, magic);
                DoubleVector k1 = b1.sub(magic);
                DoubleVector r1 = k1.fma(minusLow, k1.fma(minusHigh, t1));
                DoubleVector p1 = c11.fma(r1, c10)
                        .fma(r1, c9)
                        .fma(r1, c8)
                        .fma(r1, c7)
                        .fma(r1, c6)
                        .fma(r1, c5)
                        .fma(r1, c4)
                        .fma(r1, c3)
                        .fma(r1, c2)
                        .fma(r1, one)
                        .fma(r1, one);
                DoubleVector s1 = b1.reinterpretAsLongs().lanewise(LSHL, 52).reinterpretAsDoubles();
                DoubleVector e1 = p1.mul(s1).blend(zero, t1.compare(LT, cutoff));
                e1.intoArray(g, to + j + WIDTH);
                sum1 = sum1.add(e1);
            }
            VectorWidth.store(sum0, workspace, RowWorkspace.EXP_PARTIALS, lane);
            VectorWidth.store(sum1, workspace, RowWorkspace.EXP_PARTIALS, lane + WIDTH);
        }
    }

    private static void keepExpStep(
            double[] x, int from, double[] g, int to, int n, double shift, int target, MemorySegment workspace) {
        final DoubleVector c = DoubleVector.broadcast(SPECIES, shift);
        final DoubleVector log2e = DoubleVector.broadcast(SPECIES, CanonicalMath.D_LOG2_E);
        final DoubleVector magic = DoubleVector.broadcast(SPECIES, CanonicalMath.D_MAGIC);
        final DoubleVector minusHigh = DoubleVector.broadcast(SPECIES, CanonicalMath.D_MINUS_LN2_HIGH);
        final DoubleVector minusLow = DoubleVector.broadcast(SPECIES, CanonicalMath.D_MINUS_LN2_LOW);
        final DoubleVector c11 = DoubleVector.broadcast(SPECIES, CanonicalMath.D_C11);
        final DoubleVector c10 = DoubleVector.broadcast(SPECIES, CanonicalMath.D_C10);
        final DoubleVector c9 = DoubleVector.broadcast(SPECIES, CanonicalMath.D_C9);
        final DoubleVector c8 = DoubleVector.broadcast(SPECIES, CanonicalMath.D_C8);
        final DoubleVector c7 = DoubleVector.broadcast(SPECIES, CanonicalMath.D_C7);
        final DoubleVector c6 = DoubleVector.broadcast(SPECIES, CanonicalMath.D_C6);
        final DoubleVector c5 = DoubleVector.broadcast(SPECIES, CanonicalMath.D_C5);
        final DoubleVector c4 = DoubleVector.broadcast(SPECIES, CanonicalMath.D_C4);
        final DoubleVector c3 = DoubleVector.broadcast(SPECIES, CanonicalMath.D_C3);
        final DoubleVector c2 = DoubleVector.broadcast(SPECIES, CanonicalMath.D_C2);
        final DoubleVector one = DoubleVector.broadcast(SPECIES, 1);
        final DoubleVector cutoff = DoubleVector.broadcast(SPECIES, CanonicalMath.D_CUTOFF);
        final DoubleVector zero = DoubleVector.zero(SPECIES);
        for (int j = 0; j < n; j += WIDTH) {
            VectorMask<Double> inside = IOTA.compare(LT, (double) (n - j));
            VectorMask<Double> summed = inside.and(IOTA.compare(NE, (double) (target - j)));
            DoubleVector t0 =
                    DoubleVector.fromArray(SPECIES, x, from + j, inside).sub(c);
            DoubleVector b0 = t0.fma(log2e, magic);
            DoubleVector k0 = b0.sub(magic);
            DoubleVector r0 = k0.fma(minusLow, k0.fma(minusHigh, t0));
            DoubleVector p0 = c11.fma(r0, c10)
                    .fma(r0, c9)
                    .fma(r0, c8)
                    .fma(r0, c7)
                    .fma(r0, c6)
                    .fma(r0, c5)
                    .fma(r0, c4)
                    .fma(r0, c3)
                    .fma(r0, c2)
                    .fma(r0, one)
                    .fma(r0, one);
            DoubleVector s0 = b0.reinterpretAsLongs().lanewise(LSHL, 52).reinterpretAsDoubles();
            DoubleVector e0 = p0.mul(s0).blend(zero, t0.compare(LT, cutoff));
            e0 = zero.blend(e0, summed);
            e0.intoArray(g, to + j, inside);
            DoubleVector sum = VectorWidth.loadDoubles(workspace, RowWorkspace.EXP_PARTIALS, j);
            VectorWidth.store(sum.add(e0), workspace, RowWorkspace.EXP_PARTIALS, j);
        }
    }

    @Override
    public void addShifted(long from, int n, double shift, int target) {
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

    private static void addShifted(double[] x, int from, int n, double shift, MemorySegment workspace) {
        for (int lane = 0; lane < LANES; lane += 2 * WIDTH) {
            DoubleVector sum0 = VectorWidth.loadDoubles(workspace, RowWorkspace.SPREAD_PARTIALS, lane);
            DoubleVector sum1 = VectorWidth.loadDoubles(workspace, RowWorkspace.SPREAD_PARTIALS, lane + WIDTH);
            for (int j = lane; j < n; j += LANES) {
                sum0 = sum0.add(DoubleVector.fromArray(SPECIES, x, from + j).sub(shift));
                sum1 = sum1.add(
                        DoubleVector.fromArray(SPECIES, x, from + j + WIDTH).sub(shift));
            }
            VectorWidth.store(sum0, workspace, RowWorkspace.SPREAD_PARTIALS, lane);
            VectorWidth.store(sum1, workspace, RowWorkspace.SPREAD_PARTIALS, lane + WIDTH);
        }
    }

    private static void addShiftedStep(double[] x, int from, int n, double shift, int target, MemorySegment workspace) {
        for (int j = 0; j < n; j += WIDTH) {
            VectorMask<Double> inside = IOTA.compare(LT, (double) (n - j));
            VectorMask<Double> summed = inside.and(IOTA.compare(NE, (double) (target - j)));
            DoubleVector v =
                    DoubleVector.fromArray(SPECIES, x, from + j, inside).sub(shift);
            DoubleVector sum = VectorWidth.loadDoubles(workspace, RowWorkspace.SPREAD_PARTIALS, j);
            VectorWidth.store(sum.blend(sum.add(v), summed), workspace, RowWorkspace.SPREAD_PARTIALS, j);
        }
    }

    @Override
    public void addShiftedWeighted(long from, int fromWeight, int n, double shift, int target) {
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
            double[] x, int from, double[] w, int fromWeight, int n, double shift, MemorySegment workspace) {
        final DoubleVector zero = DoubleVector.zero(SPECIES);
        for (int lane = 0; lane < LANES; lane += 2 * WIDTH) {
            DoubleVector sum0 = VectorWidth.loadDoubles(workspace, RowWorkspace.SPREAD_PARTIALS, lane);
            DoubleVector sum1 = VectorWidth.loadDoubles(workspace, RowWorkspace.SPREAD_PARTIALS, lane + WIDTH);
            for (int j = lane; j < n; j += LANES) {
                DoubleVector w0 = DoubleVector.fromArray(SPECIES, w, fromWeight + j);
                DoubleVector w1 = DoubleVector.fromArray(SPECIES, w, fromWeight + j + WIDTH);
                DoubleVector v0 = DoubleVector.fromArray(SPECIES, x, from + j).sub(shift);
                DoubleVector v1 =
                        DoubleVector.fromArray(SPECIES, x, from + j + WIDTH).sub(shift);
                // A class without weight adds 0 even where its logit is -inf.
                sum0 = v0.blend(zero, w0.compare(EQ, zero)).fma(w0, sum0);
                sum1 = v1.blend(zero, w1.compare(EQ, zero)).fma(w1, sum1);
            }
            VectorWidth.store(sum0, workspace, RowWorkspace.SPREAD_PARTIALS, lane);
            VectorWidth.store(sum1, workspace, RowWorkspace.SPREAD_PARTIALS, lane + WIDTH);
        }
    }

    private static void addShiftedWeightedStep(
            double[] x,
            int from,
            double[] w,
            int fromWeight,
            int n,
            double shift,
            int target,
            MemorySegment workspace) {
        for (int j = 0; j < n; j += WIDTH) {
            VectorMask<Double> inside = IOTA.compare(LT, (double) (n - j));
            DoubleVector w0 = DoubleVector.fromArray(SPECIES, w, fromWeight + j, inside);
            DoubleVector v0 =
                    DoubleVector.fromArray(SPECIES, x, from + j, inside).sub(shift);
            VectorMask<Double> summed = inside.and(IOTA.compare(NE, (double) (target - j)))
                    .andNot(w0.compare(EQ, DoubleVector.zero(SPECIES)));
            DoubleVector sum = VectorWidth.loadDoubles(workspace, RowWorkspace.SPREAD_PARTIALS, j);
            VectorWidth.store(sum.blend(v0.fma(w0, sum), summed), workspace, RowWorkspace.SPREAD_PARTIALS, j);
        }
    }

    @Override
    public void scale(long to, int n, double factor) {
        scale(gradient, (int) to + gradientOffset, n, factor);
    }

    private static void scale(double[] g, int to, int n, double factor) {
        final DoubleVector k = DoubleVector.broadcast(SPECIES, factor);
        int whole = n & -(2 * WIDTH);
        for (int j = 0; j < whole; j += 2 * WIDTH) {
            DoubleVector e0 = DoubleVector.fromArray(SPECIES, g, to + j);
            DoubleVector e1 = DoubleVector.fromArray(SPECIES, g, to + j + WIDTH);
            e0.mul(k).intoArray(g, to + j);
            e1.mul(k).intoArray(g, to + j + WIDTH);
        }
        for (int j = whole; j < n; j += WIDTH) {
            VectorMask<Double> inside = IOTA.compare(LT, (double) (n - j));
            DoubleVector.fromArray(SPECIES, g, to + j, inside).mul(k).intoArray(g, to + j, inside);
        }
    }

    @Override
    public void scaleAndSubtract(long to, int n, double factor, double subtrahend) {
        scaleAndSubtract(gradient, (int) to + gradientOffset, n, factor, subtrahend);
    }

    private static void scaleAndSubtract(double[] g, int to, int n, double factor, double subtrahend) {
        final DoubleVector k = DoubleVector.broadcast(SPECIES, factor);
        final DoubleVector minus = DoubleVector.broadcast(SPECIES, -subtrahend);
        int whole = n & -(2 * WIDTH);
        for (int j = 0; j < whole; j += 2 * WIDTH) {
            DoubleVector e0 = DoubleVector.fromArray(SPECIES, g, to + j);
            DoubleVector e1 = DoubleVector.fromArray(SPECIES, g, to + j + WIDTH);
            e0.fma(k, minus).intoArray(g, to + j);
            e1.fma(k, minus).intoArray(g, to + j + WIDTH);
        }
        for (int j = whole; j < n; j += WIDTH) {
            VectorMask<Double> inside = IOTA.compare(LT, (double) (n - j));
            DoubleVector.fromArray(SPECIES, g, to + j, inside).fma(k, minus).intoArray(g, to + j, inside);
        }
    }

    @Override
    public void scaleAndSubtractWeights(long to, int fromWeight, int n, double factor, double beta) {
        scaleAndSubtractWeights(
                gradient, (int) to + gradientOffset, weights, fromWeight + weightsOffset, n, factor, beta);
    }

    private static void scaleAndSubtractWeights(
            double[] g, int to, double[] w, int fromWeight, int n, double factor, double beta) {
        final DoubleVector k = DoubleVector.broadcast(SPECIES, factor);
        // The sign of beta is turned beforehand: (-beta) w is exactly -(beta w).
        final DoubleVector minusBeta = DoubleVector.broadcast(SPECIES, -beta);
        int whole = n & -(2 * WIDTH);
        for (int j = 0; j < whole; j += 2 * WIDTH) {
            DoubleVector minus0 =
                    DoubleVector.fromArray(SPECIES, w, fromWeight + j).mul(minusBeta);
            DoubleVector minus1 =
                    DoubleVector.fromArray(SPECIES, w, fromWeight + j + WIDTH).mul(minusBeta);
            DoubleVector e0 = DoubleVector.fromArray(SPECIES, g, to + j);
            DoubleVector e1 = DoubleVector.fromArray(SPECIES, g, to + j + WIDTH);
            e0.fma(k, minus0).intoArray(g, to + j);
            e1.fma(k, minus1).intoArray(g, to + j + WIDTH);
        }
        for (int j = whole; j < n; j += WIDTH) {
            VectorMask<Double> inside = IOTA.compare(LT, (double) (n - j));
            DoubleVector minus0 =
                    DoubleVector.fromArray(SPECIES, w, fromWeight + j, inside).mul(minusBeta);
            DoubleVector.fromArray(SPECIES, g, to + j, inside).fma(k, minus0).intoArray(g, to + j, inside);
        }
    }

    @Override
    public void subtract(long from, long to, int n, double first, double second) {
        subtract(logits, (int) from + logitsOffset, gradient, (int) to + gradientOffset, n, first, second);
    }

    private static void subtract(double[] x, int from, double[] g, int to, int n, double first, double second) {
        int whole = n & -(2 * WIDTH);
        for (int j = 0; j < whole; j += 2 * WIDTH) {
            DoubleVector x0 = DoubleVector.fromArray(SPECIES, x, from + j);
            DoubleVector x1 = DoubleVector.fromArray(SPECIES, x, from + j + WIDTH);
            x0.sub(first).sub(second).intoArray(g, to + j);
            x1.sub(first).sub(second).intoArray(g, to + j + WIDTH);
        }
        for (int j = whole; j < n; j += WIDTH) {
            VectorMask<Double> inside = IOTA.compare(LT, (double) (n - j));
            DoubleVector.fromArray(SPECIES, x, from + j, inside)
                    .sub(first)
                    .sub(second)
                    .intoArray(g, to + j, inside);
        }
    }

    @Override
    public void fill(long to, int n, double value) {
        for (int j = 0; j < n; j++) {
            setGradient(to + j, value);
        }
    }

    @Override
    public void canonicalizeNaN(long to, int n) {
        for (int j = 0; j < n; j++) {
            double g = gradient[(int) (to + j) + gradientOffset];
            if (Double.isNaN(g)) {
                setGradient(to + j, Double.NaN);
            }
        }
    }
}
