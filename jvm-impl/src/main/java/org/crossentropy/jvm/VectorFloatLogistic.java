package org.crossentropy.jvm;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static jdk.incubator.vector.VectorOperators.EQ;
import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LT;
import static jdk.incubator.vector.VectorOperators.NE;
import static jdk.incubator.vector.VectorOperators.OR;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;
import org.crossentropy.api.spi.LogisticRows;

/**
 * Binary cross-entropy of float logits in vectors: what {@link ScalarFloatLogistic} does, chunk by chunk. One object serves one
 * call; {@link VectorDoubleLogistic} is its twin for double.
 *
 * <p>Operands are copied into arrays in the first-level cache, so that one set of loops serves memory of any kind. Each loop is
 * a method of its own and short: C2 stops inlining in one that is as long as all of them. The lanes behind the end of a row
 * are computed with zeros and left out of sums and stores.
 */
final class VectorFloatLogistic {

    private static final VectorSpecies<Float> SPECIES = VectorWidth.FLOATS;
    private static final int WIDTH = SPECIES.length();
    private static final int LANES = 32;
    private static final int BLOCK = 1024;

    /** Elements of a chunk: all arrays together fit the first-level cache beside the caller's memory. */
    private static final int CHUNK = 512;

    private final LogisticRows rows;
    private final boolean weighted;
    private final boolean wantLosses;
    private final boolean wantGradient;

    /** The weights of the positive side of a chunk; empty where there are none. */
    private final float[] positives;

    /** The weights of the elements of a chunk; empty where there are none. */
    private final float[] weights;

    private final float[] logits;

    /** {@code e}, and {@code log1p(e)}. */
    private final float[] decays;

    private final float[] logs;

    /** {@code p}, which are the targets at first, and {@code n}. */
    private final float[] ofPositive;

    private final float[] ofNegative;

    /** Losses, then gradients. */
    private final float[] results;

    private final float[] partials = new float[LANES];
    private final double[] sums = new double[LANES];

    /** Whether a target of the row in work is below 0 or above 1. */
    private boolean outside;

    /**
     * Prepares one call.
     *
     * @param rows what to compute
     */
    VectorFloatLogistic(LogisticRows rows) {
        this.rows = rows;
        this.weighted = RowSums.isPresent(rows.weights());
        this.wantLosses = RowSums.isPresent(rows.losses());
        this.wantGradient = RowSums.isPresent(rows.gradient());
        int length = Math.min(CHUNK, wholeSteps(rows.columns()));
        this.positives = new float[RowSums.isPresent(rows.positiveWeights()) ? length : 0];
        this.weights = new float[weighted ? length : 0];
        this.logits = new float[length];
        this.decays = new float[length];
        this.logs = new float[length];
        this.ofPositive = new float[length];
        this.ofNegative = new float[length];
        this.results = new float[length];
    }

    private static int wholeSteps(int count) {
        return (count + LANES - 1) & -LANES;
    }

    /** Computes every row. */
    void run() {
        for (int i = 0; i < rows.rows(); i++) {
            double sum = sumRow(i);
            rows.sums().setAtIndex(JAVA_DOUBLE_UNALIGNED, i, Double.isNaN(sum) ? Double.NaN : sum);
        }
    }

    private double sumRow(int i) {
        float factor = wantGradient
                ? (float) rows.factors().getAtIndex(JAVA_DOUBLE_UNALIGNED, (long) i * rows.factorStep())
                : 0f;
        Arrays.fill(sums, 0.0);
        Arrays.fill(partials, 0f);
        outside = false;
        for (int start = 0; start < rows.columns(); start += CHUNK) {
            int count = Math.min(CHUNK, rows.columns() - start);
            computeChunk(i, start, count, factor);
            if ((start + count) % BLOCK == 0 || start + count == rows.columns()) {
                for (int lane = 0; lane < LANES; lane++) {
                    sums[lane] += partials[lane];
                }
                Arrays.fill(partials, 0f);
            }
        }
        return outside ? Double.NaN : LaneTree.sum(sums, LANES);
    }

    private void computeChunk(int i, int start, int count, float factor) {
        int whole = wholeSteps(count);
        load(rows.logits(), i * rows.logitsStride() + start, logits, count, whole);
        load(rows.targets(), i * rows.targetsStride() + start, ofPositive, count, whole);
        if (weighted) {
            load(rows.weights(), i * rows.weightsStride() + start, weights, count, whole);
        }
        if (positives.length > 0) {
            load(rows.positiveWeights(), start, positives, count, whole);
        }
        weigh(whole);
        exp(logits, decays, whole);
        log1p(decays, logs, whole);
        losses(logits, logs, ofPositive, ofNegative, results, whole);
        if (positives.length > 0) {
            keepNaN(logs, results, whole);
        }
        leaveOut(whole);
        Arrays.fill(results, count, whole, 0f);
        addUp(results, partials, whole);
        if (wantLosses) {
            store(rows.losses(), (long) i * rows.columns() + start, count);
        }
        if (wantGradient) {
            gradients(logits, decays, ofPositive, ofNegative, results, whole, factor);
            leaveOut(whole);
            store(rows.gradient(), i * rows.gradientStride() + start, count);
        }
    }

    private static void load(MemorySegment source, long element, float[] destination, int count, int whole) {
        MemorySegment.copy(source, JAVA_FLOAT_UNALIGNED, element * Float.BYTES, destination, 0, count);
        Arrays.fill(destination, count, whole, 0f);
    }

    private void store(MemorySegment destination, long element, int count) {
        canonicalise(results, count);
        MemorySegment.copy(results, 0, destination, JAVA_FLOAT_UNALIGNED, element * Float.BYTES, count);
    }

    /** NaN is rare, so a loop that only looks for it comes first. */
    private static void canonicalise(float[] values, int count) {
        for (int j = 0; j < (count & -WIDTH); j += WIDTH) {
            FloatVector v = FloatVector.fromArray(SPECIES, values, j);
            v.blend(Float.NaN, v.compare(NE, v)).intoArray(values, j);
        }
        for (int j = count & -WIDTH; j < count; j++) {
            values[j] = Float.isNaN(values[j]) ? Float.NaN : values[j];
        }
    }

    /** Makes p and n of the targets. */
    private void weigh(int count) {
        if (complement(ofPositive, ofNegative, count)) {
            outside |= isOutside(ofPositive, count);
        }
        if (positives.length > 0) {
            multiply(ofPositive, positives, count);
        }
        if (weighted) {
            multiply(ofPositive, weights, count);
            multiply(ofNegative, weights, count);
        }
    }

    /** Returns whether a target or its complement has a sign, be it that of a -0 or of a NaN. */
    private static boolean complement(float[] targets, float[] others, int count) {
        IntVector signs = IntVector.zero(VectorSpecies.of(int.class, SPECIES.vectorShape()));
        final FloatVector one = FloatVector.broadcast(SPECIES, 1f);
        for (int j = 0; j < count; j += WIDTH) {
            FloatVector target = FloatVector.fromArray(SPECIES, targets, j);
            FloatVector other = one.sub(target);
            signs = signs.or(target.reinterpretAsInts()).or(other.reinterpretAsInts());
            other.intoArray(others, j);
        }
        return signs.reduceLanes(OR) < 0;
    }

    private static boolean isOutside(float[] targets, int count) {
        boolean outside = false;
        for (int j = 0; j < count; j++) {
            outside |= targets[j] < 0f || targets[j] > 1f;
        }
        return outside;
    }

    private static void multiply(float[] values, float[] factors, int count) {
        for (int j = 0; j < count; j += WIDTH) {
            FloatVector.fromArray(SPECIES, values, j)
                    .mul(FloatVector.fromArray(SPECIES, factors, j))
                    .intoArray(values, j);
        }
    }

    private static void exp(float[] logits, float[] decays, int count) {
        for (int j = 0; j < count; j += WIDTH) {
            FloatVector minusAbs =
                    FloatVector.fromArray(SPECIES, logits, j).abs().neg();
            VectorExp.exp(minusAbs).intoArray(decays, j);
        }
    }

    private static void log1p(float[] decays, float[] logs, int count) {
        final FloatVector q8 = FloatVector.broadcast(SPECIES, CanonicalMath.F_Q8);
        final FloatVector q7 = FloatVector.broadcast(SPECIES, CanonicalMath.F_Q7);
        final FloatVector q6 = FloatVector.broadcast(SPECIES, CanonicalMath.F_Q6);
        final FloatVector q5 = FloatVector.broadcast(SPECIES, CanonicalMath.F_Q5);
        final FloatVector q4 = FloatVector.broadcast(SPECIES, CanonicalMath.F_Q4);
        final FloatVector q3 = FloatVector.broadcast(SPECIES, CanonicalMath.F_Q3);
        final FloatVector q2 = FloatVector.broadcast(SPECIES, CanonicalMath.F_Q2);
        final FloatVector q1 = FloatVector.broadcast(SPECIES, CanonicalMath.F_Q1);
        final FloatVector q0 = FloatVector.broadcast(SPECIES, CanonicalMath.F_Q0);
        for (int j = 0; j < count; j += WIDTH) {
            FloatVector e = FloatVector.fromArray(SPECIES, decays, j);
            FloatVector q = q8.fma(e, q7)
                    .fma(e, q6)
                    .fma(e, q5)
                    .fma(e, q4)
                    .fma(e, q3)
                    .fma(e, q2)
                    .fma(e, q1)
                    .fma(e, q0);
            e.mul(e).fma(q, e).intoArray(logs, j);
        }
    }

    private static void losses(
            float[] logits, float[] logs, float[] ofPositive, float[] ofNegative, float[] losses, int count) {
        final FloatVector zero = FloatVector.zero(SPECIES);
        for (int j = 0; j < count; j += WIDTH) {
            FloatVector x = FloatVector.fromArray(SPECIES, logits, j);
            FloatVector l = FloatVector.fromArray(SPECIES, logs, j);
            FloatVector p = FloatVector.fromArray(SPECIES, ofPositive, j);
            FloatVector n = FloatVector.fromArray(SPECIES, ofNegative, j);
            FloatVector positive = l.add(zero.blend(x.neg(), x.compare(LT, zero)));
            FloatVector negative = l.add(zero.blend(x, x.compare(GT, zero)));
            FloatVector loss = p.mul(positive).blend(zero, p.compare(EQ, zero));
            n.fma(negative, loss).blend(loss, n.compare(EQ, zero)).intoArray(losses, j);
        }
    }

    /** The loss of a NaN is NaN also where both factors are 0. */
    private static void keepNaN(float[] logs, float[] losses, int count) {
        final FloatVector zero = FloatVector.zero(SPECIES);
        for (int j = 0; j < count; j += WIDTH) {
            FloatVector.fromArray(SPECIES, logs, j)
                    .fma(zero, FloatVector.fromArray(SPECIES, losses, j))
                    .intoArray(losses, j);
        }
    }

    /** Results of elements of weight 0 become 0. */
    private void leaveOut(int count) {
        if (weighted) {
            leaveOut(weights, results, count);
        }
    }

    private static void leaveOut(float[] weights, float[] results, int count) {
        final FloatVector zero = FloatVector.zero(SPECIES);
        for (int j = 0; j < count; j += WIDTH) {
            FloatVector w = FloatVector.fromArray(SPECIES, weights, j);
            FloatVector.fromArray(SPECIES, results, j)
                    .blend(zero, w.compare(EQ, zero))
                    .intoArray(results, j);
        }
    }

    private static void addUp(float[] losses, float[] partials, int count) {
        for (int lane = 0; lane < LANES; lane += WIDTH) {
            FloatVector sum = FloatVector.fromArray(SPECIES, partials, lane);
            for (int j = lane; j < count; j += LANES) {
                sum = sum.add(FloatVector.fromArray(SPECIES, losses, j));
            }
            sum.intoArray(partials, lane);
        }
    }

    private static void gradients(
            float[] logits,
            float[] decays,
            float[] ofPositive,
            float[] ofNegative,
            float[] gradients,
            int count,
            float factor) {
        final FloatVector zero = FloatVector.zero(SPECIES);
        final FloatVector one = FloatVector.broadcast(SPECIES, 1f);
        final FloatVector k = FloatVector.broadcast(SPECIES, factor);
        for (int j = 0; j < count; j += WIDTH) {
            FloatVector e = FloatVector.fromArray(SPECIES, decays, j);
            FloatVector q = one.div(one.add(e));
            FloatVector eq = e.mul(q);
            var isPositive = FloatVector.fromArray(SPECIES, logits, j).compare(GE, zero);
            FloatVector s = eq.blend(q, isPositive);
            FloatVector z = q.blend(eq, isPositive);
            FloatVector p = FloatVector.fromArray(SPECIES, ofPositive, j);
            FloatVector n = FloatVector.fromArray(SPECIES, ofNegative, j);
            k.mul(n.fma(s, p.mul(z).neg())).intoArray(gradients, j);
        }
    }
}
