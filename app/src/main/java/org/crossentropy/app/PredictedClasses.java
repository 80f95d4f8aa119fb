package org.crossentropy.app;

import java.lang.foreign.Arena;
import org.crossentropy.api.ClassIndices;
import org.crossentropy.api.Execution;
import org.crossentropy.api.IndexType;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.SoftTargets;
import org.crossentropy.api.SoftmaxCrossEntropy;
import org.crossentropy.api.SoftmaxCrossEntropyCall;

/**
 * Whether predictions and soft targets agree on the most probable class, the first of equals, by the predictions that the
 * library makes of both.
 *
 * @param inputs predictions
 * @param targets the targets
 * @param predicted N classes; negative for rows that are left out or have NaN
 * @param wanted N classes
 * @param execution where to compute
 */
record PredictedClasses(
        EvalInputs inputs, SoftTargets targets, ClassIndices predicted, ClassIndices wanted, Execution execution)
        implements Correctness {

    private static final long ALIGNMENT = 64;

    static PredictedClasses of(EvalInputs inputs, SoftTargets targets, Execution execution, Arena arena) {
        long rows = inputs.predictions().rows();
        return new PredictedClasses(inputs, targets, indices(rows, arena), indices(rows, arena), execution);
    }

    static ClassIndices indices(long rows, Arena arena) {
        return ClassIndices.of(IndexType.INT32, arena.allocate(rows * Integer.BYTES, ALIGNMENT), rows);
    }

    @Override
    public void ask(SoftmaxCrossEntropyCall call) {
        call.predictions(predicted);
    }

    /** Softmax does not change the order, so it is the same for logits, probabilities and their logarithms. */
    @Override
    public void look() {
        ask(inputs.predictions(), predicted);
    }

    private void ask(Matrix matrix, ClassIndices classes) {
        SoftmaxCrossEntropyCall call =
                SoftmaxCrossEntropy.builder().execution(execution).build().on(matrix, targets);
        inputs.ifWeighted(call::sampleWeights);
        call.predictions(classes).compute();
    }

    @Override
    public Hits count() {
        ask(targets.probabilities(), wanted);
        long right = 0;
        for (long row = 0; row < predicted.count(); row++) {
            long prediction = predicted.get(row);
            right += prediction >= 0 && prediction == wanted.get(row) ? 1 : 0;
        }
        return new Hits(right, right);
    }
}
