package org.crossentropy.bench;

import java.util.List;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.util.Statistics;

/**
 * One figure of the report.
 *
 * @param subject what was measured
 * @param fastest nanoseconds of the fastest call
 * @param median nanoseconds of the median call
 */
record Measurement(Subject subject, double fastest, double median) {

    /** What a loss must do at least: how many times it moves the matrix, and by which probe that is limited. */
    enum Kind {
        FORWARD("forward", 1),
        FORWARD_BACKWARD("forward+backward", 2),
        IN_PLACE("in place", 2);

        final String title;
        final int moves;

        Kind(String title, int moves) {
            this.title = title;
            this.moves = moves;
        }

        private static Kind of(String method) {
            return switch (method) {
                case "forward", "read" -> FORWARD;
                case "forwardBackward", "copy", "copyNonTemporal" -> FORWARD_BACKWARD;
                case "inPlace", "update" -> IN_PLACE;
                default -> throw new IllegalArgumentException("no benchmark has a method '" + method + "'");
            };
        }
    }

    /**
     * What is compared with each other, and with the same probes.
     *
     * @param shape rows and classes
     * @param type element type
     * @param threads number of threads
     * @param kind forward, backward, in place
     */
    record Group(Shape shape, String type, int threads, Kind kind) {
        long bytes() {
            return shape.elements() * kind.moves * ("FLOAT64".equals(type) ? Double.BYTES : Float.BYTES);
        }
    }

    /**
     * What was measured.
     *
     * @param group what it is compared with
     * @param runner backend or probe
     * @param setting memory and history
     */
    record Subject(Group group, String runner, String setting) {

        static final String PROBE = "probe: ";

        boolean isProbe() {
            return runner.startsWith(PROBE);
        }
    }

    static Measurement of(RunResult result) {
        BenchmarkParams params = result.getParams();
        Statistics statistics = result.getPrimaryResult().getStatistics();
        double nanos = params.getTimeUnit().toNanos(1);
        return new Measurement(subject(params), statistics.getMin() * nanos, statistics.getPercentile(50) * nanos);
    }

    private static Subject subject(BenchmarkParams params) {
        List<String> path = List.of(params.getBenchmark().split("\\."));
        String method = path.getLast();
        Group group = new Group(
                Shape.parse(parameter(params, "shape", "")),
                parameter(params, "type", "FLOAT32"),
                Integer.parseInt(parameter(params, "threads", "1")),
                Kind.of(method));
        String backend = parameter(params, "backend", Subject.PROBE + method);
        boolean kernel = path.contains(KernelBenchmark.class.getSimpleName());
        String history = parameter(params, "history", "none");
        return new Subject(
                group,
                kernel ? backend + ", kernel alone" : backend,
                parameter(params, "memory", "offheap") + ("none".equals(history) ? "" : ", " + history));
    }

    private static String parameter(BenchmarkParams params, String name, String otherwise) {
        return params.getParamsKeys().contains(name) ? params.getParam(name) : otherwise;
    }

    /** Joins several rounds: the fastest call of all, and the median of the rounds' medians. */
    static Measurement join(List<Measurement> rounds) {
        double[] medians =
                rounds.stream().mapToDouble(Measurement::median).sorted().toArray();
        double fastest = rounds.stream().mapToDouble(Measurement::fastest).min().orElseThrow();
        int middle = medians.length / 2;
        double median = medians.length % 2 == 1 ? medians[middle] : (medians[middle - 1] + medians[middle]) / 2;
        return new Measurement(rounds.getFirst().subject(), fastest, median);
    }

    double nanosPerRow() {
        return fastest / subject.group().shape().rows();
    }

    double medianNanosPerRow() {
        return median / subject.group().shape().rows();
    }

    double nanosPerElement() {
        return fastest / subject.group().shape().elements();
    }

    double gigabytesPerSecond() {
        return subject.group().bytes() / fastest;
    }
}
