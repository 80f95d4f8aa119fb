package org.crossentropy.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import org.crossentropy.api.ClassIndices;
import org.crossentropy.api.ClassMask;
import org.crossentropy.api.Denominator;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.LabelSmoothing;
import org.crossentropy.api.LanguageModelResult;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.NextTokenCall;
import org.crossentropy.api.NextTokenLoss;
import org.crossentropy.api.Reduction;
import org.crossentropy.api.RowValues;
import org.crossentropy.api.SoftmaxCrossEntropy;
import org.junit.jupiter.api.Test;

/** The loss of language models: shifts, padding, weights, and the units of its result. */
public abstract class NextTokenTck extends ApplicationTck {

    private static final int STEPS = 4;
    private static final int VOCABULARY = 7;
    private static final int PADDING = 6;
    private static final long[] TOKENS = {3, 0, 5, 2, 1, 1, -100, 4, 2, 6, 6, 6};
    private static final long[] SHIFTED = {0, 5, 2, -100, 1, -100, 4, -100, 6, 6, 6, -100};

    /** Called by subclasses. */
    protected NextTokenTck() {}

    private SoftmaxCrossEntropy.Builder options() {
        return SoftmaxCrossEntropy.builder().execution(alone());
    }

    private NextTokenLoss loss() {
        return NextTokenLoss.of(options().build(), STEPS);
    }

    private static Matrix logits(ElementType type) {
        return random(type, 1, TOKENS.length, VOCABULARY);
    }

    /** All that a call can return. */
    @SuppressWarnings("ArrayRecordComponent")
    private record Everything(
            LanguageModelResult result, Matrix gradient, double[] losses, double[] logProbabilities, int[] tops) {}

    private static Everything everything(NextTokenCall call, Matrix logits) {
        int rows = Math.toIntExact(logits.rows());
        Matrix gradient = outputFor(logits);
        double[] losses = new double[rows];
        double[] logs = new double[rows];
        int[] tops = new int[rows];
        LanguageModelResult result = call.gradient(gradient)
                .rowLosses(RowValues.of(losses))
                .tokenLogProbabilities(RowValues.of(logs))
                .predictions(ClassIndices.of(tops))
                .compute();
        return new Everything(result, gradient, losses, logs, tops);
    }

    private static void assertSameBits(Everything expected, Everything actual, Object where) {
        assertSameBits(expected.result().loss(), actual.result().loss(), where);
        assertSameBits(expected.gradient(), actual.gradient(), where);
        assertSameBits(expected.losses(), actual.losses(), where);
        assertSameBits(expected.logProbabilities(), actual.logProbabilities(), where);
        assertEquals(Arrays.toString(expected.tops()), Arrays.toString(actual.tops()), String.valueOf(where));
    }

    @Test
    void shiftIsAsIfShiftedByHand() {
        types().forEach(type -> {
            Matrix logits = logits(type);
            Everything own = everything(loss().on(logits, ClassIndices.of(TOKENS)), logits);
            Everything byHand = everything(loss().targetsShifted().on(logits, ClassIndices.of(SHIFTED)), logits);
            assertSameBits(byHand, own, type);
            assertEquals(8, own.result().tokens(), "tokens that are predicted");
        });
    }

    @Test
    void targetsShiftedIsTheLossOfTheRows() {
        types().forEach(type -> {
            Matrix logits = logits(type);
            Matrix gradient = outputFor(logits);
            SoftmaxCrossEntropy rows = options().zLoss(1e-3).softCap(3).build();
            Outcome expected = compute(rows, logits, ClassIndices.of(SHIFTED), outputFor(logits));
            LanguageModelResult result = NextTokenLoss.of(rows, STEPS)
                    .targetsShifted()
                    .lossAndGradient(logits, ClassIndices.of(SHIFTED), gradient);
            assertSameBits(expected.result(), result.loss(), type);
            assertSameBits(expected.gradient(), gradient, type);
        });
    }

    @Test
    void rowsWithoutTargetAreNotReadAndHaveGradientZero() {
        types().forEach(type -> {
            Matrix logits = logits(type);
            for (int row = 0; row < SHIFTED.length; row++) {
                if (SHIFTED[row] < 0) {
                    logits.set(row, 2, Double.NaN);
                }
            }
            Everything all = everything(loss().on(logits, ClassIndices.of(TOKENS)), logits);
            for (int row = 0; row < SHIFTED.length; row++) {
                for (int j = 0; SHIFTED[row] < 0 && j < VOCABULARY; j++) {
                    assertBits(0, all.gradient().get(row, j), "row " + row);
                }
                assertEquals(SHIFTED[row] < 0, all.losses()[row] == 0, "row " + row);
                assertBits(0.0 - all.losses()[row], all.logProbabilities()[row], "row " + row);
                assertEquals(SHIFTED[row] < 0, all.tops()[row] < 0, "row " + row);
            }
        });
    }

    @Test
    void paddingTokensAreNoTargets() {
        types().forEach(type -> {
            Matrix logits = logits(type);
            long[] marked =
                    Arrays.stream(TOKENS).map(t -> t == PADDING ? -100 : t).toArray();
            Everything expected = everything(loss().on(logits, ClassIndices.of(marked)), logits);
            Everything actual = everything(loss().paddingToken(PADDING).on(logits, ClassIndices.of(TOKENS)), logits);
            assertSameBits(expected, actual, type);
            assertEquals(5, actual.result().tokens());
        });
    }

    @Test
    void weightsBelongToTheTokenPredicted() {
        types().forEach(type -> {
            Matrix logits = logits(type);
            double[] ofTokens = {9, 2, 0, 0.5, 9, 1, 7, 3, 9, 1, 0, 0.25};
            double[] ofRows = {2, 0, 0.5, 0, 1, 7, 3, 0, 1, 0, 0.25, 0};
            Everything own =
                    everything(loss().on(logits, ClassIndices.of(TOKENS)).tokenWeights(RowValues.of(ofTokens)), logits);
            Everything byHand = everything(
                    loss().targetsShifted().on(logits, ClassIndices.of(SHIFTED)).tokenWeights(RowValues.of(ofRows)),
                    logits);
            assertSameBits(byHand, own, type);
            assertBits(2 + 0.5 + 1 + 3 + 1 + 0.25, own.result().loss().weightSum(), "weight sum");
        });
    }

    @Test
    void batchesMergeIntoTheWhole() {
        types().forEach(type -> {
            Matrix logits = logits(type);
            NextTokenLoss global = NextTokenLoss.of(
                    options().reduction(Reduction.mean(Denominator.given(8))).build(), STEPS);
            Matrix gradient = outputFor(logits);
            LanguageModelResult whole = global.on(logits, ClassIndices.of(TOKENS))
                    .gradient(gradient)
                    .bytes(30)
                    .compute();
            LanguageModelResult merged = null;
            for (int sequence = 0; sequence < 3; sequence++) {
                int from = sequence * STEPS;
                Matrix part = logits.rows(from, STEPS);
                Matrix partGradient = outputFor(part);
                LanguageModelResult result = global.on(
                                part, ClassIndices.of(Arrays.copyOfRange(TOKENS, from, from + STEPS)))
                        .gradient(partGradient)
                        .bytes(10)
                        .compute();
                assertSameBits(gradient.rows(from, STEPS), partGradient, "sequence " + sequence);
                merged = merged == null ? result : merged.merge(result);
            }
            assertNear(whole.value(), merged == null ? 0 : merged.value(), Tolerances.BATCH_SUM, type);
            assertNear(whole.bitsPerByte(), merged == null ? 0 : merged.bitsPerByte(), Tolerances.BATCH_SUM, type);
        });
    }

    @Test
    void gradientIsTheDerivative() {
        Matrix logits = logits(ElementType.FLOAT64);
        ClassMask mask = ClassMask.keep(true, true, true, false, true, true, true);
        RowValues weights = RowValues.of(new double[] {1, 2, 1, 0.5, 1, 1, 1, 3, 1, 1, 1, 0.25});
        SoftmaxCrossEntropy rows = options()
                .labelSmoothing(LabelSmoothing.uniform(0.1))
                .zLoss(0.01)
                .softCap(5)
                .build();
        NextTokenLoss loss = NextTokenLoss.of(rows, STEPS);
        Matrix gradient = outputFor(logits);
        loss.on(logits, ClassIndices.of(TOKENS))
                .tokenWeights(weights)
                .vocabularyMask(mask)
                .gradient(gradient)
                .compute();
        assertDerivative(
                logits,
                gradient,
                () -> loss.on(logits, ClassIndices.of(TOKENS))
                        .tokenWeights(weights)
                        .vocabularyMask(mask)
                        .compute()
                        .value(),
                loss);
    }

    @Test
    void unitsOfUniformLogits() {
        types().forEach(type -> {
            // A vocabulary of 8 equally likely tokens: 3 bits a token, perplexity 8.
            Matrix logits = zeros(type, 4, 8);
            LanguageModelResult result =
                    loss().on(logits, ClassIndices.of(1, 2, 3, 4)).bytes(18).compute();
            assertEquals(3, result.tokens());
            assertNear(Math.log(8), result.natsPerToken(), Tolerances.SAME_LOSS_FLOAT64, "nats");
            assertNear(3, result.bitsPerToken(), Tolerances.SAME_LOSS_FLOAT64, "bits");
            assertNear(8, result.perplexity(), Tolerances.SAME_LOSS_FLOAT64, "perplexity");
            assertNear(0.5, result.bitsPerByte(), Tolerances.SAME_LOSS_FLOAT64, "9 bits in 18 bytes");
        });
    }

    @Test
    void sequencesOfOneStepHaveNoTarget() {
        Matrix logits = logits(ElementType.FLOAT32);
        LanguageModelResult result = NextTokenLoss.of(options().build(), 1).loss(logits, ClassIndices.of(TOKENS));
        assertEquals(0, result.tokens());
        assertBits(Double.NaN, result.value(), "mean of nothing");
    }

    @Test
    void noSequences() {
        LanguageModelResult result = loss().on(zeros(ElementType.FLOAT32, 0, 5), ClassIndices.of(new int[0]))
                .compute();
        assertEquals(0, result.tokens());
    }

    @Test
    void aLossWithoutIgnoreIndexStillHasLastSteps() {
        Matrix logits = logits(ElementType.FLOAT64);
        long[] tokens = Arrays.stream(TOKENS).map(t -> Math.max(t, 0)).toArray();
        NextTokenLoss strict = NextTokenLoss.of(options().noIgnoreIndex().build(), STEPS);
        assertEquals(9, strict.loss(logits, ClassIndices.of(tokens)).tokens());
        assertRefused(
                IndexOutOfBoundsException.class,
                () -> strict.loss(logits, ClassIndices.of(TOKENS)),
                "tokens[6] is -100",
                "0 to 6");
    }

    @Test
    void sixteenBitLogits() {
        for (ElementType type : new ElementType[] {ElementType.BFLOAT16, ElementType.FLOAT16}) {
            Matrix logits = Matrix.of(
                    type, java.lang.foreign.Arena.ofAuto().allocate(2L * TOKENS.length * VOCABULARY), 12, VOCABULARY);
            Matrix floats = zeros(ElementType.FLOAT32, 12, VOCABULARY);
            Matrix source = logits(ElementType.FLOAT32);
            for (int row = 0; row < 12; row++) {
                for (int j = 0; j < VOCABULARY; j++) {
                    logits.set(row, j, source.get(row, j));
                    floats.set(row, j, logits.get(row, j));
                }
            }
            assertSameBits(
                    loss().loss(floats, ClassIndices.of(TOKENS)).loss(),
                    loss().loss(logits, ClassIndices.of(TOKENS)).loss(),
                    type);
        }
    }

    @Test
    void errorsNameTheToken() {
        Matrix logits = logits(ElementType.FLOAT32);
        ClassIndices bad = ClassIndices.of(3, 0, 5, 2, 1, 7, 1, 4, 2, 6, 6, 6);
        assertRefused(
                IndexOutOfBoundsException.class, () -> loss().loss(logits, bad), "tokens[5] is 7", "vocabulary of 7");
        ClassIndices tokens = ClassIndices.of(TOKENS);
        double[] weights = new double[12];
        weights[7] = -1;
        assertRefused(
                IllegalArgumentException.class,
                () -> loss().on(logits, tokens)
                        .tokenWeights(RowValues.of(weights))
                        .compute(),
                "tokenWeights[7] is -1.0",
                "finite");
        assertRefused(
                IllegalArgumentException.class,
                () -> loss().on(logits, tokens)
                        .vocabularyMask(ClassMask.keep(true, true, true, true, true, false, true))
                        .compute(),
                "tokens[2] is 5",
                "vocabularyMask");
        assertRefused(
                IllegalArgumentException.class,
                () -> loss().on(logits, tokens)
                        .tokenWeights(RowValues.of(new double[3]))
                        .compute(),
                "tokenWeights has 3",
                "12 rows");
    }

    @Test
    void errorsOfShapes() {
        Matrix logits = logits(ElementType.FLOAT32);
        assertRefused(
                IllegalArgumentException.class,
                () -> NextTokenLoss.of(options().build(), 5).loss(logits, ClassIndices.of(TOKENS)),
                "12 rows",
                "5 steps");
        assertRefused(
                IllegalArgumentException.class,
                () -> loss().loss(logits, ClassIndices.of(1, 2)),
                "tokens has 2 elements",
                "12 rows");
        assertRefused(
                IllegalArgumentException.class, () -> NextTokenLoss.of(options().build(), 0), "steps is 0", "at least");
        assertRefused(
                IllegalArgumentException.class,
                () -> loss().on(logits, ClassIndices.of(TOKENS)).bytes(-1),
                "bytes is -1");
        long[] tokens = TOKENS.clone();
        assertRefused(
                IllegalArgumentException.class,
                () -> loss().on(logits, ClassIndices.of(tokens))
                        .predictions(ClassIndices.of(tokens))
                        .compute(),
                "predictions overlaps tokens");
    }

    @Test
    void errorsOfResults() {
        Matrix logits = logits(ElementType.FLOAT32);
        LanguageModelResult result = loss().loss(logits, ClassIndices.of(TOKENS));
        assertRefused(IllegalStateException.class, result::bitsPerByte, "bytes was not given", "withBytes");
        assertRefused(
                IllegalArgumentException.class, () -> result.merge(result.withBytes(5)), "bytes is known (5)", "both");
        assertBits(Double.NaN, result.withBytes(0).bitsPerByte(), "of no bytes");
    }
}
