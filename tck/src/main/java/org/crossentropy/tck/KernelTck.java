package org.crossentropy.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.fail;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.Stream;
import org.crossentropy.api.Backend;
import org.crossentropy.api.ClassIndices;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.Execution;
import org.crossentropy.api.LossResult;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.Parallelism;
import org.crossentropy.api.RowValues;
import org.crossentropy.api.SoftmaxCrossEntropy;
import org.junit.jupiter.api.BeforeEach;

/** What the abstract tests share: the backend under test, ways to run it, and comparisons that say what differs. */
public abstract class KernelTck {

    /** Called by subclasses. */
    protected KernelTck() {}

    /**
     * {@return the backend under test}
     */
    protected abstract Backend backend();

    /** Skips every test of a backend that is not available, whatever the test itself does. */
    @BeforeEach
    void isAvailable() {
        assertNotNull(backend(), "backend under test");
    }

    /** {@return the backend on the calling thread alone} */
    final Execution alone() {
        return new Execution(backend(), Parallelism.sequential());
    }

    /** {@return the backend on some threads of the common pool} */
    final Execution threads(int threads) {
        return new Execution(backend(), Parallelism.threads(threads));
    }

    /** Everything a loss returns. Never compared with equals, never kept. */
    @SuppressWarnings("ArrayRecordComponent")
    record Outcome(LossResult result, double[] losses, Matrix gradient) {}

    /** Computes loss and gradient, on the calling thread. */
    final Outcome compute(LossOptions options, Batch batch) {
        return compute(options.on(alone()), batch.logits(), batch.targets(options), batch.output());
    }

    static Outcome compute(SoftmaxCrossEntropy loss, Matrix logits, ClassIndices targets, Matrix gradient) {
        double[] losses = new double[Math.toIntExact(logits.rows())];
        LossResult result = loss.lossAndGradient(logits, targets, gradient, RowValues.of(losses));
        return new Outcome(result, losses, gradient);
    }

    /** Computes one row of float64, on the calling thread. */
    final Outcome computeRow(LossOptions options, long target, double... logits) {
        Matrix gradient = Matrix.of(new double[logits.length], 1, logits.length);
        return compute(options.on(alone()), Matrix.of(logits, 1, logits.length), ClassIndices.of(target), gradient);
    }

    /** Computes one row of float32, on the calling thread. */
    final Outcome computeRow(LossOptions options, long target, float... logits) {
        Matrix gradient = Matrix.of(new float[logits.length], 1, logits.length);
        return compute(options.on(alone()), Matrix.of(logits, 1, logits.length), ClassIndices.of(target), gradient);
    }

    /** A batch in memory that the garbage collector frees. */
    static Batch batch(Batch.Shape shape) {
        return new Batch(shape, Arena.ofAuto());
    }

    static Stream<ElementType> types() {
        return ElementType.ARITHMETIC.stream();
    }

    /** The same row in both element types. */
    static List<Matrix> inBothTypes(double... row) {
        float[] floats = new float[row.length];
        for (int j = 0; j < row.length; j++) {
            floats[j] = (float) row[j];
        }
        return List.of(Matrix.of(row.clone(), 1, row.length), Matrix.of(floats, 1, row.length));
    }

    /** An output of a matrix's shape and type, tight, on the heap. */
    static Matrix outputFor(Matrix matrix) {
        int rows = Math.toIntExact(matrix.rows());
        return switch (matrix.type()) {
            case FLOAT32 -> Matrix.of(new float[rows * matrix.columns()], rows, matrix.columns());
            case FLOAT64 -> Matrix.of(new double[rows * matrix.columns()], rows, matrix.columns());
            case BFLOAT16, FLOAT16 -> throw new AssertionError(matrix.type());
        };
    }

    static void assertSameBits(Outcome expected, Outcome actual, Object where) {
        assertSameBits(expected.result(), actual.result(), where);
        assertSameBits(expected.losses(), actual.losses(), where);
        assertSameBits(expected.gradient(), actual.gradient(), where);
    }

    static void assertSameBits(LossResult expected, LossResult actual, Object where) {
        assertBits(expected.lossSum(), actual.lossSum(), "loss sum, " + where);
        assertBits(expected.lossSumTail(), actual.lossSumTail(), "tail of the loss sum, " + where);
        assertBits(expected.weightSum(), actual.weightSum(), "weight sum, " + where);
        assertEquals(expected.count(), actual.count(), () -> "count, " + where);
        assertEquals(expected.rows(), actual.rows(), () -> "rows, " + where);
    }

    static void assertSameBits(double[] expected, double[] actual, Object where) {
        assertEquals(expected.length, actual.length, () -> "rows, " + where);
        for (int row = 0; row < expected.length; row++) {
            assertBits(expected[row], actual[row], "row " + row + ", " + where);
        }
    }

    /** Compares the elements of two matrices, whatever their strides. */
    static void assertSameBits(Matrix expected, Matrix actual, Object where) {
        assertEquals(expected.rows(), actual.rows(), () -> "rows, " + where);
        for (long row = 0; row < expected.rows(); row++) {
            assertSameBits(expected, row, actual, row, where);
        }
    }

    static void assertSameBits(Matrix expected, long expectedRow, Matrix actual, long actualRow, Object where) {
        long bytes = (long) expected.columns() * expected.type().bytes();
        MemorySegment wanted = expected.segment()
                .asSlice(expectedRow * expected.rowStride() * expected.type().bytes(), bytes);
        MemorySegment got = actual.segment()
                .asSlice(actualRow * actual.rowStride() * actual.type().bytes(), bytes);
        long at = wanted.mismatch(got);
        if (at >= 0) {
            int column = (int) (at / expected.type().bytes());
            double right = expected.get(expectedRow, column);
            double wrong = actual.get(actualRow, column);
            fail(String.format(
                    "row %d, class %d is %s (%a), must be %s (%a), %.3g units in the last place apart; %s",
                    actualRow,
                    column,
                    wrong,
                    wrong,
                    right,
                    right,
                    Math.abs(wrong - right) / Ulp.spacingStored(expected.type(), right),
                    where));
        }
    }

    static void assertBits(double expected, double actual, String where) {
        if (Double.doubleToRawLongBits(expected) != Double.doubleToRawLongBits(actual)) {
            fail(String.format(
                    "is %s (%a, bits %#x), must be %s (%a), %.3g units in the last place apart: %s",
                    actual,
                    actual,
                    Double.doubleToRawLongBits(actual),
                    expected,
                    expected,
                    Math.abs(actual - expected) / Math.ulp(expected),
                    where));
        }
    }

    /** Compares with a relative tolerance. */
    static void assertNear(double expected, double actual, double relative, Object where) {
        if (!(Math.abs(actual - expected) <= relative * Math.abs(expected)) && actual != expected) {
            fail(String.format("is %s, must be %s within %s of it: %s", actual, expected, relative, where));
        }
    }

    /** Checks that nothing outside the rows of an output or input was written. */
    static void assertPaddingUntouched(Matrix matrix, Object where) {
        int bytes = matrix.type().bytes();
        long rowBytes = matrix.columns() * (long) bytes;
        for (long row = 0; row < matrix.rows(); row++) {
            long end = row * matrix.rowStride() * bytes + rowBytes;
            long next = Math.min(
                    (row + 1) * matrix.rowStride() * bytes, matrix.segment().byteSize());
            for (long at = end; at < next; at++) {
                if (matrix.segment().get(java.lang.foreign.ValueLayout.JAVA_BYTE, at) != Batch.MARK) {
                    fail("byte " + (at - end) + " after row " + row + " was written: " + where);
                }
            }
        }
    }
}
