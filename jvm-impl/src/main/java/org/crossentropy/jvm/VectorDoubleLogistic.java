package org.crossentropy.jvm;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;
import static jdk.incubator.vector.VectorOperators.EQ;
import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LT;
import static jdk.incubator.vector.VectorOperators.NE;
import static jdk.incubator.vector.VectorOperators.OR;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorSpecies;
import org.crossentropy.api.spi.LogisticRows;

/**
 * Binary cross-entropy of double logits in vectors: what {@link ScalarDoubleLogistic} does, chunk by chunk. One object serves one
 * call; {@link VectorFloatLogistic} is its twin for double.
 *
 * <p>Operands are copied into arrays in the first-level cache, so that one set of loops serves memory of any kind. Each loop is
 * a method of its own and short: C2 stops inlining in one that is as long as all of them. The lanes behind the end of a row
 * are computed with zeros and left out of sums and stores.
 */
final class VectorDoubleLogistic {

    private static final VectorSpecies<Double> SPECIES = VectorWidth.DOUBLES;
    private static final int WIDTH = SPECIES.length();
    private static final int LANES = 16;
    private static final int BLOCK = 512;

    /** Elements of a chunk: all arrays together fit the first-level cache beside the caller's memory. */
    private static final int CHUNK = 256;

    private final LogisticRows rows;
    private final boolean weighted;
    private final boolean wantLosses;
    private final boolean wantGradient;

    /** The weights of the positive side of a chunk; empty where there are none. */
    private final double[] positives;

    /** The weights of the elements of a chunk; empty where there are none. */
    private final double[] weights;

    private final double[] logits;

    /** {@code e}, and {@code log1p(e)}. */
    private final double[] decays;

    private final double[] logs;

    /** {@code p}, which are the targets at first, and {@code n}. */
    private final double[] ofPositive;

    private final double[] ofNegative;

    /** Losses, then gradients. */
    private final double[] results;

    private final double[] partials = new double[LANES];
    private final double[] sums = new double[LANES];

    /** Whether a target of the row in work is below 0 or above 1. */
    private boolean outside;

    /**
     * Prepares one call.
     *
     * @param rows what to compute
     */
    VectorDoubleLogistic(LogisticRows rows) {
        this.rows = rows;
        this.weighted = RowSums.isPresent(rows.weights());
        this.wantLosses = RowSums.isPresent(rows.losses());
        this.wantGradient = RowSums.isPresent(rows.gradient());
        int length = Math.min(CHUNK, wholeSteps(rows.columns()));
        this.positives = new double[RowSums.isPresent(rows.positiveWeights()) ? length : 0];
        this.weights = new double[weighted ? length : 0];
        this.logits = new double[length];
        this.decays = new double[length];
        this.logs = new double[length];
        this.ofPositive = new double[length];
        this.ofNegative = new double[length];
        this.results = new double[length];
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
        double factor =
                wantGradient ? rows.factors().getAtIndex(JAVA_DOUBLE_UNALIGNED, (long) i * rows.factorStep()) : 0.0;
        Arrays.fill(sums, 0.0);
        Arrays.fill(partials, 0.0);
        outside = false;
        for (int start = 0; start < rows.columns(); start += CHUNK) {
            int count = Math.min(CHUNK, rows.columns() - start);
            computeChunk(i, start, count, factor);
            if ((start + count) % BLOCK == 0 || start + count == rows.columns()) {
                for (int lane = 0; lane < LANES; lane++) {
                    sums[lane] += partials[lane];
                }
                Arrays.fill(partials, 0.0);
            }
        }
        return outside ? Double.NaN : LaneTree.sum(sums, LANES);
    }

    private void computeChunk(int i, int start, int count, double factor) {
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
        Arrays.fill(results, count, whole, 0.0);
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

    private static void load(MemorySegment source, long element, double[] destination, int count, int whole) {
        MemorySegment.copy(source, JAVA_DOUBLE_UNALIGNED, element * Double.BYTES, destination, 0, count);
        Arrays.fill(destination, count, whole, 0.0);
    }

    private void store(MemorySegment destination, long element, int count) {
        canonicalise(results, count);
        MemorySegment.copy(results, 0, destination, JAVA_DOUBLE_UNALIGNED, element * Double.BYTES, count);
    }

    /** NaN is rare, so a loop that only looks for it comes first. */
    private static void canonicalise(double[] values, int count) {
        for (int j = 0; j < (count & -WIDTH); j += WIDTH) {
            DoubleVector v = DoubleVector.fromArray(SPECIES, values, j);
            v.blend(Double.NaN, v.compare(NE, v)).intoArray(values, j);
        }
        for (int j = count & -WIDTH; j < count; j++) {
            values[j] = Double.isNaN(values[j]) ? Double.NaN : values[j];
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
    private static boolean complement(double[] targets, double[] others, int count) {
        LongVector signs = LongVector.zero(VectorSpecies.of(long.class, SPECIES.vectorShape()));
        final DoubleVector one = DoubleVector.broadcast(SPECIES, 1.0);
        for (int j = 0; j < count; j += WIDTH) {
            DoubleVector target = DoubleVector.fromArray(SPECIES, targets, j);
            DoubleVector other = one.sub(target);
            signs = signs.or(target.reinterpretAsLongs()).or(other.reinterpretAsLongs());
            other.intoArray(others, j);
        }
        return signs.reduceLanes(OR) < 0;
    }

    private static boolean isOutside(double[] targets, int count) {
        boolean outside = false;
        for (int j = 0; j < count; j++) {
            outside |= targets[j] < 0.0 || targets[j] > 1.0;
        }
        return outside;
    }

    private static void multiply(double[] values, double[] factors, int count) {
        for (int j = 0; j < count; j += WIDTH) {
            DoubleVector.fromArray(SPECIES, values, j)
                    .mul(DoubleVector.fromArray(SPECIES, factors, j))
                    .intoArray(values, j);
        }
    }

    private static void exp(double[] logits, double[] decays, int count) {
        for (int j = 0; j < count; j += WIDTH) {
            DoubleVector minusAbs =
                    DoubleVector.fromArray(SPECIES, logits, j).abs().neg();
            VectorExp.exp(minusAbs).intoArray(decays, j);
        }
    }

    private static void log1p(double[] decays, double[] logs, int count) {
        for (int j = 0; j < count; j += WIDTH) {
            VectorLog1p.log1p(DoubleVector.fromArray(SPECIES, decays, j)).intoArray(logs, j);
        }
    }

    private static void losses(
            double[] logits, double[] logs, double[] ofPositive, double[] ofNegative, double[] losses, int count) {
        final DoubleVector zero = DoubleVector.zero(SPECIES);
        for (int j = 0; j < count; j += WIDTH) {
            DoubleVector x = DoubleVector.fromArray(SPECIES, logits, j);
            DoubleVector l = DoubleVector.fromArray(SPECIES, logs, j);
            DoubleVector p = DoubleVector.fromArray(SPECIES, ofPositive, j);
            DoubleVector n = DoubleVector.fromArray(SPECIES, ofNegative, j);
            DoubleVector positive = l.add(zero.blend(x.neg(), x.compare(LT, zero)));
            DoubleVector negative = l.add(zero.blend(x, x.compare(GT, zero)));
            DoubleVector loss = p.mul(positive).blend(zero, p.compare(EQ, zero));
            n.fma(negative, loss).blend(loss, n.compare(EQ, zero)).intoArray(losses, j);
        }
    }

    /** The loss of a NaN is NaN also where both factors are 0. */
    private static void keepNaN(double[] logs, double[] losses, int count) {
        final DoubleVector zero = DoubleVector.zero(SPECIES);
        for (int j = 0; j < count; j += WIDTH) {
            DoubleVector.fromArray(SPECIES, logs, j)
                    .fma(zero, DoubleVector.fromArray(SPECIES, losses, j))
                    .intoArray(losses, j);
        }
    }

    /** Results of elements of weight 0 become 0. */
    private void leaveOut(int count) {
        if (weighted) {
            leaveOut(weights, results, count);
        }
    }

    private static void leaveOut(double[] weights, double[] results, int count) {
        final DoubleVector zero = DoubleVector.zero(SPECIES);
        for (int j = 0; j < count; j += WIDTH) {
            DoubleVector w = DoubleVector.fromArray(SPECIES, weights, j);
            DoubleVector.fromArray(SPECIES, results, j)
                    .blend(zero, w.compare(EQ, zero))
                    .intoArray(results, j);
        }
    }

    private static void addUp(double[] losses, double[] partials, int count) {
        for (int lane = 0; lane < LANES; lane += WIDTH) {
            DoubleVector sum = DoubleVector.fromArray(SPECIES, partials, lane);
            for (int j = lane; j < count; j += LANES) {
                sum = sum.add(DoubleVector.fromArray(SPECIES, losses, j));
            }
            sum.intoArray(partials, lane);
        }
    }

    private static void gradients(
            double[] logits,
            double[] decays,
            double[] ofPositive,
            double[] ofNegative,
            double[] gradients,
            int count,
            double factor) {
        final DoubleVector zero = DoubleVector.zero(SPECIES);
        final DoubleVector one = DoubleVector.broadcast(SPECIES, 1.0);
        final DoubleVector k = DoubleVector.broadcast(SPECIES, factor);
        for (int j = 0; j < count; j += WIDTH) {
            DoubleVector e = DoubleVector.fromArray(SPECIES, decays, j);
            DoubleVector q = one.div(one.add(e));
            DoubleVector eq = e.mul(q);
            var isPositive = DoubleVector.fromArray(SPECIES, logits, j).compare(GE, zero);
            DoubleVector s = eq.blend(q, isPositive);
            DoubleVector z = q.blend(eq, isPositive);
            DoubleVector p = DoubleVector.fromArray(SPECIES, ofPositive, j);
            DoubleVector n = DoubleVector.fromArray(SPECIES, ofNegative, j);
            k.mul(n.fma(s, p.mul(z).neg())).intoArray(gradients, j);
        }
    }
}
