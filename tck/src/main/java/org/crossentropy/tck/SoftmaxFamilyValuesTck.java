package org.crossentropy.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.crossentropy.api.ClassIndices;
import org.crossentropy.api.ClassMask;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.EmptyMean;
import org.crossentropy.api.EmptyRows;
import org.crossentropy.api.LabelSmoothing;
import org.crossentropy.api.LossResult;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.Reduction;
import org.crossentropy.api.RowValues;
import org.crossentropy.api.SoftTargets;
import org.crossentropy.api.SoftmaxCrossEntropy;
import org.crossentropy.api.SoftmaxCrossEntropyCall;
import org.crossentropy.api.Targets;
import org.crossentropy.api.TopTargets;
import org.junit.jupiter.api.Test;

/** NaN, infinities, rows and classes left out, and nothing at all, for every kind of targets and every option. */
public abstract class SoftmaxFamilyValuesTck extends KernelTck {

    private static final double INFINITY = Double.POSITIVE_INFINITY;
    private static final double NAN = Double.NaN;

    /** Called by subclasses. */
    protected SoftmaxFamilyValuesTck() {}

    /** Results of a call; what was not asked for is 0. Never compared with equals, never kept. */
    @SuppressWarnings("ArrayRecordComponent")
    private record Results(
            LossResult result,
            Matrix gradient,
            Matrix targetGradient,
            double[] losses,
            double[] logSumExp,
            double[] entropy,
            long[] predictions) {}

    private SoftmaxCrossEntropy.Builder sum() {
        return SoftmaxCrossEntropy.builder().execution(alone()).reduction(Reduction.SUM);
    }

    private static Matrix matrix(ElementType type, double[]... rows) {
        int columns = rows[0].length;
        MemorySegment memory = MemoryKind.OFF_HEAP.allocate(Arena.ofAuto(), type, (long) rows.length * columns);
        Matrix matrix = Matrix.of(type, memory, rows.length, columns);
        for (int row = 0; row < rows.length; row++) {
            for (int j = 0; j < columns; j++) {
                matrix.set(row, j, rows[row][j]);
            }
        }
        return matrix;
    }

    private static double[] row(double... values) {
        return values;
    }

    private static Results run(SoftmaxCrossEntropyCall call, Matrix logits, boolean soft) {
        int rows = Math.toIntExact(logits.rows());
        double[][] columns = new double[rows][logits.columns()];
        Matrix gradient = rows == 0 ? logits : matrix(logits.type(), columns);
        Matrix targetGradient = rows == 0 ? logits : matrix(logits.type(), columns);
        double[][] numbers = new double[3][rows];
        long[] predictions = new long[rows];
        call.gradient(gradient)
                .rowLosses(RowValues.of(numbers[0]))
                .logSumExp(RowValues.of(numbers[1]))
                .entropy(RowValues.of(numbers[2]))
                .predictions(ClassIndices.of(predictions));
        if (soft && rows > 0) {
            call.targetGradient(targetGradient);
        }
        return new Results(call.compute(), gradient, targetGradient, numbers[0], numbers[1], numbers[2], predictions);
    }

    private static void assertRow(Matrix matrix, long row, double value, Object where) {
        for (int j = 0; j < matrix.columns(); j++) {
            assertBits(value, matrix.get(row, j), "class " + j + " of row " + row + ", " + where);
        }
    }

    private static void assertFinite(Matrix matrix, long row, Object where) {
        for (int j = 0; j < matrix.columns(); j++) {
            double value = matrix.get(row, j);
            assertTrue(Double.isFinite(value), () -> "row " + row + " has " + value + ", " + where);
        }
    }

    /** Members for classes. */
    private static List<UnaryOperator<SoftmaxCrossEntropy.Builder>> members() {
        return List.of(
                plain -> plain,
                plain -> plain.temperature(0.5),
                plain -> plain.zLoss(0.1),
                plain -> plain.focal(2),
                plain -> plain.focal(0.5),
                plain -> plain.poly1(1),
                plain -> plain.classWeights(1, 2, 0.5));
    }

    /** Members for targets of all kinds. */
    private static List<UnaryOperator<SoftmaxCrossEntropy.Builder>> softMembers() {
        return List.of(
                plain -> plain,
                plain -> plain.temperature(0.5),
                plain -> plain.zLoss(0.1),
                plain -> plain.classWeights(1, 2, 0.5));
    }

    /** Class 0, certainly, for some rows: in each form that targets have. */
    private static List<Targets> certain(ElementType type, int rows) {
        double[][] hot = new double[rows][];
        double[][] ones = new double[rows][];
        Arrays.setAll(hot, row -> row(1, 0, 0));
        Arrays.setAll(ones, row -> row(1));
        return List.of(
                ClassIndices.of(new int[rows]),
                SoftTargets.of(matrix(type, hot)),
                TopTargets.of(ClassIndices.of(new int[rows]), matrix(type, ones)));
    }

    @Test
    void minusInfinityAtAnotherClassIsFinite() {
        for (ElementType type : ElementType.values()) {
            Matrix logits = matrix(type, row(1, -INFINITY, 0.5));
            for (Targets targets : certain(type, 1)) {
                boolean classes = targets instanceof ClassIndices;
                for (UnaryOperator<SoftmaxCrossEntropy.Builder> member : classes ? members() : softMembers()) {
                    SoftmaxCrossEntropy loss = member.apply(sum()).build();
                    Results results = run(loss.on(logits, targets), logits, targets instanceof SoftTargets);
                    assertTrue(Double.isFinite(results.losses()[0]), () -> results.losses()[0] + ", " + loss);
                    assertFinite(results.gradient(), 0, loss + ", " + targets);
                    assertEquals(0.0, Math.abs(results.gradient().get(0, 1)), loss.toString());
                    assertTrue(Double.isFinite(results.entropy()[0]), loss.toString());
                    assertEquals(0, results.predictions()[0]);
                }
            }
        }
    }

    @Test
    void minusInfinityThatSmoothingGivesAShareCostsEverything() {
        for (ElementType type : ElementType.values()) {
            Matrix logits = matrix(type, row(1, -INFINITY, 0.5));
            SoftmaxCrossEntropy loss = sum().labelSmoothing(LabelSmoothing.uniform(0.1))
                    .temperature(2)
                    .build();
            for (Targets targets : certain(type, 1)) {
                Results all = run(loss.on(logits, targets), logits, false);
                assertEquals(INFINITY, all.losses()[0], targets.toString());
                assertFinite(all.gradient(), 0, targets);
                SoftmaxCrossEntropyCall masked = loss.on(logits, targets).classMask(ClassMask.keep(true, false, true));
                Results kept = run(masked, logits, false);
                assertTrue(Double.isFinite(kept.losses()[0]), "smoothing is over the classes that are kept");
                assertFinite(kept.gradient(), 0, targets);
            }
        }
    }

    @Test
    void logSumExpIsThatOfTheShapedLogits() {
        for (ElementType type : ElementType.values()) {
            Matrix logits = matrix(type, row(1, -INFINITY, 0.5));
            for (Targets targets : certain(type, 1)) {
                SoftmaxCrossEntropy loss = sum().temperature(2).zLoss(0.1).build();
                Results results = run(loss.on(logits, targets), logits, targets instanceof SoftTargets);
                double expected = Math.log(Math.exp(0.5) + Math.exp(0.25));
                assertNear(expected, results.logSumExp()[0], Tolerances.SAME_LOSS_FLOAT32, loss);
            }
        }
    }

    @Test
    void targetGradientAtMinusInfinity() {
        for (ElementType type : ElementType.values()) {
            Matrix logits = matrix(type, row(1, -INFINITY, 0.5));
            SoftTargets targets = SoftTargets.of(matrix(type, row(0.5, 0, 0.5)));
            Results plain = run(sum().build().on(logits, targets), logits, true);
            assertEquals(INFINITY, plain.targetGradient().get(0, 1), "a probability there would cost everything");
            assertTrue(plain.targetGradient().get(0, 0) > 0);
            // 0 wins over infinity: a weight of 0, a probability that smoothing takes away, a class left out.
            SoftmaxCrossEntropy weighted = sum().classWeights(1, 0, 1).build();
            assertEquals(
                    0.0,
                    run(weighted.on(logits, targets), logits, true)
                            .targetGradient()
                            .get(0, 1));
            SoftmaxCrossEntropy flat =
                    sum().labelSmoothing(LabelSmoothing.uniform(1)).build();
            assertRow(run(flat.on(logits, targets), logits, true).targetGradient(), 0, 0.0, flat);
            SoftmaxCrossEntropyCall masked =
                    sum().build().on(logits, targets).classMask(ClassMask.keep(true, false, true));
            assertEquals(0.0, run(masked, logits, true).targetGradient().get(0, 1));
        }
    }

    @Test
    void minusInfinityAtTheTargetCostsEverything() {
        for (ElementType type : ElementType.values()) {
            Matrix logits = matrix(type, row(-INFINITY, 1, 0.5));
            for (Targets targets : certain(type, 1)) {
                boolean classes = targets instanceof ClassIndices;
                for (UnaryOperator<SoftmaxCrossEntropy.Builder> member : classes ? members() : softMembers()) {
                    SoftmaxCrossEntropy loss = member.apply(sum()).build();
                    Results results = run(loss.on(logits, targets), logits, targets instanceof SoftTargets);
                    assertEquals(INFINITY, results.losses()[0], loss.toString());
                    assertFinite(results.gradient(), 0, loss + ", " + targets);
                    assertTrue(results.gradient().get(0, 0) < 0, loss.toString());
                }
            }
        }
    }

    @Test
    void nanAndPlusInfinityStayInTheirRow() {
        for (ElementType type : ElementType.values()) {
            for (double bad : new double[] {NAN, INFINITY}) {
                for (int place = 0; place < 3; place++) {
                    double[] struck = row(1, 2, 3);
                    struck[place] = bad;
                    Matrix logits = matrix(type, row(1, 2, 3), struck, row(1, 2, 3));
                    for (Targets targets : certain(type, 3)) {
                        boolean classes = targets instanceof ClassIndices;
                        for (UnaryOperator<SoftmaxCrossEntropy.Builder> member : classes ? members() : softMembers()) {
                            SoftmaxCrossEntropy loss = member.apply(sum()).build();
                            Results results = run(loss.on(logits, targets), logits, targets instanceof SoftTargets);
                            String where = bad + " at " + place + ", " + loss + ", " + targets;
                            assertNanRow(results, targets instanceof SoftTargets, where);
                            assertBits(results.losses()[0], results.losses()[2], where);
                            assertFinite(results.gradient(), 0, where);
                            assertFinite(results.gradient(), 2, where);
                        }
                    }
                }
            }
        }
    }

    private static void assertNanRow(Results results, boolean soft, String where) {
        assertTrue(Double.isNaN(results.losses()[1]), where);
        assertTrue(Double.isNaN(results.logSumExp()[1]), where);
        assertTrue(Double.isNaN(results.entropy()[1]), where);
        assertTrue(Double.isNaN(results.result().lossSum()), where);
        assertRow(results.gradient(), 1, NAN, where);
        if (soft) {
            assertRow(results.targetGradient(), 1, NAN, where);
        }
    }

    @Test
    void whatAMaskedClassHoldsDoesNotMatter() {
        for (ElementType type : ElementType.values()) {
            Matrix clean = matrix(type, row(1, 0, 0.5));
            for (double bad : new double[] {NAN, INFINITY, -INFINITY, 1e4}) {
                Matrix logits = matrix(type, row(1, bad, 0.5));
                for (ClassMask mask : List.of(
                        ClassMask.keep(true, false, true),
                        ClassMask.perRow(MemorySegment.ofArray(new byte[] {1, 0, 1}), 1, 3))) {
                    for (Targets targets : certain(type, 1)) {
                        boolean soft = targets instanceof SoftTargets;
                        for (UnaryOperator<SoftmaxCrossEntropy.Builder> member : softMembers()) {
                            SoftmaxCrossEntropy loss =
                                    member.apply(sum()).softCap(30).build();
                            Results expected = run(loss.on(clean, targets).classMask(mask), clean, soft);
                            Results actual = run(loss.on(logits, targets).classMask(mask), logits, soft);
                            String where = bad + " masked, " + loss + ", " + targets;
                            assertBits(expected.losses()[0], actual.losses()[0], where);
                            assertSameBits(expected.gradient(), actual.gradient(), where);
                            assertBits(0.0, actual.gradient().get(0, 1), where);
                            assertBits(expected.entropy()[0], actual.entropy()[0], where);
                            assertEquals(0, actual.predictions()[0], where);
                        }
                    }
                }
            }
        }
    }

    @Test
    void nanTargetsMakeTheirRowNan() {
        for (ElementType type : ElementType.values()) {
            Matrix logits = matrix(type, row(1, 2, 3), row(1, 2, 3));
            for (Targets targets : List.of(
                    SoftTargets.of(matrix(type, row(0.5, NAN, 0), row(0, 1, 0))),
                    TopTargets.of(ClassIndices.of(1, 1), matrix(type, row(NAN), row(1))))) {
                Results results = run(sum().build().on(logits, targets), logits, false);
                assertTrue(Double.isNaN(results.losses()[0]));
                assertRow(results.gradient(), 0, NAN, targets);
                assertTrue(Double.isFinite(results.losses()[1]));
                assertFinite(results.gradient(), 1, targets);
            }
        }
    }

    @Test
    void rowsLeftOutMayHoldAnything() {
        byte[] mask = {1, 1, 1, 1, 1, 1};
        for (ElementType type : ElementType.values()) {
            for (double bad : new double[] {NAN, INFINITY, -INFINITY}) {
                Matrix logits = matrix(type, row(bad, bad, 1), row(1, 2, 3));
                SoftTargets soft = SoftTargets.of(matrix(type, row(NAN, 1, 0), row(0, 1, 0)));
                SoftmaxCrossEntropy loss = sum().labelSmoothing(LabelSmoothing.uniform(0.1))
                        .zLoss(0.1)
                        .temperature(2)
                        .build();
                Results ofSoft =
                        run(loss.on(logits, soft).sampleWeights(RowValues.of(new double[] {0, 1})), logits, true);
                assertLeftOut(ofSoft, "soft targets");
                assertRow(ofSoft.targetGradient(), 0, 0.0, "soft targets");
                // Nor may the weight of an ignored row matter, not even where the row has targets of its own.
                ClassMask perRow = ClassMask.perRow(MemorySegment.ofArray(mask), 2, 3);
                for (SoftmaxCrossEntropyCall call : List.of(
                        loss.on(logits, ClassIndices.of(-100, 1)),
                        loss.on(logits, ClassIndices.of(-100, 1)).classMask(perRow))) {
                    call.sampleWeights(RowValues.of(new double[] {bad, 1}));
                    assertLeftOut(run(call, logits, false), "classes");
                }
            }
        }
    }

    private static void assertLeftOut(Results results, String where) {
        assertBits(0.0, results.losses()[0], where);
        assertBits(0.0, results.logSumExp()[0], where);
        assertBits(0.0, results.entropy()[0], where);
        assertEquals(-1, results.predictions()[0]);
        assertRow(results.gradient(), 0, 0.0, where);
        assertEquals(1, results.result().count());
        assertEquals(1.0, results.result().weightSum());
        assertTrue(Double.isFinite(results.losses()[1]));
        assertFinite(results.gradient(), 1, where);
    }

    @Test
    void emptyRowsAreNanOrLeftOut() {
        ClassMask none = ClassMask.perRow(MemorySegment.ofArray(new byte[] {0, 0, 0, 1, 1, 1}), 2, 3);
        for (ElementType type : ElementType.values()) {
            Matrix masked = matrix(type, row(1, NAN, 3), row(1, 2, 3));
            Matrix empty = matrix(type, row(-INFINITY, -INFINITY, -INFINITY), row(1, 2, 3));
            for (Reduction reduction : List.of(Reduction.SUM, Reduction.MEAN)) {
                SoftmaxCrossEntropy.Builder builder =
                        sum().reduction(reduction).zLoss(0.1).temperature(2);
                for (EmptyRows meaning : EmptyRows.values()) {
                    SoftmaxCrossEntropy loss = builder.emptyRows(meaning).build();
                    SoftTargets soft = SoftTargets.of(matrix(type, row(0, 0, 0), row(0, 1, 0)));
                    SoftTargets withNan = SoftTargets.of(matrix(type, row(NAN, 0.5, 0), row(0, 1, 0)));
                    assertEmpty(meaning, run(loss.on(masked, soft).classMask(none), masked, true), true);
                    assertEmpty(meaning, run(loss.on(empty, soft), empty, true), false);
                    assertEmpty(meaning, run(loss.on(empty, withNan), empty, true), false);
                    assertEmpty(meaning, run(loss.on(empty, ClassIndices.of(0, 1)), empty, false), false);
                }
            }
        }
    }

    private static void assertEmpty(EmptyRows meaning, Results results, boolean masked) {
        if (meaning == EmptyRows.IGNORED) {
            assertLeftOut(results, "empty row");
            assertRow(results.targetGradient(), 0, 0.0, "empty row");
            return;
        }
        assertTrue(Double.isNaN(results.losses()[0]));
        assertBits(-INFINITY, results.logSumExp()[0], "log-sum-exp of nothing");
        assertEquals(-1, results.predictions()[0]);
        assertEquals(2, results.result().count());
        // Where all classes are masked they have no gradient, though the loss is undefined.
        assertRow(results.gradient(), 0, masked ? 0.0 : NAN, "empty row");
        assertTrue(Double.isFinite(results.losses()[1]));
    }

    @Test
    void batchesOfNothing() {
        for (ElementType type : ElementType.values()) {
            Matrix logits = matrix(type, row(NAN, 2, 3), row(1, 2, 3));
            Matrix none = logits.rows(0, 0);
            for (EmptyMean mean : EmptyMean.values()) {
                SoftmaxCrossEntropy loss = sum().reduction(Reduction.MEAN)
                        .zLoss(0.1)
                        .temperature(2)
                        .emptyMean(mean)
                        .build();
                RowValues zero = RowValues.of(new float[2]);
                Targets ignored = ClassIndices.of(-100, -100);
                for (Targets targets : List.of(
                        ignored, certain(type, 2).get(1), certain(type, 2).get(2))) {
                    Results results =
                            run(loss.on(logits, targets).sampleWeights(zero), logits, targets instanceof SoftTargets);
                    assertNothing(mean, results.result());
                    assertRow(results.gradient(), 0, 0.0, targets);
                    assertRow(results.gradient(), 1, 0.0, targets);
                    assertRow(results.targetGradient(), 0, 0.0, targets);
                }
                for (Targets targets : List.of(
                        ClassIndices.of(new int[0]),
                        SoftTargets.of(none),
                        TopTargets.of(ClassIndices.of(new int[0]), none))) {
                    assertNothing(mean, loss.on(none, targets).compute());
                }
            }
        }
    }

    private static void assertNothing(EmptyMean mean, LossResult result) {
        assertEquals(0, result.count());
        assertBits(0.0, result.lossSum(), "loss of nothing");
        assertBits(mean == EmptyMean.ZERO ? 0.0 : NAN, result.value(), "mean of nothing");
    }

    @Test
    void oneClassIsCertain() {
        for (ElementType type : ElementType.values()) {
            Matrix logits = matrix(type, row(3.5));
            for (Targets targets : List.of(
                    ClassIndices.of(0),
                    SoftTargets.of(matrix(type, row(0.5))),
                    TopTargets.of(ClassIndices.of(0), matrix(type, row(0.5))))) {
                SoftmaxCrossEntropy loss =
                        sum().labelSmoothing(LabelSmoothing.uniform(0.3)).build();
                Results results = run(loss.on(logits, targets), logits, targets instanceof SoftTargets);
                assertBits(0.0, results.losses()[0], "loss of one class, " + targets);
                assertBits(0.0, results.entropy()[0], "entropy of one class");
                assertBits(3.5, results.logSumExp()[0], "log-sum-exp of one class");
                assertEquals(0.0, results.gradient().get(0, 0), "gradient of one class");
            }
            for (SoftmaxCrossEntropy.Builder shaped : List.of(sum().focal(2), sum().focal(0.5), sum().poly1(1))) {
                Results results = run(shaped.build().on(logits, ClassIndices.of(0)), logits, false);
                assertBits(0.0, results.losses()[0], shaped.build().toString());
                assertEquals(0.0, results.gradient().get(0, 0), shaped.build().toString());
            }
        }
    }

    @Test
    void lowLogitsAreAsGoodAsAny() {
        for (ElementType type : ElementType.ARITHMETIC) {
            Matrix logits = matrix(type, row(-300, -301, -302));
            for (Targets targets : certain(type, 1)) {
                Results results = run(sum().build().on(logits, targets), logits, targets instanceof SoftTargets);
                double expected = Math.log1p(Math.exp(-1) + Math.exp(-2));
                assertNear(expected, results.losses()[0], Tolerances.sameLoss(type), targets);
                assertNear(expected - 300, results.logSumExp()[0], Tolerances.sameLoss(type), targets);
            }
        }
    }

    @Test
    void gradientsBeyondFloat16AreInfinite() {
        Matrix logits = matrix(ElementType.FLOAT16, row(0, 0, 0));
        Matrix bfloat = matrix(ElementType.BFLOAT16, row(0, 0, 0));
        RowValues heavy = RowValues.of(new double[] {300_000});
        for (Targets targets : certain(ElementType.FLOAT16, 1)) {
            Matrix gradient = run(sum().build().on(logits, targets).sampleWeights(heavy), logits, false)
                    .gradient();
            assertEquals(-INFINITY, gradient.get(0, 0));
            assertEquals(INFINITY, gradient.get(0, 1));
        }
        for (Targets targets : certain(ElementType.BFLOAT16, 1)) {
            Matrix gradient = run(sum().build().on(bfloat, targets).sampleWeights(heavy), bfloat, false)
                    .gradient();
            assertEquals(ShortFormats.nearest(ElementType.BFLOAT16, -200_000), gradient.get(0, 0));
            assertEquals(ShortFormats.nearest(ElementType.BFLOAT16, 100_000), gradient.get(0, 1));
        }
    }

    @Test
    void infiniteLogitsAreCapped() {
        for (ElementType type : ElementType.values()) {
            Matrix logits = matrix(type, row(INFINITY, -INFINITY, 0));
            for (Targets targets : certain(type, 1)) {
                Results results =
                        run(sum().softCap(2).build().on(logits, targets), logits, targets instanceof SoftTargets);
                double expected = Math.log(Math.exp(2) + Math.exp(-2) + 1) - 2;
                assertNear(expected, results.losses()[0], Tolerances.SAME_LOSS_FLOAT32, targets);
                assertEquals(0.0, Math.abs(results.gradient().get(0, 0)), "a cap reached has no slope");
                assertEquals(0.0, Math.abs(results.gradient().get(0, 1)), "a cap reached has no slope");
            }
        }
    }
}
