package org.crossentropy.peers;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.crossentropy.api.BernoulliCrossEntropy;
import org.crossentropy.api.BinaryCrossEntropy;
import org.crossentropy.api.ClassIndices;
import org.crossentropy.api.Denominator;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.Reduction;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Binary cross-entropy beside {@code binary_cross_entropy_with_logits} and {@code binary_cross_entropy}, the focal loss
 * beside the form of torchvision.
 */
@ExtendWith(Comparison.class)
final class BinaryPyTorchTest {

    private static final long SEED = 20261124;

    @ParameterizedTest
    @CsvSource({"5, 1", "33, 1", "16, 10", "7, 257"})
    void logits(int rows, int labels) {
        Data data = new Data(rows, labels, SEED);
        double[] logits = data.logits(4);
        double[] weights = data.between(0.1, 2);
        double[] positive = data.perClass(0.2, 5);
        for (double[] targets : new double[][] {data.labels(), data.between(0, 1)}) {
            for (boolean weighted : new boolean[] {false, true}) {
                for (boolean mean : new boolean[] {true, false}) {
                    BinaryCrossEntropy.Builder builder = BinaryCrossEntropy.builder()
                            .reduction(mean ? Reduction.mean(Denominator.Of.ALL_ROWS) : Reduction.SUM);
                    BinaryCrossEntropy loss =
                            weighted ? builder.positiveWeights(positive).build() : builder.build();
                    Comparison.call(
                            "binary" + (weighted ? ", weights of elements and of positives" : ""),
                            data,
                            logits,
                            x -> weighted
                                    ? loss.on(x, matrix(data, targets)).elementWeights(matrix(data, weights))
                                    : loss.on(x, matrix(data, targets)),
                            x -> torch.binary_cross_entropy_with_logits(
                                    x,
                                    Torch.doubles(targets, rows, labels),
                                    weighted ? Torch.optional(Torch.doubles(weights, rows, labels)) : Torch.none(),
                                    weighted ? Torch.optional(Torch.doubles(positive, labels)) : Torch.none(),
                                    mean ? Torch.MEAN : Torch.SUM));
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"33, 1", "7, 257"})
    void lossesOfElements(int rows, int labels) {
        Data data = new Data(rows, labels, SEED + 1);
        double[] logits = data.logits(4);
        double[] targets = data.between(0, 1);
        double[] weights = data.between(0.1, 2);
        double[] losses = new double[logits.length];
        BinaryCrossEntropy.builder()
                .reduction(Reduction.NONE)
                .build()
                .on(matrix(data, logits), matrix(data, targets))
                .elementWeights(matrix(data, weights))
                .elementLosses(matrix(data, losses))
                .compute();
        Comparison.losses(
                "binary, losses of elements",
                losses,
                Torch.evaluate(
                        logits,
                        rows,
                        labels,
                        x -> torch.binary_cross_entropy_with_logits(
                                x,
                                Torch.doubles(targets, rows, labels),
                                Torch.optional(Torch.doubles(weights, rows, labels)),
                                Torch.none(),
                                Torch.NONE)));
    }

    @ParameterizedTest
    @CsvSource({"5, 0.1", "64, 0.5", "300, 1"})
    void classIndicesAndSmoothing(int rows, double smoothing) {
        Data data = new Data(rows, 1, SEED + 2);
        double[] logits = data.logits(3);
        double[] targets = data.labels();
        long[] classes = new long[rows];
        double[] smoothed = new double[rows];
        for (int i = 0; i < rows; i++) {
            classes[i] = (long) targets[i];
            smoothed[i] = targets[i] * (1 - smoothing) + smoothing / 2;
        }
        BinaryCrossEntropy loss =
                BinaryCrossEntropy.builder().labelSmoothing(smoothing).build();
        Comparison.call(
                "binary, class indices, smoothing",
                data,
                logits,
                x -> loss.on(x, ClassIndices.of(classes)),
                x -> torch.binary_cross_entropy_with_logits(
                        x, Torch.doubles(smoothed, rows, 1), Torch.none(), Torch.none(), Torch.MEAN));
    }

    /** For hard labels beside torchvision's form, which raises what {@code p_t} lacks to 1. */
    @ParameterizedTest
    @CsvSource({"33, 1, 2, 0.25", "16, 10, 0.5, 0.75", "7, 100, 1, 0.5"})
    void focalAndPoly(int rows, int labels, double parameter, double alpha) {
        Data data = new Data(rows, labels, SEED + 3);
        double[] logits = data.logits(2);
        double[] targets = data.labels();
        for (boolean balanced : new boolean[] {false, true}) {
            BinaryCrossEntropy.Builder builder =
                    BinaryCrossEntropy.builder().focal(parameter).reduction(Reduction.SUM);
            BinaryCrossEntropy focal = balanced ? builder.alpha(alpha).build() : builder.build();
            Comparison.call(
                    "binary, focal" + (balanced ? ", alpha" : ""),
                    data,
                    logits,
                    x -> focal.on(x, matrix(data, targets)),
                    x -> {
                        Tensor t = Torch.doubles(targets, rows, labels);
                        Tensor loss = plain(x, t).mul(wrong(x, t).pow(Torch.scalar(parameter)));
                        return (balanced ? loss.mul(either(t, alpha)) : loss).sum();
                    });
        }
        BinaryCrossEntropy poly = BinaryCrossEntropy.builder().poly1(parameter).build();
        Comparison.call("binary, poly-1", data, logits, x -> poly.on(x, matrix(data, targets)), x -> {
            Tensor t = Torch.doubles(targets, rows, labels);
            return plain(x, t).add(wrong(x, t).mul(Torch.scalar(parameter))).mean();
        });
    }

    /** For soft labels the expectation over labels drawn with their probabilities. */
    @ParameterizedTest
    @CsvSource({"33, 1, 2, 0.25", "7, 100, 1, 0.6"})
    void focalOfSoftLabels(int rows, int labels, double gamma, double alpha) {
        Data data = new Data(rows, labels, SEED + 4);
        double[] logits = data.logits(2);
        double[] targets = data.between(0, 1);
        BinaryCrossEntropy focal =
                BinaryCrossEntropy.builder().focal(gamma).alpha(alpha).build();
        Comparison.call(
                "binary, focal, alpha, soft labels", data, logits, x -> focal.on(x, matrix(data, targets)), x -> {
                    Tensor t = Torch.doubles(targets, rows, labels);
                    Tensor yes = torch.log_sigmoid(x).mul(x.neg().sigmoid().pow(Torch.scalar(gamma)));
                    Tensor no = torch.log_sigmoid(x.neg()).mul(x.sigmoid().pow(Torch.scalar(gamma)));
                    return t.mul(yes)
                            .mul(Torch.scalar(alpha))
                            .add(Torch.complement(t).mul(no).mul(Torch.scalar(1 - alpha)))
                            .mean()
                            .neg();
                });
    }

    @ParameterizedTest
    @CsvSource({"5, 1", "16, 10", "7, 257"})
    void probabilities(int rows, int labels) {
        Data data = new Data(rows, labels, SEED + 5);
        double[] probabilities = data.between(0.001, 0.999);
        double[] weights = data.between(0.1, 2);
        double[] positive = data.perClass(0.2, 5);
        double[] targets = data.between(0, 1);
        BernoulliCrossEntropy mean = BernoulliCrossEntropy.builder()
                .reduction(Reduction.mean(Denominator.Of.ALL_ROWS))
                .logClamp(100)
                .build();
        Comparison.call(
                "Bernoulli, weights",
                data,
                probabilities,
                p -> mean.on(p, matrix(data, targets)).elementWeights(matrix(data, weights)),
                p -> torch.binary_cross_entropy(
                        p,
                        Torch.doubles(targets, rows, labels),
                        Torch.optional(Torch.doubles(weights, rows, labels)),
                        Torch.MEAN));
        BernoulliCrossEntropy sum = BernoulliCrossEntropy.builder()
                .reduction(Reduction.SUM)
                .positiveWeights(positive)
                .labelSmoothing(0.2)
                .build();
        Comparison.call(
                "Bernoulli, weights of positives, smoothing",
                data,
                probabilities,
                p -> sum.on(p, matrix(data, targets)),
                p -> {
                    Tensor t = Torch.doubles(targets, rows, labels)
                            .mul(Torch.scalar(0.8))
                            .add(Torch.scalar(0.1));
                    Tensor yes = p.log().mul(t).mul(Torch.doubles(positive, labels));
                    return yes.add(p.neg().log1p().mul(Torch.complement(t)))
                            .sum()
                            .neg();
                });
    }

    private static Matrix matrix(Data data, double[] values) {
        return Matrix.of(values, data.rows, data.classes);
    }

    private static Tensor plain(Tensor logits, Tensor targets) {
        return torch.binary_cross_entropy_with_logits(logits, targets, Torch.none(), Torch.none(), Torch.NONE);
    }

    /** Probability of the label that is not the target. */
    private static Tensor wrong(Tensor logits, Tensor targets) {
        Tensor p = logits.sigmoid();
        return Torch.complement(p.mul(targets).add(Torch.complement(p).mul(Torch.complement(targets))));
    }

    /** Alpha where the target is 1, what it lacks to 1 where the target is 0. */
    private static Tensor either(Tensor targets, double alpha) {
        return targets.mul(Torch.scalar(alpha)).add(Torch.complement(targets).mul(Torch.scalar(1 - alpha)));
    }
}
