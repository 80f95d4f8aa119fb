package org.crossentropy.api;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One computation of a {@link SoftmaxCrossEntropy}: the inputs and outputs that not every call has. Made by {@link
 * SoftmaxCrossEntropy#on}, completed by its methods and run by {@link #compute}. Not for use by several threads at once.
 *
 * <p><b>Targets.</b> With {@link SoftTargets} and {@link TopTargets} the loss of a row is {@code sum over j of t[j] w[j] (lse -
 * x[j])}, {@code 0 (-inf)} counting as 0, and the gradient {@code p[k] sum over j of (t[j] w[j]) - t[k] w[k]}, exact also
 * where t does not sum to 1. Uniform label smoothing makes t' = (1 - epsilon) t + epsilon / K of them, as in PyTorch; smoothing
 * over the others, focal and poly-1 are for classes and an error here. The default mean divides by the sum of the sample
 * weights (the number of rows), not by class weights: one-hot rows and class indices agree in every sum, but with class
 * weights not in the mean, as in PyTorch.
 *
 * <p><b>Accuracy.</b> As for class indices, but for soft targets a class's gradient is formed as {@code p - t}, so that it
 * is exact to the rounding of the larger of the two only.
 *
 * <p><b>Memory.</b> Rows pass through working memory of some 64 KB a thread for each kind of operand (or a few rows, where
 * those are longer); nothing of size N x K is allocated.
 */
public final class SoftmaxCrossEntropyCall extends LossCall<SoftmaxCrossEntropyCall> {

    private final SoftmaxCrossEntropy loss;
    private final SoftmaxCrossEntropy.Builder options;
    private final Matrix logits;
    private final Targets targets;
    private @Nullable ClassMask classMask;
    private @Nullable Matrix targetGradient;
    private @Nullable RowValues logSumExp;
    private @Nullable RowValues targetLogProbability;
    private @Nullable RowValues entropy;
    private @Nullable ClassIndices predictions;
    private @Nullable ClassIndices targetRanks;

    SoftmaxCrossEntropyCall(SoftmaxCrossEntropy loss, Matrix logits, Targets targets) {
        this.loss = loss;
        this.options = loss.options();
        this.logits = Objects.requireNonNull(logits, "logits");
        this.targets = Objects.requireNonNull(targets, "targets");
    }

    @Override
    SoftmaxCrossEntropyCall self() {
        return this;
    }

    /**
     * Leaves classes out: probability and gradient exactly 0, no share of smoothing. A target on such a class is an error.
     *
     * @param mask classes that take part, for all rows or for each
     * @return this
     */
    public SoftmaxCrossEntropyCall classMask(ClassMask mask) {
        this.classMask = Objects.requireNonNull(mask, "classMask");
        return this;
    }

    /**
     * Asks for the gradient with respect to soft targets as they were before smoothing: {@code scale (1 - epsilon) w[j] (lse
     * - x[j])}, which is +inf where a logit is -inf. It is 0 where a factor before the logarithm is 0, where the class is
     * masked, and in ignored rows.
     *
     * @param gradient receives N x K of the targets' element type, apart from them
     * @return this
     */
    public SoftmaxCrossEntropyCall targetGradient(Matrix gradient) {
        this.targetGradient = Objects.requireNonNull(gradient, "targetGradient");
        return this;
    }

    /**
     * Asks for each row's log-sum-exp of the logits as the loss sees them (capped, divided by the temperature, masked); 0
     * for ignored rows.
     *
     * @param values receives N numbers
     * @return this
     */
    public SoftmaxCrossEntropyCall logSumExp(RowValues values) {
        this.logSumExp = Objects.requireNonNull(values, "logSumExp");
        return this;
    }

    /**
     * Asks for the log-probability of each row's target, {@code x[y] - lse}; 0 for ignored rows. For targets that are classes.
     *
     * @param values receives N numbers, at most 0
     * @return this
     */
    public SoftmaxCrossEntropyCall targetLogProbability(RowValues values) {
        this.targetLogProbability = Objects.requireNonNull(values, "targetLogProbability");
        return this;
    }

    /**
     * Asks for the entropy of each row's softmax, {@code -sum over j of p[j] log p[j]} in nats, 0 log 0 counting as 0; 0 for
     * ignored rows.
     *
     * @param values receives N numbers from 0 to log K
     * @return this
     */
    public SoftmaxCrossEntropyCall entropy(RowValues values) {
        this.entropy = Objects.requireNonNull(values, "entropy");
        return this;
    }

    /**
     * Asks for the most probable class of each row, the first of equals; -1 for ignored rows, rows with NaN and rows of -inf
     * alone.
     *
     * @param indices receives N class indices
     * @return this
     */
    public SoftmaxCrossEntropyCall predictions(ClassIndices indices) {
        this.predictions = Objects.requireNonNull(indices, "predictions");
        return this;
    }

    /**
     * Asks how many classes come before each row's target when sorted by falling logit, equals by rising index: 0 means that
     * the prediction is right, less than k that the target is among the top k. -1 as for {@link #predictions}. For targets
     * that are classes.
     *
     * @param ranks receives N numbers
     * @return this
     */
    public SoftmaxCrossEntropyCall targetRanks(ClassIndices ranks) {
        this.targetRanks = Objects.requireNonNull(ranks, "targetRanks");
        return this;
    }

    /**
     * Computes loss and whatever was asked for.
     *
     * @return sums and counts of the batch
     * @throws IllegalArgumentException if shapes or types do not fit, buffers overlap, a weight or probability is out of
     *     range, a target is masked, or an option is not for these targets
     * @throws TargetOutOfRangeException if a target is neither a class nor the ignore index
     * @throws IllegalStateException if the arena of a buffer is closed, or confined to another thread
     */
    @Override
    public LossResult compute() {
        CallBuffers buffers = new CallBuffers();
        check(buffers);
        boolean shareable = buffers.shareable();
        ClassWeights.Table table = weightTable();
        RowSelection rows = lookAtTargets(shareable, table);
        return switch (targets) {
            case ClassIndices classes -> computeClasses((TargetScan) rows, table, shareable);
            case SoftTargets soft -> computeDense(rows, new DenseTargets.Full(soft.probabilities()), table, shareable);
            case TopTargets top -> computeDense(rows, new DenseTargets.Top(top), table, shareable);
        };
    }

    /** What is given of each row besides its logits. */
    RowInputs inputs() {
        return new RowInputs(targets, sampleWeights, classMask);
    }

    /** What is asked for about each row. */
    RowOutputs outputs() {
        return new RowOutputs(rowLosses, logSumExp, targetLogProbability, entropy, predictions, targetRanks);
    }

    /** Looks at every target, and tells which rows count. */
    RowSelection lookAtTargets(boolean shareable, ClassWeights.@Nullable Table table) {
        return switch (targets) {
            case ClassIndices classes ->
                new TargetScan(classes, logits.columns(), options.ignore, table, sampleWeights, classMask);
            case SoftTargets soft -> {
                SoftTargetCheck.check(execution(), shareable, soft.probabilities(), classMask, "targets");
                yield new SampleSelection(logits.rows(), sampleWeights);
            }
            case TopTargets top -> {
                checkTop(top);
                SoftTargetCheck.check(execution(), shareable, top.probabilities(), null, "probabilities");
                yield new SampleSelection(logits.rows(), sampleWeights);
            }
        };
    }

    ClassWeights.@Nullable Table weightTable() {
        return options.weights == null ? null : options.weights.of(logits.type());
    }

    private Execution execution() {
        return loss.execution();
    }

    private LossResult computeClasses(TargetScan scan, ClassWeights.@Nullable Table table, boolean shareable) {
        RowOutputs outputs = outputs();
        boolean dense = classMask != null && !classMask.isShared() && !options.smoothing.isNone();
        if (dense) {
            // Each row spreads its mass over classes of its own.
            SoftmaxTask task = task(scan, new DenseTargets.OneHot(scan), table, denseRow(), outputs);
            return run(scan, shareable).tiles(task);
        }
        ClassWeights.Table effective = table;
        int kept = logits.columns();
        if (classMask != null && !options.smoothing.isNone()) {
            effective = ClassWeights.masked(options.weights, classMask).of(logits.type());
            kept = classMask.keptClasses(0);
        }
        if (isPlain(outputs)) {
            return run(scan, shareable)
                    .plain(scan, classMask, effective, options.smoothing, kept, gradient, outputs.losses());
        }
        RowLoss row = new CrossEntropyRow(
                options.smoothing.massOfTarget(kept),
                options.smoothing.massPerClass(kept),
                options.focus,
                options.poly,
                options.zLoss);
        return run(scan, shareable).tiles(task(scan, null, effective, row, outputs));
    }

    private LossResult computeDense(
            RowSelection rows, DenseTargets dense, ClassWeights.@Nullable Table table, boolean shareable) {
        return run(rows, shareable).tiles(task(rows, dense, table, denseRow(), outputs()));
    }

    private RowLoss denseRow() {
        return CrossEntropyRow.dense(options.zLoss);
    }

    private SoftmaxRun run(RowSelection selection, boolean shareable) {
        return new SoftmaxRun(loss.settings().rule(options.emptyRows), execution(), shareable, logits, selection);
    }

    private SoftmaxTask task(
            RowSelection selection,
            @Nullable DenseTargets dense,
            ClassWeights.@Nullable Table table,
            RowLoss row,
            RowOutputs outputs) {
        return new SoftmaxTask(
                new LogitRows(logits, options.softCap, options.temperature, classMask),
                selection,
                dense,
                options.smoothing,
                table,
                row,
                options.emptyRows == EmptyRows.IGNORED,
                gradient,
                targetGradient,
                outputs);
    }

    /** Whether kernels can work on the caller's memory itself. */
    private boolean isPlain(RowOutputs outputs) {
        return execution().backend().kernels().maps(logits.type(), classMask != null)
                && options.temperature == 1
                && options.softCap == 0
                && options.zLoss == 0
                && options.focus == 0
                && options.poly == 0
                && outputs.isPlain();
    }

    /** Checks shapes, options and buffers, which it registers. */
    void check(CallBuffers buffers) {
        Checks.hasClasses(logits);
        Checks.perRow("targets", targets.count(), logits);
        if (options.weights != null) {
            options.weights.check(logits.columns());
        }
        if (classMask != null) {
            classMask.check(logits);
        }
        options.smoothing.check(
                classMask != null && classMask.isShared() ? classMask.keptClasses(0) : logits.columns());
        if (!(targets instanceof ClassIndices)) {
            checkSoft();
        } else if (targetGradient != null) {
            throw new IllegalArgumentException("targetGradient needs soft targets; class indices have no gradient");
        }
        register(buffers);
    }

    private void checkSoft() {
        if (options.smoothing.convention() == LabelSmoothing.Convention.OTHERS) {
            Checks.forClasses("labelSmoothing over the others", !options.smoothing.isNone());
        }
        Checks.forClasses("focal", options.focus != 0);
        Checks.forClasses("poly1", options.poly != 0);
        Checks.forClasses("targetLogProbability", targetLogProbability != null);
        Checks.forClasses("targetRanks", targetRanks != null);
        if (targets instanceof SoftTargets soft) {
            checkShape("targets", soft.probabilities());
        }
        if (targetGradient != null && targets instanceof SoftTargets soft) {
            Checks.sameShape("targets", soft.probabilities(), "targetGradient", targetGradient);
        } else if (targetGradient != null) {
            throw new IllegalArgumentException(
                    "targetGradient is for SoftTargets; sparse targets have no matrix of it");
        }
    }

    private void checkShape(String name, Matrix matrix) {
        if (matrix.columns() != logits.columns()) {
            throw new IllegalArgumentException(name + " has " + matrix.columns()
                    + " columns, must have one for each of the " + logits.columns() + " classes");
        }
        if (matrix.type().arithmetic() != logits.type().arithmetic()) {
            throw new IllegalArgumentException(
                    name + " is " + matrix.type() + ", must be computed in the same format as the" + " logits, "
                            + logits.type().arithmetic());
        }
    }

    private void checkTop(TopTargets top) {
        long perRow = top.probabilities().columns();
        for (long i = 0; i < top.classes().count(); i++) {
            long index = top.classes().get(i);
            if (index >= logits.columns()) {
                throw new TargetOutOfRangeException(
                        "classes[" + i + "]",
                        i / perRow,
                        index,
                        "must be below " + logits.columns()
                                + ", the number of classes, or negative for an unused entry");
            }
            boolean used = index >= 0 && top.probabilities().get(i / perRow, (int) (i % perRow)) != 0;
            if (used && classMask != null && !classMask.isKept(i / perRow, (int) index)) {
                throw new IllegalArgumentException("classes[" + i + "] is " + index
                        + ", a class that classMask leaves out; a masked class must have probability 0");
            }
        }
    }

    private void register(CallBuffers buffers) {
        buffers.input("logits", logits.segment());
        switch (targets) {
            case ClassIndices classes -> buffers.input("targets", classes.segment());
            case SoftTargets soft ->
                buffers.input("targets", soft.probabilities().segment());
            case TopTargets top ->
                buffers.input("classes", top.classes().segment())
                        .input("probabilities", top.probabilities().segment());
        }
        buffers.input("classMask", classMask == null ? null : classMask.segment());
        checkCommon(buffers, "logits", logits);
        buffers.output("targetGradient", targetGradient == null ? null : targetGradient.segment());
        new RowOutputs(null, logSumExp, targetLogProbability, entropy, predictions, targetRanks).check(buffers, logits);
    }
}
