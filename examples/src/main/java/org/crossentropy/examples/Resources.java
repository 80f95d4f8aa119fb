package org.crossentropy.examples;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.zip.GZIPInputStream;

/** The compressed files beside the classes. */
final class Resources {

    private Resources() {}

    static byte[] unzip(String name) {
        try (InputStream file = Objects.requireNonNull(Resources.class.getResourceAsStream(name), name);
                InputStream content = new GZIPInputStream(file)) {
            return content.readAllBytes();
        } catch (IOException damaged) {
            throw new UncheckedIOException(name, damaged);
        }
    }
}
