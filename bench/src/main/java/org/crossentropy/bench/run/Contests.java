package org.crossentropy.bench.run;

import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.crossentropy.bench.run.Contest.Entry;
import org.crossentropy.bench.run.HostProcess.Problem;
import org.jspecify.annotations.Nullable;

/**
 * The leader of the measuring processes: lets them make their tasks ready, and then calls one after the other, round after
 * round. What has figures already is not measured again, so a run that was broken off can go on.
 */
final class Contests implements AutoCloseable {

    private final Results results;
    private final Map<Host, HostProcess> processes = new LinkedHashMap<>();
    private int threads;

    Contests(Results results) {
        this.results = results;
    }

    /** Measures everything of a contest that has no figures yet, and saves. */
    void run(Contest contest) throws IOException {
        List<Entry> entries = contest.entries().stream()
                .filter(entry -> !isMeasured(contest, entry))
                .toList();
        if (entries.isEmpty()) {
            return;
        }
        long start = System.nanoTime();
        System.out.printf(Locale.ROOT, "%s: %d figures%n", contest.title(), entries.size());
        if (threads != contest.threads() || contest.fresh()) {
            close();
            threads = contest.threads();
        }
        Map<Entry, Race> races = new LinkedHashMap<>();
        entries.forEach(entry -> races.put(entry, new Race()));
        races.forEach((entry, race) -> prepare(contest, entry, race));
        for (int round = 0; round < contest.rounds(); round++) {
            races.forEach((entry, race) -> measure(contest, entry, race));
        }
        races.forEach((entry, race) -> results.put(race.figure(contest, entry)));
        results.save();
        forget();
        System.out.printf(Locale.ROOT, "  %.1f s%n", (System.nanoTime() - start) / 1e9);
    }

    private boolean isMeasured(Contest contest, Entry entry) {
        @Nullable Figure known = results.get(new Figure.Key(entry.task().toString(), entry.name(), contest.threads()));
        return known != null && known.isMeasured();
    }

    private void prepare(Contest contest, Entry entry, Race race) {
        try {
            long warmMillis = (long) contest.warmMillis() * entry.host().warmUpFactor();
            race.preparation = process(entry.host())
                    .prepare(entry.subject(), entry.task(), TimeUnit.MILLISECONDS.toNanos(warmMillis));
        } catch (Problem problem) {
            race.fail(entry, problem);
        }
    }

    private void measure(Contest contest, Entry entry, Race race) {
        if (race.problem != null) {
            return;
        }
        try {
            race.add(process(entry.host())
                    .measure(entry.subject(), entry.task(), TimeUnit.MILLISECONDS.toNanos(contest.millis())));
        } catch (Problem problem) {
            race.fail(entry, problem);
        }
    }

    /** A process that has died is started again: what it had prepared is lost, but the next contest has a chance. */
    private HostProcess process(Host host) throws Problem {
        HostProcess process = processes.get(host);
        if (process == null || !process.isAlive()) {
            process = new HostProcess(host, threads);
            processes.put(host, process);
        }
        return process;
    }

    private void forget() {
        for (HostProcess process : processes.values()) {
            try {
                process.forget();
            } catch (Problem dead) {
                // The next contest starts another.
            }
        }
    }

    @Override
    public void close() {
        processes.values().forEach(HostProcess::close);
        processes.clear();
    }

    /** One entry of a contest, as it goes on. */
    private static final class Race {

        private final Map<Integer, Sample> samples = new HashMap<>();
        private @Nullable Preparation preparation;
        private @Nullable String problem;

        void add(Sample sample) {
            samples.put(samples.size(), sample);
        }

        void fail(Entry entry, Problem failure) {
            problem = String.valueOf(failure.getMessage());
            System.out.println("  " + entry.name() + " " + entry.task() + ": " + problem);
        }

        Figure figure(Contest contest, Entry entry) {
            String date = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
            if (problem != null || preparation == null) {
                return Figure.failed(entry.task(), entry.name(), contest.threads(), String.valueOf(problem), date);
            }
            double fastest = minimum(Sample::fastest);
            return new Figure(
                    entry.task().toString(),
                    entry.name(),
                    contest.threads(),
                    null,
                    preparation.detail(),
                    round(fastest),
                    round(median()),
                    samples.values().stream().mapToLong(Sample::calls).sum(),
                    round(minimum(Sample::allocated)),
                    preparation.inputBytes(),
                    preparation.peakBytes(),
                    preparation.operations(),
                    date);
        }

        private double minimum(ToDoubleFunction<Sample> value) {
            return samples.values().stream().mapToDouble(value).min().orElseThrow();
        }

        private double median() {
            List<Double> medians =
                    samples.values().stream().map(Sample::median).sorted().collect(Collectors.toList());
            int middle = medians.size() / 2;
            return medians.size() % 2 == 1 ? medians.get(middle) : (medians.get(middle - 1) + medians.get(middle)) / 2;
        }

        /** A tenth of a nanosecond is more than enough. */
        private static double round(double value) {
            return Math.round(value * 10) / 10.0;
        }
    }
}
