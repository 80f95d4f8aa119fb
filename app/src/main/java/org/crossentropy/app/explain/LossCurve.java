package org.crossentropy.app.explain;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.crossentropy.api.Execution;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.Reduction;

/**
 * Loss and gradient of a positive example for every logit from -12 to 12 in steps of 1/16, all in one call. The same bits
 * on every backend.
 *
 * @param loss the loss
 * @param points in the order of their logits
 */
public record LossCurve(BinaryLoss loss, List<Point> points) {

    /** The largest logit; the smallest is its opposite. */
    public static final int FARTHEST_LOGIT = 12;

    private static final int POINTS_PER_NAT = 16;

    /**
     * What a loss is for one logit.
     *
     * @param logit x
     * @param loss of a positive example
     * @param gradient of the loss with respect to x
     */
    public record Point(double logit, double loss, double gradient) {}

    /**
     * Computes a curve.
     *
     * @param loss the loss
     * @param execution where it is computed
     * @return the curve
     */
    static LossCurve of(BinaryLoss loss, Execution execution) {
        double[] logits = IntStream.rangeClosed(-FARTHEST_LOGIT * POINTS_PER_NAT, FARTHEST_LOGIT * POINTS_PER_NAT)
                .mapToDouble(i -> (double) i / POINTS_PER_NAT)
                .toArray();
        double[] targets = new double[logits.length];
        double[] losses = new double[logits.length];
        double[] gradients = new double[logits.length];
        Arrays.fill(targets, 1);
        loss.on(column(logits), column(targets), Reduction.SUM, execution)
                .elementLosses(column(losses))
                .gradient(column(gradients))
                .compute();
        return new LossCurve(
                loss,
                IntStream.range(0, logits.length)
                        .mapToObj(i -> new Point(logits[i], losses[i], gradients[i]))
                        .toList());
    }

    private static Matrix column(double[] values) {
        return Matrix.of(values, values.length, 1);
    }

    /**
     * Looks up a whole logit.
     *
     * @param logit from -12 to 12
     * @return the point
     */
    public Point at(int logit) {
        return points.get((logit + FARTHEST_LOGIT) * POINTS_PER_NAT);
    }
}
