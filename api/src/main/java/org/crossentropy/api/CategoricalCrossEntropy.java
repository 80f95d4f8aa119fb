package org.crossentropy.api;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Cross-entropy of probabilities ({@link #ofProbabilities}) or of log-probabilities ({@link #ofLogProbabilities}, PyTorch's
 * {@code NLLLoss}, the negative log-likelihood): for models that have taken the softmax already. An immutable value. Where
 * there are logits, {@link SoftmaxCrossEntropy} is more exact and does it in one pass.
 *
 * <p><b>Formula.</b> For a row with probabilities p, targets t (1 at the class, 0 elsewhere, or soft) and class weights w, in
 * nats, {@code loss = -sum over j of t[j] w[j] log p[j]}, where {@code 0 log 0} is 0. The gradient is {@code -scale t[j] w[j] /
 * p[j]} with respect to probabilities, and {@code -scale t[j] w[j]} with respect to log-probabilities.
 *
 * <p><b>Conventions.</b> Probabilities are taken as they are: neither renormalised nor clipped. (Keras divides a row by its
 * sum and clips to [1e-7, 1 - 1e-7], DL4J to 1e-10, scikit-learn to the machine epsilon, so that their losses end at 16 to
 * 36 and their gradients vanish there.) {@link Builder#logClamp} sets a bound where one is wanted; with {@code -log(1e-7) = 16.12}
 * the loss at p = 0 is that of Keras. Log-probabilities may be any numbers, above 0 too; nothing is checked or normalised,
 * as in PyTorch.
 *
 * <p><b>Shapes.</b> Predictions N x K, K at least 1; targets N class indices from 0 to K - 1 or the ignore index, or soft
 * targets N x K, each from 0 to 1; gradient N x K of the predictions' element type.
 *
 * <table>
 * <caption>What a row's values lead to</caption>
 * <tr><th>row</th><th>loss</th><th>gradient, scale 1</th></tr>
 * <tr><td>ignored, or of sample weight 0, whatever it holds</td><td>0, in no count</td><td>0</td></tr>
 * <tr><td>p = 0 where t is above 0</td><td>+inf, or the bound</td><td>-inf, or 0 with a bound</td></tr>
 * <tr><td>log p = -inf where t is above 0</td><td>+inf, or the bound</td><td>-t w, or 0 with a bound</td></tr>
 * <tr><td>NaN where t is above 0</td><td>NaN</td><td>NaN there with respect to p</td></tr>
 * <tr><td>anything where t is 0</td><td>not looked at</td><td>0 there</td></tr>
 * </table>
 *
 * <p><b>Mean.</b> As in {@link SoftmaxCrossEntropy}: with classes, by default, over the class weights of the targets, as in
 * PyTorch. <b>Accuracy.</b> With classes the logarithm is within an ULP of double of that of the given p; with soft targets it
 * is rounded to the format of the arithmetic. <b>Threads.</b> Safe for use by many at once.
 */
public final class CategoricalCrossEntropy {

    private final Builder options;
    private final ClassLoss loss;

    private CategoricalCrossEntropy(Builder options, LossSettings settings) {
        this.options = options.copy(settings);
        Form form = options.form;
        double bound = options.bound;
        this.loss = new ClassLoss(
                settings,
                form == Form.PROBABILITIES ? "probabilities" : "logProbabilities",
                form == Form.PROBABILITIES,
                options.ignore,
                options.weights,
                (predictions, soft, weights, gradient) ->
                        new CategoricalPass(form, bound, predictions, soft, weights, gradient));
    }

    /**
     * {@return a builder of the cross-entropy of probabilities}
     */
    public static Builder ofProbabilities() {
        return new Builder(Form.PROBABILITIES);
    }

    /**
     * {@return a builder of the cross-entropy of log-probabilities, PyTorch's NLLLoss}
     */
    public static Builder ofLogProbabilities() {
        return new Builder(Form.LOG_PROBABILITIES);
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
     * @param predictions N x K
     * @param targets N class indices or the ignore index
     * @return sums and counts of the batch
     * @throws IllegalArgumentException if shapes do not fit, or a probability is not from 0 to 1
     * @throws TargetOutOfRangeException if a target is neither a class nor the ignore index
     */
    public LossResult loss(Matrix predictions, ClassIndices targets) {
        return on(predictions, targets).compute();
    }

    /**
     * Computes the loss of a batch and its gradient with respect to the predictions.
     *
     * @param predictions N x K
     * @param targets N class indices or the ignore index
     * @param gradient receives N x K of the predictions' element type; apart from them, or the very same matrix
     * @return sums and counts of the batch
     * @throws IllegalArgumentException if shapes or types do not fit, buffers overlap, or a probability is not from 0 to 1
     * @throws TargetOutOfRangeException if a target is neither a class nor the ignore index
     */
    public LossResult lossAndGradient(Matrix predictions, ClassIndices targets, Matrix gradient) {
        return on(predictions, targets).gradient(gradient).compute();
    }

    /**
     * Begins a call for targets that are classes.
     *
     * @param predictions N x K
     * @param targets N class indices or the ignore index
     * @return the call, to be completed and computed
     */
    public ClassLossCall on(Matrix predictions, ClassIndices targets) {
        return new ClassLossCall(loss, predictions, targets);
    }

    /**
     * Begins a call for soft targets.
     *
     * @param predictions N x K
     * @param targets N x K
     * @return the call, to be completed and computed
     */
    public ClassLossCall on(Matrix predictions, SoftTargets targets) {
        return new ClassLossCall(loss, predictions, targets);
    }

    /**
     * {@return the options, for people}
     */
    @Override
    public String toString() {
        return "cross-entropy of " + (options.form == Form.PROBABILITIES ? "probabilities" : "log-probabilities")
                + (options.weights == null ? "" : ", class weights")
                + (options.bound == Double.POSITIVE_INFINITY ? "" : ", logarithms at least -" + options.bound)
                + ", " + loss.settings().describe();
    }

    /** Options of the loss. Not for use by several threads at once. */
    public static final class Builder extends ClassLossBuilder<Builder> {

        private final Form form;
        private @Nullable ClassWeights weights;
        private double bound = Double.POSITIVE_INFINITY;

        private Builder(Form form) {
            this.form = Objects.requireNonNull(form, "form");
        }

        @Override
        Builder self() {
            return this;
        }

        private Builder copy(LossSettings settings) {
            Builder copy = new Builder(form).settings(settings);
            copy.ignore = ignore;
            copy.weights = weights;
            copy.bound = bound;
            return copy;
        }

        /**
         * Sets a weight for each class. Default: none. Rounded to float for predictions of 32 or 16 bits.
         *
         * @param weights one finite number at least 0 a class; copied
         * @return this
         * @throws IllegalArgumentException if a weight is negative, not finite or beyond the range of float
         */
        public Builder classWeights(double... weights) {
            this.weights = new ClassWeights(weights);
            return this;
        }

        /**
         * Removes the class weights.
         *
         * @return this
         */
        public Builder noClassWeights() {
            this.weights = null;
            return this;
        }

        /**
         * Bounds the logarithms: {@code max(log p, -bound)}, constant beyond, so that the gradient is 0 there. Default: none.
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
        public CategoricalCrossEntropy build() {
            return new CategoricalCrossEntropy(this, settings());
        }
    }
}
