package org.crossentropy.jvm;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;
import static jdk.incubator.vector.VectorOperators.EQ;
import static jdk.incubator.vector.VectorOperators.LT;
import static jdk.incubator.vector.VectorOperators.MAX;
import static jdk.incubator.vector.VectorOperators.MIN;
import static jdk.incubator.vector.VectorOperators.NE;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * The loops over blocks of double logits in off-heap memory. The loops are those of {@link ArrayDoubleBlocks}; heap memory
 * needs its own because {@link OffHeap} has to fix the class of a segment.
 */
final class SegmentDoubleBlocks implements DoubleBlocks {

    private static final VectorSpecies<Double> SPECIES = VectorWidth.DOUBLES;
    private static final VectorSpecies<Long> LONGS = VectorWidth.LONGS;
    private static final int WIDTH = SPECIES.length();
    private static final int LANES = DoubleBlocks.LANES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();

    /** The lane numbers 0, 1, ... of a vector. */
    private static final DoubleVector IOTA = DoubleVector.zero(SPECIES).addIndex(1);

    private final MemorySegment logits;
    private final MemorySegment gradient;
    private final MemorySegment weights;
    private final MemorySegment workspace;

    /**
     * Binds the loops to the memory of one call.
     */
    SegmentDoubleBlocks(MemorySegment logits, MemorySegment gradient, MemorySegment weights, MemorySegment workspace) {
        this.logits = logits;
        this.gradient = gradient;
        this.weights = weights;
        this.workspace = workspace;
    }

    /** Whether a segment can be given to the constructor: absent, or off-heap memory that is not a mapped file. */
    static boolean accepts(MemorySegment segment) {
        return OffHeap.is(segment);
    }

    private static DoubleVector load(MemorySegment x, long at) {
        return DoubleVector.fromMemorySegment(SPECIES, OffHeap.exact(x), at * Double.BYTES, ORDER);
    }

    private static DoubleVector load(MemorySegment x, long at, VectorMask<Double> inside) {
        return DoubleVector.fromMemorySegment(SPECIES, OffHeap.exact(x), at * Double.BYTES, ORDER, inside);
    }

    private static void store(DoubleVector vector, MemorySegment g, long at) {
        vector.intoMemorySegment(OffHeap.exact(g), at * Double.BYTES, ORDER);
    }

    private static void store(DoubleVector vector, MemorySegment g, long at, VectorMask<Double> inside) {
        vector.intoMemorySegment(OffHeap.exact(g), at * Double.BYTES, ORDER, inside);
    }

    /** The lanes below n. */
    private static VectorMask<Double> first(int n) {
        return IOTA.compare(LT, (double) n);
    }

    @Override
    public double logit(long index) {
        return logits.getAtIndex(JAVA_DOUBLE_UNALIGNED, index);
    }

    @Override
    public double weight(int index) {
        return weights.getAtIndex(JAVA_DOUBLE_UNALIGNED, index);
    }

    @Override
    public void setGradient(long index, double value) {
        gradient.setAtIndex(JAVA_DOUBLE_UNALIGNED, index, value);
    }

    @Override
    public double max(long from, int n) {
        return max(logits, from, n);
    }

    /**
     * Positive numbers are ordered as their bit patterns are, negative ones the other way round. So both extremes of the bit
     * patterns are kept, by two instructions a register with a latency of one cycle; the maximum of floats would be five, for
     * the sake of NaN and -0, and a comparison and a blend have a latency that bounds the loop.
     */
    private static double max(MemorySegment x, long from, int n) {
        LongVector most = LongVector.broadcast(LONGS, Long.MIN_VALUE);
        LongVector least = LongVector.broadcast(LONGS, Long.MAX_VALUE);
        for (int j = 0; j + WIDTH <= n; j += WIDTH) {
            LongVector bits = load(x, from + j).reinterpretAsLongs();
            most = bits.max(most);
            least = bits.min(least);
        }
        LongVector bits = lastBits(x, from, n);
        return max(x, from, n, bits.max(most).reduceLanes(MAX), bits.min(least).reduceLanes(MIN));
    }

    /**
     * The bit patterns of the last elements of n. Where there are enough of them to fill a register, some were seen before,
     * which no maximum minds.
     */
    private static LongVector lastBits(MemorySegment x, long from, int n) {
        if (n >= WIDTH) {
            return load(x, from + n - WIDTH).reinterpretAsLongs();
        }
        DoubleVector lowest = DoubleVector.broadcast(SPECIES, Double.NEGATIVE_INFINITY);
        return lowest.blend(load(x, from, first(n)), first(n)).reinterpretAsLongs();
    }

    /** The largest of n elements, given the largest and the smallest of their bit patterns. */
    private static double max(MemorySegment x, long from, int n, long most, long least) {
        double max = Double.longBitsToDouble(most >= 0 ? most : least);
        return Double.isNaN(max) ? maxWithoutNaN(x, from, n) : max;
    }

    private static double maxWithoutNaN(MemorySegment x, long from, int n) {
        double max = Double.NEGATIVE_INFINITY;
        for (int j = 0; j < n; j++) {
            double value = x.getAtIndex(JAVA_DOUBLE_UNALIGNED, from + j);
            max = value > max ? value : max;
        }
        return max;
    }

    @Override
    public double addExps(long from, int n, double shift, int target, long next, int nextCount) {
        int whole = n & -LANES;
        int paired = Math.min(whole, nextCount & -LANES);
        double max;
        if (paired > 0) {
            max = addExps(logits, from, paired, shift, target, next, nextCount, workspace);
        } else {
            max = max(next, nextCount);
        }
        if (paired < whole) {
            // No step of the next block is left. The maximum is taken of this block instead, and not used.
            long rest = from + paired;
            addExps(logits, rest, whole - paired, shift, target - paired, rest, whole - paired, workspace);
        }
        if (whole < n) {
            addExpStep(logits, from + whole, n - whole, shift, target - whole, workspace);
        }
        return max;
    }

    /** Whole steps of a block, and the maximum of the next one, which has no fewer. */
    private static double addExps(
            MemorySegment x,
            long from,
            int n,
            double shift,
            int target,
            long next,
            int nextCount,
            MemorySegment workspace) {
        int steps = n / LANES;
        LongVector most = LongVector.broadcast(LONGS, Long.MIN_VALUE);
        LongVector least = LongVector.broadcast(LONGS, Long.MAX_VALUE);
        for (int lane = 0; lane < LANES; lane += WIDTH) {
            DoubleVector sum = VectorWidth.loadDoubles(workspace, RowWorkspace.EXP_PARTIALS, lane);
            long column = from + lane;
            // Each pass reads the next block in a part of its own: line after line, as prefetchers like it.
            long ahead = next + (long) steps * lane;
            int apart = targetStep(target, n, lane);
            int j = 0;
            for (int stretch = 0; j < steps; stretch++) {
                DoubleVector c = shift(shift, stretch == 1 ? target % LANES - lane : -1);
                int end = stretchEnd(stretch, apart, steps);
                for (; j < end; j++) {
                    sum = VectorExp.exp(load(x, column + (long) j * LANES).sub(c))
                            .add(sum);
                    LongVector bits = load(x, ahead + (long) j * WIDTH).reinterpretAsLongs();
                    most = bits.max(most);
                    least = bits.min(least);
                }
            }
            VectorWidth.store(sum, workspace, RowWorkspace.EXP_PARTIALS, lane);
        }
        for (int j = n; j + WIDTH <= nextCount; j += WIDTH) {
            LongVector bits = load(x, next + j).reinterpretAsLongs();
            most = bits.max(most);
            least = bits.min(least);
        }
        LongVector bits = lastBits(x, next, nextCount);
        return max(
                x,
                next,
                nextCount,
                bits.max(most).reduceLanes(MAX),
                bits.min(least).reduceLanes(MIN));
    }

    /**
     * The step in which a register has the target. A pass over a register falls into three stretches: the steps before that
     * one, that one, and those after it. Where the target is elsewhere, the first stretch is all.
     */
    private static int targetStep(int target, int n, int lane) {
        boolean inside = target >= 0 && target < n && (target % LANES & -WIDTH) == lane;
        return inside ? target / LANES : n / LANES;
    }

    private static int stretchEnd(int stretch, int apart, int steps) {
        return stretch == 0 ? apart : stretch == 1 ? apart + 1 : steps;
    }

    /** What is subtracted from a register: infinity in the target's place, so that its exponential is 0. */
    private static DoubleVector shift(double shift, int target) {
        return DoubleVector.broadcast(SPECIES, shift)
                .blend(Double.POSITIVE_INFINITY, IOTA.compare(EQ, (double) target));
    }

    /** One step that ends early, perhaps with the target in it. */
    private static void addExpStep(
            MemorySegment x, long from, int n, double shift, int target, MemorySegment workspace) {
        for (int j = 0; j < n; j += WIDTH) {
            VectorMask<Double> inside = first(n - j);
            DoubleVector e = VectorExp.exp(load(x, from + j, inside).sub(shift(shift, target - j)));
            DoubleVector sum = VectorWidth.loadDoubles(workspace, RowWorkspace.EXP_PARTIALS, j);
            VectorWidth.store(sum.add(e.blend(0.0, inside.not())), workspace, RowWorkspace.EXP_PARTIALS, j);
        }
    }

    @Override
    public void keepExps(long from, long to, int n, double shift, int target) {
        int whole = n & -LANES;
        keepExps(logits, from, gradient, to, whole, shift, target, workspace);
        if (whole < n) {
            keepExpStep(logits, from + whole, gradient, to + whole, n - whole, shift, target - whole, workspace);
        }
    }

    private static void keepExps(
            MemorySegment x,
            long from,
            MemorySegment g,
            long to,
            int n,
            double shift,
            int target,
            MemorySegment workspace) {
        int steps = n / LANES;
        for (int lane = 0; lane < LANES; lane += WIDTH) {
            DoubleVector sum = VectorWidth.loadDoubles(workspace, RowWorkspace.EXP_PARTIALS, lane);
            long column = from + lane;
            long output = to + lane;
            int apart = targetStep(target, n, lane);
            int j = 0;
            for (int stretch = 0; j < steps; stretch++) {
                DoubleVector c = shift(shift, stretch == 1 ? target % LANES - lane : -1);
                int end = stretchEnd(stretch, apart, steps);
                for (; j < end; j++) {
                    DoubleVector e =
                            VectorExp.exp(load(x, column + (long) j * LANES).sub(c));
                    store(e, g, output + (long) j * LANES);
                    sum = e.add(sum);
                }
            }
            VectorWidth.store(sum, workspace, RowWorkspace.EXP_PARTIALS, lane);
        }
    }

    private static void keepExpStep(
            MemorySegment x,
            long from,
            MemorySegment g,
            long to,
            int n,
            double shift,
            int target,
            MemorySegment workspace) {
        for (int j = 0; j < n; j += WIDTH) {
            VectorMask<Double> inside = first(n - j);
            DoubleVector e = VectorExp.exp(load(x, from + j, inside).sub(shift(shift, target - j)));
            store(e, g, to + j, inside);
            DoubleVector sum = VectorWidth.loadDoubles(workspace, RowWorkspace.EXP_PARTIALS, j);
            VectorWidth.store(sum.add(e.blend(0.0, inside.not())), workspace, RowWorkspace.EXP_PARTIALS, j);
        }
    }

    @Override
    public void addShifted(long from, int n, double shift, int target) {
        int whole = n & -LANES;
        addShifted(logits, from, whole, shift, target, workspace);
        if (whole < n) {
            addShiftedStep(logits, from + whole, n - whole, shift, target - whole, workspace);
        }
    }

    private static void addShifted(
            MemorySegment x, long from, int n, double shift, int target, MemorySegment workspace) {
        int apart = target >= 0 && target < n ? target & -LANES : n;
        for (int lane = 0; lane < LANES; lane += WIDTH) {
            DoubleVector sum = VectorWidth.loadDoubles(workspace, RowWorkspace.SPREAD_PARTIALS, lane);
            long column = from + lane;
            for (int j = 0; j < apart; j += LANES) {
                sum = load(x, column + j).sub(shift).add(sum);
            }
            if (apart < n) {
                DoubleVector v = load(x, column + apart).sub(shift);
                sum = sum.add(v.blend(0.0, IOTA.compare(EQ, (double) (target - apart - lane))));
            }
            for (int j = apart + LANES; j < n; j += LANES) {
                sum = load(x, column + j).sub(shift).add(sum);
            }
            VectorWidth.store(sum, workspace, RowWorkspace.SPREAD_PARTIALS, lane);
        }
    }

    private static void addShiftedStep(
            MemorySegment x, long from, int n, double shift, int target, MemorySegment workspace) {
        for (int j = 0; j < n; j += WIDTH) {
            VectorMask<Double> summed = first(n - j).and(IOTA.compare(NE, (double) (target - j)));
            DoubleVector v = load(x, from + j, summed).sub(shift);
            DoubleVector sum = VectorWidth.loadDoubles(workspace, RowWorkspace.SPREAD_PARTIALS, j);
            VectorWidth.store(sum.add(v.blend(0.0, summed.not())), workspace, RowWorkspace.SPREAD_PARTIALS, j);
        }
    }

    @Override
    public void addShiftedWeighted(long from, int fromWeight, int n, double shift, int target) {
        int whole = n & -LANES;
        addShiftedWeighted(logits, from, weights, fromWeight, whole, shift, target, workspace);
        if (whole < n) {
            addShiftedWeightedStep(
                    logits, from + whole, weights, fromWeight + whole, n - whole, shift, target - whole, workspace);
        }
    }

    private static void addShiftedWeighted(
            MemorySegment x,
            long from,
            MemorySegment w,
            long fromWeight,
            int n,
            double shift,
            int target,
            MemorySegment workspace) {
        int apart = target >= 0 && target < n ? target & -LANES : n;
        for (int lane = 0; lane < LANES; lane += WIDTH) {
            DoubleVector sum = VectorWidth.loadDoubles(workspace, RowWorkspace.SPREAD_PARTIALS, lane);
            long column = from + lane;
            long weight = fromWeight + lane;
            for (int j = 0; j < apart; j += LANES) {
                sum = addWeighted(load(x, column + j).sub(shift), load(w, weight + j), sum);
            }
            if (apart < n) {
                DoubleVector v = load(x, column + apart).sub(shift);
                v = v.blend(0.0, IOTA.compare(EQ, (double) (target - apart - lane)));
                sum = addWeighted(v, load(w, weight + apart), sum);
            }
            for (int j = apart + LANES; j < n; j += LANES) {
                sum = addWeighted(load(x, column + j).sub(shift), load(w, weight + j), sum);
            }
            VectorWidth.store(sum, workspace, RowWorkspace.SPREAD_PARTIALS, lane);
        }
    }

    /** A class without weight adds 0 even where its logit is -inf. */
    private static DoubleVector addWeighted(DoubleVector v, DoubleVector w, DoubleVector sum) {
        return v.blend(0.0, w.compare(EQ, 0.0)).fma(w, sum);
    }

    private static void addShiftedWeightedStep(
            MemorySegment x,
            long from,
            MemorySegment w,
            long fromWeight,
            int n,
            double shift,
            int target,
            MemorySegment workspace) {
        for (int j = 0; j < n; j += WIDTH) {
            VectorMask<Double> summed = first(n - j).and(IOTA.compare(NE, (double) (target - j)));
            DoubleVector v = load(x, from + j, summed).sub(shift);
            DoubleVector sum = VectorWidth.loadDoubles(workspace, RowWorkspace.SPREAD_PARTIALS, j);
            // Loaded as 0 where nothing is to be summed.
            DoubleVector weight = load(w, fromWeight + j, summed);
            VectorWidth.store(addWeighted(v, weight, sum), workspace, RowWorkspace.SPREAD_PARTIALS, j);
        }
    }

    @Override
    public double scaleAndSubtract(long to, int n, double factor, double subtrahend, long next) {
        return scaleAndSubtract(gradient, to, n, factor, subtrahend, logits, next);
    }

    private static double scaleAndSubtract(
            MemorySegment g, long to, int n, double factor, double subtrahend, MemorySegment x, long next) {
        DoubleVector k = DoubleVector.broadcast(SPECIES, factor);
        DoubleVector minus = DoubleVector.broadcast(SPECIES, -subtrahend);
        LongVector most = LongVector.broadcast(LONGS, Long.MIN_VALUE);
        LongVector least = LongVector.broadcast(LONGS, Long.MAX_VALUE);
        int whole = n & -WIDTH;
        for (int j = 0; j < whole; j += WIDTH) {
            store(load(g, to + j).fma(k, minus), g, to + j);
            LongVector bits = load(x, next + j).reinterpretAsLongs();
            most = bits.max(most);
            least = bits.min(least);
        }
        if (whole < n) {
            VectorMask<Double> inside = first(n - whole);
            store(load(g, to + whole, inside).fma(k, minus), g, to + whole, inside);
        }
        LongVector bits = lastBits(x, next, n);
        return max(x, next, n, bits.max(most).reduceLanes(MAX), bits.min(least).reduceLanes(MIN));
    }

    @Override
    public void scaleAndSubtractWeights(long to, int fromWeight, int n, double factor, double beta) {
        scaleAndSubtractWeights(gradient, to, weights, fromWeight, n, factor, beta);
    }

    private static void scaleAndSubtractWeights(
            MemorySegment g, long to, MemorySegment w, long fromWeight, int n, double factor, double beta) {
        DoubleVector k = DoubleVector.broadcast(SPECIES, factor);
        // The sign of beta is turned beforehand: (-beta) w is exactly -(beta w).
        DoubleVector minusBeta = DoubleVector.broadcast(SPECIES, -beta);
        int whole = n & -WIDTH;
        for (int j = 0; j < whole; j += WIDTH) {
            store(load(g, to + j).fma(k, load(w, fromWeight + j).mul(minusBeta)), g, to + j);
        }
        if (whole < n) {
            VectorMask<Double> inside = first(n - whole);
            DoubleVector minus = load(w, fromWeight + whole, inside).mul(minusBeta);
            store(load(g, to + whole, inside).fma(k, minus), g, to + whole, inside);
        }
    }

    @Override
    public void subtract(long from, long to, int n, double first, double second) {
        subtract(logits, from, gradient, to, n, first, second);
    }

    private static void subtract(
            MemorySegment x, long from, MemorySegment g, long to, int n, double first, double second) {
        int whole = n & -WIDTH;
        for (int j = 0; j < whole; j += WIDTH) {
            store(load(x, from + j).sub(first).sub(second), g, to + j);
        }
        if (whole < n) {
            VectorMask<Double> inside = first(n - whole);
            store(load(x, from + whole, inside).sub(first).sub(second), g, to + whole, inside);
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
            double g = gradient.getAtIndex(JAVA_DOUBLE_UNALIGNED, to + j);
            if (Double.isNaN(g)) {
                setGradient(to + j, Double.NaN);
            }
        }
    }
}
