package org.crossentropy.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.UnaryOperator;
import org.crossentropy.api.ClassIndices;
import org.crossentropy.api.ClassMask;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.EmptyMean;
import org.crossentropy.api.EmptyRows;
import org.crossentropy.api.LinearCrossEntropy;
import org.crossentropy.api.LinearCrossEntropyCall;
import org.crossentropy.api.LossResult;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.Reduction;
import org.crossentropy.api.RowValues;
import org.crossentropy.api.SoftTargets;
import org.crossentropy.api.SoftmaxCrossEntropy;
import org.crossentropy.api.Targets;
import org.crossentropy.api.TopTargets;
import org.junit.jupiter.api.Test;

/** NaN, infinities, rows and classes left out of a head, and nothing at all. */
public abstract class LinearCrossEntropyValuesTck extends KernelTck {

    private static final int ROWS = 4;
    private static final int CLASSES = 3;
    private static final int WIDTH = 2;
    private static final double INFINITY = Double.POSITIVE_INFINITY;

    /** Called by subclasses. */
    protected LinearCrossEntropyValuesTck() {}

    private SoftmaxCrossEntropy.Builder builder() {
        return SoftmaxCrossEntropy.builder().execution(alone());
    }

    /** The inputs of a head of each type, some finite numbers, and memory for its gradients, filled with NaN. */
    private static final class Head {
        final Matrix hidden;
        final Matrix weight;
        final Matrix bias;
        final Matrix hiddenGradient;
        final Matrix weightGradient;
        final Matrix biasGradient;
        final double[] losses;

        Head(ElementType type) {
            this(type, ROWS, WIDTH, CLASSES, 0);
        }

        Head(ElementType type, int rows, int width, int classes, int padding) {
            hidden = Matrices.empty(type, rows, width, padding);
            weight = Matrices.empty(type, classes, width, padding);
            bias = Matrices.empty(type, 1, classes, 0);
            hiddenGradient = Matrices.empty(type, rows, width, padding);
            weightGradient = Matrices.empty(type.arithmetic(), classes, width, padding);
            biasGradient = Matrices.empty(type.arithmetic(), 1, classes, 0);
            losses = new double[rows];
            for (Matrix input : List.of(hidden, weight, bias)) {
                fill(input, 0.375, 0.25);
            }
            for (Matrix output : gradients()) {
                fill(output, Double.NaN, 0);
            }
        }

        /** Numbers of both signs that every format has. */
        private static void fill(Matrix matrix, double first, double step) {
            for (int row = 0; row < matrix.rows(); row++) {
                for (int j = 0; j < matrix.columns(); j++) {
                    matrix.set(row, j, (first + step * row) * (j % 2 == 0 ? 1 : -1) * (row == 1 ? -1 : 1));
                }
            }
        }

        List<Matrix> gradients() {
            return List.of(hiddenGradient, weightGradient, biasGradient);
        }

        LinearCrossEntropyCall on(SoftmaxCrossEntropy loss, Targets targets) {
            return LinearCrossEntropy.of(loss)
                    .on(hidden, weight, targets)
                    .bias(bias)
                    .hiddenGradient(hiddenGradient)
                    .weightGradient(weightGradient)
                    .biasGradient(biasGradient)
                    .rowLosses(RowValues.of(losses));
        }

        static void setRow(Matrix matrix, int row, double value) {
            for (int j = 0; j < matrix.columns(); j++) {
                matrix.set(row, j, value);
            }
        }
    }

    private static void assertAll(double value, Matrix matrix, Object where) {
        for (int row = 0; row < matrix.rows(); row++) {
            assertRow(value, matrix, row, where);
        }
    }

    private static void assertRow(double value, Matrix matrix, int row, Object where) {
        for (int j = 0; j < matrix.columns(); j++) {
            assertEquals(value, matrix.get(row, j) + 0.0, "(" + row + ", " + j + "), " + where);
        }
    }

    private static void assertFinite(Matrix matrix, Object where) {
        for (int row = 0; row < matrix.rows(); row++) {
            assertFinite(matrix, row, where);
        }
    }

    private static void assertFinite(Matrix matrix, int row, Object where) {
        for (int j = 0; j < matrix.columns(); j++) {
            double value = matrix.get(row, j);
            assertTrue(Double.isFinite(value), () -> "row " + row + " has " + value + ", " + where);
        }
    }

    private static void assertSame(Head expected, Head actual, Object where) {
        assertSameBits(expected.losses, actual.losses, where);
        for (int i = 0; i < 3; i++) {
            assertSameBits(expected.gradients().get(i), actual.gradients().get(i), i + ", " + where);
        }
    }

    private static final ClassIndices CLASSES_WITHOUT_ROW_1 = ClassIndices.of(0, -100, 2, 1);

    @Test
    void rowsLeftOutMayHoldAnything() {
        for (ElementType type : ElementType.values()) {
            for (double bad : new double[] {Double.NaN, INFINITY, -INFINITY}) {
                RowValues weights = RowValues.of(new double[] {1, 0, 2, 0.5});
                for (boolean byIndex : new boolean[] {true, false}) {
                    Head clean = new Head(type);
                    Head struck = new Head(type);
                    Head.setRow(struck.hidden, 1, bad);
                    for (Head head : List.of(clean, struck)) {
                        LinearCrossEntropyCall call = byIndex
                                ? head.on(builder().build(), CLASSES_WITHOUT_ROW_1)
                                : head.on(builder().build(), ClassIndices.of(0, 1, 2, 1))
                                        .sampleWeights(weights);
                        assertEquals(3, call.compute().count());
                        assertBits(0, head.losses[1], "loss of the row left out");
                        for (int d = 0; d < WIDTH; d++) {
                            assertBits(0, head.hiddenGradient.get(1, d), "gradient of the row left out");
                        }
                        head.gradients().forEach(gradient -> assertFinite(gradient, bad + " " + type));
                    }
                    assertSame(clean, struck, bad + " in a row left out, " + type);
                }
            }
        }
    }

    @Test
    void aRowLeftOutIsARowRemoved() {
        for (ElementType type : ElementType.values()) {
            Head all = new Head(type);
            Head three = new Head(type, 3, WIDTH, CLASSES, 0);
            int[] places = {0, 2, 3};
            for (int i = 0; i < 3; i++) {
                for (int d = 0; d < WIDTH; d++) {
                    three.hidden.set(i, d, all.hidden.get(places[i], d));
                }
            }
            LossResult some = all.on(builder().build(), CLASSES_WITHOUT_ROW_1).compute();
            LossResult rest =
                    three.on(builder().build(), ClassIndices.of(0, 2, 1)).compute();
            assertBits(rest.value(), some.value(), "mean of " + type);
            assertSameBits(three.weightGradient, all.weightGradient, type);
            assertSameBits(three.biasGradient, all.biasGradient, type);
            for (int i = 0; i < 3; i++) {
                assertBits(three.losses[i], all.losses[places[i]], "loss of " + type);
                assertSameBits(three.hiddenGradient, i, all.hiddenGradient, places[i], type);
            }
        }
    }

    @Test
    void nanStaysInItsRow() {
        ClassIndices targets = ClassIndices.of(0, 1, 2, 1);
        for (ElementType type : ElementType.values()) {
            for (double bad : new double[] {Double.NaN, INFINITY, -INFINITY}) {
                Head clean = new Head(type);
                clean.on(builder().build(), targets).compute();
                Head struck = new Head(type);
                struck.hidden.set(2, 1, bad);
                String where = bad + " in row 2, " + type;
                LossResult result = struck.on(builder().build(), targets).compute();
                assertTrue(Double.isNaN(result.value()), where);
                assertTrue(Double.isNaN(struck.losses[2]), where);
                assertRow(Double.NaN, struck.hiddenGradient, 2, where);
                assertAll(Double.NaN, struck.weightGradient, where);
                assertAll(Double.NaN, struck.biasGradient, where);
                for (int row : new int[] {0, 1, 3}) {
                    assertBits(clean.losses[row], struck.losses[row], where);
                    assertSameBits(clean.hiddenGradient, row, struck.hiddenGradient, row, where);
                }
            }
        }
    }

    /** Batches of which nothing counts: all ignored, or no rows. */
    @Test
    void nothingIsZero() {
        for (ElementType type : ElementType.values()) {
            for (int rows : new int[] {ROWS, 0}) {
                int[] ignored = new int[rows];
                java.util.Arrays.fill(ignored, -100);
                for (EmptyMean mean : EmptyMean.values()) {
                    SoftmaxCrossEntropy loss = builder().emptyMean(mean).build();
                    Head head = new Head(type, rows, WIDTH, CLASSES, 0);
                    head.hidden.segment().fill((byte) -1);
                    LossResult result = head.on(loss, ClassIndices.of(ignored)).compute();
                    assertEquals(0, result.count());
                    assertEquals(rows, result.rows());
                    assertBits(0, result.lossSum(), "sum of nothing");
                    assertBits(mean == EmptyMean.ZERO ? 0 : Double.NaN, result.value(), mean.toString());
                    head.gradients().forEach(gradient -> assertAll(0, gradient, rows + " rows, " + type));
                    for (double value : head.losses) {
                        assertBits(0, value, "loss of an ignored row");
                    }
                    Head kept = new Head(type, rows, WIDTH, CLASSES, 0);
                    kept.on(loss, ClassIndices.of(ignored)).accumulate().compute();
                    kept.gradients().forEach(gradient -> assertAll(Double.NaN, gradient, "accumulated nothing"));
                }
            }
        }
    }

    @Test
    void rowsThatAreAllEmptyHaveNoGradient() {
        for (ElementType type : ElementType.values()) {
            for (EmptyMean mean : EmptyMean.values()) {
                SoftmaxCrossEntropy loss =
                        builder().emptyRows(EmptyRows.IGNORED).emptyMean(mean).build();
                Head head = new Head(type);
                Head.setRow(head.bias, 0, -INFINITY);
                LossResult result = head.on(loss, ClassIndices.of(0, 1, 2, 1)).compute();
                assertEquals(0, result.count());
                assertBits(mean == EmptyMean.ZERO ? 0 : Double.NaN, result.value(), mean.toString());
                head.gradients().forEach(gradient -> assertAll(0, gradient, "empty rows, " + type));
            }
        }
    }

    /** Rows of masks that keep no class, beside others: gathered, and not. */
    @Test
    void rowsThatAreMaskedAwayHaveNoGradient() {
        for (ElementType type : ElementType.values()) {
            for (RowValues weights :
                    List.of(RowValues.of(new double[] {1, 1, 1, 1}), RowValues.of(new double[] {0, 1, 1, 1}))) {
                byte[] mask = {1, 1, 1, 0, 0, 0, 1, 1, 1, 1, 0, 1};
                Head head = new Head(type);
                Matrix nothing = Matrices.of(type.arithmetic(), ROWS, CLASSES, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1);
                LossResult result = head.on(
                                builder().emptyRows(EmptyRows.IGNORED).build(), SoftTargets.of(nothing))
                        .classMask(ClassMask.perRow(MemorySegment.ofArray(mask), ROWS, CLASSES))
                        .sampleWeights(weights)
                        .compute();
                assertEquals(weights.get(0) == 0 ? 2 : 3, result.count());
                assertRow(0, head.hiddenGradient, 1, "masked away, " + type);
                assertBits(0, head.losses[1], "masked away, " + type);
                head.gradients().forEach(gradient -> assertFinite(gradient, type));
                assertTrue(result.value() > 0);
            }
        }
    }

    @Test
    void statesOfNoElementsLeaveTheBias() {
        for (ElementType type : ElementType.values()) {
            for (int padding : new int[] {0, 3}) {
                Head head = new Head(type, ROWS, 0, CLASSES, padding);
                LossResult result =
                        head.on(builder().build(), CLASSES_WITHOUT_ROW_1).compute();
                Matrix logits = Matrices.empty(type.arithmetic(), ROWS, CLASSES, 0);
                for (int row = 0; row < ROWS; row++) {
                    for (int j = 0; j < CLASSES; j++) {
                        logits.set(row, j, head.bias.get(0, j));
                    }
                }
                Matrix gradient = Matrices.empty(type.arithmetic(), ROWS, CLASSES, 0);
                LossResult expected = builder().build().lossAndGradient(logits, CLASSES_WITHOUT_ROW_1, gradient);
                assertBits(expected.value(), result.value(), "padding " + padding + ", " + type);
                for (int j = 0; j < CLASSES; j++) {
                    double sum = 0;
                    for (int row = 0; row < ROWS; row++) {
                        sum += gradient.get(row, j);
                    }
                    double allowed = Tolerances.product(type.arithmetic(), ROWS, 1);
                    assertEquals(sum, head.biasGradient.get(0, j), allowed, type.toString());
                }
                Head all = new Head(type, ROWS, 0, CLASSES, padding);
                LossResult uniform = LinearCrossEntropy.of(builder().build())
                        .on(all.hidden, all.weight, ClassIndices.of(0, 1, 2, 0))
                        .hiddenGradient(all.hiddenGradient)
                        .weightGradient(all.weightGradient)
                        .compute();
                assertNear(Math.log(CLASSES), uniform.value(), Tolerances.UNIFORM_LOSS, type);
            }
        }
    }

    @Test
    void oneClassIsCertain() {
        for (ElementType type : ElementType.values()) {
            Head head = new Head(type, ROWS, WIDTH, 1, 0);
            LossResult result =
                    head.on(builder().build(), ClassIndices.of(0, 0, -100, 0)).compute();
            assertBits(0, result.value(), "loss of the only class, " + type);
            head.gradients().forEach(gradient -> assertAll(0, gradient, "the only class, " + type));
        }
    }

    @Test
    void aBiasOfMinusInfinityLeavesAClassOut() {
        ClassIndices targets = ClassIndices.of(0, 2, -100, 0);
        for (ElementType type : ElementType.values()) {
            Head masked = new Head(type);
            masked.on(builder().build(), targets)
                    .classMask(ClassMask.keep(true, false, true))
                    .compute();
            Head head = new Head(type);
            head.bias.set(0, 1, -INFINITY);
            LossResult result = head.on(builder().build(), targets).compute();
            assertTrue(result.value() > 0 && result.value() < INFINITY, type.toString());
            assertRow(0, head.weightGradient, 1, type);
            assertEquals(0, head.biasGradient.get(0, 1) + 0.0);
            assertSame(masked, head, "class 1 left out, " + type);
        }
    }

    @Test
    void aBiasOfMinusInfinityAtTheTargetCostsEverything() {
        for (ElementType type : ElementType.values()) {
            Head head = new Head(type);
            head.bias.set(0, 1, -INFINITY);
            LossResult result =
                    head.on(builder().build(), ClassIndices.of(0, 1, 2, 0)).compute();
            assertEquals(INFINITY, result.value());
            assertEquals(INFINITY, head.losses[1]);
            assertTrue(head.losses[0] < INFINITY);
            head.gradients().forEach(gradient -> assertFinite(gradient, type));
        }
    }

    @Test
    void whatAMaskedClassHoldsDoesNotMatterToTheLoss() {
        for (ElementType type : ElementType.values()) {
            for (double bad : new double[] {Double.NaN, INFINITY}) {
                Head clean = new Head(type);
                Head struck = new Head(type);
                Head.setRow(struck.weight, 1, bad);
                for (Head head : List.of(clean, struck)) {
                    head.on(builder().build(), ClassIndices.of(0, 2, 2, 0))
                            .classMask(ClassMask.keep(true, false, true))
                            .compute();
                }
                assertSameBits(clean.losses, struck.losses, bad + " in weights of a masked class, " + type);
                assertSameBits(clean.weightGradient, struck.weightGradient, type);
                assertSameBits(clean.biasGradient, struck.biasGradient, type);
            }
        }
    }

    /** An ignore index that is a class leaves rows out, not the class. */
    @Test
    void anIgnoreIndexMayBeAClass() {
        for (ElementType type : ElementType.values()) {
            Head head = new Head(type);
            LossResult result = head.on(builder().ignoreIndex(1).build(), ClassIndices.of(0, 1, 2, 0))
                    .compute();
            Head other = new Head(type);
            LossResult expected =
                    other.on(builder().build(), ClassIndices.of(0, -100, 2, 0)).compute();
            assertSameBits(expected, result, type);
            assertSame(other, head, type);
        }
    }

    /** Any negative index marks an entry that is not used, also where rows are gathered and indices with them. */
    @Test
    void unusedEntriesOfSparseTargetsStayUnused() {
        for (ElementType type : ElementType.values()) {
            Matrix probabilities = Matrices.of(type.arithmetic(), ROWS, 2, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5);
            for (double weight : new double[] {1, 0}) {
                Head expected = new Head(type);
                Head actual = new Head(type);
                for (Head head : List.of(expected, actual)) {
                    long unused = head == expected ? -1 : Long.MIN_VALUE;
                    ClassIndices classes = ClassIndices.of(0, 1, 1, 2, unused, 2, 1, unused);
                    head.on(builder().build(), TopTargets.of(classes, probabilities))
                            .sampleWeights(RowValues.of(new double[] {1, weight, 1, 1}))
                            .compute();
                }
                assertSame(expected, actual, "weight " + weight + ", " + type);
            }
        }
    }

    /** Row outputs narrower than double are rounded once, where rows are gathered and where not. */
    @Test
    void rowValuesOfFloatsAreRoundedDoubles() {
        for (ClassIndices targets : List.of(CLASSES_WITHOUT_ROW_1, ClassIndices.of(0, 1, 2, 1))) {
            Head head = new Head(ElementType.FLOAT64);
            head.on(builder().build(), targets).compute();
            float[] rounded = new float[ROWS];
            head.on(builder().build(), targets).rowLosses(RowValues.of(rounded)).compute();
            for (int row = 0; row < ROWS; row++) {
                assertBits((float) head.losses[row], rounded[row], "row " + row);
            }
        }
    }

    /** Heap and off-heap, and rows in any number of bytes apart, give the same bits where products do not depend on it. */
    @Test
    void memoryDoesNotShow() {
        UnaryOperator<SoftmaxCrossEntropy.Builder> sum = builder -> builder.reduction(Reduction.SUM);
        for (ElementType type : ElementType.values()) {
            Head expected = new Head(type);
            expected.on(sum.apply(builder()).build(), CLASSES_WITHOUT_ROW_1).compute();
            for (MemoryKind kind : MemoryKind.values()) {
                Head head = new Head(type, ROWS, WIDTH, CLASSES, 5);
                Matrix weight = copy(kind, head.weight);
                Matrix hidden = copy(kind, head.hidden);
                double[] losses = new double[ROWS];
                LinearCrossEntropy.of(sum.apply(builder()).build())
                        .on(hidden, weight, CLASSES_WITHOUT_ROW_1)
                        .bias(copy(kind, head.bias))
                        .hiddenGradient(head.hiddenGradient)
                        .weightGradient(head.weightGradient)
                        .biasGradient(head.biasGradient)
                        .rowLosses(RowValues.of(losses))
                        .compute();
                assertSameBits(expected.losses, losses, kind + ", " + type);
                assertSameBits(expected.hiddenGradient, head.hiddenGradient, kind + ", " + type);
                assertSameBits(expected.weightGradient, head.weightGradient, kind + ", " + type);
                assertSameBits(expected.biasGradient, head.biasGradient, kind + ", " + type);
                assertPaddingUntouched(head.hiddenGradient, kind);
                assertPaddingUntouched(head.weightGradient, kind);
            }
        }
    }

    private static Matrix copy(MemoryKind kind, Matrix from) {
        long elements = from.segment().byteSize() / from.type().bytes();
        MemorySegment memory = kind.allocate(Arena.ofAuto(), from.type(), elements);
        memory.copyFrom(from.segment());
        return Matrix.of(from.type(), memory, from.rows(), from.columns(), from.rowStride());
    }
}
