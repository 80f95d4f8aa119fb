package org.crossentropy.api;

import org.jspecify.annotations.Nullable;

/**
 * What the losses of contrastive learning have in common.
 *
 * @param similarity what is compared
 * @param logitScale factor of similarities, one over the temperature
 * @param bias added to scaled similarities
 * @param reduction none, sum or a mean over the rows
 * @param emptyMean what a mean over nothing is
 * @param rowsPerChunk rows of similarities at a time, 0 for a number that keeps them within {@link #AUTOMATIC_ELEMENTS}
 * @param givenExecution where to compute, null for automatic
 */
record ContrastiveOptions(
        Similarity similarity,
        double logitScale,
        double bias,
        Reduction reduction,
        EmptyMean emptyMean,
        long rowsPerChunk,
        @Nullable Execution givenExecution) {

    /** Similarities held at a time unless the caller says otherwise: 64 MB of float32. */
    static final long AUTOMATIC_ELEMENTS = 1 << 24;

    static ContrastiveOptions of(Similarity similarity, double logitScale, double bias) {
        return new ContrastiveOptions(similarity, logitScale, bias, Reduction.MEAN, EmptyMean.NAN, 0, null);
    }

    ContrastiveOptions withLogitScale(double scale) {
        return new ContrastiveOptions(
                similarity,
                Checks.positive("logitScale", scale),
                bias,
                reduction,
                emptyMean,
                rowsPerChunk,
                givenExecution);
    }

    ContrastiveOptions withBias(double newBias) {
        if (!Double.isFinite(newBias)) {
            throw new IllegalArgumentException("bias is " + newBias + ", must be finite");
        }
        return new ContrastiveOptions(
                similarity, logitScale, newBias, reduction, emptyMean, rowsPerChunk, givenExecution);
    }

    ContrastiveOptions withReduction(Reduction newReduction, EmptyMean newEmptyMean) {
        return new ContrastiveOptions(
                similarity, logitScale, bias, newReduction, newEmptyMean, rowsPerChunk, givenExecution);
    }

    ContrastiveOptions withRowsPerChunk(long rows) {
        Checks.atLeast("rowsPerChunk", rows, 1);
        return new ContrastiveOptions(similarity, logitScale, bias, reduction, emptyMean, rows, givenExecution);
    }

    ContrastiveOptions withExecution(Execution execution) {
        return new ContrastiveOptions(similarity, logitScale, bias, reduction, emptyMean, rowsPerChunk, execution);
    }

    Execution execution() {
        return givenExecution == null ? Execution.automatic() : givenExecution;
    }

    ReductionRule rule() {
        return new ReductionRule(reduction, emptyMean, EmptyRows.NAN);
    }

    /** Rows of a chunk where nothing else limits them; at least 1. */
    long chunkRows(long rows, long columns) {
        long wanted = rowsPerChunk > 0 ? rowsPerChunk : AUTOMATIC_ELEMENTS / Math.max(1, columns);
        return Math.max(1, Math.min(wanted, rows));
    }

    @Override
    public String toString() {
        return similarity + " similarity, logit scale " + logitScale + (bias == 0 ? "" : ", bias " + bias) + ", "
                + reduction + (rowsPerChunk == 0 ? "" : ", " + rowsPerChunk + " rows a chunk");
    }
}
