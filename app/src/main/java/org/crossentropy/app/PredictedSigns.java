package org.crossentropy.app;

import org.crossentropy.api.ClassIndices;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.SoftmaxCrossEntropyCall;
import org.crossentropy.app.model.SignAccuracy;

/**
 * Whether logits that each stand alone are above 0 where their target is above 1/2, and only there.
 *
 * @param inputs logits and targets
 * @param threads how many threads to use
 */
record PredictedSigns(EvalInputs inputs, int threads) implements Correctness {

    @Override
    public void ask(SoftmaxCrossEntropyCall call) {
        throw new AssertionError("a softmax has ranks");
    }

    @Override
    public void look() {
        // All is done while counting.
    }

    @Override
    public Hits count() {
        SignAccuracy.Truth truth = switch (inputs.targets()) {
            case EvalTargets.Labels labels -> {
                ClassIndices indices = labels.indices();
                yield (row, _) -> indices.get(row) == 1;
            }
            case EvalTargets.Soft(var soft) -> {
                Matrix targets = soft.probabilities();
                yield (row, column) -> targets.get(row, column) > 0.5;
            }
        };
        long right = SignAccuracy.countRight(inputs.predictions(), truth, inputs.sampleWeights(), threads);
        return new Hits(right, right);
    }
}
