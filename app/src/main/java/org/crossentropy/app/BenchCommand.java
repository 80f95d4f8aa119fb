package org.crossentropy.app;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.crossentropy.api.Backend;
import org.crossentropy.api.Backends;
import org.crossentropy.app.bench.BenchPicture;
import org.crossentropy.app.bench.Benchmark;
import org.crossentropy.app.bench.LossKind;
import org.crossentropy.app.bench.Machine;
import org.crossentropy.app.bench.Pass;
import org.crossentropy.app.bench.Workload;
import org.crossentropy.app.io.InputException;
import org.crossentropy.app.io.OutputFile;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code xent bench}. */
@Command(
        name = "bench",
        description = "Times the backends of this machine beside each other, and compares their results, bit by bit.",
        footer = {
            "",
            "Softmax and binary cross-entropy of float32 logits off the heap, loss alone and",
            "with the gradient in a matrix of its own. All backends take turns, after a warm-up.",
            "The limit is plain Java that moves the same memory and computes nothing."
        })
final class BenchCommand implements Callable<Integer> {

    /** More bytes than the JSON of a comparison takes. */
    private static final long LARGEST_JSON = 1 << 13;

    @Spec
    private @Nullable CommandSpec spec;

    @Option(
            names = "--backend",
            paramLabel = "NAME",
            description = "time this backend; repeatable (default: all that xent backends lists)")
    private List<String> backends = List.of();

    @Option(
            names = "--threads",
            paramLabel = "T",
            description = "on so many threads; repeatable (default: 1 and one for each processor)")
    private List<Integer> threads = List.of();

    @Option(
            names = "--shape",
            paramLabel = "RxC",
            converter = MatrixShape.Converter.class,
            description = "both losses of so many rows and classes; repeatable (default: four shapes of softmax and one"
                    + " of binary cross-entropy)")
    private List<MatrixShape> shapes = List.of();

    @Option(
            names = "--seconds",
            paramLabel = "S",
            description =
                    "take about so long; with few, Java code is timed before it is compiled (default: ${DEFAULT-VALUE})")
    private int seconds = 60;

    @Option(names = "--output", paramLabel = "FILE", description = "draw it, to a file whose name ends in .png")
    private @Nullable Path output;

    @Option(names = "--json", paramLabel = "FILE", description = "write all figures to a file as JSON")
    private @Nullable Path json;

    @Override
    public Integer call() {
        Range.check("--seconds", seconds, 1, 3600);
        List<Backends.Candidate> candidates = candidates();
        Benchmark benchmark = new Benchmark(workloads(), available(candidates), threads(), seconds);
        if (output != null && json != null) {
            OutputFile.checkApart(json, List.of(output));
        }
        int comparisons = benchmark.workloads().size() * benchmark.threads().size() * Pass.values().length;
        // Before anything is timed, so that a name or folder that cannot be used is met at once.
        try (OutputFile text = json == null ? null : OutputFile.create(json, comparisons * LARGEST_JSON);
                OutputFile picture = output == null ? null : begin(output, comparisons)) {
            BenchReport report = new BenchReport(candidates, run(benchmark));
            report.print(Main.out(spec));
            if (text != null) {
                text.write((Json.text(report::write) + "\n").getBytes(StandardCharsets.UTF_8));
                text.commit();
            }
            if (picture != null) {
                picture.write(BenchPicture.png("--output", report.outcome().comparisons(), report.missing()));
                picture.commit();
            }
            return report.agrees() ? ExitStatus.FINE : ExitStatus.CHECK_FAILED;
        }
    }

    private static OutputFile begin(Path picture, int comparisons) {
        if (!picture.toString().toLowerCase(Locale.ROOT).endsWith(".png")) {
            throw new InputException("--output is " + picture + ", must be a name that ends in .png");
        }
        return OutputFile.create(picture, comparisons * BenchPicture.LARGEST_CHART);
    }

    private Benchmark.Outcome run(Benchmark benchmark) {
        PrintWriter err = Objects.requireNonNull(spec, "spec").commandLine().getErr();
        ProgressBar bar = ProgressBar.onTerminal(err);
        if (bar == null) {
            return benchmark.run((_, _, _) -> {});
        }
        try {
            return benchmark.run(bar::show);
        } finally {
            bar.clear();
            err.flush();
        }
    }

    /** Those asked for, which must be able to run, or else all, able or not. */
    private List<Backends.Candidate> candidates() {
        backends.forEach(ExecutionOptions::require);
        return Backends.all().stream()
                .filter(candidate -> backends.isEmpty() || backends.contains(candidate.name()))
                .toList();
    }

    private static List<Backend> available(List<Backends.Candidate> candidates) {
        List<Backend> available = candidates.stream()
                .filter(Backends.Candidate::available)
                .map(candidate -> Backends.require(candidate.name()))
                .toList();
        if (available.isEmpty()) {
            throw new InputException("no backend can run here (see xent backends), nothing to time");
        }
        return available;
    }

    private List<Integer> threads() {
        threads.forEach(count -> Range.check("--threads", count, 1, 1024));
        return (threads.isEmpty() ? Stream.of(1, Runtime.getRuntime().availableProcessors()) : threads.stream())
                .distinct()
                .toList();
    }

    /** In half of the memory that is free: a machine that begins to swap measures nothing. */
    private List<Workload> workloads() {
        OptionalLong free = Machine.freeMemory();
        long most = free.isPresent() ? free.getAsLong() / 2 : Long.MAX_VALUE;
        if (shapes.isEmpty()) {
            return Workload.USUAL.stream().map(usual -> usual.within(most)).toList();
        }
        List<Workload> asked = new ArrayList<>();
        for (LossKind loss : LossKind.values()) {
            for (MatrixShape shape : shapes.stream().distinct().toList()) {
                Workload workload = new Workload(loss, shape.rows(), shape.columns());
                if (workload.memory() > most) {
                    throw new InputException("--shape is " + workload.shape() + ", which takes " + workload.memory()
                            + " bytes, must take at most " + most + ", half of the memory that is free");
                }
                asked.add(workload);
            }
        }
        return asked;
    }
}
