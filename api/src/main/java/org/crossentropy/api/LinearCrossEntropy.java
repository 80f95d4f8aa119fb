package org.crossentropy.api;

import java.util.Objects;

/**
 * Softmax cross-entropy of logits that are a product: the head of a language model, {@code logits = hidden weight^T + bias}.
 * The logits of all rows never exist; with 8,192 tokens and a vocabulary of 128,256 they would be 4.2 GB. Immutable: a
 * {@link SoftmaxCrossEntropy}, all of whose options work, and a bound on working memory.
 *
 * <p><b>Formula.</b> Row i has the logits {@code x[j] = sum over d of hidden[i, d] weight[j, d] + bias[j]}, and the loss and
 * counts that {@link SoftmaxCrossEntropy} gives them. With g the gradient of the reduced loss with respect to the logits:
 *
 * <pre>{@code
 * d hidden = g weight        d weight = g^T hidden        d bias[j] = sum over i of g[i, j]
 * }</pre>
 *
 * <p><b>How.</b> Rows come in chunks: one product makes the logits of a chunk in one buffer, the loss overwrites them by
 * their gradient, and two more products take that to the gradients asked for; one that is not asked for, as of a frozen
 * head, costs nothing. Rows that do not count are left out before the first product, so padding costs nothing either. This
 * is the method of Liger's fused linear cross-entropy and of PyTorch 2.13's {@code linear_cross_entropy}.
 *
 * <p><b>Shapes.</b> Hidden N x D, weight V x D (as PyTorch's {@code Linear} stores it), bias 1 x V; targets N. Gradients of
 * the same shapes. D may be 0.
 *
 * <p><b>Formats.</b> Hidden states, weight and bias may each be stored in any format that is computed in the same one: float32
 * with the formats of 16 bits in any mixture, or float64. Gradients of weight and bias are in the format computed in, because
 * they are sums over chunks; that of the hidden states may also be in theirs.
 *
 * <p><b>Memory.</b> {@link #workingMemory} bounds the buffer for logits and all copies of rows; the greater it is, up to some
 * 512 rows of logits, the faster the products. Where data are off-heap in the format computed in they are used where they
 * are, memory-mapped files included; 16-bit weights are widened piece by piece, and those on the heap are copied piece by
 * piece by {@code native}. Not in the bound: some 100 KB a thread of the kernels, a few bytes a row, and the packing of the
 * product (OpenBLAS: up to 32 MB a thread, kept).
 *
 * <p><b>Accuracy.</b> Each logit is within the bound of {@link MatrixProduct} with k = D + 1, the bias being a term of its own,
 * each gradient within that of its own sum (over V, or over the rows of all chunks, and what it is added to), taken of logits
 * and gradients so made; the loss of given logits is that of {@link SoftmaxCrossEntropy}. Logits of 16-bit operands are
 * products of the widened numbers in float32.
 *
 * <p><b>The same bits.</b> The same call gives the same bits every time on one machine, backend and number of threads. {@code
 * scalar} and {@code vector} give the same bits as each other, on every machine and any number of threads, and there losses and
 * outputs do not depend on the working memory. Gradients have sums whose order does: those of weight and bias are taken over
 * chunks, and that of hidden states over pieces of the weight, where that goes by in pieces; to what a gradient is added may
 * come first or last. On {@code native} OpenBLAS decides, within the bound.
 *
 * <p><b>Special values.</b> Those of {@link SoftmaxCrossEntropy}, of the logits that come out. A row that does not count is not
 * read, whatever it holds, and its gradient is exactly 0. NaN in a row makes the loss and the gradient of that row NaN, and
 * with it the gradients of weight and bias. The gradient of the logits is exactly 0 in a row without any class ({@link
 * EmptyRows}) and at a masked class, and so are its products with what is finite: a masked class whose weight holds NaN
 * cannot be seen in losses, but in the gradient of hidden states.
 *
 * <p><b>Threads.</b> Safe for use by many threads at once, on different outputs. Products and losses of a chunk are split over
 * the threads of the loss's {@linkplain SoftmaxCrossEntropy#execution execution}; OpenBLAS uses no threads of its own.
 */
public final class LinearCrossEntropy {

    /** Bytes of working memory unless another number is set: 64 MB. */
    public static final long DEFAULT_WORKING_MEMORY = 64L << 20;

    private final SoftmaxCrossEntropy loss;
    private final long workingMemory;
    private final double gradientFilter;

    private LinearCrossEntropy(SoftmaxCrossEntropy loss, long workingMemory, double gradientFilter) {
        this.loss = loss;
        this.workingMemory = workingMemory;
        this.gradientFilter = gradientFilter;
    }

    /**
     * Returns the loss of a head within {@link #DEFAULT_WORKING_MEMORY}.
     *
     * @param loss the loss of the logits, its reduction, ignore index and where to compute
     * @return the loss of the head
     */
    public static LinearCrossEntropy of(SoftmaxCrossEntropy loss) {
        return new LinearCrossEntropy(Objects.requireNonNull(loss, "loss"), DEFAULT_WORKING_MEMORY, 0);
    }

    /**
     * Returns this loss with another bound on working memory. It must hold one row of logits at least; 256 rows or more make
     * good use of the processor.
     *
     * @param bytes at least 1
     * @return new loss
     * @throws IllegalArgumentException if it is less than 1
     */
    public LinearCrossEntropy workingMemory(long bytes) {
        Checks.atLeast("workingMemory", bytes, 1);
        return new LinearCrossEntropy(loss, bytes, gradientFilter);
    }

    /**
     * Returns this loss with a filter of gradients: in each chunk of rows, classes whose derivative of the row loss by the
     * logit is smaller than a threshold in every row are left out of the products for the gradients of hidden states and
     * weight. Off by default.
     *
     * <p>For plain cross-entropy the derivative is the probability, but for the target. Where a model is sure of itself almost
     * all classes go, and with them up to two thirds of the time; where it is not, or rows of a chunk are sure of very
     * different classes, nothing is gained. More than half left, all are used.
     *
     * <p><b>Error.</b> With scale s of the reduction, an element of the hidden gradient is off by less than {@code s threshold
     * sum over j of |weight[j, d]|} (for plain cross-entropy also by at most s times the row's probability left out times the
     * largest |weight[j, d]|), one of the weight's gradient by less than {@code s threshold sum over i of |hidden[i, d]|}. The
     * gradient of the bias and the loss are exact. Wijmans et al. 2025 (Cut Cross-Entropy) take {@code 2^-12}, below which
     * bfloat16 loses the entry anyway, and leave out blocks of rows and classes.
     *
     * @param threshold finite and at least 0, which is no filter
     * @return new loss
     * @throws IllegalArgumentException if it is not
     */
    public LinearCrossEntropy gradientFilter(double threshold) {
        return new LinearCrossEntropy(
                loss, workingMemory, Checks.finiteNotNegative("gradientFilter threshold", threshold));
    }

    /**
     * {@return the loss of the logits}
     */
    public SoftmaxCrossEntropy loss() {
        return loss;
    }

    /**
     * {@return the bound on working memory, in bytes}
     */
    public long workingMemory() {
        return workingMemory;
    }

    /**
     * {@return the threshold below which gradients are left out, 0 for none}
     */
    public double gradientFilter() {
        return gradientFilter;
    }

    /**
     * Computes the loss of a batch.
     *
     * @param hidden N x D
     * @param weight V x D
     * @param targets N class indices from 0 to V - 1, or the ignore index of the loss
     * @return sums and counts of the batch
     * @throws IllegalArgumentException if shapes or types do not fit, or the working memory is too small for one row
     * @throws TargetOutOfRangeException if a target is neither a class nor the ignore index
     */
    public LossResult loss(Matrix hidden, Matrix weight, ClassIndices targets) {
        return on(hidden, weight, targets).compute();
    }

    /**
     * Computes the loss of a batch and its gradients, without a bias.
     *
     * @param hidden N x D
     * @param weight V x D
     * @param targets N class indices from 0 to V - 1, or the ignore index of the loss
     * @param hiddenGradient receives N x D, apart from all others
     * @param weightGradient receives V x D, apart from all others
     * @return sums and counts of the batch
     * @throws IllegalArgumentException if shapes or types do not fit, buffers overlap, or the working memory is too small
     *     for one row
     * @throws TargetOutOfRangeException if a target is neither a class nor the ignore index
     */
    public LossResult lossAndGradients(
            Matrix hidden, Matrix weight, ClassIndices targets, Matrix hiddenGradient, Matrix weightGradient) {
        return on(hidden, weight, targets)
                .hiddenGradient(hiddenGradient)
                .weightGradient(weightGradient)
                .compute();
    }

    /**
     * Begins a call with further inputs and outputs: a bias, soft targets, sample weights, a class mask, single gradients,
     * numbers of rows.
     *
     * @param hidden N x D
     * @param weight V x D
     * @param targets N targets of any kind; {@link TopTargets} rather than {@link SoftTargets}, which are as large as the
     *     logits
     * @return the call, to be completed and computed
     */
    public LinearCrossEntropyCall on(Matrix hidden, Matrix weight, Targets targets) {
        return new LinearCrossEntropyCall(this, hidden, weight, targets);
    }

    /**
     * {@return the options, for people}
     */
    @Override
    public String toString() {
        return "linear " + loss + ", " + workingMemory + " bytes of working memory"
                + (gradientFilter == 0 ? "" : ", gradients below " + gradientFilter + " left out");
    }
}
