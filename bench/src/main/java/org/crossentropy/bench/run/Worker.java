package org.crossentropy.bench.run;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.crossentropy.bench.subject.Subjects;
import org.crossentropy.bench.task.Batch;
import org.crossentropy.bench.task.Oracle;
import org.crossentropy.bench.task.Pass;
import org.crossentropy.bench.task.Subject;
import org.crossentropy.bench.task.Task;
import org.crossentropy.bench.task.Work;

/**
 * What runs in the process of a {@link Host}: reads commands, one a line, and answers each with one line that begins
 * with {@value #ANSWER}, so that libraries may print what they like in between.
 *
 * <pre>{@code
 * prepare <subject> <task> <nanoseconds to warm up>   = ready <preparation>   or   = problem <message>
 * measure <subject> <task> <nanoseconds to measure>   = sample <sample>       or   = problem <message>
 * forget                                              = forgotten
 * }</pre>
 */
public final class Worker {

    static final String ANSWER = "= ";
    static final String PREPARE = "prepare";
    static final String MEASURE = "measure";
    static final String FORGET = "forget";
    static final String READY = "ready ";
    static final String SAMPLE = "sample ";
    static final String PROBLEM = "problem ";

    /** What takes longer than this is run once before it is timed, and is not warmed up. */
    private static final long LONG_NANOS = 5_000_000_000L;

    private final int threads;
    private final Map<String, Subject> subjects = new HashMap<>();
    private final Map<Task, Batch> batches = new LinkedHashMap<>();
    private final Map<Task, Oracle> oracles = new HashMap<>();
    private final Map<String, Work> works = new LinkedHashMap<>();
    private final Sampler sampler = new Sampler();

    private Worker(int threads) {
        this.threads = threads;
    }

    /**
     * Serves until standard input ends.
     *
     * @param arguments number of threads
     * @throws IOException if standard input cannot be read
     */
    public static void main(String[] arguments) throws IOException {
        Worker worker = new Worker(Integer.parseInt(arguments[0]));
        PrintStream answers = System.out;
        System.setOut(System.err);
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String command; (command = commands.readLine()) != null; ) {
            answers.println(ANSWER + worker.answer(command.split(" ", -1)));
            answers.flush();
        }
        // Libraries leave threads behind that would keep the process.
        Runtime.getRuntime().halt(0);
    }

    /** Libraries fail in every way there is: whatever they throw is an answer. */
    @SuppressWarnings("CatchAndPrintStackTrace") // to the log
    private String answer(String[] command) {
        try {
            return switch (command[0]) {
                case PREPARE -> READY + prepare(command[1], Task.parse(command[2]), Long.parseLong(command[3]));
                case MEASURE -> SAMPLE + measure(command[1], Task.parse(command[2]), Long.parseLong(command[3]));
                case FORGET -> forget();
                default -> PROBLEM + "no such command: " + command[0];
            };
        } catch (UnsupportedOperationException lacking) {
            return PROBLEM + lacking.getMessage();
        } catch (Throwable failure) {
            failure.printStackTrace();
            return PROBLEM + failure.toString().replaceAll("\\s+", " ");
        }
    }

    private Preparation prepare(String name, Task task, long nanos) {
        Subject subject = subjects.computeIfAbsent(name, absent -> Subjects.open(absent, threads));
        Task family = task.with(Pass.FORWARD);
        Batch batch = batches.computeIfAbsent(family, Batch::new);
        if (!subject.isProbe()) {
            oracles.computeIfAbsent(family, absent -> Oracle.of(batch));
        }
        Work work = subject.prepare(task, batch);
        works.put(key(name, task), work);
        System.gc(); // what the oracle left is not the subject's
        Residence.resetPeak();
        long inputs = Residence.now() + work.lateBytes();
        long start = System.nanoTime();
        work.run();
        boolean isLong = System.nanoTime() - start > LONG_NANOS;
        if (!subject.isProbe()) {
            Objects.requireNonNull(oracles.get(family)).check(work, task.pass(), subject.accuracy());
        }
        if (!isLong) {
            work.run();
        }
        long peak = Residence.peak();
        if (!isLong) {
            Sampler.warmUp(work, nanos);
        }
        work.restore();
        return new Preparation(inputs, peak, subject.operations(task), subject.detail());
    }

    private Sample measure(String name, Task task, long nanos) {
        Work work = works.get(key(name, task));
        if (work == null) {
            throw new IllegalStateException(key(name, task) + " has not been prepared");
        }
        work.restore();
        Sample sample = sampler.measure(work, nanos);
        work.restore();
        return sample;
    }

    private static String key(String subject, Task task) {
        return subject + " " + task;
    }

    private String forget() {
        works.values().forEach(Work::close);
        works.clear();
        oracles.clear();
        batches.values().forEach(Batch::close);
        batches.clear();
        return "forgotten";
    }
}
