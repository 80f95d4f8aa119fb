package org.crossentropy.api;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/**
 * A row-major matrix of floating-point numbers: a view of memory that belongs to the caller. Used for logits, gradients,
 * probabilities and the operands of matrix products.
 *
 * <p>Nothing is copied: the view reads and writes the array or segment it was made of, on the heap or off it, including
 * memory-mapped files larger than the heap. Element (i, j) lies at index {@code i * rowStride + j}; what lies between the
 * end of one row and the start of the next is never touched.
 *
 * <p>The view itself is immutable and can be shared by threads; the memory has the owner and lifetime of its segment. An
 * off-heap segment of a confined arena can be used by its own thread only, and computations on it are therefore not
 * split over threads.
 *
 * <p>A mapped file must not shrink while it is viewed: reading beyond its end raises {@link InternalError} on the JVM's
 * own backends and ends the process on {@code native}, as it would in any program.
 */
public final class Matrix {

    private final ElementType type;
    private final MemorySegment segment;
    private final long rows;
    private final int columns;
    private final long rowStride;

    private Matrix(ElementType type, MemorySegment segment, long rows, int columns, long rowStride) {
        this.type = type;
        this.segment = segment;
        this.rows = rows;
        this.columns = columns;
        this.rowStride = rowStride;
    }

    /**
     * Views a whole array as a matrix with tight rows.
     *
     * @param values the elements, row after row; at least {@code rows * columns}
     * @param rows number of rows, at least 0
     * @param columns elements of a row, at least 0
     * @return a view of the array
     */
    public static Matrix of(float[] values, int rows, int columns) {
        return of(ElementType.FLOAT32, MemorySegment.ofArray(values), rows, columns);
    }

    /**
     * Views a whole array as a matrix with tight rows.
     *
     * @param values the elements, row after row; at least {@code rows * columns}
     * @param rows number of rows, at least 0
     * @param columns elements of a row, at least 0
     * @return a view of the array
     */
    public static Matrix of(double[] values, int rows, int columns) {
        return of(ElementType.FLOAT64, MemorySegment.ofArray(values), rows, columns);
    }

    /**
     * Views a segment as a matrix with tight rows.
     *
     * @param type format of the elements
     * @param segment the elements, the first at offset 0; need not be aligned
     * @param rows number of rows, at least 0
     * @param columns elements of a row, at least 0
     * @return a view of the segment
     */
    public static Matrix of(ElementType type, MemorySegment segment, long rows, int columns) {
        return of(type, segment, rows, columns, columns);
    }

    /**
     * Views a segment as a matrix whose rows are a given distance apart.
     *
     * @param type format of the elements
     * @param segment the elements, the first at offset 0; need not be aligned
     * @param rows number of rows, at least 0
     * @param columns elements of a row, at least 0
     * @param rowStride elements from the start of one row to the start of the next, at least {@code columns}
     * @return a view of the segment
     * @throws IllegalArgumentException if a size is negative, the stride is too small, or the segment too short
     */
    public static Matrix of(ElementType type, MemorySegment segment, long rows, int columns, long rowStride) {
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(segment, "segment");
        Checks.atLeast("rows", rows, 0);
        Checks.atLeast("columns", columns, 0);
        Checks.atLeast("rowStride", rowStride, columns);
        long span = span(rows, columns, rowStride);
        Checks.room("matrix " + rows + " x " + columns, segment, span, type.bytes());
        return new Matrix(type, segment.asSlice(0, span * type.bytes()), rows, columns, rowStride);
    }

    /** A matrix that has a shape and no memory, to check other arguments against. */
    static Matrix shape(ElementType type, long rows, int columns) {
        return new Matrix(type, MemorySegment.NULL, rows, columns, columns);
    }

    /** Elements from the first of the matrix to just after its last; negative where that exceeds a long. */
    private static long span(long rows, int columns, long rowStride) {
        if (rows == 0 || columns == 0) {
            return 0;
        }
        long high = Math.multiplyHigh(rows - 1, rowStride);
        long low = (rows - 1) * rowStride;
        return high != 0 || low < 0 ? -1 : low + columns;
    }

    /**
     * {@return the format of the elements}
     */
    public ElementType type() {
        return type;
    }

    /**
     * {@return the memory viewed, from element (0, 0) to the last element}
     */
    public MemorySegment segment() {
        return segment;
    }

    /**
     * {@return the number of rows}
     */
    public long rows() {
        return rows;
    }

    /**
     * {@return the number of elements of a row}
     */
    public int columns() {
        return columns;
    }

    /**
     * {@return elements from the start of one row to the start of the next}
     */
    public long rowStride() {
        return rowStride;
    }

    /**
     * Returns a view of some consecutive rows, sharing this matrix's memory.
     *
     * @param from first row
     * @param count number of rows
     * @return the view
     * @throws IndexOutOfBoundsException if the rows are not all in this matrix
     */
    public Matrix rows(long from, long count) {
        Objects.checkFromIndexSize(from, count, rows);
        long offset = count == 0 || columns == 0 ? 0 : from * rowStride * type.bytes();
        return of(type, segment.asSlice(offset), count, columns, rowStride);
    }

    /** A view of some consecutive columns, sharing this matrix's memory. */
    Matrix columns(int from, int count) {
        Objects.checkFromIndexSize(from, count, columns);
        long offset = rows == 0 || count == 0 ? 0 : (long) from * type.bytes();
        return of(type, segment.asSlice(offset), rows, count, rowStride);
    }

    /** Fills all elements with zeros; padding between rows is left alone. */
    void fillZero() {
        long bytes = (long) columns * type.bytes();
        for (long row = 0; row < rows && bytes > 0; row++) {
            segment.asSlice(row * rowStride * type.bytes(), bytes).fill((byte) 0);
        }
    }

    /**
     * Reads one element; for looking at results, not for inner loops.
     *
     * @param row row, from 0
     * @param column column, from 0
     * @return the element, widened to double
     */
    public double get(long row, int column) {
        long index = index(row, column);
        return switch (type) {
            case FLOAT32 -> segment.get(ValueLayout.JAVA_FLOAT_UNALIGNED, index * Float.BYTES);
            case FLOAT64 -> segment.get(ValueLayout.JAVA_DOUBLE_UNALIGNED, index * Double.BYTES);
            case BFLOAT16 -> Bfloat16.toFloat(segment.get(ValueLayout.JAVA_SHORT_UNALIGNED, index * Short.BYTES));
            case FLOAT16 -> Float.float16ToFloat(segment.get(ValueLayout.JAVA_SHORT_UNALIGNED, index * Short.BYTES));
        };
    }

    /**
     * Writes one element; for small set-ups, not for inner loops.
     *
     * @param row row, from 0
     * @param column column, from 0
     * @param value the new value, rounded to the element type
     */
    public void set(long row, int column, double value) {
        long index = index(row, column);
        switch (type) {
            case FLOAT32 -> segment.set(ValueLayout.JAVA_FLOAT_UNALIGNED, index * Float.BYTES, (float) value);
            case FLOAT64 -> segment.set(ValueLayout.JAVA_DOUBLE_UNALIGNED, index * Double.BYTES, value);
            case BFLOAT16 ->
                segment.set(ValueLayout.JAVA_SHORT_UNALIGNED, index * Short.BYTES, Bfloat16.of((float) value));
            case FLOAT16 ->
                segment.set(ValueLayout.JAVA_SHORT_UNALIGNED, index * Short.BYTES, Float.floatToFloat16((float) value));
        }
    }

    private long index(long row, int column) {
        return Objects.checkIndex(row, rows) * rowStride + Objects.checkIndex(column, columns);
    }

    /**
     * {@return shape, element type and stride, for people}
     */
    @Override
    public String toString() {
        return rows + " x " + columns + " " + type + (rowStride == columns ? "" : ", row stride " + rowStride);
    }
}
