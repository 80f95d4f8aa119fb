package org.crossentropy.api;

import java.util.Objects;

/**
 * A distribution over K classes in each of N rows, in whatever form there is: a view of memory that belongs to the caller.
 *
 * @param matrix N x K
 * @param form what its elements are
 */
public record Distributions(Matrix matrix, Form form) {

    /** Rejects nulls. */
    public Distributions {
        Objects.requireNonNull(matrix, "matrix");
        Objects.requireNonNull(form, "form");
    }

    /**
     * Views probabilities.
     *
     * @param matrix N x K, each from 0 to 1
     * @return the distributions
     */
    public static Distributions ofProbabilities(Matrix matrix) {
        return new Distributions(matrix, Form.PROBABILITIES);
    }

    /**
     * Views log-probabilities.
     *
     * @param matrix N x K
     * @return the distributions
     */
    public static Distributions ofLogProbabilities(Matrix matrix) {
        return new Distributions(matrix, Form.LOG_PROBABILITIES);
    }

    /**
     * Views logits, whose softmax is the distribution.
     *
     * @param matrix N x K
     * @return the distributions
     */
    public static Distributions ofLogits(Matrix matrix) {
        return new Distributions(matrix, Form.LOGITS);
    }
}
