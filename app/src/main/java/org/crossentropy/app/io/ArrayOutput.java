package org.crossentropy.app.io;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;
import org.crossentropy.api.ElementType;

/** A file with one array in the making, mapped into memory, so that results are computed straight into it. */
public final class ArrayOutput implements AutoCloseable {

    private final OutputFile file;
    private final MemorySegment data;

    private ArrayOutput(OutputFile file, MemorySegment data) {
        this.file = file;
        this.data = data;
    }

    /**
     * Begins a file, all elements 0.
     *
     * @param target where it is to appear: a file of safetensors if its name ends in {@code .safetensors}, else .npy
     * @param name what the array is called in a file of safetensors
     * @param type format of the elements
     * @param lengths length of each dimension
     * @param arena how long the elements stay mapped
     * @return the file
     * @throws InputException if it cannot be written, or its format does not have the type
     */
    public static ArrayOutput create(Path target, String name, ElementType type, List<Long> lengths, Arena arena) {
        TensorType tensorType = TensorType.of(type);
        Shape shape = new Shape(lengths);
        long size = shape.bytes(tensorType);
        byte[] start = header(target, name, tensorType, shape);
        OutputFile file = OutputFile.create(target, start.length + size);
        try {
            FileChannel channel = file.channel();
            ByteBuffer bytes = ByteBuffer.wrap(start);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            MemorySegment data = channel.map(FileChannel.MapMode.READ_WRITE, start.length, size, arena);
            return new ArrayOutput(file, data);
        } catch (IOException failure) {
            file.close();
            throw new InputException(target + ": cannot be written: " + failure, failure);
        }
    }

    private static byte[] header(Path target, String name, TensorType type, Shape shape) {
        FileFormat format = FileFormat.of(target);
        if (!format.has(type)) {
            throw new InputException(target + ": cannot hold " + type
                    + ", which NumPy does not have; its name must end in " + FileFormat.SAFETENSORS.suffix());
        }
        return switch (format) {
            case NPY -> NpyHeader.encode(type, shape);
            case SAFETENSORS -> SafetensorsHeader.encode(name, type, shape);
        };
    }

    /**
     * {@return the elements, to be written}
     */
    public MemorySegment data() {
        return data;
    }

    /** Moves the complete file into place. */
    public void commit() {
        data.force();
        file.commit();
    }

    /** Ends writing; deletes the file unless it was committed. */
    @Override
    public void close() {
        file.close();
    }
}
