package org.crossentropy.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import org.crossentropy.api.ClassIndices;
import org.crossentropy.api.Denominator;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.IndexType;
import org.crossentropy.api.LabelSmoothing;
import org.crossentropy.api.LossResult;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.Reduction;
import org.crossentropy.api.RowValues;
import org.crossentropy.api.SoftmaxCrossEntropy;
import org.junit.jupiter.api.Test;

/** The mathematical laws of softmax cross-entropy, on ordinary logits. */
public abstract class SoftmaxCrossEntropyTck extends KernelTck {

    private static final int[] CLASSES = {1, 2, 3, 10, 33, 100, 129, 1025};

    /** Called by subclasses. */
    protected SoftmaxCrossEntropyTck() {}

    /** What a law looks at. */
    private interface Law {
        void check(Batch batch, LossOptions options);
    }

    /** Checks a law on ordinary batches with every combination of options. */
    private static void forAll(int rows, Law law) {
        for (ElementType type : ElementType.ARITHMETIC) {
            for (int classes : CLASSES) {
                Batch batch = batch(Batch.Shape.of(Grid.seed() + classes, type, rows, classes));
                for (LossOptions options : LossOptions.combinations(classes, Grid.seed())) {
                    law.check(batch, options);
                }
            }
        }
    }

    @Test
    void exactShiftKeepsTheBits() {
        types().forEach(type -> {
            Batch batch = batch(Batch.Shape.of(Grid.seed(), type, 5, 1100));
            Matrix logits = batch.copyOfLogits();
            Matrix shifted = batch.output();
            for (long row = 0; row < 5; row++) {
                for (int j = 0; j < 1100; j++) {
                    double value = Math.rint(logits.get(row, j) * 16) / 16;
                    logits.set(row, j, value);
                    shifted.set(row, j, value + 1024);
                }
            }
            for (LossOptions options : LossOptions.combinations(1100, Grid.seed())) {
                SoftmaxCrossEntropy loss = options.on(alone());
                ClassIndices targets = batch.targets(options);
                assertSameBits(
                        compute(loss, logits, targets, batch.output()),
                        compute(loss, shifted, targets, batch.output()),
                        batch + " + 1024 with " + options);
            }
        });
    }

    @Test
    void rowsDoNotSeeEachOther() {
        forAll(9, (batch, options) -> {
            Outcome whole = compute(options.with(Reduction.SUM), batch);
            ClassIndices targets = batch.targets(options);
            for (int row = 0; row < 9; row++) {
                Matrix logits = batch.logits().rows(row, 1);
                Outcome one = compute(
                        options.with(Reduction.SUM).on(alone()),
                        logits,
                        ClassIndices.of(targets.get(row)),
                        outputFor(logits));
                assertBits(whole.losses()[row], one.losses()[0], "row " + row + " of " + batch + " with " + options);
                assertSameBits(whole.gradient(), row, one.gradient(), 0, batch + " with " + options);
            }
        });
    }

    @Test
    void lossIsNotNegative() {
        for (DataFamily family : DataFamily.values()) {
            for (ElementType type : ElementType.ARITHMETIC) {
                for (int classes : new int[] {1, 2, 17, 1025}) {
                    Batch batch =
                            batch(Batch.Shape.of(Grid.seed(), type, 7, classes).with(family));
                    for (LossOptions options : LossOptions.combinations(classes, Grid.seed())) {
                        for (double loss : compute(options, batch).losses()) {
                            assertTrue(!(loss < 0), () -> "a loss is " + loss + ", " + batch + " with " + options);
                        }
                    }
                }
            }
        }
    }

    @Test
    void uniformLogitsLoseTheLogarithmOfTheNumberOfClasses() {
        for (int classes : new int[] {1, 2, 3, 10, 1000, 1024, 50_257}) {
            for (double level : new double[] {0, -0.0, 3.7, -200, 1e4, 1e-40}) {
                double[] row = new double[classes];
                java.util.Arrays.fill(row, level);
                for (Matrix logits : inBothTypes(row)) {
                    Outcome outcome = compute(
                            LossOptions.SUM.on(alone()), logits, ClassIndices.of(classes / 2), outputFor(logits));
                    assertNear(
                            Math.log(classes), outcome.losses()[0], Tolerances.UNIFORM_LOSS, logits + " of " + level);
                }
            }
        }
    }

    @Test
    void gradientOfARowSumsToZero() {
        forAll(6, (batch, options) -> {
            if (!options.weights().isEmpty()) {
                return;
            }
            Outcome outcome = compute(options.with(Reduction.SUM), batch);
            for (int row = 0; row < 6; row++) {
                double sum = 0;
                double size = 0;
                for (int j = 0; j < batch.shape().classes(); j++) {
                    sum += outcome.gradient().get(row, j);
                    size += Math.abs(outcome.gradient().get(row, j));
                }
                ElementType type = batch.shape().type();
                double depth = new RowOracle(batch.logits(), row).meanDepth(-1);
                double bound = Tolerances.Quantity.GRADIENT_ROW_SUM.bound(type, depth) * Ulp.spacing(type, 1);
                // 1 is what alpha p - beta w cancels from.
                double allowed = bound * Math.max(size, options.smoothing().epsilon());
                if (!(Math.abs(sum) <= allowed)) {
                    fail("row " + row + " sums to " + sum + ", allowed is " + allowed + ": " + batch + " with "
                            + options);
                }
            }
        });
    }

    @Test
    void gradientIsTheDerivative() {
        for (LossOptions options : LossOptions.combinations(5, Grid.seed())) {
            Batch batch = batch(Batch.Shape.of(Grid.seed(), ElementType.FLOAT64, 4, 5));
            if (options.reduction() instanceof Reduction.None) {
                continue;
            }
            SoftmaxCrossEntropy loss = options.on(alone());
            ClassIndices targets = batch.targets(options);
            Matrix gradient = compute(options, batch).gradient();
            Matrix logits = batch.copyOfLogits();
            for (int row = 0; row < 4; row++) {
                for (int j = 0; j < 5; j++) {
                    double slope = slope(loss, logits, targets, row, j);
                    double difference = Math.abs(slope - gradient.get(row, j));
                    String where = "row " + row + ", class " + j + " is " + gradient.get(row, j) + ", differences say "
                            + slope + ": " + batch + " with " + options;
                    assertTrue(difference <= Tolerances.DIFFERENCE_ERROR, where);
                }
            }
        }
    }

    /** The central difference of the reduced loss. */
    private static double slope(SoftmaxCrossEntropy loss, Matrix logits, ClassIndices targets, int row, int column) {
        double old = logits.get(row, column);
        double step = Tolerances.DIFFERENCE_STEP;
        logits.set(row, column, old + step);
        double above = loss.loss(logits, targets).value();
        logits.set(row, column, old - step);
        double below = loss.loss(logits, targets).value();
        logits.set(row, column, old);
        return (above - below) / (2 * step);
    }

    @Test
    void ignoredRowsAreAsIfRemoved() {
        forAll(40, (batch, options) -> {
            if (options.reduction() instanceof Reduction.Mean(Denominator denominator)
                    && denominator == Denominator.Of.ALL_ROWS) {
                return;
            }
            Outcome whole = compute(options, batch);
            List<Integer> kept = new ArrayList<>();
            for (int row = 0; row < 40; row++) {
                if (batch.target(row, options) >= 0) {
                    kept.add(row);
                }
            }
            Outcome part = compute(options, batch, kept);
            String where = batch + " with " + options;
            assertEquals(whole.result().count(), part.result().count(), where);
            assertEquals(kept.size(), part.result().count(), where);
            assertNear(whole.result().lossSum(), part.result().lossSum(), Tolerances.BATCH_SUM, where);
            for (int i = 0; i < kept.size(); i++) {
                assertBits(whole.losses()[kept.get(i)], part.losses()[i], "row " + kept.get(i) + " of " + where);
                assertSameBits(whole.gradient(), kept.get(i), part.gradient(), i, where);
            }
        });
    }

    private Outcome compute(LossOptions options, Batch batch, List<Integer> rows) {
        ClassIndices targets = batch.targets(options);
        double[] values = new double[rows.size() * batch.shape().classes()];
        Matrix all = Matrix.of(values, rows.size(), batch.shape().classes());
        Matrix logits = batch.shape().type() == ElementType.FLOAT64
                ? all
                : Matrix.of(new float[values.length], rows.size(), batch.shape().classes());
        long[] indices = new long[rows.size()];
        for (int i = 0; i < rows.size(); i++) {
            indices[i] = targets.get(rows.get(i));
            for (int j = 0; j < logits.columns(); j++) {
                logits.set(i, j, batch.logits().get(rows.get(i), j));
            }
        }
        return compute(options.on(alone()), logits, ClassIndices.of(indices), outputFor(logits));
    }

    @Test
    void orderOfTheRowsDoesNotMatter() {
        forAll(23, (batch, options) -> {
            List<Integer> order = new ArrayList<>();
            for (int row = 0; row < 23; row++) {
                order.add(row);
            }
            Collections.shuffle(order, new Random(Grid.seed()));
            Outcome straight = compute(options.with(Reduction.SUM), batch);
            Outcome shuffled = compute(options.with(Reduction.SUM), batch, order);
            for (int i = 0; i < 23; i++) {
                String where = "row " + order.get(i) + " at place " + i + " of " + batch + " with " + options;
                assertBits(straight.losses()[order.get(i)], shuffled.losses()[i], where);
                assertSameBits(straight.gradient(), order.get(i), shuffled.gradient(), i, where);
            }
        });
    }

    @Test
    void smoothingOfZeroIsNone() {
        forAll(6, (batch, options) -> {
            Outcome plain = compute(options.with(LabelSmoothing.none()), batch);
            assertSameBits(plain, compute(options.with(LabelSmoothing.uniform(0)), batch), batch + " " + options);
            assertSameBits(plain, compute(options.with(LabelSmoothing.others(0)), batch), batch + " " + options);
        });
    }

    @Test
    void smoothingOverTheOthersIsAGreaterUniformOne() {
        forAll(6, (batch, options) -> {
            int classes = batch.shape().classes();
            if (classes == 1) {
                return;
            }
            double epsilon = 0.1;
            LossOptions others = options.with(LabelSmoothing.others(epsilon));
            LossOptions uniform = options.with(LabelSmoothing.uniform(epsilon * classes / (classes - 1)));
            double[] expected = compute(others, batch).losses();
            double[] actual = compute(uniform, batch).losses();
            for (int row = 0; row < 6; row++) {
                double allowed = Tolerances.sameLoss(batch.shape().type());
                assertNear(expected[row], actual[row], allowed, "row " + row + " of " + batch + " with " + options);
            }
        });
    }

    @Test
    void weightsOfOneAreNone() {
        forAll(6, (batch, options) -> {
            List<Double> ones = Collections.nCopies(batch.shape().classes(), 1.0);
            Outcome expected = compute(options.withWeights(List.of()), batch);
            assertSameBits(expected, compute(options.withWeights(ones), batch), batch + " " + options);
        });
    }

    @Test
    void lossAloneHasTheBitsOfLossAndGradient() {
        forAll(30, (batch, options) -> {
            Outcome both = compute(options, batch);
            SoftmaxCrossEntropy loss = options.on(alone());
            double[] losses = new double[30];
            LossResult result = loss.loss(batch.logits(), batch.targets(options), RowValues.of(losses));
            assertSameBits(both.result(), result, batch + " with " + options);
            assertSameBits(both.losses(), losses, batch + " with " + options);
            assertSameBits(result, loss.loss(batch.logits(), batch.targets(options)), batch + " with " + options);
            Matrix gradient = batch.output();
            LossResult again = loss.lossAndGradient(batch.logits(), batch.targets(options), gradient);
            assertSameBits(result, again, batch + " with " + options);
            assertSameBits(both.gradient(), gradient, batch + " with " + options);
        });
    }

    @Test
    void gradientInPlaceHasTheBitsOfOneApart() {
        forAll(30, (batch, options) -> {
            Outcome apart = compute(options, batch);
            Matrix logits = batch.copyOfLogits();
            Outcome inPlace = compute(options.on(alone()), logits, batch.targets(options), logits);
            assertSameBits(apart, inPlace, batch + " with " + options);
        });
    }

    @Test
    void reductionOfNoneAndSumHaveTheSameGradient() {
        forAll(5, (batch, options) -> {
            Matrix none = compute(options.with(Reduction.NONE), batch).gradient();
            assertSameBits(none, compute(options.with(Reduction.SUM), batch).gradient(), batch + " " + options);
        });
    }

    @Test
    void meanByAGivenNumberIsTheGradientOfGradientAccumulation() {
        types().forEach(type -> {
            Batch batch = batch(Batch.Shape.of(Grid.seed(), type, 16, 40));
            LossOptions options = LossOptions.PLAIN.with(Reduction.mean(Denominator.given(13)));
            SoftmaxCrossEntropy loss = options.on(alone());
            ClassIndices targets = batch.targets(options);
            Outcome whole = compute(options, batch);
            for (int from = 0; from < 16; from += 4) {
                Matrix part = batch.logits().rows(from, 4);
                long[] indices = new long[4];
                for (int i = 0; i < 4; i++) {
                    indices[i] = targets.get(from + i);
                }
                Matrix gradient = outputFor(part);
                loss.lossAndGradient(part, ClassIndices.of(indices), gradient);
                for (int i = 0; i < 4; i++) {
                    assertSameBits(whole.gradient(), from + i, gradient, i, batch);
                }
            }
        });
    }

    /** Parts of a batch, cut where no group of rows ends. */
    private List<LossResult> parts(LossOptions options, Batch batch) {
        SplittableRandom random = new SplittableRandom(Grid.seed());
        ClassIndices targets = batch.targets(options);
        List<LossResult> parts = new ArrayList<>();
        int rows = batch.shape().rows();
        for (int from = 0; from < rows; ) {
            int count = Math.min(rows - from, 1 + random.nextInt(60));
            long[] indices = new long[count];
            for (int i = 0; i < count; i++) {
                indices[i] = targets.get(from + i);
            }
            parts.add(options.on(alone()).loss(batch.logits().rows(from, count), ClassIndices.of(indices)));
            from += count;
        }
        return parts;
    }

    private static LossResult merged(List<LossResult> parts) {
        return parts.stream().reduce(LossResult::merge).orElseThrow();
    }

    @Test
    void mergedPartsAreTheWholeInAnyOrder() {
        forAll(300, (batch, options) -> {
            List<LossResult> parts = parts(options, batch);
            LossResult whole = options.on(alone()).loss(batch.logits(), batch.targets(options));
            LossResult straight = merged(parts);
            String where = batch + " with " + options;
            assertEquals(whole.count(), straight.count(), where);
            assertEquals(whole.rows(), straight.rows(), where);
            assertNear(whole.lossSum(), straight.lossSum(), Tolerances.BATCH_SUM, where);
            assertNear(whole.weightSum(), straight.weightSum(), Tolerances.BATCH_SUM, where);
            Random random = new Random(Grid.seed());
            for (int order = 0; order < 5; order++) {
                Collections.shuffle(parts, random);
                assertBits(straight.lossSum(), merged(parts).lossSum(), "loss sum in another order, " + where);
            }
        });
    }

    @Test
    void mergedMeanDoesNotDependOnTheOrder() {
        forAll(300, (batch, options) -> {
            List<LossResult> parts = parts(options, batch);
            LossResult straight = merged(parts);
            Random random = new Random(Grid.seed());
            for (int order = 0; order < 5; order++) {
                Collections.shuffle(parts, random);
                String where = " in another order, " + batch + " with " + options;
                assertBits(straight.weightSum(), merged(parts).weightSum(), "weight sum" + where);
                assertBits(straight.mean(), merged(parts).mean(), "mean" + where);
            }
        });
    }

    @Test
    void resultsOfDifferentMeaningDoNotMerge() {
        LossResult mean = computeRow(LossOptions.PLAIN, 0, 1.0, 2.0).result();
        LossResult sum = computeRow(LossOptions.SUM, 0, 1.0, 2.0).result();
        var thrown = assertThrows(IllegalArgumentException.class, () -> mean.merge(sum));
        assertTrue(String.valueOf(thrown.getMessage()).contains("cannot merge"), thrown.getMessage());
    }

    @Test
    void targetsOfBothFormatsGiveTheSameBits() {
        forAll(20, (batch, options) -> {
            Outcome ints = compute(options.with(IndexType.INT32, options.ignoreIndex()), batch);
            Outcome longs = compute(options.with(IndexType.INT64, options.ignoreIndex()), batch);
            assertSameBits(ints, longs, batch + " with " + options);
        });
    }

    @Test
    void anyNumberMarksIgnoredRows() {
        long[] marks = {Long.MIN_VALUE, Long.MAX_VALUE, -1, 1L << 32, (1L << 32) + 1, 100};
        for (long mark : marks) {
            Batch batch = batch(Batch.Shape.of(Grid.seed(), ElementType.FLOAT32, 20, 10));
            Outcome expected = compute(LossOptions.PLAIN, batch);
            assertSameBits(
                    expected, compute(LossOptions.PLAIN.with(IndexType.INT64, mark), batch), "ignore index " + mark);
        }
    }

    @Test
    void rowLossesOfFloat32AreThoseOfFloat64Rounded() {
        types().forEach(type -> {
            Batch batch = batch(Batch.Shape.of(Grid.seed(), type, 30, 7).with(DataFamily.CONFIDENT));
            Outcome outcome = compute(LossOptions.SUM, batch);
            float[] rounded = new float[30];
            ClassIndices targets = batch.targets(LossOptions.SUM);
            LossOptions.SUM.on(alone()).loss(batch.logits(), targets, RowValues.of(rounded));
            for (int row = 0; row < 30; row++) {
                assertBits((float) outcome.losses()[row], rounded[row], "row " + row + " of " + batch);
            }
        });
    }

    @Test
    void manyRowsOfFewClasses() {
        for (int classes : new int[] {1, 2, 5, 16, 40}) {
            types().forEach(type -> {
                Batch batch = batch(Batch.Shape.of(Grid.seed(), type, 1500, classes));
                for (LossOptions options : LossOptions.combinations(classes, Grid.seed())) {
                    Outcome whole = compute(options.with(Reduction.SUM), batch);
                    double sum = 0;
                    ClassIndices targets = batch.targets(options);
                    for (int row = 0; row < 1500; row += 37) {
                        Matrix logits = batch.logits().rows(row, 1);
                        ClassIndices target = ClassIndices.of(targets.get(row));
                        LossOptions alike = options.with(Reduction.SUM);
                        Outcome one = compute(alike.on(alone()), logits, target, outputFor(logits));
                        String where = "row " + row + " of " + batch + " with " + options;
                        assertBits(one.losses()[0], whole.losses()[row], where);
                        assertSameBits(one.gradient(), 0, whole.gradient(), row, where);
                    }
                    for (double loss : whole.losses()) {
                        sum += loss;
                    }
                    assertNear(sum, whole.result().lossSum(), Tolerances.BATCH_SUM, batch + " with " + options);
                }
            });
        }
    }

    @Test
    void optionsSurviveTheBuilder() {
        Batch batch = batch(Batch.Shape.of(Grid.seed(), ElementType.FLOAT32, 20, 10));
        for (LossOptions options : LossOptions.combinations(10, Grid.seed())) {
            SoftmaxCrossEntropy loss = options.on(alone()).toBuilder().build();
            assertSameBits(
                    compute(options, batch),
                    compute(loss, batch.logits(), batch.targets(options), batch.output()),
                    options);
        }
    }

    @Test
    void noReductionHasNoValue() {
        LossResult result =
                computeRow(LossOptions.PLAIN.with(Reduction.NONE), 1, 1.0, 2.0).result();
        var thrown = assertThrows(IllegalStateException.class, result::value);
        assertTrue(String.valueOf(thrown.getMessage()).contains("NONE"), thrown.getMessage());
        assertBits(result.lossSum(), result.mean(), "mean of one row");
    }

    @Test
    void perplexityOfUniformLogitsIsTheNumberOfClasses() {
        LossResult result = computeRow(LossOptions.PLAIN, 3, new double[50]).result();
        assertNear(50, result.perplexity(), Tolerances.SAME_LOSS_FLOAT64, "perplexity");
    }
}
