package org.crossentropy.api;

import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

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

    /** The products that take the gradient of logits on. */
    interface GradientProducts {
        /**
         * Makes the gradient of hidden states of that of their logits.
         *
         * @param derivatives gradient of the logits of some rows
         * @param scale factor
         * @param adds whether the gradient is added to
         * @param gradient receives that of the hidden states of the rows
         */
        void hiddenGradient(Matrix derivatives, double scale, boolean adds, Matrix gradient);

        /**
         * Adds what some rows contribute to the gradient of the weight, or begins it with that.
         *
         * @param derivatives gradient of the logits of the rows
         * @param hidden hidden states of the rows
         * @param scale factor
         * @param adds whether the gradient is added to
         * @param gradient receives that of the weight
         */
        void weightGradient(Matrix derivatives, Matrix hidden, double scale, boolean adds, Matrix gradient);
    }

    private final LinearHead head;
    private final RowSelection selection;
    private final LinearBuffers buffers;
    private final LinearProducts products;
    private final @Nullable GradientFilter filter;

    /**
     * Prepares a sweep.
     *
     * @param selection which rows count
     * @param buffers working memory
     * @param head options and place
     * @param shareable whether other threads may work on the data
     */
    LinearSweep(RowSelection selection, LinearBuffers buffers, LinearCrossEntropy head, boolean shareable) {
        Execution execution = head.loss().execution();
        this.head = buffers.head();
        this.selection = selection;
        this.buffers = buffers;
        this.products = new LinearProducts(buffers, execution, shareable);
        this.filter = head.gradientFilter() == 0
                ? null
                : new GradientFilter(buffers, execution, shareable, head.gradientFilter());
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
        DoubleLine line = new DoubleLine(head.width());
        for (int i = 0; i < rows.count(); i++) {
            line.copy(all, rows.place(i), widened, i);
        }
        return widened;
    }

    private void addGradients(
            ChosenRows rows, Matrix hidden, Matrix derivatives, double scale, boolean adds, LinearGradients gradients) {
        if (gradients.bias() != null) {
            products.biasGradient(derivatives, scale, adds, gradients.bias());
        }
        if (filter != null && gradients.needProducts() && filter.choose(derivatives)) {
            addProducts(filter, rows, hidden, filter.compact(derivatives), scale, adds, gradients);
        } else {
            addProducts(products, rows, hidden, derivatives, scale, adds, gradients);
        }
    }

    private void addProducts(
            GradientProducts used,
            ChosenRows rows,
            Matrix hidden,
            Matrix derivatives,
            double scale,
            boolean adds,
            LinearGradients gradients) {
        if (gradients.weight() != null) {
            used.weightGradient(derivatives, hidden, scale, adds, gradients.weight());
        }
        if (gradients.hidden() != null) {
            hiddenGradient(used, rows, derivatives, scale, gradients.accumulate(), gradients.hidden());
        }
    }

    private void hiddenGradient(
            GradientProducts used,
            ChosenRows rows,
            Matrix derivatives,
            double scale,
            boolean accumulate,
            Matrix gradient) {
        if (rows.areConsecutive() && LinearMemory.isDirect(gradient)) {
            used.hiddenGradient(derivatives, scale, accumulate, gradient.rows(rows.first(), rows.count()));
            return;
        }
        Matrix own = buffers.hiddenGradient(rows.count());
        used.hiddenGradient(derivatives, scale, false, own);
        DoubleLine line = new DoubleLine(head.width());
        for (int i = 0; i < rows.count(); i++) {
            if (accumulate) {
                line.add(own, i, gradient, rows.place(i));
            } else {
                line.copy(own, i, gradient, rows.place(i));
            }
        }
    }
}
