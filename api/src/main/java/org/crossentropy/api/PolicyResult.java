package org.crossentropy.api;

import java.util.Objects;
import java.util.OptionalDouble;

/**
 * The loss of a policy on a batch of actions, and the numbers by which its training is watched: sums over the rows that
 * count, without weights, so that results {@linkplain #merge merge}. Rows with NaN among their logits are in no sum but the
 * loss, which is NaN then.
 *
 * @param loss sums and counts
 * @param clipped number of rows whose ratio was clipped, and which had no gradient of the objective therefore
 * @param divergenceFromOldSum sum of {@code (r - 1) - log r}, r being the ratio of the probabilities now and then; where old
 *     log-probabilities were given
 * @param divergenceFromReferenceSum sum of {@code (r - 1) - log r}, r being the ratio of the probability under the reference
 *     to that now; where log-probabilities of the reference were given
 * @param entropySum sum of the entropies in nats; where there is an entropy bonus or entropies were asked for
 */
public record PolicyResult(
        LossResult loss,
        long clipped,
        OptionalDouble divergenceFromOldSum,
        OptionalDouble divergenceFromReferenceSum,
        OptionalDouble entropySum) {

    /** Rejects nulls. */
    public PolicyResult {
        Objects.requireNonNull(loss, "loss");
        Objects.requireNonNull(divergenceFromOldSum, "divergenceFromOldSum");
        Objects.requireNonNull(divergenceFromReferenceSum, "divergenceFromReferenceSum");
        Objects.requireNonNull(entropySum, "entropySum");
    }

    /**
     * {@return the loss as the normalization says}
     * @throws IllegalStateException if that is by {@link Reduction#NONE}
     */
    public double value() {
        return loss.value();
    }

    /**
     * {@return the share of rows whose clip was in effect; the empty mean if there are no rows} CleanRL and Stable-Baselines3
     * count every ratio outside of the limits, also those on the side where the clip has no effect.
     */
    public double clipFraction() {
        return mean((double) clipped);
    }

    /**
     * {@return the mean divergence of the policy from the one that acted, an estimate of KL(old, new) that is never
     * negative (k3 of Schulman 2020; approx_kl of CleanRL)}
     * @throws IllegalStateException if no old log-probabilities were given
     */
    public double approximateKl() {
        return mean(known(divergenceFromOldSum, "old log-probabilities were not given"));
    }

    /**
     * {@return the mean divergence from the reference policy, an estimate of KL(new, reference) that is never negative}
     * @throws IllegalStateException if no log-probabilities of the reference were given
     */
    public double referenceKl() {
        return mean(known(divergenceFromReferenceSum, "log-probabilities of the reference were not given"));
    }

    /**
     * {@return the mean entropy of the policy in nats}
     * @throws IllegalStateException if there is no entropy bonus and no entropies were asked for
     */
    public double entropy() {
        return mean(known(entropySum, "entropies were not asked for, and there is no entropy bonus"));
    }

    private static double known(OptionalDouble sum, String otherwise) {
        return sum.orElseThrow(() -> new IllegalStateException(otherwise));
    }

    private double mean(double sum) {
        return loss.count() == 0 ? loss.emptyMean().value() : sum / (double) loss.count();
    }

    /**
     * Returns the result of both batches together.
     *
     * @param other result of another batch, with the same normalization, empty mean and inputs
     * @return sums and counts added
     * @throws IllegalArgumentException if the results differ in meaning
     */
    public PolicyResult merge(PolicyResult other) {
        return new PolicyResult(
                loss.merge(other.loss),
                Math.addExact(clipped, other.clipped),
                add("divergenceFromOldSum", divergenceFromOldSum, other.divergenceFromOldSum),
                add("divergenceFromReferenceSum", divergenceFromReferenceSum, other.divergenceFromReferenceSum),
                add("entropySum", entropySum, other.entropySum));
    }

    private static OptionalDouble add(String name, OptionalDouble first, OptionalDouble second) {
        if (first.isPresent() != second.isPresent()) {
            throw new IllegalArgumentException(
                    "cannot merge a result that has " + name + " with one that has not; compute both alike");
        }
        return first.isPresent() ? OptionalDouble.of(first.getAsDouble() + second.getAsDouble()) : first;
    }
}
