package org.crossentropy.tck;

import org.crossentropy.api.Denominator;
import org.crossentropy.api.EmptyMean;
import org.crossentropy.api.LossResult;

/** Compares the sums, counts and means of a batch with the oracle's. */
final class BatchSums {

    private final LossOracle oracle;
    private final LossOracle.Counts counts;

    BatchSums(LossOracle oracle, LossOracle.Counts counts) {
        this.oracle = oracle;
        this.counts = counts;
    }

    void check(LossResult result, Batch batch, RowOracle[] rows, LossOptions options) {
        String where = batch + " with " + options + ": " + result;
        if (result.count() != counts.count() || result.rows() != counts.rows()) {
            throw new AssertionError("must count " + counts.count() + " of " + counts.rows() + " rows, " + where);
        }
        // Rows left out for being empty may have been subtracted again: weights are at most 3.
        double slack = 3 * Tolerances.BATCH_SUM * rows.length;
        near("weight sum", result.weightSum(), counts.weightSum(), 0, slack, where);
        DoubleDouble sum = DoubleDouble.ZERO;
        for (int row = 0; row < rows.length; row++) {
            sum = sum.plus(oracle.loss(rows[row], batch.target(row, options)));
        }
        // The row losses are judged one by one; here they are only added up.
        double allowed = Tolerances.sameLoss(batch.shape().type()) * rows.length;
        if (!batch.shape().data().isOrdinary() && Double.isFinite(sum.high())) {
            return;
        }
        // Losses that come of exponentials below the smallest normal number may be 0.
        double vanishing = 3.0
                * rows.length
                * batch.shape().classes()
                * Ulp.minNormal(batch.shape().type());
        near("loss sum", result.lossSum(), sum, allowed, vanishing, where);
        for (Denominator denominator : new Denominator[] {
            Denominator.Of.WEIGHT_SUM, Denominator.Of.VALID_ROWS, Denominator.Of.ALL_ROWS, Denominator.given(3)
        }) {
            DoubleDouble divisor = LossOracle.divisor(denominator, counts);
            double empty = options.emptyMean() == EmptyMean.ZERO ? 0 : Double.NaN;
            DoubleDouble mean = divisor.high() == 0 ? DoubleDouble.of(empty) : sum.dividedBy(divisor);
            double scale = divisor.high() == 0 ? 0 : vanishing / divisor.high();
            near("mean by " + denominator, result.mean(denominator), mean, allowed, scale, where);
        }
    }

    private static void near(
            String what, double actual, DoubleDouble expected, double relative, double absolute, String where) {
        double distance = Ulp.distance(actual, expected);
        if (distance != 0 && !(distance <= relative * Math.abs(expected.high()) + absolute)) {
            throw new AssertionError(what + " is " + actual + ", must be " + expected.high() + "; " + where);
        }
    }
}
