package org.crossentropy.bench.run;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.crossentropy.api.ElementType;
import org.crossentropy.bench.run.Contest.Entry;
import org.crossentropy.bench.task.Form;
import org.crossentropy.bench.task.Pass;
import org.crossentropy.bench.task.Shape;
import org.crossentropy.bench.task.Task;

/** The measurements of the guard: every kernel in its usual shapes, and the probes beside it. */
public final class GuardRun {

    private static final int ROUNDS = 3;
    private static final int MILLIS = 40;
    private static final int WARM_MILLIS = 150;

    private GuardRun() {}

    /**
     * Measures.
     *
     * @param folder where the figures are left
     * @param only a part of the titles of the contests to run, empty for all
     * @return how near each kernel came to the limit of the machine, 1 being the limit
     * @throws IOException if the figures cannot be written
     */
    public static Map<String, Double> measure(Path folder, String only) throws IOException {
        Results results = new Results(folder, "guard");
        results.restart("", List.of());
        try (Contests contests = new Contests(results)) {
            for (Contest contest : contests()) {
                if (contest.title().contains(only)) {
                    contests.run(contest);
                }
            }
        }
        Map<String, Double> shares = new TreeMap<>();
        Limits limits = new Limits(results.figures());
        for (Figure figure : results.figures()) {
            Task task = figure.parsedTask();
            double share = limits.of(task, figure.threads()) / figure.fastest();
            if (figure.isMeasured() && !Part.MOVES.contains(figure.subject()) && !Double.isNaN(share)) {
                shares.put(figure.subject() + " " + Part.title(task, figure.threads()), share);
            }
        }
        return shares;
    }

    private static List<Contest> contests() {
        List<Contest> contests = new ArrayList<>();
        for (Task task : Part.TASKS) {
            contests.add(contest(task, 1, Host.backends(), List.of(task)));
        }
        List<Host> fast = Host.backends().subList(0, 2);
        Task large = Task.plain(new Shape(1024, 32000), Pass.FORWARD);
        contests.add(contest(large, 2, fast, List.of(large)));
        Task middle = Task.plain(new Shape(8192, 1000), Pass.FORWARD);
        List<Task> variants = new ArrayList<>();
        for (Form form : List.of(Form.SOFT_TARGETS, Form.ROW_MASK, Form.WEIGHTED, Form.SMOOTHED)) {
            variants.add(new Task(form, middle.shape(), middle.type(), middle.memory(), middle.pass()));
        }
        contests.add(contest(middle, 1, fast, variants));
        for (ElementType type : List.of(ElementType.BFLOAT16, ElementType.FLOAT64)) {
            Task task = new Task(middle.form(), middle.shape(), type, middle.memory(), middle.pass());
            contests.add(contest(task, 1, fast, List.of(task)));
        }
        return contests;
    }

    private static Contest contest(Task probed, int threads, List<Host> hosts, List<Task> tasks) {
        List<Entry> entries = new ArrayList<>();
        for (Task task : tasks) {
            for (Pass pass : Pass.values()) {
                entries.addAll(Contest.entries(hosts, List.of(task.with(pass))));
            }
        }
        entries.addAll(Contest.probes(Part.MOVES, probed));
        String title = Part.title(probed, threads) + (Arrays.asList(probed).equals(tasks) ? "" : ", variants");
        return new Contest(title, threads, entries, ROUNDS, MILLIS, WARM_MILLIS);
    }
}
