package org.crossentropy.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TargetScanTest {

    private static final TargetScan.IgnoreIndex IGNORE = new TargetScan.IgnoreIndex(true, -100);

    private final MemorySegment copies = Arena.ofAuto().allocate(16, 4);

    private int copied(int row) {
        return copies.getAtIndex(ValueLayout.JAVA_INT, row);
    }

    @Test
    void ignoredRowsAreMarkedForTheKernels() {
        TargetScan scan = new TargetScan(ClassIndices.of(2L, -100L, 0L), 3, IGNORE, null, null, null);
        scan.copy(0, 3, copies);
        assertEquals(2, scan.count());
        assertEquals(2, copied(0));
        assertEquals(-1, copied(1));
        assertEquals(0, copied(2));
    }

    @Test
    void anIgnoreIndexThatIsAClassIsIgnored() {
        TargetScan scan =
                new TargetScan(ClassIndices.of(2, 1, 0), 3, new TargetScan.IgnoreIndex(true, 1), null, null, null);
        scan.copy(1, 2, copies);
        assertEquals(2, scan.count());
        assertEquals(-1, copied(0));
        assertEquals(0, copied(1));
    }

    @ParameterizedTest
    @ValueSource(ints = {3, -1, Integer.MAX_VALUE, Integer.MIN_VALUE})
    void anIndexThatChangesAfterTheCheckNeverReachesAKernel(int changed) {
        int[] indices = {2, 1, 0, 2};
        TargetScan scan = new TargetScan(ClassIndices.of(indices), 3, IGNORE, null, null, null);
        indices[3] = changed;
        scan.copy(0, 3, copies);
        var thrown = assertThrows(IndexOutOfBoundsException.class, () -> scan.copy(2, 2, copies));
        assertTrue(String.valueOf(thrown.getMessage()).contains("rows 2 to 3 changed"), thrown.getMessage());
    }

    @ParameterizedTest
    @ValueSource(longs = {3, -1, 1L << 32, Long.MIN_VALUE, Long.MAX_VALUE})
    void anIndexThatIsNoClassIsNamed(long bad) {
        var thrown = assertThrows(
                IndexOutOfBoundsException.class,
                () -> new TargetScan(ClassIndices.of(0L, bad), 3, IGNORE, null, null, null));
        assertTrue(
                String.valueOf(thrown.getMessage()).startsWith("targets[1] is " + bad + ", must be from 0 to 2"),
                thrown.getMessage());
    }
}
