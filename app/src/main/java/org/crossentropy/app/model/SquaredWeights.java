package org.crossentropy.app.model;

import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * The L2 penalty of ridge and logistic regression: {@code lambda / 2 |W|^2}, the sum over all weights but no biases. Added
 * to the mean loss, so lambda does not depend on the number of examples.
 */
final class SquaredWeights {

    private final double lambda;
    private final List<Parameter> weights;

    SquaredWeights(double lambda, List<Parameter> parameters) {
        this.lambda = lambda;
        this.weights = lambda == 0
                ? List.of()
                : parameters.stream().filter(Parameter::isWeight).toList();
    }

    /** The penalty of the weights as they are. */
    double value() {
        double squares = 0;
        for (Parameter each : weights) {
            MemorySegment values = each.value().segment();
            for (long i = 0; i < each.size(); i++) {
                double weight = Floats.get(values, i);
                squares += weight * weight;
            }
        }
        return lambda / 2 * squares;
    }

    /** Adds the penalty's gradient, {@code lambda W}, to the gradients of the weights. */
    void addGradient() {
        for (Parameter each : weights) {
            MemorySegment values = each.value().segment();
            MemorySegment gradients = each.gradient().segment();
            for (long i = 0; i < each.size(); i++) {
                Floats.set(gradients, i, (float) (Floats.get(gradients, i) + lambda * Floats.get(values, i)));
            }
        }
    }
}
