package org.crossentropy.api.spi;

import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.crossentropy.api.ElementType;

/**
 * The arguments of one call of {@link LossKernels#logistic}: which elements, their targets and weights, and where the
 * results go. Mutable and reusable, like {@link SoftmaxRows}; kernels read it and never keep it.
 *
 * <p>Optional segments that are absent are {@link MemorySegment#NULL}. Every matrix begins with the first row of the call;
 * segments may be on-heap or off-heap, in any mixture. Nothing is validated here.
 */
public final class LogisticRows {

    private ElementType type = ElementType.FLOAT32;
    private int rows;
    private int columns = 1;
    private MemorySegment logits = MemorySegment.NULL;
    private long logitsStride;
    private MemorySegment targets = MemorySegment.NULL;
    private long targetsStride;
    private MemorySegment weights = MemorySegment.NULL;
    private long weightsStride;
    private MemorySegment positiveWeights = MemorySegment.NULL;
    private MemorySegment factors = MemorySegment.NULL;
    private int factorStep;
    private MemorySegment sums = MemorySegment.NULL;
    private MemorySegment losses = MemorySegment.NULL;
    private MemorySegment gradient = MemorySegment.NULL;
    private long gradientStride;

    /** Creates arguments without operands. */
    public LogisticRows() {}

    /**
     * Begins a call: sets its size, and makes every operand absent.
     *
     * @param type format of the elements, {@link ElementType#FLOAT32} or {@link ElementType#FLOAT64}
     * @param rows number of rows, at least 0
     * @param columns elements of a row, at least 1
     * @return this
     */
    public LogisticRows begin(ElementType type, int rows, int columns) {
        this.type = Objects.requireNonNull(type, "type");
        this.rows = rows;
        this.columns = columns;
        logits = MemorySegment.NULL;
        logitsStride = columns;
        targets = MemorySegment.NULL;
        targetsStride = columns;
        weights = MemorySegment.NULL;
        weightsStride = columns;
        positiveWeights = MemorySegment.NULL;
        factors = MemorySegment.NULL;
        factorStep = 0;
        sums = MemorySegment.NULL;
        losses = MemorySegment.NULL;
        gradient = MemorySegment.NULL;
        gradientStride = columns;
        return this;
    }

    /**
     * Sets the logits.
     *
     * @param logits rows x columns
     * @param stride elements from one row to the next
     * @return this
     */
    public LogisticRows logits(MemorySegment logits, long stride) {
        this.logits = Objects.requireNonNull(logits, "logits");
        this.logitsStride = stride;
        return this;
    }

    /**
     * Sets the targets, each from 0 to 1.
     *
     * @param targets rows x columns
     * @param stride elements from one row to the next
     * @return this
     */
    public LogisticRows targets(MemorySegment targets, long stride) {
        this.targets = Objects.requireNonNull(targets, "targets");
        this.targetsStride = stride;
        return this;
    }

    /**
     * Sets the weights of the elements.
     *
     * @param weights rows x columns, each finite and at least 0
     * @param stride elements from one row to the next
     * @return this
     */
    public LogisticRows weights(MemorySegment weights, long stride) {
        this.weights = Objects.requireNonNull(weights, "weights");
        this.weightsStride = stride;
        return this;
    }

    /**
     * Sets the weights of the positive side.
     *
     * @param positiveWeights one finite weight at least 0 a column
     * @return this
     */
    public LogisticRows positiveWeights(MemorySegment positiveWeights) {
        this.positiveWeights = Objects.requireNonNull(positiveWeights, "positiveWeights");
        return this;
    }

    /**
     * Sets where the losses go.
     *
     * @param sums receives one {@code double} a row, the sum over its elements; NaN if a target of the row is below
     *     0 or above 1
     * @param losses receives rows x columns without gaps, the loss of each element; or {@link MemorySegment#NULL}
     * @return this
     */
    public LogisticRows outputs(MemorySegment sums, MemorySegment losses) {
        this.sums = Objects.requireNonNull(sums, "sums");
        this.losses = Objects.requireNonNull(losses, "losses");
        return this;
    }

    /**
     * Asks for the gradient.
     *
     * @param gradient receives rows x columns; apart from all operands, or the very rows of the logits
     * @param stride elements from one row to the next
     * @param factors {@code double} factors of the gradients of rows
     * @param factorStep doubles from one row's factor to the next: 1, or 0 where all rows share one
     * @return this
     */
    public LogisticRows gradient(MemorySegment gradient, long stride, MemorySegment factors, int factorStep) {
        this.gradient = Objects.requireNonNull(gradient, "gradient");
        this.gradientStride = stride;
        this.factors = Objects.requireNonNull(factors, "factors");
        this.factorStep = factorStep;
        return this;
    }

    /**
     * {@return format of the elements}
     */
    public ElementType type() {
        return type;
    }

    /**
     * {@return number of rows}
     */
    public int rows() {
        return rows;
    }

    /**
     * {@return elements of a row}
     */
    public int columns() {
        return columns;
    }

    /**
     * {@return the logits}
     */
    public MemorySegment logits() {
        return logits;
    }

    /**
     * {@return elements from one row of logits to the next}
     */
    public long logitsStride() {
        return logitsStride;
    }

    /**
     * {@return the targets}
     */
    public MemorySegment targets() {
        return targets;
    }

    /**
     * {@return elements from one row of targets to the next}
     */
    public long targetsStride() {
        return targetsStride;
    }

    /**
     * {@return weights of the elements, or {@link MemorySegment#NULL} for 1 each}
     */
    public MemorySegment weights() {
        return weights;
    }

    /**
     * {@return elements from one row of weights to the next}
     */
    public long weightsStride() {
        return weightsStride;
    }

    /**
     * {@return weights of the positive side, one a column, or {@link MemorySegment#NULL} for 1 each}
     */
    public MemorySegment positiveWeights() {
        return positiveWeights;
    }

    /**
     * {@return factors of the gradients of rows}
     */
    public MemorySegment factors() {
        return factors;
    }

    /**
     * {@return doubles from one row's factor to the next, 0 or 1}
     */
    public int factorStep() {
        return factorStep;
    }

    /**
     * {@return where the sums of rows go}
     */
    public MemorySegment sums() {
        return sums;
    }

    /**
     * {@return where the losses of elements go, or {@link MemorySegment#NULL}}
     */
    public MemorySegment losses() {
        return losses;
    }

    /**
     * {@return where the gradient goes, or {@link MemorySegment#NULL}}
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
}
