package org.crossentropy.api;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/**
 * A class for each row, by its index from 0: integer targets (or the ignore index of the loss), and the predictions that a
 * loss can return. A view of memory that belongs to the caller, without a copy.
 */
public final class ClassIndices implements Targets {

    private final IndexType type;
    private final MemorySegment segment;
    private final long count;

    private ClassIndices(IndexType type, MemorySegment segment, long count) {
        this.type = type;
        this.segment = segment;
        this.count = count;
    }

    /**
     * Views an array.
     *
     * @param indices one class index a row
     * @return a view of the array
     */
    public static ClassIndices of(int... indices) {
        return of(IndexType.INT32, MemorySegment.ofArray(indices), indices.length);
    }

    /**
     * Views an array.
     *
     * @param indices one class index a row
     * @return a view of the array
     */
    public static ClassIndices of(long... indices) {
        return of(IndexType.INT64, MemorySegment.ofArray(indices), indices.length);
    }

    /**
     * Views a segment.
     *
     * @param type format of the indices
     * @param segment the indices, the first at offset 0; need not be aligned
     * @param count number of indices, at least 0
     * @return a view of the segment
     * @throws IllegalArgumentException if the count is negative or the segment too short
     */
    public static ClassIndices of(IndexType type, MemorySegment segment, long count) {
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(segment, "segment");
        Checks.atLeast("count", count, 0);
        Checks.room(count + " class indices", segment, count, type.bytes());
        return new ClassIndices(type, segment.asSlice(0, count * type.bytes()), count);
    }

    /**
     * {@return the format of the indices}
     */
    public IndexType type() {
        return type;
    }

    /**
     * {@return the memory viewed}
     */
    public MemorySegment segment() {
        return segment;
    }

    @Override
    public long count() {
        return count;
    }

    /**
     * Reads one index.
     *
     * @param row row, from 0
     * @return the index
     */
    public long get(long row) {
        Objects.checkIndex(row, count);
        return switch (type) {
            case INT32 -> segment.get(ValueLayout.JAVA_INT_UNALIGNED, row * Integer.BYTES);
            case INT64 -> segment.get(ValueLayout.JAVA_LONG_UNALIGNED, row * Long.BYTES);
        };
    }

    /**
     * Writes one index.
     *
     * @param row row, from 0
     * @param index the new index
     * @throws ArithmeticException if the index does not fit the format
     */
    public void set(long row, long index) {
        Objects.checkIndex(row, count);
        switch (type) {
            case INT32 -> segment.set(ValueLayout.JAVA_INT_UNALIGNED, row * Integer.BYTES, Math.toIntExact(index));
            case INT64 -> segment.set(ValueLayout.JAVA_LONG_UNALIGNED, row * Long.BYTES, index);
        }
    }

    /** A view of some consecutive indices, sharing this memory. */
    ClassIndices slice(long from, long size) {
        Objects.checkFromIndexSize(from, size, count);
        return of(type, segment.asSlice(from * type.bytes()), size);
    }

    /**
     * {@return count and format, for people}
     */
    @Override
    public String toString() {
        return count + " class indices " + type;
    }
}
