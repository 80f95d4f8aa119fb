package org.crossentropy.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import org.crossentropy.api.BinaryCrossEntropy;
import org.crossentropy.api.ElementOutOfRangeException;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.LossResult;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.Reduction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/**
 * Neither threads nor gaps between rows nor kinds of memory show in a binary cross-entropy, and on none of these ways is a
 * target missed that is none.
 */
public abstract class BinaryExecutionTck extends KernelTck {

    private static final long SEED = 20_260_602;

    /** Enough elements for several threads, and for several groups of rows. */
    private static final int[][] ROWS_AND_COLUMNS = {{200_003, 1}, {2000, 129}, {200, 1025}, {5, 50_257}};

    private static final int GAP = 3;

    /** Called by subclasses. */
    protected BinaryExecutionTck() {}

    private BinaryCrossEntropy loss(int threads) {
        return BinaryCrossEntropy.builder()
                .execution(threads == 1 ? alone() : threads(threads))
                .reduction(Reduction.SUM)
                .build();
    }

    /** Logits and targets; what lies between the rows is NaN. */
    private record Operands(Matrix logits, Matrix targets) {

        static Operands of(ElementType type, int rows, int columns, int gap, MemoryKind kind) {
            Arena arena = Arena.ofAuto();
            SplittableRandom random = new SplittableRandom(SEED);
            Matrix logits = matrix(arena, type, rows, columns, gap, kind);
            Matrix targets = matrix(arena, type, rows, columns, gap, kind);
            for (int i = 0; i < rows; i++) {
                for (int j = 0; j < columns; j++) {
                    logits.set(i, j, 4 * random.nextGaussian());
                    targets.set(i, j, random.nextInt(3) == 0 ? random.nextInt(2) : random.nextDouble());
                }
            }
            return new Operands(logits, targets);
        }

        Matrix output(MemoryKind kind) {
            int gap = (int) (logits.rowStride() - logits.columns());
            return matrix(Arena.ofAuto(), logits.type(), Math.toIntExact(logits.rows()), logits.columns(), gap, kind);
        }

        private static Matrix matrix(Arena arena, ElementType type, int rows, int columns, int gap, MemoryKind kind) {
            long stride = (long) columns + gap;
            MemorySegment segment = kind.allocate(arena, type, rows * stride);
            segment.fill(Batch.MARK);
            return Matrix.of(type, segment, rows, columns, stride);
        }
    }

    @Test
    void neitherGapsNorMemoryNorThreadsShow() {
        for (int[] size : ROWS_AND_COLUMNS) {
            types().forEach(type -> {
                Operands tight = Operands.of(type, size[0], size[1], 0, MemoryKind.HEAP);
                Matrix gradient = tight.output(MemoryKind.HEAP);
                LossResult expected = loss(1).lossAndGradient(tight.logits, tight.targets, gradient);
                assertTrue(expected.lossSum() > 0, "a sum to compare with");
                for (MemoryKind kind : MemoryKind.values()) {
                    for (int gap : new int[] {0, GAP}) {
                        Operands operands = Operands.of(type, size[0], size[1], gap, kind);
                        for (int threads : new int[] {1, 3}) {
                            String where = String.format(
                                    "%s %d x %d, gap %d, %s, %d threads", type, size[0], size[1], gap, kind, threads);
                            Matrix actual = operands.output(kind);
                            BinaryCrossEntropy loss = loss(threads);
                            assertSameBits(expected, loss.loss(operands.logits, operands.targets), where);
                            LossResult result = loss.lossAndGradient(operands.logits, operands.targets, actual);
                            assertSameBits(expected, result, where + " with gradient");
                            assertSameBits(gradient, actual, where);
                            assertPaddingUntouched(actual, where);
                        }
                    }
                }
            });
        }
    }

    @Test
    void gradientInPlaceHasTheSameBits() {
        types().forEach(type -> {
            Operands operands = Operands.of(type, 700, 129, 0, MemoryKind.OFF_HEAP);
            Matrix gradient = operands.output(MemoryKind.OFF_HEAP);
            LossResult expected = loss(1).lossAndGradient(operands.logits, operands.targets, gradient);
            Matrix logits = Matrices.copyOf(operands.logits);
            assertSameBits(expected, loss(3).lossAndGradient(logits, operands.targets, logits), type);
            assertSameBits(gradient, logits, type);
        });
    }

    /** Rows of one element are the common case of this loss, and run together to one long one for a kernel. */
    @Test
    void oneColumnIsTheSumOfItsElements() {
        types().forEach(type -> {
            int rows = 70_001;
            Operands operands = Operands.of(type, rows, 1, 0, MemoryKind.OFF_HEAP);
            Matrix gradient = operands.output(MemoryKind.OFF_HEAP);
            LossResult all = loss(3).lossAndGradient(operands.logits, operands.targets, gradient);
            double sum = 0;
            for (int row = 0; row < rows; row++) {
                double x = operands.logits.get(row, 0);
                double t = operands.targets.get(row, 0);
                sum += Math.log1p(Math.exp(-Math.abs(x))) + t * Math.max(-x, 0) + (1 - t) * Math.max(x, 0);
            }
            assertNear(sum, all.lossSum(), type == ElementType.FLOAT64 ? 1e-14 : 1e-6, type);
            for (int row = 0; row < rows; row += 997) {
                Matrix one = Matrices.empty(type, 1, 1, 0);
                loss(1).lossAndGradient(operands.logits.rows(row, 1), operands.targets.rows(row, 1), one);
                assertSameBits(one, 0, gradient, row, "row " + row);
            }
        });
    }

    @Test
    void targetOutsideIsReportedByPlaceAndValue() {
        for (int[] size : new int[][] {{90_000, 1}, {1200, 129}, {3, 40_000}}) {
            types().forEach(type -> {
                for (MemoryKind kind : new MemoryKind[] {MemoryKind.HEAP, MemoryKind.OFF_HEAP}) {
                    for (int gap : new int[] {0, GAP}) {
                        Operands operands = Operands.of(type, size[0], size[1], gap, kind);
                        refuseOutside(operands, size[0] / 2, size[1] / 3, -0.25);
                        refuseOutside(operands, size[0] - 1, size[1] - 1, 1.5);
                        refuseOutside(operands, 0, 0, Double.POSITIVE_INFINITY);
                    }
                }
            });
        }
    }

    /** Puts a number where a target should be, and another one into the last, which must not be the one reported. */
    private void refuseOutside(Operands operands, long row, int column, double value) {
        Matrix targets = Matrices.copyOf(operands.targets);
        targets.set(targets.rows() - 1, targets.columns() - 1, 77);
        targets.set(row, column, value);
        String message = "targets[" + row + ", " + column + "] is " + value;
        for (int threads : new int[] {1, 3}) {
            BinaryCrossEntropy loss = loss(threads);
            refuse(message, () -> loss.loss(operands.logits, targets));
            Matrix gradient = operands.output(MemoryKind.OFF_HEAP);
            refuse(message, () -> loss.lossAndGradient(operands.logits, targets, gradient));
            byte[] bytes = gradient.segment().toArray(ValueLayout.JAVA_BYTE);
            for (byte b : bytes) {
                assertEquals(Batch.MARK, b, "gradient of a refused call");
            }
            Matrix logits = Matrices.copyOf(operands.logits);
            refuse(message, () -> loss.lossAndGradient(logits, targets, logits));
            assertEquals(-1, operands.logits.segment().mismatch(logits.segment()), "logits of a refused call");
        }
    }

    private static void refuse(String message, Executable call) {
        ElementOutOfRangeException refusal = assertThrows(ElementOutOfRangeException.class, call);
        assertTrue(String.valueOf(refusal.getMessage()).startsWith(message + ", "), refusal::toString);
    }

    /** A sum that is NaN for another reason than a target is a result. */
    @Test
    void nanIsAResult() {
        types().forEach(type -> {
            for (int gap : new int[] {0, GAP}) {
                Operands operands = Operands.of(type, 300, 40, gap, MemoryKind.OFF_HEAP);
                LossResult good = loss(1).loss(operands.logits, operands.targets);
                assertTrue(Double.isFinite(good.lossSum()), "a sum of numbers");
                Matrix logits = Matrices.copyOf(operands.logits);
                logits.set(17, 3, Double.NaN);
                assertBits(Double.NaN, loss(1).loss(logits, operands.targets).lossSum(), "NaN logit, gap " + gap);
                Matrix targets = Matrices.copyOf(operands.targets);
                targets.set(299, 39, Double.NaN);
                assertBits(Double.NaN, loss(1).loss(operands.logits, targets).lossSum(), "NaN target, gap " + gap);
                targets.set(299, 39, -0.0);
                assertTrue(
                        Double.isFinite(loss(1).loss(operands.logits, targets).lossSum()), "target -0, gap " + gap);
            }
        });
    }

    @Test
    void noRowsAreNoLoss() {
        types().forEach(type -> {
            Matrix none = Matrices.empty(type, 0, 7, 0);
            LossResult result = loss(1).lossAndGradient(none, none, Matrices.empty(type, 0, 7, 0));
            assertBits(0, result.lossSum(), type.name());
            assertEquals(0, result.rows());
        });
    }
}
