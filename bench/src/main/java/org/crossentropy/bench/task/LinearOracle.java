package org.crossentropy.bench.task;

import org.crossentropy.api.ElementType;

/**
 * The oracle of heads of language models. With the probabilities p of the softmax of {@code hidden weight^T}, and N rows,
 *
 * <pre>{@code
 * N d hidden[i, d] = sum over j of p[i, j] weight[j, d] - weight[t(i), d]
 * N d weight[j, d] = sum over i of (p[i, j] - [t(i) = j]) hidden[i, d]
 * }</pre>
 */
final class LinearOracle implements Oracle {

    /** Columns of each row whose gradient is compared, and classes of either kind: targets, and any. */
    private static final int SAMPLES = 4;

    private final Batch batch;
    private final Shape shape;
    private final DistinctLogits logits;
    private final double[] logSumExp;
    private final double mean;

    LinearOracle(Batch batch) {
        this.batch = batch;
        shape = batch.shape();
        logits = new DistinctLogits(batch, 1, false);
        logSumExp = logits.logSumExp();
        double sum = 0;
        for (int row = 0; row < shape.rows(); row++) {
            sum += logSumExp[row % logSumExp.length] - logits.logit(row, target(row));
        }
        mean = sum / shape.rows();
    }

    private int target(int row) {
        return (int) batch.targets().get(row);
    }

    /** Of the gradient by hidden states some columns of all rows, of that by the weight these columns of some classes. */
    @Override
    public void check(Work work, Pass pass, Accuracy accuracy) {
        ElementType type = batch.hidden().type();
        Oracle.require("mean loss", mean, work.loss(), Math.abs(mean) * accuracy.ofLoss(type));
        if (pass == Pass.FORWARD) {
            return;
        }
        double relative = accuracy.ofProducts(type) / shape.rows();
        for (int sample = 0; sample < SAMPLES; sample++) {
            int column = (int) ((long) shape.width() * sample / SAMPLES);
            checkHidden(work, column, relative);
            for (int other = 0; other < SAMPLES; other++) {
                checkWeight(work, target(shape.rows() * other / SAMPLES), column, relative);
                checkWeight(work, (int) ((long) shape.classes() * other / SAMPLES), column, relative);
            }
        }
    }

    private void checkHidden(Work work, int column, double relative) {
        double[] sums = new double[logits.count()];
        double[] sizes = new double[logits.count()];
        for (int j = 0; j < shape.classes(); j++) {
            double weight = batch.weight().get(j, column);
            for (int row = 0; row < sums.length; row++) {
                double product = probability(row, j) * weight;
                sums[row] += product;
                sizes[row] += Math.abs(product);
            }
        }
        for (int row = 0; row < shape.rows(); row++) {
            int distinct = row % sums.length;
            double ofTarget = batch.weight().get(target(row), column);
            Oracle.require(
                    "gradient of hidden[" + row + ", " + column + "]",
                    (sums[distinct] - ofTarget) / shape.rows(),
                    work.gradient(row, column),
                    (sizes[distinct] + Math.abs(ofTarget)) * relative);
        }
    }

    private void checkWeight(Work work, int of, int column, double relative) {
        double sum = 0;
        double size = 0;
        for (int row = 0; row < shape.rows(); row++) {
            double oneHot = target(row) == of ? 1 : 0;
            double probability = probability(row, of);
            double hidden = logits.hidden(row)[column];
            sum += (probability - oneHot) * hidden;
            size += (probability + oneHot) * Math.abs(hidden);
        }
        Oracle.require(
                "gradient of weight[" + of + ", " + column + "]",
                sum / shape.rows(),
                work.weightGradient(of, column),
                size * relative);
    }

    private double probability(int row, int column) {
        return Math.exp(logits.logit(row, column) - logSumExp[row % logSumExp.length]);
    }
}
