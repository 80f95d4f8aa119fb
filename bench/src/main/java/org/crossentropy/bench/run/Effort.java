package org.crossentropy.bench.run;

import java.util.Arrays;
import java.util.List;

/**
 * How much is measured, and for how long.
 */
public enum Effort {
    /** A quarter of an hour: enough to see that everything works, and what is grossly wrong. */
    QUICK(2, 25, 80),

    /** Three quarters of an hour: figures to keep. */
    FULL(4, 80, 250);

    private final int rounds;
    private final int millis;
    private final int warmMillis;

    Effort(int rounds, int millis, int warmMillis) {
        this.rounds = rounds;
        this.millis = millis;
        this.warmMillis = warmMillis;
    }

    Contest contest(String title, int threads, List<Contest.Entry> entries) {
        return new Contest(title, threads, entries, rounds, millis, warmMillis);
    }

    /** For calls so short, or so few, that compilation takes its time to notice them. */
    Contest patient(String title, int threads, List<Contest.Entry> entries) {
        return new Contest(title, threads, entries, rounds, millis, 4 * warmMillis);
    }

    /** For calls that take seconds, and memory that counts. */
    Contest fresh(String title, int threads, List<Contest.Entry> entries) {
        return new Contest(title, threads, entries, rounds, millis, warmMillis, true);
    }

    /** For calls that take half a minute. */
    Contest once(String title, int threads, List<Contest.Entry> entries) {
        return new Contest(title, threads, entries, 1, millis, warmMillis, true);
    }

    /** For one point of a curve, of which there are many. */
    Contest point(String title, int threads, List<Contest.Entry> entries) {
        return new Contest(title, threads, entries, 2, millis / 3, warmMillis / 4);
    }

    /** {@return number of times that a JVM is started} */
    int starts() {
        return 2 * rounds + 1;
    }

    /** Sizes from smallest to largest: all, or every third. */
    List<Integer> sizes(int... all) {
        List<Integer> sizes = Arrays.stream(all).boxed().toList();
        return this == FULL
                ? sizes
                : sizes.stream().filter(size -> sizes.indexOf(size) % 3 == 0).toList();
    }
}
