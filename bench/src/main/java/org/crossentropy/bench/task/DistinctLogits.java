package org.crossentropy.bench.task;

import org.crossentropy.api.Matrix;

/**
 * The products of the {@linkplain Batch#DISTINCT_ROWS distinct} rows of hidden states with all rows of a weight, in double:
 * row i of the batch has the logits of row {@code i % count}.
 */
final class DistinctLogits {

    private final int width;
    private final boolean isCosine;
    private final double[][] rows;
    private final double[][] logits;

    /**
     * Multiplies.
     *
     * @param batch hidden states and weight
     * @param scale factor
     * @param isCosine whether all rows are scaled to length 1 before
     */
    DistinctLogits(Batch batch, double scale, boolean isCosine) {
        this.isCosine = isCosine;
        Shape shape = batch.shape();
        width = shape.width();
        int count = Math.min(shape.rows(), Batch.DISTINCT_ROWS);
        rows = new double[count][width];
        logits = new double[count][shape.classes()];
        Elements hidden = Elements.of(batch.hidden());
        for (int row = 0; row < count; row++) {
            load(hidden, row, rows[row]);
        }
        Elements weight = Elements.of(batch.weight());
        double[] other = new double[width];
        for (int column = 0; column < shape.classes(); column++) {
            load(weight, column, other);
            for (int row = 0; row < count; row++) {
                logits[row][column] = scale * dot(rows[row], other);
            }
        }
    }

    /** Reads a row as it is multiplied, and returns the length that it had. */
    double load(Matrix matrix, long row, double[] values) {
        return load(Elements.of(matrix), row, values);
    }

    private double load(Elements elements, long row, double[] values) {
        for (int d = 0; d < width; d++) {
            values[d] = elements.get(row * width + d);
        }
        double length = Math.sqrt(dot(values, values));
        for (int d = 0; d < width && isCosine; d++) {
            values[d] /= length;
        }
        return length;
    }

    /** Four sums, or each addition would wait for the one before. */
    static double dot(double[] a, double[] b) {
        double s0 = 0;
        double s1 = 0;
        double s2 = 0;
        double s3 = 0;
        int d = 0;
        for (; d + 4 <= a.length; d += 4) {
            s0 += a[d] * b[d];
            s1 += a[d + 1] * b[d + 1];
            s2 += a[d + 2] * b[d + 2];
            s3 += a[d + 3] * b[d + 3];
        }
        for (; d < a.length; d++) {
            s0 += a[d] * b[d];
        }
        return s0 + s1 + (s2 + s3);
    }

    int count() {
        return rows.length;
    }

    /** The hidden states of a row of the batch. */
    double[] hidden(int row) {
        return rows[row % rows.length];
    }

    double logit(int row, int column) {
        return logits[row % rows.length][column];
    }

    /** Log-sum-exp of each distinct row. */
    double[] logSumExp() {
        double[] values = new double[rows.length];
        for (int row = 0; row < values.length; row++) {
            double max = Double.NEGATIVE_INFINITY;
            for (double logit : logits[row]) {
                max = Math.max(max, logit);
            }
            double sum = 0;
            for (double logit : logits[row]) {
                sum += Math.exp(logit - max);
            }
            values[row] = max + Math.log(sum);
        }
        return values;
    }
}
