package org.crossentropy.api;

import java.lang.foreign.MemorySegment;
import java.util.BitSet;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The work of a {@link ShardedCrossEntropy} on one part of the classes, forward or backward. Made by {@link
 * ShardedBatch#on}, completed by its methods. Not for use by several threads at once; calls on different parts may run on
 * different threads.
 */
public final class ShardCall {

    private final ShardedBatch batch;
    private final int first;
    private final Matrix hidden;
    private final Matrix weight;
    private @Nullable Matrix bias;
    private @Nullable ClassMask classMask;
    private @Nullable Matrix hiddenGradient;
    private @Nullable Matrix weightGradient;
    private @Nullable Matrix biasGradient;
    private @Nullable MemorySegment workspace;
    private boolean accumulate;
    private boolean entropy;
    private boolean predictions;

    ShardCall(ShardedBatch batch, int first, Matrix hidden, Matrix weight) {
        this.batch = batch;
        this.first = first;
        this.hidden = Objects.requireNonNull(hidden, "hidden");
        this.weight = Objects.requireNonNull(weight, "weight");
    }

    /**
     * Adds a bias to the logits.
     *
     * @param bias a row with one number for each class of the part
     * @return this
     */
    public ShardCall bias(Matrix bias) {
        this.bias = Objects.requireNonNull(bias, "bias");
        return this;
    }

    /**
     * Leaves classes of the part out, the same forward and backward. Not with label smoothing.
     *
     * @param mask classes of the part that take part, for all rows or for each
     * @return this
     */
    public ShardCall classMask(ClassMask mask) {
        this.classMask = Objects.requireNonNull(mask, "classMask");
        return this;
    }

    /**
     * Asks {@link #forward} for the entropy; on every part or on none.
     *
     * @return this
     */
    public ShardCall entropy() {
        this.entropy = true;
        return this;
    }

    /**
     * Asks {@link #forward} for the most probable class; on every part or on none.
     *
     * @return this
     */
    public ShardCall predictions() {
        this.predictions = true;
        return this;
    }

    /**
     * Asks {@link #backward} for what the part contributes to the gradient of the hidden states.
     *
     * @param gradient receives N x D, of the format computed in or of that of the hidden states
     * @return this
     */
    public ShardCall hiddenGradient(Matrix gradient) {
        this.hiddenGradient = Objects.requireNonNull(gradient, "hiddenGradient");
        return this;
    }

    /**
     * Asks {@link #backward} for the gradient of the part's weight.
     *
     * @param gradient receives the shape of the weight, of the format computed in
     * @return this
     */
    public ShardCall weightGradient(Matrix gradient) {
        this.weightGradient = Objects.requireNonNull(gradient, "weightGradient");
        return this;
    }

    /**
     * Asks {@link #backward} for the gradient of the part's bias.
     *
     * @param gradient receives the shape of the bias, of the format computed in
     * @return this
     */
    public ShardCall biasGradient(Matrix gradient) {
        this.biasGradient = Objects.requireNonNull(gradient, "biasGradient");
        return this;
    }

    /**
     * Adds gradients to what their memory holds, as {@link LinearCrossEntropyCall#accumulate} does.
     *
     * @return this
     */
    public ShardCall accumulate() {
        this.accumulate = true;
        return this;
    }

    /**
     * Lends working memory, as {@link LinearCrossEntropyCall#workspace} does.
     *
     * @param memory off-heap, apart from all others
     * @return this
     */
    public ShardCall workspace(MemorySegment memory) {
        this.workspace = Objects.requireNonNull(memory, "workspace");
        return this;
    }

    /**
     * Computes what the part tells about the rows; gradients asked for are not looked at.
     *
     * @return a value to be merged with those of the other parts
     * @throws IllegalArgumentException if shapes or types do not fit, a target is masked, or the working memory is too small
     *     for one row
     * @throws IllegalStateException if the arena of a buffer is closed, or confined to another thread
     */
    public PartialCrossEntropy forward() {
        LinearHead head = new LinearHead(hidden, weight, bias);
        Checked checked = check(head, LinearGradients.NONE);
        BitSet seen = new BitSet();
        seen.set(first, first + head.classes());
        var kinds =
                new PartialCrossEntropy.Kinds(!batch.loss().options().smoothing.isNone(), entropy, predictions);
        PartialCrossEntropy result = new PartialCrossEntropy(
                head.type(), batch.loss().classes(), Math.toIntExact(hidden.rows()), seen, kinds);
        run(head, checked, LinearGradients.NONE, 1, part -> new ShardForward(part, result, kinds));
        return result;
    }

    /**
     * Computes the gradients asked for.
     *
     * @param all what all parts together tell about the rows
     * @throws IllegalArgumentException if shapes or types do not fit, buffers overlap, classes are missing, or the working
     *     memory is too small for one row
     * @throws IllegalStateException if the arena of a buffer is closed, or confined to another thread
     */
    public void backward(PartialCrossEntropy all) {
        LinearHead head = new LinearHead(hidden, weight, bias);
        LinearGradients gradients = new LinearGradients(hiddenGradient, weightGradient, biasGradient, accumulate);
        if (!gradients.any()) {
            throw new IllegalArgumentException("no gradient is asked for; call hiddenGradient, weightGradient or"
                    + " biasGradient before backward");
        }
        ShardedRows rows = new ShardedRows(batch, all);
        run(head, check(head, gradients), gradients, rows.scale(), part -> new ShardBackward(part, rows));
    }

    /** What is made of chunks, once there is memory for them. */
    private interface Work {
        LinearSweep.ChunkLoss of(ShardPart part);
    }

    private record Checked(ShardTargets targets, boolean shareable) {}

    private void run(LinearHead head, Checked checked, LinearGradients gradients, double scale, Work work) {
        RowInputs inputs = new RowInputs(batch.targets(), batch.sampleWeights(), classMask);
        ClassWeights.Table weights = batch.loss().weights(head.type(), first, head.classes());
        LinearCrossEntropy whole = batch.loss().head();
        long budget = workspace == null ? whole.workingMemory() : workspace.byteSize();
        LinearMemory memory = LinearMemory.plan(
                head, gradients, inputs, checked.targets.count(), budget, whole.gradientFilter() != 0);
        memory.with(workspace, room -> {
            ShardPart part = new ShardPart(batch, checked.targets, inputs, weights, room, checked.shareable);
            new LinearSweep(checked.targets, room, whole, checked.shareable)
                    .run(work.of(part), gradients, scale, row -> {});
            return part;
        });
    }

    private Checked check(LinearHead head, LinearGradients gradients) {
        CallBuffers buffers = new CallBuffers();
        head.check(buffers);
        Checks.perRow("targets", batch.targets().count(), hidden);
        if (first < 0 || head.classes() > batch.loss().classes() - first) {
            throw new IllegalArgumentException("the part has classes " + first + " to " + (first + weight.rows() - 1)
                    + ", must lie within 0 to " + (batch.loss().classes() - 1));
        }
        batch.register(buffers);
        ShardTargets targets = new ShardTargets(batch.select(head.type()), first, head.classes());
        if (classMask != null) {
            checkMask(classMask, Matrix.shape(head.type(), hidden.rows(), head.classes()), targets);
            buffers.input("classMask", classMask.segment());
        }
        gradients.check(buffers, head);
        LinearMemory.check(workspace, buffers);
        return new Checked(targets, buffers.shareable());
    }

    private void checkMask(ClassMask mask, Matrix logits, ShardTargets targets) {
        mask.check(logits);
        if (!batch.loss().options().smoothing.isNone()) {
            throw new IllegalArgumentException(
                    "classMask and labelSmoothing cannot be combined in parts of a vocabulary: how"
                            + " many classes share the mass is not known to a part; leave one of them out");
        }
        for (long row = 0; row < logits.rows(); row++) {
            long target = batch.targets().get(row);
            if (targets.holds(target)
                    && !batch.loss().options().ignore.matches(target)
                    && !mask.isKept(row, (int) (target - first))) {
                throw new ElementOutOfRangeException(
                        "targets",
                        row,
                        target,
                        "a class that classMask leaves out and whose probability is 0; keep the class or ignore the row");
            }
        }
    }
}
