package org.crossentropy.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LinearMemoryTest {

    private static final int ROWS = 100;
    private static final int CLASSES = 1000;
    private static final int WIDTH = 64;

    private static Matrix matrix(ElementType type, int rows, int columns) {
        MemorySegment memory = Arena.ofAuto().allocate((long) rows * columns * type.bytes(), 64);
        return Matrix.of(type, memory, rows, columns);
    }

    private static LinearHead head(ElementType type) {
        return new LinearHead(matrix(type, ROWS, WIDTH), matrix(type, CLASSES, WIDTH), matrix(type, 1, CLASSES));
    }

    private static LinearGradients gradients(ElementType type) {
        ElementType wide = type.arithmetic();
        return new LinearGradients(
                matrix(type, ROWS, WIDTH), matrix(wide, CLASSES, WIDTH), matrix(wide, 1, CLASSES), false);
    }

    private static RowInputs inputs(ElementType type) {
        ClassMask mask = ClassMask.perRow(Arena.ofAuto().allocate(ROWS * CLASSES), ROWS, CLASSES);
        return new RowInputs(SoftTargets.of(matrix(type, ROWS, CLASSES)), null, mask);
    }

    private static LinearMemory plan(ElementType type, long chosen, long budget, boolean filters) {
        return LinearMemory.plan(head(type), gradients(type), inputs(type), chosen, budget, filters);
    }

    /** Checks that all pieces fit into memory of some bytes, aligned and apart, even where it begins at an odd address. */
    private static void assertFits(LinearMemory plan, long bytes) {
        try (Arena arena = Arena.ofConfined()) {
            for (int shift : new int[] {0, 1, 31, 63}) {
                MemorySegment memory = arena.allocate(bytes + shift, 64).asSlice(shift);
                assertTrue(plan.with(memory, buffers -> end(buffers, memory)) <= memory.address() + bytes);
            }
        }
    }

    private static long end(LinearBuffers buffers, MemorySegment memory) {
        long last = memory.address();
        for (MemorySegment piece : List.of(
                buffers.logitRoom(),
                buffers.hiddenRoom(),
                buffers.gradientRoom(),
                buffers.targetRoom(),
                buffers.maskRoom(),
                buffers.oneRoom(),
                buffers.biasRoom(),
                buffers.panelRoom())) {
            assertEquals(0, piece.address() % 64);
            assertTrue(piece.address() >= last, "pieces overlap");
            last = piece.address() + piece.byteSize();
        }
        return last;
    }

    @ParameterizedTest
    @EnumSource
    void memoryStaysWithinTheBound(ElementType type) {
        for (long chosen : new long[] {0, 1, 99, ROWS}) {
            for (long budget = 1 << 15; budget < 1 << 24; budget += 1 + budget / 2) {
                LinearMemory plan = plan(type, chosen, budget, chosen == 99);
                assertFits(plan, budget);
                assertTrue(plan.chunkRows() >= 1 && plan.chunkRows() <= ROWS + 16);
                assertTrue(plan.panelRows() >= 1 && plan.panelRows() <= CLASSES);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void theMemoryAskedForIsEnoughAndNoMoreThanThat(ElementType type) {
        for (long chosen : new long[] {99, ROWS}) {
            for (boolean filters : new boolean[] {false, true}) {
                var thrown = assertThrows(IllegalArgumentException.class, () -> plan(type, chosen, 1, filters));
                long needed = Long.parseLong(String.valueOf(thrown.getMessage()).replaceAll(".*needs (\\d+);.*", "$1"));
                for (long bytes = needed; bytes < 40 * needed; bytes += 1 + bytes / 3) {
                    assertFits(plan(type, chosen, bytes, filters), bytes);
                }
                assertThrows(IllegalArgumentException.class, () -> plan(type, chosen, needed - 1, filters));
            }
        }
    }

    @Test
    void chunksAreOfEqualSize() {
        LinearHead head = head(ElementType.FLOAT32);
        LinearGradients none = LinearGradients.NONE;
        RowInputs inputs = new RowInputs(ClassIndices.of(new int[ROWS]), null, null);
        long row = CLASSES * Float.BYTES;
        // Room for 90 rows: two chunks of 50, rounded up to 64, rather than one of 90 and one of 10.
        assertEquals(
                64, LinearMemory.plan(head, none, inputs, ROWS, 91 * row, false).chunkRows());
        // Never more than there is room for.
        assertEquals(
                50, LinearMemory.plan(head, none, inputs, ROWS, 51 * row, false).chunkRows());
    }
}
