package org.crossentropy.app;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import org.crossentropy.api.Backend;
import org.crossentropy.api.Backends;
import org.crossentropy.app.io.InputException;
import org.crossentropy.tck.CrossCheck;
import org.crossentropy.tck.Grid;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code xent check}. */
@Command(
        name = "check",
        description = "Computes the same on every backend of this machine and compares the results, bit by bit.")
final class CheckCommand implements Callable<Integer> {

    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--full", description = "try everything, which takes longer")
    private boolean full;

    @Option(names = "--seed", paramLabel = "S", description = "of the numbers that are tried (${DEFAULT-VALUE})")
    private long seed = Grid.DEFAULT_SEED;

    @Option(names = "--json", description = "print JSON")
    private boolean json;

    @Override
    public Integer call() {
        List<Backend> backends = available();
        if (backends.size() < 2) {
            throw new InputException("fewer than two backends can run here (see xent backends), nothing to compare");
        }
        CrossCheck.Report report = CrossCheck.run(backends, full ? Grid.Extent.FULL : Grid.Extent.QUICK, seed);
        PrintWriter out = Main.out(spec);
        if (json) {
            Json.print(out, generator -> write(generator, report));
        } else {
            print(out, report);
        }
        return report.agrees() ? ExitStatus.FINE : ExitStatus.CHECK_FAILED;
    }

    /** The lowest priority first: the plainest backend is what the others are compared with. */
    private static List<Backend> available() {
        return Backends.all().stream()
                .filter(Backends.Candidate::available)
                .sorted(Comparator.comparingInt(Backends.Candidate::priority))
                .map(candidate -> Backends.require(candidate.name()))
                .toList();
    }

    private static void print(PrintWriter out, CrossCheck.Report report) {
        report.backends().forEach(backend -> out.println("ran " + backend));
        report.differences().forEach(out::println);
        out.printf(
                "%d batches (seed %d), %d elements compared in %.1f s: %s%n",
                report.batches(),
                report.seed(),
                report.comparisons(),
                report.seconds(),
                report.agrees() ? "all equal, bit by bit" : report.differing() + " differ");
        out.flush();
    }

    private static void write(JsonGenerator json, CrossCheck.Report report) throws IOException {
        json.writeBooleanField("equal", report.agrees());
        json.writeArrayFieldStart("backends");
        for (Backend backend : report.backends()) {
            json.writeString(backend.name());
        }
        json.writeEndArray();
        json.writeNumberField("seed", report.seed());
        json.writeNumberField("batches", report.batches());
        json.writeNumberField("comparisons", report.comparisons());
        json.writeNumberField("differing", report.differing());
        json.writeArrayFieldStart("differences");
        for (CrossCheck.Difference difference : report.differences()) {
            json.writeString(difference.toString());
        }
        json.writeEndArray();
        json.writeNumberField("seconds", report.seconds());
    }
}
