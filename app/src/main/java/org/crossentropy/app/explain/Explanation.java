package org.crossentropy.app.explain;

import java.util.List;
import java.util.stream.Stream;
import org.crossentropy.api.Execution;
import org.crossentropy.app.data.BreastCancer;

/**
 * Why cross-entropy and not squared error.
 *
 * @param curves loss and gradient by logit, one for each loss
 * @param recovery what follows for learning
 * @param execution where it was computed
 */
public record Explanation(List<LossCurve> curves, Recovery recovery, Execution execution) {

    /** The logit of a positive example that the model is sure is negative: its probability is 1 in 3000. */
    public static final int SURE_AND_WRONG = -8;

    /**
     * Computes everything.
     *
     * @param steps of training at most
     * @param execution where
     * @return the explanation
     */
    public static Explanation compute(int steps, Execution execution) {
        List<LossCurve> curves = Stream.of(BinaryLoss.values())
                .map(loss -> LossCurve.of(loss, execution))
                .toList();
        return new Explanation(curves, Recovery.compute(BreastCancer.load(), steps, execution), execution);
    }

    /**
     * Looks up a curve.
     *
     * @param loss the loss
     * @return its curve
     */
    public LossCurve curve(BinaryLoss loss) {
        return curves.stream().filter(curve -> curve.loss() == loss).findFirst().orElseThrow();
    }

    /**
     * {@return how many times as hard cross-entropy pulls as squared error where the model is sure and wrong}
     */
    public double pullRatio() {
        return curve(BinaryLoss.CROSS_ENTROPY).at(SURE_AND_WRONG).gradient()
                / curve(BinaryLoss.SQUARED_ERROR).at(SURE_AND_WRONG).gradient();
    }
}
