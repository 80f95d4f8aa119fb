package org.crossentropy.api;

import java.util.Objects;
import java.util.OptionalDouble;

/**
 * The loss of a batch of pairs, and its derivatives by the numbers between similarities and logits, for those who learn
 * them. Logits are {@code logitScale similarity + bias}, and {@code logitScale = 1 / temperature}.
 *
 * <p>Derivatives are of the reduced loss, and known where a gradient with respect to embeddings was asked for, from which
 * they follow with little work.
 *
 * @param loss sums and counts
 * @param logitScale factor of the similarities
 * @param logitScaleGradient derivative by the logit scale
 * @param biasGradient derivative by the bias; for losses with one
 */
public record ContrastiveResult(
        LossResult loss, double logitScale, OptionalDouble logitScaleGradient, OptionalDouble biasGradient) {

    /** Rejects nulls. */
    public ContrastiveResult {
        Objects.requireNonNull(loss, "loss");
        Objects.requireNonNull(logitScaleGradient, "logitScaleGradient");
        Objects.requireNonNull(biasGradient, "biasGradient");
    }

    /**
     * {@return the loss as the reduction says, in nats}
     * @throws IllegalStateException if the reduction is {@link Reduction#NONE}
     */
    public double value() {
        return loss.value();
    }

    /**
     * {@return the derivative by the logarithm of the logit scale, which is what CLIP and SigLIP learn: {@code logitScale
     * d(logitScale)}}
     * @throws IllegalStateException if no gradient was asked for
     */
    public double logLogitScaleGradient() {
        return logitScale * known();
    }

    /**
     * {@return the derivative by the temperature, {@code -logitScale^2 d(logitScale)}}
     * @throws IllegalStateException if no gradient was asked for
     */
    public double temperatureGradient() {
        return -(logitScale * (logitScale * known()));
    }

    private double known() {
        return logitScaleGradient.orElseThrow(() -> new IllegalStateException(
                "the derivative by the logit scale is not known: ask for the gradient of some embeddings"));
    }
}
