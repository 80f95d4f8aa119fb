package org.crossentropy.app.io;

import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.crossentropy.api.ElementType;

/** The number formats of the arrays that the command reads and writes, all little-endian in files. */
enum TensorType {
    FLOAT16(Short.BYTES),
    BFLOAT16(Short.BYTES),
    FLOAT32(Float.BYTES),
    FLOAT64(Double.BYTES),
    INT32(Integer.BYTES),
    INT64(Long.BYTES),
    UINT8(Byte.BYTES),
    BOOL(Byte.BYTES);

    /** What logits and gradients may be. */
    static final List<TensorType> FLOATS = List.of(FLOAT16, BFLOAT16, FLOAT32, FLOAT64);

    /** What one number a row or a class may be. */
    static final List<TensorType> WIDE_FLOATS = List.of(FLOAT32, FLOAT64);

    /** What class indices may be. */
    static final List<TensorType> INTEGERS = List.of(INT32, INT64);

    /** What flags may be that are read where they lie. */
    static final List<TensorType> BYTES = List.of(BOOL, UINT8);

    /** What a few flags may be. */
    static final List<TensorType> FLAGS = List.of(BOOL, UINT8, INT32, INT64);

    private final int bytes;

    TensorType(int bytes) {
        this.bytes = bytes;
    }

    static TensorType of(ElementType type) {
        return switch (type) {
            case FLOAT16 -> FLOAT16;
            case BFLOAT16 -> BFLOAT16;
            case FLOAT32 -> FLOAT32;
            case FLOAT64 -> FLOAT64;
        };
    }

    int bytes() {
        return bytes;
    }

    /** Some types for people: "a, b or c". */
    static String list(List<TensorType> types, Function<TensorType, String> name) {
        List<String> names = types.stream().map(name).toList();
        String others = String.join(", ", names.subList(0, names.size() - 1));
        return others.isEmpty() ? names.getLast() : others + " or " + names.getLast();
    }

    /** The name that NumPy and PyTorch give it. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
