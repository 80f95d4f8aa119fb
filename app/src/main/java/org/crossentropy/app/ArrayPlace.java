package org.crossentropy.app;

import java.lang.foreign.Arena;
import java.nio.file.Path;
import org.crossentropy.app.io.ArrayFile;
import org.crossentropy.app.io.Tensor;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;

/**
 * Where an array is, as the user says it: a file, and after a colon its name in a file of safetensors.
 *
 * @param file the file
 * @param tensor which array of it; null for the only one
 */
record ArrayPlace(Path file, @Nullable String tensor) {

    /** Reads what the user gives. */
    static final class Converter implements ITypeConverter<ArrayPlace> {

        private static final String BEFORE_NAME = ".safetensors:";

        @Override
        public ArrayPlace convert(String text) {
            int found = text.indexOf(BEFORE_NAME);
            if (found < 0) {
                return new ArrayPlace(Path.of(text), null);
            }
            int colon = found + BEFORE_NAME.length() - 1;
            return new ArrayPlace(Path.of(text.substring(0, colon)), text.substring(colon + 1));
        }
    }

    /** Maps the file. */
    Tensor map(Arena arena) {
        return ArrayFile.map(file, arena).tensor(tensor);
    }
}
