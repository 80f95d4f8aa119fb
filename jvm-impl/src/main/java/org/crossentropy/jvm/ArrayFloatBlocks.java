package org.crossentropy.jvm;

import static jdk.incubator.vector.VectorOperators.EQ;
import static jdk.incubator.vector.VectorOperators.LT;
import static jdk.incubator.vector.VectorOperators.MAX;
import static jdk.incubator.vector.VectorOperators.MIN;
import static jdk.incubator.vector.VectorOperators.NE;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * The loops over blocks of float logits in heap arrays; {@link SegmentFloatBlocks} has the same ones for memory segments.
 *
 * <p>A hot loop works on one register at a time and goes over a block once for each register of a step: the processor
 * overlaps what is independent by itself, and two registers in one loop are more than C2 was measured to inline, which
 * then allocates every vector and is four times slower. For the same reason each hot loop is alone in its method.
 */
final class ArrayFloatBlocks implements FloatBlocks {

    private static final VectorSpecies<Float> SPECIES = VectorWidth.FLOATS;
    private static final VectorSpecies<Integer> INTS = VectorWidth.INTS;
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

    private int logitAt(long index) {
        return (int) index + logitsOffset;
    }

    private int gradientAt(long index) {
        return (int) index + gradientOffset;
    }

    private int weightAt(long index) {
        return (int) index + weightsOffset;
    }

    private static FloatVector load(float[] x, int at) {
        return FloatVector.fromArray(SPECIES, x, at);
    }

    private static FloatVector load(float[] x, int at, VectorMask<Float> inside) {
        return FloatVector.fromArray(SPECIES, x, at, inside);
    }

    /** The lanes below n. */
    private static VectorMask<Float> first(int n) {
        return IOTA.compare(LT, (float) n);
    }

    @Override
    public float logit(long index) {
        return logits[logitAt(index)];
    }

    @Override
    public float weight(int index) {
        return weights[weightAt(index)];
    }

    @Override
    public void setGradient(long index, float value) {
        gradient[gradientAt(index)] = value;
    }

    @Override
    public float max(long from, int n) {
        return max(logits, logitAt(from), n);
    }

    /**
     * Positive numbers are ordered as their bit patterns are, negative ones the other way round. So both extremes of the bit
     * patterns are kept, by two instructions a register with a latency of one cycle; the maximum of floats would be five, for
     * the sake of NaN and -0, and a comparison and a blend have a latency that bounds the loop.
     */
    private static float max(float[] x, int from, int n) {
        IntVector most = IntVector.broadcast(INTS, Integer.MIN_VALUE);
        IntVector least = IntVector.broadcast(INTS, Integer.MAX_VALUE);
        for (int j = 0; j + WIDTH <= n; j += WIDTH) {
            IntVector bits = load(x, from + j).reinterpretAsInts();
            most = bits.max(most);
            least = bits.min(least);
        }
        IntVector bits = lastBits(x, from, n);
        return max(x, from, n, bits.max(most).reduceLanes(MAX), bits.min(least).reduceLanes(MIN));
    }

    /**
     * The bit patterns of the last elements of n. Where there are enough of them to fill a register, some were seen before,
     * which no maximum minds.
     */
    private static IntVector lastBits(float[] x, int from, int n) {
        if (n >= WIDTH) {
            return load(x, from + n - WIDTH).reinterpretAsInts();
        }
        FloatVector lowest = FloatVector.broadcast(SPECIES, Float.NEGATIVE_INFINITY);
        return lowest.blend(load(x, from, first(n)), first(n)).reinterpretAsInts();
    }

    /** The largest of n elements, given the largest and the smallest of their bit patterns. */
    private static float max(float[] x, int from, int n, int most, int least) {
        float max = Float.intBitsToFloat(most >= 0 ? most : least);
        return Float.isNaN(max) ? maxWithoutNaN(x, from, n) : max;
    }

    private static float maxWithoutNaN(float[] x, int from, int n) {
        float max = Float.NEGATIVE_INFINITY;
        for (int j = 0; j < n; j++) {
            float value = x[from + j];
            max = value > max ? value : max;
        }
        return max;
    }

    @Override
    public float addExps(long from, int n, float shift, int target, long next, int nextCount) {
        int whole = n & -LANES;
        int paired = Math.min(whole, nextCount & -LANES);
        float max;
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
    private static float addExps(
            float[] x, int from, int n, float shift, int target, int next, int nextCount, MemorySegment workspace) {
        int steps = n / LANES;
        IntVector most = IntVector.broadcast(INTS, Integer.MIN_VALUE);
        IntVector least = IntVector.broadcast(INTS, Integer.MAX_VALUE);
        for (int lane = 0; lane < LANES; lane += WIDTH) {
            FloatVector sum = VectorWidth.loadFloats(workspace, RowWorkspace.EXP_PARTIALS, lane);
            int column = from + lane;
            // Each pass reads the next block in a part of its own: line after line, as prefetchers like it.
            int ahead = next + steps * lane;
            int apart = targetStep(target, n, lane);
            int j = 0;
            for (int stretch = 0; j < steps; stretch++) {
                FloatVector c = shift(shift, stretch == 1 ? target % LANES - lane : -1);
                int end = stretchEnd(stretch, apart, steps);
                for (; j < end; j++) {
                    sum = VectorExp.exp(load(x, column + j * LANES).sub(c)).add(sum);
                    IntVector bits = load(x, ahead + j * WIDTH).reinterpretAsInts();
                    most = bits.max(most);
                    least = bits.min(least);
                }
            }
            VectorWidth.store(sum, workspace, RowWorkspace.EXP_PARTIALS, lane);
        }
        for (int j = n; j + WIDTH <= nextCount; j += WIDTH) {
            IntVector bits = load(x, next + j).reinterpretAsInts();
            most = bits.max(most);
            least = bits.min(least);
        }
        IntVector bits = lastBits(x, next, nextCount);
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
    private static FloatVector shift(float shift, int target) {
        return FloatVector.broadcast(SPECIES, shift).blend(Float.POSITIVE_INFINITY, IOTA.compare(EQ, (float) target));
    }

    /** One step that ends early, perhaps with the target in it. */
    private static void addExpStep(float[] x, int from, int n, float shift, int target, MemorySegment workspace) {
        for (int j = 0; j < n; j += WIDTH) {
            VectorMask<Float> inside = first(n - j);
            FloatVector e = VectorExp.exp(load(x, from + j, inside).sub(shift(shift, target - j)));
            FloatVector sum = VectorWidth.loadFloats(workspace, RowWorkspace.EXP_PARTIALS, j);
            VectorWidth.store(sum.add(e.blend(0f, inside.not())), workspace, RowWorkspace.EXP_PARTIALS, j);
        }
    }

    @Override
    public void keepExps(long from, long to, int n, float shift, int target) {
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
            float[] x, int from, float[] g, int to, int n, float shift, int target, MemorySegment workspace) {
        int steps = n / LANES;
        for (int lane = 0; lane < LANES; lane += WIDTH) {
            FloatVector sum = VectorWidth.loadFloats(workspace, RowWorkspace.EXP_PARTIALS, lane);
            int column = from + lane;
            int output = to + lane;
            int apart = targetStep(target, n, lane);
            int j = 0;
            for (int stretch = 0; j < steps; stretch++) {
                FloatVector c = shift(shift, stretch == 1 ? target % LANES - lane : -1);
                int end = stretchEnd(stretch, apart, steps);
                for (; j < end; j++) {
                    FloatVector e = VectorExp.exp(load(x, column + j * LANES).sub(c));
                    e.intoArray(g, output + j * LANES);
                    sum = e.add(sum);
                }
            }
            VectorWidth.store(sum, workspace, RowWorkspace.EXP_PARTIALS, lane);
        }
    }

    private static void keepExpStep(
            float[] x, int from, float[] g, int to, int n, float shift, int target, MemorySegment workspace) {
        for (int j = 0; j < n; j += WIDTH) {
            VectorMask<Float> inside = first(n - j);
            FloatVector e = VectorExp.exp(load(x, from + j, inside).sub(shift(shift, target - j)));
            e.intoArray(g, to + j, inside);
            FloatVector sum = VectorWidth.loadFloats(workspace, RowWorkspace.EXP_PARTIALS, j);
            VectorWidth.store(sum.add(e.blend(0f, inside.not())), workspace, RowWorkspace.EXP_PARTIALS, j);
        }
    }

    @Override
    public void addShifted(long from, int n, float shift, int target) {
        int whole = n & -LANES;
        addShifted(logits, logitAt(from), whole, shift, target, workspace);
        if (whole < n) {
            addShiftedStep(logits, logitAt(from + whole), n - whole, shift, target - whole, workspace);
        }
    }

    private static void addShifted(float[] x, int from, int n, float shift, int target, MemorySegment workspace) {
        int apart = target >= 0 && target < n ? target & -LANES : n;
        for (int lane = 0; lane < LANES; lane += WIDTH) {
            FloatVector sum = VectorWidth.loadFloats(workspace, RowWorkspace.SPREAD_PARTIALS, lane);
            int column = from + lane;
            for (int j = 0; j < apart; j += LANES) {
                sum = load(x, column + j).sub(shift).add(sum);
            }
            if (apart < n) {
                FloatVector v = load(x, column + apart).sub(shift);
                sum = sum.add(v.blend(0f, IOTA.compare(EQ, (float) (target - apart - lane))));
            }
            for (int j = apart + LANES; j < n; j += LANES) {
                sum = load(x, column + j).sub(shift).add(sum);
            }
            VectorWidth.store(sum, workspace, RowWorkspace.SPREAD_PARTIALS, lane);
        }
    }

    private static void addShiftedStep(float[] x, int from, int n, float shift, int target, MemorySegment workspace) {
        for (int j = 0; j < n; j += WIDTH) {
            VectorMask<Float> summed = first(n - j).and(IOTA.compare(NE, (float) (target - j)));
            FloatVector v = load(x, from + j, summed).sub(shift);
            FloatVector sum = VectorWidth.loadFloats(workspace, RowWorkspace.SPREAD_PARTIALS, j);
            VectorWidth.store(sum.add(v.blend(0f, summed.not())), workspace, RowWorkspace.SPREAD_PARTIALS, j);
        }
    }

    @Override
    public void addShiftedWeighted(long from, int fromWeight, int n, float shift, int target) {
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
            float[] x, int from, float[] w, int fromWeight, int n, float shift, int target, MemorySegment workspace) {
        int apart = target >= 0 && target < n ? target & -LANES : n;
        for (int lane = 0; lane < LANES; lane += WIDTH) {
            FloatVector sum = VectorWidth.loadFloats(workspace, RowWorkspace.SPREAD_PARTIALS, lane);
            int column = from + lane;
            int weight = fromWeight + lane;
            for (int j = 0; j < apart; j += LANES) {
                sum = addWeighted(load(x, column + j).sub(shift), load(w, weight + j), sum);
            }
            if (apart < n) {
                FloatVector v = load(x, column + apart).sub(shift);
                v = v.blend(0f, IOTA.compare(EQ, (float) (target - apart - lane)));
                sum = addWeighted(v, load(w, weight + apart), sum);
            }
            for (int j = apart + LANES; j < n; j += LANES) {
                sum = addWeighted(load(x, column + j).sub(shift), load(w, weight + j), sum);
            }
            VectorWidth.store(sum, workspace, RowWorkspace.SPREAD_PARTIALS, lane);
        }
    }

    /** A class without weight adds 0 even where its logit is -inf. */
    private static FloatVector addWeighted(FloatVector v, FloatVector w, FloatVector sum) {
        return v.blend(0f, w.compare(EQ, 0f)).fma(w, sum);
    }

    private static void addShiftedWeightedStep(
            float[] x, int from, float[] w, int fromWeight, int n, float shift, int target, MemorySegment workspace) {
        for (int j = 0; j < n; j += WIDTH) {
            VectorMask<Float> summed = first(n - j).and(IOTA.compare(NE, (float) (target - j)));
            FloatVector v = load(x, from + j, summed).sub(shift);
            FloatVector sum = VectorWidth.loadFloats(workspace, RowWorkspace.SPREAD_PARTIALS, j);
            // Loaded as 0 where nothing is to be summed.
            FloatVector weight = load(w, fromWeight + j, summed);
            VectorWidth.store(addWeighted(v, weight, sum), workspace, RowWorkspace.SPREAD_PARTIALS, j);
        }
    }

    @Override
    public float scaleAndSubtract(long to, int n, float factor, float subtrahend, long next) {
        return scaleAndSubtract(gradient, gradientAt(to), n, factor, subtrahend, logits, logitAt(next));
    }

    private static float scaleAndSubtract(
            float[] g, int to, int n, float factor, float subtrahend, float[] x, int next) {
        FloatVector k = FloatVector.broadcast(SPECIES, factor);
        FloatVector minus = FloatVector.broadcast(SPECIES, -subtrahend);
        IntVector most = IntVector.broadcast(INTS, Integer.MIN_VALUE);
        IntVector least = IntVector.broadcast(INTS, Integer.MAX_VALUE);
        int whole = n & -WIDTH;
        for (int j = 0; j < whole; j += WIDTH) {
            load(g, to + j).fma(k, minus).intoArray(g, to + j);
            IntVector bits = load(x, next + j).reinterpretAsInts();
            most = bits.max(most);
            least = bits.min(least);
        }
        if (whole < n) {
            VectorMask<Float> inside = first(n - whole);
            load(g, to + whole, inside).fma(k, minus).intoArray(g, to + whole, inside);
        }
        IntVector bits = lastBits(x, next, n);
        return max(x, next, n, bits.max(most).reduceLanes(MAX), bits.min(least).reduceLanes(MIN));
    }

    @Override
    public void scaleAndSubtractWeights(long to, int fromWeight, int n, float factor, float beta) {
        scaleAndSubtractWeights(gradient, gradientAt(to), weights, weightAt(fromWeight), n, factor, beta);
    }

    private static void scaleAndSubtractWeights(
            float[] g, int to, float[] w, int fromWeight, int n, float factor, float beta) {
        FloatVector k = FloatVector.broadcast(SPECIES, factor);
        // The sign of beta is turned beforehand: (-beta) w is exactly -(beta w).
        FloatVector minusBeta = FloatVector.broadcast(SPECIES, -beta);
        int whole = n & -WIDTH;
        for (int j = 0; j < whole; j += WIDTH) {
            load(g, to + j).fma(k, load(w, fromWeight + j).mul(minusBeta)).intoArray(g, to + j);
        }
        if (whole < n) {
            VectorMask<Float> inside = first(n - whole);
            FloatVector minus = load(w, fromWeight + whole, inside).mul(minusBeta);
            load(g, to + whole, inside).fma(k, minus).intoArray(g, to + whole, inside);
        }
    }

    @Override
    public void subtract(long from, long to, int n, float first, float second) {
        subtract(logits, logitAt(from), gradient, gradientAt(to), n, first, second);
    }

    private static void subtract(float[] x, int from, float[] g, int to, int n, float first, float second) {
        int whole = n & -WIDTH;
        for (int j = 0; j < whole; j += WIDTH) {
            load(x, from + j).sub(first).sub(second).intoArray(g, to + j);
        }
        if (whole < n) {
            VectorMask<Float> inside = first(n - whole);
            load(x, from + whole, inside).sub(first).sub(second).intoArray(g, to + whole, inside);
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
            float g = gradient[gradientAt(to + j)];
            if (Float.isNaN(g)) {
                setGradient(to + j, Float.NaN);
            }
        }
    }
}
