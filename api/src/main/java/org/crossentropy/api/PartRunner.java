package org.crossentropy.api;

import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One computation cut into numbered parts. Each part is claimed once, by the caller or by a helper thread, whoever comes
 * first; so the caller never waits for a part that nobody has begun.
 */
final class PartRunner implements Runnable {

    /** What is done for one part. */
    interface Body {
        void run(int part);
    }

    /** Rounds of waiting for helpers before the caller parks: about the time that waking it would take. */
    private static final int SPINS = 1 << 12;

    /** Cleared at the end: an executor may hold on to helpers that it never runs. */
    private volatile @Nullable Body body;

    private final int parts;
    private final Thread caller = Thread.currentThread();
    private final AtomicInteger claimed = new AtomicInteger();
    private final AtomicInteger unfinished;
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    private PartRunner(Body body, int parts) {
        this.body = body;
        this.parts = parts;
        this.unfinished = new AtomicInteger(parts);
    }

    /** Runs the body for parts 0 to {@code parts - 1} and returns when all are done, or throws what one of them threw. */
    static void run(Parallelism parallelism, int parts, Body body) {
        if (parts == 1) {
            body.run(0);
            return;
        }
        PartRunner runner = new PartRunner(body, parts);
        runner.callHelpers(parallelism);
        runner.run();
        runner.await();
        runner.body = null;
        runner.rethrow();
    }

    private void callHelpers(Parallelism parallelism) {
        try {
            for (int helper = 1; helper < parts; helper++) {
                parallelism.executor().execute(this);
            }
        } catch (RejectedExecutionException refused) {
            // No help to be had: the caller claims every part itself.
        } catch (RuntimeException | Error thrown) {
            // Helpers that did come must be waited for before this is thrown on.
            failure.compareAndSet(null, thrown);
        }
    }

    @Override
    public void run() {
        for (int part = claimed.getAndIncrement(); part < parts; part = claimed.getAndIncrement()) {
            try {
                Objects.requireNonNull(body, "body").run(part);
            } catch (RuntimeException | Error thrown) {
                failure.compareAndSet(null, thrown);
            } finally {
                if (unfinished.decrementAndGet() == 0) {
                    LockSupport.unpark(caller);
                }
            }
        }
    }

    private void await() {
        boolean interrupted = false;
        for (int spins = 0; unfinished.get() > 0; spins++) {
            if (spins < SPINS) {
                Thread.onSpinWait();
            } else {
                LockSupport.park(this);
                interrupted |= Thread.interrupted();
            }
        }
        if (interrupted) {
            caller.interrupt();
        }
    }

    private void rethrow() {
        Throwable thrown = failure.get();
        switch (thrown) {
            case null -> {}
            case RuntimeException exception -> throw exception;
            case Error error -> throw error;
            default -> throw new AssertionError(thrown);
        }
    }
}
