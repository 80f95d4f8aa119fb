package org.crossentropy.peers;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.crossentropy.api.ClassIndices;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.Reduction;
import org.crossentropy.api.RowValues;
import org.crossentropy.api.SoftmaxCrossEntropy;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Softmax cross-entropy of float32 logits, ours and PyTorch's, beside PyTorch's of the same logits in float64. Rows are
 * sure: one class is raised above normally distributed others by some nats, and it is the target or it is not. Right by
 * much more float64 is no measure, since PyTorch's own loss loses its digits there too.
 */
@ExtendWith(Comparison.class)
final class SinglePrecisionPyTorchTest {

    private static final int ROWS = 2000;

    /** Losses, and gradients of their sum. */
    @SuppressWarnings("ArrayRecordComponent")
    private record Results(float[] losses, float[] gradient) {}

    @ParameterizedTest
    @CsvSource({
        "'10 classes, unsure', 10, 0, 0, false",
        "'10 classes, right by 5 to 12 nats', 10, 5, 12, false",
        "'10 classes, wrong by 5 to 80 nats', 10, 5, 80, true",
        "'1,000 classes, unsure', 1000, 0, 0, false",
        "'1,000 classes, right by 12 to 15 nats', 1000, 12, 15, false",
        "'1,000 classes, wrong by 12 to 80 nats', 1000, 12, 80, true"
    })
    void errorsInUlp(String name, int classes, double least, double most, boolean wrong) {
        Random random = new Random(20261201 + classes);
        float[] logits = new float[ROWS * classes];
        double[] widened = new double[logits.length];
        long[] targets = new long[ROWS];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = (float) random.nextGaussian();
        }
        for (int row = 0; row < ROWS; row++) {
            int sure = random.nextInt(classes);
            logits[row * classes + sure] += (float) (least + (most - least) * random.nextDouble());
            targets[row] = wrong ? (sure + 1 + random.nextInt(classes - 1)) % classes : sure;
        }
        for (int i = 0; i < logits.length; i++) {
            widened[i] = logits[i];
        }
        double[] losses = Torch.evaluate(widened, ROWS, classes, x -> crossEntropy(x, targets, Torch.NONE));
        double[] gradient = Torch.differentiate(widened, ROWS, classes, x -> crossEntropy(x, targets, Torch.SUM))
                .gradient();
        Results ours = ours(logits, classes, targets);
        Results theirs = theirs(logits, classes, targets);
        double ourLoss = SinglePrecision.ulps(ours.losses(), losses);
        double ourGradient = SinglePrecision.ulps(ours.gradient(), gradient);
        SinglePrecision.row(
                name,
                ourLoss,
                SinglePrecision.ulps(theirs.losses(), losses),
                ourGradient,
                SinglePrecision.ulps(theirs.gradient(), gradient));
        // An ULP for each nat below the maximum, which rounding x - max costs, and 4; normal numbers spread over 10
        // nats.
        double allowed = 4 + most + 10;
        assertTrue(ourLoss <= allowed, "error of losses is " + ourLoss + " ULP, more than " + allowed);
        assertTrue(ourGradient <= allowed, "error of gradients is " + ourGradient + " ULP, more than " + allowed);
    }

    private static Results ours(float[] logits, int classes, long[] targets) {
        float[] losses = new float[ROWS];
        float[] gradient = new float[logits.length];
        SoftmaxCrossEntropy.builder()
                .reduction(Reduction.SUM)
                .build()
                .on(Matrix.of(logits, ROWS, classes), ClassIndices.of(targets))
                .rowLosses(RowValues.of(losses))
                .gradient(Matrix.of(gradient, ROWS, classes))
                .compute();
        return new Results(losses, gradient);
    }

    private static Results theirs(float[] logits, int classes, long[] targets) {
        try (PointerScope _ = new PointerScope()) {
            Tensor input = Torch.floats(logits, ROWS, classes);
            input.set_requires_grad(true);
            Tensor losses = crossEntropy(input, targets, Torch.NONE);
            losses.sum().backward();
            return new Results(Torch.floatArray(losses), Torch.floatArray(input.grad()));
        }
    }

    private static Tensor crossEntropy(Tensor logits, long[] targets, long reduction) {
        return torch.cross_entropy_loss(logits, Torch.longs(targets, ROWS), Torch.none(), reduction, -100, 0);
    }
}
