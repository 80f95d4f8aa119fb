package org.crossentropy.bench;

import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatFactory;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Runs the benchmarks and prints one table of figures and shares, under a description of the machine.
 *
 * <p>Everything that is compared with each other (backends and probes, of one shape and number of threads) runs within
 * the same minute, and all of it again in each round, so that a disturbance from outside does not hit one side alone.
 */
public final class Report {

    /** Up to this number of classes the facade's cost per row is worth a look. */
    private static final int FEW_CLASSES = 16;

    private final CommandLineOptions jmh;
    private final int rounds;
    private final @Nullable Path json;
    private final List<RunResult> results = new ArrayList<>();

    private Report(CommandLineOptions jmh, int rounds, @Nullable Path json) {
        this.jmh = jmh;
        this.rounds = rounds;
        this.json = json;
    }

    /**
     * Runs and prints; a wrong result, or a backend that cannot run, ends the report.
     *
     * @param arguments {@code --rounds <number>}, {@code --json <file>}, and any option of JMH
     * @throws CommandLineOptionException if JMH does not know an option
     * @throws RunnerException if a benchmark fails
     * @throws IOException if the environment cannot be asked for
     */
    public static void main(String[] arguments) throws CommandLineOptionException, RunnerException, IOException {
        int rounds = 1;
        Path json = null;
        List<String> rest = new ArrayList<>(List.of(arguments));
        for (int i; (i = rest.indexOf("--rounds")) >= 0; ) {
            rest.remove(i);
            rounds = Integer.parseInt(rest.remove(i));
        }
        for (int i; (i = rest.indexOf("--json")) >= 0; ) {
            rest.remove(i);
            json = Path.of(rest.remove(i));
        }
        new Report(new CommandLineOptions(rest.toArray(String[]::new)), rounds, json).run();
    }

    private void run() throws RunnerException, IOException {
        String environment = environment();
        System.out.print(environment);
        for (int round = 1; round <= rounds; round++) {
            for (String shape : values("shape")) {
                for (String threads : values("threads")) {
                    System.out.printf("%nround %d of %d: %s, threads %s%n", round, rounds, shape, threads);
                    results.addAll(run(shape, threads));
                }
            }
        }
        System.out.printf("%n%s%n", environment);
        new ReportTable(results.stream().map(Measurement::of).toList()).lines().forEach(System.out::println);
        if (json != null) {
            ResultFormatFactory.getInstance(ResultFormatType.JSON, json.toString())
                    .writeOut(results);
        }
    }

    private Collection<RunResult> run(String shape, String threads) throws RunnerException {
        OptionsBuilder options = new OptionsBuilder();
        options.parent(jmh)
                .param("shape", shape)
                .param("threads", threads)
                .forks(jmh.getForkCount().orElse(1))
                .verbosity(jmh.verbosity().orElse(VerboseMode.SILENT))
                .shouldFailOnError(true);
        if (jmh.getIncludes().isEmpty()) {
            options.include(SoftmaxCrossEntropyBenchmark.class.getName());
            options.include(ProbeBenchmark.class.getName());
            if (threads.equals("1") && Shape.parse(shape).classes() <= FEW_CLASSES) {
                options.include(KernelBenchmark.class.getName());
            }
        }
        return new Runner(options.build()).run();
    }

    /** The values of a parameter: those asked for, or else those of the benchmark. */
    private Collection<String> values(String parameter) {
        return jmh.getParameter(parameter).orElseGet(() -> {
            try {
                return List.of(SoftmaxCrossEntropyBenchmark.class
                        .getField(parameter)
                        .getAnnotation(Param.class)
                        .value());
            } catch (NoSuchFieldException e) {
                throw new AssertionError(e);
            }
        });
    }

    /** Asks a JVM with the flags of those that measure: in this one the vector backend may be missing. */
    private String environment() throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(JvmFlags.ALL);
        command.addAll(jmh.getJvmArgsAppend().orElse(List.of()));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Environment.class.getName()));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (InputStream output = process.getInputStream()) {
            return new String(output.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
