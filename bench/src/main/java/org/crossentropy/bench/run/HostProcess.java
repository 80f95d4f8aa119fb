package org.crossentropy.bench.run;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.crossentropy.bench.task.Task;
import org.jspecify.annotations.Nullable;

/** A running {@link Host}. What it prints besides answers goes to a log in the folder {@code target/logs}. */
final class HostProcess implements AutoCloseable {

    /** Why something could not be measured, for the reader of the report. */
    static final class Problem extends Exception {

        private static final long serialVersionUID = 1;

        Problem(String message) {
            super(message);
        }
    }

    /** The longest answers are those of heads of 8192 rows and 128256 classes, made ready. */
    private static final long TIMEOUT_SECONDS = 600;

    private static final String END = "the process ended";

    private final Process process;
    private final PrintStream commands;
    private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();
    private final Path log;

    /**
     * Starts the process.
     *
     * @throws Problem if its library has not been built
     */
    HostProcess(Host host, int threads) throws Problem {
        log = Home.bench()
                .resolve("target/logs")
                .resolve(host.name().replaceAll("[^A-Za-z0-9-]+", "-") + "-" + threads + ".log");
        List<String> flags = new ArrayList<>(JvmFlags.ALL);
        flags.addAll(host.flags());
        ProcessBuilder builder =
                Launch.java(threads, flags, "-cp", classPath(host), Worker.class.getName(), Integer.toString(threads));
        builder.environment().putAll(host.environment());
        try {
            Files.createDirectories(Home.bench().resolve("target/logs"));
            process = builder.redirectError(log.toFile()).start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        commands = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
        Thread.ofPlatform().daemon().name("answers of " + host.name()).start(this::listen);
    }

    private static String classPath(Host host) throws Problem {
        String ours = System.getProperty("java.class.path");
        if (host.peer().isEmpty()) {
            return ours;
        }
        Path target = Home.bench().resolve("peers").resolve(host.peer()).resolve("target");
        try {
            return String.join(
                    ":",
                    ours,
                    target.resolve("classes").toString(),
                    Files.readString(target.resolve("classpath")).strip());
        } catch (IOException absent) {
            throw new Problem("not built: run ./build -Pbench-peers -DskipTests package");
        }
    }

    private void listen() {
        try (BufferedReader lines =
                        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
                PrintStream rest = new PrintStream(log + ".out", StandardCharsets.UTF_8)) {
            for (String line; (line = lines.readLine()) != null; ) {
                if (line.startsWith(Worker.ANSWER)) {
                    answers.add(line.substring(Worker.ANSWER.length()));
                } else {
                    rest.println(line);
                }
            }
        } catch (IOException ended) {
            // Says no more, and that is what the answer below says.
        }
        answers.add(Worker.PROBLEM + END);
    }

    Preparation prepare(String subject, Task task, long nanos) throws Problem {
        String answer = ask(String.join(" ", Worker.PREPARE, subject, task.toString(), Long.toString(nanos)));
        return Preparation.parse(expect(Worker.READY, answer));
    }

    Sample measure(String subject, Task task, long nanos) throws Problem {
        String answer = ask(String.join(" ", Worker.MEASURE, subject, task.toString(), Long.toString(nanos)));
        return Sample.parse(expect(Worker.SAMPLE, answer));
    }

    void forget() throws Problem {
        ask(Worker.FORGET);
    }

    boolean isAlive() {
        return process.isAlive();
    }

    private static String expect(String kind, String answer) throws Problem {
        if (!answer.startsWith(kind)) {
            throw new Problem(answer.startsWith(Worker.PROBLEM) ? answer.substring(Worker.PROBLEM.length()) : answer);
        }
        return answer.substring(kind.length());
    }

    private String ask(String command) throws Problem {
        commands.println(command);
        @Nullable String answer;
        try {
            answer = answers.poll(TIMEOUT_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Problem("interrupted");
        }
        if (answer == null) {
            process.destroyForcibly();
            throw new Problem("no answer in " + TIMEOUT_SECONDS + " seconds");
        }
        if (answer.equals(Worker.PROBLEM + END)) {
            throw new Problem(END + lastWords());
        }
        return answer;
    }

    private String lastWords() {
        try {
            List<String> lines = Files.readAllLines(log).stream()
                    .filter(line -> !line.isBlank() && !line.contains("WARNING"))
                    .toList();
            return lines.isEmpty() ? "" : ": " + lines.getFirst();
        } catch (IOException noLog) {
            return "";
        }
    }

    /** Lets the process end; one that does not is ended. */
    @Override
    public void close() {
        commands.close();
        try {
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            process.destroyForcibly();
        }
    }
}
