package org.crossentropy.jvm;

import java.lang.foreign.MemorySegment;

/**
 * Segments of off-heap memory, for loops that access them.
 *
 * <p>A segment's class is its kind of memory. What code does with it depends on that class, which the compiler C2 takes
 * from profiles; but the profiles belong to methods of the JDK, so to all code of the process together. Once the process
 * has accessed three kinds of segments anywhere, C2 no longer knows which one a loop has, calls a method for every access
 * and allocates every vector: measured at 4 times the time and more. A comparison with a constant class settles the
 * matter, and costs nothing, since it is moved out of the loop.
 */
final class OffHeap {

    /** The class of segments that arenas allocate; files that are mapped have another. */
    private static final Class<?> CLASS = MemorySegment.NULL.getClass();

    private OffHeap() {}

    /** {@return whether a segment can be given to {@link #exact}; an absent one can} */
    static boolean is(MemorySegment segment) {
        return segment.getClass() == CLASS;
    }

    /** {@return the same segment, of a class that the compiler knows} */
    static MemorySegment exact(MemorySegment segment) {
        if (segment.getClass() != CLASS) {
            throw new AssertionError(segment);
        }
        return segment;
    }
}
