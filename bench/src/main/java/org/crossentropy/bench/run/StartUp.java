package org.crossentropy.bench.run;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.crossentropy.bench.FirstLoss;
import org.crossentropy.bench.subject.Subjects;
import org.crossentropy.bench.task.Pass;
import org.crossentropy.bench.task.Shape;
import org.crossentropy.bench.task.Task;

/** Starts JVMs, in turn, and takes the time until each has computed a loss with its gradient. */
final class StartUp {

    /** What the native backend is called when it takes its libraries out of the jar. */
    static final String FROM_JAR = "native, libraries in the jar";

    private static final Task TASK = Task.plain(new Shape(FirstLoss.ROWS, FirstLoss.CLASSES), Pass.GRADIENT);

    private StartUp() {}

    static void measure(Results results, int starts) throws IOException {
        Map<String, List<String>> flags = new LinkedHashMap<>();
        Path libraries = Home.bench().resolve("../native/target/dist").normalize();
        for (String backend : Subjects.BACKENDS) {
            if (!backend.equals("native") || Files.isDirectory(libraries)) {
                List<String> each = new ArrayList<>();
                each.add("-Dorg.crossentropy.backend=" + backend);
                each.add("-Djava.library.path=" + libraries);
                if (backend.equals("vector")) {
                    // Only for who needs it: with a module more than usual the JVM cannot use its archive of modules.
                    each.add(JvmFlags.VECTOR_API);
                }
                flags.put(backend, each);
            }
        }
        flags.put(FROM_JAR, List.of("-Dorg.crossentropy.backend=native"));
        double[][] times = new double[flags.size()][starts];
        String[] details = new String[flags.size()];
        for (int start = 0; start < starts; start++) {
            int who = 0;
            for (List<String> each : flags.values()) {
                String[] answer = run(each).split(" ", 3);
                times[who][start] = Double.parseDouble(answer[0]);
                details[who++] = answer[2];
            }
        }
        int who = 0;
        for (String name : flags.keySet()) {
            results.put(figure(name, times[who], details[who++]));
        }
        results.save();
    }

    private static Figure figure(String name, double[] times, String detail) {
        Arrays.sort(times);
        String date = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
        return new Figure(
                TASK.toString(),
                name,
                1,
                null,
                detail,
                times[0],
                times[times.length / 2],
                times.length,
                0,
                0,
                0,
                0,
                date);
    }

    private static String run(List<String> flags) throws IOException {
        List<String> all = new ArrayList<>(flags);
        all.addFirst(JvmFlags.NATIVE_ACCESS);
        String classPath = System.getProperty("java.class.path");
        ProcessBuilder builder = Launch.java(all, "-cp", classPath, FirstLoss.class.getName());
        builder.command().add(Long.toString(System.nanoTime()));
        Process process = builder.redirectError(ProcessBuilder.Redirect.DISCARD).start();
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            String line = lines.readLine();
            if (line == null) {
                throw new IOException("this printed nothing: " + String.join(" ", builder.command()));
            }
            return line;
        }
    }
}
