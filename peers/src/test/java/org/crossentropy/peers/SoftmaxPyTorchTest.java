package org.crossentropy.peers;

import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.crossentropy.api.ClassIndices;
import org.crossentropy.api.ClassMask;
import org.crossentropy.api.Denominator;
import org.crossentropy.api.LabelSmoothing;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.Reduction;
import org.crossentropy.api.RowValues;
import org.crossentropy.api.SoftTargets;
import org.crossentropy.api.SoftmaxCrossEntropy;
import org.crossentropy.api.SoftmaxCrossEntropyCall;
import org.crossentropy.api.Targets;
import org.crossentropy.api.TopTargets;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Softmax cross-entropy of logits beside {@code torch.nn.functional.cross_entropy}, and its shapers beside autograd. */
@ExtendWith(Comparison.class)
final class SoftmaxPyTorchTest {

    private static final long SEED = 20261123;

    private static void compare(
            String name,
            Data data,
            double[] logits,
            Function<Matrix, SoftmaxCrossEntropyCall> ours,
            Function<Tensor, Tensor> theirs) {
        double[] gradient = new double[logits.length];
        Matrix output = Matrix.of(gradient, data.rows, data.classes);
        double loss = ours.apply(Matrix.of(logits, data.rows, data.classes))
                .gradient(output)
                .compute()
                .value();
        Torch.Value value = Torch.differentiate(logits, data.rows, data.classes, theirs);
        Comparison.loss(name, loss, value.loss());
        Comparison.gradient(name, gradient, value.gradient());
    }

    @ParameterizedTest
    @CsvSource({"5, 1", "8, 2", "33, 10", "16, 257", "4, 5000"})
    void classIndices(int rows, int classes) {
        Data data = new Data(rows, classes, SEED);
        double[] logits = data.logits(3);
        long[] targets = data.targets(true);
        double[] weights = data.perClass(0.1, 2);
        for (boolean weighted : new boolean[] {false, true}) {
            for (double smoothing : new double[] {0, 0.1, 1}) {
                for (boolean mean : new boolean[] {true, false}) {
                    SoftmaxCrossEntropy.Builder builder = SoftmaxCrossEntropy.builder()
                            .labelSmoothing(LabelSmoothing.uniform(smoothing))
                            .reduction(mean ? Reduction.MEAN : Reduction.SUM);
                    SoftmaxCrossEntropy loss =
                            weighted ? builder.classWeights(weights).build() : builder.build();
                    compare(
                            "class indices" + (weighted ? ", class weights" : "")
                                    + (smoothing > 0 ? ", smoothing" : ""),
                            data,
                            logits,
                            x -> loss.on(x, ClassIndices.of(targets)),
                            x -> torch.cross_entropy_loss(
                                    x,
                                    Torch.longs(targets, rows),
                                    weighted ? Torch.optional(Torch.doubles(weights, classes)) : Torch.none(),
                                    mean ? Torch.MEAN : Torch.SUM,
                                    -100,
                                    smoothing));
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"5, 1", "8, 2", "33, 10", "16, 257", "4, 5000"})
    void softTargets(int rows, int classes) {
        Data data = new Data(rows, classes, SEED + 1);
        double[] logits = data.logits(3);
        double[] weights = data.perClass(0.1, 2);
        for (boolean normalised : new boolean[] {true, false}) {
            double[] soft = normalised ? data.distributions() : data.between(0, 1);
            Targets targets = SoftTargets.of(Matrix.of(soft, rows, classes));
            for (double smoothing : new double[] {0, 0.3}) {
                SoftmaxCrossEntropy loss = SoftmaxCrossEntropy.builder()
                        .classWeights(weights)
                        .labelSmoothing(LabelSmoothing.uniform(smoothing))
                        .reduction(Reduction.mean(Denominator.Of.ALL_ROWS))
                        .build();
                compare(
                        "soft targets, class weights" + (smoothing > 0 ? ", smoothing" : ""),
                        data,
                        logits,
                        x -> loss.on(x, targets),
                        x -> torch.cross_entropy_loss(
                                x,
                                Torch.doubles(soft, rows, classes),
                                Torch.optional(Torch.doubles(weights, classes)),
                                Torch.MEAN,
                                -100,
                                smoothing));
            }
            double[] targetGradient = new double[soft.length];
            SoftmaxCrossEntropy plain =
                    SoftmaxCrossEntropy.builder().reduction(Reduction.SUM).build();
            plain.on(Matrix.of(logits, rows, classes), targets)
                    .targetGradient(Matrix.of(targetGradient, rows, classes))
                    .compute();
            Torch.Value value = Torch.differentiate(
                    soft,
                    rows,
                    classes,
                    t -> torch.cross_entropy_loss(
                            Torch.doubles(logits, rows, classes), t, Torch.none(), Torch.SUM, -100, 0));
            Comparison.gradient("soft targets, gradient by the targets", targetGradient, value.gradient());
        }
    }

    @ParameterizedTest
    @CsvSource({"8, 2", "33, 10", "16, 257"})
    void shapersMasksAndSampleWeights(int rows, int classes) {
        Data data = new Data(rows, classes, SEED + 2);
        double[] logits = data.logits(6);
        long[] targets = data.targets(false);
        double[] samples = data.perRow(0.1, 3);
        boolean[] kept = data.mask(targets);
        double cap = 5;
        double temperature = 1.7;
        double zLoss = 0.01;
        SoftmaxCrossEntropy loss = SoftmaxCrossEntropy.builder()
                .softCap(cap)
                .temperature(temperature)
                .zLoss(zLoss)
                .reduction(Reduction.SUM)
                .build();
        compare(
                "soft-cap, temperature, z-loss, mask of rows, sample weights",
                data,
                logits,
                x -> loss.on(x, ClassIndices.of(targets))
                        .sampleWeights(RowValues.of(samples))
                        .classMask(ClassMask.perRow(Masks.bytes(kept), rows, classes)),
                x -> {
                    Tensor shaped = x.div(Torch.scalar(cap))
                            .tanh()
                            .mul(Torch.scalar(cap))
                            .div(Torch.scalar(temperature))
                            .masked_fill(
                                    Torch.booleans(kept, rows, classes).logical_not(),
                                    Torch.scalar(Double.NEGATIVE_INFINITY));
                    Tensor nll = Torch.logProbability(shaped, Torch.longs(targets, rows))
                            .neg();
                    Tensor z = torch.logsumexp(shaped, 1).square().mul(Torch.scalar(zLoss));
                    return nll.add(z).mul(Torch.doubles(samples, rows)).sum();
                });
    }

    @ParameterizedTest
    @CsvSource({"8, 2, 0.5", "33, 10, 2", "16, 257, 1"})
    void focalAndPoly(int rows, int classes, double parameter) {
        Data data = new Data(rows, classes, SEED + 3);
        double[] logits = data.logits(2);
        long[] targets = data.targets(false);
        SoftmaxCrossEntropy focal = SoftmaxCrossEntropy.builder()
                .focal(parameter)
                .reduction(Reduction.SUM)
                .build();
        compare("focal", data, logits, x -> focal.on(x, ClassIndices.of(targets)), x -> {
            Tensor log = Torch.logProbability(x, Torch.longs(targets, rows));
            Tensor rest = log.exp().neg().add(Torch.scalar(1));
            return rest.pow(Torch.scalar(parameter)).mul(log).neg().sum();
        });
        SoftmaxCrossEntropy poly = SoftmaxCrossEntropy.builder()
                .poly1(parameter)
                .reduction(Reduction.SUM)
                .build();
        compare("poly-1", data, logits, x -> poly.on(x, ClassIndices.of(targets)), x -> {
            Tensor log = Torch.logProbability(x, Torch.longs(targets, rows));
            Tensor rest = log.exp().neg().add(Torch.scalar(1));
            return rest.mul(Torch.scalar(parameter)).sub(log).sum();
        });
    }

    /** Smoothing over the other classes, which PyTorch lacks, beside the dense targets that it means. */
    @ParameterizedTest
    @CsvSource({"8, 2", "33, 10", "16, 257"})
    void smoothingOfOthers(int rows, int classes) {
        Data data = new Data(rows, classes, SEED + 4);
        double[] logits = data.logits(3);
        long[] targets = data.targets(false);
        double epsilon = 0.1;
        double[] dense = data.oneHot(targets);
        for (int i = 0; i < dense.length; i++) {
            dense[i] = dense[i] == 1 ? 1 - epsilon : epsilon / (classes - 1);
        }
        SoftmaxCrossEntropy loss = SoftmaxCrossEntropy.builder()
                .labelSmoothing(LabelSmoothing.others(epsilon))
                .build();
        compare(
                "class indices, smoothing over the others (Megatron-LM)",
                data,
                logits,
                x -> loss.on(x, ClassIndices.of(targets)),
                x -> torch.cross_entropy_loss(
                        x, Torch.doubles(dense, rows, classes), Torch.none(), Torch.MEAN, -100, 0));
    }

    /** Sparse soft targets beside dense ones; one class is named twice in each row, one entry of each row is not used. */
    @ParameterizedTest
    @CsvSource({"33, 10, 4", "16, 257, 8"})
    void topTargets(int rows, int classes, int top) {
        Data data = new Data(rows, classes, SEED + 5);
        double[] logits = data.logits(3);
        double[] probabilities = new Data(rows, top, SEED + 6).distributions();
        long[] indices = new Data(rows * top, classes, SEED + 7).targets(false);
        double[] dense = new double[logits.length];
        for (int i = 0; i < indices.length; i++) {
            int row = i / top;
            switch (i % top) {
                case 0 -> indices[i] = indices[i + 1];
                case 2 -> indices[i] = -1;
                default -> {}
            }
            if (indices[i] >= 0) {
                dense[row * classes + Math.toIntExact(indices[i])] += probabilities[i];
            }
        }
        Targets targets = TopTargets.of(ClassIndices.of(indices), Matrix.of(probabilities, rows, top));
        SoftmaxCrossEntropy loss = SoftmaxCrossEntropy.builder().temperature(2).build();
        compare(
                "top targets, temperature",
                data,
                logits,
                x -> loss.on(x, targets),
                x -> torch.cross_entropy_loss(
                        x.div(Torch.scalar(2)),
                        Torch.doubles(dense, rows, classes),
                        Torch.none(),
                        Torch.MEAN,
                        -100,
                        0));
    }

    /** The numbers of rows that come with the loss. */
    @ParameterizedTest
    @CsvSource({"8, 2", "33, 10", "4, 5000"})
    void numbersOfRows(int rows, int classes) {
        Data data = new Data(rows, classes, SEED + 8);
        double[] logits = data.logits(3);
        long[] targets = data.targets(true);
        double[] losses = new double[rows];
        double[] logSumExp = new double[rows];
        double[] entropies = new double[rows];
        SoftmaxCrossEntropy.builder()
                .reduction(Reduction.NONE)
                .build()
                .on(Matrix.of(logits, rows, classes), ClassIndices.of(targets))
                .rowLosses(RowValues.of(losses))
                .compute();
        SoftmaxCrossEntropy.create()
                .on(Matrix.of(logits, rows, classes), ClassIndices.of(data.targets(false)))
                .logSumExp(RowValues.of(logSumExp))
                .entropy(RowValues.of(entropies))
                .compute();
        Comparison.losses(
                "losses of rows",
                losses,
                Torch.evaluate(
                        logits,
                        rows,
                        classes,
                        x -> torch.cross_entropy_loss(
                                x, Torch.longs(targets, rows), Torch.none(), Torch.NONE, -100, 0)));
        Comparison.losses(
                "log-sum-exp of rows", logSumExp, Torch.evaluate(logits, rows, classes, x -> torch.logsumexp(x, 1)));
        Comparison.losses(
                "entropy of rows",
                entropies,
                Torch.evaluate(
                        logits,
                        rows,
                        classes,
                        x -> torch.softmax(x, 1)
                                .mul(torch.log_softmax(x, 1))
                                .sum(1)
                                .neg()));
    }
}
