package org.crossentropy.api;

import java.util.List;

/**
 * The number format in which a {@link Matrix} or {@link RowValues} stores its elements, in the byte
 * order of the machine.
 *
 * <p>Arithmetic on the elements of a row is done in the {@linkplain #arithmetic() same format}, or in float32 for the two
 * formats of 16 bits, which are for storage only: rows are widened exactly when they are read, and gradients rounded to
 * nearest even when they are written. Sums over rows, losses and log-sum-exps are always {@code double}, and counts are
 * always {@code long}, whatever the element type.
 */
public enum ElementType {
    /** IEEE 754 binary32, 4 bytes. */
    FLOAT32(Float.BYTES),

    /** IEEE 754 binary64, 8 bytes. */
    FLOAT64(Double.BYTES),

    /** The upper half of a binary32, 2 bytes: 8 bits of precision and the range of float. */
    BFLOAT16(Short.BYTES),

    /** IEEE 754 binary16, 2 bytes: 11 bits of precision, finite up to 65504. */
    FLOAT16(Short.BYTES);

    /** The formats that arithmetic is done in: those that are their own {@link #arithmetic}. */
    public static final List<ElementType> ARITHMETIC = List.of(FLOAT32, FLOAT64);

    private final int bytes;

    ElementType(int bytes) {
        this.bytes = bytes;
    }

    /**
     * {@return the size of one element in bytes}
     */
    public int bytes() {
        return bytes;
    }

    /**
     * {@return the format that elements are computed in: {@link #FLOAT32} for the formats of 16 bits, else the type itself}
     */
    public ElementType arithmetic() {
        return bytes == Short.BYTES ? FLOAT32 : this;
    }
}
