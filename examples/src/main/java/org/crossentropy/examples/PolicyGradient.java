package org.crossentropy.examples;

import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.PolicyLoss;
import org.crossentropy.api.PolicyResult;
import org.crossentropy.api.RowValues;
import org.crossentropy.api.Softmax;
import org.crossentropy.api.ValueLoss;

/**
 * Balances a pole on a cart by proximal policy optimisation: an actor that learns by the clipped loss with an entropy bonus,
 * and a critic that learns what observations are worth.
 */
final class PolicyGradient {

    /**
     * What came of it, in steps that the pole stays up, of at most {@value CartPole#MOST_STEPS}.
     *
     * @param before average over 100 episodes of the untrained actor
     * @param after the same after training
     */
    record Outcome(double before, double after) {}

    private static final int HIDDEN = 64;
    private static final int AGENTS = 16;
    private static final int STEPS = 64;
    private static final int ROWS = AGENTS * STEPS;
    private static final int ROLLOUTS = 60;
    private static final int PASSES = 6;
    private static final int BATCH = 256;
    private static final int EPISODES = 100;
    private static final double LEARNING_RATE = 3e-3;
    private static final double CRITIC_LEARNING_RATE = 1e-2;

    private final RandomGenerator random = new SplittableRandom(1);
    private final PolicyLoss policyLoss = PolicyLoss.ppo(0.2).entropyBonus(0.01).build();
    private final ValueLoss valueLoss = ValueLoss.create();
    private final Softmax softmax = Softmax.create();
    private final Perceptron actor = new Perceptron(CartPole.OBSERVATIONS, HIDDEN, CartPole.ACTIONS, ROWS, random);
    private final Perceptron critic = new Perceptron(CartPole.OBSERVATIONS, HIDDEN, 1, ROWS, random);
    private final Matrix valueGradient = Floats.matrix(BATCH, 1);
    private final CartPole[] carts = carts(AGENTS);

    static void main() {
        new PolicyGradient().run(IO::println);
    }

    Outcome run(Consumer<String> log) {
        double before = averageReturn();
        log.accept(String.format(Locale.ROOT, "before: the pole stays up for %.1f steps", before));
        Rollout rollout = new Rollout(AGENTS, STEPS);
        for (int i = 1; i <= ROLLOUTS; i++) {
            act(rollout);
            PolicyResult result = learn(rollout, LEARNING_RATE * (ROLLOUTS - i + 1) / ROLLOUTS);
            if (i % (ROLLOUTS / 5) == 0) {
                log.accept(String.format(
                        Locale.ROOT,
                        "rollout %2d: entropy %.3f nats, clipped %.1f %%, divergence from the old policy %.4f",
                        i,
                        result.entropy(),
                        100 * result.clipFraction(),
                        result.approximateKl()));
            }
        }
        double after = averageReturn();
        log.accept(String.format(Locale.ROOT, "after: the pole stays up for %.1f steps", after));
        return new Outcome(before, after);
    }

    private CartPole[] carts(int count) {
        return Stream.generate(() -> new CartPole(random)).limit(count).toArray(CartPole[]::new);
    }

    private void act(Rollout rollout) {
        for (int row = 0; row < ROWS; row += AGENTS) {
            Matrix logProbabilities = logProbabilities(carts);
            for (int i = 0; i < AGENTS; i++) {
                int action = Floats.draw(logProbabilities, i, random);
                rollout.act(row + i, carts[i], action, logProbabilities.get(i, action));
            }
        }
    }

    private Matrix logProbabilities(CartPole[] observed) {
        for (int i = 0; i < observed.length; i++) {
            observed[i].observe(actor.input(), i);
        }
        Matrix logits = actor.forward(observed.length);
        softmax.logSoftmax(logits, logits);
        return logits;
    }

    /** Learns from a rollout, some times over: the clip keeps the policy near the one that acted. */
    private PolicyResult learn(Rollout rollout, double learningRate) {
        rollout.estimate(values(rollout.observations()), values(rollout.nextObservations()));
        int[] order = IntStream.range(0, ROWS).toArray();
        PolicyResult total = null;
        for (int pass = 0; pass < PASSES; pass++) {
            Digits.shuffle(order, random);
            for (int from = 0; from < ROWS; from += BATCH) {
                int[] batch = Arrays.copyOfRange(order, from, from + BATCH);
                learnValues(rollout, batch);
                PolicyResult result = learnPolicy(rollout, batch, learningRate);
                total = total == null ? result : total.merge(result);
            }
        }
        return Objects.requireNonNull(total, "no passes");
    }

    private PolicyResult learnPolicy(Rollout rollout, int[] batch, double learningRate) {
        rollout.readObservations(batch, actor.input());
        Matrix logits = actor.forward(BATCH);
        PolicyResult result = policyLoss
                .on(logits, rollout.actions(batch), rollout.standardisedAdvantages(batch))
                .oldLogProbabilities(rollout.logProbabilities(batch))
                .gradient(logits)
                .compute();
        actor.learn(logits, learningRate);
        return result;
    }

    private void learnValues(Rollout rollout, int[] batch) {
        rollout.readObservations(batch, critic.input());
        RowValues values = column(critic.forward(BATCH));
        valueLoss.compute(values, rollout.returns(batch), null, null, column(valueGradient));
        critic.learn(valueGradient, CRITIC_LEARNING_RATE);
    }

    private double[] values(Matrix observations) {
        critic.input().segment().copyFrom(observations.segment());
        RowValues values = column(critic.forward(ROWS));
        return IntStream.range(0, ROWS).mapToDouble(values::get).toArray();
    }

    /** A matrix of one column as one number a row. */
    private static RowValues column(Matrix matrix) {
        return RowValues.of(matrix.type(), matrix.segment(), matrix.rows());
    }

    /** How long the actor keeps the pole up, acting as it learnt to: by chance. */
    private double averageReturn() {
        CartPole[] episodes = carts(EPISODES);
        while (!Arrays.stream(episodes).allMatch(CartPole::over)) {
            Matrix logProbabilities = logProbabilities(episodes);
            for (int i = 0; i < EPISODES; i++) {
                if (!episodes[i].over()) {
                    episodes[i].step(Floats.draw(logProbabilities, i, random));
                }
            }
        }
        return Arrays.stream(episodes).mapToInt(CartPole::steps).average().orElse(0);
    }
}
