package org.crossentropy.api;

import java.util.Arrays;

/**
 * Both directions of the symmetric loss from the same similarities. A first sweep over the chunks takes the losses of rows,
 * which a chunk has whole, and of columns, which all chunks have together. A second one makes each chunk again, turns it
 * into the derivatives of both directions at once and hands those on: four matrix products for loss and gradients, three if
 * there is but one chunk. Each direction by itself would take three.
 */
final class SymmetricPairs {

    /** Each direction counts one half. */
    private static final double WEIGHT = 0.5;

    private final ContrastiveOptions options;
    private final Execution execution;
    private final boolean shareable;
    private final SimilarityChunks chunks;
    private final int[] positives;
    private final double[] rowLosses;
    private final ColumnLosses columns;

    SymmetricPairs(
            ContrastiveOptions options, Execution execution, boolean shareable, SimilarityChunks chunks, int count) {
        this.options = options;
        this.execution = execution;
        this.shareable = shareable;
        this.chunks = chunks;
        this.positives = new int[count];
        Arrays.setAll(positives, i -> i);
        this.rowLosses = new double[count];
        this.columns = new ColumnLosses(execution, shareable, count);
    }

    /**
     * Computes the losses of all pairs, and what they add to the gradients that are wanted.
     *
     * @return the loss of each pair
     */
    double[] run() {
        double[] losses = losses();
        if (chunks.wantGradients()) {
            addGradients();
        }
        return losses;
    }

    private double[] losses() {
        PositivePairs rows = new PositivePairs(options, execution, shareable, positives, false, rowLosses);
        for (int chunk = 0; chunk < chunks.count(); chunk++) {
            Matrix logits = chunks.logits(chunk);
            rows.compute(logits, chunks.from(chunk), false);
            columns.add(logits, Math.toIntExact(chunks.from(chunk)));
        }
        double[] losses = new double[positives.length];
        Arrays.setAll(losses, i -> WEIGHT * rowLosses[i] + WEIGHT * columns.loss(i));
        return losses;
    }

    private void addGradients() {
        SymmetricDerivatives derivatives =
                new SymmetricDerivatives(execution, shareable, columns, positives.length, scale());
        int last = chunks.count() - 1;
        for (int chunk = last; chunk >= 0; chunk--) {
            // The first sweep has left the logits of the last chunk where they are.
            Matrix logits = chunk == last ? chunks.memory(chunk) : chunks.logits(chunk);
            derivatives.replace(logits, Math.toIntExact(chunks.from(chunk)));
            chunks.addGradients(chunk, logits, WEIGHT);
        }
    }

    /** The factor of the gradient. */
    private double scale() {
        int count = positives.length;
        return options.rule().scale(count, count, count);
    }
}
