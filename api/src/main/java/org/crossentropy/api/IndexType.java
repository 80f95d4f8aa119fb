package org.crossentropy.api;

/** The integer format in which {@link ClassIndices} are stored, in the byte order of the machine. */
public enum IndexType {
    /** 32-bit signed integers. */
    INT32(Integer.BYTES),

    /** 64-bit signed integers. */
    INT64(Long.BYTES);

    private final int bytes;

    IndexType(int bytes) {
        this.bytes = bytes;
    }

    /**
     * {@return the size of one index in bytes}
     */
    public int bytes() {
        return bytes;
    }
}
