package org.crossentropy.peers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.crossentropy.api.BernoulliCrossEntropy;
import org.crossentropy.api.BinaryCrossEntropy;
import org.crossentropy.api.ClassIndices;
import org.crossentropy.api.ClassMask;
import org.crossentropy.api.Distributions;
import org.crossentropy.api.Divergence;
import org.crossentropy.api.InfoNce;
import org.crossentropy.api.LabelSmoothing;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.PolicyLoss;
import org.crossentropy.api.Reduction;
import org.crossentropy.api.RowValues;
import org.crossentropy.api.Similarity;
import org.crossentropy.api.SoftTargets;
import org.crossentropy.api.SoftmaxCrossEntropy;
import org.crossentropy.api.SoftmaxCrossEntropyCall;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Infinities, NaN and nothing at all, side by side: first where both libraries agree, then where they differ by choice, so
 * that what the documentation says of PyTorch is known to be true of it.
 */
@ExtendWith(Comparison.class)
final class SpecialValuesPyTorchTest {

    private static final double NAN = Double.NaN;
    private static final double INFINITY = Double.POSITIVE_INFINITY;

    /** Rows of three classes, of which the first is the target. */
    private static final double[][] ROWS = {
        {1, -INFINITY, 2},
        {-INFINITY, 1, 2},
        {-INFINITY, -INFINITY, -INFINITY},
        {NAN, 1, 2},
        {1, NAN, 2},
        {INFINITY, 1, 2},
        {1, INFINITY, 2},
        {INFINITY, INFINITY, 1},
        {-INFINITY, INFINITY, 1}
    };

    private static final SoftmaxCrossEntropy SUM =
            SoftmaxCrossEntropy.builder().reduction(Reduction.SUM).build();

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void nothingCounts(boolean mean) {
        double[] logits = {1, 2, 3, 4};
        SoftmaxCrossEntropy loss = mean ? SoftmaxCrossEntropy.create() : SUM;
        Torch.Value ours = ours(logits, 2, x -> loss.on(x, ClassIndices.of(-100, -100)));
        Torch.Value theirs = Torch.differentiate(
                logits, 2, 2, x -> hard(x, new long[] {-100, -100}, mean ? Torch.MEAN : Torch.SUM, 0));
        assertEquals(mean ? NAN : 0, theirs.loss());
        compare("special values, all rows ignored", ours, theirs);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.1})
    void infinitiesAndNanAmongLogits(double smoothing) {
        SoftmaxCrossEntropy loss = SoftmaxCrossEntropy.builder()
                .labelSmoothing(LabelSmoothing.uniform(smoothing))
                .reduction(Reduction.SUM)
                .build();
        for (double[] row : ROWS) {
            compare(
                    "special values, logits of a softmax",
                    ours(row, 1, x -> loss.on(x, ClassIndices.of(0))),
                    Torch.differentiate(row, 1, 3, x -> hard(x, new long[] {0}, Torch.SUM, smoothing)));
        }
    }

    @ParameterizedTest
    @CsvSource({"Infinity, 0", "Infinity, 0.5", "800, 0", "800, 0.5", "-800, 1", "-800, 0.5", "NaN, 0", "NaN, 1"})
    void binaryWherePyTorchIsDefined(double logit, double target) {
        compare("special values, binary logits", binary(logit, target), binaryThere(logit, target));
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "1, 0", "0, 0.5", "1, 0.5", "0, 0", "1, 1", "1e-50, 1", "1e-50, 0.5"})
    void bernoulliLossAtTheBound(double probability, double target) {
        Comparison.loss(
                "special values, Bernoulli bounded by 100",
                bernoulli(100, probability, target).loss(),
                bernoulliThere(probability, target).loss());
    }

    /** PyTorch multiplies -inf by 0. */
    @Test
    void targetOfZeroTimesMinusInfinityDiffers() {
        double[] logits = {1, -INFINITY, 2};
        double[] targets = {1, 0, 0};
        Torch.Value ours = ours(logits, 1, x -> SUM.on(x, SoftTargets.of(Matrix.of(targets, 1, 3))));
        Torch.Value theirs = Torch.differentiate(
                logits,
                1,
                3,
                x -> torch.cross_entropy_loss(x, Torch.doubles(targets, 1, 3), Torch.none(), Torch.SUM, -100, 0));
        assertEquals(NAN, theirs.loss());
        assertEquals(ours(logits, 1, x -> SUM.on(x, ClassIndices.of(0))).loss(), ours.loss());
        Comparison.gradient(
                "special values, soft target 0 at logit -inf (gradient)", ours.gradient(), theirs.gradient());
    }

    @Test
    void weightOfZeroTimesInfinityDiffers() {
        double[] logits = {-INFINITY, 1, 2};
        double[] weights = {0, 1, 1};
        SoftmaxCrossEntropy loss = SUM.toBuilder().classWeights(weights).build();
        Torch.Value theirs = Torch.differentiate(
                logits,
                1,
                3,
                x -> torch.cross_entropy_loss(
                        x,
                        Torch.longs(new long[] {0}, 1),
                        Torch.optional(Torch.doubles(weights, 3)),
                        Torch.SUM,
                        -100,
                        0));
        assertEquals(NAN, theirs.loss());
        assertEquals(0, ours(logits, 1, x -> loss.on(x, ClassIndices.of(0))).loss());
    }

    /** A row left out spoils PyTorch's gradient if it holds NaN. */
    @Test
    void gradientOfIgnoredRowsDiffers() {
        double[] logits = {NAN, 1, 2};
        Torch.Value ours = ours(logits, 1, x -> SUM.on(x, ClassIndices.of(-100)));
        Torch.Value theirs = Torch.differentiate(logits, 1, 3, x -> hard(x, new long[] {-100}, Torch.SUM, 0));
        assertEquals(0, theirs.loss());
        assertEquals(0, ours.loss());
        assertArrayEquals(new double[] {NAN, NAN, NAN}, theirs.gradient());
        assertArrayEquals(new double[3], ours.gradient());
    }

    /** Right by 40 nats, PyTorch's loss is 0 in float64 too, and with it the gradient at the target. */
    @Test
    void sureAndRightDiffers() {
        double[] logits = {40, 0};
        Torch.Value ours = ours(logits, 1, x -> SUM.on(x, ClassIndices.of(0)));
        Torch.Value theirs = Torch.differentiate(logits, 1, 2, x -> hard(x, new long[] {0}, Torch.SUM, 0));
        assertEquals(0, theirs.loss());
        assertEquals(0, theirs.gradient()[0]);
        assertEquals(Math.exp(-40), ours.loss(), 1e-12 * Math.exp(-40));
        assertEquals(-Math.exp(-40), ours.gradient()[0], 1e-12 * Math.exp(-40));
    }

    @Test
    void sureAndRightOfBinaryDiffers() {
        double tiny = Math.exp(-40);
        assertEquals(0, binaryThere(-40, 0).loss());
        assertEquals(tiny, binary(-40, 0).loss(), 1e-12 * tiny);
        assertEquals(0, binaryThere(40, 1).gradient()[0]);
        assertEquals(-tiny, binary(40, 1).gradient()[0], 1e-12 * tiny);
    }

    /** The other infinite logits: PyTorch multiplies them by what the target lacks to 1. */
    @ParameterizedTest
    @CsvSource({"Infinity, 1, 0", "-Infinity, 0, 0", "-Infinity, 1, Infinity", "-Infinity, 0.5, Infinity"})
    void binaryInfinitiesDiffer(double logit, double target, double loss) {
        assertEquals(NAN, binaryThere(logit, target).loss());
        assertEquals(loss, binary(logit, target).loss());
        Comparison.gradient(
                "special values, binary logits (gradient)",
                binary(logit, target).gradient(),
                binaryThere(logit, target).gradient());
    }

    /** PyTorch's gradient is not that of its own loss where its logarithm is cut: it is 1e12, or 0 at the right answer. */
    @Test
    void bernoulliGradientAtTheBoundDiffers() {
        assertEquals(-1e12, bernoulliThere(0, 1).gradient()[0], 1e4);
        assertEquals(0, bernoulli(100, 0, 1).gradient()[0]);
        assertEquals(-INFINITY, bernoulli(INFINITY, 0, 1).gradient()[0]);
        assertEquals(INFINITY, bernoulli(INFINITY, 0, 1).loss());
        assertEquals(0, bernoulliThere(0, 0).gradient()[0]);
        assertEquals(1, bernoulli(100, 0, 0).gradient()[0]);
    }

    /** A class of probability 0 on the left adds nothing, whatever is on the right; PyTorch multiplies 0 by infinity. */
    @Test
    void divergenceOfImpossibleClassesDiffers() {
        double[] p = {0, 1};
        double[] logP = {-INFINITY, 0};
        double[] q = {-INFINITY, 0};
        assertEquals(NAN, kullbackLeiblerThere(q, p, false).loss());
        assertEquals(0, kullbackLeibler(pair(p, false), pair(q, true)).loss());
        double[] even = {-1, -1};
        assertEquals(NAN, kullbackLeiblerThere(even, logP, true).loss());
        assertEquals(1, kullbackLeibler(pair(logP, true), pair(even, true)).loss());
    }

    @Test
    void gradientByImpossibleClassesDiffers() {
        double[] p = {0, 1};
        double[] even = {-1, -1};
        Torch.Value theirs = Torch.differentiate(
                p, 1, 2, target -> torch.kl_div(Torch.doubles(even, 1, 2), target, Torch.SUM, false));
        assertArrayEquals(new double[] {NAN, 2}, theirs.gradient());
        assertArrayEquals(
                new double[] {-INFINITY, 2},
                kullbackLeibler(pair(p, false), pair(even, true)).gradient());
    }

    /** The divergence and its gradient with respect to p. */
    private static Torch.Value kullbackLeibler(Distributions p, Distributions q) {
        double[] gradient = new double[2];
        double loss = Divergence.of(Divergence.Kind.KULLBACK_LEIBLER)
                .on(p, q)
                .gradientOfP(Matrix.of(gradient, 1, 2))
                .compute()
                .value();
        return new Torch.Value(loss, gradient);
    }

    /** Masked by -inf, PyTorch's entropy is NaN, which is why trainers mask by a large number. */
    @Test
    void entropyOfMaskedActionsDiffers() {
        double[] logits = {1, 2, 3};
        double[] gradient = new double[3];
        double[] pair = {1, 2};
        double ours = PolicyLoss.reinforce()
                .entropyBonus(1)
                .build()
                .on(Matrix.of(logits, 1, 3), ClassIndices.of(0), RowValues.of(new double[1]))
                .actionMask(ClassMask.keep(true, true, false))
                .gradient(Matrix.of(gradient, 1, 3))
                .compute()
                .value();
        Torch.Value masked =
                Torch.differentiate(new double[] {1, 2, -INFINITY}, 1, 3, SpecialValuesPyTorchTest::entropy);
        assertEquals(NAN, masked.loss());
        assertArrayEquals(new double[] {NAN, NAN, NAN}, masked.gradient());
        Torch.Value without = Torch.differentiate(pair, 1, 2, x -> entropy(x).neg());
        Comparison.loss("special values, entropy without masked actions", ours, without.loss());
        double[] others = {without.gradient()[0], without.gradient()[1], 0};
        Comparison.gradient("special values, entropy without masked actions", gradient, others);
    }

    /** An embedding of zeros has no direction: PyTorch divides its gradient by 1e-12, here it is 0. */
    @Test
    void gradientOfZeroEmbeddingDiffers() {
        double[] queries = {0, 0, 1, 2};
        double[] keys = {1, 2, 3, -1};
        double[] gradient = new double[4];
        double ours = InfoNce.of(Similarity.COSINE, 1)
                .on(Matrix.of(queries, 2, 2), Matrix.of(keys, 2, 2))
                .queryGradient(Matrix.of(gradient, 2, 2))
                .compute()
                .value();
        Torch.Value theirs = Torch.differentiate(queries, 2, 2, q -> {
            Tensor k = torch.normalize(Torch.doubles(keys, 2, 2));
            return hard(torch.normalize(q).matmul(k.t()), new long[] {0, 1}, Torch.MEAN, 0);
        });
        Comparison.loss("special values, embedding of zeros (loss)", ours, theirs.loss());
        assertEquals(0, gradient[0]);
        assertEquals(11, Math.log10(Math.abs(theirs.gradient()[0])), 1);
    }

    private static void compare(String name, Torch.Value ours, Torch.Value theirs) {
        Comparison.loss(name, ours.loss(), theirs.loss());
        Comparison.gradient(name, ours.gradient(), theirs.gradient());
    }

    private static Torch.Value ours(double[] logits, int rows, Function<Matrix, SoftmaxCrossEntropyCall> call) {
        double[] gradient = new double[logits.length];
        int classes = logits.length / rows;
        double loss = call.apply(Matrix.of(logits, rows, classes))
                .gradient(Matrix.of(gradient, rows, classes))
                .compute()
                .value();
        return new Torch.Value(loss, gradient);
    }

    private static Tensor hard(Tensor logits, long[] targets, long reduction, double smoothing) {
        return torch.cross_entropy_loss(
                logits, Torch.longs(targets, targets.length), Torch.none(), reduction, -100, smoothing);
    }

    private static Torch.Value binary(double logit, double target) {
        double[] gradient = new double[1];
        double loss = BinaryCrossEntropy.create()
                .lossAndGradient(one(logit), one(target), Matrix.of(gradient, 1, 1))
                .value();
        return new Torch.Value(loss, gradient);
    }

    private static Torch.Value binaryThere(double logit, double target) {
        return Torch.differentiate(
                new double[] {logit},
                1,
                1,
                x -> torch.binary_cross_entropy_with_logits(
                        x, Torch.doubles(new double[] {target}, 1, 1), Torch.none(), Torch.none(), Torch.SUM));
    }

    private static Torch.Value bernoulli(double bound, double probability, double target) {
        double[] gradient = new double[1];
        BernoulliCrossEntropy.Builder builder = BernoulliCrossEntropy.builder();
        double loss = (bound == INFINITY ? builder : builder.logClamp(bound))
                .build()
                .lossAndGradient(one(probability), one(target), Matrix.of(gradient, 1, 1))
                .value();
        return new Torch.Value(loss, gradient);
    }

    private static Torch.Value bernoulliThere(double probability, double target) {
        return Torch.differentiate(
                new double[] {probability},
                1,
                1,
                p -> torch.binary_cross_entropy(
                        p, Torch.doubles(new double[] {target}, 1, 1), Torch.none(), Torch.SUM));
    }

    private static Torch.Value kullbackLeiblerThere(double[] logQ, double[] target, boolean logTarget) {
        return Torch.differentiate(logQ, 1, 2, q -> torch.kl_div(q, Torch.doubles(target, 1, 2), Torch.SUM, logTarget));
    }

    private static Distributions pair(double[] values, boolean logs) {
        Matrix matrix = Matrix.of(values, 1, 2);
        return logs ? Distributions.ofLogProbabilities(matrix) : Distributions.ofProbabilities(matrix);
    }

    private static Matrix one(double value) {
        return Matrix.of(new double[] {value}, 1, 1);
    }

    private static Tensor entropy(Tensor logits) {
        return torch.softmax(logits, 1).mul(torch.log_softmax(logits, 1)).sum().neg();
    }
}
