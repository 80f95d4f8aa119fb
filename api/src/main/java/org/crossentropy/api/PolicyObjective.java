package org.crossentropy.api;

/** What a policy gradient maximises, as a loss of one action's log-probability. */
sealed interface PolicyObjective {

    /** The log-probability, weighted by the advantage: REINFORCE. */
    record LogProbability() implements PolicyObjective {}

    /**
     * The ratio of probabilities, weighted by the advantage and clipped.
     *
     * @param lowest ratio below which a negative advantage has no more effect
     * @param highest ratio above which a positive advantage has no more effect
     * @param dual ratio above which a negative advantage has no more effect, +inf for none
     */
    record Ratio(double lowest, double highest, double dual) implements PolicyObjective {

        /** Whether a clip is in effect, so that the loss is constant. */
        boolean clips(double ratio, double advantage) {
            return advantage > 0 ? ratio > highest : advantage < 0 && (ratio < lowest || ratio > dual);
        }

        /** The ratio that a clipped one counts as. */
        double clip(double ratio, double advantage) {
            if (advantage > 0) {
                return highest;
            }
            return ratio > dual ? dual : lowest;
        }
    }
}
