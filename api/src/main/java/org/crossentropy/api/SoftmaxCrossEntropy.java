package org.crossentropy.api;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Categorical cross-entropy of logits: the loss of classifiers and language models. An immutable value: options, and where
 * to compute. The short methods take classes as targets; {@link #on} begins a call that takes soft targets, too, and sample
 * weights, a class mask, and further outputs.
 *
 * <p><b>Formula.</b> For a row of logits {@code x} with K classes, target y, {@code lse = log sum exp(x[j])} and {@code
 * p[j] = exp(x[j] - lse)}, the loss in nats is
 *
 * <pre>{@code
 * loss = sum over j of  t[j] w[j] (lse - x[j])  =  -sum over j of  t[j] w[j] log p[j]
 * }</pre>
 *
 * where w are the class weights (1 without) and t is 1 at y and 0 elsewhere, or what {@linkplain LabelSmoothing label
 * smoothing} makes of that. Without either the loss is {@code lse - x[y]}. With class weights and smoothing this is what
 * PyTorch computes: the smoothing part counts every class with that class's weight, and the default mean divides by the
 * sum of the targets' weights.
 *
 * <p><b>Gradient.</b> Of the reduced loss with respect to the logits; without weights and smoothing {@code scale (p[j] -
 * [j = y])}, where scale is 1 for a sum (and for no reduction) and 1/denominator for a mean.
 *
 * <p><b>Shapes.</b> Logits N x K, K at least 1; targets N; gradient N x K of the logits' element type; row losses N.
 *
 * <p><b>Special values.</b> Values are data, never errors:
 *
 * <table>
 * <caption>What a row's values lead to</caption>
 * <tr><th>row</th><th>loss</th><th>gradient</th></tr>
 * <tr><td>ignored, whatever it holds</td><td>0, in no count</td><td>exactly 0; the row is not read</td></tr>
 * <tr><td>NaN or +inf among the logits</td><td>NaN</td><td>NaN, in that row only</td></tr>
 * <tr><td>-inf at another class</td><td>finite (+inf if smoothing gives that class weight)</td><td>0 there</td></tr>
 * <tr><td>-inf at the target</td><td>+inf</td><td>{@code p[j] - [j = y]}, finite</td></tr>
 * <tr><td>-inf everywhere</td><td>NaN, or as {@link Builder#emptyRows} says</td><td>likewise</td></tr>
 * <tr><td>weight 0 where the logit is -inf</td><td>0 (-inf) counts as 0</td><td>finite</td></tr>
 * <tr><td>K = 1</td><td>0</td><td>0</td></tr>
 * </table>
 *
 * <p>An empty batch and one whose rows are all ignored have sum 0, count 0 and the mean that {@link Builder#emptyMean}
 * says.
 *
 * <p><b>Accuracy.</b> Row losses and sums are double. The loss of a row is typically within 1 ULP of the logits' element
 * type, relative to the loss however small that is: a confidently right row keeps its digits. It is within {@code 4 + d}
 * ULP where the mass of the classes other than the target lies d nats below the row's maximum (the rounding of {@code x
 * - max}), and for rows made to add up badly within 32 ULP more. The part that label smoothing adds is a difference of
 * sums over all classes and as exact as those: it loses digits where class weights differ by many orders of magnitude.
 * The gradient at the target is computed as {@code -(1 - p[y])} without cancellation and is as accurate as the loss. The
 * measured errors are in the project's README. The same bits come out of every backend and for every number of threads.
 *
 * <p><b>Memory.</b> Logits are read once from memory, the gradient is written once; nothing of size N x K is allocated. The
 * plain loss of classes works on the caller's memory; options that change logits or rows, and the formats of 16 bits, pass
 * rows through a working memory that stays in the cache. The gradient may be the logits themselves (in place, the fastest
 * form), or lie beside them in the rows of one larger matrix; any other overlap is an error. Working memory per thread is a
 * few rows of logits.
 *
 * <p><b>Errors.</b> Shapes, types, overlaps and class indices are checked before anything is written.
 *
 * <p><b>Threads.</b> Safe for use by many threads at once, on different outputs.
 */
public final class SoftmaxCrossEntropy {

    /** The ignore index of PyTorch, Liger and most language-model code. */
    public static final long DEFAULT_IGNORE_INDEX = -100;

    private final Builder options;
    private final LossSettings settings;
    private final ReductionRule rule;
    private final boolean plain;

    private SoftmaxCrossEntropy(Builder options, LossSettings settings) {
        this.options = options.copy(settings);
        this.settings = settings;
        this.rule = settings.rule(options.emptyRows);
        this.plain = options.isPlain();
    }

    /**
     * Returns the plain loss: mean over the rows that are not ignored (index -100), no weights, no smoothing, on the
     * best backend and all processors.
     *
     * @return the loss with default options
     * @throws BackendUnavailableException if no backend can run
     */
    public static SoftmaxCrossEntropy create() {
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
        return options.copy(settings);
    }

    /**
     * {@return where this loss computes}
     */
    public Execution execution() {
        return settings.execution();
    }

    /**
     * Computes the loss of a batch.
     *
     * @param logits N x K
     * @param targets N class indices from 0 to K - 1, or the ignore index
     * @return sums and counts of the batch
     * @throws IllegalArgumentException if shapes do not fit
     * @throws TargetOutOfRangeException if a target is neither a class nor the ignore index
     */
    public LossResult loss(Matrix logits, ClassIndices targets) {
        return SoftmaxOneGroup.accepts(this, logits)
                ? SoftmaxOneGroup.compute(this, logits, targets, null)
                : on(logits, targets).compute();
    }

    /**
     * Computes the loss of a batch and of each row.
     *
     * @param logits N x K
     * @param targets N class indices from 0 to K - 1, or the ignore index
     * @param rowLosses receives the N row losses, weighted and smoothed but not divided by anything; 0 for ignored rows
     * @return sums and counts of the batch
     * @throws IllegalArgumentException if shapes do not fit or buffers overlap
     * @throws TargetOutOfRangeException if a target is neither a class nor the ignore index
     */
    public LossResult loss(Matrix logits, ClassIndices targets, RowValues rowLosses) {
        return on(logits, targets).rowLosses(rowLosses).compute();
    }

    /**
     * Computes the loss of a batch and its gradient with respect to the logits.
     *
     * @param logits N x K
     * @param targets N class indices from 0 to K - 1, or the ignore index
     * @param gradient receives the gradient, N x K of the same element type; apart from the logits, or the very same
     *     matrix, which is then overwritten
     * @return sums and counts of the batch, with the same bits that {@link #loss(Matrix, ClassIndices)} gives
     * @throws IllegalArgumentException if shapes or types do not fit, or buffers overlap
     * @throws TargetOutOfRangeException if a target is neither a class nor the ignore index
     */
    public LossResult lossAndGradient(Matrix logits, ClassIndices targets, Matrix gradient) {
        return gradient != null && SoftmaxOneGroup.accepts(this, logits)
                ? SoftmaxOneGroup.compute(this, logits, targets, gradient)
                : on(logits, targets).gradient(gradient).compute();
    }

    /**
     * Computes the loss of a batch and of each row, and the gradient with respect to the logits.
     *
     * @param logits N x K
     * @param targets N class indices from 0 to K - 1, or the ignore index
     * @param gradient receives the gradient, as in {@link #lossAndGradient(Matrix, ClassIndices, Matrix)}
     * @param rowLosses receives the N row losses, as in {@link #loss(Matrix, ClassIndices, RowValues)}
     * @return sums and counts of the batch
     * @throws IllegalArgumentException if shapes or types do not fit, or buffers overlap
     * @throws TargetOutOfRangeException if a target is neither a class nor the ignore index
     */
    public LossResult lossAndGradient(Matrix logits, ClassIndices targets, Matrix gradient, RowValues rowLosses) {
        return on(logits, targets).gradient(gradient).rowLosses(rowLosses).compute();
    }

    /**
     * Begins a call with inputs and outputs beyond those of {@link #lossAndGradient(Matrix, ClassIndices, Matrix,
     * RowValues)}: soft targets, sample weights, a class mask, numbers of rows.
     *
     * @param logits N x K
     * @param targets N targets of any kind
     * @return the call, to be completed and computed
     */
    public SoftmaxCrossEntropyCall on(Matrix logits, Targets targets) {
        return new SoftmaxCrossEntropyCall(this, logits, targets);
    }

    /** The options, not to be changed. */
    Builder options() {
        return options;
    }

    LossSettings settings() {
        return settings;
    }

    ReductionRule rule() {
        return rule;
    }

    /** Whether there is nothing to do beyond log-sum-exp minus the target's logit. */
    boolean isPlain() {
        return plain;
    }

    /**
     * {@return the options, for people}
     */
    @Override
    public String toString() {
        return "softmax cross-entropy, " + options.smoothing + (options.weights == null ? "" : ", class weights")
                + options.shape() + ", " + settings.describe();
    }

    /** Options of the loss. Not for use by several threads at once. */
    public static final class Builder extends ClassLossBuilder<Builder> {

        EmptyRows emptyRows = EmptyRows.NAN;
        LabelSmoothing smoothing = LabelSmoothing.none();

        @Nullable
        ClassWeights weights;

        double temperature = 1;
        double softCap;
        double zLoss;
        double focus;
        double poly;

        private Builder() {}

        @Override
        Builder self() {
            return this;
        }

        private Builder copy(LossSettings settings) {
            Builder copy = new Builder().settings(settings);
            copy.emptyRows = emptyRows;
            copy.smoothing = smoothing;
            copy.ignore = ignore;
            copy.weights = weights;
            copy.temperature = temperature;
            copy.softCap = softCap;
            copy.zLoss = zLoss;
            copy.focus = focus;
            copy.poly = poly;
            return copy;
        }

        /**
         * Sets what a row means whose logits are all -inf. Default: {@link EmptyRows#NAN}.
         *
         * @param emptyRows NaN or ignored
         * @return this
         */
        public Builder emptyRows(EmptyRows emptyRows) {
            this.emptyRows = Objects.requireNonNull(emptyRows, "emptyRows");
            return this;
        }

        /**
         * Sets label smoothing. Default: none.
         *
         * @param smoothing convention and epsilon
         * @return this
         */
        public Builder labelSmoothing(LabelSmoothing smoothing) {
            this.smoothing = Objects.requireNonNull(smoothing, "smoothing");
            return this;
        }

        /**
         * Sets a weight for each class. Default: none. For float32 logits the weights are rounded to float first.
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
         * Divides the logits by a temperature: above 1 the softmax becomes flatter. Default: 1. Gradients are those with
         * respect to the logits as given. (In distillation, Hinton et al. 2015 multiply the loss by the square of the
         * temperature; use sample weights or scale the result for that.)
         *
         * @param temperature finite and greater than 0
         * @return this
         * @throws IllegalArgumentException if it is not
         */
        public Builder temperature(double temperature) {
            this.temperature = Checks.positive("temperature", temperature);
            return this;
        }

        /**
         * Bounds the logits smoothly: {@code cap tanh(x / cap)}, before the temperature, as in Gemma 2. Default: none. A
         * logit of -inf becomes {@code -cap}; leave classes out with a class mask instead. A capped logit is within about
         * {@code 1e-16 cap} and the rounding to its format.
         *
         * @param cap finite and greater than 0, or 0 for none
         * @return this
         * @throws IllegalArgumentException if it is not
         */
        public Builder softCap(double cap) {
            this.softCap = cap == 0 ? 0 : Checks.positive("softCap", cap);
            return this;
        }

        /**
         * Adds {@code coefficient lse^2} to the loss of each row, which keeps the logits from drifting (PaLM, Chowdhery et al.
         * 2022; 1e-4 there). Default: 0. The term is counted once a row whatever the class weight of its target, as in
         * Liger, and divided by the denominator of the whole loss. Infinite where the log-sum-exp is beyond 1e154.
         *
         * @param coefficient finite and at least 0
         * @return this
         * @throws IllegalArgumentException if it is not
         */
        public Builder zLoss(double coefficient) {
            this.zLoss = Checks.finiteNotNegative("zLoss", coefficient);
            return this;
        }

        /**
         * Makes the loss focal: {@code (1 - p[y])^gamma (lse - x[y])} (Lin et al. 2017). Default: 0, which is the plain loss. The
         * factor is formed without cancellation. For targets that are classes; not together with label smoothing or poly-1.
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
         * Adds {@code epsilon (1 - p[y])}, poly-1 (Leng et al. 2022). Default: 0. For targets that are classes; not together
         * with label smoothing or the focal loss.
         *
         * @param epsilon finite and at least -1
         * @return this
         * @throws IllegalArgumentException if it is not
         */
        public Builder poly1(double epsilon) {
            this.poly = Checks.polyCoefficient(epsilon);
            return this;
        }

        /** Whether no option changes logits, rows or weights. */
        private boolean isPlain() {
            return emptyRows == EmptyRows.NAN
                    && smoothing.isNone()
                    && weights == null
                    && temperature == 1
                    && softCap == 0
                    && zLoss == 0
                    && focus == 0
                    && poly == 0;
        }

        /** What is done to logits and rows, for people. */
        private String shape() {
            return (temperature == 1 ? "" : ", temperature " + temperature)
                    + (softCap == 0 ? "" : ", soft-cap " + softCap)
                    + (zLoss == 0 ? "" : ", z-loss " + zLoss)
                    + (focus == 0 ? "" : ", focal " + focus)
                    + (poly == 0 ? "" : ", poly-1 " + poly);
        }

        /**
         * Builds the loss.
         *
         * @return an immutable loss with these options
         * @throws IllegalArgumentException if two options exclude each other
         * @throws BackendUnavailableException if no execution was set and no backend can run
         */
        public SoftmaxCrossEntropy build() {
            Checks.exclusive("focal", focus != 0, "poly1", poly != 0);
            Checks.exclusive("focal", focus != 0, "labelSmoothing", !smoothing.isNone());
            Checks.exclusive("poly1", poly != 0, "labelSmoothing", !smoothing.isNone());
            return new SoftmaxCrossEntropy(this, settings());
        }
    }
}
