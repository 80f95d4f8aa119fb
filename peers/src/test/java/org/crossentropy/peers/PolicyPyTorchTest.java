package org.crossentropy.peers;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.crossentropy.api.ClassIndices;
import org.crossentropy.api.ClassMask;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.PolicyCall;
import org.crossentropy.api.PolicyLoss;
import org.crossentropy.api.PolicyResult;
import org.crossentropy.api.Reduction;
import org.crossentropy.api.RowValues;
import org.crossentropy.api.TokenNormalization;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Losses of policies beside what common trainers write with {@code log_softmax}, {@code clamp} and {@code minimum}. */
@ExtendWith(Comparison.class)
final class PolicyPyTorchTest {

    private static final long SEED = 20261130;

    @ParameterizedTest
    @CsvSource({"5, 2", "33, 10", "16, 257"})
    void reinforce(int rows, int actions) {
        Data data = new Data(rows, actions, SEED);
        double[] logits = data.logits(2);
        long[] taken = data.targets(false);
        double[] advantages = data.perRow(-2, 2);
        double[] samples = data.perRow(0.1, 3);
        boolean[] kept = data.mask(taken);
        PolicyLoss plain = PolicyLoss.reinforce().build();
        compare(
                "REINFORCE",
                data,
                logits,
                x -> plain.on(x, ClassIndices.of(taken), RowValues.of(advantages)),
                x -> Torch.logProbability(x, Torch.longs(taken, rows))
                        .mul(Torch.doubles(advantages, rows))
                        .mean()
                        .neg());
        PolicyLoss exploring = PolicyLoss.reinforce()
                .entropyBonus(0.3)
                .normalization(TokenNormalization.by(Reduction.SUM))
                .build();
        compare(
                "REINFORCE, entropy bonus, mask of rows, sample weights",
                data,
                logits,
                x -> exploring
                        .on(x, ClassIndices.of(taken), RowValues.of(advantages))
                        .actionMask(ClassMask.perRow(Masks.bytes(kept), rows, actions))
                        .sampleWeights(RowValues.of(samples)),
                x -> {
                    Tensor left = masked(x, Torch.booleans(kept, rows, actions));
                    Tensor gain =
                            Torch.logProbability(left, Torch.longs(taken, rows)).mul(Torch.doubles(advantages, rows));
                    Tensor bonus = entropy(left).mul(Torch.scalar(0.3));
                    return gain.add(bonus)
                            .mul(Torch.doubles(samples, rows))
                            .sum()
                            .neg();
                });
        double[] none = new double[rows];
        PolicyLoss entropy = PolicyLoss.reinforce().entropyBonus(1).build();
        compare(
                "entropy and its gradient",
                data,
                logits,
                x -> entropy.on(x, ClassIndices.of(taken), RowValues.of(none)),
                x -> entropy(x).mean().neg());
    }

    /** Clips far from 1 on either side, so that every branch is taken by some rows. */
    @ParameterizedTest
    @CsvSource({"33, 10, 0.2, 0.28", "64, 257, 0.1, 0.6"})
    void ppo(int rows, int actions, double low, double high) {
        Data data = new Data(rows, actions, SEED + 1);
        double[] logits = data.logits(1);
        long[] taken = data.targets(false);
        double[] advantages = data.perRow(-2, 2);
        double[] old = sum(logProbabilities(data, logits, taken), data.perRow(-1.5, 0.8));
        PolicyLoss clipped = PolicyLoss.ppo(low, high).build();
        long cut = compare(
                        "PPO, asymmetric clip",
                        data,
                        logits,
                        x -> clipped.on(x, ClassIndices.of(taken), RowValues.of(advantages))
                                .oldLogProbabilities(RowValues.of(old)),
                        x -> surrogate(ratio(x, taken, old), Torch.doubles(advantages, rows), low, high)
                                .mean()
                                .neg())
                .clipped();
        PolicyLoss dual =
                PolicyLoss.ppo(low, high).dualClip(1.5).entropyBonus(0.01).build();
        long cutByBoth = compare(
                        "PPO, dual clip, entropy bonus",
                        data,
                        logits,
                        x -> dual.on(x, ClassIndices.of(taken), RowValues.of(advantages))
                                .oldLogProbabilities(RowValues.of(old)),
                        x -> {
                            Tensor advantage = Torch.doubles(advantages, rows);
                            Tensor gain = surrogate(ratio(x, taken, old), advantage, low, high);
                            Tensor floor = gain.maximum(advantage.mul(Torch.scalar(1.5)));
                            Tensor bounded = torch.where(advantage.lt(Torch.scalar(0)), floor, gain);
                            return bounded.add(entropy(x).mul(Torch.scalar(0.01)))
                                    .mean()
                                    .neg();
                        })
                .clipped();
        assertTrue(0 < cut && cut < cutByBoth && cutByBoth < rows, cut + " and " + cutByBoth + " rows of " + rows);
        PolicyLoss weighted = PolicyLoss.importanceWeighted().build();
        compare(
                "importance-weighted policy",
                data,
                logits,
                x -> weighted.on(x, ClassIndices.of(taken), RowValues.of(advantages))
                        .oldLogProbabilities(RowValues.of(old)),
                x -> ratio(x, taken, old)
                        .mul(Torch.doubles(advantages, rows))
                        .mean()
                        .neg());
    }

    /** Answers of several lengths, an advantage for each, and a reference policy. */
    @SuppressWarnings("ArrayRecordComponent")
    private record Answers(
            Data data,
            int steps,
            double[] logits,
            long[] tokens,
            double[] advantages,
            double[] old,
            double[] reference) {

        static Answers of(int sequences, int steps, int vocabulary) {
            Data data = new Data(sequences * steps, vocabulary, SEED + 2);
            double[] logits = data.logits(1.5);
            long[] tokens = data.targets(true);
            double[] advantages = new Data(sequences, 1, SEED + 3).perRow(-2, 2);
            double[] now = logProbabilities(data, logits, tokens);
            double[] old = sum(now, data.perRow(-0.5, 0.5));
            return new Answers(data, steps, logits, tokens, advantages, old, sum(now, data.perRow(-1, 1)));
        }

        int sequences() {
            return data.rows / steps;
        }

        /** The loss of each token, sequences x steps. */
        Tensor losses(Tensor x, double temperature, double clip, double penalty) {
            Tensor now = logProbability(x.div(Torch.scalar(temperature)), tokens);
            Tensor perToken = Torch.doubles(advantages, sequences(), 1)
                    .expand(sequences(), steps)
                    .reshape(-1);
            Tensor gain = surrogate(now.sub(Torch.doubles(old, data.rows)).exp(), perToken, clip, clip);
            Tensor ratio = Torch.doubles(reference, data.rows).sub(now);
            Tensor k3 = ratio.exp().sub(ratio).sub(Torch.scalar(1));
            return k3.mul(Torch.scalar(penalty)).sub(gain).view(sequences(), steps);
        }

        /** 1 where there is a token, 0 at padding. */
        Tensor kept() {
            return Torch.longs(tokens, sequences(), steps).ge(Torch.scalar(0)).toType(ScalarType.Double);
        }
    }

    @ParameterizedTest
    @CsvSource({"2, 8, 10", "5, 9, 257"})
    void grpo(int sequences, int steps, int vocabulary) {
        Answers answers = Answers.of(sequences, steps, vocabulary);
        double longest = 16;
        compareGrpo(
                "GRPO, mean of sequences",
                answers,
                answers.advantages(),
                TokenNormalization.sequenceMean(steps),
                losses -> losses.sum(1).div(answers.kept().sum(1)).mean());
        compareGrpo(
                "GRPO, mean of tokens (DAPO)",
                answers,
                perToken(answers),
                TokenNormalization.tokenMean(),
                losses -> losses.sum().div(answers.kept().sum()));
        compareGrpo(
                "GRPO, fixed length (Dr. GRPO)",
                answers,
                answers.advantages(),
                TokenNormalization.fixedLength(steps, longest),
                losses -> losses.sum().div(Torch.scalar(sequences * longest)));
    }

    /** Compares with a normalization of losses that are 0 at padding. */
    private static void compareGrpo(
            String name,
            Answers answers,
            double[] advantages,
            TokenNormalization normalization,
            Function<Tensor, Tensor> theirs) {
        double temperature = 1.3;
        PolicyLoss loss = PolicyLoss.ppo(0.2)
                .klPenalty(0.04)
                .temperature(temperature)
                .normalization(normalization)
                .build();
        compare(
                name,
                answers.data(),
                answers.logits(),
                x -> loss.on(x, ClassIndices.of(answers.tokens()), RowValues.of(advantages))
                        .oldLogProbabilities(RowValues.of(answers.old()))
                        .referenceLogProbabilities(RowValues.of(answers.reference())),
                x -> theirs.apply(answers.losses(x, temperature, 0.2, 0.04).mul(answers.kept())));
    }

    private static double[] perToken(Answers answers) {
        double[] values = new double[answers.data().rows];
        Arrays.setAll(values, i -> answers.advantages()[i / answers.steps()]);
        return values;
    }

    private static PolicyResult compare(
            String name,
            Data data,
            double[] logits,
            Function<Matrix, PolicyCall> ours,
            Function<Tensor, Tensor> theirs) {
        double[] gradient = new double[logits.length];
        PolicyResult result = ours.apply(Matrix.of(logits, data.rows, data.classes))
                .gradient(Matrix.of(gradient, data.rows, data.classes))
                .compute();
        Torch.Value value = Torch.differentiate(logits, data.rows, data.classes, theirs);
        Comparison.loss(name, result.value(), value.loss());
        Comparison.gradient(name, gradient, value.gradient());
        return result;
    }

    /** The clipped gain of each row. */
    private static Tensor surrogate(Tensor ratio, Tensor advantages, double low, double high) {
        Tensor clipped = ratio.clamp_min(Torch.scalar(1 - low)).clamp_max(Torch.scalar(1 + high));
        return torch.minimum(ratio.mul(advantages), clipped.mul(advantages));
    }

    private static Tensor ratio(Tensor logits, long[] actions, double[] old) {
        return logProbability(logits, actions)
                .sub(Torch.doubles(old, old.length))
                .exp();
    }

    private static Tensor entropy(Tensor logits) {
        return torch.softmax(logits, 1).mul(torch.log_softmax(logits, 1)).sum(1).neg();
    }

    /** What trainers do instead of -inf, since 0 times -inf would make the entropy NaN. */
    private static Tensor masked(Tensor logits, Tensor kept) {
        return logits.masked_fill(kept.logical_not(), Torch.scalar(-1e8));
    }

    /** Log-probabilities of actions; those of padding are of action 0 and mean nothing. */
    private static Tensor logProbability(Tensor logits, long[] actions) {
        long[] known = Arrays.stream(actions).map(action -> Math.max(action, 0)).toArray();
        return Torch.logProbability(logits, Torch.longs(known, known.length));
    }

    private static double[] logProbabilities(Data data, double[] logits, long[] actions) {
        return Torch.evaluate(logits, data.rows, data.classes, x -> logProbability(x, actions));
    }

    private static double[] sum(double[] first, double[] second) {
        double[] sum = new double[first.length];
        Arrays.setAll(sum, i -> first[i] + second[i]);
        return sum;
    }
}
