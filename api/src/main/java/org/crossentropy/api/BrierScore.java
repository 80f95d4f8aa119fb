package org.crossentropy.api;

/**
 * The Brier score (1950) of a softmax, from logits: the squared distance of the predicted distribution from the target, the
 * other proper score beside cross-entropy. An immutable value.
 *
 * <p><b>Formula.</b> With {@code p = softmax(x)} and targets t (1 at the class, 0 elsewhere, or soft):
 *
 * <pre>{@code
 * loss = sum over j of (p[j] - t[j])^2,  gradient = scale 2 p[j] (r[j] - sum over k of p[k] r[k]),  r = p - t
 * }</pre>
 *
 * From 0 to 2 for a class. Some divide by K, or halve (for two classes the score is twice that of a binary forecast,
 * {@link SigmoidSquaredError}). Unlike cross-entropy it forgives: a row that gives its class probability 0 has loss 2 at
 * most, and gradient 0, so that training on it stalls where cross-entropy pulls hardest.
 *
 * <p><b>Special values.</b> A row that is ignored or has sample weight 0 has loss 0 and gradient exactly 0 whatever it holds;
 * -inf is probability 0; NaN, +inf, or -inf alone make the row NaN.
 *
 * <p><b>Shapes.</b> Logits N x K, K at least 1; targets N class indices or the ignore index, or soft targets N x K, each
 * from 0 to 1; gradient N x K of the logits' element type. <b>Mean</b> over the rows that count, by sample weight.
 *
 * <p><b>Accuracy.</b> With classes r is formed without cancellation, so a small score keeps its digits. The gradient is a
 * difference, exact to the rounding of the larger term. <b>Threads.</b> Safe for use by many at once.
 */
public final class BrierScore {

    private final Builder options;
    private final ClassLoss loss;

    private BrierScore(Builder options, LossSettings settings) {
        this.options = options.copy(settings);
        this.loss = new ClassLoss(
                settings,
                "logits",
                false,
                options.ignore,
                null,
                (logits, soft, _, gradient) -> new BrierPass(logits, soft, gradient));
    }

    /**
     * Returns the score with default options: mean over the rows, on the best backend and all processors.
     *
     * @return the score
     * @throws BackendUnavailableException if no backend can run
     */
    public static BrierScore create() {
        return builder().build();
    }

    /**
     * {@return a builder with default options}
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * {@return a builder with the options of this score}
     */
    public Builder toBuilder() {
        return options.copy(loss.settings());
    }

    /**
     * Computes the score of a batch.
     *
     * @param logits N x K
     * @param targets N class indices or the ignore index
     * @return sums and counts of the batch
     * @throws IllegalArgumentException if shapes do not fit
     * @throws TargetOutOfRangeException if a target is neither a class nor the ignore index
     */
    public LossResult loss(Matrix logits, ClassIndices targets) {
        return on(logits, targets).compute();
    }

    /**
     * Begins a call for targets that are classes.
     *
     * @param logits N x K
     * @param targets N class indices or the ignore index
     * @return the call, to be completed and computed
     */
    public ClassLossCall on(Matrix logits, ClassIndices targets) {
        return new ClassLossCall(loss, logits, targets);
    }

    /**
     * Begins a call for soft targets.
     *
     * @param logits N x K
     * @param targets N x K
     * @return the call, to be completed and computed
     */
    public ClassLossCall on(Matrix logits, SoftTargets targets) {
        return new ClassLossCall(loss, logits, targets);
    }

    /**
     * {@return the options, for people}
     */
    @Override
    public String toString() {
        return "Brier score, " + loss.settings().describe();
    }

    /** Options of the score. Not for use by several threads at once. */
    public static final class Builder extends ClassLossBuilder<Builder> {

        private Builder() {}

        @Override
        Builder self() {
            return this;
        }

        private Builder copy(LossSettings settings) {
            Builder copy = new Builder().settings(settings);
            copy.ignore = ignore;
            return copy;
        }

        /**
         * Builds the score.
         *
         * @return an immutable score with these options
         * @throws BackendUnavailableException if no execution was set and no backend can run
         */
        public BrierScore build() {
            return new BrierScore(this, settings());
        }
    }
}
