package org.crossentropy.api;

import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Categorical cross-entropy of logits and integer targets: the loss of classifiers and language models. An immutable
 * value: options, and where to compute.
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
 * <p><b>Memory.</b> Logits are read once from memory, the gradient is written once; nothing of size N x K is allocated.
 * The gradient may be the logits themselves (in place, the fastest form); any other overlap is an error. Working memory
 * per thread is a few rows of logits.
 *
 * <p><b>Errors.</b> Shapes, types, overlaps and class indices are checked before anything is written.
 *
 * <p><b>Threads.</b> Safe for use by many threads at once, on different outputs.
 */
public final class SoftmaxCrossEntropy {

    /** The ignore index of PyTorch, Liger and most language-model code. */
    public static final long DEFAULT_IGNORE_INDEX = -100;

    private final Builder options;
    private final Execution execution;
    private final @Nullable ClassWeights weights;

    private SoftmaxCrossEntropy(Builder options) {
        this.options = options.copy();
        this.execution = options.execution != null ? options.execution : Execution.automatic();
        this.weights = options.weights;
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
        return options.copy().execution(execution);
    }

    /**
     * {@return where this loss computes}
     */
    public Execution execution() {
        return execution;
    }

    /**
     * Computes the loss of a batch.
     *
     * @param logits N x K
     * @param targets N class indices from 0 to K - 1, or the ignore index
     * @return sums and counts of the batch
     * @throws IllegalArgumentException if shapes do not fit
     * @throws IndexOutOfBoundsException if a target is neither a class nor the ignore index
     */
    public LossResult loss(Matrix logits, ClassIndices targets) {
        return compute(logits, targets, null, null);
    }

    /**
     * Computes the loss of a batch and of each row.
     *
     * @param logits N x K
     * @param targets N class indices from 0 to K - 1, or the ignore index
     * @param rowLosses receives the N row losses, weighted and smoothed but not divided by anything; 0 for ignored rows
     * @return sums and counts of the batch
     * @throws IllegalArgumentException if shapes do not fit or buffers overlap
     * @throws IndexOutOfBoundsException if a target is neither a class nor the ignore index
     */
    public LossResult loss(Matrix logits, ClassIndices targets, RowValues rowLosses) {
        return compute(logits, targets, null, Objects.requireNonNull(rowLosses, "rowLosses"));
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
     * @throws IndexOutOfBoundsException if a target is neither a class nor the ignore index
     */
    public LossResult lossAndGradient(Matrix logits, ClassIndices targets, Matrix gradient) {
        return compute(logits, targets, Objects.requireNonNull(gradient, "gradient"), null);
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
     * @throws IndexOutOfBoundsException if a target is neither a class nor the ignore index
     */
    public LossResult lossAndGradient(Matrix logits, ClassIndices targets, Matrix gradient, RowValues rowLosses) {
        return compute(
                logits,
                targets,
                Objects.requireNonNull(gradient, "gradient"),
                Objects.requireNonNull(rowLosses, "rowLosses"));
    }

    private LossResult compute(
            Matrix logits, ClassIndices targets, @Nullable Matrix gradient, @Nullable RowValues rowLosses) {
        check(logits, targets, gradient, rowLosses);
        ClassWeights.Table table = weights == null ? null : weights.of(logits.type());
        TargetScan scan = new TargetScan(targets, logits.columns(), options.ignore, table);
        boolean shareable = RowWork.shareable(logits.segment())
                && RowWork.shareable(targets.segment())
                && (gradient == null || RowWork.shareable(gradient.segment()))
                && (rowLosses == null || RowWork.shareable(rowLosses.segment()));
        boolean skipEmptyRows = options.emptyRows == EmptyRows.IGNORED;
        double scale = 1;
        if (gradient != null && options.reduction instanceof Reduction.Mean mean) {
            // Which rows are empty is known only after a pass over the logits.
            LossResult counts = skipEmptyRows
                    ? run(logits, scan, table, 1, null, null, shareable)
                    : result(new CompensatedSum(), scan.weightSum(), scan.count(), logits.rows());
            scale = scale(mean.denominator(), counts);
        }
        return run(logits, scan, table, scale, gradient, rowLosses, shareable);
    }

    /** The factor of the gradient of a mean. Where the denominator is 0 it is as good as the mean itself. */
    private double scale(Denominator denominator, LossResult counts) {
        double divisor = LossResult.divisor(denominator, counts.weightSum(), counts.count(), counts.rows());
        return divisor == 0 ? options.emptyMean.value() : 1 / divisor;
    }

    private LossResult run(
            Matrix logits,
            TargetScan scan,
            ClassWeights.@Nullable Table table,
            double scale,
            @Nullable Matrix gradient,
            @Nullable RowValues rowLosses,
            boolean shareable) {
        SoftmaxLossPass pass = new SoftmaxLossPass(
                execution.backend().kernels(),
                logits,
                scan,
                table,
                options.smoothing,
                scale,
                options.emptyRows == EmptyRows.IGNORED,
                gradient,
                rowLosses);
        RowWork.run(execution.parallelism(), shareable, logits.rows(), logits.columns(), pass);
        return result(pass.lossSum(), pass.weightSum(), pass.count(), logits.rows());
    }

    private LossResult result(CompensatedSum loss, CompensatedSum weight, long count, long rows) {
        return new LossResult(
                loss.high(),
                loss.low(),
                weight.high(),
                weight.low(),
                count,
                rows,
                options.reduction,
                options.emptyMean);
    }

    private void check(Matrix logits, ClassIndices targets, @Nullable Matrix gradient, @Nullable RowValues rowLosses) {
        Checks.hasClasses(logits);
        Checks.perRow("targets", targets.count(), logits);
        Checks.alive("logits", logits.segment());
        Checks.alive("targets", targets.segment());
        options.smoothing.check(logits.columns());
        if (weights != null) {
            weights.check(logits.columns());
        }
        if (gradient != null) {
            Checks.sameShape("logits", logits, "gradient", gradient);
            Checks.alive("gradient", gradient.segment());
            Checks.writable("gradient", gradient.segment());
            Checks.apartOrSame("logits", logits, "gradient", gradient);
            Checks.apart("targets", targets.segment(), "gradient", gradient.segment());
        }
        if (rowLosses != null) {
            Checks.perRow("rowLosses", rowLosses.count(), logits);
            Checks.alive("rowLosses", rowLosses.segment());
            Checks.writable("rowLosses", rowLosses.segment());
            checkApartFromInputs(logits.segment(), targets.segment(), gradient, rowLosses.segment());
        }
    }

    private static void checkApartFromInputs(
            MemorySegment logits, MemorySegment targets, @Nullable Matrix gradient, MemorySegment rowLosses) {
        Checks.apart("logits", logits, "rowLosses", rowLosses);
        Checks.apart("targets", targets, "rowLosses", rowLosses);
        if (gradient != null) {
            Checks.apart("gradient", gradient.segment(), "rowLosses", rowLosses);
        }
    }

    /**
     * {@return the options, for people}
     */
    @Override
    public String toString() {
        return "softmax cross-entropy, " + options.reduction + ", " + options.smoothing
                + (weights == null ? "" : ", class weights") + " on " + execution.backend() + ", "
                + execution.parallelism();
    }

    /** Options of the loss. Not for use by several threads at once. */
    public static final class Builder {

        private Reduction reduction = Reduction.MEAN;
        private EmptyMean emptyMean = EmptyMean.NAN;
        private EmptyRows emptyRows = EmptyRows.NAN;
        private LabelSmoothing smoothing = LabelSmoothing.none();
        private TargetScan.IgnoreIndex ignore = new TargetScan.IgnoreIndex(true, DEFAULT_IGNORE_INDEX);
        private @Nullable ClassWeights weights;
        private @Nullable Execution execution;

        private Builder() {}

        private Builder copy() {
            Builder copy = new Builder();
            copy.reduction = reduction;
            copy.emptyMean = emptyMean;
            copy.emptyRows = emptyRows;
            copy.smoothing = smoothing;
            copy.ignore = ignore;
            copy.weights = weights;
            copy.execution = execution;
            return copy;
        }

        /**
         * Sets how row losses become one number, and with it the scale of the gradient. Default: {@link
         * Reduction#MEAN}.
         *
         * @param reduction none, sum or a mean
         * @return this
         */
        public Builder reduction(Reduction reduction) {
            this.reduction = Objects.requireNonNull(reduction, "reduction");
            return this;
        }

        /**
         * Sets what a mean with a denominator of 0 is. Default: {@link EmptyMean#NAN}.
         *
         * @param emptyMean NaN or 0
         * @return this
         */
        public Builder emptyMean(EmptyMean emptyMean) {
            this.emptyMean = Objects.requireNonNull(emptyMean, "emptyMean");
            return this;
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
         * Sets the target that marks rows to leave out. Default: {@value SoftmaxCrossEntropy#DEFAULT_IGNORE_INDEX}. An
         * index of a class is allowed: rows with that target are left out, and the class stays in the softmax of the
         * other rows, as in PyTorch.
         *
         * @param index any number
         * @return this
         */
        public Builder ignoreIndex(long index) {
            this.ignore = new TargetScan.IgnoreIndex(true, index);
            return this;
        }

        /**
         * Makes every target that is not a class an error.
         *
         * @return this
         */
        public Builder noIgnoreIndex() {
            this.ignore = TargetScan.IgnoreIndex.NONE;
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
         * Sets where to compute. Default: {@link Execution#automatic}.
         *
         * @param execution backend and threads
         * @return this
         */
        public Builder execution(Execution execution) {
            this.execution = Objects.requireNonNull(execution, "execution");
            return this;
        }

        /**
         * Builds the loss.
         *
         * @return an immutable loss with these options
         * @throws BackendUnavailableException if no execution was set and no backend can run
         */
        public SoftmaxCrossEntropy build() {
            return new SoftmaxCrossEntropy(this);
        }
    }
}
