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

    /** Whether there is nothing but the losses. */
    boolean isPlain() {
        return logSumExp == null && targetLogProbability == null && entropy == null && !wantsOrder();
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

    /** The same outputs of consecutive rows, in the same memory. */
    RowOutputs slice(long from, int count) {
        return new RowOutputs(
                slice(losses, from, count),
                slice(logSumExp, from, count),
                slice(targetLogProbability, from, count),
                slice(entropy, from, count),
                slice(predictions, from, count),
                slice(targetRanks, from, count));
    }

    private static @Nullable RowValues slice(@Nullable RowValues values, long from, int count) {
        return values == null ? null : values.slice(from, count);
    }

    private static @Nullable ClassIndices slice(@Nullable ClassIndices indices, long from, int count) {
        return indices == null ? null : indices.slice(from, count);
    }

    /** The same kinds of outputs for other rows, in memory of their own. */
    RowOutputs forRows(int count) {
        return new RowOutputs(
                values(losses, count),
                values(logSumExp, count),
                values(targetLogProbability, count),
                values(entropy, count),
                indices(predictions, count),
                indices(targetRanks, count));
    }

    private static @Nullable RowValues values(@Nullable RowValues like, int count) {
        return like == null ? null : RowValues.of(new double[count]);
    }

    private static @Nullable ClassIndices indices(@Nullable ClassIndices like, int count) {
        return like == null ? null : ClassIndices.of(new int[count]);
    }

    /** Asks a call for these outputs. */
    void ask(SoftmaxCrossEntropyCall call) {
        if (losses != null) {
            call.rowLosses(losses);
        }
        if (logSumExp != null) {
            call.logSumExp(logSumExp);
        }
        if (targetLogProbability != null) {
            call.targetLogProbability(targetLogProbability);
        }
        if (entropy != null) {
            call.entropy(entropy);
        }
        if (predictions != null) {
            call.predictions(predictions);
        }
        if (targetRanks != null) {
            call.targetRanks(targetRanks);
        }
    }

    /** Takes row i of other outputs of the same kinds as one of these. */
    void take(long row, RowOutputs others, int i) {
        take(losses, row, others.losses, i);
        take(logSumExp, row, others.logSumExp, i);
        take(targetLogProbability, row, others.targetLogProbability, i);
        take(entropy, row, others.entropy, i);
        take(predictions, row, others.predictions, i);
        take(targetRanks, row, others.targetRanks, i);
    }

    private static void take(@Nullable RowValues values, long row, @Nullable RowValues others, int i) {
        if (values != null && others != null) {
            values.set(row, others.get(i));
        }
    }

    private static void take(@Nullable ClassIndices indices, long row, @Nullable ClassIndices others, int i) {
        if (indices != null && others != null) {
            indices.set(row, others.get(i));
        }
    }

    /** What there is to say of a row that is left out. */
    void leaveOut(long row) {
        set(losses, row, 0);
        set(logSumExp, row, 0);
        set(targetLogProbability, row, 0);
        set(entropy, row, 0);
        set(predictions, row, -1);
        set(targetRanks, row, -1);
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
