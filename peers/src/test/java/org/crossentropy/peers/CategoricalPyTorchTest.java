package org.crossentropy.peers;

import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.crossentropy.api.CategoricalCrossEntropy;
import org.crossentropy.api.ClassIndices;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.Reduction;
import org.crossentropy.api.RowValues;
import org.crossentropy.api.SoftTargets;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Cross-entropy of probabilities and log-probabilities beside {@code nll_loss}. */
@ExtendWith(Comparison.class)
final class CategoricalPyTorchTest {

    private static final long SEED = 20261125;

    @ParameterizedTest
    @CsvSource({"8, 2", "33, 10", "16, 257"})
    void classIndices(int rows, int classes) {
        Data data = new Data(rows, classes, SEED);
        double[] probabilities = data.distributions();
        double[] logProbabilities = data.logits(3);
        long[] targets = data.targets(true);
        double[] weights = data.perClass(0.1, 2);
        for (boolean weighted : new boolean[] {false, true}) {
            for (boolean mean : new boolean[] {true, false}) {
                Function<Tensor, Tensor> likelihood = x -> torch.nll_loss(
                        x,
                        Torch.longs(targets, rows),
                        weighted ? Torch.optional(Torch.doubles(weights, classes)) : Torch.none(),
                        mean ? Torch.MEAN : Torch.SUM,
                        -100);
                String kind = weighted ? ", class weights" : "";
                CategoricalCrossEntropy ofLogs =
                        build(CategoricalCrossEntropy.ofLogProbabilities(), weighted ? weights : null, mean);
                Comparison.call(
                        "log-probabilities" + kind,
                        data,
                        logProbabilities,
                        x -> ofLogs.on(x, ClassIndices.of(targets)),
                        likelihood);
                CategoricalCrossEntropy ofProbabilities =
                        build(CategoricalCrossEntropy.ofProbabilities(), weighted ? weights : null, mean);
                Comparison.call(
                        "probabilities" + kind,
                        data,
                        probabilities,
                        p -> ofProbabilities.on(p, ClassIndices.of(targets)),
                        p -> likelihood.apply(p.log()));
            }
        }
    }

    private static CategoricalCrossEntropy build(
            CategoricalCrossEntropy.Builder builder, double @Nullable [] weights, boolean mean) {
        builder.reduction(mean ? Reduction.MEAN : Reduction.SUM);
        return weights == null ? builder.build() : builder.classWeights(weights).build();
    }

    @ParameterizedTest
    @CsvSource({"8, 2", "33, 10", "16, 257"})
    void softTargets(int rows, int classes) {
        Data data = new Data(rows, classes, SEED + 1);
        double[] soft = data.distributions();
        double[] weights = data.perClass(0.1, 2);
        double[] samples = data.perRow(0.1, 3);
        SoftTargets targets = SoftTargets.of(Matrix.of(soft, rows, classes));
        Function<Tensor, Tensor> sum = logs -> logs.mul(Torch.doubles(soft, rows, classes))
                .mul(Torch.doubles(weights, classes))
                .mul(Torch.doubles(samples, rows, 1))
                .sum()
                .neg();
        CategoricalCrossEntropy ofLogs = build(CategoricalCrossEntropy.ofLogProbabilities(), weights, false);
        Comparison.call(
                "log-probabilities, soft targets, class and sample weights",
                data,
                data.logits(3),
                x -> ofLogs.on(x, targets).sampleWeights(RowValues.of(samples)),
                sum);
        CategoricalCrossEntropy ofProbabilities = build(CategoricalCrossEntropy.ofProbabilities(), weights, false);
        Comparison.call(
                "probabilities, soft targets, class and sample weights",
                data,
                data.distributions(),
                p -> ofProbabilities.on(p, targets).sampleWeights(RowValues.of(samples)),
                p -> sum.apply(p.log()));
    }

    /** With a bound beside {@code clamp_min} of the logarithm, whose gradient is 0 beyond the bound as ours. */
    @ParameterizedTest
    @CsvSource({"33, 10, 2.5", "16, 257, 6"})
    void bounded(int rows, int classes, double bound) {
        Data data = new Data(rows, classes, SEED + 2);
        long[] targets = data.targets(true);
        CategoricalCrossEntropy loss =
                CategoricalCrossEntropy.ofProbabilities().logClamp(bound).build();
        Comparison.call(
                "probabilities, bounded",
                data,
                data.distributions(),
                p -> loss.on(p, ClassIndices.of(targets)),
                p -> torch.nll_loss(
                        p.log().clamp_min(Torch.scalar(-bound)),
                        Torch.longs(targets, rows),
                        Torch.none(),
                        Torch.MEAN,
                        -100));
    }
}
