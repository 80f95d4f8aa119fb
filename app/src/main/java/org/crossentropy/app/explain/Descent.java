package org.crossentropy.app.explain;

import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * How training went.
 *
 * @param loss what was made small
 * @param learningRate size of a step, times the gradient
 * @param states before the first step and after each
 */
public record Descent(BinaryLoss loss, double learningRate, List<State> states) {

    /** The share of examples that must be right for a model to count as recovered. */
    public static final double GOAL = 0.95;

    /**
     * A model on its way.
     *
     * @param loss mean over the training examples
     * @param accuracy share of the training examples that are right
     */
    public record State(double loss, double accuracy) {

        boolean isAtGoal() {
            return accuracy >= GOAL;
        }
    }

    /**
     * {@return after how many steps so many examples were right for the first time, if they ever were}
     */
    public OptionalInt stepsToGoal() {
        return IntStream.range(0, states.size())
                .filter(step -> states.get(step).isAtGoal())
                .findFirst();
    }
}
