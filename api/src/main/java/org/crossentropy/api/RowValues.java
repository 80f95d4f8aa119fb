package org.crossentropy.api;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/**
 * One floating-point number a row, such as the losses or the log-sum-exps of the rows of a {@link Matrix}: a view of
 * memory that belongs to the caller, without a copy. Results are rounded from {@code double} to the element type.
 */
public final class RowValues {

    private final ElementType type;
    private final MemorySegment segment;
    private final long count;

    private RowValues(ElementType type, MemorySegment segment, long count) {
        this.type = type;
        this.segment = segment;
        this.count = count;
    }

    /**
     * Views an array.
     *
     * @param values one element a row
     * @return a view of the array
     */
    public static RowValues of(float[] values) {
        return of(ElementType.FLOAT32, MemorySegment.ofArray(values), values.length);
    }

    /**
     * Views an array.
     *
     * @param values one element a row
     * @return a view of the array
     */
    public static RowValues of(double[] values) {
        return of(ElementType.FLOAT64, MemorySegment.ofArray(values), values.length);
    }

    /**
     * Views a segment.
     *
     * @param type format of the elements
     * @param segment the elements, the first at offset 0; need not be aligned
     * @param count number of elements, at least 0
     * @return a view of the segment
     * @throws IllegalArgumentException if the count is negative, the segment too short or the type one of 16 bits
     */
    public static RowValues of(ElementType type, MemorySegment segment, long count) {
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(segment, "segment");
        if (type.arithmetic() != type) {
            throw new IllegalArgumentException("row values cannot be " + type
                    + ", must be FLOAT32 or FLOAT64: losses and weights of rows are not kept in 16 bits");
        }
        Checks.atLeast("count", count, 0);
        Checks.room(count + " row values", segment, count, type.bytes());
        return new RowValues(type, segment.asSlice(0, count * type.bytes()), count);
    }

    /**
     * {@return the format of the elements}
     */
    public ElementType type() {
        return type;
    }

    /**
     * {@return the memory viewed}
     */
    public MemorySegment segment() {
        return segment;
    }

    /**
     * {@return the number of elements}
     */
    public long count() {
        return count;
    }

    /**
     * Reads one element.
     *
     * @param row index, from 0
     * @return the element, widened to double
     */
    public double get(long row) {
        Objects.checkIndex(row, count);
        return switch (type) {
            case FLOAT32 -> segment.get(ValueLayout.JAVA_FLOAT_UNALIGNED, row * Float.BYTES);
            case FLOAT64 -> segment.get(ValueLayout.JAVA_DOUBLE_UNALIGNED, row * Double.BYTES);
            case BFLOAT16, FLOAT16 -> throw new AssertionError(type);
        };
    }

    /**
     * Writes one element.
     *
     * @param row index, from 0
     * @param value the new value, rounded to the element type
     */
    public void set(long row, double value) {
        Objects.checkIndex(row, count);
        switch (type) {
            case FLOAT32 -> segment.set(ValueLayout.JAVA_FLOAT_UNALIGNED, row * Float.BYTES, (float) value);
            case FLOAT64 -> segment.set(ValueLayout.JAVA_DOUBLE_UNALIGNED, row * Double.BYTES, value);
            case BFLOAT16, FLOAT16 -> throw new AssertionError(type);
        }
    }

    /** A view of some consecutive elements, sharing this memory. */
    RowValues slice(long from, long size) {
        Objects.checkFromIndexSize(from, size, count);
        return of(type, segment.asSlice(from * type.bytes()), size);
    }

    /**
     * {@return count and element type, for people}
     */
    @Override
    public String toString() {
        return count + " row values " + type;
    }
}
