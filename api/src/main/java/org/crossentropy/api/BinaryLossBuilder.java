package org.crossentropy.api;

import org.jspecify.annotations.Nullable;

/**
 * Options that both binary cross-entropies have. Not for use by several threads at once.
 *
 * @param <B> the builder of a loss
 */
public abstract class BinaryLossBuilder<B extends BinaryLossBuilder<B>> extends LossBuilder<B> {

    @Nullable
    ClassWeights positiveWeights;

    double smoothing;

    /** For the losses of this package. */
    BinaryLossBuilder() {}

    /**
     * Sets weights of the positive side, one a column: {@code -(q t log p + (1 - t) log(1 - p))}; above 1 they favour
     * recall. PyTorch's {@code pos_weight}, TensorFlow's weighted sigmoid cross-entropy, XGBoost's scale of positives.
     * Default: none. For predictions of 32 or 16 bits they are rounded to float first. In no denominator.
     *
     * @param weights one finite number at least 0 a column; copied
     * @return this
     * @throws IllegalArgumentException if a weight is negative, not finite or beyond the range of float
     */
    public final B positiveWeights(double... weights) {
        this.positiveWeights = new ClassWeights("positiveWeights", weights);
        return self();
    }

    /**
     * Removes the weights of the positive side.
     *
     * @return this
     */
    public final B noPositiveWeights() {
        this.positiveWeights = null;
        return self();
    }

    /**
     * Moves targets toward 1/2: {@code t' = (1 - epsilon) t + epsilon / 2}, as Keras and TensorFlow do for binary losses.
     * Default: 0. Weights of the positive side apply to what comes out: {@code q t'} and {@code 1 - t'}.
     *
     * @param epsilon from 0 to 1
     * @return this
     * @throws IllegalArgumentException if it is not
     */
    public final B labelSmoothing(double epsilon) {
        if (!(epsilon >= 0 && epsilon <= 1)) {
            throw new IllegalArgumentException("labelSmoothing epsilon is " + epsilon + ", must be from 0 to 1");
        }
        this.smoothing = epsilon;
        return self();
    }

    /** What is set here, for people. */
    final String describe() {
        return (positiveWeights == null ? "" : ", positive weights")
                + (smoothing == 0 ? "" : ", smoothing " + smoothing + " toward 1/2");
    }
}
