package org.crossentropy.app.io;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;
import org.crossentropy.api.ElementType;

/** A .npy file in the making, mapped into memory, so that results are computed straight into it. */
public final class NpyOutput implements AutoCloseable {

    private final OutputFile file;
    private final MemorySegment data;

    private NpyOutput(OutputFile file, MemorySegment data) {
        this.file = file;
        this.data = data;
    }

    /**
     * Begins a file, all elements 0.
     *
     * @param target where it is to appear
     * @param type format of the elements
     * @param shape length of each dimension
     * @param arena how long the elements stay mapped
     * @return the file
     * @throws InputException if it cannot be written
     */
    public static NpyOutput create(Path target, ElementType type, List<Long> shape, Arena arena) {
        byte[] start = NpyHeader.encode(NpyType.of(type), shape);
        NpyHeader header = new NpyHeader(NpyType.of(type), shape, start.length);
        OutputFile file = OutputFile.create(target, start.length + header.dataBytes());
        try {
            FileChannel channel = file.channel();
            ByteBuffer bytes = ByteBuffer.wrap(start);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            MemorySegment data = channel.map(FileChannel.MapMode.READ_WRITE, start.length, header.dataBytes(), arena);
            return new NpyOutput(file, data);
        } catch (IOException failure) {
            file.close();
            throw new InputException(target + ": cannot be written: " + failure, failure);
        }
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
