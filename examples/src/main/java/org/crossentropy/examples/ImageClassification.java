package org.crossentropy.examples;

import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.crossentropy.api.ClassIndices;
import org.crossentropy.api.LabelSmoothing;
import org.crossentropy.api.LossResult;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.SoftmaxCrossEntropy;

/**
 * Classifies handwritten digits by softmax cross-entropy: smoothed targets, the gradient written over the logits, and
 * batches whose results are merged.
 */
final class ImageClassification {

    /**
     * What came of it.
     *
     * @param loss mean loss of the held-out digits in nats, of plain targets
     * @param accuracy share of the held-out digits that are classified rightly
     */
    record Outcome(double loss, double accuracy) {}

    private static final int HIDDEN = 256;
    private static final int BATCH = 32;
    private static final int EPOCHS = 60;
    private static final double LEARNING_RATE = 1e-2;

    private final SoftmaxCrossEntropy loss = SoftmaxCrossEntropy.create();
    private final SoftmaxCrossEntropy smoothedLoss =
            loss.toBuilder().labelSmoothing(LabelSmoothing.uniform(0.1)).build();
    private final RandomGenerator random = new SplittableRandom(1);
    private final Digits digits = Digits.load();
    private final Perceptron network =
            new Perceptron(Digits.PIXELS, HIDDEN, Digits.CLASSES, digits.heldOut().length, random);

    static void main() {
        new ImageClassification().run(IO::println);
    }

    Outcome run(Consumer<String> log) {
        int[] order = digits.training();
        for (int epoch = 1; epoch <= EPOCHS; epoch++) {
            Digits.shuffle(order, random);
            LossResult result = epoch(order, LEARNING_RATE * (EPOCHS - epoch + 1) / EPOCHS);
            if (epoch % 10 == 0) {
                log.accept(String.format(Locale.ROOT, "epoch %2d: smoothed loss %.4f nats", epoch, result.mean()));
            }
        }
        Outcome outcome = score(digits.heldOut());
        log.accept(String.format(
                Locale.ROOT, "held out: loss %.4f nats, %.1f %% right", outcome.loss(), 100 * outcome.accuracy()));
        return outcome;
    }

    private LossResult epoch(int[] order, double learningRate) {
        LossResult total = null;
        for (int from = 0; from < order.length; from += BATCH) {
            int[] batch = Arrays.copyOfRange(order, from, Math.min(order.length, from + BATCH));
            Matrix logits = logits(batch, true);
            // The logits are not needed any more: their gradient may take their place.
            LossResult result = smoothedLoss.lossAndGradient(logits, classes(batch), logits);
            network.learn(logits, learningRate);
            // Sums and counts add up, so a last batch that is smaller gets no more than its share.
            total = total == null ? result : total.merge(result);
        }
        return Objects.requireNonNull(total, "no digits");
    }

    private Outcome score(int[] batch) {
        Matrix logits = logits(batch, false);
        int right = 0;
        for (int i = 0; i < batch.length; i++) {
            right += Floats.largest(logits, i) == digits.classes().get(batch[i]) ? 1 : 0;
        }
        return new Outcome(loss.loss(logits, classes(batch)).mean(), (double) right / batch.length);
    }

    /** The logits of digits; to learn from, each is moved a little, so that there are more of them. */
    private Matrix logits(int[] batch, boolean learning) {
        for (int i = 0; i < batch.length; i++) {
            float[] image = digits.images().get(batch[i]);
            float[] seen = learning ? Digits.moved(image, random) : image;
            for (int j = 0; j < seen.length; j++) {
                network.input().set(i, j, seen[j]);
            }
        }
        return network.forward(batch.length);
    }

    private ClassIndices classes(int[] batch) {
        return ClassIndices.of(Arrays.stream(batch).map(digits.classes()::get).toArray());
    }
}
