package org.crossentropy.jvm;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;

import java.lang.foreign.MemorySegment;
import org.crossentropy.api.spi.SoftmaxRows;

/**
 * The sums of one row, and the results that follow from them. All of it is arithmetic in double, the same for both
 * element types and both backends. The row loops fill in the fields, then call {@link #finish}.
 */
final class RowSums {

    /** The largest logit; -inf if all are (or are NaN). */
    double max;

    /** What was subtracted from the first block's logits. */
    double firstShift;

    /** Sum of the exponentials of all classes but the target, relative to the last shift. */
    double others;

    /** The target's exponential, relative to the last shift; 0 without a target. */
    double targetExp;

    /** The target's logit. */
    double targetLogit;

    /** Total weight of all classes but the target. */
    double otherWeight;

    /** Weighted sum of logit minus {@link #firstShift} over all classes but the target. */
    double shiftedLogits;

    private double sum;
    private double logarithm;

    /** Derives from the sums what all results need. */
    void finish() {
        sum = others + targetExp;
        // For a row that is confidently right targetExp is 1, and the logarithm sees the others' mass undiminished.
        logarithm = CanonicalMath.log1p(others + (targetExp - 1.0));
    }

    /**
     * {@return whether every logit is -inf}
     */
    boolean isEmpty() {
        return max == Double.NEGATIVE_INFINITY && !Double.isNaN(sum);
    }

    /**
     * {@return the log-sum-exp: NaN if a logit is, -inf for an empty row}
     */
    double logSumExp() {
        if (Double.isNaN(sum)) {
            return Double.NaN;
        }
        return max == Double.NEGATIVE_INFINITY ? max : max + logarithm;
    }

    /**
     * {@return the negative log-likelihood of the target: NaN if a logit is, or if the row is empty}
     */
    double negativeLogLikelihood() {
        return hasNoLoss() ? Double.NaN : logarithm - (targetLogit - max);
    }

    /**
     * {@return the log-sum-exp minus the maximum}
     */
    double logarithm() {
        return logarithm;
    }

    /**
     * {@return the sum over all classes but the target of weight times (log-sum-exp minus logit)}
     */
    double spread() {
        if (hasNoLoss()) {
            return Double.NaN;
        }
        // A logit of -inf, or a distance beyond the element type's range.
        if (!Double.isFinite(shiftedLogits)) {
            return Double.POSITIVE_INFINITY;
        }
        double spread = otherWeight * ((max - firstShift) + logarithm) - shiftedLogits;
        // Rounding may leave a little less than nothing.
        return spread < 0 ? 0 : spread;
    }

    private boolean hasNoLoss() {
        return Double.isNaN(sum) || max == Double.NEGATIVE_INFINITY;
    }

    /**
     * {@return the factor that turns exponentials relative to the row's maximum into alpha times probabilities}
     *
     * @param alpha the gradient's coefficient of the probabilities
     */
    double rate(double alpha) {
        return alpha / sum;
    }

    /**
     * {@return the same factor for exponentials relative to a running maximum}
     *
     * @param rate the factor for the row's maximum
     * @param runningMax the maximum they are relative to, -inf where there was none yet
     */
    double rate(double rate, double runningMax) {
        // exp(0) is exactly 1 and exp(-inf) exactly 0.
        return rate * CanonicalMath.exp(runningMax - max);
    }

    /**
     * {@return the gradient of the target's logit, without cancellation: alpha (1 - p) is formed from the others' mass}
     *
     * @param alpha coefficient of the probabilities
     * @param beta coefficient of the class weights
     * @param gamma coefficient of the target
     * @param weight the target's class weight
     */
    double targetGradient(double alpha, double beta, double gamma, double weight) {
        return ((alpha - gamma) - alpha * (others / sum)) - beta * weight;
    }

    /**
     * Stores the results that are asked for.
     *
     * @param rows says which, and where
     * @param i index of the row within the call
     */
    void store(SoftmaxRows rows, int i) {
        store(rows.negativeLogLikelihood(), i, isPresent(rows.targets()) ? negativeLogLikelihood() : Double.NaN);
        store(rows.logSumExp(), i, logSumExp());
        store(rows.spread(), i, spread());
    }

    /** Stores the results of an ignored row: zeros. */
    static void storeIgnored(SoftmaxRows rows, int i) {
        store(rows.negativeLogLikelihood(), i, 0.0);
        store(rows.logSumExp(), i, 0.0);
        store(rows.spread(), i, 0.0);
    }

    private static void store(MemorySegment output, int i, double value) {
        if (isPresent(output)) {
            output.setAtIndex(JAVA_DOUBLE_UNALIGNED, i, Double.isNaN(value) ? Double.NaN : value);
        }
    }

    /**
     * {@return whether an optional segment was given; an absent one is {@link MemorySegment#NULL}, whose size is 0}
     *
     * @param segment the segment
     */
    static boolean isPresent(MemorySegment segment) {
        return segment.byteSize() != 0;
    }
}
