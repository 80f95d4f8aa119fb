package org.crossentropy.api;

/** What is known of one row when its loss is made, and what the loss is. Mutable and reused from row to row. */
final class RowNumbers {

    /** The row of the batch. */
    long index;

    /** The class that the row should have; -1 where targets are soft. */
    int target;

    /** Class weight of the target; 1 without weights and for soft targets, whose weights are in {@link #crossEntropy}. */
    double classWeight;

    /** {@code lse - x[y]}; for soft targets {@code sum over j of w[j] t[j] (lse - x[j])}. */
    double crossEntropy;

    /** Sum over the other classes of {@code w[j] (lse - x[j])}. */
    double spread;

    /** Log-sum-exp. */
    double logSumExp;

    /** Entropy of the softmax. */
    double entropy;

    /** The loss of the row. */
    double loss;

    /** Derivatives of the loss with respect to the numbers of the same name. */
    double byCrossEntropy;

    double bySpread;
    double byLogSumExp;
    double byEntropy;

    void clearResults() {
        loss = 0;
        byCrossEntropy = 0;
        bySpread = 0;
        byLogSumExp = 0;
        byEntropy = 0;
    }

    /** A product in which a factor of 0 wins over an infinity; NaN stays. */
    static double times(double factor, double value) {
        return factor == 0 && !Double.isNaN(value) ? 0 : factor * value;
    }
}
