package org.crossentropy.tck.test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The programs in the project's README compile, run, and print what is said there, on every backend. */
class ReadmeTest {

    private static final Pattern PROGRAM =
            Pattern.compile("```java\\n(.*?)```\\n\\n((?:    [^\\n]*\\n)+)", Pattern.DOTALL);

    @TempDir
    private Path folder = Path.of("");

    @ParameterizedTest
    @ValueSource(strings = {"scalar", "vector", "native"})
    void programsPrintWhatIsSaid(String backend) throws IOException, InterruptedException {
        Matcher readme = PROGRAM.matcher(Files.readString(Path.of("..", "README.md")));
        int programs = 0;
        for (; readme.find(); programs++) {
            assertPrints(readme, backend);
        }
        assertEquals(2, programs, "java blocks of README.md that are followed by their output");
    }

    private void assertPrints(Matcher readme, String backend) throws IOException, InterruptedException {
        Path program = Files.writeString(folder.resolve("QuickStart.java"), readme.group(1));
        Path output = folder.resolve("output");
        Process process = new ProcessBuilder(command(backend, program))
                .redirectOutput(output.toFile())
                .redirectError(folder.resolve("errors").toFile())
                .start();
        assertTrue(process.waitFor(2, TimeUnit.MINUTES), "the program ends");
        assertEquals(0, process.exitValue(), () -> read(folder.resolve("errors")));
        assertEquals(readme.group(2).replaceAll("(?m)^    ", ""), Files.readString(output));
    }

    private static List<String> command(String backend, Path program) {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--module-path",
                System.getProperty("jdk.module.path"),
                "--add-modules",
                "org.crossentropy.api,org.crossentropy.jvm,org.crossentropy.ffm",
                "--enable-native-access=org.crossentropy.ffm",
                "-Djava.library.path=" + System.getProperty("java.library.path"),
                "-Dorg.crossentropy.backend=" + backend,
                program.toString());
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException failure) {
            return "unreadable: " + failure;
        }
    }
}
