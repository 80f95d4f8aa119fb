package org.crossentropy.app.io;

import java.util.Optional;
import org.crossentropy.api.ElementType;

/** The element types of .npy files that the command reads and writes. */
enum NpyType {
    FLOAT32("<f4", Float.BYTES),
    FLOAT64("<f8", Double.BYTES),
    INT32("<i4", Integer.BYTES),
    INT64("<i8", Long.BYTES);

    private final String descr;
    private final int bytes;

    NpyType(String descr, int bytes) {
        this.descr = descr;
        this.bytes = bytes;
    }

    static Optional<NpyType> of(Object descr) {
        for (NpyType type : values()) {
            if (type.descr.equals(descr)) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }

    static NpyType of(ElementType type) {
        return switch (type) {
            case FLOAT32 -> FLOAT32;
            case FLOAT64 -> FLOAT64;
            case BFLOAT16, FLOAT16 -> throw new AssertionError(type);
        };
    }

    /** The type as NumPy writes it: byte order, kind, size. */
    String descr() {
        return descr;
    }

    int bytes() {
        return bytes;
    }
}
