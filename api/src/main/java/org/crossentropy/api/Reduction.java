package org.crossentropy.api;

import java.util.Objects;

/**
 * How the losses of the rows become the number whose gradient is computed. Whatever the reduction, a {@link LossResult}
 * carries sum, weight sum and counts, from which any mean can be had.
 */
public sealed interface Reduction {

    /**
     * No reduction: row losses are results in their own right; the gradient of row i is that of its own loss. Same
     * gradient as {@link Sum}; {@link LossResult#value} refuses.
     */
    record None() implements Reduction {}

    /** The sum of the row losses. */
    record Sum() implements Reduction {}

    /**
     * The sum of the row losses divided by a denominator.
     *
     * @param denominator what to divide by
     */
    record Mean(Denominator denominator) implements Reduction {
        /** Rejects null. */
        public Mean {
            Objects.requireNonNull(denominator, "denominator");
        }
    }

    /** No reduction. */
    Reduction NONE = new None();

    /** The sum of the row losses. */
    Reduction SUM = new Sum();

    /** The mean of PyTorch: by the weight sum of the valid rows, which without weights is their number. */
    Reduction MEAN = new Mean(Denominator.Of.WEIGHT_SUM);

    /**
     * Returns a mean with a chosen denominator.
     *
     * @param denominator what to divide by
     * @return the reduction
     */
    static Reduction mean(Denominator denominator) {
        return new Mean(denominator);
    }
}
