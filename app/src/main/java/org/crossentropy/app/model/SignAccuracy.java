package org.crossentropy.app.model;

import java.util.stream.LongStream;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.RowValues;
import org.jspecify.annotations.Nullable;

/**
 * How many logits of yes-or-no questions are right: above 0, where the sigmoid is above 1/2, if the answer is yes, and at
 * most 0 if it is no. NaN is wrong.
 */
public final class SignAccuracy {

    private SignAccuracy() {}

    /** The answers. */
    public interface Truth {

        /**
         * Returns the answer to one question.
         *
         * @param row row of the logit
         * @param column column of the logit
         * @return whether it is yes
         */
        boolean isYes(long row, int column);
    }

    /**
     * Counts the right logits.
     *
     * @param logits N x K
     * @param truth the answers
     * @param sampleWeights N weights, 0 for rows that are left out; null for none
     * @param threads whether to share the work among the processors: more than 1
     * @return logits that are right
     */
    public static long countRight(Matrix logits, Truth truth, @Nullable RowValues sampleWeights, int threads) {
        LongStream rows = LongStream.range(0, logits.rows());
        return (threads > 1 ? rows.parallel() : rows)
                .filter(row -> sampleWeights == null || sampleWeights.get(row) != 0)
                .map(row -> countRight(logits, truth, row))
                .sum();
    }

    private static long countRight(Matrix logits, Truth truth, long row) {
        long right = 0;
        for (int column = 0; column < logits.columns(); column++) {
            double logit = logits.get(row, column);
            right += truth.isYes(row, column) ? (logit > 0 ? 1 : 0) : (logit <= 0 ? 1 : 0);
        }
        return right;
    }
}
