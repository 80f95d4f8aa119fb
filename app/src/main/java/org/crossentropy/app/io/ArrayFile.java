package org.crossentropy.app.io;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * A file of arrays, mapped into memory: nothing is copied, and the file may be larger than the heap and even the machine's
 * memory. The file must not shrink while it is mapped.
 */
public sealed interface ArrayFile permits NpyFile, SafetensorsFile {

    /**
     * Maps a file.
     *
     * @param file a file of safetensors if its name ends in {@code .safetensors}, else one of NumPy's .npy files
     * @param arena how long it stays mapped
     * @return the file
     * @throws InputException if it cannot be read or is not a complete file of its kind
     */
    static ArrayFile map(Path file, Arena arena) {
        if (!Files.exists(file)) {
            throw new InputException(file + ": no such file");
        }
        if (!Files.isRegularFile(file)) {
            throw new InputException(file + ": is not a regular file");
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return switch (FileFormat.of(file)) {
                case NPY -> NpyFile.map(file, channel, arena);
                case SAFETENSORS -> SafetensorsFile.map(file, channel, arena);
            };
        } catch (IOException failure) {
            throw new InputException(file + ": cannot be read: " + failure, failure);
        }
    }

    /**
     * Returns an array of the file.
     *
     * @param name its name; null for the only one, which has no name in a .npy file
     * @return the array
     * @throws InputException if there is none of that name, or not just one
     */
    Tensor tensor(@Nullable String name);
}
