package org.crossentropy.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.crossentropy.api.ClassIndices;
import org.crossentropy.api.Denominator;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.EmptyMean;
import org.crossentropy.api.EmptyRows;
import org.crossentropy.api.IndexType;
import org.crossentropy.api.LabelSmoothing;
import org.crossentropy.api.LossResult;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.Reduction;
import org.junit.jupiter.api.Test;

/** The table of special values of softmax cross-entropy, its empty batches, and cases worked by hand. */
public abstract class SpecialValuesTck extends KernelTck {

    private static final double INFINITY = Double.POSITIVE_INFINITY;
    private static final LossOptions SMOOTHED = LossOptions.SUM.with(LabelSmoothing.uniform(0.1));
    private static final LossOptions SKIPPING = LossOptions.PLAIN.with(EmptyRows.IGNORED);

    /** Numbers of classes that use every path of a kernel: few, one block, several. */
    private static final int[] CLASSES = {2, 5, 16, 33, 129, 1025, 2100};

    /** Called by subclasses. */
    protected SpecialValuesTck() {}

    private Outcome compute(LossOptions options, Matrix logits, long... targets) {
        return compute(options.on(alone()), logits, ClassIndices.of(targets), outputFor(logits));
    }

    private static double[] rowOf(int classes, double value) {
        double[] row = new double[classes];
        Arrays.fill(row, value);
        return row;
    }

    private static void assertAllZero(Matrix gradient, long row, Object where) {
        for (int j = 0; j < gradient.columns(); j++) {
            assertBits(0.0, gradient.get(row, j), "class " + j + " of row " + row + ", " + where);
        }
    }

    private static void assertAllNan(Matrix gradient, long row, Object where) {
        for (int j = 0; j < gradient.columns(); j++) {
            long offset = (row * gradient.rowStride() + j) * gradient.type().bytes();
            long bits = switch (gradient.type()) {
                case FLOAT32 -> gradient.segment().get(ValueLayout.JAVA_INT_UNALIGNED, offset);
                case FLOAT64 -> gradient.segment().get(ValueLayout.JAVA_LONG_UNALIGNED, offset);
                case BFLOAT16, FLOAT16 -> throw new AssertionError(gradient.type());
            };
            long nan = gradient.type() == ElementType.FLOAT32 ? 0x7fc00000 : 0x7ff8000000000000L;
            assertEquals(nan, bits, "bits of class " + j + " of row " + row + " must be the one NaN, " + where);
        }
    }

    @Test
    void ignoredRowMayHoldAnything() {
        for (DataFamily family : DataFamily.values()) {
            types().forEach(type -> {
                Batch batch = batch(Batch.Shape.of(Grid.seed(), type, 12, 70).with(family));
                for (LossOptions options : LossOptions.combinations(70, Grid.seed())) {
                    Outcome outcome = compute(options, batch);
                    for (int row = 0; row < 12; row++) {
                        if (batch.target(row, options) < 0) {
                            assertBits(0.0, outcome.losses()[row], "row " + row + " of " + batch);
                            assertAllZero(outcome.gradient(), row, batch + " with " + options);
                        }
                    }
                }
            });
        }
    }

    @Test
    void nanAnywhereMakesItsRowNan() {
        for (double bad : new double[] {Double.NaN, INFINITY}) {
            for (int classes : new int[] {1, 2, 7, 33, 70, 1040}) {
                for (int place = 0; place < classes; place += classes > 100 ? 37 : 1) {
                    double[] row = rowOf(classes, 0.5);
                    row[place] = bad;
                    for (Matrix logits : inBothTypes(row)) {
                        for (LossOptions options : List.of(LossOptions.SUM, SMOOTHED, SKIPPING)) {
                            Outcome outcome = compute(options, logits, classes / 2);
                            String where = bad + " at " + place + " of " + logits + " with " + options;
                            assertBits(Double.NaN, outcome.losses()[0], where);
                            assertBits(Double.NaN, outcome.result().lossSum(), "sum, " + where);
                            assertEquals(1, outcome.result().count(), where);
                            assertAllNan(outcome.gradient(), 0, where);
                        }
                    }
                }
            }
        }
    }

    @Test
    void nanOfAnySignAndPayloadIsStoredAsTheOneNan() {
        int[] patterns = {0x7fc00000, 0xffc00000, 0x7f800001, 0xff800001, 0x7fffffff, 0xffffffff, 0x7fa5a5a5};
        for (int pattern : patterns) {
            for (int place : new int[] {0, 1, 6, 40}) {
                float[] row = new float[41];
                Matrix logits = Matrix.of(row, 1, 41);
                logits.segment().set(ValueLayout.JAVA_INT, 4L * place, pattern);
                Outcome outcome = compute(LossOptions.SUM, logits, 1);
                String where = Integer.toHexString(pattern) + " at " + place;
                assertBits(Double.NaN, outcome.losses()[0], where);
                assertAllNan(outcome.gradient(), 0, where);
            }
        }
    }

    @Test
    void nanTouchesItsOwnRowOnly() {
        types().forEach(type -> {
            Batch batch = batch(Batch.Shape.of(Grid.seed(), type, 9, 130));
            LossOptions options = LossOptions.SUM.with(IndexType.INT32, -7);
            Outcome clean = compute(options, batch);
            Matrix spoiled = batch.copyOfLogits();
            spoiled.set(4, 77, Double.NaN);
            Outcome outcome = compute(options.on(alone()), spoiled, batch.targets(options), batch.output());
            for (int row = 0; row < 9; row++) {
                if (row != 4) {
                    assertBits(clean.losses()[row], outcome.losses()[row], "row " + row + " of " + batch);
                    assertSameBits(clean.gradient(), row, outcome.gradient(), row, batch);
                }
            }
        });
    }

    @Test
    void minusInfinityAtAnotherClassIsLeftOut() {
        for (int classes : CLASSES) {
            double[] row = rowOf(classes, 1.25);
            double[] without = rowOf(classes - 1, 1.25);
            row[classes - 1] = -INFINITY;
            List<Matrix> with = inBothTypes(row);
            List<Matrix> others = inBothTypes(without);
            for (int i = 0; i < with.size(); i++) {
                Outcome outcome = compute(LossOptions.SUM, with.get(i), 0);
                Outcome expected = compute(LossOptions.SUM, others.get(i), 0);
                assertBits(
                        expected.losses()[0], outcome.losses()[0], with.get(i).toString());
                assertBits(0.0, outcome.gradient().get(0, classes - 1), "gradient there, " + with.get(i));
                Outcome smoothed = compute(SMOOTHED, with.get(i), 0);
                assertBits(INFINITY, smoothed.losses()[0], "with smoothing, " + with.get(i));
                for (int j = 0; j < classes; j++) {
                    int column = j;
                    assertTrue(
                            Double.isFinite(smoothed.gradient().get(0, j)),
                            () -> "gradient with smoothing at " + column + ", " + with);
                }
            }
        }
    }

    @Test
    void minusInfinityAtTheTargetIsAnInfiniteLossWithAFiniteGradient() {
        for (int classes : CLASSES) {
            double[] row = rowOf(classes, 0);
            row[1] = -INFINITY;
            for (Matrix logits : inBothTypes(row)) {
                Outcome outcome = compute(LossOptions.SUM, logits, 1);
                assertBits(INFINITY, outcome.losses()[0], logits.toString());
                assertBits(INFINITY, outcome.result().lossSum(), logits.toString());
                assertBits(-1.0, outcome.gradient().get(0, 1), "gradient at the target, " + logits);
                double rest = outcome.gradient().get(0, 0);
                assertNear(1.0 / (classes - 1), rest, Tolerances.SAME_LOSS_FLOAT32, "gradient elsewhere, " + logits);
            }
        }
    }

    @Test
    void rowOfMinusInfinityIsNanByDefault() {
        for (int classes : new int[] {1, 2, 33, 1025, 2100}) {
            for (Matrix logits : inBothTypes(rowOf(classes, -INFINITY))) {
                for (LossOptions options : List.of(LossOptions.SUM, SMOOTHED)) {
                    Outcome outcome = compute(options, logits, 0);
                    assertBits(Double.NaN, outcome.losses()[0], logits + " with " + options);
                    assertEquals(1, outcome.result().count());
                    assertAllNan(outcome.gradient(), 0, logits + " with " + options);
                }
            }
        }
    }

    @Test
    void rowOfMinusInfinityCountsForNothingIfIgnored() {
        types().forEach(type -> {
            Batch batch = batch(Batch.Shape.of(Grid.seed(), type, 60, 33).with(DataFamily.EMPTY_ROWS));
            for (LossOptions options : List.of(
                    SKIPPING,
                    SKIPPING.with(Reduction.SUM),
                    SKIPPING.with(LabelSmoothing.uniform(0.1)),
                    SKIPPING.withWeights(LossOptions.randomWeights(33, Grid.seed())))) {
                Outcome outcome = compute(options, batch);
                Outcome expected = compute(options, batch, isEmpty(batch));
                assertEquals(expected.result().count(), outcome.result().count(), options.toString());
                for (int row = 0; row < 60; row++) {
                    assertBits(expected.losses()[row], outcome.losses()[row], "row " + row + ", " + options);
                }
                assertNear(
                        expected.result().weightSum(),
                        outcome.result().weightSum(),
                        Tolerances.BATCH_SUM,
                        "weight sum of " + batch);
                if (options.weights().isEmpty()) {
                    assertSameBits(expected.gradient(), outcome.gradient(), batch + " with " + options);
                }
            }
        });
    }

    private static boolean[] isEmpty(Batch batch) {
        boolean[] empty = new boolean[batch.shape().rows()];
        for (int row = 0; row < empty.length; row++) {
            empty[row] = new RowOracle(batch.logits(), row).isEmpty();
        }
        return empty;
    }

    /** Computes with the targets of some rows set to the ignore index. */
    private Outcome compute(LossOptions options, Batch batch, boolean[] ignored) {
        ClassIndices targets = batch.targets(options);
        long[] indices = new long[ignored.length];
        for (int row = 0; row < ignored.length; row++) {
            indices[row] = ignored[row] ? options.ignoreIndex() : targets.get(row);
        }
        return compute(options.on(alone()), batch.logits(), ClassIndices.of(indices), batch.output());
    }

    @Test
    void weightSumOfIgnoredEmptyRowsIsZero() {
        int rows = 3000;
        double[] values = rowOf(rows * 33, -INFINITY);
        long[] targets = new long[rows];
        for (int row = 0; row < rows; row++) {
            targets[row] = row % 33;
        }
        LossOptions options = SKIPPING.withWeights(LossOptions.randomWeights(33, Grid.seed()));
        LossResult result =
                compute(options, Matrix.of(values, rows, 33), targets).result();
        assertEquals(0, result.count());
        assertBits(0.0, result.weightSum(), "no row is left, weight sum");
        assertBits(Double.NaN, result.mean(), "no row is left, mean");
    }

    @Test
    void weightOfZeroWinsOverAnInfinity() {
        double[] row = {1, -INFINITY, 2, 0.5};
        LossOptions options = SMOOTHED.withWeights(List.of(1.0, 0.0, 2.0, 1.0));
        for (Matrix logits : inBothTypes(row)) {
            Outcome other = compute(options, logits, 2);
            assertTrue(Double.isFinite(other.losses()[0]), () -> "loss is " + other.losses()[0]);
            RowOracle oracle = new RowOracle(logits, 0);
            LossOracle expected = new LossOracle(options, logits.type(), 4);
            assertNear(
                    expected.loss(oracle, 2).high(),
                    other.losses()[0],
                    Tolerances.sameLoss(logits.type()),
                    "weight 0 at another class");
            Outcome target = compute(options, logits, 1);
            assertTrue(Double.isFinite(target.losses()[0]), () -> "loss is " + target.losses()[0]);
            Outcome plain = compute(options.with(LabelSmoothing.none()), logits, 1);
            assertBits(0.0, plain.losses()[0], "weight 0 at the target, no smoothing");
            assertAllZeroInValue(plain.gradient(), "weight 0 at the target, no smoothing");
            for (int j = 0; j < 4; j++) {
                int column = j;
                assertTrue(Double.isFinite(other.gradient().get(0, j)), () -> "gradient at " + column);
                assertTrue(Double.isFinite(target.gradient().get(0, j)), () -> "gradient at " + column);
            }
        }
    }

    private static void assertAllZeroInValue(Matrix gradient, Object where) {
        for (int j = 0; j < gradient.columns(); j++) {
            assertEquals(0, Math.abs(gradient.get(0, j)), "gradient at " + j + ", " + where);
        }
    }

    @Test
    void maskedVocabularyOfWeightZeroKeepsItsSmoothedLoss() {
        // The first block is masked by -inf and weight 0; the rest lies far from 0.
        double[] row = rowOf(2048, 1000);
        Arrays.fill(row, 0, 1024, -INFINITY);
        Double[] weights = new Double[2048];
        Arrays.fill(weights, 0, 1024, 0.0);
        Arrays.fill(weights, 1024, 2048, 1.0);
        LossOptions options = SMOOTHED.withWeights(List.of(weights));
        for (Matrix logits : inBothTypes(row)) {
            double expected = new LossOracle(options, logits.type(), 2048)
                    .loss(new RowOracle(logits, 0), 1500)
                    .high();
            double actual = compute(options, logits, 1500).losses()[0];
            assertNear(expected, actual, Tolerances.MASKED_SMOOTHED_LOSS, logits);
        }
    }

    @Test
    void oneClassIsCertain() {
        for (double value : new double[] {0, -0.0, 5, -300, 1e30, -1e-40}) {
            for (Matrix logits : inBothTypes(value)) {
                Outcome outcome = compute(LossOptions.SUM, logits, 0);
                assertEquals(0, outcome.losses()[0], logits + " of " + value);
                assertEquals(0, Math.abs(outcome.gradient().get(0, 0)), logits + " of " + value);
            }
        }
    }

    @Test
    void oneClassIsCertainWithSmoothingToo() {
        for (double epsilon : new double[] {0.1, 0.25, 0.3, 1}) {
            for (Matrix logits : inBothTypes(3)) {
                Outcome outcome = compute(LossOptions.SUM.with(LabelSmoothing.uniform(epsilon)), logits, 0);
                assertEquals(0, outcome.losses()[0], "epsilon " + epsilon);
                assertEquals(0, Math.abs(outcome.gradient().get(0, 0)), "gradient, epsilon " + epsilon);
            }
        }
    }

    @Test
    void emptyBatch() {
        types().forEach(type -> {
            Batch batch = batch(Batch.Shape.of(Grid.seed(), type, 0, 10));
            for (LossOptions options : LossOptions.combinations(10, Grid.seed())) {
                assertNothing(compute(options, batch), options);
            }
        });
    }

    @Test
    void allRowsIgnored() {
        types().forEach(type -> {
            Batch batch = batch(Batch.Shape.of(Grid.seed(), type, 6, 10).with(DataFamily.MIXED));
            boolean[] all = {true, true, true, true, true, true};
            for (LossOptions options : LossOptions.combinations(10, Grid.seed())) {
                for (EmptyMean mean : EmptyMean.values()) {
                    LossOptions each = options.with(mean).with(IndexType.INT64, -9);
                    Outcome outcome = compute(each, batch, all);
                    assertNothing(outcome, each);
                    for (int row = 0; row < 6; row++) {
                        assertBits(0.0, outcome.losses()[row], "row " + row + " with " + each);
                        assertAllZero(outcome.gradient(), row, each);
                    }
                    assertBits(0.0, outcome.result().mean(Denominator.Of.ALL_ROWS), "mean over all rows, " + each);
                }
            }
        });
    }

    private static void assertNothing(Outcome outcome, LossOptions options) {
        LossResult result = outcome.result();
        double mean = options.emptyMean() == EmptyMean.ZERO ? 0 : Double.NaN;
        assertBits(0.0, result.lossSum(), "sum of nothing with " + options);
        assertBits(0.0, result.weightSum(), "weight of nothing with " + options);
        assertEquals(0, result.count(), "count of nothing with " + options);
        assertBits(mean, result.mean(), "mean of nothing with " + options);
        assertBits(mean, result.mean(Denominator.Of.VALID_ROWS), "mean of nothing with " + options);
        assertBits(0.0, result.mean(Denominator.given(2)), "nothing by 2 with " + options);
    }

    @Test
    void weightsOfZeroHaveNoMean() {
        Matrix logits = Matrix.of(new double[] {1, 2, 3, 4}, 2, 2);
        LossOptions options = LossOptions.PLAIN.withWeights(List.of(0.0, 0.0));
        Outcome nan = compute(options, logits, 0, 1);
        assertBits(Double.NaN, nan.result().value(), "mean by a weight sum of 0");
        assertEquals(2, nan.result().count());
        Outcome zero = compute(options.with(EmptyMean.ZERO), logits, 0, 1);
        assertBits(0.0, zero.result().value(), "mean by a weight sum of 0");
        assertAllZeroInValue(zero.gradient(), "mean by a weight sum of 0");
    }

    @Test
    void classOfTheIgnoreIndexStaysInTheSoftmax() {
        Matrix logits = Matrix.of(new double[] {1, 2, 3, 4, 5, 6}, 2, 3);
        LossOptions options = LossOptions.SUM.with(IndexType.INT32, 2);
        Outcome outcome = compute(options, logits, 2, 0);
        assertBits(0.0, outcome.losses()[0], "ignored row");
        assertAllZero(outcome.gradient(), 0, "ignored row");
        double expected = Math.log(1 + Math.exp(1) + Math.exp(2));
        assertNear(expected, outcome.losses()[1], Tolerances.SAME_LOSS_FLOAT64, "the other row");
        assertTrue(outcome.gradient().get(1, 2) > 0.5, "the class is in the softmax of the other row");
    }

    @Test
    void logitsFarFromZero() {
        for (double far : new double[] {-105, -110, -1e4, 1e4, -1e30, 3e38, -3e38}) {
            for (int classes : new int[] {2, 40, 1025}) {
                for (Matrix logits : inBothTypes(rowOf(classes, far))) {
                    Outcome outcome = compute(LossOptions.SUM, logits, 1);
                    assertNear(Math.log(classes), outcome.losses()[0], Tolerances.UNIFORM_LOSS, logits + " of " + far);
                    double rest = outcome.gradient().get(0, 0);
                    assertNear(1.0 / classes, rest, Tolerances.SAME_LOSS_FLOAT32, "gradient, " + far);
                }
            }
        }
    }

    @Test
    void logitsFarApart() {
        for (double far : new double[] {200, 1e4, 3e38}) {
            for (Matrix logits : inBothTypes(far, 0, -far)) {
                double top = logits.get(0, 0);
                Outcome right = compute(LossOptions.SUM, logits, 0);
                double bound = 2 * Math.exp(-far);
                assertTrue(right.losses()[0] >= 0 && right.losses()[0] <= bound, () -> "loss of the largest, " + far);
                Outcome wrong = compute(LossOptions.SUM, logits, 2);
                assertNear(2 * top, wrong.losses()[0], Tolerances.SAME_LOSS_FLOAT64, "loss of the least, " + far);
                assertBits(-1.0, wrong.gradient().get(0, 2), "gradient of the least, " + far);
                assertBits(1.0, wrong.gradient().get(0, 0), "gradient of the largest, " + far);
                double middle = wrong.gradient().get(0, 1);
                assertTrue(middle >= 0 && middle <= bound, () -> "gradient of the middle, " + far);
            }
        }
    }

    @Test
    void smoothedLossOfExtremeLogitsIsNotNegative() {
        for (int classes : new int[] {3, 1030, 2100}) {
            double[] row = rowOf(classes, -3e38);
            row[classes - 1] = 3e38;
            for (Matrix logits : inBothTypes(row)) {
                double loss = compute(SMOOTHED, logits, 0).losses()[0];
                assertTrue(
                        loss > 0, () -> "loss of " + logits + " from -3e38 to 3e38 is " + loss + ", must be positive");
            }
        }
    }

    @Test
    void subnormalLogitsAreNotFlushed() {
        double[] row = {1e-310, 0, -1e-310};
        Outcome outcome = compute(LossOptions.SUM, Matrix.of(row, 1, 3), 1);
        assertNear(Math.log(3), outcome.losses()[0], Tolerances.UNIFORM_LOSS, "subnormal logits");
    }

    @Test
    void aTinyLossKeepsItsDigits() {
        // 1e-10 and below, from logits whose differences are exact: nothing but the exponential is rounded.
        for (double gap : new double[] {5, 10, 20, 23, 40, 64, 80}) {
            for (Matrix logits : inBothTypes(gap, 0)) {
                double loss = compute(LossOptions.SUM, logits, 0).losses()[0];
                double expected = Math.log1p(Math.exp(-gap));
                double units = Math.abs(loss - expected) / Ulp.spacing(logits.type(), expected);
                assertTrue(
                        units <= Tolerances.EXACT_DIFFERENCE_LOSS,
                        () -> "loss for a lead of " + gap + " is " + loss + ", must be " + expected + ", off by "
                                + units + " ULP; " + logits);
                double gradient = compute(LossOptions.SUM, logits, 0).gradient().get(0, 0);
                double slope = -Math.exp(-gap) / (1 + Math.exp(-gap));
                assertTrue(
                        Math.abs(gradient - slope)
                                <= Tolerances.EXACT_DIFFERENCE_LOSS * Ulp.spacing(logits.type(), slope),
                        () -> "gradient for a lead of " + gap + " is " + gradient + ", must be " + slope);
            }
        }
    }

    @Test
    void smoothingInWordsOfOthers() {
        // epsilon 0.1 over 5 classes: (1 - 0.1) 0.5944... + 0.1/5 of the sum of the surprisals.
        double[] row = {2, 1, 0, -1, 0.5};
        for (Matrix logits : inBothTypes(row)) {
            double loss = compute(SMOOTHED, logits, 0).losses()[0];
            assertEquals(0.7244379, loss, Tolerances.SEVEN_DIGITS, logits.toString());
        }
    }

    @Test
    void weightedMeanOfTwoRowsByHand() {
        // Row 0: logits 0 and log 3, so p = 1/4, 3/4; row 1: equal logits, p = 1/2 each. Weights 2 and 6.
        double[] values = {0, Math.log(3), 0, 0};
        LossOptions options = LossOptions.PLAIN.withWeights(List.of(2.0, 6.0));
        Outcome outcome = compute(options, Matrix.of(values, 2, 2), 0, 1);
        double first = 2 * Math.log(4);
        double second = 6 * Math.log(2);
        double allowed = Tolerances.SAME_LOSS_FLOAT64;
        assertNear(first, outcome.losses()[0], allowed, "2 log 4");
        assertNear(second, outcome.losses()[1], allowed, "6 log 2");
        assertNear((first + second) / 8, outcome.result().value(), allowed, "mean by the weights 2 + 6");
        assertNear((first + second) / 2, outcome.result().mean(Denominator.Of.VALID_ROWS), allowed, "mean by rows");
        assertNear(-2 * 0.75 / 8, outcome.gradient().get(0, 0), allowed, "2 (1/4 - 1) / 8");
        assertNear(2 * 0.75 / 8, outcome.gradient().get(0, 1), allowed, "2 (3/4) / 8");
        assertNear(6 * 0.5 / 8, outcome.gradient().get(1, 0), allowed, "6 (1/2) / 8");
    }

    @Test
    void weightedAndSmoothedMeanByHand() {
        // p = 1/4, 3/4; target 0; weights 2, 6; epsilon 0.2: 0.8 2 log 4 + 0.1 (2 log 4 + 6 log(4/3)), all by 2.
        LossOptions options = LossOptions.PLAIN.withWeights(List.of(2.0, 6.0)).with(LabelSmoothing.uniform(0.2));
        Outcome outcome = computeRow(options, 0, 0.0, Math.log(3));
        double loss = 0.8 * 2 * Math.log(4) + 0.1 * (2 * Math.log(4) + 6 * Math.log(4.0 / 3));
        double allowed = Tolerances.SAME_LOSS_FLOAT64;
        assertNear(loss, outcome.losses()[0], allowed, "row loss");
        assertNear(loss / 2, outcome.result().value(), allowed, "mean by the target's weight, as in PyTorch");
        // The masses are 0.9 2 = 1.8 and 0.1 6 = 0.6, in all 2.4: gradient 2.4 p - mass, by 2.
        assertNear((2.4 / 4 - 1.8) / 2, outcome.gradient().get(0, 0), allowed, "gradient at the target");
        assertNear((2.4 * 3 / 4 - 0.6) / 2, outcome.gradient().get(0, 1), allowed, "gradient at the other");
    }

    @Test
    void weightsOfFloat32AreRoundedToFloat() {
        LossOptions options = LossOptions.SUM.withWeights(Collections.nCopies(2, 0.1));
        Outcome outcome = computeRow(options, 0, 0f, 0f);
        assertBits((float) 0.1, outcome.result().weightSum(), "weight sum");
        assertNear((float) 0.1 * Math.log(2), outcome.losses()[0], Tolerances.SAME_LOSS_FLOAT64, "loss");
    }
}
