package org.crossentropy.app;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import org.crossentropy.api.Backends;
import org.crossentropy.api.spi.Availability;
import org.crossentropy.app.bench.Benchmark;
import org.crossentropy.app.bench.Comparison;
import org.crossentropy.app.bench.Machine;
import org.crossentropy.app.bench.Timing;
import org.crossentropy.app.bench.Workload;

/**
 * What {@code xent bench} found, as a table and in JSON.
 *
 * @param candidates the backends it was asked to time, also those that cannot run
 * @param outcome what it found
 */
record BenchReport(List<Backends.Candidate> candidates, Benchmark.Outcome outcome) {

    /** What others are compared with: the plainest backend, and the best one that is Java. */
    private static final String SCALAR = "scalar";

    private static final String VECTOR = "vector";

    boolean agrees() {
        return outcome.differences().isEmpty();
    }

    /** Names of the backends that cannot run. */
    List<String> missing() {
        return candidates.stream()
                .filter(candidate -> !candidate.available())
                .map(Backends.Candidate::name)
                .toList();
    }

    void print(PrintWriter out) {
        printMachine(out);
        Workload last = null;
        for (Comparison comparison : outcome.comparisons()) {
            if (!comparison.workload().equals(last)) {
                last = comparison.workload();
                printHeader(out, last);
            }
            print(out, comparison);
        }
        out.println();
        out.println("min and median: of a call. GB/s: memory that must be moved, at the min. of limit: by the min.");
        out.println(
                "limit: plain Java that copies logits to gradient, and what is only read to a buffer in the cache.");
        if (outcome.comparisons().stream().anyMatch(each -> !each.steady())) {
            out.println("*: times were still falling, so a call may be faster than this; more --seconds help.");
        }
        outcome.differences().forEach(out::println);
        out.println("same bits on all backends: " + verdict());
        out.flush();
    }

    private void printMachine(PrintWriter out) {
        out.printf(
                "%-9s  %s, %d available%n",
                "processor", Machine.processor(), Runtime.getRuntime().availableProcessors());
        out.printf("%-9s  %s%n", "java", Machine.java());
        for (Backends.Candidate candidate : candidates) {
            out.printf("%-9s  %s%n", candidate.name(), state(candidate.availability()));
        }
    }

    private static String state(Availability availability) {
        return switch (availability) {
            case Availability.Available(String detail) -> detail;
            case Availability.Unavailable(String reason, var _) -> "cannot run: " + reason;
        };
    }

    private static void printHeader(PrintWriter out, Workload workload) {
        out.printf("%n%s%n", workload);
        out.printf(
                "%7s  %-16s  %-7s %10s %10s %8s %9s %12s %12s%n",
                "threads",
                "pass",
                "backend",
                "min ms",
                "median ms",
                "GB/s",
                "of limit",
                "over " + SCALAR,
                "over " + VECTOR);
    }

    private void print(PrintWriter out, Comparison comparison) {
        String start = String.format("%7d  %-16s  ", comparison.threads(), comparison.pass());
        for (Backends.Candidate candidate : candidates) {
            Timing timing = comparison.timings().get(candidate.name());
            out.print(start);
            if (timing == null) {
                out.printf("%-7s %s%n", candidate.name(), state(candidate.availability()));
                continue;
            }
            printTimes(out, candidate.name(), comparison, timing);
            out.printf(
                    " %7.0f %% %12s %12s%n",
                    100 * comparison.shareOfLimit(timing),
                    ratio(comparison.over(timing, SCALAR)),
                    ratio(comparison.over(timing, VECTOR)));
        }
        out.print(start);
        printTimes(out, "limit", comparison, comparison.limit());
        out.println();
    }

    private static void printTimes(PrintWriter out, String name, Comparison comparison, Timing timing) {
        out.printf(
                "%-7s %10s%s%10s %8.2f",
                name,
                milliseconds(timing.fastest()),
                timing.steady() ? " " : "*",
                milliseconds(timing.median()),
                comparison.gigabytesPerSecond(timing));
    }

    /** Three to five digits, whatever the size. */
    private static String milliseconds(double time) {
        return String.format(time < 1 ? "%.5f" : time < 100 ? "%.3f" : "%.1f", time);
    }

    private static String ratio(OptionalDouble times) {
        return times.isPresent() ? String.format("%.2fx", times.getAsDouble()) : "-";
    }

    private String verdict() {
        if (!agrees()) {
            return "no, " + outcome.differences().size() + " results differ";
        }
        List<Backends.Candidate> ran =
                candidates.stream().filter(Backends.Candidate::available).toList();
        return switch (ran.size()) {
            case 1 -> "nothing to compare with, only " + ran.getFirst().name() + " ran";
            default -> "yes (" + ran.stream().map(Backends.Candidate::name).collect(Collectors.joining(", ")) + ")";
        };
    }

    void write(JsonGenerator json) throws IOException {
        json.writeStringField("processor", Machine.processor());
        json.writeNumberField("processors", Runtime.getRuntime().availableProcessors());
        json.writeStringField("java", Machine.java());
        json.writeArrayFieldStart("backends");
        for (Backends.Candidate candidate : candidates) {
            json.writeStartObject();
            json.writeStringField("name", candidate.name());
            json.writeBooleanField("available", candidate.available());
            switch (candidate.availability()) {
                case Availability.Available(String detail) -> json.writeStringField("detail", detail);
                case Availability.Unavailable(String reason, var _) -> json.writeStringField("reason", reason);
            }
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeBooleanField("equal", agrees());
        json.writeArrayFieldStart("differences");
        for (String difference : outcome.differences()) {
            json.writeString(difference);
        }
        json.writeEndArray();
        json.writeArrayFieldStart("comparisons");
        for (Comparison comparison : outcome.comparisons()) {
            json.writeStartObject();
            write(json, comparison);
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private static void write(JsonGenerator json, Comparison comparison) throws IOException {
        json.writeStringField("loss", comparison.workload().loss().toString());
        json.writeNumberField("rows", comparison.workload().rows());
        json.writeNumberField("columns", comparison.workload().columns());
        json.writeStringField("pass", comparison.pass().toString());
        json.writeNumberField("threads", comparison.threads());
        json.writeNumberField("bytes", comparison.workload().traffic(comparison.pass()));
        write(json, "limit", comparison.limit());
        json.writeObjectFieldStart("backends");
        for (var entry : comparison.timings().entrySet()) {
            write(json, entry.getKey(), entry.getValue());
        }
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, String name, Timing timing) throws IOException {
        json.writeObjectFieldStart(name);
        json.writeNumberField("minMilliseconds", timing.fastest());
        json.writeNumberField("medianMilliseconds", timing.median());
        json.writeNumberField("samples", timing.samples());
        json.writeBooleanField("steady", timing.steady());
        json.writeEndObject();
    }
}
