package org.crossentropy.app.model;

import org.crossentropy.api.BinaryCrossEntropy;
import org.crossentropy.api.ClassIndices;
import org.crossentropy.api.Execution;
import org.crossentropy.api.Matrix;

/** Binary cross-entropy of one logit, which is above 0 where class 1 is the prediction. */
final class BinaryObjective implements Objective {

    private final double labelSmoothing;
    private final BinaryCrossEntropy plainLoss;
    private final BinaryCrossEntropy trainingLoss;

    BinaryObjective(double labelSmoothing, Execution execution) {
        this.labelSmoothing = labelSmoothing;
        this.plainLoss = BinaryCrossEntropy.builder().execution(execution).build();
        this.trainingLoss = plainLoss.toBuilder().labelSmoothing(labelSmoothing).build();
    }

    @Override
    public String name() {
        return "binary-cross-entropy";
    }

    @Override
    public int logits() {
        return 1;
    }

    @Override
    public double labelSmoothing() {
        return labelSmoothing;
    }

    @Override
    public Score learn(Matrix logits, ClassIndices targets) {
        long right = countRight(logits, targets);
        return Score.of(trainingLoss.on(logits, targets).gradient(logits).compute(), right);
    }

    @Override
    public Score score(Matrix logits, ClassIndices targets) {
        return Score.of(plainLoss.on(logits, targets).compute(), countRight(logits, targets));
    }

    private static long countRight(Matrix logits, ClassIndices targets) {
        return SignAccuracy.countRight(logits, (row, _) -> targets.get(row) == 1, null, 1);
    }
}
