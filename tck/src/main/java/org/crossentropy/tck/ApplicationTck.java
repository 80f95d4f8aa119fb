package org.crossentropy.tck;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.SplittableRandom;
import java.util.function.DoubleSupplier;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.Matrix;
import org.junit.jupiter.api.function.Executable;

/** What the tests of the losses of applications share: random data, finite differences and the look at error messages. */
abstract class ApplicationTck extends KernelTck {

    ApplicationTck() {}

    /** Numbers from -2 to 2, the same for the same seed in both types but for rounding. */
    static Matrix random(ElementType type, long seed, int rows, int columns) {
        SplittableRandom random = new SplittableRandom(Grid.seed() + seed);
        Matrix matrix = zeros(type, rows, columns);
        for (int row = 0; row < rows; row++) {
            for (int j = 0; j < columns; j++) {
                matrix.set(row, j, (float) random.nextDouble(-2, 2));
            }
        }
        return matrix;
    }

    static Matrix zeros(ElementType type, int rows, int columns) {
        return type == ElementType.FLOAT64
                ? Matrix.of(new double[rows * columns], rows, columns)
                : Matrix.of(new float[rows * columns], rows, columns);
    }

    /** Checks a float64 gradient against central differences of a loss of the inputs. */
    static void assertDerivative(Matrix inputs, Matrix gradient, DoubleSupplier loss, Object where) {
        for (long row = 0; row < inputs.rows(); row++) {
            for (int j = 0; j < inputs.columns(); j++) {
                double old = inputs.get(row, j);
                inputs.set(row, j, old + Tolerances.DIFFERENCE_STEP);
                double above = loss.getAsDouble();
                inputs.set(row, j, old - Tolerances.DIFFERENCE_STEP);
                double below = loss.getAsDouble();
                inputs.set(row, j, old);
                double slope = (above - below) / (2 * Tolerances.DIFFERENCE_STEP);
                assertSlope(slope, gradient.get(row, j), "row " + row + ", column " + j + ", " + where);
            }
        }
    }

    static void assertSlope(double slope, double derivative, Object where) {
        if (!(Math.abs(slope - derivative) <= Tolerances.DIFFERENCE_ERROR * Math.max(1, Math.abs(slope)))) {
            fail("derivative is " + derivative + ", differences say " + slope + ": " + where);
        }
    }

    /** Compares two matrices element by element, relative to the largest element of the first. */
    static void assertClose(Matrix expected, Matrix actual, double relative, Object where) {
        double size = 0;
        for (long row = 0; row < expected.rows(); row++) {
            for (int j = 0; j < expected.columns(); j++) {
                size = Math.max(size, Math.abs(expected.get(row, j)));
            }
        }
        for (long row = 0; row < expected.rows(); row++) {
            for (int j = 0; j < expected.columns(); j++) {
                double right = expected.get(row, j);
                double wrong = actual.get(row, j);
                if (!(Math.abs(right - wrong) <= relative * size)) {
                    fail("row " + row + ", column " + j + " is " + wrong + ", must be " + right + ": " + where);
                }
            }
        }
    }

    static void assertRefused(Class<? extends Exception> type, Executable call, String... words) {
        String message = String.valueOf(assertThrows(type, call).getMessage());
        for (String word : words) {
            assertTrue(message.contains(word), () -> "message must say \"" + word + "\": " + message);
        }
    }
}
