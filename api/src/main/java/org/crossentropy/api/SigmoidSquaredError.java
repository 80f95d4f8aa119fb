package org.crossentropy.api;

import org.crossentropy.api.spi.TileOperation;

/**
 * Squared error of sigmoid outputs, from logits: what was used before cross-entropy, and what cross-entropy is compared
 * with. An immutable value.
 *
 * <p><b>Formula.</b> With {@code p = 1 / (1 + exp(-x))}, target t from 0 to 1, weight w of the element and s of the row:
 *
 * <pre>{@code
 * loss = s w (p - t)^2,  gradient = scale 2 s w (p - t) p (1 - p)
 * }</pre>
 *
 * The gradient has the factor {@code p (1 - p)} that cross-entropy does not have: a unit that is sure and wrong (x = -50, t = 1)
 * has loss 1 and gradient -4e-22, so it hardly learns, while {@link BinaryCrossEntropy} pulls with -1. That is the reason
 * to train with cross-entropy. The mean over elements of the unweighted loss is the Brier score of a binary forecast.
 *
 * <p>{@code p - t} is formed as {@code (1 - t) p - t (1 - p)}, both probabilities directly, so that small errors keep their
 * digits. Infinite logits have loss {@code (p - t)^2} and gradient 0; NaN stays at its element. Shapes, denominators (in
 * elements, see {@link ElementwiseCall}), memory and threads are as for {@link BinaryCrossEntropy}.
 */
public final class SigmoidSquaredError {

    private final ElementwiseLoss loss;

    private SigmoidSquaredError(LossSettings settings) {
        this.loss = new ElementwiseLoss(settings, TileOperation.SIGMOID_SQUARED, "logits", false, null, 1, 1, 0, 0, 0);
    }

    /**
     * Returns the loss with default options: mean over elements, on the best backend and all processors.
     *
     * @return the loss
     * @throws BackendUnavailableException if no backend can run
     */
    public static SigmoidSquaredError create() {
        return builder().build();
    }

    /**
     * {@return a builder with default options}
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * {@return a builder with the options of this loss}
     */
    public Builder toBuilder() {
        return new Builder().settings(loss.settings());
    }

    /**
     * Computes the loss of a batch.
     *
     * @param logits N x K
     * @param targets N x K, each from 0 to 1
     * @return sums and counts of the batch, in elements
     * @throws IllegalArgumentException if shapes or types do not fit, or a target is not from 0 to 1
     */
    public LossResult loss(Matrix logits, Matrix targets) {
        return on(logits, targets).compute();
    }

    /**
     * Begins a call.
     *
     * @param logits N x K
     * @param targets N x K, each from 0 to 1
     * @return the call, to be completed and computed
     */
    public ElementwiseCall on(Matrix logits, Matrix targets) {
        return new ElementwiseCall(loss, logits, targets);
    }

    /**
     * Begins a call for one column and targets that are yes or no.
     *
     * @param logits N x 1
     * @param targets N class indices, 0 or 1
     * @return the call, to be completed and computed
     */
    public ElementwiseCall on(Matrix logits, ClassIndices targets) {
        return new ElementwiseCall(loss, logits, targets);
    }

    /**
     * {@return the options, for people}
     */
    @Override
    public String toString() {
        return "squared error of sigmoid outputs, " + loss.settings().describe();
    }

    /** Options of the loss. Not for use by several threads at once. */
    public static final class Builder extends LossBuilder<Builder> {

        private Builder() {}

        @Override
        Builder self() {
            return this;
        }

        /**
         * Builds the loss.
         *
         * @return an immutable loss with these options
         * @throws BackendUnavailableException if no execution was set and no backend can run
         */
        public SigmoidSquaredError build() {
            return new SigmoidSquaredError(settings());
        }
    }
}
