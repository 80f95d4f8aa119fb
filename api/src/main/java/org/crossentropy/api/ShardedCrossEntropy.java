package org.crossentropy.api;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The cross-entropy of a head whose vocabulary is divided over files, threads or machines: each part of the weight is seen
 * alone, and what is learned from it about the rows is a {@linkplain PartialCrossEntropy value that merges} with those of the
 * other parts. Immutable; a {@link LinearCrossEntropy}, whose options and working memory hold for each part.
 *
 * <p>Two steps, as in Megatron-LM's vocabulary-parallel loss:
 *
 * <pre>{@code
 * ShardedBatch batch = loss.batch(targets);
 * PartialCrossEntropy all = batch.on(0, hidden, firstWeights).forward()
 *         .merge(batch.on(50_000, hidden, otherWeights).forward());          // anywhere, in any order
 * LossResult result = batch.result(all);
 * batch.on(0, hidden, firstWeights).hiddenGradient(part).weightGradient(of).backward(all);    // again for each part
 * }</pre>
 *
 * <p>The gradient of the hidden states is the sum of what the parts contribute: accumulate it or reduce it over machines. The
 * gradient of a part of the weight is that part of the whole gradient.
 *
 * <p><b>Accuracy.</b> Log-sum-exps of parts are merged in double. A merged loss is within {@code 1e-15 (1 + |lse|)} times
 * itself, for each merge, of what the exact merge of the parts' numbers would give; these are as exact as those of {@link
 * SoftmaxCrossEntropy}, also for rows that are confidently right. Losses and gradients therefore agree with those of the
 * undivided head within rounding, but not bit by bit.
 *
 * <p><b>Not divided:</b> targets are classes; label smoothing excludes class masks, because what a class is given depends on
 * how many take part, which no part knows. There are no ranks of targets.
 */
public final class ShardedCrossEntropy {

    private final LinearCrossEntropy head;
    private final int classes;

    private ShardedCrossEntropy(LinearCrossEntropy head, int classes) {
        this.head = head;
        this.classes = classes;
    }

    /**
     * Returns the loss of a divided head.
     *
     * @param head the loss of the undivided one; its working memory bounds that of each part
     * @param classes number of classes of all parts together, at least 1
     * @return the loss
     * @throws IllegalArgumentException if there are not as many class weights, or smoothing is not possible
     */
    public static ShardedCrossEntropy of(LinearCrossEntropy head, int classes) {
        Objects.requireNonNull(head, "head");
        Checks.atLeast("classes", classes, 1);
        SoftmaxCrossEntropy.Builder options = head.loss().options();
        if (options.weights != null) {
            options.weights.check(classes);
        }
        options.smoothing.check(classes);
        return new ShardedCrossEntropy(head, classes);
    }

    /**
     * {@return the loss of the undivided head}
     */
    public LinearCrossEntropy head() {
        return head;
    }

    /**
     * {@return the number of classes of all parts together}
     */
    public int classes() {
        return classes;
    }

    /**
     * Returns a batch to be computed part by part.
     *
     * @param targets N classes of the whole vocabulary, or the ignore index
     * @return the batch
     * @throws TargetOutOfRangeException if a target is neither a class nor the ignore index
     */
    public ShardedBatch batch(ClassIndices targets) {
        return new ShardedBatch(this, targets, null);
    }

    /**
     * Returns a batch with weights of its rows.
     *
     * @param targets N classes of the whole vocabulary, or the ignore index
     * @param sampleWeights N numbers, finite and at least 0; 0 leaves a row out
     * @return the batch
     * @throws IllegalArgumentException if a weight is out of range, or there is not one for each row
     * @throws TargetOutOfRangeException if a target is neither a class nor the ignore index
     */
    public ShardedBatch batch(ClassIndices targets, RowValues sampleWeights) {
        return new ShardedBatch(this, targets, Objects.requireNonNull(sampleWeights, "sampleWeights"));
    }

    SoftmaxCrossEntropy.Builder options() {
        return head.loss().options();
    }

    ReductionRule rule() {
        return head.loss().settings().rule(options().emptyRows);
    }

    /** The loss of a row from its merged numbers. */
    RowLoss rowLoss() {
        SoftmaxCrossEntropy.Builder options = options();
        return new CrossEntropyRow(
                options.smoothing.massOfTarget(classes),
                options.smoothing.massPerClass(classes),
                options.focus,
                options.poly,
                options.zLoss);
    }

    /** The weights of all classes. */
    ClassWeights.@Nullable Table weights(ElementType type) {
        ClassWeights weights = options().weights;
        return weights == null ? null : weights.of(type);
    }

    /** The weights of the classes of a part. */
    ClassWeights.@Nullable Table weights(ElementType type, int from, int count) {
        ClassWeights weights = options().weights;
        return weights == null ? null : weights.slice(from, count).of(type);
    }

    /**
     * {@return the options, for people}
     */
    @Override
    public String toString() {
        return head + ", " + classes + " classes in parts";
    }
}
