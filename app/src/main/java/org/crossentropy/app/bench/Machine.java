package org.crossentropy.app.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;

/** What the system tells about this machine; on systems other than Linux that is little. */
public final class Machine {

    private static final Path PROCESSORS = Path.of("/proc/cpuinfo");
    private static final Path MEMORY = Path.of("/proc/meminfo");
    private static final Path PROCESS = Path.of("/proc/self/status");
    private static final Path GROUP = Path.of("/sys/fs/cgroup");

    private Machine() {}

    /**
     * {@return the model of the processor, or else its architecture}
     */
    public static String processor() {
        return value(PROCESSORS, "model name").orElseGet(() -> System.getProperty("os.arch"));
    }

    /**
     * {@return name and version of the Java virtual machine}
     */
    public static String java() {
        return System.getProperty("java.vm.name") + " " + Runtime.version();
    }

    /**
     * Memory that can still be used: that of the machine, or what a container leaves.
     *
     * @return bytes, or empty if the system does not tell
     */
    public static OptionalLong freeMemory() {
        OptionalLong machine = number(value(MEMORY, "MemAvailable").map(text -> text.replace(" kB", "")));
        OptionalLong most = number(text(GROUP.resolve("memory.max")));
        OptionalLong used = number(text(GROUP.resolve("memory.current")));
        if (machine.isEmpty()) {
            return machine;
        }
        long free = machine.getAsLong() * 1024;
        boolean limited = most.isPresent() && used.isPresent();
        return OptionalLong.of(limited ? Math.min(free, Math.max(0, most.getAsLong() - used.getAsLong())) : free);
    }

    /**
     * The most memory that this process had at one time, mapped files included as far as they were in memory.
     *
     * @return bytes, or empty if the system does not tell
     */
    public static OptionalLong peakMemory() {
        OptionalLong kilobytes = number(value(PROCESS, "VmHWM").map(text -> text.replace(" kB", "")));
        return kilobytes.isEmpty() ? kilobytes : OptionalLong.of(kilobytes.getAsLong() * 1024);
    }

    private static OptionalLong number(Optional<String> text) {
        return text.filter(digits -> digits.matches("\\d{1,18}")).stream()
                .mapToLong(Long::parseLong)
                .findFirst();
    }

    /** The value of the first line {@code key: value}. */
    private static Optional<String> value(Path file, String key) {
        return text(file).stream()
                .flatMap(String::lines)
                .filter(line -> line.startsWith(key))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst();
    }

    private static Optional<String> text(Path file) {
        try {
            return Optional.of(Files.readString(file, StandardCharsets.UTF_8).strip());
        } catch (IOException unknown) {
            return Optional.empty();
        }
    }
}
