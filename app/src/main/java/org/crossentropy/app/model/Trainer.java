package org.crossentropy.app.model;

import java.lang.foreign.Arena;
import java.util.Objects;
import java.util.random.RandomGenerator;
import org.crossentropy.api.ClassIndices;
import org.crossentropy.api.Execution;
import org.crossentropy.api.LabelSmoothing;
import org.crossentropy.api.LossResult;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.SoftmaxCrossEntropy;
import org.crossentropy.app.data.Batch;
import org.crossentropy.app.data.Images;
import org.jspecify.annotations.Nullable;

/** Trains a network on images with the cross-entropy loss, and scores it. */
public final class Trainer {

    /**
     * How to train.
     *
     * @param epochs how often every image is seen
     * @param batch images of one step
     * @param learningRate size of the first step; it falls to 0 in equal parts
     * @param weightDecay part of a weight, times the learning rate, that is lost in a step
     * @param labelSmoothing smoothing of the targets in training; the score is of plain targets
     * @param shift how far images are moved at random in training, in pixels
     */
    public record Options(
            int epochs,
            int batch,
            double learningRate,
            double weightDecay,
            LabelSmoothing labelSmoothing,
            double shift) {}

    /** Is told how training goes. */
    public interface Progress {

        /**
         * A batch is done.
         *
         * @param epoch number of the epoch, from 1
         * @param images images of this epoch so far
         */
        void batchDone(int epoch, int images);

        /**
         * An epoch is done.
         *
         * @param epoch its number, from 1
         * @param score of the images as they were met, so while the network still learnt
         * @param seconds how long it took
         */
        void epochDone(int epoch, Score score, double seconds);
    }

    /** Images of one scoring step: enough for every thread, little memory. */
    private static final int SCORED_AT_ONCE = 256;

    private static final long NO_IGNORED_CLASS = -1;

    private final Network network;
    private final Options options;
    private final Execution execution;
    private final RandomGenerator random;
    private final SoftmaxCrossEntropy trainingLoss;
    private final Adam optimiser;

    /**
     * Prepares training.
     *
     * @param network what learns
     * @param options how
     * @param execution where losses are computed
     * @param random decides the order of the images and how they are moved
     * @param arena how long the optimiser's memory lives
     */
    public Trainer(Network network, Options options, Execution execution, RandomGenerator random, Arena arena) {
        this.network = network;
        this.options = options;
        this.execution = execution;
        this.random = random;
        this.trainingLoss = SoftmaxCrossEntropy.builder()
                .labelSmoothing(options.labelSmoothing())
                .execution(execution)
                .build();
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
     * @param images to learn from
     * @param progress is told
     */
    public void train(Images images, Progress progress) {
        try (Arena arena = Arena.ofShared()) {
            Batch batch = new Batch(images, Math.min(options.batch(), images.count()), arena);
            int[] order = new int[images.count()];
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
                batch.addShifted(order[i], options.shift(), random);
            }
            double done = (epoch - 1 + (double) from / order.length) / options.epochs();
            total = sum(total, step(batch, options.learningRate() * (1 - done)));
            progress.batchDone(epoch, to);
        }
        return Objects.requireNonNull(total, "no images");
    }

    /** One step: data, model, loss, and back to the weights. */
    private Score step(Batch batch, double learningRate) {
        Matrix logits = network.logits(batch.inputs());
        ClassIndices targets = batch.targets();
        long right = countRight(logits, targets);
        LossResult loss = trainingLoss.lossAndGradient(logits, targets, logits);
        network.backward(logits);
        optimiser.step(learningRate);
        return new Score(loss, right);
    }

    /**
     * Scores the network.
     *
     * @param images what to score it on
     * @return plain cross-entropy and accuracy
     */
    public Score score(Images images) {
        SoftmaxCrossEntropy loss =
                SoftmaxCrossEntropy.builder().execution(execution).build();
        Score total = null;
        try (Arena arena = Arena.ofShared()) {
            Batch batch = new Batch(images, SCORED_AT_ONCE, arena);
            for (int from = 0; from < images.count(); from += SCORED_AT_ONCE) {
                batch.clear();
                for (int i = from; i < Math.min(images.count(), from + SCORED_AT_ONCE); i++) {
                    batch.add(i);
                }
                Matrix logits = network.logits(batch.inputs());
                long right = countRight(logits, batch.targets());
                total = sum(total, new Score(loss.loss(logits, batch.targets()), right));
            }
        }
        return Objects.requireNonNull(total, "no images");
    }

    private static long countRight(Matrix logits, ClassIndices targets) {
        return Accuracy.countRight(logits, targets, NO_IGNORED_CLASS, 1);
    }

    private static Score sum(@Nullable Score first, Score second) {
        return first == null ? second : first.merge(second);
    }
}
