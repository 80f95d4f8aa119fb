package org.crossentropy.api;

import org.jspecify.annotations.Nullable;

/**
 * A loss of rows that should be of a class, as {@link ClassLossCall} needs to know it.
 *
 * @param settings what every loss has
 * @param predictions what errors call the predictions
 * @param areProbabilities whether predictions must be from 0 to 1
 * @param ignore class index of rows to leave out
 * @param weights class weights, null for none
 * @param pass makes the losses of groups of rows
 */
record ClassLoss(
        LossSettings settings,
        String predictions,
        boolean areProbabilities,
        TargetScan.IgnoreIndex ignore,
        @Nullable ClassWeights weights,
        PassFactory pass) {

    /** Makes the losses of one call. */
    interface PassFactory {
        /**
         * Returns what makes losses and gradients.
         *
         * @param predictions N x K
         * @param soft probabilities of all classes; null where rows have a class
         * @param weights class weights, null for none
         * @param gradient receives the gradient
         */
        GroupPass.GroupLoss of(
                Matrix predictions,
                @Nullable Matrix soft,
                ClassWeights.@Nullable Table weights,
                @Nullable Matrix gradient);
    }
}
