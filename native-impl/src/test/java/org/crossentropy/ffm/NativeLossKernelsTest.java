package org.crossentropy.ffm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Random;
import java.util.function.BiConsumer;
import java.util.function.DoubleSupplier;
import java.util.stream.Stream;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.spi.LossKernels;
import org.crossentropy.api.spi.SoftmaxRows;
import org.crossentropy.ffm.bindings.Xent;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * That a call means the same however it goes down: plain or critical, whole or in pieces, from the first row or a later
 * one. What the numbers should be is tested for all backends together, elsewhere.
 */
class NativeLossKernelsTest {
    private static final long SEED = 20_260_101;
    private static final double UNTOUCHED = 7777;

    /** As many rows of as many classes as make several pieces of critical calls with every instruction set. */
    private static final int ROWS = 600;

    private static final int CLASSES = 1003;
    private static final int STRIDE = 1010;
    private static final int FROM = 3;
    private static final int FIRST_TARGET = 5;

    /** Logits, alike in all calls. */
    private static final double[] DATA =
            new Random(SEED).doubles((long) (FROM + ROWS) * STRIDE, -15, 15).toArray();

    private final Arena arena = Arena.ofConfined();

    @AfterEach
    void closeArena() {
        arena.close();
    }

    static Stream<NativeBackendProvider> supported() {
        assertEquals(null, NativeLibrary.load());
        return Stream.of(Isa.values())
                .filter(isa -> Xent.xent_isa_support(isa.number) == Xent.XENT_SUPPORTED())
                .map(isa -> NativeBackendProvider.forIsa(isa.id()));
    }

    /** Which of the segments of a call are on the heap. */
    private enum Place {
        OFF_HEAP,
        HEAP,
        HEAP_LOGITS,
        HEAP_OUTPUTS;

        boolean logitsOnHeap() {
            return this == HEAP || this == HEAP_LOGITS;
        }

        boolean outputsOnHeap() {
            return this == HEAP || this == HEAP_OUTPUTS;
        }
    }

    @ParameterizedTest
    @MethodSource("supported")
    void placeAndPiecesDoNotChangeBits(NativeBackendProvider provider) {
        LossKernels kernels = provider.open();
        for (ElementType type : ElementType.ARITHMETIC) {
            for (BiConsumer<LossKernels, SoftmaxRows> kernel : kernels()) {
                var expected = new Call(kernels, type, Place.OFF_HEAP);
                kernel.accept(kernels, expected.rows);
                for (Place place : Place.values()) {
                    var actual = new Call(kernels, type, place);
                    kernel.accept(kernels, actual.rows);
                    expected.assertSameBits(actual);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("supported")
    void singleRowsGiveTheBitsOfTheWhole(NativeBackendProvider provider) {
        LossKernels kernels = provider.open();
        for (BiConsumer<LossKernels, SoftmaxRows> kernel : kernels()) {
            var whole = new Call(kernels, ElementType.FLOAT32, Place.OFF_HEAP);
            kernel.accept(kernels, whole.rows);
            var single = new Call(kernels, ElementType.FLOAT32, Place.OFF_HEAP);
            for (int row = 0; row < ROWS; row++) {
                single.narrowTo(row);
                kernel.accept(kernels, single.rows);
            }
            whole.assertSameBits(single);
        }
    }

    @ParameterizedTest
    @MethodSource("supported")
    void gradientInPlaceHasTheSameBits(NativeBackendProvider provider) {
        LossKernels kernels = provider.open();
        for (Place place : new Place[] {Place.OFF_HEAP, Place.HEAP}) {
            var apart = new Call(kernels, ElementType.FLOAT32, place);
            var inPlace = new Call(kernels, ElementType.FLOAT32, place);
            inPlace.rows.gradient(inPlace.logits, STRIDE);
            kernels.softmaxGradient(apart.rows);
            kernels.softmaxGradient(inPlace.rows);
            for (int row = FROM; row < FROM + ROWS; row++) {
                long start = (long) row * STRIDE * Float.BYTES;
                long end = start + (long) CLASSES * Float.BYTES;
                assertEquals(
                        -1,
                        MemorySegment.mismatch(apart.gradient, start, end, inPlace.logits, start, end),
                        "row " + row);
            }
        }
    }

    @Test
    void readOnlyInputsAreAccepted() {
        LossKernels kernels = new NativeBackendProvider().open();
        for (Place place : Place.values()) {
            var plain = new Call(kernels, ElementType.FLOAT32, place);
            var readOnly = new Call(kernels, ElementType.FLOAT32, place);
            readOnly.rows
                    .logits(ElementType.FLOAT32, readOnly.logits.asReadOnly(), STRIDE, CLASSES)
                    .targets(readOnly.targets.asReadOnly(), FIRST_TARGET)
                    .coefficients(readOnly.coefficients.asReadOnly(), 3);
            kernels.softmaxGradient(plain.rows);
            kernels.softmaxGradient(readOnly.rows);
            plain.assertSameBits(readOnly);
        }
    }

    @Test
    void oneTripleOfCoefficientsServesAllRows() {
        LossKernels kernels = new NativeBackendProvider().open();
        for (Place place : Place.values()) {
            var shared = new Call(kernels, ElementType.FLOAT32, place);
            shared.rows.coefficients(shared.coefficients.asSlice(0, 3 * Double.BYTES), 0);
            kernels.softmaxGradient(shared.rows);
            var each = new Call(kernels, ElementType.FLOAT32, place);
            for (int row = 1; row < ROWS; row++) {
                MemorySegment.copy(each.coefficients, 0, each.coefficients, row * 3L * Double.BYTES, 3 * Double.BYTES);
            }
            kernels.softmaxGradient(each.rows);
            each.assertSameBits(shared);
        }
    }

    @Test
    void noRowsAreNoWork() {
        LossKernels kernels = new NativeBackendProvider().open();
        for (BiConsumer<LossKernels, SoftmaxRows> kernel : kernels()) {
            for (Place place : Place.values()) {
                var call = new Call(kernels, ElementType.FLOAT64, place);
                var untouched = new Call(kernels, ElementType.FLOAT64, place);
                call.rows.range(FROM, 0);
                kernel.accept(kernels, call.rows);
                untouched.assertSameBits(call);
            }
        }
    }

    @Test
    void closedArenaIsAnExceptionAndNoCrash() {
        LossKernels kernels = new NativeBackendProvider().open();
        MemorySegment logits;
        try (Arena closed = Arena.ofConfined()) {
            logits = closed.allocate(ValueLayout.JAVA_FLOAT, (long) (FROM + ROWS) * STRIDE);
        }
        for (Place place : new Place[] {Place.OFF_HEAP, Place.HEAP_OUTPUTS}) {
            var call = new Call(kernels, ElementType.FLOAT32, place);
            call.rows.logits(ElementType.FLOAT32, logits, STRIDE, CLASSES);
            assertThrows(IllegalStateException.class, () -> kernels.softmaxForward(call.rows));
            call.rows.range(0, 1);
            assertThrows(IllegalStateException.class, () -> kernels.softmaxForward(call.rows));
        }
    }

    @Test
    void complaintOfTheLibraryIsOurMistake() {
        LossKernels kernels = new NativeBackendProvider().open();
        var call = new Call(kernels, ElementType.FLOAT32, Place.OFF_HEAP);
        call.rows.logits(ElementType.FLOAT32, MemorySegment.NULL, STRIDE, CLASSES);
        var error = assertThrows(AssertionError.class, () -> kernels.softmaxForward(call.rows));
        assertEquals("xent_softmax_forward returned XENT_INVALID_ARGUMENT", error.getMessage());
    }

    @ParameterizedTest
    @MethodSource("supported")
    void workspaceGrowsWithTheClassesAtMost(NativeBackendProvider provider) {
        LossKernels kernels = provider.open();
        for (ElementType type : ElementType.ARITHMETIC) {
            assertTrue(kernels.workspaceBytes(type, 1) >= 0);
            assertTrue(kernels.workspaceBytes(type, 1) <= kernels.workspaceBytes(type, 1_000_000));
        }
    }

    private static Iterable<BiConsumer<LossKernels, SoftmaxRows>> kernels() {
        return List.of(LossKernels::softmaxForward, LossKernels::softmaxGradient, LossKernels::logSoftmax);
    }

    /** The arguments of a call with buffers of its own, filled alike for alike types. */
    private final class Call {
        final ElementType type;
        final MemorySegment logits;
        final MemorySegment gradient;
        final MemorySegment targets;
        final MemorySegment coefficients;
        final MemorySegment nll;
        final MemorySegment lse;
        final MemorySegment spread;
        final SoftmaxRows rows;

        Call(LossKernels kernels, ElementType type, Place place) {
            this.type = type;
            var random = new Random(SEED);
            logits = elements((FROM + ROWS) * STRIDE, place.logitsOnHeap());
            gradient = elements((FROM + ROWS) * STRIDE, place.outputsOnHeap());
            for (int i = 0; i < (FROM + ROWS) * STRIDE; i++) {
                set(logits, i, DATA[i]);
                set(gradient, i, UNTOUCHED);
            }
            targets = place.logitsOnHeap()
                    ? MemorySegment.ofArray(new int[FIRST_TARGET + ROWS])
                    : arena.allocate(ValueLayout.JAVA_INT, FIRST_TARGET + ROWS);
            for (int i = 0; i < FIRST_TARGET + ROWS; i++) {
                targets.setAtIndex(ValueLayout.JAVA_INT, i, random.nextInt(CLASSES + 1) - 1);
            }
            coefficients = doubles(3 * ROWS, place.logitsOnHeap(), random::nextDouble);
            nll = doubles(ROWS, place.outputsOnHeap(), () -> UNTOUCHED);
            lse = doubles(ROWS, place.outputsOnHeap(), () -> UNTOUCHED);
            spread = doubles(ROWS, place.outputsOnHeap(), () -> UNTOUCHED);
            rows = new SoftmaxRows()
                    .logits(type, logits, STRIDE, CLASSES)
                    .range(FROM, ROWS)
                    .targets(targets, FIRST_TARGET)
                    .classWeights(MemorySegment.NULL, CLASSES)
                    .rowOutputs(nll, lse, spread)
                    .gradient(gradient, STRIDE)
                    .coefficients(coefficients, 3)
                    .workspace(arena.allocate(kernels.workspaceBytes(type, CLASSES), 64));
        }

        void narrowTo(int row) {
            rows.range(FROM + row, 1)
                    .targets(targets, FIRST_TARGET + row)
                    .coefficients(coefficients.asSlice(row * 3L * Double.BYTES), 3)
                    .rowOutputs(at(nll, row), at(lse, row), at(spread, row));
        }

        /** All buffers whole, so also the padding, the rows before the first, and outputs not asked for. */
        void assertSameBits(Call other) {
            assertEquals(-1, logits.mismatch(other.logits), "logits");
            assertEquals(-1, gradient.mismatch(other.gradient), "gradient");
            assertEquals(-1, nll.mismatch(other.nll), "nll");
            assertEquals(-1, lse.mismatch(other.lse), "lse");
            assertEquals(-1, spread.mismatch(other.spread), "spread");
        }

        private MemorySegment elements(int count, boolean onHeap) {
            if (type == ElementType.FLOAT32) {
                return onHeap ? MemorySegment.ofArray(new float[count]) : arena.allocate(ValueLayout.JAVA_FLOAT, count);
            }
            return onHeap ? MemorySegment.ofArray(new double[count]) : arena.allocate(ValueLayout.JAVA_DOUBLE, count);
        }

        private void set(MemorySegment segment, int index, double value) {
            if (type == ElementType.FLOAT32) {
                segment.setAtIndex(ValueLayout.JAVA_FLOAT, index, (float) value);
            } else {
                segment.setAtIndex(ValueLayout.JAVA_DOUBLE, index, value);
            }
        }

        private MemorySegment doubles(int count, boolean onHeap, DoubleSupplier value) {
            MemorySegment segment =
                    onHeap ? MemorySegment.ofArray(new double[count]) : arena.allocate(ValueLayout.JAVA_DOUBLE, count);
            for (int i = 0; i < count; i++) {
                segment.setAtIndex(ValueLayout.JAVA_DOUBLE, i, value.getAsDouble());
            }
            return segment;
        }

        private static MemorySegment at(MemorySegment doubles, int index) {
            return doubles.asSlice((long) index * Double.BYTES);
        }
    }
}
