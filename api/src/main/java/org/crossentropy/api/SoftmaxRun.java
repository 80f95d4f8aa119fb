package org.crossentropy.api;

/**
 * Runs passes over a batch by way of tiles: once, or twice where the scale of the gradient is known only after a look at all
 * rows.
 */
record SoftmaxRun(ReductionRule rule, Execution execution, boolean shareable, Matrix logits, RowSelection selection) {

    /** Any loss, by way of tiles. */
    LossResult tiles(SoftmaxTask task) {
        double scale = 1;
        boolean wantsScale = task.gradient() != null || task.targetGradient() != null;
        if (wantsScale && rule.isMean()) {
            scale = rule.scale(rule.skipsEmptyRows() ? runTiles(task.counting(), 1) : known());
        }
        return runTiles(task, scale);
    }

    private LossResult runTiles(SoftmaxTask task, double scale) {
        SoftmaxTilePass pass = new SoftmaxTilePass(task);
        pass.run(execution, shareable, scale);
        return rule.result(pass.lossSum(), pass.weightSum(), pass.count(), logits.rows());
    }

    /** What is known before any pass where no rows are skipped. */
    private LossResult known() {
        return rule.result(new CompensatedSum(), selection.weightSum(), selection.count(), logits.rows());
    }
}
