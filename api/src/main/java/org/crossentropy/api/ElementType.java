package org.crossentropy.api;

/**
 * The number format in which a {@link Matrix} or {@link RowValues} stores its elements, in the byte
 * order of the machine.
 *
 * <p>Arithmetic on the elements of a row is done in the same format; sums over rows, losses and log-sum-exps are always
 * {@code double}, and counts are always {@code long}, whatever the element type.
 */
public enum ElementType {
    /** IEEE 754 binary32, 4 bytes. */
    FLOAT32(Float.BYTES),

    /** IEEE 754 binary64, 8 bytes. */
    FLOAT64(Double.BYTES);

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
}
