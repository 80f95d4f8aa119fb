package org.crossentropy.api;

import java.util.Objects;

/**
 * Soft targets: a probability for every class of every row, as from a teacher, from mixing of samples or from one-hot
 * encoding.
 *
 * <p>Each number must be from 0 to 1; a row need not sum to 1. The loss of a row is then {@code sum over j of t[j] w[j]
 * (lse - x[j])} whatever the sum, and its gradient is the gradient of just that, {@code p sum(t) - t} without weights.
 * (TensorFlow's fused operation and DL4J's losses return p - t, which is right for a sum of 1 only.) NaN makes the row's loss
 * NaN.
 *
 * @param probabilities N x K
 */
public record SoftTargets(Matrix probabilities) implements Targets {

    /** Rejects null. */
    public SoftTargets {
        Objects.requireNonNull(probabilities, "probabilities");
    }

    /**
     * Views a matrix as soft targets.
     *
     * @param probabilities N x K, each from 0 to 1
     * @return the targets
     */
    public static SoftTargets of(Matrix probabilities) {
        return new SoftTargets(probabilities);
    }

    @Override
    public long count() {
        return probabilities.rows();
    }
}
