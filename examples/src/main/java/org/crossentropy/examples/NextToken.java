package org.crossentropy.examples;

import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.crossentropy.api.ClassIndices;
import org.crossentropy.api.Distributions;
import org.crossentropy.api.Divergence;
import org.crossentropy.api.LanguageModelResult;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.NextTokenLoss;
import org.crossentropy.api.Softmax;
import org.crossentropy.api.SoftmaxCrossEntropy;

/**
 * Models a text byte by byte: from the embeddings of the last bytes a network predicts the next (Bengio et al. 2003). The
 * loss takes whole sequences, shifts the targets itself, and reports bits per byte.
 */
final class NextToken {

    /**
     * What came of it, in bits per byte.
     *
     * @param entropy of the text's bytes, each on its own: the least that a code without context needs
     * @param heldOut loss of the last part of the text, which was not learnt
     */
    record Outcome(double entropy, double heldOut) {}

    private static final int CONTEXT = 8;
    private static final int WIDTH = 16;
    private static final int HIDDEN = 128;
    private static final int SEQUENCES = 8;
    private static final int STEPS = 65;
    private static final int BATCHES = 1000;
    private static final double LEARNING_RATE = 8e-3;
    private static final double LEARNT_PART = 0.9;
    private static final double LOG_2 = Math.log(2);

    private final RandomGenerator random = new SplittableRandom(1);
    private final Text text = Text.genesis();
    private final int[] tokens = text.tokens();
    private final int vocabulary = text.vocabulary();
    private final int split = (int) (LEARNT_PART * tokens.length);
    private final NextTokenLoss loss = NextTokenLoss.of(SoftmaxCrossEntropy.create(), STEPS);
    private final Embedding embedding = new Embedding(vocabulary, WIDTH, CONTEXT, random);
    private final Perceptron network = new Perceptron(CONTEXT * WIDTH, HIDDEN, vocabulary, SEQUENCES * STEPS, random);

    static void main() {
        new NextToken().run(IO::println);
    }

    Outcome run(Consumer<String> log) {
        double entropy = entropy();
        log.accept(String.format(Locale.ROOT, "entropy of single bytes: %.3f bits per byte", entropy));
        for (int batch = 1; batch <= BATCHES; batch++) {
            int[] starts = random.ints(SEQUENCES, CONTEXT, split - STEPS).toArray();
            LanguageModelResult result = learn(starts, LEARNING_RATE * (BATCHES - batch + 1) / BATCHES);
            if (batch % (BATCHES / 5) == 0) {
                log.accept(String.format(Locale.ROOT, "batch %4d: %.3f bits per byte", batch, result.bitsPerByte()));
            }
        }
        LanguageModelResult heldOut = score();
        log.accept(String.format(
                Locale.ROOT,
                "held out: %.3f bits per byte, perplexity %.2f, of %d bytes",
                heldOut.bitsPerByte(),
                heldOut.perplexity(),
                heldOut.tokens()));
        log.accept("a sample: " + sample("And God said", 240));
        return new Outcome(entropy, heldOut.bitsPerByte());
    }

    private double entropy() {
        Distributions bytes = Distributions.ofProbabilities(Matrix.of(text.frequencies(), 1, vocabulary));
        return Divergence.of(Divergence.Kind.CROSS_ENTROPY).entropy(bytes, null).mean() / LOG_2;
    }

    private LanguageModelResult learn(int[] starts, double learningRate) {
        Matrix logits = logits(starts);
        LanguageModelResult result = loss.lossAndGradient(logits, sequences(starts), logits);
        Matrix gradient = network.learnAndPassOn(logits, learningRate);
        embedding.clearGradient();
        for (int row = 0; row < gradient.rows(); row++) {
            embedding.addGradient(tokens, starts[row / STEPS] + row % STEPS, gradient, row);
        }
        embedding.step(learningRate);
        return result.withBytes(result.tokens()); // here every token is a byte
    }

    /** Scores the last part of the text. Sequences overlap by a byte: the last of one has no target but in the next. */
    private LanguageModelResult score() {
        LanguageModelResult total = null;
        for (int start = split; start + STEPS <= tokens.length; start += STEPS - 1) {
            LanguageModelResult result = loss.loss(logits(start), sequences(start));
            total = total == null ? result : total.merge(result);
        }
        return Objects.requireNonNull(total, "no text").withBytes(total.tokens());
    }

    /** The tokens of the sequences that begin at some positions. */
    private ClassIndices sequences(int... starts) {
        return ClassIndices.of(Arrays.stream(starts)
                .flatMap(start -> Arrays.stream(tokens, start, start + STEPS))
                .toArray());
    }

    private Matrix logits(int... starts) {
        int rows = starts.length * STEPS;
        for (int row = 0; row < rows; row++) {
            embedding.write(tokens, starts[row / STEPS] + row % STEPS, network.input(), row);
        }
        return network.forward(rows);
    }

    /** Draws bytes from the model, one after another. */
    private String sample(String beginning, int length) {
        int[] drawn = Arrays.copyOf(text.encode(beginning), length);
        Softmax softmax = Softmax.create();
        for (int i = beginning.length(); i < length; i++) {
            embedding.write(drawn, i - 1, network.input(), 0);
            Matrix logits = network.forward(1);
            softmax.logSoftmax(logits, logits);
            drawn[i] = Floats.draw(logits, 0, random);
        }
        return text.decode(drawn);
    }
}
