package org.crossentropy.app.model;

import java.lang.foreign.Arena;
import java.util.Objects;
import java.util.random.RandomGenerator;
import org.crossentropy.api.Matrix;
import org.crossentropy.app.data.Batch;
import org.crossentropy.app.data.Examples;
import org.jspecify.annotations.Nullable;

/** Trains a network on examples, and scores it. */
public final class Trainer {

    /**
     * How to train.
     *
     * @param epochs how often every example is seen
     * @param batch examples of one step, at most as many as there are
     * @param learningRate size of the first step; it falls to 0 in equal parts
     * @param weightDecay part of a weight, times the learning rate, that is lost in a step
     * @param l2 factor of half the sum of squared weights, which is added to the loss
     * @param shift how far images are moved at random in training, in pixels
     */
    public record Options(int epochs, int batch, double learningRate, double weightDecay, double l2, double shift) {}

    /** Is told how training goes. */
    public interface Progress {

        /**
         * A batch is done.
         *
         * @param epoch number of the epoch, from 1
         * @param examples examples of this epoch so far
         */
        void batchDone(int epoch, int examples);

        /**
         * An epoch is done.
         *
         * @param epoch its number, from 1
         * @param score of the examples as they were met, so while the network still learnt
         * @param seconds how long it took
         */
        void epochDone(int epoch, Score score, double seconds);
    }

    /** Examples of one scoring step: enough for every thread, little memory. */
    private static final int SCORED_AT_ONCE = 256;

    private final Network network;
    private final Objective objective;
    private final Options options;
    private final RandomGenerator random;
    private final SquaredWeights penalty;
    private final Adam optimiser;

    /**
     * Prepares training.
     *
     * @param network what learns
     * @param objective what it learns to make small
     * @param options how
     * @param random decides the order of the examples and how they are moved
     * @param arena how long the optimiser's memory lives
     */
    public Trainer(Network network, Objective objective, Options options, RandomGenerator random, Arena arena) {
        this.network = network;
        this.objective = objective;
        this.options = options;
        this.random = random;
        this.penalty = new SquaredWeights(options.l2(), network.parameters());
        this.optimiser = new Adam(network.parameters(), options.weightDecay(), arena);
    }

    /**
     * Returns how many rows a network must be able to compute at once.
     *
     * @param options how it is trained
     * @return the larger batch of training and scoring
     */
    public static int rowsAtOnce(Options options) {
        return Math.max(options.batch(), SCORED_AT_ONCE);
    }

    /**
     * Trains the network.
     *
     * @param examples to learn from
     * @param progress is told
     */
    public void train(Examples examples, Progress progress) {
        Examples shifted = examples.shifted(options.shift(), random);
        try (Arena arena = Arena.ofShared()) {
            Batch batch = new Batch(shifted, options.batch(), arena);
            int[] order = new int[shifted.count()];
            for (int i = 0; i < order.length; i++) {
                order[i] = i;
            }
            for (int epoch = 1; epoch <= options.epochs(); epoch++) {
                long start = System.nanoTime();
                shuffle(order);
                Score score = epoch(epoch, order, batch, progress);
                progress.epochDone(epoch, score, (System.nanoTime() - start) * 1e-9);
            }
        }
    }

    private void shuffle(int[] order) {
        for (int i = order.length - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            int swapped = order[i];
            order[i] = order[j];
            order[j] = swapped;
        }
    }

    private Score epoch(int epoch, int[] order, Batch batch, Progress progress) {
        Score total = null;
        for (int from = 0; from < order.length; from += options.batch()) {
            int to = Math.min(order.length, from + options.batch());
            batch.clear();
            for (int i = from; i < to; i++) {
                batch.add(order[i]);
            }
            double done = (epoch - 1 + (double) from / order.length) / options.epochs();
            total = sum(total, step(batch, options.learningRate() * (1 - done)));
            progress.batchDone(epoch, to);
        }
        return Objects.requireNonNull(total, "no examples");
    }

    /** One step: data, model, loss, and back to the weights. */
    private Score step(Batch batch, double learningRate) {
        Matrix logits = network.logits(batch.inputs());
        Score score = objective.learn(logits, batch.targets()).withPenalty(penalty.value());
        network.backward(logits);
        penalty.addGradient();
        optimiser.step(learningRate);
        return score;
    }

    /**
     * Scores the network.
     *
     * @param examples what to score it on
     * @return plain loss, without a penalty, and accuracy
     */
    public Score score(Examples examples) {
        Score total = null;
        try (Arena arena = Arena.ofShared()) {
            Batch batch = new Batch(examples, SCORED_AT_ONCE, arena);
            for (int from = 0; from < examples.count(); from += SCORED_AT_ONCE) {
                batch.clear();
                for (int i = from; i < Math.min(examples.count(), from + SCORED_AT_ONCE); i++) {
                    batch.add(i);
                }
                total = sum(total, objective.score(network.logits(batch.inputs()), batch.targets()));
            }
        }
        return Objects.requireNonNull(total, "no examples");
    }

    private static Score sum(@Nullable Score first, Score second) {
        return first == null ? second : first.merge(second);
    }
}
