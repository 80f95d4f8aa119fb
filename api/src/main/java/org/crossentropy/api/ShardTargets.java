package org.crossentropy.api;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The rows of a batch as a part of its classes sees them. A row whose target is elsewhere has the first class of the part
 * instead: kernels take some class, and what they say of it is turned into what holds without a target.
 *
 * @param scan targets of the whole vocabulary
 * @param first first class of the part
 * @param classes classes of the part
 */
record ShardTargets(TargetScan scan, int first, int classes) implements RowSelection {

    @Override
    public long count() {
        return scan.count();
    }

    @Override
    public CompensatedSum weightSum() {
        return scan.weightSum();
    }

    @Override
    public double rowWeight(long row) {
        return scan.rowWeight(row);
    }

    @Override
    public void copy(long from, int rows, MemorySegment copies) {
        scan.copy(from, rows, copies);
        for (int i = 0; i < rows; i++) {
            int target = copies.getAtIndex(ValueLayout.JAVA_INT, i);
            if (target >= 0) {
                copies.setAtIndex(ValueLayout.JAVA_INT, i, holds(target) ? target - first : 0);
            }
        }
    }

    /** Whether a class of the whole vocabulary is in the part. */
    boolean holds(long target) {
        return target >= first && target < (long) first + classes;
    }
}
