package org.crossentropy.bench.run;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import org.crossentropy.bench.task.Work;

/**
 * Times calls. Every call is timed by itself, or where it is shorter than what a clock can tell, as few in a row as take
 * long enough: on a machine that does other things too, the fastest and the median say more than an average.
 */
final class Sampler {

    /** A thousand times what reading the clock takes. */
    private static final long SHORTEST_NANOS = 20_000;

    private static final int FEWEST_SAMPLES = 3;

    /** After as long as this, one call is enough. */
    private static final long LONG_NANOS = 300_000_000;

    private static final int WINDOWS = 4;
    private static final int PATIENCE = 5;

    /** A window that is not faster by more than this is no longer getting faster. */
    private static final double SETTLED = 0.95;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final long[] times = new long[1 << 16];

    /**
     * Runs until the time of a call has settled, which compilation in the background may put off: at least as long as
     * asked for, and at most {@value #PATIENCE} times as long. Calls that take so long by themselves need none of it.
     */
    static void warmUp(Work work, long nanos) {
        long start = System.nanoTime();
        double best = window(work, nanos / WINDOWS);
        for (long elapsed; (elapsed = System.nanoTime() - start) < PATIENCE * nanos && best < nanos; ) {
            double latest = window(work, nanos / WINDOWS);
            if (latest > best * SETTLED && elapsed >= nanos) {
                return;
            }
            best = Math.min(best, latest);
        }
    }

    /** Nanoseconds of the fastest call of some time. */
    private static long window(Work work, long nanos) {
        long start = System.nanoTime();
        long fastest = Long.MAX_VALUE;
        for (long before = start; before - start < nanos || before == start; ) {
            work.run();
            long after = System.nanoTime();
            fastest = Math.min(fastest, after - before);
            before = after;
        }
        return fastest;
    }

    /** Times calls for some time, and at least {@value #FEWEST_SAMPLES} unless they are very long. */
    Sample measure(Work work, long nanos) {
        long allocated = THREADS.getTotalThreadAllocatedBytes();
        long start = System.nanoTime();
        long first = time(work, 1);
        int repetitions = first >= SHORTEST_NANOS ? 1 : repetitions(work);
        int samples = 0;
        if (repetitions == 1) {
            times[samples++] = first;
        } else {
            allocated = THREADS.getTotalThreadAllocatedBytes();
            start = System.nanoTime();
        }
        long elapsed = System.nanoTime() - start;
        while (samples < times.length && !(elapsed >= nanos && enough(samples, elapsed))) {
            times[samples++] = time(work, repetitions);
            elapsed = System.nanoTime() - start;
        }
        long calls = (long) samples * repetitions;
        double bytes = (double) (THREADS.getTotalThreadAllocatedBytes() - allocated) / calls;
        Arrays.sort(times, 0, samples);
        double median = (times[(samples - 1) / 2] + times[samples / 2]) / 2.0;
        return new Sample(calls, (double) times[0] / repetitions, median / repetitions, bytes);
    }

    private static long time(Work work, int repetitions) {
        long start = System.nanoTime();
        for (int i = 0; i < repetitions; i++) {
            work.run();
        }
        return System.nanoTime() - start;
    }

    private static boolean enough(int samples, long elapsed) {
        return samples >= FEWEST_SAMPLES || elapsed >= LONG_NANOS;
    }

    private static int repetitions(Work work) {
        int repetitions = 1;
        while (time(work, repetitions) < SHORTEST_NANOS) {
            repetitions *= 2;
        }
        return repetitions;
    }
}
