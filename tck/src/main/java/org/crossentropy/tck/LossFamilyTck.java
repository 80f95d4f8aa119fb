package org.crossentropy.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.crossentropy.api.Denominator;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.Execution;
import org.crossentropy.api.LossResult;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.Reduction;
import org.crossentropy.api.RowValues;
import org.crossentropy.tck.LossFamily.Data;
import org.junit.jupiter.api.Test;

/** What holds for every loss that is made in tiles, whatever its formula. */
public abstract class LossFamilyTck extends KernelTck {

    private static final int ROWS = 7;
    private static final int COLUMNS = 5;

    /** Called by subclasses. */
    protected LossFamilyTck() {}

    private static Outcome run(LossFamily loss, Execution execution, Data data, Matrix gradient) {
        double[] losses = new double[Math.toIntExact(data.predictions.rows())];
        LossResult result = loss.call(execution, Reduction.MEAN, data)
                .sampleWeights(data.sampleWeights)
                .gradient(gradient)
                .rowLosses(RowValues.of(losses))
                .compute();
        return new Outcome(result, losses, gradient);
    }

    private Outcome run(LossFamily loss, Data data) {
        return run(loss, alone(), data, Matrices.like(data.predictions));
    }

    private double value(LossFamily loss, Data data) {
        return loss.call(alone(), Reduction.MEAN, data)
                .sampleWeights(data.sampleWeights)
                .compute()
                .value();
    }

    @Test
    void gradientIsTheSlopeOfTheLoss() {
        for (LossFamily loss : LossFamily.values()) {
            Data data = loss.data(ElementType.FLOAT64, 3, COLUMNS, 0);
            Matrix gradient = run(loss, data).gradient();
            Matrix moved = Matrices.copyOf(data.predictions);
            double h = Tolerances.DIFFERENCE_STEP;
            for (int row = 0; row < 3; row++) {
                for (int j = 0; j < COLUMNS; j++) {
                    double x = data.predictions.get(row, j);
                    moved.set(row, j, x + h);
                    double above = value(loss, data.with(moved));
                    moved.set(row, j, x - h);
                    double below = value(loss, data.with(moved));
                    moved.set(row, j, x);
                    String where = loss + ", row " + row + ", column " + j;
                    assertEquals(
                            (above - below) / (2 * h), gradient.get(row, j), Tolerances.TILE_DIFFERENCE_ERROR, where);
                }
            }
        }
    }

    @Test
    void inPlaceHasTheBitsOfApart() {
        for (LossFamily loss : LossFamily.values()) {
            for (ElementType type : ElementType.values()) {
                for (int padding : new int[] {0, 3}) {
                    Data data = loss.data(type, ROWS, COLUMNS, padding);
                    Outcome apart = run(loss, data);
                    Matrix matrix = Matrices.copyOf(data.predictions);
                    Outcome inPlace = run(loss, alone(), data.with(matrix), matrix);
                    assertSameBits(apart, inPlace, loss + ", " + type + ", padding " + padding);
                    assertPaddingUntouched(apart.gradient(), loss);
                    assertPaddingUntouched(matrix, loss);
                }
            }
        }
    }

    @Test
    void gradientChangesNoLoss() {
        for (LossFamily loss : LossFamily.values()) {
            types().forEach(type -> {
                Data data = loss.data(type, ROWS, COLUMNS, 0);
                double[] losses = new double[ROWS];
                LossResult without = loss.call(alone(), Reduction.MEAN, data)
                        .sampleWeights(data.sampleWeights)
                        .rowLosses(RowValues.of(losses))
                        .compute();
                Outcome with = run(loss, data);
                assertSameBits(without, with.result(), loss);
                assertSameBits(losses, with.losses(), loss);
            });
        }
    }

    @Test
    void numberOfThreadsDoesNotShow() {
        for (LossFamily loss : LossFamily.values()) {
            // Enough elements for two threads, and a last group that is not full.
            Data data = loss.data(ElementType.FLOAT32, 1100, 129, 0);
            Outcome one = run(loss, data);
            Outcome three = run(loss, threads(3), data, Matrices.like(data.predictions));
            assertSameBits(one, three, loss);
        }
    }

    @Test
    void sixteenBitsAreFloat32Rounded() {
        for (LossFamily loss : LossFamily.values()) {
            for (ElementType type : new ElementType[] {ElementType.BFLOAT16, ElementType.FLOAT16}) {
                Data data = loss.data(type, ROWS, COLUMNS, 0);
                Outcome stored = run(loss, data);
                Outcome wide = run(loss, data.as(ElementType.FLOAT32));
                assertSameBits(wide.result(), stored.result(), loss);
                assertSameBits(wide.losses(), stored.losses(), loss);
                Matrix rounded = Matrices.like(data.predictions);
                Matrices.copy(wide.gradient(), rounded);
                assertSameBits(rounded, stored.gradient(), loss + ", " + type);
            }
        }
    }

    @Test
    void float32IsNearFloat64() {
        for (LossFamily loss : LossFamily.values()) {
            Data data = loss.data(ElementType.FLOAT32, ROWS, COLUMNS, 0);
            Outcome narrow = run(loss, data);
            Outcome wide = run(loss, data.as(ElementType.FLOAT64));
            for (int row = 0; row < ROWS; row++) {
                double error = Math.abs(narrow.losses()[row] - wide.losses()[row]);
                assertTrue(error <= Tolerances.SAME_LOSS_FLOAT32 * (1 + wide.losses()[row]), loss + ", row " + row);
                for (int j = 0; j < COLUMNS; j++) {
                    double expected = wide.gradient().get(row, j);
                    double tolerance = Tolerances.SAME_LOSS_FLOAT32 * (1 + Math.abs(expected));
                    assertEquals(expected, narrow.gradient().get(row, j), tolerance, loss + ", row " + row);
                }
            }
        }
    }

    @Test
    void rowOfWeightZeroIsAsIfItWereNotThere() {
        for (LossFamily loss : LossFamily.values()) {
            types().forEach(type -> {
                Data data = loss.data(type, ROWS, COLUMNS, 0);
                Data rest = data.rows(1, ROWS - 1);
                Outcome without = run(loss, rest);
                for (int j = 0; j < COLUMNS; j++) {
                    data.predictions.set(0, j, Double.NaN);
                    data.targets.set(0, j, Double.NaN);
                }
                data.sampleWeights.set(0, 0);
                Outcome with = run(loss, data);
                assertNear(without.result().value(), with.result().value(), Tolerances.BATCH_SUM, "mean of " + loss);
                assertEquals(without.result().count(), with.result().count(), loss.name());
                assertBits(0.0, with.losses()[0], "row left out, " + loss);
                for (int j = 0; j < COLUMNS; j++) {
                    assertEquals(0, with.gradient().get(0, j), 0, "gradient of the row left out, " + loss);
                }
                for (int row = 1; row < ROWS; row++) {
                    assertBits(without.losses()[row - 1], with.losses()[row], "row " + row + ", " + loss);
                }
            });
        }
    }

    @Test
    void partsMergeIntoTheWhole() {
        for (LossFamily loss : LossFamily.values()) {
            types().forEach(type -> {
                Data data = loss.data(type, ROWS, COLUMNS, 0);
                LossResult merged = run(loss, data.rows(0, 3))
                        .result()
                        .merge(run(loss, data.rows(3, ROWS - 3)).result());
                LossResult whole = run(loss, data).result();
                assertNear(whole.lossSum(), merged.lossSum(), Tolerances.BATCH_SUM, loss);
                assertNear(whole.weightSum(), merged.weightSum(), Tolerances.BATCH_SUM, loss);
                assertEquals(whole.count(), merged.count(), loss.name());
                assertEquals(whole.rows(), merged.rows(), loss.name());
            });
        }
    }

    @Test
    void reductionScalesTheGradient() {
        for (LossFamily loss : LossFamily.values()) {
            Data data = loss.data(ElementType.FLOAT64, ROWS, COLUMNS, 0);
            Matrix sum = Matrices.like(data.predictions);
            Matrix half = Matrices.like(data.predictions);
            LossResult result =
                    loss.call(alone(), Reduction.SUM, data).gradient(sum).compute();
            assertBits(result.lossSum(), result.value(), loss.name());
            loss.call(alone(), Reduction.mean(Denominator.given(2)), data)
                    .gradient(half)
                    .compute();
            for (int row = 0; row < ROWS; row++) {
                for (int j = 0; j < COLUMNS; j++) {
                    assertBits(sum.get(row, j) / 2, half.get(row, j), loss + ", row " + row);
                }
            }
        }
    }

    @Test
    void emptyBatchHasNoMean() {
        for (LossFamily loss : LossFamily.values()) {
            types().forEach(type -> {
                LossResult result = run(loss, loss.data(type, 0, COLUMNS, 0)).result();
                assertBits(0.0, result.lossSum(), loss.name());
                assertEquals(0, result.count(), loss.name());
                assertBits(Double.NaN, result.value(), loss.name());
            });
        }
    }

    @Test
    void gradientIsZeroWhereNothingCounts() {
        for (LossFamily loss : LossFamily.values()) {
            Data data = loss.data(ElementType.FLOAT32, 2, COLUMNS, 0);
            data.sampleWeights.set(0, 0);
            data.sampleWeights.set(1, 0);
            Outcome outcome = run(loss, data);
            assertBits(Double.NaN, outcome.result().value(), loss.name());
            for (int j = 0; j < COLUMNS; j++) {
                assertEquals(0, outcome.gradient().get(0, j), 0, loss.name());
            }
        }
    }

    @Test
    void outputsAreCheckedBeforeTheyAreWritten() {
        for (LossFamily loss : LossFamily.values()) {
            Data data = loss.data(ElementType.FLOAT64, 4, COLUMNS, 0);
            refuse(
                    loss,
                    data,
                    "gradient is 3 x 5",
                    () -> loss.call(alone(), Reduction.SUM, data)
                            .gradient(Matrices.empty(ElementType.FLOAT64, 3, COLUMNS, 0))
                            .compute());
            refuse(
                    loss,
                    data,
                    "gradient is FLOAT32",
                    () -> loss.call(alone(), Reduction.SUM, data)
                            .gradient(Matrices.empty(ElementType.FLOAT32, 4, COLUMNS, 0))
                            .compute());
            refuse(
                    loss,
                    data,
                    "rowLosses has 3 elements",
                    () -> loss.call(alone(), Reduction.SUM, data)
                            .rowLosses(RowValues.of(new double[3]))
                            .compute());
            refuse(
                    loss,
                    data,
                    "sampleWeights has 5 elements",
                    () -> loss.call(alone(), Reduction.SUM, data)
                            .sampleWeights(RowValues.of(new double[5]))
                            .compute());
            refuse(
                    loss,
                    data,
                    "sampleWeights[1] is -1.0",
                    () -> loss.call(alone(), Reduction.SUM, data)
                            .sampleWeights(RowValues.of(new double[] {1, -1, 1, 1}))
                            .gradient(data.predictions)
                            .compute());
            RowValues within =
                    RowValues.of(ElementType.FLOAT64, data.predictions.segment().asSlice(0, 4 * Double.BYTES), 4);
            refuse(
                    loss,
                    data,
                    "rowLosses overlaps",
                    () -> loss.call(alone(), Reduction.SUM, data)
                            .rowLosses(within)
                            .compute());
        }
    }

    private void refuse(LossFamily loss, Data data, String words, org.junit.jupiter.api.function.Executable call) {
        Matrix before = Matrices.copyOf(data.predictions);
        String message = String.valueOf(
                assertThrows(IllegalArgumentException.class, call, loss.name()).getMessage());
        assertTrue(message.contains(words), () -> loss + " must say \"" + words + "\": " + message);
        assertSameBits(before, data.predictions, loss);
    }
}
