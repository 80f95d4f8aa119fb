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
 * @param rowsPerChunk rows of similarities at a time at most, 0 for as many as the working memory holds
 * @param workingMemory bound on similarities and copies of embeddings, in bytes
 * @param givenExecution where to compute, null for automatic
 */
record ContrastiveOptions(
        Similarity similarity,
        double logitScale,
        double bias,
        Reduction reduction,
        EmptyMean emptyMean,
        long rowsPerChunk,
        long workingMemory,
        @Nullable Execution givenExecution) {

    static ContrastiveOptions of(Similarity similarity, double logitScale, double bias) {
        return new ContrastiveOptions(
                similarity,
                logitScale,
                bias,
                Reduction.MEAN,
                EmptyMean.NAN,
                0,
                LinearCrossEntropy.DEFAULT_WORKING_MEMORY,
                null);
    }

    ContrastiveOptions withLogitScale(double scale) {
        return new ContrastiveOptions(
                similarity,
                Checks.positive("logitScale", scale),
                bias,
                reduction,
                emptyMean,
                rowsPerChunk,
                workingMemory,
                givenExecution);
    }

    ContrastiveOptions withBias(double newBias) {
        if (!Double.isFinite(newBias)) {
            throw new IllegalArgumentException("bias is " + newBias + ", must be finite");
        }
        return new ContrastiveOptions(
                similarity, logitScale, newBias, reduction, emptyMean, rowsPerChunk, workingMemory, givenExecution);
    }

    ContrastiveOptions withReduction(Reduction newReduction, EmptyMean newEmptyMean) {
        return new ContrastiveOptions(
                similarity, logitScale, bias, newReduction, newEmptyMean, rowsPerChunk, workingMemory, givenExecution);
    }

    ContrastiveOptions withRowsPerChunk(long rows) {
        Checks.atLeast("rowsPerChunk", rows, 1);
        return new ContrastiveOptions(
                similarity, logitScale, bias, reduction, emptyMean, rows, workingMemory, givenExecution);
    }

    ContrastiveOptions withWorkingMemory(long bytes) {
        Checks.atLeast("workingMemory", bytes, 1);
        return new ContrastiveOptions(
                similarity, logitScale, bias, reduction, emptyMean, rowsPerChunk, bytes, givenExecution);
    }

    ContrastiveOptions withExecution(Execution execution) {
        return new ContrastiveOptions(
                similarity, logitScale, bias, reduction, emptyMean, rowsPerChunk, workingMemory, execution);
    }

    Execution execution() {
        return givenExecution == null ? Execution.automatic() : givenExecution;
    }

    ReductionRule rule() {
        return new ReductionRule(reduction, emptyMean, EmptyRows.NAN);
    }

    @Override
    public String toString() {
        return similarity + " similarity, logit scale " + logitScale + (bias == 0 ? "" : ", bias " + bias) + ", "
                + reduction + (rowsPerChunk == 0 ? "" : ", " + rowsPerChunk + " rows a chunk") + ", " + workingMemory
                + " bytes of working memory";
    }
}
