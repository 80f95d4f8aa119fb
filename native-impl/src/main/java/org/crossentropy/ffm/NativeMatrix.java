package org.crossentropy.ffm;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.crossentropy.api.ElementType;

/**
 * One operand of a matrix product as OpenBLAS can take it: off-heap, because a product is too long for a critical call,
 * and with a row stride that fits OpenBLAS's 32-bit integers. An operand that is like that already is passed on as it
 * is; any other gets a tight off-heap copy, which lives as long as the arena of the call.
 */
final class NativeMatrix {
    private final long elementBytes;
    private final MemorySegment caller;
    private final long callerStride;
    private final int rows;
    private final int columns;
    private final boolean copied;
    private final MemorySegment elements;

    /**
     * Describes an operand; nothing is copied yet.
     *
     * @param arena gives the memory of a copy
     * @param segment the caller's elements
     * @param offset index of the first one
     * @param stride elements from one row to the next
     * @param rows stored rows
     * @param columns stored columns
     */
    NativeMatrix(
            Arena arena, ElementType type, MemorySegment segment, long offset, long stride, int rows, int columns) {
        elementBytes = type.bytes();
        this.rows = rows;
        this.columns = columns;
        boolean empty = rows <= 0 || columns <= 0;
        caller = empty || offset == 0 ? segment : segment.asSlice(offset * elementBytes);
        // With a single row, or none, callers need not give a stride that means anything.
        callerStride = rows > 1 && !empty ? stride : Math.max(1, columns);
        copied = empty || !segment.isNative() || callerStride > Integer.MAX_VALUE;
        // An empty matrix also gets an address, of memory that is never looked at: BLAS wants a pointer.
        long bytes = empty ? elementBytes : elementBytes * rows * columns;
        elements = copied ? arena.allocate(bytes, Double.BYTES) : caller;
    }

    int rows() {
        return rows;
    }

    int columns() {
        return columns;
    }

    /** {@return the first element, off-heap} */
    MemorySegment elements() {
        return elements;
    }

    /** {@return elements from one row of {@link #elements} to the next, at least 1 and at least the columns} */
    long stride() {
        return copied ? Math.max(1, columns) : callerStride;
    }

    /** Brings the caller's elements into the copy, if there is one. */
    void load() {
        if (copied) {
            copy(caller, callerStride, elements, columns);
        }
    }

    /** Brings the copy, if there is one, back to the caller; the caller's padding is left alone. */
    void store() {
        if (copied) {
            copy(elements, columns, caller, callerStride);
        }
    }

    private void copy(MemorySegment from, long fromStride, MemorySegment to, long toStride) {
        if (rows <= 0 || columns <= 0) {
            return;
        }
        if (fromStride == columns && toStride == columns) {
            MemorySegment.copy(from, 0, to, 0, elementBytes * rows * columns);
            return;
        }
        for (long row = 0; row < rows; row++) {
            MemorySegment.copy(
                    from, row * fromStride * elementBytes, to, row * toStride * elementBytes, columns * elementBytes);
        }
    }
}
