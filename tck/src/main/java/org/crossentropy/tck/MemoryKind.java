package org.crossentropy.tck;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.crossentropy.api.ElementType;

/** Where a matrix may live. A result must not depend on it. */
public enum MemoryKind {
    /** An array of the element type. */
    HEAP,
    /** A byte array, whose elements the JVM aligns to one byte only. */
    HEAP_BYTES,
    /** Off-heap, aligned to 64 bytes. */
    OFF_HEAP,
    /** Off-heap, aligned to one element and to nothing more. */
    OFF_HEAP_SHIFTED,
    /** Off-heap at an odd address. */
    OFF_HEAP_ODD,
    /** A memory-mapped file. */
    MAPPED;

    private static final long ALIGNMENT = 64;

    /**
     * Allocates zeroed memory of this kind.
     *
     * @param arena owns off-heap memory
     * @param type type of the elements
     * @param elements number of elements
     * @return a segment of exactly that size
     */
    public MemorySegment allocate(Arena arena, ElementType type, long elements) {
        long bytes = elements * type.bytes();
        return switch (this) {
            case HEAP -> array(type, Math.toIntExact(elements));
            case HEAP_BYTES -> MemorySegment.ofArray(new byte[Math.toIntExact(bytes)]);
            case OFF_HEAP -> arena.allocate(bytes, ALIGNMENT);
            case OFF_HEAP_SHIFTED ->
                arena.allocate(bytes + type.bytes(), ALIGNMENT).asSlice(type.bytes());
            case OFF_HEAP_ODD -> arena.allocate(bytes + 1, ALIGNMENT).asSlice(1);
            case MAPPED -> map(arena, bytes);
        };
    }

    private static MemorySegment array(ElementType type, int elements) {
        return switch (type) {
            case FLOAT32 -> MemorySegment.ofArray(new float[elements]);
            case FLOAT64 -> MemorySegment.ofArray(new double[elements]);
            case BFLOAT16, FLOAT16 -> MemorySegment.ofArray(new short[elements]);
        };
    }

    private static MemorySegment map(Arena arena, long bytes) {
        try {
            Path file = Files.createTempFile("crossentropy-tck", ".bin");
            try (FileChannel channel = FileChannel.open(
                    file, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE)) {
                return channel.map(FileChannel.MapMode.READ_WRITE, 0, bytes, arena);
            }
        } catch (IOException failure) {
            throw new UncheckedIOException("cannot map a temporary file of " + bytes + " bytes", failure);
        }
    }
}
