package org.crossentropy.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.crossentropy.api.Backends;

/** The machine and the JVM, as far as they explain figures. */
public final class Environment {

    private static final Path CPUS = Path.of("/sys/devices/system/cpu");
    private static final Path HUGE_PAGES = Path.of("/sys/kernel/mm/transparent_hugepage/enabled");

    private Environment() {}

    /**
     * Prints environment and backends; run with the flags of the measured JVMs, in which backends are what they are.
     *
     * @param arguments none
     */
    public static void main(String[] arguments) {
        describe().forEach(System.out::println);
        Backends.all().forEach(candidate -> System.out.println("backend     " + candidate));
    }

    /**
     * {@return the kind of processor: its name, and family and model, which names of virtual machines leave out}
     */
    public static String processor() {
        Path cpu = Path.of("/proc/cpuinfo");
        return value(cpu, "model name", "unknown") + " family " + value(cpu, "cpu family", "?") + " model "
                + value(cpu, "model\t", "?");
    }

    static List<String> describe() {
        return List.of(
                "processor   " + value(Path.of("/proc/cpuinfo"), "model name", "unknown") + ", "
                        + Runtime.getRuntime().availableProcessors() + " processors, last-level cache "
                        + text(CPUS.resolve("cpu0/cache/index3/size"), "unknown"),
                "governor    " + text(CPUS.resolve("cpu0/cpufreq/scaling_governor"), "not visible"),
                String.format(
                        Locale.ROOT,
                        "load        %.2f over the last minute",
                        ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage()),
                "huge pages  " + text(HUGE_PAGES, "unknown") + ", this process has "
                        + value(Path.of("/proc/self/smaps_rollup"), "AnonHugePages", "unknown"),
                "system      " + System.getProperty("os.name") + " " + System.getProperty("os.version") + " "
                        + System.getProperty("os.arch"),
                "java        " + System.getProperty("java.vm.name") + " " + Runtime.version() + ", "
                        + String.join(" ", ManagementFactory.getRuntimeMXBean().getInputArguments()));
    }

    private static String text(Path file, String otherwise) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            return otherwise;
        }
    }

    /** The value of the first line {@code key: value}. */
    private static String value(Path file, String key, String otherwise) {
        return text(file, "")
                .lines()
                .filter(line -> line.startsWith(key))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst()
                .orElse(otherwise);
    }
}
