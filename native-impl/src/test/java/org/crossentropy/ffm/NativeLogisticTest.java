package org.crossentropy.ffm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.DoubleSupplier;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.spi.LogisticRows;
import org.crossentropy.api.spi.LossKernels;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * That a call of the kernel of binary cross-entropy means the same however it goes down: plain or critical, whole or in
 * pieces. What the numbers should be is tested for all backends together, elsewhere.
 */
class NativeLogisticTest {
    private static final long SEED = 20_260_601;
    private static final double UNTOUCHED = 7777;

    /** As many rows of as many elements as make several pieces of critical calls with every instruction set. */
    private static final int ROWS = 200;

    private static final int COLUMNS = 1003;
    private static final int STRIDE = 1010;

    private final Arena arena = Arena.ofConfined();

    @AfterEach
    void closeArena() {
        arena.close();
    }

    /** The segments of a call, each of which may be on the heap. */
    private enum Operand {
        LOGITS,
        TARGETS,
        WEIGHTS,
        COLUMN,
        FACTORS,
        SUMS,
        LOSSES,
        GRADIENT
    }

    @ParameterizedTest
    @MethodSource("org.crossentropy.ffm.NativeLossKernelsTest#supported")
    void placeAndPiecesDoNotChangeBits(NativeBackendProvider provider) {
        LossKernels kernels = provider.open();
        for (ElementType type : ElementType.ARITHMETIC) {
            var expected = new Call(type, EnumSet.noneOf(Operand.class));
            kernels.logistic(expected.rows);
            var allOnHeap = new Call(type, EnumSet.allOf(Operand.class));
            kernels.logistic(allOnHeap.rows);
            expected.assertSameBits(allOnHeap, "all on the heap");
            for (Operand operand : Operand.values()) {
                var one = new Call(type, EnumSet.of(operand));
                kernels.logistic(one.rows);
                expected.assertSameBits(one, operand + " on the heap");
                var others = new Call(type, EnumSet.complementOf(EnumSet.of(operand)));
                kernels.logistic(others.rows);
                expected.assertSameBits(others, operand + " off the heap");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("org.crossentropy.ffm.NativeLossKernelsTest#supported")
    void gradientInPlaceHasTheSameBits(NativeBackendProvider provider) {
        LossKernels kernels = provider.open();
        for (Set<Operand> onHeap : List.of(EnumSet.noneOf(Operand.class), EnumSet.allOf(Operand.class))) {
            var apart = new Call(ElementType.FLOAT32, onHeap);
            var inPlace = new Call(ElementType.FLOAT32, onHeap);
            inPlace.rows.gradient(inPlace.logits, STRIDE, inPlace.factors, 1);
            kernels.logistic(apart.rows);
            kernels.logistic(inPlace.rows);
            for (int row = 0; row < ROWS; row++) {
                long start = (long) row * STRIDE * Float.BYTES;
                long end = start + (long) COLUMNS * Float.BYTES;
                assertEquals(
                        -1,
                        MemorySegment.mismatch(apart.gradient, start, end, inPlace.logits, start, end),
                        "row " + row);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("org.crossentropy.ffm.NativeLossKernelsTest#supported")
    void oneFactorServesAllRows(NativeBackendProvider provider) {
        LossKernels kernels = provider.open();
        for (Set<Operand> onHeap : List.of(EnumSet.noneOf(Operand.class), EnumSet.allOf(Operand.class))) {
            var shared = new Call(ElementType.FLOAT32, onHeap);
            shared.rows.gradient(shared.gradient, STRIDE, shared.factors.asSlice(0, Double.BYTES), 0);
            kernels.logistic(shared.rows);
            var each = new Call(ElementType.FLOAT32, onHeap);
            double factor = each.factors.get(ValueLayout.JAVA_DOUBLE, 0);
            for (int row = 1; row < ROWS; row++) {
                each.factors.setAtIndex(ValueLayout.JAVA_DOUBLE, row, factor);
            }
            kernels.logistic(each.rows);
            assertEquals(-1, shared.gradient.mismatch(each.gradient), "gradient");
        }
    }

    /**
     * A segment that is said to end after half the rows of its array: a piece that begins behind its end is refused, with the
     * pieces before it done. Were the call not split, all rows would be.
     */
    @ParameterizedTest
    @MethodSource("org.crossentropy.ffm.NativeLossKernelsTest#supported")
    void criticalCallsAreSplitAndPlainOnesAreNot(NativeBackendProvider provider) {
        LossKernels kernels = provider.open();
        for (ElementType type : ElementType.ARITHMETIC) {
            var onHeap = new Call(type, EnumSet.allOf(Operand.class));
            onHeap.rows.targets(onHeap.halfOfTheTargets(), STRIDE);
            assertThrows(IndexOutOfBoundsException.class, () -> kernels.logistic(onHeap.rows));
            int done = onHeap.rowsDone();
            assertTrue(done >= ROWS / 2 && done < ROWS, () -> done + " of " + ROWS + " rows were computed");
            var offHeap = new Call(type, EnumSet.noneOf(Operand.class));
            offHeap.rows.targets(offHeap.halfOfTheTargets(), STRIDE);
            kernels.logistic(offHeap.rows);
            assertEquals(ROWS, offHeap.rowsDone());
        }
    }

    @Test
    void readOnlyInputsAreAccepted() {
        LossKernels kernels = new NativeBackendProvider().open();
        for (Set<Operand> onHeap : List.of(EnumSet.noneOf(Operand.class), EnumSet.allOf(Operand.class))) {
            var plain = new Call(ElementType.FLOAT64, onHeap);
            var readOnly = new Call(ElementType.FLOAT64, onHeap);
            readOnly.rows
                    .logits(readOnly.logits.asReadOnly(), STRIDE)
                    .targets(readOnly.targets.asReadOnly(), STRIDE)
                    .weights(readOnly.weights.asReadOnly(), STRIDE)
                    .positiveWeights(readOnly.column.asReadOnly());
            kernels.logistic(plain.rows);
            kernels.logistic(readOnly.rows);
            plain.assertSameBits(readOnly, "read-only");
        }
    }

    @Test
    void noRowsAreNoWork() {
        LossKernels kernels = new NativeBackendProvider().open();
        for (Set<Operand> onHeap : List.of(EnumSet.noneOf(Operand.class), EnumSet.allOf(Operand.class))) {
            var untouched = new Call(ElementType.FLOAT32, onHeap);
            var call = new Call(ElementType.FLOAT32, onHeap);
            call.setRows(0);
            kernels.logistic(call.rows);
            untouched.assertSameBits(call, "no rows");
        }
    }

    @Test
    void closedArenaIsAnExceptionAndNoCrash() {
        LossKernels kernels = new NativeBackendProvider().open();
        MemorySegment targets;
        try (Arena closed = Arena.ofConfined()) {
            targets = closed.allocate(ValueLayout.JAVA_FLOAT, (long) ROWS * STRIDE);
        }
        for (Set<Operand> onHeap : List.of(EnumSet.noneOf(Operand.class), EnumSet.of(Operand.LOGITS))) {
            var call = new Call(ElementType.FLOAT32, onHeap);
            call.rows.targets(targets, STRIDE);
            assertThrows(IllegalStateException.class, () -> kernels.logistic(call.rows));
        }
    }

    @Test
    void complaintOfTheLibraryIsOurMistake() {
        LossKernels kernels = new NativeBackendProvider().open();
        var call = new Call(ElementType.FLOAT32, EnumSet.noneOf(Operand.class));
        call.rows.targets(MemorySegment.NULL, STRIDE);
        var error = assertThrows(AssertionError.class, () -> kernels.logistic(call.rows));
        assertEquals("xent_logistic returned XENT_INVALID_ARGUMENT", error.getMessage());
    }

    /** The arguments of a call with buffers of its own, filled alike for alike types. */
    private final class Call {
        final ElementType type;
        final MemorySegment logits;
        final MemorySegment targets;
        final MemorySegment weights;
        final MemorySegment column;
        final MemorySegment factors;
        final MemorySegment sums;
        final MemorySegment losses;
        final MemorySegment gradient;
        final LogisticRows rows = new LogisticRows();

        private final Set<Operand> onHeap;

        Call(ElementType type, Set<Operand> onHeap) {
            this.type = type;
            this.onHeap = onHeap;
            var random = new Random(SEED);
            logits = elements(Operand.LOGITS, ROWS * STRIDE, () -> 30 * random.nextDouble() - 15);
            targets = elements(Operand.TARGETS, ROWS * STRIDE, random::nextDouble);
            weights = elements(Operand.WEIGHTS, ROWS * STRIDE, () -> random.nextInt(4) * 0.7);
            column = elements(Operand.COLUMN, COLUMNS, random::nextDouble);
            factors = doubles(Operand.FACTORS, random::nextDouble);
            sums = doubles(Operand.SUMS, () -> UNTOUCHED);
            losses = elements(Operand.LOSSES, ROWS * COLUMNS, () -> UNTOUCHED);
            gradient = elements(Operand.GRADIENT, ROWS * STRIDE, () -> UNTOUCHED);
            setRows(ROWS);
        }

        void setRows(int count) {
            rows.begin(type, count, COLUMNS)
                    .logits(logits, STRIDE)
                    .targets(targets, STRIDE)
                    .weights(weights, STRIDE)
                    .positiveWeights(column)
                    .outputs(sums, losses)
                    .gradient(gradient, STRIDE, factors, 1);
        }

        MemorySegment halfOfTheTargets() {
            return targets.asSlice(0, (long) ROWS / 2 * STRIDE * type.bytes());
        }

        /** Rows at the start whose sums were written; none after them may have been. */
        int rowsDone() {
            int done = 0;
            while (done < ROWS && sums.getAtIndex(ValueLayout.JAVA_DOUBLE, done) != UNTOUCHED) {
                done++;
            }
            for (int row = done; row < ROWS; row++) {
                assertEquals(UNTOUCHED, sums.getAtIndex(ValueLayout.JAVA_DOUBLE, row), "row " + row);
            }
            return done;
        }

        /** All buffers whole, so also the padding. */
        void assertSameBits(Call other, String where) {
            assertEquals(-1, logits.mismatch(other.logits), "logits, " + where);
            assertEquals(-1, sums.mismatch(other.sums), "sums, " + where);
            assertEquals(-1, losses.mismatch(other.losses), "losses, " + where);
            assertEquals(-1, gradient.mismatch(other.gradient), "gradient, " + where);
        }

        private MemorySegment elements(Operand operand, int count, DoubleSupplier value) {
            boolean isFloat = type == ElementType.FLOAT32;
            MemorySegment segment = onHeap.contains(operand)
                    ? isFloat ? MemorySegment.ofArray(new float[count]) : MemorySegment.ofArray(new double[count])
                    : arena.allocate((long) count * type.bytes(), type.bytes());
            for (int i = 0; i < count; i++) {
                if (isFloat) {
                    segment.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) value.getAsDouble());
                } else {
                    segment.setAtIndex(ValueLayout.JAVA_DOUBLE, i, value.getAsDouble());
                }
            }
            return segment;
        }

        private MemorySegment doubles(Operand operand, DoubleSupplier value) {
            MemorySegment segment = onHeap.contains(operand)
                    ? MemorySegment.ofArray(new double[ROWS])
                    : arena.allocate(ValueLayout.JAVA_DOUBLE, ROWS);
            for (int i = 0; i < ROWS; i++) {
                segment.setAtIndex(ValueLayout.JAVA_DOUBLE, i, value.getAsDouble());
            }
            return segment;
        }
    }
}
