package org.crossentropy.api;

import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;

/**
 * How many threads a computation may use, and whose. The number never changes a result: rows are split statically, and
 * sums are taken over fixed groups of rows in a fixed order.
 *
 * <p>The calling thread always takes part, and does the work of helpers that do not come; so a busy, saturated or
 * shut-down executor makes a call slower and never stops it, and calls from inside the same executor cannot deadlock.
 * Small computations stay on the calling thread.
 */
public final class Parallelism {

    private static final Parallelism SEQUENTIAL = new Parallelism(Runnable::run, 1);

    private final Executor executor;
    private final int threads;

    private Parallelism(Executor executor, int threads) {
        this.executor = executor;
        this.threads = threads;
    }

    /**
     * {@return the calling thread alone}
     */
    public static Parallelism sequential() {
        return SEQUENTIAL;
    }

    /**
     * {@return as many threads as the machine has processors, from the common pool}
     */
    public static Parallelism automatic() {
        return threads(Runtime.getRuntime().availableProcessors());
    }

    /**
     * Returns a number of threads from the common pool.
     *
     * @param threads the calling thread included, at least 1
     * @return the parallelism
     * @throws IllegalArgumentException if the number is less than 1
     */
    public static Parallelism threads(int threads) {
        return threads == 1 ? SEQUENTIAL : of(ForkJoinPool.commonPool(), threads);
    }

    /**
     * Returns a number of threads from an executor of the caller's.
     *
     * @param executor runs the helpers; must not run them on the calling thread to be of use
     * @param threads the calling thread included, at least 1
     * @return the parallelism
     * @throws IllegalArgumentException if the number is less than 1
     */
    public static Parallelism of(Executor executor, int threads) {
        Checks.atLeast("threads", threads, 1);
        return new Parallelism(Objects.requireNonNull(executor, "executor"), threads);
    }

    /**
     * {@return the greatest number of threads a computation uses, the calling one included}
     */
    public int threads() {
        return threads;
    }

    Executor executor() {
        return executor;
    }

    /**
     * {@return the number of threads, for people}
     */
    @Override
    public String toString() {
        return threads + (threads == 1 ? " thread" : " threads");
    }
}
