package org.crossentropy.api;

import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One computation of a {@link LinearCrossEntropy}: the inputs and outputs that not every call has. Made by {@link
 * LinearCrossEntropy#on}, completed by its methods and run by {@link #compute}. Not for use by several threads at once.
 *
 * <p>Everything is checked before anything is written, as by {@link SoftmaxCrossEntropyCall}; inputs and outputs must share
 * no memory. Outputs of rows are those of that class, of the logits that are made here, and come in the same pass.
 */
public final class LinearCrossEntropyCall {

    private final LinearCrossEntropy head;
    private final Matrix hidden;
    private final Matrix weight;

    /** The call that the loss of all rows would be if their logits existed. */
    private final SoftmaxCrossEntropyCall rows;

    private @Nullable Matrix bias;
    private @Nullable Matrix hiddenGradient;
    private @Nullable Matrix weightGradient;
    private @Nullable Matrix biasGradient;
    private boolean accumulate;
    private @Nullable MemorySegment workspace;

    LinearCrossEntropyCall(LinearCrossEntropy head, Matrix hidden, Matrix weight, Targets targets) {
        this.head = head;
        this.hidden = Objects.requireNonNull(hidden, "hidden");
        this.weight = Objects.requireNonNull(weight, "weight");
        int classes = (int) Math.min(weight.rows(), Integer.MAX_VALUE);
        this.rows = head.loss().on(Matrix.shape(hidden.type().arithmetic(), hidden.rows(), classes), targets);
    }

    /**
     * Adds a bias to the logits.
     *
     * @param bias 1 x V
     * @return this
     */
    public LinearCrossEntropyCall bias(Matrix bias) {
        this.bias = Objects.requireNonNull(bias, "bias");
        return this;
    }

    /**
     * Weighs the rows, as {@link LossCall#sampleWeights} does. A row of weight 0 costs nothing.
     *
     * @param weights N numbers, finite and at least 0
     * @return this
     */
    public LinearCrossEntropyCall sampleWeights(RowValues weights) {
        rows.sampleWeights(weights);
        return this;
    }

    /**
     * Leaves classes out, as {@link SoftmaxCrossEntropyCall#classMask} does.
     *
     * @param mask classes that take part, for all rows or for each
     * @return this
     */
    public LinearCrossEntropyCall classMask(ClassMask mask) {
        rows.classMask(mask);
        return this;
    }

    /**
     * Asks for the gradient with respect to the hidden states; exactly 0 in rows that do not count.
     *
     * @param gradient receives N x D, of the format computed in or of that of the hidden states
     * @return this
     */
    public LinearCrossEntropyCall hiddenGradient(Matrix gradient) {
        this.hiddenGradient = Objects.requireNonNull(gradient, "hiddenGradient");
        return this;
    }

    /**
     * Asks for the gradient with respect to the weight.
     *
     * @param gradient receives V x D, of the format computed in
     * @return this
     */
    public LinearCrossEntropyCall weightGradient(Matrix gradient) {
        this.weightGradient = Objects.requireNonNull(gradient, "weightGradient");
        return this;
    }

    /**
     * Asks for the gradient with respect to the bias.
     *
     * @param gradient receives 1 x V, of the format computed in
     * @return this
     */
    public LinearCrossEntropyCall biasGradient(Matrix gradient) {
        this.biasGradient = Objects.requireNonNull(gradient, "biasGradient");
        return this;
    }

    /**
     * Adds the gradients to what their memory holds instead of overwriting it: for micro-batches, and for weights that are
     * used elsewhere too (tied embeddings). The hidden gradient of rows that do not count stays as it is.
     *
     * @return this
     */
    public LinearCrossEntropyCall accumulate() {
        this.accumulate = true;
        return this;
    }

    /**
     * Asks for each row's loss, weighted, not divided by anything; 0 for rows that do not count.
     *
     * @param losses receives N losses
     * @return this
     */
    public LinearCrossEntropyCall rowLosses(RowValues losses) {
        rows.rowLosses(losses);
        return this;
    }

    /**
     * Asks for each row's log-sum-exp, as {@link SoftmaxCrossEntropyCall#logSumExp} does.
     *
     * @param values receives N numbers
     * @return this
     */
    public LinearCrossEntropyCall logSumExp(RowValues values) {
        rows.logSumExp(values);
        return this;
    }

    /**
     * Asks for the log-probability of each row's target, as {@link SoftmaxCrossEntropyCall#targetLogProbability} does.
     *
     * @param values receives N numbers, at most 0
     * @return this
     */
    public LinearCrossEntropyCall targetLogProbability(RowValues values) {
        rows.targetLogProbability(values);
        return this;
    }

    /**
     * Asks for the entropy of each row's softmax, as {@link SoftmaxCrossEntropyCall#entropy} does.
     *
     * @param values receives N numbers from 0 to log V
     * @return this
     */
    public LinearCrossEntropyCall entropy(RowValues values) {
        rows.entropy(values);
        return this;
    }

    /**
     * Asks for the most probable class of each row, as {@link SoftmaxCrossEntropyCall#predictions} does.
     *
     * @param indices receives N class indices
     * @return this
     */
    public LinearCrossEntropyCall predictions(ClassIndices indices) {
        rows.predictions(indices);
        return this;
    }

    /**
     * Asks for the rank of each row's target, as {@link SoftmaxCrossEntropyCall#targetRanks} does.
     *
     * @param ranks receives N numbers
     * @return this
     */
    public LinearCrossEntropyCall targetRanks(ClassIndices ranks) {
        rows.targetRanks(ranks);
        return this;
    }

    /**
     * Lends working memory, so that the call allocates none of that size; its size takes the place of {@link
     * LinearCrossEntropy#workingMemory}. What it holds afterwards means nothing.
     *
     * @param memory off-heap, apart from all others
     * @return this
     */
    public LinearCrossEntropyCall workspace(MemorySegment memory) {
        this.workspace = Objects.requireNonNull(memory, "workspace");
        return this;
    }

    /**
     * Computes loss and whatever was asked for.
     *
     * @return sums and counts of the batch
     * @throws IllegalArgumentException if shapes or types do not fit, buffers overlap, a weight or probability is out of
     *     range, a target is masked, an option is not for these targets, or the working memory is too small for one row
     * @throws TargetOutOfRangeException if a target is neither a class nor the ignore index
     * @throws IllegalStateException if the arena of a buffer is closed, or confined to another thread
     */
    public LossResult compute() {
        LinearHead parts = new LinearHead(hidden, weight, bias);
        LinearGradients gradients = new LinearGradients(hiddenGradient, weightGradient, biasGradient, accumulate);
        CallBuffers buffers = new CallBuffers();
        parts.check(buffers);
        rows.check(buffers);
        gradients.check(buffers, parts);
        LinearMemory.check(workspace, buffers);
        boolean shareable = buffers.shareable();
        RowSelection selection = rows.lookAtTargets(shareable, rows.weightTable());
        RowInputs inputs = rows.inputs();
        LinearMemory memory =
                LinearMemory.plan(parts, gradients, inputs, selection.count(), budget(), head.gradientFilter() != 0);
        return memory.with(workspace, room -> {
            LinearPass pass = new LinearPass(head, inputs, selection, rows.outputs(), room, shareable);
            return pass.run(gradients);
        });
    }

    private long budget() {
        return workspace == null ? head.workingMemory() : workspace.byteSize();
    }
}
