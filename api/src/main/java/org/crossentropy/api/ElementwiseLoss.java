package org.crossentropy.api;

import org.crossentropy.api.spi.TileOperation;
import org.jspecify.annotations.Nullable;

/**
 * A loss that is a sum over elements, each with its own prediction and target, as {@link ElementwiseCall} and {@link
 * ElementwisePass} need to know it.
 *
 * @param settings what every loss has
 * @param operation makes losses and derivatives of elements
 * @param predictions what errors call the predictions
 * @param areProbabilities whether predictions must be from 0 to 1
 * @param positiveWeights weights of the positive side, one a column; null for none
 * @param positiveFactor factor of all weights of the positive side
 * @param factor factor of the whole loss
 * @param smoothing what part of a target becomes 1/2
 * @param r1 scalar of the operation
 * @param r2 scalar of the operation
 */
record ElementwiseLoss(
        LossSettings settings,
        TileOperation operation,
        String predictions,
        boolean areProbabilities,
        @Nullable ClassWeights positiveWeights,
        double positiveFactor,
        double factor,
        double smoothing,
        double r1,
        double r2) {

    /** Whether this is binary cross-entropy of logits and nothing else, for which there is a kernel. */
    boolean isLogistic() {
        return operation == TileOperation.LOGISTIC && r1 == 0 && r2 == 0;
    }

    /** The weights of the positive side as kernels read them; null where all are 1. */
    ClassWeights.@Nullable Table positiveTable(Matrix matrix) {
        if (positiveFactor == 1) {
            return positiveWeights == null ? null : positiveWeights.of(matrix.type());
        }
        ClassWeights weights = positiveWeights;
        if (weights == null) {
            weights = ClassWeights.ones("positiveWeights", matrix.columns());
        }
        return weights.times(positiveFactor).of(matrix.type());
    }
}
