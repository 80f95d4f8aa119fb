package org.crossentropy.app.io;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The kinds of files that hold arrays, and the names that each gives to types. */
enum FileFormat {
    /** One array, as NumPy saves it. */
    NPY(".npy"),

    /** Several tensors, each with a name, as models are published. */
    SAFETENSORS(".safetensors");

    private final String suffix;

    FileFormat(String suffix) {
        this.suffix = suffix;
    }

    /** The format that a file's name tells: safetensors by its suffix, NumPy's for every other name. */
    static FileFormat of(Path file) {
        return file.toString().endsWith(SAFETENSORS.suffix) ? SAFETENSORS : NPY;
    }

    String suffix() {
        return suffix;
    }

    boolean has(TensorType type) {
        return nameOrNull(type) != null;
    }

    /** What the format calls a type that it has. */
    String nameOf(TensorType type) {
        return Objects.requireNonNull(nameOrNull(type), type::toString);
    }

    private @Nullable String nameOrNull(TensorType type) {
        return switch (this) {
            case NPY ->
                switch (type) {
                    case FLOAT16 -> "<f2";
                    case BFLOAT16 -> null;
                    case FLOAT32 -> "<f4";
                    case FLOAT64 -> "<f8";
                    case INT32 -> "<i4";
                    case INT64 -> "<i8";
                    case UINT8 -> "|u1";
                    case BOOL -> "|b1";
                };
            case SAFETENSORS ->
                switch (type) {
                    case FLOAT16 -> "F16";
                    case BFLOAT16 -> "BF16";
                    case FLOAT32 -> "F32";
                    case FLOAT64 -> "F64";
                    case INT32 -> "I32";
                    case INT64 -> "I64";
                    case UINT8 -> "U8";
                    case BOOL -> "BOOL";
                };
        };
    }

    Optional<TensorType> typeOf(Object name) {
        return types().stream().filter(type -> nameOf(type).equals(name)).findFirst();
    }

    /** The types of the format that the command reads. */
    List<TensorType> types() {
        return Arrays.stream(TensorType.values()).filter(this::has).toList();
    }

    /** Some types, as far as the format has them, for people. */
    String list(List<TensorType> types) {
        List<TensorType> known = types.stream().filter(this::has).toList();
        return TensorType.list(known, this::nameOf) + " (" + TensorType.list(known, TensorType::toString) + ")";
    }
}
