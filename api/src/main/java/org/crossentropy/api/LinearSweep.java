package org.crossentropy.api;

import java.util.function.LongConsumer;

/**
 * A sweep over the rows of a head in chunks: logits by a product, what is made of them in their place, gradients by two more
 * products. Reads forward: choose rows, make logits, let the loss look at them, hand its gradient on.
 */
final class LinearSweep {

    /** What is made of the logits of a chunk. */
    interface ChunkLoss {
        /**
         * Looks at some logits, and overwrites them by their gradient where that is wanted.
         *
         * @param rows which rows they belong to
         * @param logits a row for each
         * @param wantsGradient whether their gradient is wanted, without the scale of the sweep
         */
        void compute(ChosenRows rows, Matrix logits, boolean wantsGradient);
    }

    private final LinearHead head;
    private final RowSelection selection;
    private final LinearBuffers buffers;
    private final LinearProducts products;

    LinearSweep(LinearHead head, RowSelection selection, LinearBuffers buffers, LinearProducts products) {
        this.head = head;
        this.selection = selection;
        this.buffers = buffers;
        this.products = products;
    }

    /**
     * Runs over all rows that count.
     *
     * @param loss what is made of logits
     * @param gradients what receives gradients
     * @param scale factor of gradients
     * @param leftOut is told each row that does not count
     */
    void run(ChunkLoss loss, LinearGradients gradients, double scale, LongConsumer leftOut) {
        ChosenRows rows =
                new ChosenRows(selection, head.hidden().rows(), buffers.plan().chunkRows(), row -> {
                    leftOut.accept(row);
                    gradients.clearRow(row);
                });
        boolean adds = gradients.accumulate();
        while (rows.next()) {
            Matrix hidden = hidden(rows);
            Matrix logits = buffers.logits(rows.count());
            products.logits(hidden, logits);
            loss.compute(rows, logits, gradients.any());
            addGradients(rows, hidden, logits, scale, adds, gradients);
            adds = true;
        }
        if (!adds) {
            gradients.clearSums();
        }
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

    private void addGradients(
            ChosenRows rows, Matrix hidden, Matrix derivatives, double scale, boolean adds, LinearGradients gradients) {
        if (gradients.weight() != null) {
            products.weightGradient(derivatives, hidden, scale, adds, gradients.weight());
        }
        if (gradients.bias() != null) {
            products.biasGradient(derivatives, scale, adds, gradients.bias());
        }
        if (gradients.hidden() != null) {
            hiddenGradient(rows, derivatives, scale, gradients.accumulate(), gradients.hidden());
        }
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
