package org.crossentropy.bench.task;

import org.crossentropy.api.ElementType;
import org.crossentropy.api.Matrix;

/**
 * The oracle of losses of given logits.
 *
 * <p>With the targets {@code t}, one-hot where there are class indices, and the class weights {@code w} the loss of a row
 * is {@code sum over j of t[j] w[j] (lse - x[j])}, and the mean is over the sum of the targets' weights, or the rows.
 */
final class LogitsOracle implements Oracle {

    /** Columns of each row whose gradient is compared, besides the target's. */
    private static final int SAMPLES = 4;

    private final Batch batch;
    private final ElementType type;
    private final double[] logSumExp;
    private final double[] targetSum;
    private final double denominator;
    private final double mean;

    /** Computes the loss. */
    LogitsOracle(Batch batch) {
        this.batch = batch;
        type = batch.logits().type();
        int rows = batch.shape().rows();
        logSumExp = new double[rows];
        targetSum = new double[rows];
        double sum = 0;
        for (int row = 0; row < rows; row++) {
            sum += batch.form() == Form.BINARY ? binaryRow(row) : softmaxRow(row);
        }
        denominator = denominator();
        mean = sum / denominator;
    }

    private double denominator() {
        return switch (batch.form()) {
            case BINARY -> batch.shape().elements();
            case WEIGHTED -> {
                double sum = 0;
                for (double each : targetSum) {
                    sum += each;
                }
                yield sum;
            }
            case SOFTMAX, SOFT_TARGETS, ROW_MASK, SHARED_MASK, SMOOTHED, LINEAR, CONTRASTIVE -> logSumExp.length;
        };
    }

    private double binaryRow(int row) {
        Matrix logits = batch.pristine();
        Matrix targets = batch.targetMatrix();
        double sum = 0;
        for (int column = 0; column < logits.columns(); column++) {
            double logit = logits.get(row, column);
            sum += Math.max(logit, 0) - logit * targets.get(row, column) + Math.log1p(Math.exp(-Math.abs(logit)));
        }
        return sum;
    }

    private double softmaxRow(int row) {
        int classes = batch.shape().classes();
        double max = Double.NEGATIVE_INFINITY;
        for (int column = 0; column < classes; column++) {
            max = Math.max(max, logit(row, column));
        }
        double exponentials = 0;
        double weights = 0;
        double products = 0;
        for (int column = 0; column < classes; column++) {
            double logit = logit(row, column);
            exponentials += Math.exp(logit - max);
            double target = target(row, column);
            if (target != 0) {
                weights += target;
                products += target * logit;
            }
        }
        logSumExp[row] = max + Math.log(exponentials);
        targetSum[row] = weights;
        return logSumExp[row] * weights - products;
    }

    private double logit(int row, int column) {
        return batch.isKept(row, column) ? batch.pristine().get(row, column) : Double.NEGATIVE_INFINITY;
    }

    /** Times the weight of the class. */
    private double target(int row, int column) {
        return switch (batch.form()) {
            case SOFT_TARGETS, BINARY -> batch.targetMatrix().get(row, column);
            case SMOOTHED ->
                oneHot(row, column) * (1 - Batch.SMOOTHING)
                        + Batch.SMOOTHING / batch.shape().classes();
            case SOFTMAX, ROW_MASK, SHARED_MASK, WEIGHTED, LINEAR, CONTRASTIVE ->
                oneHot(row, column) * batch.weight(column);
        };
    }

    private double oneHot(int row, int column) {
        return column == batch.targets().get(row) ? 1 : 0;
    }

    /** Of the gradient some entries of each row. */
    @Override
    public void check(Work work, Pass pass, Accuracy accuracy) {
        Oracle.require("mean loss", mean, work.loss(), Math.abs(mean) * accuracy.ofLoss(type));
        if (pass == Pass.FORWARD) {
            return;
        }
        int classes = batch.shape().classes();
        for (int row = 0; row < logSumExp.length; row++) {
            check(work, row, (int) batch.targets().get(row), accuracy);
            for (int sample = 0; sample < SAMPLES; sample++) {
                check(work, row, (int) ((row + (long) classes * sample / SAMPLES) % classes), accuracy);
            }
        }
    }

    private void check(Work work, int row, int column, Accuracy accuracy) {
        double probability = probability(row, column);
        double target = target(row, column);
        double expected = (probability - target) / denominator;
        // A backend takes a class index's 1 away without cancellation, which nobody can do with a given probability.
        double size = batch.form().hasClassIndices() ? Math.abs(expected) : (probability + target) / denominator;
        double tolerance = size * accuracy.ofGradient(type) + accuracy.absolute(type) / denominator;
        Oracle.require("gradient[" + row + ", " + column + "]", expected, work.gradient(row, column), tolerance);
    }

    /** Times the sum of the row's targets. */
    private double probability(int row, int column) {
        double logit = logit(row, column);
        return batch.form() == Form.BINARY
                ? 1 / (1 + Math.exp(-logit))
                : Math.exp(logit - logSumExp[row]) * targetSum[row];
    }
}
