package org.crossentropy.api;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One computation of a loss of rows that should be of a class: {@link CategoricalCrossEntropy} or {@link BrierScore}.
 *
 * <p><b>Counts</b> are of rows. With class indices the weight of a row is the class weight of its target times its sample
 * weight, and ignored rows have none; with soft targets it is the sample weight alone, as in {@link SoftmaxCrossEntropyCall}
 * and in PyTorch.
 */
public final class ClassLossCall extends LossCall<ClassLossCall> {

    private final ClassLoss loss;
    private final Matrix predictions;
    private final @Nullable ClassIndices classes;
    private final @Nullable Matrix soft;

    ClassLossCall(ClassLoss loss, Matrix predictions, ClassIndices targets) {
        this.loss = loss;
        this.predictions = Objects.requireNonNull(predictions, loss.predictions());
        this.classes = Objects.requireNonNull(targets, "targets");
        this.soft = null;
    }

    ClassLossCall(ClassLoss loss, Matrix predictions, SoftTargets targets) {
        this.loss = loss;
        this.predictions = Objects.requireNonNull(predictions, loss.predictions());
        this.classes = null;
        this.soft = Objects.requireNonNull(targets, "targets").probabilities();
    }

    @Override
    ClassLossCall self() {
        return this;
    }

    @Override
    public LossResult compute() {
        boolean shareable = check();
        if (loss.areProbabilities()) {
            checkRange(predictions, loss.predictions(), shareable);
        }
        ClassWeights.Table table =
                loss.weights() == null ? null : loss.weights().of(predictions.type());
        if (soft != null) {
            checkRange(soft, "targets", shareable);
        }
        RowSelection selection = selection(table);
        BatchCounts counts = BatchCounts.ofRows(predictions, selection);
        GroupPass.GroupLoss pass = loss.pass().of(predictions, soft, table, gradient);
        return GroupPass.run(loss.settings(), shareable, predictions, selection, counts, rowLosses, pass);
    }

    private RowSelection selection(ClassWeights.@Nullable Table table) {
        return classes == null
                ? new SampleSelection(predictions.rows(), sampleWeights)
                : new TargetScan(classes, predictions.columns(), loss.ignore(), table, sampleWeights, null);
    }

    private void checkRange(Matrix matrix, String name, boolean shareable) {
        SoftTargetCheck.check(loss.settings().execution(), shareable, matrix, null, name);
    }

    private boolean check() {
        Checks.hasColumns(loss.predictions(), predictions);
        if (loss.weights() != null) {
            loss.weights().check(predictions.columns());
        }
        CallBuffers buffers = new CallBuffers().input(loss.predictions(), predictions.segment());
        if (classes != null) {
            Checks.perRow("targets", classes.count(), predictions);
            buffers.input("targets", classes.segment());
        } else if (soft != null) {
            Checks.fits(loss.predictions(), predictions, "targets", soft);
            buffers.input("targets", soft.segment());
        }
        checkCommon(buffers, loss.predictions(), predictions);
        return buffers.shareable();
    }
}
