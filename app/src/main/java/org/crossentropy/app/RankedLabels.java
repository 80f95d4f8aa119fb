package org.crossentropy.app;

import java.lang.foreign.Arena;
import org.crossentropy.api.ClassIndices;
import org.crossentropy.api.Execution;
import org.crossentropy.api.SoftmaxCrossEntropy;
import org.crossentropy.api.SoftmaxCrossEntropyCall;

/**
 * Whether labels are among the most probable classes, by the rank that the library gives each label in its row.
 *
 * @param inputs predictions and labels
 * @param labels the labels
 * @param ranks N ranks; negative for rows that are left out or have NaN
 * @param top how many classes a label may be among
 * @param execution where to compute
 */
record RankedLabels(EvalInputs inputs, EvalTargets.Labels labels, ClassIndices ranks, int top, Execution execution)
        implements Correctness {

    static RankedLabels of(EvalInputs inputs, EvalTargets.Labels labels, int top, Execution execution, Arena arena) {
        return new RankedLabels(
                inputs, labels, PredictedClasses.indices(inputs.predictions().rows(), arena), top, execution);
    }

    @Override
    public void ask(SoftmaxCrossEntropyCall call) {
        call.targetRanks(ranks);
    }

    /** Softmax does not change the order, so it is the same for logits, probabilities and their logarithms. */
    @Override
    public void look() {
        SoftmaxCrossEntropyCall call = SoftmaxCrossEntropy.builder()
                .ignoreIndex(labels.ignoreIndex())
                .execution(execution)
                .build()
                .on(inputs.predictions(), labels.indices());
        inputs.ifWeighted(call::sampleWeights);
        ask(call);
        call.compute();
    }

    @Override
    public Hits count() {
        long right = 0;
        long inTop = 0;
        for (long row = 0; row < ranks.count(); row++) {
            long rank = ranks.get(row);
            right += rank == 0 ? 1 : 0;
            inTop += rank >= 0 && rank < top ? 1 : 0;
        }
        return new Hits(right, inTop);
    }
}
