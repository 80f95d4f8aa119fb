package org.crossentropy.api;

import org.jspecify.annotations.Nullable;

/** Runs passes over a batch: once, or twice where the scale of the gradient is known only after a look at all rows. */
record SoftmaxRun(ReductionRule rule, Execution execution, boolean shareable, Matrix logits, RowSelection selection) {

    /** The plain loss, by kernels that work on the caller's memory. */
    LossResult plain(
            TargetScan scan,
            @Nullable ClassMask mask,
            ClassWeights.@Nullable Table table,
            LabelSmoothing smoothing,
            int smoothedClasses,
            @Nullable Matrix gradient,
            @Nullable RowValues rowLosses) {
        double scale = 1;
        if (gradient != null && isMean()) {
            LossResult counts = rule.skipsEmptyRows()
                    ? runPlain(scan, mask, table, smoothing, smoothedClasses, 1, null, null)
                    : known();
            scale = rule.scale(counts);
        }
        return runPlain(scan, mask, table, smoothing, smoothedClasses, scale, gradient, rowLosses);
    }

    private LossResult runPlain(
            TargetScan scan,
            @Nullable ClassMask mask,
            ClassWeights.@Nullable Table table,
            LabelSmoothing smoothing,
            int smoothedClasses,
            double scale,
            @Nullable Matrix gradient,
            @Nullable RowValues rowLosses) {
        SoftmaxLossPass pass = new SoftmaxLossPass(
                execution.backend().kernels(),
                logits,
                mask,
                scan,
                table,
                smoothing,
                smoothedClasses,
                scale,
                rule.skipsEmptyRows(),
                gradient,
                rowLosses);
        RowWork.run(execution.parallelism(), shareable, logits.rows(), logits.columns(), pass);
        return rule.result(pass.lossSum(), pass.weightSum(), pass.count(), logits.rows());
    }

    /** Any loss, by way of tiles. */
    LossResult tiles(SoftmaxTask task) {
        double scale = 1;
        boolean wantsScale = task.gradient() != null || task.targetGradient() != null;
        if (wantsScale && isMean()) {
            scale = rule.scale(rule.skipsEmptyRows() ? runTiles(task.counting(), 1) : known());
        }
        return runTiles(task, scale);
    }

    private LossResult runTiles(SoftmaxTask task, double scale) {
        SoftmaxTilePass pass = new SoftmaxTilePass(task);
        pass.run(execution, shareable, scale);
        return rule.result(pass.lossSum(), pass.weightSum(), pass.count(), logits.rows());
    }

    private boolean isMean() {
        return rule.reduction() instanceof Reduction.Mean;
    }

    /** What is known before any pass where no rows are skipped. */
    private LossResult known() {
        return rule.result(new CompensatedSum(), selection.weightSum(), selection.count(), logits.rows());
    }
}
