package org.crossentropy.jvm;

import static jdk.incubator.vector.VectorOperators.EQ;
import static jdk.incubator.vector.VectorOperators.LT;
import static jdk.incubator.vector.VectorOperators.MAX;
import static jdk.incubator.vector.VectorOperators.MIN;
import static jdk.incubator.vector.VectorOperators.NE;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * The loops over blocks of double logits in heap arrays; {@link SegmentDoubleBlocks} has the same ones for memory segments.
 *
 * <p>A hot loop works on one register at a time and goes over a block once for each register of a step: the processor
 * overlaps what is independent by itself, and two registers in one loop are more than C2 was measured to inline, which
 * then allocates every vector and is four times slower. For the same reason each hot loop is alone in its method.
 */
final class ArrayDoubleBlocks implements DoubleBlocks {

    private static final VectorSpecies<Double> SPECIES = VectorWidth.DOUBLES;
    private static final VectorSpecies<Long> LONGS = VectorWidth.LONGS;
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

    private int logitAt(long index) {
        return (int) index + logitsOffset;
    }

    private int gradientAt(long index) {
        return (int) index + gradientOffset;
    }

    private int weightAt(long index) {
        return (int) index + weightsOffset;
    }

    private static DoubleVector load(double[] x, int at) {
        return DoubleVector.fromArray(SPECIES, x, at);
    }

    private static DoubleVector load(double[] x, int at, VectorMask<Double> inside) {
        return DoubleVector.fromArray(SPECIES, x, at, inside);
    }

    /** The lanes below n. */
    private static VectorMask<Double> first(int n) {
        return IOTA.compare(LT, (double) n);
    }

    @Override
    public double logit(long index) {
        return logits[logitAt(index)];
    }

    @Override
    public double weight(int index) {
        return weights[weightAt(index)];
    }

    @Override
    public void setGradient(long index, double value) {
        gradient[gradientAt(index)] = value;
    }

    @Override
    public double max(long from, int n) {
        return max(logits, logitAt(from), n);
    }

    /**
     * Positive numbers are ordered as their bit patterns are, negative ones the other way round. So both extremes of the bit
     * patterns are kept, by two instructions a register with a latency of one cycle; the maximum of floats would be five, for
     * the sake of NaN and -0, and a comparison and a blend have a latency that bounds the loop.
     */
    private static double max(double[] x, int from, int n) {
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
    private static LongVector lastBits(double[] x, int from, int n) {
        if (n >= WIDTH) {
            return load(x, from + n - WIDTH).reinterpretAsLongs();
        }
        DoubleVector lowest = DoubleVector.broadcast(SPECIES, Double.NEGATIVE_INFINITY);
        return lowest.blend(load(x, from, first(n)), first(n)).reinterpretAsLongs();
    }

    /** The largest of n elements, given the largest and the smallest of their bit patterns. */
    private static double max(double[] x, int from, int n, long most, long least) {
        double max = Double.longBitsToDouble(most >= 0 ? most : least);
        return Double.isNaN(max) ? maxWithoutNaN(x, from, n) : max;
    }

    private static double maxWithoutNaN(double[] x, int from, int n) {
        double max = Double.NEGATIVE_INFINITY;
        for (int j = 0; j < n; j++) {
            double value = x[from + j];
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
            max = addExps(logits, logitAt(from), paired, shift, target, logitAt(next), nextCount, workspace);
        } else {
            max = max(next, nextCount);
        }
        if (paired < whole) {
            // No step of the next block is left. The maximum is taken of this block instead, and not used.
            int rest = logitAt(from + paired);
            addExps(logits, rest, whole - paired, shift, target - paired, rest, whole - paired, workspace);
        }
        if (whole < n) {
            addExpStep(logits, logitAt(from + whole), n - whole, shift, target - whole, workspace);
        }
        return max;
    }

    /** Whole steps of a block, and the maximum of the next one, which has no fewer. */
    private static double addExps(
            double[] x, int from, int n, double shift, int target, int next, int nextCount, MemorySegment workspace) {
        int steps = n / LANES;
        LongVector most = LongVector.broadcast(LONGS, Long.MIN_VALUE);
        LongVector least = LongVector.broadcast(LONGS, Long.MAX_VALUE);
        for (int lane = 0; lane < LANES; lane += WIDTH) {
            DoubleVector sum = VectorWidth.loadDoubles(workspace, RowWorkspace.EXP_PARTIALS, lane);
            int column = from + lane;
            // Each pass reads the next block in a part of its own: line after line, as prefetchers like it.
            int ahead = next + steps * lane;
            int apart = targetStep(target, n, lane);
            int j = 0;
            for (int stretch = 0; j < steps; stretch++) {
                DoubleVector c = shift(shift, stretch == 1 ? target % LANES - lane : -1);
                int end = stretchEnd(stretch, apart, steps);
                for (; j < end; j++) {
                    sum = VectorExp.exp(load(x, column + j * LANES).sub(c)).add(sum);
                    LongVector bits = load(x, ahead + j * WIDTH).reinterpretAsLongs();
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
    private static void addExpStep(double[] x, int from, int n, double shift, int target, MemorySegment workspace) {
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
        keepExps(logits, logitAt(from), gradient, gradientAt(to), whole, shift, target, workspace);
        if (whole < n) {
            keepExpStep(
                    logits,
                    logitAt(from + whole),
                    gradient,
                    gradientAt(to + whole),
                    n - whole,
                    shift,
                    target - whole,
                    workspace);
        }
    }

    private static void keepExps(
            double[] x, int from, double[] g, int to, int n, double shift, int target, MemorySegment workspace) {
        int steps = n / LANES;
        for (int lane = 0; lane < LANES; lane += WIDTH) {
            DoubleVector sum = VectorWidth.loadDoubles(workspace, RowWorkspace.EXP_PARTIALS, lane);
            int column = from + lane;
            int output = to + lane;
            int apart = targetStep(target, n, lane);
            int j = 0;
            for (int stretch = 0; j < steps; stretch++) {
                DoubleVector c = shift(shift, stretch == 1 ? target % LANES - lane : -1);
                int end = stretchEnd(stretch, apart, steps);
                for (; j < end; j++) {
                    DoubleVector e = VectorExp.exp(load(x, column + j * LANES).sub(c));
                    e.intoArray(g, output + j * LANES);
                    sum = e.add(sum);
                }
            }
            VectorWidth.store(sum, workspace, RowWorkspace.EXP_PARTIALS, lane);
        }
    }

    private static void keepExpStep(
            double[] x, int from, double[] g, int to, int n, double shift, int target, MemorySegment workspace) {
        for (int j = 0; j < n; j += WIDTH) {
            VectorMask<Double> inside = first(n - j);
            DoubleVector e = VectorExp.exp(load(x, from + j, inside).sub(shift(shift, target - j)));
            e.intoArray(g, to + j, inside);
            DoubleVector sum = VectorWidth.loadDoubles(workspace, RowWorkspace.EXP_PARTIALS, j);
            VectorWidth.store(sum.add(e.blend(0.0, inside.not())), workspace, RowWorkspace.EXP_PARTIALS, j);
        }
    }

    @Override
    public void addShifted(long from, int n, double shift, int target) {
        int whole = n & -LANES;
        addShifted(logits, logitAt(from), whole, shift, target, workspace);
        if (whole < n) {
            addShiftedStep(logits, logitAt(from + whole), n - whole, shift, target - whole, workspace);
        }
    }

    private static void addShifted(double[] x, int from, int n, double shift, int target, MemorySegment workspace) {
        int apart = target >= 0 && target < n ? target & -LANES : n;
        for (int lane = 0; lane < LANES; lane += WIDTH) {
            DoubleVector sum = VectorWidth.loadDoubles(workspace, RowWorkspace.SPREAD_PARTIALS, lane);
            int column = from + lane;
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

    private static void addShiftedStep(double[] x, int from, int n, double shift, int target, MemorySegment workspace) {
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
        addShiftedWeighted(logits, logitAt(from), weights, weightAt(fromWeight), whole, shift, target, workspace);
        if (whole < n) {
            addShiftedWeightedStep(
                    logits,
                    logitAt(from + whole),
                    weights,
                    weightAt(fromWeight + whole),
                    n - whole,
                    shift,
                    target - whole,
                    workspace);
        }
    }

    private static void addShiftedWeighted(
            double[] x,
            int from,
            double[] w,
            int fromWeight,
            int n,
            double shift,
            int target,
            MemorySegment workspace) {
        int apart = target >= 0 && target < n ? target & -LANES : n;
        for (int lane = 0; lane < LANES; lane += WIDTH) {
            DoubleVector sum = VectorWidth.loadDoubles(workspace, RowWorkspace.SPREAD_PARTIALS, lane);
            int column = from + lane;
            int weight = fromWeight + lane;
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
            double[] x,
            int from,
            double[] w,
            int fromWeight,
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
        return scaleAndSubtract(gradient, gradientAt(to), n, factor, subtrahend, logits, logitAt(next));
    }

    private static double scaleAndSubtract(
            double[] g, int to, int n, double factor, double subtrahend, double[] x, int next) {
        DoubleVector k = DoubleVector.broadcast(SPECIES, factor);
        DoubleVector minus = DoubleVector.broadcast(SPECIES, -subtrahend);
        LongVector most = LongVector.broadcast(LONGS, Long.MIN_VALUE);
        LongVector least = LongVector.broadcast(LONGS, Long.MAX_VALUE);
        int whole = n & -WIDTH;
        for (int j = 0; j < whole; j += WIDTH) {
            load(g, to + j).fma(k, minus).intoArray(g, to + j);
            LongVector bits = load(x, next + j).reinterpretAsLongs();
            most = bits.max(most);
            least = bits.min(least);
        }
        if (whole < n) {
            VectorMask<Double> inside = first(n - whole);
            load(g, to + whole, inside).fma(k, minus).intoArray(g, to + whole, inside);
        }
        LongVector bits = lastBits(x, next, n);
        return max(x, next, n, bits.max(most).reduceLanes(MAX), bits.min(least).reduceLanes(MIN));
    }

    @Override
    public void scaleAndSubtractWeights(long to, int fromWeight, int n, double factor, double beta) {
        scaleAndSubtractWeights(gradient, gradientAt(to), weights, weightAt(fromWeight), n, factor, beta);
    }

    private static void scaleAndSubtractWeights(
            double[] g, int to, double[] w, int fromWeight, int n, double factor, double beta) {
        DoubleVector k = DoubleVector.broadcast(SPECIES, factor);
        // The sign of beta is turned beforehand: (-beta) w is exactly -(beta w).
        DoubleVector minusBeta = DoubleVector.broadcast(SPECIES, -beta);
        int whole = n & -WIDTH;
        for (int j = 0; j < whole; j += WIDTH) {
            load(g, to + j).fma(k, load(w, fromWeight + j).mul(minusBeta)).intoArray(g, to + j);
        }
        if (whole < n) {
            VectorMask<Double> inside = first(n - whole);
            DoubleVector minus = load(w, fromWeight + whole, inside).mul(minusBeta);
            load(g, to + whole, inside).fma(k, minus).intoArray(g, to + whole, inside);
        }
    }

    @Override
    public void subtract(long from, long to, int n, double first, double second) {
        subtract(logits, logitAt(from), gradient, gradientAt(to), n, first, second);
    }

    private static void subtract(double[] x, int from, double[] g, int to, int n, double first, double second) {
        int whole = n & -WIDTH;
        for (int j = 0; j < whole; j += WIDTH) {
            load(x, from + j).sub(first).sub(second).intoArray(g, to + j);
        }
        if (whole < n) {
            VectorMask<Double> inside = first(n - whole);
            load(x, from + whole, inside).sub(first).sub(second).intoArray(g, to + whole, inside);
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
            double g = gradient[gradientAt(to + j)];
            if (Double.isNaN(g)) {
                setGradient(to + j, Double.NaN);
            }
        }
    }
}
