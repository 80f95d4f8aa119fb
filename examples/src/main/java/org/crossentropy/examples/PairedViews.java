package org.crossentropy.examples;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.crossentropy.api.ContrastiveResult;
import org.crossentropy.api.InfoNce;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.MatrixProduct;
import org.crossentropy.api.MatrixProduct.Operand;

/**
 * Learns which halves of handwritten digits belong together, as CLIP learns which texts and images do: an encoder for each
 * kind of half, and the symmetric InfoNCE loss with a learnt temperature. One half is the odd rows of an image, the other
 * the even ones.
 */
final class PairedViews {

    /**
     * What came of it, of the held-out digits.
     *
     * @param chance share of halves whose partner is found by guessing
     * @param before share of halves whose partner is the most similar of all, before training
     * @param after the same after training
     * @param loss the loss after training in nats; guessing has that of {@code log N}
     */
    record Outcome(double chance, double before, double after, ContrastiveResult loss) {}

    private static final int VIEW = Digits.PIXELS / 2;
    private static final int HIDDEN = 256;
    private static final int EMBEDDING = 32;
    private static final int BATCH = 128;
    private static final int EPOCHS = 30;
    private static final double LEARNING_RATE = 5e-3;
    private static final double FIRST_TEMPERATURE = 0.07;
    private static final double LARGEST_LOGIT_SCALE = 100;

    private final RandomGenerator random = new SplittableRandom(1);
    private final Digits digits = Digits.load();
    private final List<float[]> heldOut = images(digits.heldOut());
    private final Perceptron oddRows = new Perceptron(VIEW, HIDDEN, EMBEDDING, heldOut.size(), random);
    private final Perceptron evenRows = new Perceptron(VIEW, HIDDEN, EMBEDDING, heldOut.size(), random);
    private final Matrix oddGradients = Floats.matrix(BATCH, EMBEDDING);
    private final Matrix evenGradients = Floats.matrix(BATCH, EMBEDDING);
    private final Parameter logLogitScale = Parameter.zeros(1, 1);
    private final InfoNce loss = InfoNce.clip(1);

    static void main() {
        new PairedViews().run(IO::println);
    }

    Outcome run(Consumer<String> log) {
        logLogitScale.value().set(0, 0, -Math.log(FIRST_TEMPERATURE));
        double before = retrieval();
        log.accept(String.format(Locale.ROOT, "before: %.1f %% of the held-out partners found", 100 * before));
        int[] order = digits.training();
        for (int epoch = 1; epoch <= EPOCHS; epoch++) {
            Digits.shuffle(order, random);
            double learningRate = LEARNING_RATE * (EPOCHS - epoch + 1) / EPOCHS;
            // The last batch would be smaller and have fewer negatives; the next order brings its digits again.
            for (int from = 0; from + BATCH <= order.length; from += BATCH) {
                ContrastiveResult result = learn(images(Arrays.copyOfRange(order, from, from + BATCH)), learningRate);
                if (epoch % 10 == 0 && from == 0) {
                    report(log, "epoch " + epoch, result);
                }
            }
        }
        ContrastiveResult score = loss().loss(oddRows(heldOut), evenRows(heldOut));
        report(log, "held out", score);
        double after = retrieval();
        log.accept(String.format(Locale.ROOT, "after: %.1f %% of the held-out partners found", 100 * after));
        return new Outcome(1.0 / heldOut.size(), before, after, score);
    }

    private static void report(Consumer<String> log, String what, ContrastiveResult result) {
        double guessing = Math.log((double) result.loss().count());
        log.accept(String.format(
                Locale.ROOT,
                "%s: loss %.3f nats, log N = %.3f, temperature %.3f",
                what,
                result.value(),
                guessing,
                1 / result.logitScale()));
    }

    /** The loss at the scale learnt so far; its logarithm is what is learnt, so it stays positive. */
    private InfoNce loss() {
        return loss.logitScale(
                Math.min(LARGEST_LOGIT_SCALE, Math.exp(logLogitScale.value().get(0, 0))));
    }

    private ContrastiveResult learn(List<float[]> batch, double learningRate) {
        ContrastiveResult result =
                loss().lossAndGradients(oddRows(batch), evenRows(batch), oddGradients, evenGradients);
        oddRows.learn(oddGradients, learningRate);
        evenRows.learn(evenGradients, learningRate);
        logLogitScale.gradient().set(0, 0, result.logLogitScaleGradient());
        logLogitScale.step(learningRate);
        return result;
    }

    /** The share of odd rows whose own even rows are more similar than those of all other held-out digits. */
    private double retrieval() {
        Matrix queries = unit(oddRows(heldOut));
        Matrix keys = unit(evenRows(heldOut));
        Matrix similarities = Floats.matrix(heldOut.size(), heldOut.size());
        MatrixProduct.create().multiply(queries, Operand.PLAIN, keys, Operand.TRANSPOSED, 1, 0, similarities);
        int found = 0;
        for (int i = 0; i < heldOut.size(); i++) {
            found += Floats.largest(similarities, i) == i ? 1 : 0;
        }
        return (double) found / heldOut.size();
    }

    /** Scales every row to length 1, so that products are cosines. */
    private static Matrix unit(Matrix matrix) {
        for (long row = 0; row < matrix.rows(); row++) {
            double squares = 0;
            for (int j = 0; j < matrix.columns(); j++) {
                squares += matrix.get(row, j) * matrix.get(row, j);
            }
            for (int j = 0; j < matrix.columns(); j++) {
                matrix.set(row, j, matrix.get(row, j) / Math.sqrt(squares));
            }
        }
        return matrix;
    }

    private List<float[]> images(int... numbers) {
        return Arrays.stream(numbers).mapToObj(digits.images()::get).toList();
    }

    private Matrix oddRows(List<float[]> images) {
        return embeddings(oddRows, images, 0);
    }

    private Matrix evenRows(List<float[]> images) {
        return embeddings(evenRows, images, 1);
    }

    /** The embeddings of every other row of pixels. */
    private static Matrix embeddings(Perceptron encoder, List<float[]> images, int firstRow) {
        for (int i = 0; i < images.size(); i++) {
            for (int j = 0; j < VIEW; j++) {
                int row = 2 * (j / Digits.SIDE) + firstRow;
                encoder.input().set(i, j, images.get(i)[row * Digits.SIDE + j % Digits.SIDE]);
            }
        }
        return encoder.forward(images.size());
    }
}
