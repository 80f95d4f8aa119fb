package org.crossentropy.api;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One computation of a loss: the inputs and outputs that not every call has. Made by a loss, completed by its methods and
 * run by {@link #compute}. Not for use by several threads at once.
 *
 * <p>Everything is checked before anything is written: shapes, types, ranges, that arenas are open, that outputs can be
 * written and share no memory with inputs or with each other, but for a gradient that is exactly the matrix it belongs to
 * (in place). Rows pass through working memory of some 64 KB a thread for each kind of operand (or one row, where that is
 * longer); nothing of the size of the batch is allocated. The result, its bits included, does not depend on backend or
 * threads.
 *
 * @param <C> the kind of call
 */
public abstract class LossCall<C extends LossCall<C>> {

    @Nullable
    RowValues sampleWeights;

    @Nullable
    Matrix gradient;

    @Nullable
    RowValues rowLosses;

    /** For the losses of this package. */
    LossCall() {}

    abstract C self();

    /**
     * Weighs the rows: each row's loss and gradient are multiplied by its weight, and the weight sum counts it. A weight of 0
     * leaves the row out: whatever it holds, loss and gradient are 0.
     *
     * @param weights N numbers, finite and at least 0
     * @return this
     */
    public final C sampleWeights(RowValues weights) {
        this.sampleWeights = Objects.requireNonNull(weights, "sampleWeights");
        return self();
    }

    /**
     * Asks for the gradient of the reduced loss with respect to the predictions: logits, probabilities or
     * log-probabilities, whatever the loss was given.
     *
     * @param gradient receives N x K of the predictions' element type; may be the very predictions
     * @return this
     */
    public final C gradient(Matrix gradient) {
        this.gradient = Objects.requireNonNull(gradient, "gradient");
        return self();
    }

    /**
     * Asks for each row's loss, weighted, not divided by anything; 0 for rows left out.
     *
     * @param losses receives N losses
     * @return this
     */
    public final C rowLosses(RowValues losses) {
        this.rowLosses = Objects.requireNonNull(losses, "rowLosses");
        return self();
    }

    /**
     * Computes the loss and whatever was asked for.
     *
     * @return sums and counts of the batch
     * @throws IllegalArgumentException if shapes or types do not fit, buffers overlap, or a weight or probability is out of
     *     range
     * @throws TargetOutOfRangeException if a target is no class
     * @throws IllegalStateException if the arena of a buffer is closed, or confined to another thread
     */
    public abstract LossResult compute();

    /** Checks what all calls have, once the inputs of the call are registered. */
    final void checkCommon(CallBuffers buffers, String name, Matrix predictions) {
        if (sampleWeights != null) {
            Checks.perRow("sampleWeights", sampleWeights.count(), predictions);
            buffers.input("sampleWeights", sampleWeights.segment());
        }
        if (gradient != null) {
            Checks.sameShape(name, predictions, "gradient", gradient);
            buffers.output("gradient", gradient, name, predictions);
        }
        if (rowLosses != null) {
            Checks.perRow("rowLosses", rowLosses.count(), predictions);
            buffers.output("rowLosses", rowLosses);
        }
    }
}
