package org.crossentropy.app.explain;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.crossentropy.api.Execution;
import org.crossentropy.api.Matrix;
import org.crossentropy.app.data.Dataset;

/**
 * How a classifier that is sure and wrong recovers: logistic regression by gradient descent, the same data and the same
 * first weights under both losses, for the same learning rates. From weights 0 as well, since a rate so large that it
 * makes up for a lost gradient has to be paid for elsewhere.
 *
 * @param dataset the examples
 * @param startAccuracy share of the training examples that are right at the wrong start
 * @param startMeanLogit mean size of their logits there
 * @param steps how many were allowed
 * @param descents from the wrong start at rate 1, all steps, one for each loss
 * @param trials for each start, rate and loss
 */
public record Recovery(
        Dataset dataset,
        double startAccuracy,
        double startMeanLogit,
        int steps,
        List<Descent> descents,
        List<Trial> trials) {

    /** The rate at which both losses are followed step by step: a step is the gradient itself. */
    public static final double COMMON_RATE = 1;

    /** The search: the same rates for both losses. */
    public static final List<Double> RATES = List.of(0x1p-4, 0x1p-2, 1.0, 0x1p2, 0x1p4, 0x1p6, 0x1p8, 0x1p10);

    /** The solution that is turned around is as trained as this: cross-entropy, from 0. */
    private static final int SOLUTION_STEPS = 1000;

    private static final double SOLUTION_RATE = 0.5;

    static Recovery compute(Dataset dataset, int steps, Execution execution) {
        LogisticRegression model = new LogisticRegression(dataset.training(), execution);
        double[] wrong = new double[model.size()];
        model.descend(BinaryLoss.CROSS_ENTROPY, SOLUTION_RATE, wrong, SOLUTION_STEPS, false);
        Arrays.setAll(wrong, j -> -wrong[j]);
        double meanLogit = meanSize(model.logits(wrong));
        double accuracy = model.accuracy();
        List<Descent> descents = new ArrayList<>();
        for (BinaryLoss loss : BinaryLoss.values()) {
            descents.add(model.descend(loss, COMMON_RATE, wrong.clone(), steps, false));
        }
        return new Recovery(dataset, accuracy, meanLogit, steps, descents, search(model, wrong, steps));
    }

    private static List<Trial> search(LogisticRegression model, double[] wrong, int steps) {
        List<Trial> trials = new ArrayList<>();
        for (Start start : Start.values()) {
            for (double rate : RATES) {
                for (BinaryLoss loss : BinaryLoss.values()) {
                    double[] weights = start == Start.ZERO ? new double[wrong.length] : wrong.clone();
                    Descent descent = model.descend(loss, rate, weights, steps, true);
                    trials.add(new Trial(start, loss, rate, descent.stepsToGoal()));
                }
            }
        }
        return trials;
    }

    private static double meanSize(Matrix logits) {
        double sum = 0;
        for (long i = 0; i < logits.rows(); i++) {
            sum += Math.abs(logits.get(i, 0));
        }
        return sum / logits.rows();
    }

    /**
     * Looks up a trial.
     *
     * @param start where training began
     * @param loss what was made small
     * @param rate one of {@link #RATES}
     * @return the steps that it took
     */
    public OptionalInt steps(Start start, BinaryLoss loss, double rate) {
        return trials.stream()
                .filter(trial -> trial.start() == start && trial.loss() == loss && trial.learningRate() == rate)
                .findFirst()
                .orElseThrow()
                .steps();
    }

    /**
     * Returns what the search finds.
     *
     * @param start where training began
     * @param loss what was made small
     * @return the trial of fewest steps, the smallest rate of several; empty if none came to the goal
     */
    public Optional<Trial> best(Start start, BinaryLoss loss) {
        return trials.stream()
                .filter(trial -> trial.start() == start && trial.loss() == loss)
                .filter(trial -> trial.steps().isPresent())
                .min(Comparator.comparingInt(trial -> trial.steps().getAsInt()));
    }
}
