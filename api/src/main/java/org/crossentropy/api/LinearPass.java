package org.crossentropy.api;

/** The loss of a head: {@link SoftmaxCrossEntropy} on the logits of a chunk after the other, and the sums of what it returns. */
final class LinearPass {

    private final ReductionRule rule;

    /** The loss of a chunk: a sum, so that its gradient needs no denominator; that is a factor of the products. */
    private final SoftmaxCrossEntropy chunkLoss;

    private final long rows;
    private final RowInputs inputs;
    private final RowSelection selection;
    private final RowOutputs outputs;
    private final LinearBuffers buffers;
    private final LinearSweep sweep;

    LinearPass(
            LinearCrossEntropy head,
            RowInputs inputs,
            RowSelection selection,
            RowOutputs outputs,
            LinearBuffers buffers,
            boolean shareable) {
        SoftmaxCrossEntropy loss = head.loss();
        this.rule = loss.settings().rule(loss.options().emptyRows);
        this.chunkLoss =
                loss.toBuilder().reduction(Reduction.SUM).noIgnoreIndex().build();
        this.rows = buffers.head().hidden().rows();
        this.inputs = inputs;
        this.selection = selection;
        this.outputs = outputs;
        this.buffers = buffers;
        this.sweep = new LinearSweep(selection, buffers, head, shareable);
    }

    /** Computes the loss of all rows and the gradients. */
    LossResult run(LinearGradients gradients) {
        double scale = 1;
        if (gradients.any() && rule.reduction() instanceof Reduction.Mean) {
            // Rows without any class are known only after a look at their logits.
            LossResult counts = rule.skipsEmptyRows() ? run(LinearGradients.NONE, RowOutputs.losses(null), 1) : known();
            // Where nothing counts, the gradient is 0 whatever the mean is.
            scale = counts.count() == 0 ? 1 : rule.scale(counts);
        }
        return run(gradients, outputs, scale);
    }

    private LossResult known() {
        return rule.result(new CompensatedSum(), selection.weightSum(), selection.count(), rows);
    }

    private LossResult run(LinearGradients gradients, RowOutputs wanted, double scale) {
        Totals totals = new Totals();
        sweep.run(
                (chosen, logits, wantsGradient) -> totals.add(loss(chosen, logits, wantsGradient, wanted)),
                gradients,
                scale,
                wanted::leaveOut);
        return rule.result(totals.loss, totals.weight, totals.count, rows);
    }

    /** Sums over chunks. */
    private static final class Totals {
        private final CompensatedSum loss = new CompensatedSum();
        private final CompensatedSum weight = new CompensatedSum();
        private long count;

        void add(LossResult chunk) {
            loss.add(chunk.lossSum(), chunk.lossSumTail());
            weight.add(chunk.weightSum(), chunk.weightSumTail());
            count += chunk.count();
        }
    }

    /** The loss of some rows, and in the place of their logits its gradient. */
    private LossResult loss(ChosenRows chosen, Matrix logits, boolean wantsGradient, RowOutputs wanted) {
        SoftmaxCrossEntropyCall call =
                inputs.begin(chunkLoss, logits, chosen, buffers.targetRoom(), buffers.maskRoom());
        if (wantsGradient) {
            call.gradient(logits);
        }
        boolean inPlace = chosen.areConsecutive();
        RowOutputs ofRows = inPlace ? wanted.slice(chosen.first(), chosen.count()) : wanted.forRows(chosen.count());
        ofRows.ask(call);
        LossResult result = call.compute();
        for (int i = 0; i < chosen.count() && !inPlace; i++) {
            wanted.take(chosen.place(i), ofRows, i);
        }
        return result;
    }
}
