package org.crossentropy.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChosenRowsTest {

    private static final TargetScan.IgnoreIndex IGNORE = new TargetScan.IgnoreIndex(true, -100);
    private static final int[] TARGETS = {-100, 2, 1, -100, -100, 0, 1, 2, 2, -100};

    private final List<Long> leftOut = new ArrayList<>();

    private ChosenRows rows(int capacity) {
        TargetScan scan = new TargetScan(ClassIndices.of(TARGETS), 3, IGNORE, null, null, null);
        return new ChosenRows(scan, TARGETS.length, capacity, leftOut::add);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 10, 16})
    void everyRowComesOnceAndInOrder(int capacity) {
        ChosenRows rows = rows(capacity);
        List<Long> places = new ArrayList<>();
        while (rows.next()) {
            assertTrue(rows.count() <= capacity);
            for (int i = 0; i < rows.count(); i++) {
                places.add(rows.place(i));
                assertEquals(TARGETS[(int) rows.place(i)], rows.classes().get(i));
            }
            assertEquals(rows.count(), rows.classes().count());
        }
        assertEquals(List.of(1L, 2L, 5L, 6L, 7L, 8L), places);
        assertEquals(List.of(0L, 3L, 4L, 9L), leftOut);
        assertFalse(rows.next(), "after the last");
    }

    @Test
    void chunksAreFullWhateverLiesBetween() {
        ChosenRows rows = rows(4);
        assertTrue(rows.next());
        assertEquals(4, rows.count());
        assertFalse(rows.areConsecutive());
        assertTrue(rows.next());
        assertEquals(2, rows.count());
        assertTrue(rows.areConsecutive());
        assertEquals(7, rows.first());
    }

    @Test
    void rowsAreGatheredAsTheyAreStored() {
        Matrix from = Matrix.of(ElementType.FLOAT32, MemorySegment.ofArray(new float[10 * 5]), 10, 3, 5);
        for (int row = 0; row < 10; row++) {
            for (int j = 0; j < 3; j++) {
                from.set(row, j, 10 * row + j);
            }
        }
        ChosenRows rows = rows(4);
        rows.next();
        Matrix copies = rows.gather(from, MemorySegment.ofArray(new float[12]));
        int[] places = {1, 2, 5, 6};
        for (int i = 0; i < 4; i++) {
            for (int j = 0; j < 3; j++) {
                assertEquals(10 * places[i] + j, copies.get(i, j));
            }
        }
    }

    @Test
    void rowsWithoutElementsCanBeGathered() {
        Matrix from = Matrix.of(ElementType.FLOAT32, MemorySegment.NULL, 10, 0, 5);
        ChosenRows rows = rows(4);
        rows.next();
        assertEquals(4, rows.gather(from, MemorySegment.NULL).rows());
    }
}
