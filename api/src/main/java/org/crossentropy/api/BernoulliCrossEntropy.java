package org.crossentropy.api;

import org.crossentropy.api.spi.TileOperation;

/**
 * Binary cross-entropy of probabilities: for models that have taken the sigmoid already, or whose probabilities come from
 * elsewhere. An immutable value. Where there are logits, {@link BinaryCrossEntropy} is more exact: a probability near 1 has
 * lost the digits of 1 - p.
 *
 * <p><b>Formula.</b> For a probability p, a target t from 0 to 1, a weight w of the element, s of the row and q of the
 * positive side, in nats,
 *
 * <pre>{@code
 * loss = s w (q t (-log p) + (1 - t) (-log1p(-p)))
 * }</pre>
 *
 * exact by default: nothing is clipped, {@code 0 log 0} is 0, and the loss is +inf where what was called impossible happens.
 * The gradient with respect to p is {@code scale s w ((1 - t) / (1 - p) - q t / p)}.
 *
 * <p><b>Bounded.</b> {@link Builder#logClamp} bounds each logarithm from below. PyTorch's {@code BCELoss} has a bound of 100.
 * Its gradient, {@code (p - t) / max(p (1 - p), 1e-12)}, is not that of its own loss beyond the bound; here a logarithm that is
 * cut is constant and adds nothing to the gradient. Keras, TensorFlow-Java and scikit-learn clip the probability instead, at
 * 1e-7 or the machine epsilon: a bound of {@code -log(1e-7) = 16.12} gives the same loss at p = 0.
 *
 * <p><b>Shapes.</b> Probabilities N x K, K at least 1, each from 0 to 1 (else an error that names row and column; NaN is
 * data); targets as for {@link BinaryCrossEntropy}.
 *
 * <table>
 * <caption>What an element's values lead to</caption>
 * <tr><th>element</th><th>loss</th><th>gradient, scale 1</th></tr>
 * <tr><td>p = 1, t = 1</td><td>0</td><td>-1</td></tr>
 * <tr><td>p = 0, t = 0</td><td>0</td><td>1</td></tr>
 * <tr><td>p = 0, t = 1</td><td>+inf, or the bound</td><td>-inf, or 0 with a bound</td></tr>
 * <tr><td>p = 1, t = 0</td><td>+inf, or the bound</td><td>+inf, or 0 with a bound</td></tr>
 * <tr><td>p or t NaN</td><td>NaN</td><td>NaN, at that element only</td></tr>
 * </table>
 *
 * <p><b>Mean.</b> Over elements; see {@link ElementwiseCall}. <b>Accuracy.</b> All in double, within some ULP of double of the
 * loss of the given p. <b>Threads.</b> Safe for use by many at once.
 */
public final class BernoulliCrossEntropy {

    private final Builder options;
    private final ElementwiseLoss loss;

    private BernoulliCrossEntropy(Builder options, LossSettings settings) {
        this.options = options.copy(settings);
        this.loss = new ElementwiseLoss(
                settings,
                TileOperation.BERNOULLI,
                "probabilities",
                true,
                options.positiveWeights,
                1,
                1,
                options.smoothing,
                options.bound,
                0);
    }

    /**
     * Returns the exact loss: mean over elements, on the best backend and all processors.
     *
     * @return the loss with default options
     * @throws BackendUnavailableException if no backend can run
     */
    public static BernoulliCrossEntropy create() {
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
        return options.copy(loss.settings());
    }

    /**
     * {@return where this loss computes}
     */
    public Execution execution() {
        return loss.settings().execution();
    }

    /**
     * Computes the loss of a batch.
     *
     * @param probabilities N x K, each from 0 to 1
     * @param targets N x K, each from 0 to 1
     * @return sums and counts of the batch, in elements
     * @throws IllegalArgumentException if shapes or types do not fit, or a number is not from 0 to 1
     */
    public LossResult loss(Matrix probabilities, Matrix targets) {
        return on(probabilities, targets).compute();
    }

    /**
     * Computes the loss of a batch and its gradient with respect to the probabilities.
     *
     * @param probabilities N x K, each from 0 to 1
     * @param targets N x K, each from 0 to 1
     * @param gradient receives N x K of the probabilities' element type; apart from them, or the very same matrix
     * @return sums and counts of the batch, in elements
     * @throws IllegalArgumentException if shapes or types do not fit, buffers overlap, or a number is not from 0 to 1
     */
    public LossResult lossAndGradient(Matrix probabilities, Matrix targets, Matrix gradient) {
        return on(probabilities, targets).gradient(gradient).compute();
    }

    /**
     * Begins a call.
     *
     * @param probabilities N x K, each from 0 to 1
     * @param targets N x K, each from 0 to 1
     * @return the call, to be completed and computed
     */
    public ElementwiseCall on(Matrix probabilities, Matrix targets) {
        return new ElementwiseCall(loss, probabilities, targets);
    }

    /**
     * Begins a call for one column and targets that are yes or no.
     *
     * @param probabilities N x 1, each from 0 to 1
     * @param targets N class indices, 0 or 1
     * @return the call, to be completed and computed
     */
    public ElementwiseCall on(Matrix probabilities, ClassIndices targets) {
        return new ElementwiseCall(loss, probabilities, targets);
    }

    /**
     * {@return the options, for people}
     */
    @Override
    public String toString() {
        return "binary cross-entropy of probabilities" + options.describe()
                + (options.bound == Double.POSITIVE_INFINITY ? "" : ", logarithms at least -" + options.bound)
                + ", " + loss.settings().describe();
    }

    /** Options of the loss. Not for use by several threads at once. */
    public static final class Builder extends BinaryLossBuilder<Builder> {

        private double bound = Double.POSITIVE_INFINITY;

        private Builder() {}

        @Override
        Builder self() {
            return this;
        }

        private Builder copy(LossSettings settings) {
            Builder copy = new Builder().settings(settings);
            copy.positiveWeights = positiveWeights;
            copy.smoothing = smoothing;
            copy.bound = bound;
            return copy;
        }

        /**
         * Bounds both logarithms: {@code max(log p, -bound)}. Default: none. 100 is PyTorch's.
         *
         * @param bound greater than 0; infinite for none
         * @return this
         * @throws IllegalArgumentException if it is not
         */
        public Builder logClamp(double bound) {
            this.bound = Checks.logBound(bound);
            return this;
        }

        /**
         * Builds the loss.
         *
         * @return an immutable loss with these options
         * @throws BackendUnavailableException if no execution was set and no backend can run
         */
        public BernoulliCrossEntropy build() {
            return new BernoulliCrossEntropy(this, settings());
        }
    }
}
