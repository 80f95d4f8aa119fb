package org.crossentropy.app.model;

import org.crossentropy.api.LossResult;

/**
 * How well a model does on some examples.
 *
 * @param loss losses of the examples
 * @param penaltySum penalty of the model's weights, once for each example, so that it adds up as losses do
 * @param right how many are classified rightly
 */
public record Score(LossResult loss, double penaltySum, long right) {

    /** The score of a model whose weights are free. */
    static Score of(LossResult loss, long right) {
        return new Score(loss, 0, right);
    }

    /** This score, with a penalty of the model's weights. */
    Score withPenalty(double penalty) {
        return new Score(loss, penalty * loss.count(), right);
    }

    /**
     * {@return the penalty of the model's weights, the mean over the examples if it changed between them}
     */
    public double penalty() {
        return penaltySum / loss.count();
    }

    /**
     * {@return mean loss and penalty together: what training makes small}
     */
    public double total() {
        return loss.value() + penalty();
    }

    /**
     * {@return the share of examples that are classified rightly}
     */
    public double accuracy() {
        return (double) right / loss.count();
    }

    /** Adds the score of other examples. */
    Score merge(Score other) {
        return new Score(loss.merge(other.loss), penaltySum + other.penaltySum, right + other.right);
    }
}
