package org.crossentropy.app.bert;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.crossentropy.app.io.InputException;
import org.jspecify.annotations.Nullable;

/** The files of a model, by their names within it. */
sealed interface ModelFiles permits ModelFolder, StoredZip {

    /** A file whose absence tells that something is no model. */
    String INDEX = "variables/variables.index";

    /**
     * Opens a model: a folder, a zip file of it whose entries are stored, not compressed, or a jar with such a zip file in
     * it, which is unpacked.
     *
     * @param model where it is
     * @param unpacked where the zip file in a jar is put, and looked for; null for a temporary file
     * @param arena how long its files stay mapped
     * @throws InputException if it is none of these
     */
    static ModelFiles open(Path model, @Nullable Path unpacked, Arena arena) {
        if (Files.isDirectory(model)) {
            return new ModelFolder(model, arena);
        }
        if (!Files.exists(model)) {
            throw new InputException(model + ": no such file or folder");
        }
        StoredZip zip = StoredZip.map(model, arena);
        return zip.has(INDEX) ? zip : ModelJar.unpack(model, unpacked, arena);
    }

    /** Maps a whole file. */
    static MemorySegment map(Path file, Arena arena) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
        } catch (IOException failure) {
            throw new InputException(file + ": cannot be read: " + failure, failure);
        }
    }

    /**
     * Returns the content of a file.
     *
     * @throws InputException if there is none of that name
     */
    MemorySegment map(String name);

    /** Where a file is, as messages begin. */
    String place(String name);
}
