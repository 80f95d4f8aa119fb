package org.crossentropy.peers;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.crossentropy.api.ClassIndices;
import org.crossentropy.api.ContrastiveResult;
import org.crossentropy.api.InfoNce;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.NtXent;
import org.crossentropy.api.Reduction;
import org.crossentropy.api.SigLip;
import org.crossentropy.api.Similarity;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Losses of pairs beside {@code matmul} and {@code cross_entropy}, with gradients by everything that is learned. */
@ExtendWith(Comparison.class)
final class ContrastivePyTorchTest {

    private static final long SEED = 20261128;

    @ParameterizedTest
    @CsvSource({"1, 1, 3, 1", "8, 8, 5, 0.5", "17, 40, 16, 2"})
    void infoNce(int queries, int keys, int dimensions, double temperature) {
        double[] q = embeddings(queries, dimensions, 0);
        double[] k = embeddings(keys, dimensions, 1);
        long[] positives = new Data(queries, keys, SEED).targets(false);
        for (Similarity similarity : Similarity.values()) {
            for (boolean mean : new boolean[] {true, false}) {
                double[] byQ = new double[q.length];
                double[] byK = new double[k.length];
                ContrastiveResult ours = InfoNce.of(similarity, temperature)
                        .reduction(mean ? Reduction.MEAN : Reduction.SUM)
                        .on(Matrix.of(q, queries, dimensions), Matrix.of(k, keys, dimensions))
                        .positives(ClassIndices.of(positives))
                        .queryGradient(Matrix.of(byQ, queries, dimensions))
                        .keyGradient(Matrix.of(byK, keys, dimensions))
                        .compute();
                Torch.Gradients theirs = Torch.differentiate(
                        x -> crossEntropy(
                                similarities(similarity, x[0], x[1]).div(x[2]),
                                positives,
                                mean ? Torch.MEAN : Torch.SUM),
                        new Torch.Argument(q, queries, dimensions),
                        new Torch.Argument(k, keys, dimensions),
                        Torch.Argument.scalar(temperature));
                String name = "InfoNCE, " + words(similarity);
                compare(name, ours.value(), theirs, byQ, byK, new double[] {ours.temperatureGradient()});
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 3, 1", "8, 5, 14.3", "33, 16, 5"})
    void clip(int pairs, int dimensions, double scale) {
        double[] images = embeddings(pairs, dimensions, 2);
        double[] texts = embeddings(pairs, dimensions, 3);
        double[] byImages = new double[images.length];
        double[] byTexts = new double[texts.length];
        ContrastiveResult ours = InfoNce.clip(scale)
                .rowsPerChunk(7)
                .lossAndGradients(
                        Matrix.of(images, pairs, dimensions),
                        Matrix.of(texts, pairs, dimensions),
                        Matrix.of(byImages, pairs, dimensions),
                        Matrix.of(byTexts, pairs, dimensions));
        long[] own = places(pairs, 0);
        Torch.Gradients theirs = Torch.differentiate(
                x -> {
                    Tensor logits = similarities(Similarity.COSINE, x[0], x[1]).mul(x[2].exp());
                    Tensor forth = crossEntropy(logits, own, Torch.MEAN);
                    return forth.add(crossEntropy(logits.t(), own, Torch.MEAN)).div(Torch.scalar(2));
                },
                new Torch.Argument(images, pairs, dimensions),
                new Torch.Argument(texts, pairs, dimensions),
                Torch.Argument.scalar(Math.log(scale)));
        double[] byLogScale = {ours.logLogitScaleGradient()};
        compare("InfoNCE, CLIP", ours.value(), theirs, byImages, byTexts, byLogScale);
    }

    @ParameterizedTest
    @CsvSource({"1, 3, 1", "8, 5, 0.5", "21, 16, 0.1"})
    void ntXent(int samples, int dimensions, double temperature) {
        int views = 2 * samples;
        double[] z = embeddings(views, dimensions, 4);
        for (Similarity similarity : Similarity.values()) {
            double[] gradient = new double[z.length];
            ContrastiveResult ours = NtXent.of(similarity, temperature)
                    .lossAndGradient(Matrix.of(z, views, dimensions), Matrix.of(gradient, views, dimensions));
            Torch.Gradients theirs = Torch.differentiate(
                    x -> {
                        Tensor self = torch.eye(views).gt(Torch.scalar(0));
                        Tensor others = similarities(similarity, x[0], x[0])
                                .div(x[1])
                                .masked_fill(self, Torch.scalar(Double.NEGATIVE_INFINITY));
                        return crossEntropy(others, places(views, samples), Torch.MEAN);
                    },
                    new Torch.Argument(z, views, dimensions),
                    Torch.Argument.scalar(temperature));
            String name = "NT-Xent, " + words(similarity);
            compare(name, ours.value(), theirs, gradient, new double[] {ours.temperatureGradient()});
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 3, 10, -10", "8, 5, 3, -1.5", "33, 16, 10, -10"})
    void sigLip(int pairs, int dimensions, double scale, double bias) {
        double[] images = embeddings(pairs, dimensions, 5);
        double[] texts = embeddings(pairs, dimensions, 6);
        for (Similarity similarity : Similarity.values()) {
            double[] byImages = new double[images.length];
            double[] byTexts = new double[texts.length];
            ContrastiveResult ours = SigLip.of(similarity, scale, bias)
                    .lossAndGradients(
                            Matrix.of(images, pairs, dimensions),
                            Matrix.of(texts, pairs, dimensions),
                            Matrix.of(byImages, pairs, dimensions),
                            Matrix.of(byTexts, pairs, dimensions));
            Torch.Gradients theirs = Torch.differentiate(
                    x -> {
                        Tensor logits = similarities(similarity, x[0], x[1])
                                .mul(x[2].exp())
                                .add(x[3]);
                        Tensor sides = torch.eye(pairs).mul(Torch.scalar(2)).sub(Torch.scalar(1));
                        return torch.log_sigmoid(sides.mul(logits)).sum().neg().div(Torch.scalar(pairs));
                    },
                    new Torch.Argument(images, pairs, dimensions),
                    new Torch.Argument(texts, pairs, dimensions),
                    Torch.Argument.scalar(Math.log(scale)),
                    Torch.Argument.scalar(bias));
            double[] byLogScale = {ours.logLogitScaleGradient()};
            double[] byBias = {ours.biasGradient().orElseThrow()};
            compare("SigLIP, " + words(similarity), ours.value(), theirs, byImages, byTexts, byLogScale, byBias);
        }
    }

    private static void compare(String name, double loss, Torch.Gradients theirs, double[]... ours) {
        Comparison.loss(name, loss, theirs.loss());
        for (int i = 0; i < ours.length; i++) {
            Comparison.gradient(name, ours[i], theirs.of()[i]);
        }
    }

    private static Tensor similarities(Similarity similarity, Tensor queries, Tensor keys) {
        return switch (similarity) {
            case DOT -> queries.matmul(keys.t());
            case COSINE -> torch.normalize(queries).matmul(torch.normalize(keys).t());
        };
    }

    private static Tensor crossEntropy(Tensor logits, long[] targets, long reduction) {
        return torch.cross_entropy_loss(logits, Torch.longs(targets, targets.length), Torch.none(), reduction, -100, 0);
    }

    /** The numbers from 0, moved on around by a distance. */
    private static long[] places(int count, int distance) {
        long[] places = new long[count];
        for (int i = 0; i < count; i++) {
            places[i] = ((long) i + distance) % count;
        }
        return places;
    }

    private static double[] embeddings(int rows, int dimensions, int which) {
        return new Data(rows, dimensions, SEED + which).logits(0.7);
    }

    private static String words(Similarity similarity) {
        return switch (similarity) {
            case DOT -> "inner product";
            case COSINE -> "cosine";
        };
    }
}
