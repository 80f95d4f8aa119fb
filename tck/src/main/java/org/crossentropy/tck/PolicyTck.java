package org.crossentropy.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.crossentropy.api.ClassIndices;
import org.crossentropy.api.ClassMask;
import org.crossentropy.api.Denominator;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.PolicyCall;
import org.crossentropy.api.PolicyLoss;
import org.crossentropy.api.PolicyResult;
import org.crossentropy.api.Reduction;
import org.crossentropy.api.RowValues;
import org.crossentropy.api.SoftmaxCrossEntropy;
import org.crossentropy.api.TokenNormalization;
import org.junit.jupiter.api.Test;

/** Losses of policies: formulas, gradients, clips, entropy, divergences and normalizations. */
public abstract class PolicyTck extends ApplicationTck {

    private static final int ROWS = 12;
    private static final int STEPS = 4;
    private static final int ACTIONS = 5;
    private static final long[] TAKEN = {0, 4, 2, -100, 1, 1, -100, -100, 3, 0, 2, 2};
    private static final double[] ADVANTAGES = {1, -1, 0.5, 9, 2, -2, 9, 9, -0.5, 0, 1.5, -3};
    private static final boolean[] KEPT = {true, true, true, true, true};

    /** Called by subclasses. */
    protected PolicyTck() {}

    private static Matrix logits(ElementType type) {
        return random(type, 41, ROWS, ACTIONS);
    }

    private static RowValues advantages() {
        return RowValues.of(ADVANTAGES);
    }

    private PolicyLoss build(PolicyLoss.Builder options) {
        return options.execution(alone()).build();
    }

    private static PolicyCall on(PolicyLoss loss, Matrix logits) {
        return loss.on(logits, ClassIndices.of(TAKEN), advantages());
    }

    /** Log-probabilities of the actions, by the formula. */
    private static double[] logProbabilities(Matrix logits) {
        double[] values = new double[ROWS];
        for (int row = 0; row < ROWS; row++) {
            double sum = 0;
            for (int j = 0; j < ACTIONS; j++) {
                sum += Math.exp(logits.get(row, j));
            }
            values[row] = TAKEN[row] < 0 ? Double.NaN : logits.get(row, (int) TAKEN[row]) - Math.log(sum);
        }
        return values;
    }

    private static double[] shifted(double[] values, long seed, double range) {
        SplittableRandom random = new SplittableRandom(seed);
        double[] moved = values.clone();
        for (int i = 0; i < moved.length; i++) {
            moved[i] += random.nextDouble(-range, range);
        }
        return moved;
    }

    private static RowValues old() {
        return RowValues.of(shifted(logProbabilities(logits(ElementType.FLOAT64)), 5, 0.6));
    }

    private static RowValues reference() {
        return RowValues.of(shifted(logProbabilities(logits(ElementType.FLOAT64)), 6, 1));
    }

    /** Every kind of loss. */
    private List<PolicyLoss.Builder> variants() {
        List<PolicyLoss.Builder> all = new ArrayList<>();
        for (TokenNormalization normalization : List.of(
                TokenNormalization.tokenMean(),
                TokenNormalization.sequenceMean(STEPS),
                TokenNormalization.fixedLength(STEPS, 6),
                TokenNormalization.by(Reduction.mean(Denominator.Of.ALL_ROWS)))) {
            all.add(PolicyLoss.reinforce().normalization(normalization));
            all.add(PolicyLoss.reinforce().entropyBonus(0.1).normalization(normalization));
            all.add(PolicyLoss.importanceWeighted().normalization(normalization));
            all.add(PolicyLoss.ppo(0.2).normalization(normalization));
            all.add(PolicyLoss.ppo(0.2, 0.28).dualClip(1.5).entropyBonus(0.01).normalization(normalization));
            all.add(PolicyLoss.ppo(0.1).klPenalty(0.3).normalization(normalization));
            all.add(PolicyLoss.ppo(0.3)
                    .klPenalty(0.04)
                    .entropyBonus(0.2)
                    .temperature(1.3)
                    .normalization(normalization));
        }
        return all;
    }

    private static PolicyCall complete(PolicyLoss loss, Matrix logits) {
        double[] weights = {1, 2, 1, 1, 0.5, 1, 1, 1, 0, 1, 3, 1};
        return on(loss, logits)
                .oldLogProbabilities(old())
                .referenceLogProbabilities(reference())
                .sampleWeights(RowValues.of(weights));
    }

    @Test
    void gradientIsTheDerivative() {
        for (PolicyLoss.Builder options : variants()) {
            PolicyLoss loss = build(options);
            Matrix logits = logits(ElementType.FLOAT64);
            Matrix gradient = outputFor(logits);
            complete(loss, logits).gradient(gradient).compute();
            assertDerivative(
                    logits, gradient, () -> complete(loss, logits).compute().value(), loss);
        }
    }

    @Test
    void gradientOfMaskedActionsIsTheDerivative() {
        boolean[] kept = KEPT.clone();
        kept[2] = false;
        long[] taken = TAKEN.clone();
        for (int i = 0; i < ROWS; i++) {
            taken[i] = taken[i] == 2 ? 3 : taken[i];
        }
        for (PolicyLoss.Builder options : variants()) {
            PolicyLoss loss = build(options);
            Matrix logits = logits(ElementType.FLOAT64);
            for (int row = 0; row < ROWS; row++) {
                logits.set(row, 2, 1e300);
            }
            Matrix gradient = outputFor(logits);
            PolicyCall call = loss.on(logits, ClassIndices.of(taken), advantages())
                    .oldLogProbabilities(old())
                    .referenceLogProbabilities(reference())
                    .actionMask(ClassMask.keep(kept));
            call.gradient(gradient).compute();
            for (int row = 0; row < ROWS; row++) {
                assertEquals(0, gradient.get(row, 2), "masked action of row " + row);
            }
            PolicyCall lossOnly = loss.on(logits, ClassIndices.of(taken), advantages())
                    .oldLogProbabilities(old())
                    .referenceLogProbabilities(reference())
                    .actionMask(ClassMask.keep(kept));
            assertDerivative(logits, gradient, () -> lossOnly.compute().value(), loss);
        }
    }

    @Test
    void lossIsThatOfTheFormula() {
        types().forEach(type -> {
            Matrix logits = logits(type);
            double[] now = logProbabilities(logits);
            double[] losses = new double[ROWS];
            PolicyLoss loss =
                    build(PolicyLoss.ppo(0.2, 0.28).dualClip(1.5).klPenalty(0.3).entropyBonus(0.1));
            PolicyResult result = on(loss, logits)
                    .oldLogProbabilities(old())
                    .referenceLogProbabilities(reference())
                    .rowLosses(RowValues.of(losses))
                    .compute();
            long clipped = 0;
            double divergence = 0;
            double entropies = 0;
            int count = 0;
            for (int row = 0; row < ROWS; row++) {
                if (TAKEN[row] < 0) {
                    assertBits(0, losses[row], "row " + row);
                    continue;
                }
                double a = ADVANTAGES[row];
                double r = Math.exp(now[row] - old().get(row));
                double inner = Math.min(a * r, a * Math.clamp(r, 0.8, 1.28));
                double gain = a < 0 ? Math.max(inner, 1.5 * a) : inner;
                double d = reference().get(row) - now[row];
                double entropy = entropy(logits, row);
                double expected = -gain + 0.3 * (Math.exp(d) - 1 - d) - 0.1 * entropy;
                assertEquals(expected, losses[row], Tolerances.policy(type), "row " + row + " of " + type);
                clipped += gain == a * r ? 0 : 1;
                divergence += r - 1 - Math.log(r);
                entropies += entropy;
                count++;
            }
            assertEquals(count, result.loss().count());
            assertTrue(clipped > 0, "some rows are clipped");
            assertBits((double) clipped / count, result.clipFraction(), "clip fraction");
            assertEquals(divergence / count, result.approximateKl(), Tolerances.policy(type), "approximate KL");
            assertEquals(entropies / count, result.entropy(), Tolerances.policy(type), "entropy");
            assertTrue(result.referenceKl() > 0, "divergence from the reference");
        });
    }

    private static double entropy(Matrix logits, int row) {
        double sum = 0;
        for (int j = 0; j < ACTIONS; j++) {
            sum += Math.exp(logits.get(row, j));
        }
        double entropy = 0;
        for (int j = 0; j < ACTIONS; j++) {
            double p = Math.exp(logits.get(row, j)) / sum;
            entropy -= p * Math.log(p);
        }
        return entropy;
    }

    /** Log-probabilities as the library computes them. */
    private double[] own(Matrix logits) {
        double[] values = new double[ROWS];
        on(build(PolicyLoss.reinforce()), logits)
                .logProbabilities(RowValues.of(values))
                .compute();
        return values;
    }

    private Matrix gradient(PolicyLoss.Builder options, Matrix logits, double[] old) {
        Matrix gradient = outputFor(logits);
        on(build(options), logits)
                .oldLogProbabilities(RowValues.of(old))
                .gradient(gradient)
                .compute();
        return gradient;
    }

    @Test
    void sixteenBitsAreFloat32Rounded() {
        for (ElementType type : new ElementType[] {ElementType.BFLOAT16, ElementType.FLOAT16}) {
            Matrix stored = Matrices.empty(type, ROWS, ACTIONS, 0);
            Matrices.copy(logits(ElementType.FLOAT32), stored);
            Matrix wide = Matrices.empty(ElementType.FLOAT32, ROWS, ACTIONS, 0);
            Matrices.copy(stored, wide);
            for (PolicyLoss.Builder options : variants()) {
                PolicyLoss loss = build(options);
                Matrix rounded = Matrices.like(stored);
                Matrix wideGradient = Matrices.like(wide);
                PolicyResult expected =
                        complete(loss, wide).gradient(wideGradient).compute();
                Matrices.copy(wideGradient, rounded);
                Matrix gradient = Matrices.like(stored);
                PolicyResult actual = complete(loss, stored).gradient(gradient).compute();
                assertSameBits(expected.loss(), actual.loss(), loss);
                assertSameBits(rounded, gradient, type + ", " + loss);
            }
        }
    }

    @Test
    void ratioOfOneIsReinforce() {
        types().forEach(type -> {
            Matrix logits = logits(type);
            double[] old = own(logits);
            Matrix expected = gradient(PolicyLoss.reinforce(), logits, old);
            for (PolicyLoss.Builder options : List.of(
                    PolicyLoss.ppo(0.2),
                    PolicyLoss.ppo(0.2).dualClip(3),
                    PolicyLoss.ppo(0),
                    PolicyLoss.importanceWeighted())) {
                assertSameBits(expected, gradient(options, logits, old), build(options));
            }
            PolicyResult result = on(build(PolicyLoss.ppo(0.2)), logits)
                    .oldLogProbabilities(RowValues.of(old))
                    .compute();
            assertBits(0, result.clipFraction(), "clip fraction");
            assertBits(0, result.approximateKl(), "approximate KL");
        });
    }

    @Test
    void reinforceWithAdvantagesOfOneIsCrossEntropy() {
        types().forEach(type -> {
            Matrix logits = logits(type);
            Outcome expected = compute(
                    SoftmaxCrossEntropy.builder().execution(alone()).build(),
                    logits,
                    ClassIndices.of(TAKEN),
                    outputFor(logits));
            double[] ones = new double[ROWS];
            java.util.Arrays.fill(ones, 1);
            double[] losses = new double[ROWS];
            Matrix gradient = outputFor(logits);
            PolicyResult result = build(PolicyLoss.reinforce())
                    .on(logits, ClassIndices.of(TAKEN), RowValues.of(ones))
                    .rowLosses(RowValues.of(losses))
                    .gradient(gradient)
                    .compute();
            assertSameBits(expected, new Outcome(result.loss(), losses, gradient), type);
        });
    }

    @Test
    void clipBeyondAllRatiosIsImportanceWeighting() {
        types().forEach(type -> {
            Matrix logits = logits(type);
            double[] old = shifted(own(logits), 7, 2);
            assertSameBits(
                    gradient(PolicyLoss.importanceWeighted(), logits, old),
                    gradient(PolicyLoss.ppo(1, 1e9), logits, old),
                    type);
        });
    }

    @Test
    void clippedRowsHaveNoGradient() {
        Matrix logits = logits(ElementType.FLOAT64);
        double[] now = own(logits);
        double[] old = new double[ROWS];
        for (int row = 0; row < ROWS; row++) {
            old[row] = now[row] - Math.log(ADVANTAGES[row] > 0 ? 2 : 0.5);
        }
        Matrix gradient = gradient(PolicyLoss.ppo(0.2), logits, old);
        for (int row = 0; row < ROWS; row++) {
            for (int j = 0; j < ACTIONS; j++) {
                assertEquals(0, gradient.get(row, j), "row " + row);
            }
        }
    }

    @Test
    void entropyBonusRaisesEntropy() {
        types().forEach(type -> {
            Matrix logits = logits(type);
            PolicyLoss loss = build(PolicyLoss.reinforce().entropyBonus(1));
            RowValues indifferent = RowValues.of(new double[ROWS]);
            Matrix gradient = outputFor(logits);
            double[] entropies = new double[ROWS];
            PolicyResult before = loss.on(logits, ClassIndices.of(TAKEN), indifferent)
                    .gradient(gradient)
                    .entropy(RowValues.of(entropies))
                    .compute();
            for (int row = 0; row < ROWS; row++) {
                for (int j = 0; j < ACTIONS; j++) {
                    logits.set(row, j, logits.get(row, j) - gradient.get(row, j));
                }
            }
            PolicyResult after =
                    loss.on(logits, ClassIndices.of(TAKEN), indifferent).compute();
            assertTrue(after.entropy() > before.entropy(), before + " then " + after);
            assertNear(-before.entropy(), before.value(), Tolerances.BATCH_SUM, "loss is minus the entropy");
            double sum = 0;
            for (double entropy : entropies) {
                sum += entropy;
            }
            assertNear(sum / 9, before.entropy(), Tolerances.BATCH_SUM, "mean entropy");
        });
    }

    @Test
    void entropyOfMaskedAndImpossibleActionsIsThatOfTheOthers() {
        types().forEach(type -> {
            Matrix logits = zeros(type, 2, 4);
            logits.set(0, 1, 7);
            logits.set(1, 3, Double.NEGATIVE_INFINITY);
            logits.set(1, 1, Double.NEGATIVE_INFINITY);
            double[] entropies = new double[2];
            Matrix gradient = outputFor(logits);
            build(PolicyLoss.reinforce().entropyBonus(0.5))
                    .on(logits, ClassIndices.of(0, 0), RowValues.of(new double[] {0, 0}))
                    .actionMask(ClassMask.keep(true, false, true, false))
                    .entropy(RowValues.of(entropies))
                    .gradient(gradient)
                    .compute();
            for (int row = 0; row < 2; row++) {
                assertNear(Math.log(2), entropies[row], Tolerances.policy(type), "row " + row);
                for (int j = 0; j < 4; j++) {
                    assertEquals(0, gradient.get(row, j), Tolerances.policy(type), "uniform already, row " + row);
                }
            }
        });
    }

    @Test
    void rowsLeftOutAreNotRead() {
        types().forEach(type -> {
            Matrix logits = logits(type);
            Matrix gradient = outputFor(logits);
            PolicyLoss loss = build(PolicyLoss.ppo(0.2).entropyBonus(0.1).klPenalty(0.1));
            PolicyResult expected = complete(loss, logits).compute();
            double[] advantages = ADVANTAGES.clone();
            for (int row = 0; row < ROWS; row++) {
                if (TAKEN[row] < 0 || row == 8) {
                    advantages[row] = Double.NaN;
                    logits.set(row, 1, Double.NaN);
                }
            }
            PolicyResult actual = loss.on(logits, ClassIndices.of(TAKEN), RowValues.of(advantages))
                    .oldLogProbabilities(old())
                    .referenceLogProbabilities(reference())
                    .sampleWeights(RowValues.of(new double[] {1, 2, 1, 1, 0.5, 1, 1, 1, 0, 1, 3, 1}))
                    .gradient(gradient)
                    .compute();
            assertSameBits(expected.loss(), actual.loss(), type);
            for (int j = 0; j < ACTIONS; j++) {
                assertBits(0, gradient.get(3, j), "ignored");
                assertBits(0, gradient.get(8, j), "weight 0");
            }
        });
    }

    @Test
    void normalizationsAreThoseOfThePapers() {
        Matrix logits = logits(ElementType.FLOAT64);
        double[] losses = new double[ROWS];
        PolicyLoss.Builder options = PolicyLoss.ppo(0.2).klPenalty(0.1);
        on(build(options), logits)
                .oldLogProbabilities(old())
                .referenceLogProbabilities(reference())
                .rowLosses(RowValues.of(losses))
                .compute();
        double sum = 0;
        double means = 0;
        for (int sequence = 0; sequence < 3; sequence++) {
            double ofSequence = 0;
            int count = 0;
            for (int row = sequence * STEPS; row < (sequence + 1) * STEPS; row++) {
                ofSequence += losses[row];
                count += TAKEN[row] < 0 ? 0 : 1;
            }
            sum += ofSequence;
            means += ofSequence / count;
        }
        assertNear(
                means / 3,
                value(options, TokenNormalization.sequenceMean(STEPS)),
                Tolerances.SAME_LOSS_FLOAT64,
                "GRPO");
        assertNear(sum / 9, value(options, TokenNormalization.tokenMean()), Tolerances.SAME_LOSS_FLOAT64, "DAPO");
        assertNear(
                sum / (3 * 8),
                value(options, TokenNormalization.fixedLength(STEPS, 8)),
                Tolerances.SAME_LOSS_FLOAT64,
                "Dr. GRPO");
        assertNear(sum, value(options, TokenNormalization.by(Reduction.SUM)), Tolerances.SAME_LOSS_FLOAT64, "sum");
        assertNear(
                means / 10,
                value(options, TokenNormalization.sequenceMean(STEPS).over(10)),
                Tolerances.SAME_LOSS_FLOAT64,
                "GRPO, one of several devices");
        assertNear(
                sum / 20,
                value(options, TokenNormalization.tokenMean().over(20)),
                Tolerances.SAME_LOSS_FLOAT64,
                "DAPO, too");
    }

    private double value(PolicyLoss.Builder options, TokenNormalization normalization) {
        return on(build(options.normalization(normalization)), logits(ElementType.FLOAT64))
                .oldLogProbabilities(old())
                .referenceLogProbabilities(reference())
                .compute()
                .value();
    }

    @Test
    void advantagesOfSequences() {
        Matrix logits = logits(ElementType.FLOAT32);
        double[] ofRows = new double[ROWS];
        double[] ofSequences = {1.5, -0.5, 2};
        for (int row = 0; row < ROWS; row++) {
            ofRows[row] = ofSequences[row / STEPS];
        }
        PolicyLoss loss = build(PolicyLoss.reinforce().normalization(TokenNormalization.sequenceMean(STEPS)));
        Matrix expected = outputFor(logits);
        Matrix actual = outputFor(logits);
        loss.on(logits, ClassIndices.of(TAKEN), RowValues.of(ofRows))
                .gradient(expected)
                .compute();
        loss.on(logits, ClassIndices.of(TAKEN), RowValues.of(ofSequences))
                .gradient(actual)
                .compute();
        assertSameBits(expected, actual, "advantages");
    }

    @Test
    void batchesMergeIntoTheWhole() {
        Matrix logits = logits(ElementType.FLOAT64);
        PolicyLoss loss = build(PolicyLoss.ppo(0.2)
                .entropyBonus(0.1)
                .normalization(TokenNormalization.sequenceMean(STEPS).over(3)));
        PolicyResult whole = on(loss, logits).oldLogProbabilities(old()).compute();
        List<PolicyResult> parts = new ArrayList<>();
        for (int from = 0; from < ROWS; from += STEPS) {
            parts.add(loss.on(
                            logits.rows(from, STEPS),
                            ClassIndices.of(java.util.Arrays.copyOfRange(TAKEN, from, from + STEPS)),
                            RowValues.of(java.util.Arrays.copyOfRange(ADVANTAGES, from, from + STEPS)))
                    .oldLogProbabilities(RowValues.of(rows(old(), from)))
                    .compute());
        }
        PolicyResult merged = parts.get(0).merge(parts.get(1)).merge(parts.get(2));
        assertNear(whole.value(), merged.value(), Tolerances.SAME_LOSS_FLOAT64, "loss");
        assertEquals(whole.clipped(), merged.clipped(), "clipped");
        assertNear(whole.approximateKl(), merged.approximateKl(), Tolerances.SAME_LOSS_FLOAT64, "KL");
        assertNear(whole.entropy(), merged.entropy(), Tolerances.SAME_LOSS_FLOAT64, "entropy");
    }

    private static double[] rows(RowValues values, int from) {
        double[] some = new double[STEPS];
        for (int i = 0; i < STEPS; i++) {
            some[i] = values.get(from + i);
        }
        return some;
    }

    @Test
    void threadsDoNotShow() {
        Matrix logits = random(ElementType.FLOAT32, 42, 4000, 90);
        int[] taken = new int[4000];
        double[] values = new double[4000];
        for (int row = 0; row < 4000; row++) {
            taken[row] = row % 90;
            values[row] = row % 7 - 3;
        }
        PolicyLoss.Builder options = PolicyLoss.ppo(0.2).entropyBonus(0.1);
        PolicyResult one = call(options.execution(alone()), logits, taken, values, logits);
        PolicyResult four =
                call(options.execution(threads(4)), random(ElementType.FLOAT32, 42, 4000, 90), taken, values, null);
        assertSameBits(one.loss(), four.loss(), "threads");
        assertEquals(one.clipped(), four.clipped());
        assertBits(one.approximateKl(), four.approximateKl(), "KL");
        assertBits(one.entropy(), four.entropy(), "entropy");
    }

    private static PolicyResult call(
            PolicyLoss.Builder options,
            Matrix logits,
            int[] taken,
            double[] values,
            @org.jspecify.annotations.Nullable Matrix gradient) {
        double[] old = new double[taken.length];
        java.util.Arrays.fill(old, -Math.log(90));
        PolicyCall call = options.build()
                .on(logits, ClassIndices.of(taken), RowValues.of(values))
                .oldLogProbabilities(RowValues.of(old));
        if (gradient != null) {
            call.gradient(gradient);
        }
        return call.compute();
    }

    @Test
    void divergenceKeepsItsDigitsNearZero() {
        // e^d - 1 - d is d^2 / 2 for small d; as written it would be rounding errors.
        Matrix logits = zeros(ElementType.FLOAT64, 1, 2);
        double d = 0x1p-30;
        PolicyResult result = build(PolicyLoss.importanceWeighted())
                .on(logits, ClassIndices.of(0), RowValues.of(new double[] {1}))
                .oldLogProbabilities(RowValues.of(new double[] {own2() - d}))
                .compute();
        assertNear(0x1p-61, result.approximateKl(), Tolerances.SMALL_DIVERGENCE, "divergence");
    }

    /** The library's own log-probability of one of two equal actions. */
    private double own2() {
        double[] value = new double[1];
        build(PolicyLoss.reinforce())
                .on(zeros(ElementType.FLOAT64, 1, 2), ClassIndices.of(0), RowValues.of(new double[] {1}))
                .logProbabilities(RowValues.of(value))
                .compute();
        return value[0];
    }

    @Test
    void hugeRatios() {
        Matrix logits = zeros(ElementType.FLOAT64, 1, 2);
        RowValues far = RowValues.of(new double[] {-2000});
        for (boolean dual : new boolean[] {false, true}) {
            PolicyLoss.Builder options = PolicyLoss.ppo(0.2);
            PolicyLoss loss = build(dual ? options.dualClip(3) : options);
            assertBits(-1.2, one(loss, logits, 1, far).value(), "clipped above");
            assertBits(
                    dual ? 3 : Double.POSITIVE_INFINITY,
                    one(loss, logits, -1, far).value(),
                    "not clipped above");
            assertBits(0, one(loss, logits, 0, far).value(), "no advantage");
            assertBits(Double.POSITIVE_INFINITY, one(loss, logits, 1, far).approximateKl(), "divergence");
        }
    }

    @Test
    void anActionOfProbabilityZero() {
        Matrix logits = Matrix.of(new double[] {Double.NEGATIVE_INFINITY, 0}, 1, 2);
        PolicyLoss loss = build(PolicyLoss.ppo(0.2));
        PolicyResult result = one(loss, logits, 1, RowValues.of(new double[] {-1}));
        assertBits(0, Math.abs(result.value()), "ratio 0");
        assertBits(0.8, one(loss, logits, -1, RowValues.of(new double[] {-1})).value(), "clipped below");
    }

    private static PolicyResult one(PolicyLoss loss, Matrix logits, double advantage, RowValues old) {
        return loss.on(logits, ClassIndices.of(0), RowValues.of(new double[] {advantage}))
                .oldLogProbabilities(old)
                .compute();
    }

    @Test
    void nothing() {
        Matrix none = zeros(ElementType.FLOAT32, 0, 3);
        RowValues no = RowValues.of(new double[0]);
        for (PolicyLoss.Builder options : variants()) {
            PolicyResult result = build(options)
                    .on(none, ClassIndices.of(new int[0]), no)
                    .oldLogProbabilities(no)
                    .referenceLogProbabilities(no)
                    .compute();
            assertBits(Double.NaN, result.value(), "mean of nothing");
            assertBits(Double.NaN, result.clipFraction(), "share of nothing");
        }
    }

    @Test
    void errors() {
        Matrix logits = logits(ElementType.FLOAT32);
        Class<IllegalArgumentException> refused = IllegalArgumentException.class;
        assertRefused(refused, () -> PolicyLoss.ppo(1.5), "clip low is 1.5", "0 to 1");
        assertRefused(refused, () -> PolicyLoss.ppo(0.2, Double.NaN), "clip high is NaN", "at least 0");
        assertRefused(refused, () -> PolicyLoss.ppo(0.2).dualClip(1), "dualClip is 1.0", "greater than 1");
        assertRefused(IllegalStateException.class, () -> PolicyLoss.reinforce().dualClip(3), "dualClip", "REINFORCE");
        assertRefused(refused, () -> PolicyLoss.reinforce().entropyBonus(-1), "entropyBonus is -1.0");
        assertRefused(refused, () -> PolicyLoss.reinforce().klPenalty(-1), "klPenalty is -1.0");
        assertRefused(refused, () -> PolicyLoss.reinforce().temperature(0), "temperature is 0.0");
        assertRefused(refused, () -> TokenNormalization.sequenceMean(0), "steps is 0");
        assertRefused(refused, () -> TokenNormalization.fixedLength(2, 0), "maximumLength is 0.0");
        assertRefused(refused, () -> TokenNormalization.tokenMean().over(0), "number is 0.0");
        assertRefused(
                IllegalStateException.class,
                () -> TokenNormalization.by(Reduction.SUM).over(3),
                "has a denominator",
                "given");
        PolicyLoss ppo = build(PolicyLoss.ppo(0.2));
        assertRefused(refused, () -> on(ppo, logits).compute(), "oldLogProbabilities were not given", "ratio");
        PolicyLoss penalised = build(PolicyLoss.reinforce().klPenalty(1));
        assertRefused(refused, () -> on(penalised, logits).compute(), "referenceLogProbabilities were not given");
        assertRefused(
                refused,
                () -> on(ppo, logits)
                        .oldLogProbabilities(RowValues.of(new double[2]))
                        .compute(),
                "oldLogProbabilities has 2");
        PolicyLoss plain = build(PolicyLoss.reinforce());
        assertRefused(
                refused,
                () -> plain.on(logits, ClassIndices.of(TAKEN), RowValues.of(new double[3]))
                        .compute(),
                "advantages has 3",
                "12 rows");
        PolicyLoss sequences = build(PolicyLoss.reinforce().normalization(TokenNormalization.sequenceMean(5)));
        assertRefused(refused, () -> on(sequences, logits).compute(), "12 rows", "5 steps");
        long[] bad = TAKEN.clone();
        bad[4] = 5;
        assertRefused(
                IndexOutOfBoundsException.class,
                () -> plain.on(logits, ClassIndices.of(bad), advantages()).compute(),
                "actions[4] is 5",
                "0 to 4");
        assertRefused(
                refused,
                () -> on(plain, logits)
                        .actionMask(ClassMask.keep(true, true, false, true, true))
                        .compute(),
                "actions[2] is 2",
                "actionMask");
        double[] shared = new double[ROWS];
        assertRefused(
                refused,
                () -> on(ppo, logits)
                        .oldLogProbabilities(RowValues.of(shared))
                        .logProbabilities(RowValues.of(shared))
                        .compute(),
                "logProbabilities overlaps oldLogProbabilities");
    }

    @Test
    void errorsOfResults() {
        Matrix logits = logits(ElementType.FLOAT32);
        PolicyResult plain = on(build(PolicyLoss.reinforce()), logits).compute();
        assertRefused(IllegalStateException.class, plain::approximateKl, "old log-probabilities");
        assertRefused(IllegalStateException.class, plain::referenceKl, "reference");
        assertRefused(IllegalStateException.class, plain::entropy, "entropies were not asked for");
        PolicyResult watched = on(build(PolicyLoss.reinforce()), logits)
                .oldLogProbabilities(old())
                .compute();
        assertFalse(watched.divergenceFromOldSum().isEmpty());
        assertRefused(IllegalArgumentException.class, () -> plain.merge(watched), "divergenceFromOldSum", "alike");
    }
}
