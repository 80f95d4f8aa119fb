package org.crossentropy.api;

/**
 * How the rows of a batch become one number, for every loss on rows.
 *
 * @param reduction none, sum or a mean
 * @param emptyMean what a mean with a denominator of 0 is
 * @param emptyRows what a row means whose logits are all -inf
 */
record ReductionRule(Reduction reduction, EmptyMean emptyMean, EmptyRows emptyRows) {

    /** Which rows are empty is known only after a pass over the logits. */
    boolean skipsEmptyRows() {
        return emptyRows == EmptyRows.IGNORED;
    }

    /** The factor of the gradient. Where the denominator of a mean is 0 it is as good as the mean itself. */
    double scale(LossResult counts) {
        return scale(counts.weightSum(), counts.count(), counts.rows());
    }

    /** The same from the counts themselves. */
    double scale(double weightSum, long count, long rows) {
        if (!(reduction instanceof Reduction.Mean(Denominator denominator))) {
            return 1;
        }
        double divisor = LossResult.divisor(denominator, weightSum, count, rows);
        return divisor == 0 ? emptyMean.value() : 1 / divisor;
    }

    LossResult result(CompensatedSum loss, CompensatedSum weight, long count, long rows) {
        return new LossResult(loss.high(), loss.low(), weight.high(), weight.low(), count, rows, reduction, emptyMean);
    }

    /** The result of one group of rows with weight 1: sums of one number each, to which nothing is lost. */
    LossResult result(double loss, long count, long rows) {
        return new LossResult(loss + 0.0, 0, count, 0, count, rows, reduction, emptyMean);
    }
}
