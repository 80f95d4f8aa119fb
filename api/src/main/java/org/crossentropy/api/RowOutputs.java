package org.crossentropy.api;

import org.jspecify.annotations.Nullable;

/**
 * What a pass over logits can tell about each row besides its loss. Absent ones are null and cost nothing.
 *
 * @param losses the loss, weighted, not divided by anything
 * @param logSumExp log-sum-exp of the logits as the loss sees them
 * @param targetLogProbability log-probability of the target
 * @param entropy entropy of the softmax
 * @param predictions the most probable class
 * @param targetRanks how many classes are more probable than the target
 */
record RowOutputs(
        @Nullable RowValues losses,
        @Nullable RowValues logSumExp,
        @Nullable RowValues targetLogProbability,
        @Nullable RowValues entropy,
        @Nullable ClassIndices predictions,
        @Nullable ClassIndices targetRanks) {

    static RowOutputs losses(@Nullable RowValues losses) {
        return new RowOutputs(losses, null, null, null, null, null);
    }

    boolean wantsOrder() {
        return predictions != null || targetRanks != null;
    }

    /** Registers what there is as outputs of a call over some rows. */
    void check(CallBuffers buffers, Matrix logits) {
        check(buffers, "rowLosses", losses, logits);
        check(buffers, "logSumExp", logSumExp, logits);
        check(buffers, "targetLogProbability", targetLogProbability, logits);
        check(buffers, "entropy", entropy, logits);
        check(buffers, "predictions", predictions, logits);
        check(buffers, "targetRanks", targetRanks, logits);
    }

    private static void check(CallBuffers buffers, String name, @Nullable RowValues values, Matrix logits) {
        if (values != null) {
            Checks.perRow(name, values.count(), logits);
            buffers.output(name, values);
        }
    }

    private static void check(CallBuffers buffers, String name, @Nullable ClassIndices indices, Matrix logits) {
        if (indices != null) {
            Checks.perRow(name, indices.count(), logits);
            buffers.output(name, indices.segment());
        }
    }

    static void set(@Nullable RowValues values, long row, double value) {
        if (values != null) {
            values.set(row, value);
        }
    }

    static void set(@Nullable ClassIndices indices, long row, double value) {
        if (indices != null) {
            indices.set(row, (long) value);
        }
    }
}
