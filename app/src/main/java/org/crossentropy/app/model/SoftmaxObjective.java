package org.crossentropy.app.model;

import org.crossentropy.api.ClassIndices;
import org.crossentropy.api.Execution;
import org.crossentropy.api.LabelSmoothing;
import org.crossentropy.api.LossResult;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.SoftmaxCrossEntropy;
import org.crossentropy.api.SoftmaxCrossEntropyCall;

/** Softmax cross-entropy. */
final class SoftmaxObjective implements Objective {

    private final int classes;
    private final double labelSmoothing;
    private final SoftmaxCrossEntropy plainLoss;
    private final SoftmaxCrossEntropy trainingLoss;

    SoftmaxObjective(int classes, double labelSmoothing, Execution execution) {
        this.classes = classes;
        this.labelSmoothing = labelSmoothing;
        this.plainLoss = SoftmaxCrossEntropy.builder().execution(execution).build();
        this.trainingLoss = plainLoss.toBuilder()
                .labelSmoothing(LabelSmoothing.uniform(labelSmoothing))
                .build();
    }

    @Override
    public String name() {
        return "softmax-cross-entropy";
    }

    @Override
    public int logits() {
        return classes;
    }

    @Override
    public double labelSmoothing() {
        return labelSmoothing;
    }

    @Override
    public Score learn(Matrix logits, ClassIndices targets) {
        return score(trainingLoss.on(logits, targets).gradient(logits), targets);
    }

    @Override
    public Score score(Matrix logits, ClassIndices targets) {
        return score(plainLoss.on(logits, targets), targets);
    }

    private static Score score(SoftmaxCrossEntropyCall call, ClassIndices targets) {
        ClassIndices ranks = ClassIndices.of(new int[(int) targets.count()]);
        LossResult loss = call.targetRanks(ranks).compute();
        long right = 0;
        for (long row = 0; row < ranks.count(); row++) {
            right += ranks.get(row) == 0 ? 1 : 0;
        }
        return Score.of(loss, right);
    }
}
