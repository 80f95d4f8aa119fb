package org.crossentropy.peers;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.crossentropy.api.ClassIndices;
import org.crossentropy.api.LabelSmoothing;
import org.crossentropy.api.LinearCrossEntropy;
import org.crossentropy.api.LossResult;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.Reduction;
import org.crossentropy.api.SoftmaxCrossEntropy;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Heads beside {@code linear} and {@code cross_entropy}, with gradients by hidden states, weight and bias. */
@ExtendWith(Comparison.class)
final class LinearPyTorchTest {

    private static final long SEED = 20261130;

    /** Enough for the logits of a few rows at a time. */
    private static final long WORKING_MEMORY = 300_000;

    @ParameterizedTest
    @CsvSource({"5, 1, 1", "8, 2, 3", "33, 10, 16", "16, 257, 40", "9, 5000, 64"})
    void head(int rows, int classes, int width) {
        Data data = new Data(rows, classes, SEED);
        long[] targets = data.targets(true);
        double[] weights = data.perClass(0.1, 2);
        double[] hidden = new Data(rows, width, SEED + 1).between(-2, 2);
        double[] weight = new Data(classes, width, SEED + 2).between(-1, 1);
        double[] bias = data.perClass(-1, 1);
        for (boolean weighted : new boolean[] {false, true}) {
            for (double smoothing : new double[] {0, 0.1}) {
                for (boolean mean : new boolean[] {true, false}) {
                    SoftmaxCrossEntropy.Builder builder = SoftmaxCrossEntropy.builder()
                            .labelSmoothing(LabelSmoothing.uniform(smoothing))
                            .reduction(mean ? Reduction.MEAN : Reduction.SUM);
                    SoftmaxCrossEntropy loss =
                            weighted ? builder.classWeights(weights).build() : builder.build();
                    double[] byHidden = new double[hidden.length];
                    double[] byWeight = new double[weight.length];
                    double[] byBias = new double[bias.length];
                    LossResult ours = LinearCrossEntropy.of(loss)
                            .workingMemory(WORKING_MEMORY)
                            .on(
                                    Matrix.of(hidden, rows, width),
                                    Matrix.of(weight, classes, width),
                                    ClassIndices.of(targets))
                            .bias(Matrix.of(bias, 1, classes))
                            .hiddenGradient(Matrix.of(byHidden, rows, width))
                            .weightGradient(Matrix.of(byWeight, classes, width))
                            .biasGradient(Matrix.of(byBias, 1, classes))
                            .compute();
                    Torch.Gradients theirs = Torch.differentiate(
                            x -> {
                                Tensor logits = torch.matmul(x[0], x[1].t()).add(x[2]);
                                return torch.cross_entropy_loss(
                                        logits,
                                        Torch.longs(targets, rows),
                                        weighted ? Torch.optional(Torch.doubles(weights, classes)) : Torch.none(),
                                        mean ? Torch.MEAN : Torch.SUM,
                                        -100,
                                        smoothing);
                            },
                            new Torch.Argument(hidden, rows, width),
                            new Torch.Argument(weight, classes, width),
                            new Torch.Argument(bias, classes));
                    String name = "head" + (weighted ? ", class weights" : "") + (smoothing > 0 ? ", smoothing" : "");
                    Comparison.loss(name, ours.value(), theirs.loss());
                    Comparison.gradient(name, byHidden, theirs.of()[0]);
                    Comparison.gradient(name, byWeight, theirs.of()[1]);
                    Comparison.gradient(name, byBias, theirs.of()[2]);
                }
            }
        }
    }
}
