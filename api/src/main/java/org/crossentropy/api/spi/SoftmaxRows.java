package org.crossentropy.api.spi;

import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.crossentropy.api.ElementType;

/**
 * The arguments of one call of a row kernel: which rows of which matrix, their targets and weights, and where the
 * results go. Mutable and reusable, so that a caller that works through a matrix in pieces allocates nothing per piece.
 *
 * <p>Optional segments that are absent are {@link MemorySegment#NULL}. Kernels read this object and never keep it.
 * Nothing is validated here: callers have checked (see {@link LossKernels}).
 *
 * <p>Indices: row {@code i} of a call, {@code 0 <= i < rowCount}, is row {@code fromRow + i} of the logits and of the
 * gradient, takes its class index from {@code targets[firstTarget + i]}, its coefficients from {@code coefficients[i *
 * coefficientStep ...]}, and writes element {@code i} of the row outputs.
 *
 * <p>A reference is stored only where it changes. An object that is reused becomes old, and each store of a younger or
 * distant reference into an old one costs the barrier of the garbage collector, some 5 ns: more than all the rest here.
 */
@SuppressWarnings({"MemorySegmentReferenceEquality", "ReferenceEquality"}) // the very same, or it is stored
public final class SoftmaxRows {

    private ElementType type = ElementType.FLOAT32;
    private ElementType storedType = ElementType.FLOAT32;
    private boolean isMasked;
    private MemorySegment mask = MemorySegment.NULL;
    private long maskStride;
    private MemorySegment logits = MemorySegment.NULL;
    private long rowStride;
    private int classes = 1;
    private long fromRow;
    private int rowCount;
    private MemorySegment targets = MemorySegment.NULL;
    private long firstTarget;
    private MemorySegment classWeights = MemorySegment.NULL;
    private double weightTotal;
    private boolean emptyRowsZero;
    private MemorySegment negativeLogLikelihood = MemorySegment.NULL;
    private MemorySegment logSumExp = MemorySegment.NULL;
    private MemorySegment spread = MemorySegment.NULL;
    private MemorySegment gradient = MemorySegment.NULL;
    private long gradientStride;
    private MemorySegment coefficients = MemorySegment.NULL;
    private int coefficientStep;
    private MemorySegment workspace = MemorySegment.NULL;

    /** Creates arguments with every optional part absent. */
    public SoftmaxRows() {}

    /**
     * Sets the logits, stored in the type they are computed in and without a mask unless {@link #storedType(ElementType)} and
     * {@link #mask(MemorySegment, long)} say otherwise afterwards.
     *
     * @param type element type of logits, class weights and gradient
     * @param logits the matrix, first row at offset 0
     * @param rowStride elements from one row to the next, at least {@code classes}
     * @param classes elements of a row, at least 1
     * @return this
     */
    public SoftmaxRows logits(ElementType type, MemorySegment logits, long rowStride, int classes) {
        if (this.type != Objects.requireNonNull(type, "type")) {
            this.type = type;
        }
        if (this.logits != Objects.requireNonNull(logits, "logits")) {
            this.logits = logits;
        }
        if (this.storedType != type) {
            this.storedType = type;
        }
        if (isMasked) {
            this.isMasked = false;
            this.mask = MemorySegment.NULL;
            this.maskStride = 0;
        }
        this.rowStride = rowStride;
        this.classes = classes;
        return this;
    }

    /**
     * Sets the format that logits and gradient are stored in, which the kernels must {@linkplain LossKernels#maps map}. The
     * strides count elements of it; class weights stay in the type that is computed in.
     *
     * @param storedType a format whose arithmetic is in the type of the logits
     * @return this
     */
    public SoftmaxRows storedType(ElementType storedType) {
        this.storedType = Objects.requireNonNull(storedType, "storedType");
        return this;
    }

    /**
     * Leaves classes out: their logits count as -inf, their gradient is +0. The kernels must {@linkplain LossKernels#maps map}
     * masks.
     *
     * @param mask one byte a class, 0 where it is left out, which a target must not be; the row of matrix row i begins at
     *     {@code i * maskStride}
     * @param maskStride bytes from one row to the next, or 0 where one row serves all
     * @return this
     */
    public SoftmaxRows mask(MemorySegment mask, long maskStride) {
        this.mask = Objects.requireNonNull(mask, "mask");
        this.maskStride = maskStride;
        this.isMasked = true;
        return this;
    }

    /**
     * Sets which rows this call works on.
     *
     * @param fromRow first row
     * @param rowCount number of rows
     * @return this
     */
    public SoftmaxRows range(long fromRow, int rowCount) {
        this.fromRow = fromRow;
        this.rowCount = rowCount;
        return this;
    }

    /**
     * Sets the class indices.
     *
     * @param targets int32 class indices, a negative one marking an ignored row; or {@link MemorySegment#NULL} for rows
     *     without a target
     * @param firstTarget index in {@code targets} of the target of row {@code fromRow}
     * @return this
     */
    public SoftmaxRows targets(MemorySegment targets, long firstTarget) {
        if (this.targets != Objects.requireNonNull(targets, "targets")) {
            this.targets = targets;
        }
        this.firstTarget = firstTarget;
        return this;
    }

    /**
     * Sets the class weights {@code w} that spread and gradient use.
     *
     * @param classWeights one finite weight at least 0 per class in the element type of the logits, or
     *     {@link MemorySegment#NULL} for 1 each
     * @param weightTotal the sum of the weights; the number of classes where there are none
     * @return this
     */
    public SoftmaxRows classWeights(MemorySegment classWeights, double weightTotal) {
        if (this.classWeights != Objects.requireNonNull(classWeights, "classWeights")) {
            this.classWeights = classWeights;
        }
        this.weightTotal = weightTotal;
        return this;
    }

    /**
     * Sets what the gradient of an empty row (every logit -inf) is.
     *
     * @param emptyRowsZero true for 0, false for NaN
     * @return this
     */
    public SoftmaxRows emptyRowsZero(boolean emptyRowsZero) {
        this.emptyRowsZero = emptyRowsZero;
        return this;
    }

    /**
     * Sets where the per-row results go; each is {@code double}, one element a row, or {@link MemorySegment#NULL} if not
     * wanted.
     *
     * @param negativeLogLikelihood receives {@code lse - x[y]}; only with targets
     * @param logSumExp receives {@code lse}
     * @param spread receives the sum over all classes but the target of {@code w[j] (lse - x[j])}
     * @return this
     */
    public SoftmaxRows rowOutputs(MemorySegment negativeLogLikelihood, MemorySegment logSumExp, MemorySegment spread) {
        if (this.negativeLogLikelihood != Objects.requireNonNull(negativeLogLikelihood, "negativeLogLikelihood")) {
            this.negativeLogLikelihood = negativeLogLikelihood;
        }
        if (this.logSumExp != Objects.requireNonNull(logSumExp, "logSumExp")) {
            this.logSumExp = logSumExp;
        }
        if (this.spread != Objects.requireNonNull(spread, "spread")) {
            this.spread = spread;
        }
        return this;
    }

    /**
     * Sets where the gradient (or softmax, or log-softmax) goes.
     *
     * @param gradient a matrix of the logits' element type or, where one was set, of the stored type, first row at offset 0; may be the logits themselves with the
     *     same stride
     * @param gradientStride elements from one row to the next, at least {@code classes}
     * @return this
     */
    public SoftmaxRows gradient(MemorySegment gradient, long gradientStride) {
        if (this.gradient != Objects.requireNonNull(gradient, "gradient")) {
            this.gradient = gradient;
        }
        this.gradientStride = gradientStride;
        return this;
    }

    /**
     * Sets the coefficients of the gradient.
     *
     * @param coefficients {@code double} triples alpha, beta, gamma
     * @param coefficientStep doubles from one row's triple to the next: 3, or 0 where one triple serves all rows
     * @return this
     */
    public SoftmaxRows coefficients(MemorySegment coefficients, int coefficientStep) {
        if (this.coefficients != Objects.requireNonNull(coefficients, "coefficients")) {
            this.coefficients = coefficients;
        }
        this.coefficientStep = coefficientStep;
        return this;
    }

    /**
     * Sets the working memory.
     *
     * @param workspace off-heap, aligned to 64 bytes, of at least {@link LossKernels#workspaceBytes} bytes
     * @return this
     */
    public SoftmaxRows workspace(MemorySegment workspace) {
        if (this.workspace != Objects.requireNonNull(workspace, "workspace")) {
            this.workspace = workspace;
        }
        return this;
    }

    /**
     * {@return the element type that is computed in, which class weights have, and logits and gradient unless a
     *     {@linkplain #storedType() stored type} was set}
     */
    public ElementType type() {
        return type;
    }

    /**
     * {@return the format that logits and gradient are stored in}
     */
    public ElementType storedType() {
        return storedType;
    }

    /**
     * {@return whether classes are left out}
     */
    public boolean isMasked() {
        return isMasked;
    }

    /**
     * {@return whether logits or gradient are not as they are computed with: stored in another format, or masked}
     */
    public boolean isMapped() {
        return isMasked || storedType != type;
    }

    /**
     * {@return one byte a class and perhaps row, 0 where the class is left out, or {@link MemorySegment#NULL}}
     */
    public MemorySegment mask() {
        return mask;
    }

    /**
     * {@return bytes from one row of the mask to the next, 0 where one row serves all}
     */
    public long maskStride() {
        return maskStride;
    }

    /**
     * {@return the matrix of logits}
     */
    public MemorySegment logits() {
        return logits;
    }

    /**
     * {@return elements from one row of logits to the next}
     */
    public long rowStride() {
        return rowStride;
    }

    /**
     * {@return number of classes}
     */
    public int classes() {
        return classes;
    }

    /**
     * {@return first row of the matrices to work on}
     */
    public long fromRow() {
        return fromRow;
    }

    /**
     * {@return number of rows to work on}
     */
    public int rowCount() {
        return rowCount;
    }

    /**
     * {@return int32 class indices, negative where the row is ignored, or {@link MemorySegment#NULL}}
     */
    public MemorySegment targets() {
        return targets;
    }

    /**
     * {@return index of the first row's target}
     */
    public long firstTarget() {
        return firstTarget;
    }

    /**
     * {@return class weights, or {@link MemorySegment#NULL}}
     */
    public MemorySegment classWeights() {
        return classWeights;
    }

    /**
     * {@return sum of the class weights, the number of classes where there are none}
     */
    public double weightTotal() {
        return weightTotal;
    }

    /**
     * {@return whether the gradient of a row whose logits are all -inf is 0 instead of NaN}
     */
    public boolean emptyRowsZero() {
        return emptyRowsZero;
    }

    /**
     * {@return where the negative log-likelihoods go, or {@link MemorySegment#NULL}}
     */
    public MemorySegment negativeLogLikelihood() {
        return negativeLogLikelihood;
    }

    /**
     * {@return where the log-sum-exps go, or {@link MemorySegment#NULL}}
     */
    public MemorySegment logSumExp() {
        return logSumExp;
    }

    /**
     * {@return where the spreads go, or {@link MemorySegment#NULL}}
     */
    public MemorySegment spread() {
        return spread;
    }

    /**
     * {@return where the gradient goes}
     */
    public MemorySegment gradient() {
        return gradient;
    }

    /**
     * {@return elements from one row of the gradient to the next}
     */
    public long gradientStride() {
        return gradientStride;
    }

    /**
     * {@return triples alpha, beta, gamma}
     */
    public MemorySegment coefficients() {
        return coefficients;
    }

    /**
     * {@return doubles from one row's coefficients to the next, 0 or 3}
     */
    public int coefficientStep() {
        return coefficientStep;
    }

    /**
     * {@return off-heap working memory}
     */
    public MemorySegment workspace() {
        return workspace;
    }
}
