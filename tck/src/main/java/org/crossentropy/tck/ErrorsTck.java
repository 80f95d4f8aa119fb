package org.crossentropy.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.crossentropy.api.ClassIndices;
import org.crossentropy.api.Denominator;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.IndexType;
import org.crossentropy.api.LabelSmoothing;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.RowValues;
import org.crossentropy.api.Softmax;
import org.crossentropy.api.SoftmaxCrossEntropy;
import org.junit.jupiter.api.Test;

/** What is refused, with which words, and that nothing was written by then. */
public abstract class ErrorsTck extends KernelTck {

    private static final float UNTOUCHED = 7;

    /** Called by subclasses. */
    protected ErrorsTck() {}

    private static void assertRefused(
            Class<? extends Exception> type, org.junit.jupiter.api.function.Executable call, String... words) {
        String message = String.valueOf(assertThrows(type, call).getMessage());
        for (String word : words) {
            assertTrue(message.contains(word), () -> "message must say \"" + word + "\": " + message);
        }
    }

    private SoftmaxCrossEntropy loss() {
        return LossOptions.PLAIN.on(alone());
    }

    private static float[] untouched(int count) {
        float[] values = new float[count];
        java.util.Arrays.fill(values, UNTOUCHED);
        return values;
    }

    private static void assertUntouched(float[] values) {
        for (float value : values) {
            assertEquals(UNTOUCHED, value, "written before the error");
        }
    }

    @Test
    void targetOutOfRangeNamesRowAndValueAndWritesNothing() {
        for (long bad : new long[] {3, -1, -99, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            for (boolean longs : new boolean[] {false, true}) {
                float[] gradient = untouched(12);
                float[] losses = untouched(4);
                long[] indices = {0, 1, bad, 2};
                ClassIndices targets = longs ? ClassIndices.of(indices) : ClassIndices.of(0, 1, (int) bad, 2);
                assertRefused(
                        IndexOutOfBoundsException.class,
                        () -> loss().lossAndGradient(
                                        Matrix.of(new float[12], 4, 3),
                                        targets,
                                        Matrix.of(gradient, 4, 3),
                                        RowValues.of(losses)),
                        "targets[2]",
                        Long.toString(bad),
                        "3 classes",
                        "-100");
                assertUntouched(gradient);
                assertUntouched(losses);
            }
        }
    }

    @Test
    void targetBeyond32BitsIsNotTruncated() {
        for (long bad : new long[] {1L << 32, (1L << 32) + 1, Long.MIN_VALUE, Long.MAX_VALUE, -(1L << 32)}) {
            assertRefused(
                    IndexOutOfBoundsException.class,
                    () -> loss().loss(Matrix.of(new float[4], 2, 2), ClassIndices.of(1L, bad)),
                    "targets[1]",
                    Long.toString(bad));
        }
    }

    @Test
    void ignoreIndexIsAnErrorWhereThereIsNone() {
        SoftmaxCrossEntropy strict = loss().toBuilder().noIgnoreIndex().build();
        Matrix logits = Matrix.of(new float[4], 2, 2);
        assertRefused(
                IndexOutOfBoundsException.class,
                () -> strict.loss(logits, ClassIndices.of(0, -100)),
                "targets[1]",
                "-100");
        assertEquals(2, strict.loss(logits, ClassIndices.of(0, 1)).count());
    }

    @Test
    void targetOutOfRangeIsFoundWithWeights() {
        SoftmaxCrossEntropy weighted =
                LossOptions.PLAIN.withWeights(List.of(1.0, 2.0)).on(alone());
        assertRefused(
                IndexOutOfBoundsException.class,
                () -> weighted.loss(Matrix.of(new float[4], 2, 2), ClassIndices.of(0, 2)),
                "targets[1] is 2");
    }

    @Test
    void shapesThatDoNotFit() {
        Matrix logits = Matrix.of(new float[12], 4, 3);
        ClassIndices targets = ClassIndices.of(0, 1, 2, 0);
        assertRefused(
                IllegalArgumentException.class, () -> loss().loss(logits, ClassIndices.of(0, 1)), "targets", "2", "4");
        assertRefused(
                IllegalArgumentException.class,
                () -> loss().lossAndGradient(logits, targets, Matrix.of(new float[12], 3, 4)),
                "gradient is 3 x 4",
                "4 x 3");
        assertRefused(
                IllegalArgumentException.class,
                () -> loss().lossAndGradient(logits, targets, Matrix.of(new double[12], 4, 3)),
                "FLOAT64",
                "FLOAT32");
        assertRefused(
                IllegalArgumentException.class,
                () -> loss().loss(logits, targets, RowValues.of(new float[5])),
                "rowLosses has 5",
                "4 rows");
        assertRefused(
                IllegalArgumentException.class, () -> loss().loss(Matrix.of(new float[0], 4, 0), targets), "0 classes");
    }

    @Test
    void viewsThatDoNotFitTheirMemory() {
        MemorySegment ten = MemorySegment.ofArray(new float[10]);
        assertRefused(
                IllegalArgumentException.class, () -> Matrix.of(ElementType.FLOAT32, ten, 4, 3), "4 x 3", "12", "10");
        assertRefused(IllegalArgumentException.class, () -> Matrix.of(ElementType.FLOAT64, ten, 2, 3), "6", "5");
        assertRefused(
                IllegalArgumentException.class,
                () -> Matrix.of(ElementType.FLOAT32, ten, 2, 3, 2),
                "rowStride is 2",
                "3");
        assertRefused(IllegalArgumentException.class, () -> Matrix.of(new float[3], -1, 3), "rows is -1");
        assertRefused(IllegalArgumentException.class, () -> Matrix.of(new float[3], 1, -3), "columns is -3");
        assertRefused(
                IllegalArgumentException.class,
                () -> Matrix.of(ElementType.FLOAT32, ten, Long.MAX_VALUE, 3),
                "more than 2^63");
        assertRefused(
                IllegalArgumentException.class,
                () -> Matrix.of(ElementType.FLOAT32, ten, 3, 1, Long.MAX_VALUE),
                "more than 2^63");
        assertRefused(
                IllegalArgumentException.class, () -> ClassIndices.of(IndexType.INT64, ten, 6), "6 class indices", "5");
        assertRefused(
                IllegalArgumentException.class, () -> RowValues.of(ElementType.FLOAT64, ten, 6), "6 row values", "5");
        // The last row needs no padding behind it.
        assertEquals(2, Matrix.of(ElementType.FLOAT32, ten, 2, 3, 7).rows());
    }

    @Test
    void rowsOutsideAMatrix() {
        Matrix matrix = Matrix.of(new float[12], 4, 3);
        assertThrows(IndexOutOfBoundsException.class, () -> matrix.rows(3, 2));
        assertThrows(IndexOutOfBoundsException.class, () -> matrix.rows(-1, 2));
        assertThrows(IndexOutOfBoundsException.class, () -> matrix.get(0, 3));
        assertThrows(IndexOutOfBoundsException.class, () -> matrix.get(4, 0));
        assertEquals(0, matrix.rows(4, 0).rows());
    }

    @Test
    void buffersThatOverlap() {
        float[] values = new float[30];
        MemorySegment all = MemorySegment.ofArray(values);
        Matrix logits = Matrix.of(ElementType.FLOAT32, all, 4, 3);
        ClassIndices targets = ClassIndices.of(0, 1, 2, 0);
        for (int shift : new int[] {1, 2, 3, 11}) {
            Matrix shifted = Matrix.of(ElementType.FLOAT32, all.asSlice(4L * shift), 4, 3);
            assertRefused(
                    IllegalArgumentException.class,
                    () -> loss().lossAndGradient(logits, targets, shifted),
                    "gradient overlaps logits");
            assertRefused(
                    IllegalArgumentException.class,
                    () -> Softmax.on(alone()).softmax(logits, shifted),
                    "probabilities overlaps logits");
        }
        Matrix apart = Matrix.of(ElementType.FLOAT32, all.asSlice(48), 4, 3);
        Matrix exactly = Matrix.of(ElementType.FLOAT32, all.asSlice(0, 48), 4, 3);
        loss().lossAndGradient(exactly, targets, apart);
        Matrix wider = Matrix.of(ElementType.FLOAT32, all, 4, 3, 4);
        assertRefused(
                IllegalArgumentException.class,
                () -> loss().lossAndGradient(logits, targets, wider),
                "gradient overlaps logits");
    }

    @Test
    void rowOutputsThatOverlapInputs() {
        MemorySegment all = MemorySegment.ofArray(new float[40]);
        Matrix logits = Matrix.of(ElementType.FLOAT32, all.asSlice(0, 48), 4, 3);
        Matrix gradient = Matrix.of(ElementType.FLOAT32, all.asSlice(48, 48), 4, 3);
        ClassIndices targets = ClassIndices.of(IndexType.INT32, all.asSlice(96, 16), 4);
        for (long at : new long[] {0, 44, 48, 96, 108}) {
            RowValues losses = RowValues.of(ElementType.FLOAT32, all.asSlice(at, 16), 4);
            assertRefused(
                    IllegalArgumentException.class,
                    () -> loss().lossAndGradient(logits, targets, gradient, losses),
                    "rowLosses overlaps");
        }
        Matrix overTargets = Matrix.of(ElementType.FLOAT32, all.asSlice(64, 48), 4, 3);
        assertRefused(
                IllegalArgumentException.class,
                () -> loss().lossAndGradient(logits, targets, overTargets),
                "gradient overlaps targets");
    }

    @Test
    void matricesSideBySideInOneDoNotOverlap() {
        float[] values = new float[4 * 8];
        java.util.Arrays.fill(values, UNTOUCHED);
        MemorySegment all = MemorySegment.ofArray(values);
        Matrix left = Matrix.of(ElementType.FLOAT32, all, 4, 3, 8);
        Matrix right = Matrix.of(ElementType.FLOAT32, all.asSlice(4 * 4), 4, 3, 8);
        Outcome outcome = compute(loss(), left, ClassIndices.of(0, 1, 2, 0), right);
        assertEquals(4, outcome.result().count());
        for (int row = 0; row < 4; row++) {
            assertEquals(UNTOUCHED, values[row * 8 + 3], "between the two");
            assertEquals(UNTOUCHED, values[row * 8 + 7], "after the second");
            assertEquals(UNTOUCHED, values[row * 8], "logits");
        }
    }

    @Test
    void rowsOfOneMatrixAreApart() {
        Matrix all = Matrix.of(new float[24], 8, 3);
        Matrix logits = all.rows(0, 4);
        Matrix gradient = all.rows(4, 4);
        ClassIndices targets = ClassIndices.of(0, 1, 2, 0);
        assertEquals(4, loss().lossAndGradient(logits, targets, gradient).count());
        assertEquals(4, loss().lossAndGradient(gradient, targets, logits).count());
    }

    @Test
    void readOnlyOutputs() {
        Matrix logits = Matrix.of(new float[12], 4, 3);
        ClassIndices targets = ClassIndices.of(0, 1, 2, 0);
        MemorySegment readOnly = MemorySegment.ofArray(new float[12]).asReadOnly();
        Matrix output = Matrix.of(ElementType.FLOAT32, readOnly, 4, 3);
        assertRefused(
                IllegalArgumentException.class,
                () -> loss().lossAndGradient(logits, targets, output),
                "gradient is read-only");
        assertRefused(
                IllegalArgumentException.class,
                () -> loss().loss(logits, targets, RowValues.of(ElementType.FLOAT32, readOnly, 4)),
                "rowLosses is read-only");
        assertRefused(
                IllegalArgumentException.class,
                () -> Softmax.on(alone()).logSoftmax(logits, output),
                "logProbabilities is read-only");
        // Inputs may be read-only.
        assertEquals(4, loss().loss(output, targets).count());
    }

    @Test
    void closedArena() {
        Matrix closed;
        ClassIndices closedTargets;
        try (Arena arena = Arena.ofConfined()) {
            closed = Matrix.of(ElementType.FLOAT32, arena.allocate(48), 4, 3);
            closedTargets = ClassIndices.of(IndexType.INT32, arena.allocate(16), 4);
        }
        Matrix open = Matrix.of(new float[12], 4, 3);
        ClassIndices targets = ClassIndices.of(0, 1, 2, 0);
        assertRefused(IllegalStateException.class, () -> loss().loss(closed, targets), "logits", "closed");
        assertRefused(IllegalStateException.class, () -> loss().loss(open, closedTargets), "targets", "closed");
        assertRefused(
                IllegalStateException.class, () -> loss().lossAndGradient(open, targets, closed), "gradient", "closed");
        assertRefused(
                IllegalStateException.class,
                () -> Softmax.on(alone()).logSumExp(closed, RowValues.of(new double[4])),
                "logits",
                "closed");
    }

    @Test
    void arenaOfAnotherThread() throws InterruptedException {
        try (Arena arena = Arena.ofConfined()) {
            Matrix confined = Matrix.of(ElementType.FLOAT32, arena.allocate(48), 4, 3);
            StringBuilder message = new StringBuilder();
            Thread stranger = new Thread(() -> {
                try {
                    loss().loss(confined, ClassIndices.of(0, 1, 2, 0));
                } catch (IllegalStateException refused) {
                    message.append(refused.getMessage());
                }
            });
            stranger.start();
            stranger.join();
            assertTrue(message.toString().contains("confined"), "message is: " + message);
        }
    }

    @Test
    void classWeightsThatAreNone() {
        for (double bad :
                new double[] {-1, -1e-300, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 1e39}) {
            assertRefused(
                    IllegalArgumentException.class,
                    () -> SoftmaxCrossEntropy.builder().classWeights(1, bad),
                    "classWeights[1]",
                    Double.toString(bad));
        }
        SoftmaxCrossEntropy two =
                LossOptions.PLAIN.withWeights(List.of(1.0, 2.0)).on(alone());
        assertRefused(
                IllegalArgumentException.class,
                () -> two.loss(Matrix.of(new float[3], 1, 3), ClassIndices.of(0)),
                "classWeights has 2",
                "3 classes");
    }

    @Test
    void smoothingOutsideItsRange() {
        for (double bad : new double[] {-0.1, 1.1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertRefused(
                    IllegalArgumentException.class, () -> LabelSmoothing.uniform(bad), "epsilon", Double.toString(bad));
            assertRefused(
                    IllegalArgumentException.class, () -> LabelSmoothing.others(bad), "epsilon", Double.toString(bad));
        }
        SoftmaxCrossEntropy others =
                LossOptions.PLAIN.with(LabelSmoothing.others(0.1)).on(alone());
        assertRefused(
                IllegalArgumentException.class,
                () -> others.loss(Matrix.of(new float[1], 1, 1), ClassIndices.of(0)),
                "at least 2 classes");
    }

    @Test
    void denominatorThatIsNone() {
        for (double bad : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertRefused(
                    IllegalArgumentException.class, () -> Denominator.given(bad), "denominator", Double.toString(bad));
        }
    }

    @Test
    void inPlaceIsNoOverlap() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment segment = arena.allocate(48);
            Matrix logits = Matrix.of(ElementType.FLOAT32, segment, 4, 3);
            Matrix same = Matrix.of(ElementType.FLOAT32, segment.asSlice(0), 4, 3);
            assertEquals(
                    4,
                    loss().lossAndGradient(logits, ClassIndices.of(0, 1, 2, 0), same)
                            .count());
        }
    }
}
