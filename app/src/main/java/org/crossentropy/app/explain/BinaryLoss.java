package org.crossentropy.app.explain;

import org.crossentropy.api.BinaryCrossEntropy;
import org.crossentropy.api.ElementwiseCall;
import org.crossentropy.api.Execution;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.Reduction;
import org.crossentropy.api.SigmoidSquaredError;

/** The two losses compared, both of a logit x by way of {@code s = 1 / (1 + exp(-x))}. */
public enum BinaryLoss {
    /** {@code -log s} for a positive example, in nats; gradient {@code -(1 - s)}. */
    CROSS_ENTROPY("cross-entropy", "crossEntropy"),
    /** {@code (s - 1)^2} for a positive example; gradient {@code -2 (1 - s) s (1 - s)}. */
    SQUARED_ERROR("squared error", "squaredError");

    private final String label;
    private final String jsonName;

    BinaryLoss(String label, String jsonName) {
        this.label = label;
        this.jsonName = jsonName;
    }

    /**
     * Begins a call of the library's loss.
     *
     * @param logits N x 1
     * @param targets N x 1, each 0 or 1
     * @param reduction of loss and gradient
     * @param execution where it is computed
     * @return the call, to be completed and computed
     */
    ElementwiseCall on(Matrix logits, Matrix targets, Reduction reduction, Execution execution) {
        return switch (this) {
            case CROSS_ENTROPY ->
                BinaryCrossEntropy.builder()
                        .reduction(reduction)
                        .execution(execution)
                        .build()
                        .on(logits, targets);
            case SQUARED_ERROR ->
                SigmoidSquaredError.builder()
                        .reduction(reduction)
                        .execution(execution)
                        .build()
                        .on(logits, targets);
        };
    }

    /**
     * {@return the name in JSON}
     */
    public String jsonName() {
        return jsonName;
    }

    /**
     * {@return the name for people}
     */
    @Override
    public String toString() {
        return label;
    }
}
