package org.crossentropy.api;

/**
 * The options that every loss has.
 *
 * @param reduction how row losses become one number
 * @param emptyMean what a mean over nothing is
 * @param execution where to compute
 */
record LossSettings(Reduction reduction, EmptyMean emptyMean, Execution execution) {

    /** The factor of gradients. Where the denominator is 0, nothing counts that could have a gradient. */
    double scale(BatchCounts counts) {
        if (!(reduction instanceof Reduction.Mean(Denominator denominator))) {
            return 1;
        }
        double divisor = LossResult.divisor(denominator, counts.weightSum().high(), counts.count(), counts.rows());
        return divisor == 0 ? 0 : 1 / divisor;
    }

    LossResult result(CompensatedSum loss, BatchCounts counts) {
        return rule(EmptyRows.NAN).result(loss, counts.weightSum(), counts.count(), counts.rows());
    }

    /** The part that is about rows, with what a row without any class means. */
    ReductionRule rule(EmptyRows emptyRows) {
        return new ReductionRule(reduction, emptyMean, emptyRows);
    }

    /** Options and place, for people. */
    String describe() {
        return reduction + " on " + execution.backend() + ", " + execution.parallelism();
    }
}
