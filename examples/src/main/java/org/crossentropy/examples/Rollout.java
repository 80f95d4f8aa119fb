package org.crossentropy.examples;

import java.util.Arrays;
import org.crossentropy.api.ClassIndices;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.RowValues;

/** What several agents side by side did for some steps, a row for each: row {@code step agents + agent}. */
final class Rollout {

    private static final double DISCOUNT = 0.99;
    private static final double TRACE = 0.95;

    private final int agents;
    private final Matrix observations;
    private final Matrix nextObservations;
    private final int[] actions;
    private final double[] logProbabilities;
    private final boolean[] failed;
    private final boolean[] over;
    private final double[] advantages;
    private final double[] returns;

    Rollout(int agents, int steps) {
        int rows = agents * steps;
        this.agents = agents;
        this.observations = Floats.matrix(rows, CartPole.OBSERVATIONS);
        this.nextObservations = Floats.matrix(rows, CartPole.OBSERVATIONS);
        this.actions = new int[rows];
        this.logProbabilities = new double[rows];
        this.failed = new boolean[rows];
        this.over = new boolean[rows];
        this.advantages = new double[rows];
        this.returns = new double[rows];
    }

    /** Lets an agent act, and starts its next episode if this one is over. */
    void act(int row, CartPole cart, int action, double logProbability) {
        actions[row] = action;
        logProbabilities[row] = logProbability;
        cart.observe(observations, row);
        cart.step(action);
        cart.observe(nextObservations, row);
        failed[row] = cart.failed();
        over[row] = cart.over();
        if (cart.over()) {
            cart.restart();
        }
    }

    Matrix observations() {
        return observations;
    }

    Matrix nextObservations() {
        return nextObservations;
    }

    /**
     * Estimates how much better than expected each action turned out (generalised advantage estimation, Schulman et al.
     * 2016), and what its observation was worth. An action earns 1, and then what its next observation is worth, unless the
     * agent failed; an episode that was only cut off would have gone on earning.
     *
     * @param values what the critic says the observations are worth
     * @param nextValues what it says of the next observations
     */
    void estimate(double[] values, double[] nextValues) {
        int rows = values.length;
        for (int row = rows - 1; row >= 0; row--) {
            double surprise = 1 + (failed[row] ? 0 : DISCOUNT * nextValues[row]) - values[row];
            boolean goesOn = !over[row] && row + agents < rows;
            advantages[row] = surprise + (goesOn ? DISCOUNT * TRACE * advantages[row + agents] : 0);
            returns[row] = values[row] + advantages[row];
        }
    }

    /** Copies the observations of some rows. */
    void readObservations(int[] rows, Matrix to) {
        for (int i = 0; i < rows.length; i++) {
            Floats.copyRow(observations, rows[i], to, i);
        }
    }

    ClassIndices actions(int[] rows) {
        return ClassIndices.of(Arrays.stream(rows).map(row -> actions[row]).toArray());
    }

    /** The log-probabilities that the actions had when they were taken. */
    RowValues logProbabilities(int[] rows) {
        return RowValues.of(select(logProbabilities, rows));
    }

    RowValues returns(int[] rows) {
        return RowValues.of(select(returns, rows));
    }

    double[] advantages(int[] rows) {
        return select(advantages, rows);
    }

    /** Advantages brought to mean 0 and variance 1, so that the size of steps does not depend on that of returns. */
    RowValues standardisedAdvantages(int[] rows) {
        double[] values = advantages(rows);
        double mean = Arrays.stream(values).average().orElse(0);
        double squares = Arrays.stream(values).map(a -> (a - mean) * (a - mean)).sum();
        double deviation = Math.sqrt(squares / rows.length);
        return RowValues.of(
                Arrays.stream(values).map(a -> (a - mean) / deviation).toArray());
    }

    private static double[] select(double[] values, int[] rows) {
        return Arrays.stream(rows).mapToDouble(row -> values[row]).toArray();
    }
}
