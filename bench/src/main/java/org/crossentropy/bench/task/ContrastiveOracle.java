package org.crossentropy.bench.task;

import org.crossentropy.api.ElementType;
import org.crossentropy.api.Matrix;

/**
 * The oracle of symmetric InfoNCE of cosine similarities, the loss of CLIP. With queries and keys scaled to length 1, the
 * logits x = {@value Batch#LOGIT_SCALE} q k^T of N pairs, their softmax over keys r and over queries c,
 *
 * <pre>{@code
 * loss       = 1 / (2 N) sum over i of (log-sum-exp of row i + log-sum-exp of column i - 2 x[i, i])
 * d x[i, j]  = 1 / (2 N) (r[i, j] + c[i, j] - 2 [i = j])
 * }</pre>
 *
 * and the gradient by an embedding e of length l and direction u is {@code (g - (g u) u) / l} where g is that by u.
 */
final class ContrastiveOracle implements Oracle {

    /** Pairs whose gradients are compared. */
    private static final int SAMPLES = 3;

    private final Batch batch;
    private final int count;
    private final int width;
    private final DistinctLogits logits;
    private final double[] ofRows;
    private final double[] ofColumns;
    private final double mean;

    ContrastiveOracle(Batch batch) {
        this.batch = batch;
        count = batch.shape().rows();
        width = batch.shape().width();
        logits = new DistinctLogits(batch, Batch.LOGIT_SCALE, true);
        ofRows = logits.logSumExp();
        ofColumns = new double[count];
        double sum = 0;
        for (int i = 0; i < count; i++) {
            ofColumns[i] = ofColumn(i);
            sum += ofRows[i % ofRows.length] + ofColumns[i] - 2 * logits.logit(i, i);
        }
        mean = sum / (2.0 * count);
    }

    /** Logits are no larger than their scale, so that there is nothing to take care of. */
    private double ofColumn(int column) {
        double sum = 0;
        for (int row = 0; row < logits.count(); row++) {
            int times = Math.ceilDiv(count - row, logits.count());
            sum += times * Math.exp(logits.logit(row, column));
        }
        return Math.log(sum);
    }

    /** Of the gradients all columns of some rows. */
    @Override
    public void check(Work work, Pass pass, Accuracy accuracy) {
        ElementType type = batch.hidden().type();
        Oracle.require("mean loss", mean, work.loss(), Math.abs(mean) * accuracy.ofLoss(type));
        if (pass == Pass.FORWARD) {
            return;
        }
        double relative = accuracy.ofProducts(type);
        for (int sample = 0; sample < SAMPLES; sample++) {
            int row = (int) ((long) count * sample / SAMPLES);
            check("queries", batch.hidden(), row, gradient(row, true), work::gradient, relative);
            check("keys", batch.weight(), row, gradient(row, false), work::weightGradient, relative);
        }
    }

    /** An element of a gradient. */
    private interface Entry {
        double at(int row, int column);
    }

    /** The gradient by a direction, and the sum of the sizes of what it is made of. */
    private double[][] gradient(int of, boolean isQuery) {
        double[] sum = new double[width];
        double[] size = new double[width];
        double[] other = new double[width];
        for (int i = 0; i < count; i++) {
            logits.load(isQuery ? batch.weight() : batch.hidden(), i, other);
            double derivative = isQuery ? derivative(of, i) : derivative(i, of);
            for (int d = 0; d < width; d++) {
                sum[d] += derivative * other[d];
                size[d] += Math.abs(derivative * other[d]);
            }
        }
        return new double[][] {sum, size};
    }

    /** Of the mean loss by the cosine of a query and a key. */
    private double derivative(int query, int key) {
        double logit = logits.logit(query, key);
        double probabilities = Math.exp(logit - ofRows[query % ofRows.length]) + Math.exp(logit - ofColumns[key]);
        return Batch.LOGIT_SCALE / (2.0 * count) * (probabilities - (query == key ? 2 : 0));
    }

    private void check(String what, Matrix matrix, int row, double[][] gradient, Entry actual, double relative) {
        double[] direction = new double[width];
        double length = logits.load(matrix, row, direction);
        double along = DistinctLogits.dot(gradient[0], direction);
        double sizeAlong = 0;
        for (int d = 0; d < width; d++) {
            sizeAlong += gradient[1][d] * Math.abs(direction[d]);
        }
        for (int d = 0; d < width; d++) {
            Oracle.require(
                    "gradient of " + what + "[" + row + ", " + d + "]",
                    (gradient[0][d] - along * direction[d]) / length,
                    actual.at(row, d),
                    (gradient[1][d] + sizeAlong * Math.abs(direction[d])) / length * relative);
        }
    }
}
