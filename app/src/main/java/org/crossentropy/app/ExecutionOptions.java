package org.crossentropy.app;

import java.util.stream.Collectors;
import org.crossentropy.api.Backend;
import org.crossentropy.api.Backends;
import org.crossentropy.api.Execution;
import org.crossentropy.api.Parallelism;
import org.crossentropy.api.spi.Availability;
import org.crossentropy.app.io.InputException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where to compute, as the user says it. */
final class ExecutionOptions {

    @Option(
            names = "--backend",
            paramLabel = "NAME",
            description = "compute on this backend, one of those that xent backends lists (default: the best one)")
    private @Nullable String backend;

    @Option(
            names = "--threads",
            paramLabel = "T",
            description = "use so many threads (default: one for each processor, here ${DEFAULT-VALUE})")
    private int threads = Runtime.getRuntime().availableProcessors();

    /** Opens the backend, or says why it cannot be had; never takes another one instead. */
    Execution open() {
        Range.check("--threads", threads, 1, 1024);
        return new Execution(backend == null ? Backends.best() : require(backend), Parallelism.threads(threads));
    }

    /** Opens the backend of a name that the user gave with {@code --backend}. */
    static Backend require(String name) {
        for (Backends.Candidate candidate : Backends.all()) {
            if (candidate.name().equals(name)) {
                if (candidate.availability() instanceof Availability.Unavailable(String reason, var cause)) {
                    String message = "--backend: " + name + " cannot run here: " + reason;
                    throw cause == null ? new InputException(message) : new InputException(message, cause);
                }
                return Backends.require(name);
            }
        }
        throw new InputException("--backend is " + name + ", must be one of "
                + Backends.all().stream().map(Backends.Candidate::name).collect(Collectors.joining(", ")));
    }
}
