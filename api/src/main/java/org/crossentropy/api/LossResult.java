package org.crossentropy.api;

import java.util.Objects;

/**
 * The loss of a batch as numbers that can be added up: sum of the row losses, sum of the weights, and counts. A mean is
 * a division by a {@linkplain Denominator named} denominator, taken as late as possible; so losses of micro-batches,
 * threads, machines or files {@linkplain #merge merge} into what the whole would have given, up to the last rounding.
 *
 * <p>Losses that are made element by element count elements instead of rows in everything below ({@link ElementwiseCall}).
 *
 * <p>Losses are in nats. Sums are kept as unevaluated sums of two doubles, {@code lossSum + lossSumTail} and {@code
 * weightSum + weightSumTail}, about 106 bits, so that merging in any order gives the same sums for all practical
 * purposes (the parts would have to lie within about 2^-100 of a rounding boundary for them to differ).
 *
 * @param lossSum sum of the losses of the rows that are not ignored, weights and smoothing included; NaN if a row's is
 * @param lossSumTail what rounding took from {@code lossSum}
 * @param weightSum sum of the class weights of those rows' targets; equal to {@code count} without weights
 * @param weightSumTail what rounding took from {@code weightSum}
 * @param count number of rows that are not ignored
 * @param rows number of rows
 * @param reduction the reduction that {@link #value} applies
 * @param emptyMean what a mean with a denominator of 0 is
 */
public record LossResult(
        double lossSum,
        double lossSumTail,
        double weightSum,
        double weightSumTail,
        long count,
        long rows,
        Reduction reduction,
        EmptyMean emptyMean) {

    /** Rejects nulls. */
    public LossResult {
        Objects.requireNonNull(reduction, "reduction");
        Objects.requireNonNull(emptyMean, "emptyMean");
    }

    /**
     * Returns the loss as the reduction of the loss function says: sum or mean.
     *
     * @return the reduced loss, in nats
     * @throws IllegalStateException if the reduction is {@link Reduction#NONE}: ask for row losses, {@link #lossSum} or
     *     {@link #mean}
     */
    public double value() {
        return switch (reduction) {
            case Reduction.None() ->
                throw new IllegalStateException("reduction NONE has no single value; pass row values to the loss, or"
                        + " take lossSum() or mean(denominator)");
            case Reduction.Sum() -> lossSum;
            case Reduction.Mean(Denominator denominator) -> mean(denominator);
        };
    }

    /**
     * Returns the mean over the weight sum, which without class weights is the number of rows not ignored.
     *
     * @return the mean loss, in nats; {@link #emptyMean} if the weight sum is 0
     */
    public double mean() {
        return mean(Denominator.Of.WEIGHT_SUM);
    }

    /**
     * Returns the mean over a chosen denominator.
     *
     * @param denominator what to divide by
     * @return the mean loss, in nats; {@link #emptyMean} if the denominator is 0
     */
    public double mean(Denominator denominator) {
        double divisor = divisor(denominator, weightSum, count, rows);
        return divisor == 0 ? emptyMean.value() : lossSum / divisor;
    }

    /**
     * Returns the perplexity, {@code exp(mean)}: the number of equally likely classes that would be as surprising.
     *
     * @return the exponential of {@link #mean()}, at least 1 where there are neither weights nor smoothing
     */
    public double perplexity() {
        return Math.exp(mean());
    }

    /**
     * Returns the result of both batches together.
     *
     * @param other result of another batch, with the same reduction and empty mean
     * @return sums and counts added
     * @throws IllegalArgumentException if reduction or empty mean differ
     */
    public LossResult merge(LossResult other) {
        if (!reduction.equals(other.reduction) || emptyMean != other.emptyMean) {
            throw new IllegalArgumentException("cannot merge results of different meaning: " + reduction + " and "
                    + emptyMean + " with " + other.reduction + " and " + other.emptyMean);
        }
        CompensatedSum sum = new CompensatedSum();
        sum.add(lossSum, lossSumTail);
        sum.add(other.lossSum, other.lossSumTail);
        CompensatedSum weights = new CompensatedSum();
        weights.add(weightSum, weightSumTail);
        weights.add(other.weightSum, other.weightSumTail);
        return new LossResult(
                sum.high(),
                sum.low(),
                weights.high(),
                weights.low(),
                Math.addExact(count, other.count),
                Math.addExact(rows, other.rows),
                reduction,
                emptyMean);
    }

    static double divisor(Denominator denominator, double weightSum, long count, long rows) {
        return switch (denominator) {
            case Denominator.Given given -> given.value();
            case Denominator.Of of ->
                switch (of) {
                    case WEIGHT_SUM -> weightSum;
                    case VALID_ROWS -> count;
                    case ALL_ROWS -> rows;
                };
        };
    }
}
