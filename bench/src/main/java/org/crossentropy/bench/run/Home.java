package org.crossentropy.bench.run;

import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Objects;

/** Where things are. */
public final class Home {

    private Home() {}

    /**
     * {@return the folder of this module: that with the folder {@code target} that these classes are in}
     */
    public static Path bench() {
        try {
            Path classes = Path.of(Home.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            return Objects.requireNonNull(
                    Objects.requireNonNull(classes.getParent()).getParent());
        } catch (URISyntaxException impossible) {
            throw new AssertionError(impossible);
        }
    }

    /**
     * {@return the program {@code java} that runs this}
     */
    public static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }
}
