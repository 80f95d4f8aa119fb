package org.crossentropy.api;

import org.jspecify.annotations.Nullable;

/**
 * All that {@link SoftmaxTilePass} needs to know of one call: inputs, options and outputs. Checked by whoever makes it.
 *
 * @param logits logits and how they are read
 * @param selection rows that count, and their classes
 * @param dense the targets where they are probabilities of all classes; null where rows have a class or none
 * @param smoothing smoothing of dense targets, over the classes of a row that take part
 * @param weights class weights, null for none; 0 for classes that a shared mask leaves out
 * @param rowLoss makes losses of rows
 * @param skipEmptyRows whether rows without any class count as ignored
 * @param gradient receives the gradient with respect to the logits
 * @param targetGradient receives the gradient with respect to dense targets
 * @param outputs results of rows
 */
record SoftmaxTask(
        LogitRows logits,
        RowSelection selection,
        @Nullable DenseTargets dense,
        LabelSmoothing smoothing,
        ClassWeights.@Nullable Table weights,
        RowLoss rowLoss,
        boolean skipEmptyRows,
        @Nullable Matrix gradient,
        @Nullable Matrix targetGradient,
        RowOutputs outputs) {

    /** A loss on classes without smoothing and class weights. */
    static SoftmaxTask of(
            LogitRows logits, RowSelection selection, RowLoss rowLoss, @Nullable Matrix gradient, RowOutputs outputs) {
        return new SoftmaxTask(
                logits, selection, null, LabelSmoothing.none(), null, rowLoss, false, gradient, null, outputs);
    }

    Matrix matrix() {
        return logits.matrix();
    }

    /** The same without outputs, to count rows. */
    SoftmaxTask counting() {
        return new SoftmaxTask(
                logits,
                selection,
                dense,
                smoothing,
                weights,
                rowLoss,
                skipEmptyRows,
                null,
                null,
                RowOutputs.losses(null));
    }
}
