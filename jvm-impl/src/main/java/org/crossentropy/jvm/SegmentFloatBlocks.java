package org.crossentropy.jvm;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static jdk.incubator.vector.VectorOperators.EQ;
import static jdk.incubator.vector.VectorOperators.LT;
import static jdk.incubator.vector.VectorOperators.MAX;
import static jdk.incubator.vector.VectorOperators.MIN;
import static jdk.incubator.vector.VectorOperators.NE;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * The loops over blocks of float logits in off-heap memory. The loops are those of {@link ArrayFloatBlocks}; heap memory
 * needs its own because {@link OffHeap} has to fix the class of a segment.
 */
final class SegmentFloatBlocks implements FloatBlocks {

    private static final VectorSpecies<Float> SPECIES = VectorWidth.FLOATS;
    private static final VectorSpecies<Integer> INTS = VectorWidth.INTS;
    private static final int WIDTH = SPECIES.length();
    private static final int LANES = FloatBlocks.LANES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();

    /** The lane numbers 0, 1, ... of a vector. */
    private static final FloatVector IOTA = FloatVector.zero(SPECIES).addIndex(1);

    private final MemorySegment logits;
    private final MemorySegment gradient;
    private final MemorySegment weights;
    private final MemorySegment workspace;

    /**
     * Binds the loops to the memory of one call.
     */
    SegmentFloatBlocks(MemorySegment logits, MemorySegment gradient, MemorySegment weights, MemorySegment workspace) {
        this.logits = logits;
        this.gradient = gradient;
        this.weights = weights;
        this.workspace = workspace;
    }

    /** Whether a segment can be given to the constructor: absent, or off-heap memory that is not a mapped file. */
    static boolean accepts(MemorySegment segment) {
        return OffHeap.is(segment);
    }

    private static FloatVector load(MemorySegment x, long at) {
        return FloatVector.fromMemorySegment(SPECIES, OffHeap.exact(x), at * Float.BYTES, ORDER);
    }

    private static FloatVector load(MemorySegment x, long at, VectorMask<Float> inside) {
        return FloatVector.fromMemorySegment(SPECIES, OffHeap.exact(x), at * Float.BYTES, ORDER, inside);
    }

    private static void store(FloatVector vector, MemorySegment g, long at) {
        vector.intoMemorySegment(OffHeap.exact(g), at * Float.BYTES, ORDER);
    }

    private static void store(FloatVector vector, MemorySegment g, long at, VectorMask<Float> inside) {
        vector.intoMemorySegment(OffHeap.exact(g), at * Float.BYTES, ORDER, inside);
    }

    /** The lanes below n. */
    private static VectorMask<Float> first(int n) {
        return IOTA.compare(LT, (float) n);
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
        return max(logits, from, n);
    }

    /**
     * Positive numbers are ordered as their bit patterns are, negative ones the other way round. So both extremes of the bit
     * patterns are kept, by two instructions a register with a latency of one cycle; the maximum of floats would be five, for
     * the sake of NaN and -0, and a comparison and a blend have a latency that bounds the loop.
     */
    private static float max(MemorySegment x, long from, int n) {
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
    private static IntVector lastBits(MemorySegment x, long from, int n) {
        if (n >= WIDTH) {
            return load(x, from + n - WIDTH).reinterpretAsInts();
        }
        FloatVector lowest = FloatVector.broadcast(SPECIES, Float.NEGATIVE_INFINITY);
        return lowest.blend(load(x, from, first(n)), first(n)).reinterpretAsInts();
    }

    /** The largest of n elements, given the largest and the smallest of their bit patterns. */
    private static float max(MemorySegment x, long from, int n, int most, int least) {
        float max = Float.intBitsToFloat(most >= 0 ? most : least);
        return Float.isNaN(max) ? maxWithoutNaN(x, from, n) : max;
    }

    private static float maxWithoutNaN(MemorySegment x, long from, int n) {
        float max = Float.NEGATIVE_INFINITY;
        for (int j = 0; j < n; j++) {
            float value = x.getAtIndex(JAVA_FLOAT_UNALIGNED, from + j);
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
    private static float addExps(
            MemorySegment x,
            long from,
            int n,
            float shift,
            int target,
            long next,
            int nextCount,
            MemorySegment workspace) {
        int steps = n / LANES;
        IntVector most = IntVector.broadcast(INTS, Integer.MIN_VALUE);
        IntVector least = IntVector.broadcast(INTS, Integer.MAX_VALUE);
        for (int lane = 0; lane < LANES; lane += WIDTH) {
            FloatVector sum = VectorWidth.loadFloats(workspace, RowWorkspace.EXP_PARTIALS, lane);
            long column = from + lane;
            // Each pass reads the next block in a part of its own: line after line, as prefetchers like it.
            long ahead = next + (long) steps * lane;
            int apart = targetStep(target, n, lane);
            int j = 0;
            for (int stretch = 0; j < steps; stretch++) {
                FloatVector c = shift(shift, stretch == 1 ? target % LANES - lane : -1);
                int end = stretchEnd(stretch, apart, steps);
                for (; j < end; j++) {
                    sum = VectorExp.exp(load(x, column + (long) j * LANES).sub(c))
                            .add(sum);
                    IntVector bits = load(x, ahead + (long) j * WIDTH).reinterpretAsInts();
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
    private static void addExpStep(
            MemorySegment x, long from, int n, float shift, int target, MemorySegment workspace) {
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
            float shift,
            int target,
            MemorySegment workspace) {
        int steps = n / LANES;
        for (int lane = 0; lane < LANES; lane += WIDTH) {
            FloatVector sum = VectorWidth.loadFloats(workspace, RowWorkspace.EXP_PARTIALS, lane);
            long column = from + lane;
            long output = to + lane;
            int apart = targetStep(target, n, lane);
            int j = 0;
            for (int stretch = 0; j < steps; stretch++) {
                FloatVector c = shift(shift, stretch == 1 ? target % LANES - lane : -1);
                int end = stretchEnd(stretch, apart, steps);
                for (; j < end; j++) {
                    FloatVector e =
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
            float shift,
            int target,
            MemorySegment workspace) {
        for (int j = 0; j < n; j += WIDTH) {
            VectorMask<Float> inside = first(n - j);
            FloatVector e = VectorExp.exp(load(x, from + j, inside).sub(shift(shift, target - j)));
            store(e, g, to + j, inside);
            FloatVector sum = VectorWidth.loadFloats(workspace, RowWorkspace.EXP_PARTIALS, j);
            VectorWidth.store(sum.add(e.blend(0f, inside.not())), workspace, RowWorkspace.EXP_PARTIALS, j);
        }
    }

    @Override
    public void addShifted(long from, int n, float shift, int target) {
        int whole = n & -LANES;
        addShifted(logits, from, whole, shift, target, workspace);
        if (whole < n) {
            addShiftedStep(logits, from + whole, n - whole, shift, target - whole, workspace);
        }
    }

    private static void addShifted(
            MemorySegment x, long from, int n, float shift, int target, MemorySegment workspace) {
        int apart = target >= 0 && target < n ? target & -LANES : n;
        for (int lane = 0; lane < LANES; lane += WIDTH) {
            FloatVector sum = VectorWidth.loadFloats(workspace, RowWorkspace.SPREAD_PARTIALS, lane);
            long column = from + lane;
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

    private static void addShiftedStep(
            MemorySegment x, long from, int n, float shift, int target, MemorySegment workspace) {
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
            float shift,
            int target,
            MemorySegment workspace) {
        int apart = target >= 0 && target < n ? target & -LANES : n;
        for (int lane = 0; lane < LANES; lane += WIDTH) {
            FloatVector sum = VectorWidth.loadFloats(workspace, RowWorkspace.SPREAD_PARTIALS, lane);
            long column = from + lane;
            long weight = fromWeight + lane;
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
            MemorySegment x,
            long from,
            MemorySegment w,
            long fromWeight,
            int n,
            float shift,
            int target,
            MemorySegment workspace) {
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
        return scaleAndSubtract(gradient, to, n, factor, subtrahend, logits, next);
    }

    private static float scaleAndSubtract(
            MemorySegment g, long to, int n, float factor, float subtrahend, MemorySegment x, long next) {
        FloatVector k = FloatVector.broadcast(SPECIES, factor);
        FloatVector minus = FloatVector.broadcast(SPECIES, -subtrahend);
        IntVector most = IntVector.broadcast(INTS, Integer.MIN_VALUE);
        IntVector least = IntVector.broadcast(INTS, Integer.MAX_VALUE);
        int whole = n & -WIDTH;
        for (int j = 0; j < whole; j += WIDTH) {
            store(load(g, to + j).fma(k, minus), g, to + j);
            IntVector bits = load(x, next + j).reinterpretAsInts();
            most = bits.max(most);
            least = bits.min(least);
        }
        if (whole < n) {
            VectorMask<Float> inside = first(n - whole);
            store(load(g, to + whole, inside).fma(k, minus), g, to + whole, inside);
        }
        IntVector bits = lastBits(x, next, n);
        return max(x, next, n, bits.max(most).reduceLanes(MAX), bits.min(least).reduceLanes(MIN));
    }

    @Override
    public void scaleAndSubtractWeights(long to, int fromWeight, int n, float factor, float beta) {
        scaleAndSubtractWeights(gradient, to, weights, fromWeight, n, factor, beta);
    }

    private static void scaleAndSubtractWeights(
            MemorySegment g, long to, MemorySegment w, long fromWeight, int n, float factor, float beta) {
        FloatVector k = FloatVector.broadcast(SPECIES, factor);
        // The sign of beta is turned beforehand: (-beta) w is exactly -(beta w).
        FloatVector minusBeta = FloatVector.broadcast(SPECIES, -beta);
        int whole = n & -WIDTH;
        for (int j = 0; j < whole; j += WIDTH) {
            store(load(g, to + j).fma(k, load(w, fromWeight + j).mul(minusBeta)), g, to + j);
        }
        if (whole < n) {
            VectorMask<Float> inside = first(n - whole);
            FloatVector minus = load(w, fromWeight + whole, inside).mul(minusBeta);
            store(load(g, to + whole, inside).fma(k, minus), g, to + whole, inside);
        }
    }

    @Override
    public void subtract(long from, long to, int n, float first, float second) {
        subtract(logits, from, gradient, to, n, first, second);
    }

    private static void subtract(
            MemorySegment x, long from, MemorySegment g, long to, int n, float first, float second) {
        int whole = n & -WIDTH;
        for (int j = 0; j < whole; j += WIDTH) {
            store(load(x, from + j).sub(first).sub(second), g, to + j);
        }
        if (whole < n) {
            VectorMask<Float> inside = first(n - whole);
            store(load(x, from + whole, inside).sub(first).sub(second), g, to + whole, inside);
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
