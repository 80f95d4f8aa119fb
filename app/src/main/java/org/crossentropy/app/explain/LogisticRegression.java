package org.crossentropy.app.explain;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.crossentropy.api.Execution;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.MatrixProduct;
import org.crossentropy.api.MatrixProduct.Operand;
import org.crossentropy.api.Reduction;
import org.crossentropy.app.data.Examples;

/**
 * Logistic regression in float64 by plain gradient descent on all examples at once: {@code w <- w - rate X^T g}, where g is
 * the gradient of the mean loss with respect to the logits X w. The last column of X is 1, so the last weight is the bias.
 * Nothing is random. Backends agree in g bit by bit and in products up to the rounding of float64.
 */
final class LogisticRegression {

    private final Execution execution;
    private final MatrixProduct product;
    private final Matrix inputs;
    private final Matrix targets;
    private final Matrix logits;
    private final Matrix logitGradients;

    /**
     * Reads the examples.
     *
     * @param examples of two classes, 0 and 1; class 1 is the positive one
     * @param execution where losses and products are computed
     */
    LogisticRegression(Examples examples, Execution execution) {
        int count = examples.count();
        int features = examples.features();
        this.execution = execution;
        this.product = MatrixProduct.on(execution);
        this.inputs = Matrix.of(new double[count * (features + 1)], count, features + 1);
        this.targets = Matrix.of(new double[count], count, 1);
        this.logits = Matrix.of(new double[count], count, 1);
        this.logitGradients = Matrix.of(new double[count], count, 1);
        float[] row = new float[features];
        for (int i = 0; i < count; i++) {
            examples.read(i, row);
            for (int j = 0; j < features; j++) {
                inputs.set(i, j, row[j]);
            }
            inputs.set(i, features, 1);
            targets.set(i, 0, examples.classOf(i));
        }
    }

    /** The number of weights, the bias among them. */
    int size() {
        return inputs.columns();
    }

    /** Computes the logits of all examples, which stay until the next call. */
    Matrix logits(double[] weights) {
        product.multiply(inputs, Matrix.of(weights, weights.length, 1), logits);
        return logits;
    }

    /** Share of examples on the right side of logit 0, by the logits as they are; 0 itself is the negative side. */
    double accuracy() {
        int right = 0;
        for (long i = 0; i < logits.rows(); i++) {
            if ((logits.get(i, 0) > 0) == (targets.get(i, 0) == 1)) {
                right++;
            }
        }
        return (double) right / logits.rows();
    }

    /**
     * Trains.
     *
     * @param loss what is made small
     * @param rate size of a step, times the gradient
     * @param weights where to begin; receives where it ended
     * @param steps how many at most
     * @param toGoal whether to stop at the goal
     * @return how it went
     */
    Descent descend(BinaryLoss loss, double rate, double[] weights, int steps, boolean toGoal) {
        Matrix direction = Matrix.of(new double[weights.length], weights.length, 1);
        List<Descent.State> states = new ArrayList<>();
        states.add(evaluate(loss, weights));
        while (states.size() <= steps && !(toGoal && states.getLast().isAtGoal())) {
            product.multiply(inputs, Operand.TRANSPOSED, logitGradients, Operand.PLAIN, 1, 0, direction);
            Arrays.setAll(weights, j -> weights[j] - rate * direction.get(j, 0));
            states.add(evaluate(loss, weights));
        }
        return new Descent(loss, rate, List.copyOf(states));
    }

    private Descent.State evaluate(BinaryLoss loss, double[] weights) {
        double mean = loss.on(logits(weights), targets, Reduction.MEAN, execution)
                .gradient(logitGradients)
                .compute()
                .value();
        return new Descent.State(mean, accuracy());
    }
}
