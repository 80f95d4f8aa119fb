package org.crossentropy.api;

/**
 * A pass over the rows of a head in chunks: logits by a product, the loss in their place, gradients by two more products.
 * Reads forward: choose rows, make logits, compute the loss, hand the gradient on.
 */
final class LinearPass {

    private final ReductionRule rule;

    /** The loss of a chunk: a sum, so that its gradient needs no denominator; that is a factor of the products. */
    private final SoftmaxCrossEntropy chunkLoss;

    private final LinearHead head;
    private final RowInputs inputs;
    private final RowSelection selection;
    private final RowOutputs outputs;
    private final LinearBuffers buffers;
    private final LinearProducts products;

    LinearPass(
            SoftmaxCrossEntropy loss,
            LinearHead head,
            RowInputs inputs,
            RowSelection selection,
            RowOutputs outputs,
            LinearBuffers buffers,
            boolean shareable) {
        this.rule = loss.settings().rule(loss.options().emptyRows);
        this.chunkLoss =
                loss.toBuilder().reduction(Reduction.SUM).noIgnoreIndex().build();
        this.head = head;
        this.inputs = inputs;
        this.selection = selection;
        this.outputs = outputs;
        this.buffers = buffers;
        this.products = new LinearProducts(head, buffers, loss.execution(), shareable);
    }

    /** Computes the loss of all rows and the gradients. */
    LossResult run(LinearGradients gradients) {
        double scale = 1;
        if (gradients.any() && rule.reduction() instanceof Reduction.Mean) {
            // Rows without any class are known only after a look at their logits.
            LossResult counts =
                    rule.skipsEmptyRows() ? sweep(LinearGradients.NONE, RowOutputs.losses(null), 1) : known();
            scale = rule.scale(counts);
        }
        return sweep(gradients, outputs, scale);
    }

    private LossResult known() {
        return rule.result(
                new CompensatedSum(),
                selection.weightSum(),
                selection.count(),
                head.hidden().rows());
    }

    private LossResult sweep(LinearGradients gradients, RowOutputs wanted, double scale) {
        long all = head.hidden().rows();
        ChosenRows rows = new ChosenRows(selection, all, buffers.plan().chunkRows(), row -> {
            wanted.leaveOut(row);
            if (gradients.hidden() != null && !gradients.accumulate()) {
                gradients.hidden().rows(row, 1).fillZero();
            }
        });
        CompensatedSum loss = new CompensatedSum();
        CompensatedSum weight = new CompensatedSum();
        long count = 0;
        boolean adds = gradients.accumulate();
        while (rows.next()) {
            LossResult chunk = chunk(rows, gradients, wanted, scale, adds);
            loss.add(chunk.lossSum(), chunk.lossSumTail());
            weight.add(chunk.weightSum(), chunk.weightSumTail());
            count += chunk.count();
            adds = true;
        }
        if (!adds) {
            gradients.clearSums();
        }
        return rule.result(loss, weight, count, all);
    }

    private LossResult chunk(
            ChosenRows rows, LinearGradients gradients, RowOutputs wanted, double scale, boolean adds) {
        Matrix hidden = hidden(rows);
        Matrix logits = buffers.logits(rows.count());
        products.logits(hidden, logits);
        LossResult result = loss(rows, logits, gradients.any(), wanted);
        if (gradients.weight() != null) {
            products.weightGradient(logits, hidden, scale, adds, gradients.weight());
        }
        if (gradients.bias() != null) {
            products.biasGradient(logits, scale, adds, gradients.bias());
        }
        if (gradients.hidden() != null) {
            hiddenGradient(rows, logits, scale, gradients.accumulate(), gradients.hidden());
        }
        return result;
    }

    /** The hidden states of some rows in the format computed in, off-heap. */
    private Matrix hidden(ChosenRows rows) {
        Matrix all = head.hidden();
        if (rows.areConsecutive() && LinearMemory.isDirect(all)) {
            return all.rows(rows.first(), rows.count());
        }
        if (all.type() == head.type()) {
            return rows.gather(all, buffers.hiddenRoom());
        }
        Matrix widened = buffers.hidden(rows.count());
        for (int i = 0; i < rows.count(); i++) {
            for (int d = 0; d < head.width(); d++) {
                widened.set(i, d, all.get(rows.place(i), d));
            }
        }
        return widened;
    }

    /** The loss of some rows, and in the place of their logits its gradient. */
    private LossResult loss(ChosenRows rows, Matrix logits, boolean wantsGradient, RowOutputs wanted) {
        SoftmaxCrossEntropyCall call = inputs.begin(chunkLoss, logits, rows, buffers.targetRoom(), buffers.maskRoom());
        if (wantsGradient) {
            call.gradient(logits);
        }
        boolean inPlace = rows.areConsecutive();
        RowOutputs ofRows = inPlace ? wanted.slice(rows.first(), rows.count()) : wanted.forRows(rows.count());
        ofRows.ask(call);
        LossResult result = call.compute();
        for (int i = 0; i < rows.count() && !inPlace; i++) {
            wanted.take(rows.place(i), ofRows, i);
        }
        return result;
    }

    private void hiddenGradient(
            ChosenRows rows, Matrix derivatives, double scale, boolean accumulate, Matrix gradient) {
        if (rows.areConsecutive() && LinearMemory.isDirect(gradient)) {
            products.hiddenGradient(derivatives, scale, accumulate, gradient.rows(rows.first(), rows.count()));
            return;
        }
        Matrix own = buffers.hiddenGradient(rows.count());
        products.hiddenGradient(derivatives, scale, false, own);
        for (int i = 0; i < rows.count(); i++) {
            long place = rows.place(i);
            for (int d = 0; d < head.width(); d++) {
                gradient.set(place, d, own.get(i, d) + (accumulate ? gradient.get(place, d) : 0));
            }
        }
    }
}
