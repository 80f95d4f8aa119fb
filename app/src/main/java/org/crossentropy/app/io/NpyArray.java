package org.crossentropy.app.io;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.crossentropy.api.ClassIndices;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.IndexType;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.RowValues;

/**
 * The array of a .npy file, mapped into memory: nothing is copied, and the file may be larger than the heap and even the
 * machine's memory. The file must not shrink while it is mapped.
 */
public final class NpyArray {

    private final Path file;
    private final NpyHeader header;
    private final MemorySegment data;

    private NpyArray(Path file, NpyHeader header, MemorySegment data) {
        this.file = file;
        this.header = header;
        this.data = data;
    }

    /**
     * Maps a file.
     *
     * @param file a .npy file
     * @param arena how long it stays mapped
     * @return the array
     * @throws InputException if it cannot be read or is not a complete .npy file of a supported kind
     */
    public static NpyArray map(Path file, Arena arena) {
        if (!Files.exists(file)) {
            throw new InputException(file + ": no such file");
        }
        if (!Files.isRegularFile(file)) {
            throw new InputException(file + ": is not a regular file");
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            NpyHeader header = NpyHeader.read(file, channel);
            MemorySegment data =
                    channel.map(FileChannel.MapMode.READ_ONLY, header.dataOffset(), header.dataBytes(), arena);
            return new NpyArray(file, header, data);
        } catch (IOException failure) {
            throw new InputException(file + ": cannot be read: " + failure, failure);
        }
    }

    /**
     * Views the array as a matrix.
     *
     * @return the matrix, in the element type of the file
     * @throws InputException if the array is not a matrix of floating-point numbers
     */
    public Matrix asMatrix() {
        ElementType type = elementType();
        checkDimensions(2, "(rows, classes)");
        long columns = header.shape().getLast();
        if (columns > Integer.MAX_VALUE) {
            throw new InputException(file + ": has " + columns + " columns, must have at most " + Integer.MAX_VALUE);
        }
        return Matrix.of(type, data, header.shape().getFirst(), (int) columns);
    }

    /**
     * Views the array as floating-point numbers in a row.
     *
     * @return the numbers, in the element type of the file
     * @throws InputException if the array has other than one dimension or holds no floating-point numbers
     */
    public RowValues asValues() {
        ElementType type = elementType();
        checkDimensions(1, "(length,)");
        return RowValues.of(type, data, header.shape().getFirst());
    }

    /**
     * Views the array as class indices.
     *
     * @return the indices, in the element type of the file
     * @throws InputException if the array has other than one dimension or holds no whole numbers
     */
    public ClassIndices asClassIndices() {
        IndexType type = switch (header.type()) {
            case INT32 -> IndexType.INT32;
            case INT64 -> IndexType.INT64;
            case FLOAT32, FLOAT64 -> throw wrongType("<i4 or <i8 (int32 or int64)");
        };
        checkDimensions(1, "(rows,)");
        return ClassIndices.of(type, data, header.shape().getFirst());
    }

    private ElementType elementType() {
        return switch (header.type()) {
            case FLOAT32 -> ElementType.FLOAT32;
            case FLOAT64 -> ElementType.FLOAT64;
            case INT32, INT64 -> throw wrongType("<f4 or <f8 (float32 or float64)");
        };
    }

    private InputException wrongType(String rule) {
        return new InputException(file + ": element type is " + header.type().descr() + ", must be " + rule);
    }

    private void checkDimensions(int wanted, String rule) {
        if (header.shape().size() != wanted) {
            throw new InputException(file + ": shape is " + header.shapeText() + ", must be " + rule);
        }
    }
}
