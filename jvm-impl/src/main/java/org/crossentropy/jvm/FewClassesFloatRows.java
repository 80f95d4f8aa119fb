package org.crossentropy.jvm;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static jdk.incubator.vector.VectorOperators.D2F;
import static jdk.incubator.vector.VectorOperators.EQ;
import static jdk.incubator.vector.VectorOperators.F2D;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;
import static jdk.incubator.vector.VectorOperators.NE;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;
import org.crossentropy.api.spi.SoftmaxRows;

/**
 * The row kernels for float and few classes: one vector lane per row instead of one per class, so that nothing is summed
 * across a vector and short rows waste no lanes. As many rows as a vector has lanes are copied into the workspace and
 * transposed there; what is done once per row, logarithm included, is done for all of them at once.
 *
 * <p>With at most {@link #MAX_CLASSES} classes every class has a lane of the canonical algorithm for itself, and a row
 * is a single block: sums of a lane are its only element, and what is left is the tree over the lanes.
 */
final class FewClassesFloatRows {

    /** The most classes that this path takes. */
    static final int MAX_CLASSES = 16;

    private static final VectorSpecies<Float> SPECIES = VectorWidth.FLOATS;
    private static final VectorSpecies<Double> DOUBLES = VectorWidth.DOUBLES;

    /** Rows of a group. */
    private static final int GROUP = SPECIES.length();

    private static final int DOUBLE_WIDTH = DOUBLES.length();

    /** Bytes of the largest array that has a double for every row of a group. */
    private static final long ARRAY = 128;

    /** The rows of a group one after another. */
    private static final long TIGHT = RowWorkspace.BLOCK_WEIGHTS;

    /** The group transposed, class by class: logits, then exponentials, then the gradient. */
    private static final long ELEMENTS = RowWorkspace.BLOCK;

    /** Sums over every fourth class. */
    private static final long QUARTERS = TIGHT + MAX_CLASSES * ARRAY / 2;

    /** The sums of the exponentials. */
    private static final long SUMS = QUARTERS + 4 * ARRAY;

    /** The logarithms that go into log-sum-exp. */
    private static final long LOGARITHMS = SUMS + ARRAY;

    private static final long TARGETS = ELEMENTS + MAX_CLASSES * ARRAY / 2;
    private static final long MAXIMA = TARGETS + ARRAY;
    private static final long TARGET_EXPS = MAXIMA + ARRAY;
    private static final long TARGET_LOGITS = TARGET_EXPS + ARRAY;
    private static final long ALPHAS = TARGET_LOGITS + ARRAY;
    private static final long BETAS = ALPHAS + ARRAY;
    private static final long GAMMAS = BETAS + ARRAY;
    private static final long FACTORS = GAMMAS + ARRAY;
    private static final long SUBTRAHENDS = FACTORS + ARRAY;
    private static final long TARGET_GRADIENTS = SUBTRAHENDS + ARRAY;
    private static final long FILLS = TARGET_GRADIENTS + ARRAY;
    private static final long NEGATIVE_LOG_LIKELIHOODS = FILLS + ARRAY;
    private static final long LOG_SUM_EXPS = NEGATIVE_LOG_LIKELIHOODS + ARRAY;

    private final SoftmaxRows rows;
    private final MemorySegment workspace;
    private final int classes;
    private final boolean hasTargets;

    /**
     * Prepares one call.
     *
     * @param rows what to compute
     */
    FewClassesFloatRows(SoftmaxRows rows) {
        this.rows = rows;
        this.workspace = rows.workspace();
        this.classes = rows.classes();
        this.hasTargets = RowSums.isPresent(rows.targets());
        for (int j = classes; j < MAX_CLASSES; j++) {
            VectorWidth.store(FloatVector.zero(SPECIES), workspace, ELEMENTS, j * GROUP);
        }
    }

    /**
     * {@return whether this path computes what is asked for: rows are short, and neither class weights nor the spread take
     * part}
     *
     * @param rows what to compute
     */
    static boolean accepts(SoftmaxRows rows) {
        return rows.classes() <= MAX_CLASSES
                && !RowSums.isPresent(rows.spread())
                && !RowSums.isPresent(rows.classWeights());
    }

    /** Log-sum-exp and negative log-likelihood of every row. */
    void forward() {
        for (int first = 0; first < rows.rowCount(); first += GROUP) {
            int count = Math.min(GROUP, rows.rowCount() - first);
            sumGroup(first, count);
            storeResults(first, count);
        }
    }

    /** The same, and the gradient. */
    void gradient() {
        for (int first = 0; first < rows.rowCount(); first += GROUP) {
            int count = Math.min(GROUP, rows.rowCount() - first);
            sumGroup(first, count);
            storeResults(first, count);
            loadCoefficients(first, count);
            prepareGradient(workspace, hasTargets, rows.emptyRowsZero());
            scale(workspace, classes);
            storeGradient(first, count);
        }
    }

    private void sumGroup(int first, int count) {
        copyRows(rows.logits(), rows.rowStride(), first, count, true);
        transposeIn(workspace, classes);
        for (int i = 0; i < count; i++) {
            int target =
                    hasTargets ? rows.targets().getAtIndex(JAVA_INT_UNALIGNED, rows.firstTarget() + first + i) : -1;
            set(TARGETS, i, Math.max(target, -1));
        }
        exponentiate(workspace, classes);
        treeSum(workspace);
    }

    private void copyRows(MemorySegment matrix, long stride, int first, int count, boolean in) {
        // Rows without padding between them are copied at once.
        int rowsAtOnce = stride == classes ? count : 1;
        long bytes = (long) rowsAtOnce * classes * Float.BYTES;
        for (int i = 0; i < count; i += rowsAtOnce) {
            long at = (rows.fromRow() + first + i) * stride * Float.BYTES;
            long tight = TIGHT + (long) i * classes * Float.BYTES;
            if (in) {
                MemorySegment.copy(matrix, at, workspace, tight, bytes);
            } else {
                MemorySegment.copy(workspace, tight, matrix, at, bytes);
            }
        }
    }

    /** All lanes of the group, since a constant number is unrolled; where rows are missing, what is there is not used. */
    private static void transposeIn(MemorySegment workspace, int classes) {
        MemorySegment memory = OffHeap.exact(workspace);
        long stride = (long) classes * Float.BYTES;
        for (int j = 0; j < classes; j++) {
            long tight = TIGHT + (long) j * Float.BYTES;
            long column = ELEMENTS + (long) j * GROUP * Float.BYTES;
            for (int i = 0; i < GROUP; i++) {
                float x = memory.get(JAVA_FLOAT_UNALIGNED, tight + i * stride);
                memory.set(JAVA_FLOAT_UNALIGNED, column + (long) i * Float.BYTES, x);
            }
        }
    }

    private static void transposeOut(MemorySegment workspace, int classes) {
        MemorySegment memory = OffHeap.exact(workspace);
        long stride = (long) classes * Float.BYTES;
        for (int j = 0; j < classes; j++) {
            long tight = TIGHT + (long) j * Float.BYTES;
            long column = ELEMENTS + (long) j * GROUP * Float.BYTES;
            for (int i = 0; i < GROUP; i++) {
                float g = memory.get(JAVA_FLOAT_UNALIGNED, column + (long) i * Float.BYTES);
                memory.set(JAVA_FLOAT_UNALIGNED, tight + i * stride, g);
            }
        }
    }

    /**
     * Replaces logits by exponentials relative to the maximum of their row, the targets' by 0. Written out rather than left
     * to {@link VectorExp}: as long as this C2 does not inline it into its caller, where too much comes together for it.
     */
    private static void exponentiate(MemorySegment workspace, int classes) {
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
        FloatVector max = max(workspace, classes);
        FloatVector shift = max.blend(zero, max.compare(EQ, Float.NEGATIVE_INFINITY));
        FloatVector targets = VectorWidth.loadFloats(workspace, TARGETS, 0);
        FloatVector targetExp = zero;
        FloatVector targetLogit = zero;
        for (int j = 0; j < classes; j++) {
            FloatVector x = VectorWidth.loadFloats(workspace, ELEMENTS, j * GROUP);
            FloatVector t = x.sub(shift);
            FloatVector biased = t.fma(log2e, magic);
            FloatVector n = biased.sub(magic);
            FloatVector r = n.fma(minusLow, n.fma(minusHigh, t));
            FloatVector p =
                    c6.fma(r, c5).fma(r, c4).fma(r, c3).fma(r, c2).fma(r, one).fma(r, one);
            FloatVector powerOfTwo =
                    biased.reinterpretAsInts().lanewise(LSHL, 23).reinterpretAsFloats();
            FloatVector e = p.mul(powerOfTwo).blend(zero, t.compare(LT, cutoff));
            VectorMask<Float> isOther = targets.compare(NE, (float) j);
            // Receivers are new vectors, whose class C2 knows without a profile.
            targetExp = e.blend(targetExp, isOther);
            targetLogit = x.blend(targetLogit, isOther);
            VectorWidth.store(zero.blend(e, isOther), workspace, ELEMENTS, j * GROUP);
        }
        VectorWidth.store(max, workspace, MAXIMA, 0);
        VectorWidth.store(targetExp, workspace, TARGET_EXPS, 0);
        VectorWidth.store(targetLogit, workspace, TARGET_LOGITS, 0);
    }

    private static FloatVector max(MemorySegment workspace, int classes) {
        FloatVector max = FloatVector.broadcast(SPECIES, Float.NEGATIVE_INFINITY);
        for (int j = 0; j < classes; j++) {
            FloatVector x = VectorWidth.loadFloats(workspace, ELEMENTS, j * GROUP);
            max = x.blend(max, x.compare(GT, max).not());
        }
        return max;
    }

    /**
     * Leaves the sums of the exponentials in {@link #SUMS}. The tree over 16 lanes is four equal trees over every fourth one,
     * summed; lanes without a class hold 0.
     */
    private static void treeSum(MemorySegment workspace) {
        for (int row = 0; row < GROUP; row += DOUBLE_WIDTH) {
            for (int lane = 0; lane < MAX_CLASSES / 4; lane++) {
                DoubleVector low = widen(workspace, ELEMENTS, lane * GROUP + row)
                        .add(widen(workspace, ELEMENTS, (lane + 8) * GROUP + row));
                DoubleVector high = widen(workspace, ELEMENTS, (lane + 4) * GROUP + row)
                        .add(widen(workspace, ELEMENTS, (lane + 12) * GROUP + row));
                VectorWidth.store(low.add(high), workspace, QUARTERS, lane * GROUP + row);
            }
            DoubleVector even = VectorWidth.loadDoubles(workspace, QUARTERS, row)
                    .add(VectorWidth.loadDoubles(workspace, QUARTERS, 2 * GROUP + row));
            DoubleVector odd = VectorWidth.loadDoubles(workspace, QUARTERS, GROUP + row)
                    .add(VectorWidth.loadDoubles(workspace, QUARTERS, 3 * GROUP + row));
            VectorWidth.store(even.add(odd), workspace, SUMS, row);
        }
    }

    private void storeResults(int first, int count) {
        takeLogarithms(workspace);
        computeResults(workspace, hasTargets);
        if (hasTargets) {
            storeDoubles(NEGATIVE_LOG_LIKELIHOODS, rows.negativeLogLikelihood(), first, count);
        } else {
            storeNaN(rows.negativeLogLikelihood(), first, count);
        }
        storeDoubles(LOG_SUM_EXPS, rows.logSumExp(), first, count);
    }

    private void storeDoubles(long array, MemorySegment output, int first, int count) {
        if (RowSums.isPresent(output)) {
            MemorySegment.copy(workspace, array, output, (long) first * Double.BYTES, (long) count * Double.BYTES);
        }
    }

    private static void storeNaN(MemorySegment output, int first, int count) {
        if (RowSums.isPresent(output)) {
            for (int i = first; i < first + count; i++) {
                output.setAtIndex(JAVA_DOUBLE_UNALIGNED, i, Double.NaN);
            }
        }
    }

    /** Logarithms, as in {@link RowSums}; in a method of their own, since more than this C2 does not inline. */
    private static void takeLogarithms(MemorySegment workspace) {
        for (int row = 0; row < GROUP; row += DOUBLE_WIDTH) {
            DoubleVector others = VectorWidth.loadDoubles(workspace, SUMS, row);
            DoubleVector beyondOne = widen(workspace, TARGET_EXPS, row).sub(1.0);
            VectorWidth.store(VectorLog1p.log1p(beyondOne.add(others)), workspace, LOGARITHMS, row);
        }
    }

    /** Log-sum-exps and negative log-likelihoods, as in {@link RowSums}. */
    private static void computeResults(MemorySegment workspace, boolean hasTargets) {
        for (int row = 0; row < GROUP; row += DOUBLE_WIDTH) {
            DoubleVector others = VectorWidth.loadDoubles(workspace, SUMS, row);
            DoubleVector targetExp = widen(workspace, TARGET_EXPS, row);
            DoubleVector max = widen(workspace, MAXIMA, row);
            DoubleVector sum = others.add(targetExp);
            DoubleVector logarithm = VectorWidth.loadDoubles(workspace, LOGARITHMS, row);
            VectorMask<Double> empty = max.compare(EQ, Double.NEGATIVE_INFINITY);
            VectorMask<Double> isNaN = sum.compare(NE, sum);
            DoubleVector logSumExp = max.add(logarithm).blend(max, empty).blend(Double.NaN, isNaN);
            DoubleVector loss =
                    logarithm.sub(widen(workspace, TARGET_LOGITS, row).sub(max)).blend(Double.NaN, empty.or(isNaN));
            if (hasTargets) {
                VectorMask<Double> ignored = widen(workspace, TARGETS, row).compare(LT, 0.0);
                logSumExp = logSumExp.blend(0.0, ignored);
                loss = loss.blend(0.0, ignored);
            }
            VectorWidth.store(logSumExp, workspace, LOG_SUM_EXPS, row);
            VectorWidth.store(loss, workspace, NEGATIVE_LOG_LIKELIHOODS, row);
        }
    }

    private void loadCoefficients(int first, int count) {
        // One triple for all rows is loaded with the first group.
        if (rows.coefficientStep() == 0 && first > 0) {
            return;
        }
        int lanes = rows.coefficientStep() == 0 ? GROUP : count;
        for (int i = 0; i < lanes; i++) {
            long triple = (long) (first + i) * rows.coefficientStep();
            setDouble(ALPHAS, i, rows.coefficients().getAtIndex(JAVA_DOUBLE_UNALIGNED, triple));
            setDouble(BETAS, i, rows.coefficients().getAtIndex(JAVA_DOUBLE_UNALIGNED, triple + 1));
            setDouble(GAMMAS, i, rows.coefficients().getAtIndex(JAVA_DOUBLE_UNALIGNED, triple + 2));
        }
    }

    /** What is done in double for the gradient: factors, the targets' elements, and what rows without a gradient hold. */
    private static void prepareGradient(MemorySegment workspace, boolean hasTargets, boolean emptyRowsZero) {
        for (int row = 0; row < GROUP; row += DOUBLE_WIDTH) {
            DoubleVector others = VectorWidth.loadDoubles(workspace, SUMS, row);
            DoubleVector sum = others.add(widen(workspace, TARGET_EXPS, row));
            DoubleVector alpha = VectorWidth.loadDoubles(workspace, ALPHAS, row);
            DoubleVector beta = VectorWidth.loadDoubles(workspace, BETAS, row);
            DoubleVector gamma = VectorWidth.loadDoubles(workspace, GAMMAS, row);
            DoubleVector factor = alpha.div(sum);
            DoubleVector target =
                    alpha.sub(gamma).sub(alpha.mul(others.div(sum))).sub(beta);
            DoubleVector fill = DoubleVector.broadcast(DOUBLES, Double.NaN);
            if (emptyRowsZero) {
                // Only a row of -inf has exponentials that sum to 0.
                fill = fill.blend(0.0, sum.compare(EQ, 0.0));
            }
            if (hasTargets) {
                VectorMask<Double> ignored = widen(workspace, TARGETS, row).compare(LT, 0.0);
                factor = factor.blend(Double.NaN, ignored);
                fill = fill.blend(0.0, ignored);
            }
            storeNarrowed(factor, workspace, FACTORS, row);
            storeNarrowed(beta.neg(), workspace, SUBTRAHENDS, row);
            storeNarrowed(target, workspace, TARGET_GRADIENTS, row);
            storeNarrowed(fill, workspace, FILLS, row);
        }
    }

    /** Replaces the exponentials by the gradient. */
    private static void scale(MemorySegment workspace, int classes) {
        FloatVector factor = VectorWidth.loadFloats(workspace, FACTORS, 0);
        FloatVector minusBeta = VectorWidth.loadFloats(workspace, SUBTRAHENDS, 0);
        FloatVector targetGradient = VectorWidth.loadFloats(workspace, TARGET_GRADIENTS, 0);
        FloatVector fill = VectorWidth.loadFloats(workspace, FILLS, 0);
        FloatVector targets = VectorWidth.loadFloats(workspace, TARGETS, 0);
        // The difference is 0 for a finite factor and NaN for any other.
        VectorMask<Float> filled = factor.sub(factor).compare(NE, 0f);
        for (int j = 0; j < classes; j++) {
            FloatVector g = VectorWidth.loadFloats(workspace, ELEMENTS, j * GROUP)
                    .fma(factor, minusBeta)
                    .blend(targetGradient, targets.compare(EQ, (float) j))
                    .blend(fill, filled);
            VectorWidth.store(g.blend(Float.NaN, g.compare(NE, g)), workspace, ELEMENTS, j * GROUP);
        }
    }

    private void storeGradient(int first, int count) {
        transposeOut(workspace, classes);
        copyRows(rows.gradient(), rows.gradientStride(), first, count, false);
    }

    /** Loads as many numbers as a vector of doubles has lanes, as doubles. */
    private static DoubleVector widen(MemorySegment workspace, long offset, int row) {
        return (DoubleVector) VectorWidth.loadHalfFloats(workspace, offset, row).convertShape(F2D, DOUBLES, 0);
    }

    private static void storeNarrowed(DoubleVector vector, MemorySegment workspace, long offset, int row) {
        ((FloatVector) vector.convertShape(D2F, VectorWidth.HALF_FLOATS, 0))
                .intoMemorySegment(workspace, offset + (long) row * Float.BYTES, ByteOrder.nativeOrder());
    }

    private void set(long offset, int i, float value) {
        workspace.set(JAVA_FLOAT, offset + (long) i * Float.BYTES, value);
    }

    private void setDouble(long offset, int i, double value) {
        workspace.set(JAVA_DOUBLE, offset + (long) i * Double.BYTES, value);
    }
}
