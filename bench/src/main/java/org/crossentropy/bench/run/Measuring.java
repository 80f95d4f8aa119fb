package org.crossentropy.bench.run;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.crossentropy.bench.Environment;

/** Measures parts of the report, each into a file of its own. */
public final class Measuring {

    private final Path folder;
    private final Effort effort;
    private final boolean resume;
    private final String only;

    /**
     * Says where and how.
     *
     * @param folder folder of the files
     * @param effort how much
     * @param resume whether to keep the figures that are there
     * @param only a part of the titles of the contests to run, empty for all
     */
    public Measuring(Path folder, Effort effort, boolean resume, String only) {
        this.folder = folder;
        this.effort = effort;
        this.resume = resume;
        this.only = only;
    }

    /**
     * Measures.
     *
     * @param parts the parts
     * @throws IOException if a file cannot be read or written
     */
    public void run(List<Part> parts) throws IOException {
        Launch.cleared(System.getenv()).forEach(System.out::println);
        for (Part part : parts) {
            long start = System.nanoTime();
            Results results = new Results(folder, part.id());
            if (!resume || results.figures().isEmpty()) {
                results.restart(command(part), environment());
            }
            part.measure(results, effort, only);
            System.out.printf("%s took %d s%n", part.id(), (System.nanoTime() - start) / 1_000_000_000);
        }
    }

    private String command(Part part) {
        return "java -cp bench/target/benchmarks.jar org.crossentropy.bench.Report"
                + (effort == Effort.QUICK ? " --quick" : "") + " --part " + part.id();
    }

    /** Asks a JVM with the flags of those that measure: in this one the vector backend may be missing. */
    private static List<String> environment() throws IOException {
        String classPath = System.getProperty("java.class.path");
        Process process = Launch.java(JvmFlags.ALL, "-cp", classPath, Environment.class.getName())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (InputStream output = process.getInputStream()) {
            List<String> lines = new ArrayList<>(new String(output.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList());
            lines.addAll(Launch.cleared(System.getenv()));
            return lines;
        }
    }
}
