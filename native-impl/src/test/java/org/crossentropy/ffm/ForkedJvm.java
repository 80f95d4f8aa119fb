package org.crossentropy.ffm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.crossentropy.api.spi.BackendProvider;

/** Runs {@link Probe} in a Java virtual machine of its own, since a library can be loaded only once in one. */
final class ForkedJvm {
    /** The folder of this Maven module. */
    static final Path MODULE = Path.of(System.getProperty("basedir", "")).toAbsolutePath();

    private static final String FFM = MODULE.resolve("target/classes").toString();
    private static final String TESTS = MODULE.resolve("target/test-classes").toString();

    private ForkedJvm() {}

    /** {@return the folder in which the tests find libxent and its neighbours} */
    static Path dist() {
        return Path.of(System.getProperty("java.library.path"));
    }

    /** Runs the probe on the class path, with native access allowed. */
    static String onClassPath(Path temporary, List<String> options, Path... resources) throws Exception {
        var all = new ArrayList<String>(List.of("--enable-native-access=ALL-UNNAMED"));
        all.addAll(options);
        return withoutAccessOnClassPath(temporary, all, resources);
    }

    /** Runs the probe on the class path. */
    static String withoutAccessOnClassPath(Path temporary, List<String> options, Path... resources) throws Exception {
        var classPath = new ArrayList<String>(List.of(FFM, TESTS, api()));
        for (Path folder : resources) {
            classPath.add(folder.toString());
        }
        var all = new ArrayList<String>(options);
        all.addAll(List.of("-cp", String.join(File.pathSeparator, classPath), Probe.class.getName()));
        return run(temporary, all);
    }

    /** Runs the probe as a part of the module. */
    static String onModulePath(Path temporary, List<String> options) throws Exception {
        var all = new ArrayList<String>(options);
        all.addAll(List.of("-p", FFM + File.pathSeparator + api()));
        all.add("--patch-module=org.crossentropy.ffm=" + TESTS);
        all.addAll(List.of("-m", "org.crossentropy.ffm/" + Probe.class.getName()));
        return run(temporary, all);
    }

    private static String run(Path temporary, List<String> arguments) throws IOException, InterruptedException {
        Path output = Files.createTempFile("probe", ".txt");
        try {
            var command = new ArrayList<String>();
            command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
            command.add("-Djava.io.tmpdir=" + temporary);
            command.add("-Dstdout.encoding=UTF-8");
            if (arguments.stream().noneMatch(argument -> argument.startsWith("-Djava.library.path="))) {
                command.add("-Djava.library.path=" + temporary);
            }
            command.addAll(arguments);
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            if (!process.waitFor(2, TimeUnit.MINUTES)) {
                process.destroyForcibly();
                throw new AssertionError("no end after 2 minutes: " + command);
            }
            String text = Files.readString(output, StandardCharsets.UTF_8);
            assertEquals(0, process.exitValue(), text);
            return text;
        } finally {
            Files.delete(output);
        }
    }

    private static String api() throws URISyntaxException {
        return Path.of(BackendProvider.class
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .toURI())
                .toString();
    }
}
