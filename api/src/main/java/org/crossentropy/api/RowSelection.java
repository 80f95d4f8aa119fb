package org.crossentropy.api;

import java.lang.foreign.MemorySegment;

/** Which rows of a batch count, with which weight, and what class each has where it has one. */
interface RowSelection {

    /** Number of rows that count. */
    long count();

    /** Sum of their weights. */
    CompensatedSum weightSum();

    /** The weight of a row as a sample; 1 without sample weights. */
    double rowWeight(long row);

    /** Writes for some rows an int32 each: -1 where the row does not count, else its class, or 0 where rows have none. */
    void copy(long from, int rows, MemorySegment classes);
}
