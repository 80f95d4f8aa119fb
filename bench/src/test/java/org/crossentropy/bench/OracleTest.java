package org.crossentropy.bench;

import static org.junit.jupiter.api.Assertions.assertThrows;

import org.crossentropy.api.ElementType;
import org.crossentropy.api.EmptyMean;
import org.crossentropy.api.LossResult;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.Reduction;
import org.junit.jupiter.api.Test;

class OracleTest {

    private static final int CLASSES = 20;

    /** All logits equal: every class has probability 1/K, and the loss is log K. */
    @Test
    void acceptsRightAndRejectsWrongResults() {
        try (Batch batch = new Batch(new Shape(2, CLASSES), ElementType.FLOAT64, "heap")) {
            fill(batch.pristine(), 5);
            fill(batch.gradient(), 0.5 / CLASSES);
            for (int row = 0; row < 2; row++) {
                int target = (int) batch.targets().get(row);
                batch.gradient().set(row, target, 0.5 / CLASSES - 0.5);
            }
            Oracle oracle = new Oracle(batch);

            oracle.check(mean(Math.log(CLASSES)));
            assertThrows(AssertionError.class, () -> oracle.check(mean(Math.log(CLASSES) * (1 + 1e-11))));
            assertThrows(AssertionError.class, () -> oracle.check(mean(Double.NaN)));

            oracle.check(batch.gradient());
            batch.gradient().set(1, (int) batch.targets().get(1), -0.5);
            assertThrows(AssertionError.class, () -> oracle.check(batch.gradient()));
        }
    }

    private static LossResult mean(double value) {
        return new LossResult(2 * value, 0, 2, 0, 2, 2, Reduction.MEAN, EmptyMean.NAN);
    }

    private static void fill(Matrix matrix, double value) {
        for (int row = 0; row < matrix.rows(); row++) {
            for (int column = 0; column < matrix.columns(); column++) {
                matrix.set(row, column, value);
            }
        }
    }
}
