package org.crossentropy.api;

import org.crossentropy.api.spi.TileOperation;

/**
 * Binary cross-entropy of logits: yes or no for each element. One column is a binary classifier, several are labels that
 * do not exclude each other. An immutable value: options, and where to compute.
 *
 * <p><b>Formula.</b> For a logit x, a target t from 0 to 1, {@code p = 1 / (1 + exp(-x))}, a weight w of the element, a weight
 * s of the row and a weight q of the positive side, the loss of an element in nats is
 *
 * <pre>{@code
 * loss = s w (q t P + (1 - t) N),  P = -log p = log1p(exp(-|x|)) + max(-x, 0),  N = -log(1 - p) = P + x
 * }</pre>
 *
 * computed without forming {@code log p} of a rounded p, so that it is exact where a sigmoid would have saturated. The loss
 * of a row is the sum over its elements. The gradient with respect to x is {@code scale s w ((1 - t) p - q t (1 - p))},
 * both probabilities formed directly; it does not vanish for a wrong answer, however sure (the gradient at x = -50, t = 1 is
 * -1; libraries that clip a probability return 0 or too little there).
 *
 * <p><b>Focal loss</b> (Lin et al. 2017): {@code P} becomes {@code (1 - p)^gamma P} and {@code N} becomes {@code p^gamma N}, with
 * {@link Builder#alpha} on the positive side and 1 - alpha on the negative. For targets between 0 and 1 this is the expected
 * loss of a label that is drawn with probability t. torchvision and Keras form {@code p_t = p t + (1 - p)(1 - t)} of the target
 * itself and raise {@code 1 - p_t}, times the plain cross-entropy, which is the same for t of 0 and 1 only. <b>Poly-1</b>
 * (Leng et al. 2022): {@code P + epsilon (1 - p)} and {@code N + epsilon p}.
 *
 * <p><b>Shapes.</b> Logits N x K, K at least 1; targets N x K computed in the same format, or N class indices 0 or 1 where K
 * = 1; gradient N x K of the logits' element type.
 *
 * <table>
 * <caption>What an element's values lead to</caption>
 * <tr><th>element</th><th>loss</th><th>gradient, scale 1</th></tr>
 * <tr><td>weight of element or row 0, whatever it holds</td><td>0, in no count</td><td>0</td></tr>
 * <tr><td>x = +inf, t = 1, or x = -inf, t = 0</td><td>0</td><td>0</td></tr>
 * <tr><td>x = -inf, t = 1</td><td>+inf</td><td>-1</td></tr>
 * <tr><td>x = +inf, t = 0</td><td>+inf</td><td>1</td></tr>
 * <tr><td>x infinite, t between</td><td>+inf</td><td>p - t</td></tr>
 * <tr><td>x or t NaN</td><td>NaN</td><td>NaN, at that element only</td></tr>
 * </table>
 *
 * <p><b>Mean.</b> Over elements; see {@link ElementwiseCall} for what denominators mean here, and which are PyTorch's and
 * Keras's.
 *
 * <p><b>Accuracy.</b> Losses of elements are within some ULP of the logits' element type relative to the loss, which is what
 * they are computed in (with the focal loss and poly-1, {@code exp(-|x|)} is, and all else in double). Sums are taken over runs
 * of at most 32 elements in that type, and beyond in double; where rows have weights or losses of their own they are taken row
 * by row, which may differ in the last bits. <b>Threads.</b> Safe for use by many at once.
 */
public final class BinaryCrossEntropy {

    private final Builder options;
    private final ElementwiseLoss loss;

    private BinaryCrossEntropy(Builder options, LossSettings settings) {
        this.options = options.copy(settings);
        boolean balanced = !Double.isNaN(options.alpha);
        this.loss = new ElementwiseLoss(
                settings,
                TileOperation.LOGISTIC,
                "logits",
                false,
                options.positiveWeights,
                balanced ? options.alpha / (1 - options.alpha) : 1,
                balanced ? 1 - options.alpha : 1,
                options.smoothing,
                options.focus,
                options.poly);
    }

    /**
     * Returns the plain loss: mean over elements, on the best backend and all processors.
     *
     * @return the loss with default options
     * @throws BackendUnavailableException if no backend can run
     */
    public static BinaryCrossEntropy create() {
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
     * @param logits N x K
     * @param targets N x K, each from 0 to 1
     * @return sums and counts of the batch, in elements
     * @throws IllegalArgumentException if shapes or types do not fit, or a target is not from 0 to 1
     */
    public LossResult loss(Matrix logits, Matrix targets) {
        return on(logits, targets).compute();
    }

    /**
     * Computes the loss of a batch and its gradient with respect to the logits.
     *
     * @param logits N x K
     * @param targets N x K, each from 0 to 1
     * @param gradient receives N x K of the logits' element type; apart from the logits, or the very same matrix
     * @return sums and counts of the batch, in elements
     * @throws IllegalArgumentException if shapes or types do not fit, buffers overlap, or a target is not from 0 to 1
     */
    public LossResult lossAndGradient(Matrix logits, Matrix targets, Matrix gradient) {
        return on(logits, targets).gradient(gradient).compute();
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
        return "binary cross-entropy" + options.describe()
                + (options.focus == 0 ? "" : ", focal " + options.focus)
                + (Double.isNaN(options.alpha) ? "" : ", alpha " + options.alpha)
                + (options.poly == 0 ? "" : ", poly-1 " + options.poly)
                + ", " + loss.settings().describe();
    }

    /** Options of the loss. Not for use by several threads at once. */
    public static final class Builder extends BinaryLossBuilder<Builder> {

        private double focus;
        private double alpha = Double.NaN;
        private double poly;

        private Builder() {}

        @Override
        Builder self() {
            return this;
        }

        private Builder copy(LossSettings settings) {
            Builder copy = new Builder().settings(settings);
            copy.positiveWeights = positiveWeights;
            copy.smoothing = smoothing;
            copy.focus = focus;
            copy.alpha = alpha;
            copy.poly = poly;
            return copy;
        }

        /**
         * Makes the loss focal (Lin et al. 2017; gamma = 2 there, in torchvision and in Keras). Default: 0, the plain loss. Not
         * together with poly-1 or label smoothing.
         *
         * @param gamma finite and at least 0
         * @return this
         * @throws IllegalArgumentException if it is not
         */
        public Builder focal(double gamma) {
            this.focus = Checks.finiteNotNegative("focal gamma", gamma);
            return this;
        }

        /**
         * Balances the sides: alpha on the positive and 1 - alpha on the negative (0.25 in torchvision and Keras). Default:
         * none, which is 1 on both, not 1/2. In no denominator.
         *
         * @param alpha greater than 0 and less than 1
         * @return this
         * @throws IllegalArgumentException if it is not
         */
        public Builder alpha(double alpha) {
            if (!(alpha > 0 && alpha < 1)) {
                throw new IllegalArgumentException(
                        "alpha is " + alpha + ", must be greater than 0 and less than 1; leave it out for no balance");
            }
            this.alpha = alpha;
            return this;
        }

        /**
         * Adds epsilon times the probability of the wrong side, poly-1 (Leng et al. 2022). Default: 0. Not together with the
         * focal loss or label smoothing.
         *
         * @param epsilon finite and at least -1
         * @return this
         * @throws IllegalArgumentException if it is not
         */
        public Builder poly1(double epsilon) {
            this.poly = Checks.polyCoefficient(epsilon);
            return this;
        }

        /**
         * Builds the loss.
         *
         * @return an immutable loss with these options
         * @throws IllegalArgumentException if two options exclude each other
         * @throws BackendUnavailableException if no execution was set and no backend can run
         */
        public BinaryCrossEntropy build() {
            Checks.exclusive("focal", focus != 0, "poly1", poly != 0);
            Checks.exclusive("focal", focus != 0, "labelSmoothing", smoothing != 0);
            Checks.exclusive("poly1", poly != 0, "labelSmoothing", smoothing != 0);
            return new BinaryCrossEntropy(this, settings());
        }
    }
}
