package org.crossentropy.peers;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.crossentropy.api.BrierScore;
import org.crossentropy.api.ClassIndices;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.Reduction;
import org.crossentropy.api.RowValues;
import org.crossentropy.api.SigmoidSquaredError;
import org.crossentropy.api.SoftTargets;
import org.crossentropy.api.ValueLoss;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Squared errors of sigmoid, softmax and values beside {@code mse_loss}. */
@ExtendWith(Comparison.class)
final class SquaredErrorPyTorchTest {

    private static final long SEED = 20261127;

    @ParameterizedTest
    @CsvSource({"5, 1", "16, 10", "7, 257"})
    void sigmoid(int rows, int labels) {
        Data data = new Data(rows, labels, SEED);
        double[] logits = data.logits(3);
        double[] targets = data.between(0, 1);
        for (boolean mean : new boolean[] {true, false}) {
            SigmoidSquaredError loss = SigmoidSquaredError.builder()
                    .reduction(mean ? Reduction.MEAN : Reduction.SUM)
                    .build();
            Comparison.call(
                    "squared error of sigmoid",
                    data,
                    logits,
                    x -> loss.on(x, Matrix.of(targets, rows, labels)),
                    x -> torch.mse_loss(
                            x.sigmoid(), Torch.doubles(targets, rows, labels), mean ? Torch.MEAN : Torch.SUM));
        }
    }

    @ParameterizedTest
    @CsvSource({"8, 2", "33, 10", "16, 257"})
    void brier(int rows, int classes) {
        Data data = new Data(rows, classes, SEED + 1);
        double[] logits = data.logits(2);
        long[] targets = data.targets(false);
        double[] soft = data.distributions();
        BrierScore mean = BrierScore.create();
        Comparison.call(
                "Brier score",
                data,
                logits,
                x -> mean.on(x, ClassIndices.of(targets)),
                x -> squares(data, x, data.oneHot(targets)).div(Torch.scalar(rows)));
        BrierScore sum = BrierScore.builder().reduction(Reduction.SUM).build();
        Comparison.call(
                "Brier score, soft targets",
                data,
                logits,
                x -> sum.on(x, SoftTargets.of(Matrix.of(soft, rows, classes))),
                x -> squares(data, x, soft));
    }

    private static Tensor squares(Data data, Tensor logits, double[] targets) {
        return torch.mse_loss(torch.softmax(logits, 1), Torch.doubles(targets, data.rows, data.classes), Torch.SUM);
    }

    @ParameterizedTest
    @CsvSource({"8, 0.2", "500, 0.7"})
    void values(int rows, double clip) {
        Data data = new Data(rows, 1, SEED + 2);
        double[] values = data.logits(1);
        double[] returns = data.logits(1);
        double[] old = data.logits(1);
        double[] gradient = new double[rows];
        double plain = ValueLoss.create()
                .compute(RowValues.of(values), RowValues.of(returns), null, null, RowValues.of(gradient))
                .value();
        Torch.Value theirs = Torch.differentiate(
                values,
                rows,
                1,
                v -> torch.mse_loss(v, Torch.doubles(returns, rows, 1), Torch.MEAN)
                        .div(Torch.scalar(2)));
        Comparison.loss("values", plain, theirs.loss());
        Comparison.gradient("values", gradient, theirs.gradient());

        double clipped = ValueLoss.create()
                .clip(clip)
                .compute(RowValues.of(values), RowValues.of(returns), RowValues.of(old), null, RowValues.of(gradient))
                .value();
        theirs = Torch.differentiate(values, rows, 1, v -> {
            Tensor wanted = Torch.doubles(returns, rows, 1);
            Tensor before = Torch.doubles(old, rows, 1);
            Tensor moved = v.sub(before).clamp_min(Torch.scalar(-clip)).clamp_max(Torch.scalar(clip));
            Tensor limited = before.add(moved).sub(wanted).square();
            return v.sub(wanted).square().maximum(limited).mean().div(Torch.scalar(2));
        });
        Comparison.loss("values, clipped", clipped, theirs.loss());
        Comparison.gradient("values, clipped", gradient, theirs.gradient());
    }
}
