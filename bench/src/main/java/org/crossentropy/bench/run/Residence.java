package org.crossentropy.bench.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The memory of this process that lies in the machine's memory, as Linux counts it; 0 elsewhere. */
final class Residence {

    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Path PEAK_RESET = Path.of("/proc/self/clear_refs");

    /** See proc(5): resets the peak resident set size. */
    private static final String RESET = "5";

    private Residence() {}

    /** {@return bytes now} */
    static long now() {
        return kilobytes("VmRSS:") << 10;
    }

    /** {@return the most bytes since the last reset, or since the process began} */
    static long peak() {
        return kilobytes("VmHWM:") << 10;
    }

    /** Makes {@link #peak} begin anew, where the system can do that. */
    static void resetPeak() {
        try {
            Files.writeString(PEAK_RESET, RESET);
        } catch (IOException notHere) {
            // Then the peak is that of the whole life of the process, which is what it says.
        }
    }

    private static long kilobytes(String key) {
        try {
            return Files.readAllLines(STATUS).stream()
                    .filter(line -> line.startsWith(key))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                    .findFirst()
                    .orElse(0);
        } catch (IOException notLinux) {
            return 0;
        }
    }
}
