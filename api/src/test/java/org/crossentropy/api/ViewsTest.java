package org.crossentropy.api;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class ViewsTest {

    private static final ElementType F32 = ElementType.FLOAT32;

    private static void assertRejected(String part, Executable action) {
        var thrown = assertThrows(IllegalArgumentException.class, action);
        assertTrue(String.valueOf(thrown.getMessage()).contains(part), thrown.getMessage());
    }

    @Test
    void sizesAreChecked() {
        MemorySegment twelve = MemorySegment.ofArray(new float[12]);
        assertRejected("rows is -1", () -> Matrix.of(F32, twelve, -1, 4));
        assertRejected("columns is -1", () -> Matrix.of(F32, twelve, 3, -1));
        assertRejected("rowStride is 3, must be at least 4", () -> Matrix.of(F32, twelve, 3, 4, 3));
        assertRejected(
                "matrix 3 x 4 needs 14 elements of 4 bytes, the segment holds 12",
                () -> Matrix.of(F32, twelve, 3, 4, 5));
        assertRejected("needs more than 2^63", () -> Matrix.of(F32, twelve, Long.MAX_VALUE, 4, Long.MAX_VALUE));
        assertRejected("13 row values", () -> RowValues.of(F32, twelve, 13));
        assertRejected("count is -2", () -> ClassIndices.of(IndexType.INT32, twelve, -2));
    }

    @Test
    void theLastRowNeedsNoPadding() {
        Matrix matrix = Matrix.of(F32, MemorySegment.ofArray(new float[14]), 3, 4, 5);
        matrix.set(2, 3, 7);
        assertEquals(7, matrix.segment().get(java.lang.foreign.ValueLayout.JAVA_FLOAT, 13 * 4));
        assertEquals(7, matrix.rows(2, 1).get(0, 3));
        assertThrows(IndexOutOfBoundsException.class, () -> matrix.rows(2, 2));
        assertThrows(IndexOutOfBoundsException.class, () -> matrix.get(3, 0));
        assertThrows(IndexOutOfBoundsException.class, () -> matrix.set(0, 4, 1));
    }

    @Test
    void aMatrixWithoutElementsNeedsNoMemory() {
        assertEquals(0, Matrix.of(new float[0], 0, 10).rows());
        assertEquals(5, Matrix.of(new double[0], 5, 0).rows());
        assertEquals(0, Matrix.of(new double[30], 3, 10).rows(3, 0).rows());
    }

    @Test
    void sharedMemoryIsAllowedInPlaceAndSideBySideOnly() {
        try (Arena arena = Arena.ofConfined()) {
            for (MemorySegment memory :
                    new MemorySegment[] {MemorySegment.ofArray(new float[100]), arena.allocate(400, 4)}) {
                Matrix left = Matrix.of(F32, memory, 5, 10, 20);
                Matrix right = Matrix.of(F32, memory.asSlice(10 * 4), 5, 10, 20);
                Matrix shifted = Matrix.of(F32, memory.asSlice(9 * 4), 4, 10, 20);
                Matrix nextRow = Matrix.of(F32, memory.asSlice(20 * 4), 4, 10, 20);
                Matrix tight = Matrix.of(F32, memory, 5, 10, 10);
                assertDoesNotThrow(() -> Checks.apartOrSame("logits", left, "gradient", left));
                assertDoesNotThrow(() -> Checks.apartOrSame("logits", left, "gradient", right));
                assertDoesNotThrow(() -> Checks.apartOrSame("logits", right, "gradient", left));
                assertRejected(
                        "gradient overlaps logits", () -> Checks.apartOrSame("logits", left, "gradient", shifted));
                assertRejected(
                        "gradient overlaps logits", () -> Checks.apartOrSame("logits", shifted, "gradient", left));
                assertRejected("overlaps", () -> Checks.apartOrSame("logits", left, "gradient", nextRow));
                assertRejected("overlaps", () -> Checks.apartOrSame("logits", left, "gradient", tight));
            }
        }
    }
}
