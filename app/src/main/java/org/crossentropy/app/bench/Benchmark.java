package org.crossentropy.app.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.crossentropy.api.Backend;
import org.crossentropy.api.Execution;
import org.crossentropy.api.LossResult;
import org.crossentropy.api.Parallelism;

/**
 * What is to be timed.
 *
 * @param workloads losses and shapes
 * @param backends on which backends
 * @param threads on which numbers of threads
 * @param seconds how long all of it may take, about
 */
public record Benchmark(List<Workload> workloads, List<Backend> backends, List<Integer> threads, int seconds) {

    /** Is told what is timed next. */
    public interface Progress {
        /**
         * Tells.
         *
         * @param title what is timed next
         * @param done comparisons made
         * @param all comparisons there will be
         */
        void show(String title, long done, long all);
    }

    /**
     * What was found.
     *
     * @param comparisons one for each workload, number of threads and pass
     * @param differences one line for each result that is not the same, bit by bit, as that of the first backend
     */
    public record Outcome(List<Comparison> comparisons, List<String> differences) {}

    /**
     * Runs it.
     *
     * @param progress is told how far it is
     * @return what was found
     */
    public Outcome run(Progress progress) {
        Run run = new Run(progress);
        for (Workload workload : workloads) {
            run.compare(workload);
        }
        return new Outcome(run.comparisons, run.differences);
    }

    /** A run in progress. */
    private final class Run {

        private final Progress progress;
        private final long deadline = System.nanoTime() + seconds * 1_000_000_000L;
        private final int all = workloads.size() * threads.size() * Pass.values().length;
        private final List<Comparison> comparisons = new ArrayList<>();
        private final List<String> differences = new ArrayList<>();

        Run(Progress progress) {
            this.progress = progress;
        }

        void compare(Workload workload) {
            try (Problem problem = new Problem(workload)) {
                ResultCheck check = new ResultCheck(problem);
                for (int count : threads) {
                    for (Pass pass : Pass.values()) {
                        progress.show(workload + ", " + pass, comparisons.size(), all);
                        comparisons.add(compare(problem, check, pass, count));
                    }
                }
                differences.addAll(check.differences());
            }
        }

        private Comparison compare(Problem problem, ResultCheck check, Pass pass, int count) {
            // A comparison that took longer than its part of the time shortens the rest.
            long end = System.nanoTime() + Math.max(0, deadline - System.nanoTime()) / (all - comparisons.size());
            List<Contender> contenders = new ArrayList<>();
            for (Backend backend : backends) {
                Execution execution = new Execution(backend, Parallelism.threads(count));
                Supplier<LossResult> call = problem.call(pass, execution);
                check.check(pass, execution, call);
                contenders.add(new Contender(backend.name(), call));
            }
            Contender limit = new Contender("limit", new MemoryLimit(problem, pass, count)::move);
            contenders.add(limit);
            Contest.run(contenders, Math.max(1, end - System.nanoTime()));
            contenders.remove(limit);
            Map<String, Timing> timings = new LinkedHashMap<>();
            contenders.forEach(contender -> timings.put(contender.name(), contender.timing()));
            return new Comparison(problem.workload(), pass, count, limit.timing(), timings);
        }
    }
}
