package org.crossentropy.app.io;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A .npy file, which holds one array without a name.
 *
 * @param file where it is
 * @param array what it holds
 */
record NpyFile(Path file, Tensor array) implements ArrayFile {

    static NpyFile map(Path file, FileChannel channel, Arena arena) throws IOException {
        NpyHeader header = NpyHeader.read(file, channel);
        MemorySegment data = channel.map(FileChannel.MapMode.READ_ONLY, header.dataOffset(), header.dataBytes(), arena);
        return new NpyFile(file, new Tensor(file.toString(), FileFormat.NPY, header.type(), header.shape(), data));
    }

    @Override
    public Tensor tensor(@Nullable String name) {
        if (name != null) {
            throw new InputException(
                    file + ": has no tensor " + Quoted.of(name) + ": a .npy file holds one array without a name");
        }
        return array;
    }
}
