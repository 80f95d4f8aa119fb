package org.crossentropy.app;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import org.crossentropy.api.Backends;
import org.crossentropy.api.spi.Availability;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code xent backends}. */
@Command(
        name = "backends",
        description = "Lists the backends, what they run on or why they cannot, and which one is used by default.")
final class BackendsCommand implements Callable<Integer> {

    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--json", description = "print JSON")
    private boolean json;

    @Override
    public Integer call() {
        List<Backends.Candidate> candidates = Backends.all();
        String chosen = Backends.best().name();
        PrintWriter out = Main.out(spec);
        if (json) {
            Json.print(out, generator -> write(generator, candidates, chosen));
        } else {
            print(out, candidates, chosen);
        }
        return ExitStatus.FINE;
    }

    private static void print(PrintWriter out, List<Backends.Candidate> candidates, String chosen) {
        out.printf("  %-10s %8s  %s%n", "backend", "priority", "runs on");
        for (Backends.Candidate candidate : candidates) {
            out.printf(
                    "%s %-10s %8d  %s%n",
                    candidate.name().equals(chosen) ? "*" : " ",
                    candidate.name(),
                    candidate.priority(),
                    state(candidate.availability()));
        }
        out.printf("* is used unless --backend names another one%n");
        out.flush();
    }

    private static String state(Availability availability) {
        return switch (availability) {
            case Availability.Available(String detail) -> detail;
            case Availability.Unavailable(String reason, var _) -> "cannot run: " + reason;
        };
    }

    private static void write(JsonGenerator json, List<Backends.Candidate> candidates, String chosen)
            throws IOException {
        json.writeStringField("default", chosen);
        json.writeArrayFieldStart("backends");
        for (Backends.Candidate candidate : candidates) {
            json.writeStartObject();
            json.writeStringField("name", candidate.name());
            json.writeNumberField("priority", candidate.priority());
            json.writeBooleanField("available", candidate.available());
            switch (candidate.availability()) {
                case Availability.Available(String detail) -> json.writeStringField("detail", detail);
                case Availability.Unavailable(String reason, var _) -> json.writeStringField("reason", reason);
            }
            json.writeStringField("origin", candidate.origin());
            json.writeEndObject();
        }
        json.writeEndArray();
    }
}
