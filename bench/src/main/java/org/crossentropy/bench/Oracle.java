package org.crossentropy.bench;

import org.crossentropy.api.ElementType;
import org.crossentropy.api.LossResult;
import org.crossentropy.api.Matrix;

/**
 * Mean softmax cross-entropy of a batch in double, by the textbook formula, to catch a benchmark that computes something
 * else. Bounds on accuracy are the business of the backends' own tests.
 */
final class Oracle {

    /** Columns of each row whose gradient is compared, besides the target's. */
    private static final int SAMPLES = 8;

    private final Batch batch;
    private final double[] logSumExp;
    private final double mean;

    Oracle(Batch batch) {
        this.batch = batch;
        this.logSumExp = new double[batch.shape().rows()];
        double sum = 0;
        for (int row = 0; row < logSumExp.length; row++) {
            logSumExp[row] = logSumExp(batch.pristine(), row);
            sum += logSumExp[row] - batch.pristine().get(row, target(row));
        }
        mean = sum / logSumExp.length;
    }

    private static double logSumExp(Matrix logits, int row) {
        double max = Double.NEGATIVE_INFINITY;
        for (int column = 0; column < logits.columns(); column++) {
            max = Math.max(max, logits.get(row, column));
        }
        double sum = 0;
        for (int column = 0; column < logits.columns(); column++) {
            sum += Math.exp(logits.get(row, column) - max);
        }
        return max + Math.log(sum);
    }

    private int target(int row) {
        return (int) batch.targets().get(row);
    }

    /**
     * Compares a mean loss.
     *
     * @throws AssertionError if it is wrong
     */
    void check(LossResult loss) {
        require("mean loss", mean, loss.mean(), mean * tolerance());
    }

    /**
     * Compares some entries of each row of a gradient of the mean loss.
     *
     * @throws AssertionError if one is wrong
     */
    void check(Matrix gradient) {
        int classes = gradient.columns();
        for (int row = 0; row < logSumExp.length; row++) {
            check(gradient, row, target(row));
            for (int sample = 0; sample < SAMPLES; sample++) {
                check(gradient, row, (int) ((row + (long) classes * sample / SAMPLES) % classes));
            }
        }
    }

    private void check(Matrix gradient, int row, int column) {
        double probability = Math.exp(batch.pristine().get(row, column) - logSumExp[row]);
        double expected = (probability - (column == target(row) ? 1 : 0)) / logSumExp.length;
        // The second term is for the difference above, which the backends avoid.
        double tolerance = Math.abs(expected) * tolerance() + 1e-14 / logSumExp.length;
        require("gradient[" + row + ", " + column + "]", expected, gradient.get(row, column), tolerance);
    }

    /** A dozen roundings of an exponent of a size up to 30. */
    private double tolerance() {
        return batch.pristine().type() == ElementType.FLOAT32 ? 4e-6 : 1e-12;
    }

    private static void require(String what, double expected, double actual, double tolerance) {
        if (!(Math.abs(actual - expected) <= tolerance)) {
            throw new AssertionError(what + " is " + actual + ", and the oracle says " + expected);
        }
    }
}
