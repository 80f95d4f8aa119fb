package org.crossentropy.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.util.Arrays;
import org.crossentropy.api.ClassIndices;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.RowValues;
import org.crossentropy.api.Softmax;
import org.junit.jupiter.api.Test;

/** Laws and special values of log-sum-exp, softmax and log-softmax. */
public abstract class SoftmaxTck extends KernelTck {

    private static final double INFINITY = Double.POSITIVE_INFINITY;

    /** Called by subclasses. */
    protected SoftmaxTck() {}

    private Matrix softmax(Matrix logits) {
        Matrix output = outputFor(logits);
        Softmax.on(alone()).softmax(logits, output);
        return output;
    }

    private Matrix logSoftmax(Matrix logits) {
        Matrix output = outputFor(logits);
        Softmax.on(alone()).logSoftmax(logits, output);
        return output;
    }

    private double logSumExp(Matrix logits) {
        double[] sums = new double[1];
        Softmax.on(alone()).logSumExp(logits, RowValues.of(sums));
        return sums[0];
    }

    @Test
    void softmaxAddsUpToOne() {
        for (DataFamily family : DataFamily.values()) {
            if (!family.isOrdinary()) {
                continue;
            }
            types().forEach(type -> {
                for (int classes : new int[] {1, 2, 9, 33, 1025}) {
                    Batch batch =
                            batch(Batch.Shape.of(Grid.seed(), type, 4, classes).with(family));
                    Matrix p = softmax(batch.logits());
                    for (int row = 0; row < 4; row++) {
                        double sum = 0;
                        for (int j = 0; j < classes; j++) {
                            sum += p.get(row, j);
                        }
                        double depth = new RowOracle(batch.logits(), row).meanDepth(-1);
                        double bound = Tolerances.Quantity.SOFTMAX.bound(type, depth) * Ulp.spacing(type, 1);
                        assertNear(1, sum, bound + Tolerances.absorbed(type, classes), "row " + row + " of " + batch);
                    }
                }
            });
        }
    }

    @Test
    void exactShiftKeepsTheBits() {
        types().forEach(type -> {
            double[] row = new double[1100];
            for (int j = 0; j < row.length; j++) {
                row[j] = (j * 7919 % 1024) / 64.0;
            }
            double[] shifted = Arrays.stream(row).map(x -> x - 512).toArray();
            int index = type == ElementType.FLOAT64 ? 0 : 1;
            Matrix logits = inBothTypes(row).get(index);
            Matrix moved = inBothTypes(shifted).get(index);
            assertSameBits(softmax(logits), softmax(moved), logits);
        });
    }

    @Test
    void logSoftmaxIsAsGoodFarFromZero() {
        // x - lse must not lose what x - max and max - lse have.
        for (double far : new double[] {0, 1e3, 1e6, 1e9, 1e15, -1e15, 3e38}) {
            for (Matrix logits : inBothTypes(far, far, far, far)) {
                double value = logSoftmax(logits).get(0, 2);
                double units = Math.abs(value + Math.log(4)) / Ulp.spacing(logits.type(), Math.log(4));
                assertTrue(
                        units <= Tolerances.LOG_SOFTMAX_OF_EQUALS,
                        () -> "log-softmax of four logits of " + far + " is " + value + ", must be " + -Math.log(4)
                                + ", off by " + units + " ULP; " + logits);
            }
        }
    }

    @Test
    void logSoftmaxIsMinusTheLoss() {
        types().forEach(type -> {
            Batch batch = batch(Batch.Shape.of(Grid.seed(), type, 10, 50));
            Matrix logs = logSoftmax(batch.logits());
            double[] losses = compute(LossOptions.SUM, batch).losses();
            ClassIndices targets = batch.targets(LossOptions.SUM);
            for (int row = 0; row < 10; row++) {
                if (targets.get(row) >= 0) {
                    double log = logs.get(row, (int) targets.get(row));
                    assertNear(losses[row], -log, Tolerances.sameLoss(type), "row " + row + " of " + batch);
                }
            }
        });
    }

    @Test
    void inPlaceHasTheBitsOfApart() {
        for (DataFamily family : DataFamily.values()) {
            types().forEach(type -> {
                for (int classes : new int[] {1, 3, 16, 100, 1030}) {
                    Batch batch = batch(new Batch.Shape(Grid.seed(), type, 5, classes, 3, family, MemoryKind.OFF_HEAP));
                    Matrix inPlace = batch.copyOfLogits();
                    Softmax.on(alone()).softmax(inPlace, inPlace);
                    assertSameBits(softmax(batch.logits()), inPlace, batch);
                    assertPaddingUntouched(inPlace, batch);
                    Matrix logs = batch.copyOfLogits();
                    Softmax.on(alone()).logSoftmax(logs, logs);
                    assertSameBits(logSoftmax(batch.logits()), logs, batch);
                    assertPaddingUntouched(logs, batch);
                }
            });
        }
    }

    @Test
    void kindOfMemoryDoesNotShow() {
        try (Arena arena = Arena.ofConfined()) {
            for (MemoryKind kind : MemoryKind.values()) {
                types().forEach(type -> {
                    Batch.Shape shape = Batch.Shape.of(Grid.seed(), type, 6, 131);
                    Batch plain = new Batch(shape, arena);
                    Batch other = new Batch(shape.with(kind, 5), arena);
                    Matrix probabilities = other.output();
                    Softmax.on(alone()).softmax(other.logits(), probabilities);
                    assertSameBits(softmax(plain.logits()), probabilities, other);
                    assertPaddingUntouched(probabilities, other);
                    Matrix logs = other.output();
                    Softmax.on(alone()).logSoftmax(other.logits(), logs);
                    assertSameBits(logSoftmax(plain.logits()), logs, other);
                    assertPaddingUntouched(logs, other);
                });
            }
        }
    }

    @Test
    void minusInfinityHasProbabilityZero() {
        for (Matrix logits : inBothTypes(1, -INFINITY, 1)) {
            assertBits(0.0, softmax(logits).get(0, 1), "softmax");
            assertBits(-INFINITY, logSoftmax(logits).get(0, 1), "log-softmax");
            assertBits(0.5, softmax(logits).get(0, 0), "softmax of the others");
        }
    }

    @Test
    void rowOfMinusInfinity() {
        for (int classes : new int[] {1, 2, 40, 1025, 2100}) {
            double[] row = new double[classes];
            Arrays.fill(row, -INFINITY);
            for (Matrix logits : inBothTypes(row)) {
                assertBits(-INFINITY, logSumExp(logits), "log-sum-exp of " + logits);
                for (int j = 0; j < classes; j++) {
                    assertBits(Double.NaN, softmax(logits).get(0, j), "softmax of " + logits);
                    assertBits(Double.NaN, logSoftmax(logits).get(0, j), "log-softmax of " + logits);
                    j += classes / 7;
                }
            }
        }
    }

    @Test
    void nanAndInfinityMakeTheRowNan() {
        for (double bad : new double[] {Double.NaN, INFINITY}) {
            for (int classes : new int[] {1, 2, 9, 40, 1030}) {
                for (int place = 0; place < classes; place += 1 + classes / 50) {
                    double[] row = new double[classes];
                    row[place] = bad;
                    for (Matrix logits : inBothTypes(row)) {
                        String where = bad + " at " + place + " of " + logits;
                        assertBits(Double.NaN, logSumExp(logits), "log-sum-exp, " + where);
                        Matrix p = softmax(logits);
                        Matrix logs = logSoftmax(logits);
                        for (int j = 0; j < classes; j++) {
                            assertBits(Double.NaN, p.get(0, j), "softmax at " + j + ", " + where);
                            assertBits(Double.NaN, logs.get(0, j), "log-softmax at " + j + ", " + where);
                        }
                    }
                }
            }
        }
    }

    @Test
    void oneClassIsCertain() {
        for (double value : new double[] {0, -0.0, 77, -1e30}) {
            for (Matrix logits : inBothTypes(value)) {
                assertBits(1.0, softmax(logits).get(0, 0), "softmax of " + value);
                assertEquals(0, Math.abs(logSoftmax(logits).get(0, 0)), "log-softmax of " + value);
                assertTrue(logits.get(0, 0) == logSumExp(logits), () -> "log-sum-exp of " + logits);
            }
        }
    }

    @Test
    void noRows() {
        types().forEach(type -> {
            Batch batch = batch(Batch.Shape.of(Grid.seed(), type, 0, 5));
            softmax(batch.logits());
            logSoftmax(batch.logits());
            Softmax.on(alone()).logSumExp(batch.logits(), RowValues.of(new double[0]));
        });
    }

    @Test
    void logSumExpOfFloat32OutputIsThatOfFloat64Rounded() {
        Batch batch = batch(Batch.Shape.of(Grid.seed(), ElementType.FLOAT32, 9, 20));
        double[] doubles = new double[9];
        float[] floats = new float[9];
        Softmax.on(alone()).logSumExp(batch.logits(), RowValues.of(doubles));
        Softmax.on(alone()).logSumExp(batch.logits(), RowValues.of(floats));
        for (int row = 0; row < 9; row++) {
            assertBits((float) doubles[row], floats[row], "row " + row + " of " + batch);
        }
    }
}
