package org.crossentropy.app.bench;

import java.util.List;

/**
 * Times contenders in turn: A, B, C, A, B, C and so on, so that a disturbance, or a processor that grows hot, does not hit
 * one of them alone.
 */
final class Contest {

    /** Samples of each that there are at least, however long they take. */
    private static final int LEAST_ROUNDS = 5;

    /** Rounds in which no contender improves before all count as warm. */
    private static final int QUIET_ROUNDS = 5;

    /** The part of the time that warming up takes at least: a compiler may be slow to come. */
    private static final double SHORTEST_WARM_UP = 0.2;

    /** The part of the time that warming up may take. */
    private static final double LONGEST_WARM_UP = 0.5;

    private Contest() {}

    /** Warms all up until their times settle, and takes samples until about so many nanoseconds are over. */
    static void run(List<Contender> contenders, long nanos) {
        long start = System.nanoTime();
        int quiet = 0;
        for (int round = 0; isCold(round, quiet, (System.nanoTime() - start) / (double) nanos); round++) {
            boolean improved = false;
            for (Contender contender : contenders) {
                improved |= contender.warmUp();
            }
            quiet = improved ? 0 : quiet + 1;
        }
        for (int round = 0; round < LEAST_ROUNDS || System.nanoTime() - start < nanos; round++) {
            contenders.forEach(Contender::measure);
        }
    }

    private static boolean isCold(int round, int quiet, double spent) {
        return round < 2 || spent < SHORTEST_WARM_UP || (quiet < QUIET_ROUNDS && spent < LONGEST_WARM_UP);
    }
}
