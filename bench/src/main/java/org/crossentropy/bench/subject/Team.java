package org.crossentropy.bench.subject;

import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Threads that do parts of one task at the same time. Waiting is spinning, so that what is measured is the memory
 * and not the time to wake a thread.
 */
final class Team implements AutoCloseable {

    /** One thread's share of a task. */
    interface Part {
        void run(int part);
    }

    private static final int SPINS = 1 << 8;

    private final int threads;
    private final AtomicInteger round = new AtomicInteger();
    private final AtomicInteger unfinished = new AtomicInteger();
    private volatile @Nullable Part task;

    /**
     * Starts the helpers.
     *
     * @param threads the calling thread included
     */
    Team(int threads) {
        this.threads = threads;
        for (int helper = 1; helper < threads; helper++) {
            int part = helper;
            Thread.ofPlatform().daemon().name("probe-" + part).start(() -> help(part));
        }
    }

    private void help(int part) {
        for (int done = 0; ; done++) {
            for (int spins = 0; round.get() == done; spins++) {
                pause(spins);
            }
            Part current = task;
            if (current == null) {
                return;
            }
            try {
                current.run(part);
            } finally {
                unfinished.getAndDecrement();
            }
        }
    }

    /** Runs all parts of a task and waits for them. */
    void run(Part part) {
        task = part;
        unfinished.set(threads - 1);
        round.getAndIncrement();
        part.run(0);
        for (int spins = 0; unfinished.get() > 0; spins++) {
            pause(spins);
        }
    }

    /** Where there are more busy threads than processors, whoever is waited for must get one. */
    @SuppressWarnings("ThreadPriorityCheck") // a hint is all that is wanted: the result does not depend on it
    private static void pause(int spins) {
        if (spins < SPINS) {
            Thread.onSpinWait();
        } else {
            Thread.yield();
        }
    }

    int threads() {
        return threads;
    }

    /** Ends the helpers. */
    @Override
    public void close() {
        task = null;
        round.getAndIncrement();
    }
}
