package org.crossentropy.peers;

import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.crossentropy.api.ClassIndices;
import org.crossentropy.api.LabelSmoothing;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.NextTokenCall;
import org.crossentropy.api.NextTokenLoss;
import org.crossentropy.api.Reduction;
import org.crossentropy.api.RowValues;
import org.crossentropy.api.SoftmaxCrossEntropy;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The loss of the next token beside {@code cross_entropy} of views shifted by one step. */
@ExtendWith(Comparison.class)
final class SequencePyTorchTest {

    private static final long SEED = 20261129;

    @ParameterizedTest
    @CsvSource({"1, 2, 3", "3, 5, 11", "2, 9, 300"})
    void nextToken(int batch, int steps, int vocabulary) {
        Data data = new Data(batch * steps, vocabulary, SEED);
        double[] logits = data.logits(3);
        long[] tokens = data.targets(true);
        for (double smoothing : new double[] {0, 0.1}) {
            for (boolean mean : new boolean[] {true, false}) {
                SoftmaxCrossEntropy rows = SoftmaxCrossEntropy.builder()
                        .labelSmoothing(LabelSmoothing.uniform(smoothing))
                        .reduction(mean ? Reduction.MEAN : Reduction.SUM)
                        .build();
                NextTokenLoss loss = NextTokenLoss.of(rows, steps);
                compare(
                        "next token" + (smoothing > 0 ? ", smoothing" : ""),
                        data,
                        logits,
                        x -> loss.on(x, ClassIndices.of(tokens)),
                        x -> torch.cross_entropy_loss(
                                predicting(x, batch, steps),
                                predicted(Torch.longs(tokens, batch, steps)),
                                Torch.none(),
                                mean ? Torch.MEAN : Torch.SUM,
                                -100,
                                smoothing));
            }
        }
        NextTokenLoss shifted =
                NextTokenLoss.of(SoftmaxCrossEntropy.create(), steps).targetsShifted();
        compare(
                "next token, targets shifted",
                data,
                logits,
                x -> shifted.on(x, ClassIndices.of(tokens)),
                x -> torch.cross_entropy_loss(x, Torch.longs(tokens, data.rows), Torch.none(), Torch.MEAN, -100, 0));
    }

    @ParameterizedTest
    @CsvSource({"1, 2, 3", "3, 5, 11", "2, 9, 300"})
    void weightsAndPadding(int batch, int steps, int vocabulary) {
        Data data = new Data(batch * steps, vocabulary, SEED + 1);
        double[] logits = data.logits(3);
        long[] tokens = data.targets(false);
        double[] weights = data.perRow(0.1, 2);
        NextTokenLoss loss = NextTokenLoss.of(SoftmaxCrossEntropy.create(), steps);
        compare(
                "next token, token weights",
                data,
                logits,
                x -> loss.on(x, ClassIndices.of(tokens)).tokenWeights(RowValues.of(weights)),
                x -> {
                    Tensor each = torch.cross_entropy_loss(
                            predicting(x, batch, steps),
                            predicted(Torch.longs(tokens, batch, steps)),
                            Torch.none(),
                            Torch.NONE,
                            -100,
                            0);
                    Tensor w = predicted(Torch.doubles(weights, batch, steps));
                    return each.mul(w).sum().div(w.sum());
                });
        long padding = tokens[0];
        compare(
                "next token, padding token",
                data,
                logits,
                x -> NextTokenLoss.of(sum(), steps).paddingToken(padding).on(x, ClassIndices.of(tokens)),
                x -> torch.cross_entropy_loss(
                        predicting(x, batch, steps),
                        predicted(Torch.longs(tokens, batch, steps)),
                        Torch.none(),
                        Torch.SUM,
                        padding,
                        0));
    }

    private static SoftmaxCrossEntropy sum() {
        return SoftmaxCrossEntropy.builder().reduction(Reduction.SUM).build();
    }

    private static void compare(
            String name,
            Data data,
            double[] logits,
            Function<Matrix, NextTokenCall> ours,
            Function<Tensor, Tensor> theirs) {
        double[] gradient = new double[logits.length];
        double loss = ours.apply(Matrix.of(logits, data.rows, data.classes))
                .gradient(Matrix.of(gradient, data.rows, data.classes))
                .compute()
                .value();
        Torch.Value value = Torch.differentiate(logits, data.rows, data.classes, theirs);
        Comparison.loss(name, loss, value.loss());
        Comparison.gradient(name, gradient, value.gradient());
    }

    /** Logits of all steps but the last. */
    private static Tensor predicting(Tensor logits, int batch, int steps) {
        long vocabulary = logits.size(1);
        return logits.view(batch, steps, vocabulary).narrow(1, 0, steps - 1).reshape(-1, vocabulary);
    }

    /** What belongs to all steps but the first. */
    private static Tensor predicted(Tensor perStep) {
        return perStep.narrow(1, 1, perStep.size(1) - 1).reshape(-1);
    }
}
