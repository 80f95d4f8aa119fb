package org.crossentropy.app.bert;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import org.crossentropy.app.io.InputException;

/**
 * A model in a folder.
 *
 * @param folder where it is
 * @param arena how long its files stay mapped
 */
record ModelFolder(Path folder, Arena arena) implements ModelFiles {

    @Override
    public MemorySegment map(String name) {
        Path file = folder.resolve(name);
        if (!Files.isRegularFile(file)) {
            throw new InputException(folder + ": no BERT model: has no file " + name);
        }
        return ModelFiles.map(file, arena);
    }

    @Override
    public String place(String name) {
        return folder.resolve(name).toString();
    }
}
