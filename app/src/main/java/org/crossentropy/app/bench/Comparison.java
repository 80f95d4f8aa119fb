package org.crossentropy.app.bench;

import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.Stream;

/**
 * What was timed in turn.
 *
 * @param workload loss and shape
 * @param pass what was computed
 * @param threads on how many threads
 * @param limit the time to move the memory alone
 * @param timings times by name of the backend, of those that can run
 */
public record Comparison(Workload workload, Pass pass, int threads, Timing limit, Map<String, Timing> timings) {

    /**
     * {@return whether all times, that of the limit included, are steady}
     */
    public boolean steady() {
        return Stream.concat(Stream.of(limit), timings.values().stream()).allMatch(Timing::steady);
    }

    /**
     * How fast memory is moved.
     *
     * @param timing of a call
     * @return gigabytes (10^9) a second of the fastest sample
     */
    public double gigabytesPerSecond(Timing timing) {
        return workload.traffic(pass) / (1e6 * timing.fastest());
    }

    /**
     * The share of the limit.
     *
     * @param timing of a call
     * @return 1 where it takes no longer than to move the memory
     */
    public double shareOfLimit(Timing timing) {
        return limit.fastest() / timing.fastest();
    }

    /**
     * The speed relative to a backend.
     *
     * @param timing of a call
     * @param backend name of the backend to compare with
     * @return how many times as fast, or empty if that backend was not timed
     */
    public OptionalDouble over(Timing timing, String backend) {
        return Stream.ofNullable(timings.get(backend))
                .mapToDouble(other -> other.fastest() / timing.fastest())
                .findFirst();
    }
}
