package org.crossentropy.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.crossentropy.bench.report.Shares;
import org.crossentropy.bench.run.GuardRun;
import org.crossentropy.bench.run.Home;
import org.jspecify.annotations.Nullable;

/**
 * Tells whether a kernel has become slower: takes each kernel's share of the memory probe that limits it, measured in the
 * same minutes, and compares it with the share that the repository has recorded for this kind of processor. Shares of a
 * probe travel better between runs and machines than times do.
 */
public final class Guard {

    /** Slower by this much is a regression; less may be a disturbance from outside. */
    static final double TOLERANCE = 1.3;

    private static final String RECORD = "--record";

    private Guard() {}

    /**
     * Measures for a minute or two, prints what has become slower, and exits with 1 if something has.
     *
     * @param arguments {@code --record} to record the shares instead
     * @throws IOException if something cannot be read or written
     */
    public static void main(String[] arguments) throws IOException {
        List<String> options = List.of(arguments);
        if (!options.isEmpty() && !options.equals(List.of(RECORD))) {
            System.err.println("java -cp bench/target/benchmarks.jar org.crossentropy.bench.Guard [" + RECORD + "]");
            System.exit(2);
        }
        Shares recorded = Shares.read(Home.bench().resolve("shares.json"));
        String processor = Environment.processor();
        Path work = Home.bench().resolve("target/guard");
        Map<String, Double> now = GuardRun.measure(work, "");
        if (!options.isEmpty()) {
            recorded.put(processor, now);
            recorded.write();
            System.out.println("recorded " + now.size() + " shares for " + processor);
            return;
        }
        Map<String, Double> before = recorded.of(processor);
        if (before.isEmpty()) {
            System.err.println("no shares are recorded for " + processor + "; record them with " + RECORD);
            System.exit(2);
        }
        if (!slower(before, now).isEmpty()) {
            System.out.println("something looks slower, which a disturbance may have done: once more");
            GuardRun.measure(work, "").forEach((what, share) -> now.merge(what, share, Math::max));
        }
        List<String> slower = slower(before, now);
        slower.forEach(System.out::println);
        System.out.printf(
                Locale.ROOT,
                "%d of %d kernels are %.1f times as slow as recorded or worse%n",
                slower.size(),
                before.size(),
                TOLERANCE);
        System.exit(slower.isEmpty() ? 0 : 1);
    }

    /** Lines about what is slower, or is not there any more. */
    static List<String> slower(Map<String, Double> before, Map<String, Double> now) {
        return new TreeMap<>(before)
                .entrySet().stream()
                        .filter(each -> !(now.getOrDefault(each.getKey(), 0.0) * TOLERANCE > each.getValue()))
                        .map(each -> line(each.getKey(), each.getValue(), now.get(each.getKey())))
                        .toList();
    }

    private static String line(String what, double before, @Nullable Double now) {
        return now == null
                ? what + ": not measured"
                : String.format(
                        Locale.ROOT,
                        "%s: %.1f %% of the probe, recorded are %.1f %%: %.2f times as slow",
                        what,
                        100 * now,
                        100 * before,
                        before / now);
    }
}
