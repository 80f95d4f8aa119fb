package org.crossentropy.app;

import org.crossentropy.api.BinaryCrossEntropy;
import org.crossentropy.api.BrierScore;
import org.crossentropy.api.CategoricalCrossEntropy;
import org.crossentropy.api.ClassLossCall;
import org.crossentropy.api.Distributions;
import org.crossentropy.api.Divergence;
import org.crossentropy.api.ElementwiseCall;
import org.crossentropy.api.Execution;
import org.crossentropy.api.LossBuilder;
import org.crossentropy.api.LossCall;
import org.crossentropy.api.LossResult;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.Reduction;
import org.crossentropy.api.SigmoidSquaredError;
import org.crossentropy.api.SoftmaxCrossEntropy;
import org.crossentropy.api.SoftmaxCrossEntropyCall;

/**
 * The loss that the user chose, computed by the library.
 *
 * @param name which
 * @param shape what is done to targets, logits and losses on the way
 * @param reduction how the losses of rows become one number
 * @param execution where
 */
record EvalLoss(LossName name, ShapeOptions shape, Reduction reduction, Execution execution) {

    /** Computes the loss, the outputs asked for, and which rows are right. */
    LossResult compute(EvalInputs inputs, EvalOutputs outputs, Correctness correctness) {
        LossResult result = switch (name) {
            case SOFTMAX_CROSS_ENTROPY -> softmax(inputs, outputs, correctness);
            case BINARY_CROSS_ENTROPY -> run(binary(inputs), inputs, outputs);
            case SQUARED_ERROR -> run(squaredError(inputs), inputs, outputs);
            case BRIER -> run(brier(inputs), inputs, outputs);
            case CATEGORICAL -> run(categorical(CategoricalCrossEntropy.ofProbabilities(), inputs), inputs, outputs);
            case NLL -> run(categorical(CategoricalCrossEntropy.ofLogProbabilities(), inputs), inputs, outputs);
            case KL -> run(divergence(inputs), inputs, outputs);
        };
        if (name != LossName.SOFTMAX_CROSS_ENTROPY) {
            correctness.look();
        }
        return result;
    }

    private LossResult softmax(EvalInputs inputs, EvalOutputs outputs, Correctness correctness) {
        SoftmaxCrossEntropy.Builder builder =
                SoftmaxCrossEntropy.builder().reduction(reduction).execution(execution);
        shape.apply(builder);
        if (!inputs.classWeights().isEmpty()) {
            builder.classWeights(inputs.classWeightArray());
        }
        SoftmaxCrossEntropyCall call = switch (inputs.targets()) {
            case EvalTargets.Labels(var labels, long ignored) ->
                builder.ignoreIndex(ignored).build().on(inputs.predictions(), labels);
            case EvalTargets.Soft(var soft) -> builder.build().on(inputs.predictions(), soft);
        };
        inputs.ifWeighted(call::sampleWeights);
        inputs.ifMasked(call::classMask);
        outputs.ifGradient(call::gradient);
        outputs.ifRowLosses(call::rowLosses);
        correctness.ask(call);
        return call.compute();
    }

    private static LossResult run(LossCall<?> call, EvalInputs inputs, EvalOutputs outputs) {
        inputs.ifWeighted(call::sampleWeights);
        outputs.ifGradient(call::gradient);
        outputs.ifRowLosses(call::rowLosses);
        return call.compute();
    }

    private <B extends LossBuilder<B>> B common(B builder) {
        return builder.reduction(reduction).execution(execution);
    }

    private ElementwiseCall binary(EvalInputs inputs) {
        BinaryCrossEntropy.Builder builder = common(BinaryCrossEntropy.builder());
        shape.apply(builder);
        if (!inputs.positiveWeights().isEmpty()) {
            builder.positiveWeights(inputs.positiveWeightArray());
        }
        BinaryCrossEntropy loss = builder.build();
        return switch (inputs.targets()) {
            case EvalTargets.Labels labels -> loss.on(inputs.predictions(), labels.indices());
            case EvalTargets.Soft(var soft) -> loss.on(inputs.predictions(), soft.probabilities());
        };
    }

    private ElementwiseCall squaredError(EvalInputs inputs) {
        SigmoidSquaredError loss = common(SigmoidSquaredError.builder()).build();
        return switch (inputs.targets()) {
            case EvalTargets.Labels labels -> loss.on(inputs.predictions(), labels.indices());
            case EvalTargets.Soft(var soft) -> loss.on(inputs.predictions(), soft.probabilities());
        };
    }

    private ClassLossCall brier(EvalInputs inputs) {
        BrierScore.Builder builder = common(BrierScore.builder());
        return switch (inputs.targets()) {
            case EvalTargets.Labels(var labels, long ignored) ->
                builder.ignoreIndex(ignored).build().on(inputs.predictions(), labels);
            case EvalTargets.Soft(var soft) -> builder.build().on(inputs.predictions(), soft);
        };
    }

    private ClassLossCall categorical(CategoricalCrossEntropy.Builder plain, EvalInputs inputs) {
        CategoricalCrossEntropy.Builder builder = common(plain);
        if (!inputs.classWeights().isEmpty()) {
            builder.classWeights(inputs.classWeightArray());
        }
        return switch (inputs.targets()) {
            case EvalTargets.Labels(var labels, long ignored) ->
                builder.ignoreIndex(ignored).build().on(inputs.predictions(), labels);
            case EvalTargets.Soft(var soft) -> builder.build().on(inputs.predictions(), soft);
        };
    }

    private LossCall<?> divergence(EvalInputs inputs) {
        Matrix targets = switch (inputs.targets()) {
            case EvalTargets.Soft(var soft) -> soft.probabilities();
            case EvalTargets.Labels labels -> throw new AssertionError(labels);
        };
        return common(Divergence.builder(Divergence.Kind.KULLBACK_LEIBLER))
                .build()
                .on(Distributions.ofProbabilities(targets), Distributions.ofLogits(inputs.predictions()));
    }
}
