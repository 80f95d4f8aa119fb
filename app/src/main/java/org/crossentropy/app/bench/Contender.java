package org.crossentropy.app.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** One of several calls that are timed in turn. */
final class Contender {

    /** A sample is at least as long, so that reading the clock does not count: a short call is repeated within it. */
    private static final double SHORTEST_SAMPLE = 0.1;

    /** A time is an improvement if it is shorter by more than this part. */
    private static final double NOTEWORTHY = 0.02;

    private static final int MOST_CALLS = 1 << 20;

    private final String name;
    private final Supplier<?> call;
    private final List<Double> samples = new ArrayList<>();
    private double fastest = Double.POSITIVE_INFINITY;
    private int calls = 1;

    /** Holds on to results, or the compiler might see that nobody needs them. */
    private volatile Object result = "none yet";

    Contender(String name, Supplier<?> call) {
        this.name = name;
        this.call = call;
    }

    String name() {
        return name;
    }

    /** Takes a sample that does not count; returns whether it was notably faster than all before. */
    boolean warmUp() {
        double time = time();
        boolean improved = time < (1 - NOTEWORTHY) * fastest;
        fastest = Math.min(fastest, time);
        calls = (int) Math.clamp(Math.ceil(SHORTEST_SAMPLE / fastest), 1, MOST_CALLS);
        return improved;
    }

    /** Takes a sample. */
    void measure() {
        samples.add(time());
    }

    Timing timing() {
        return Timing.of(samples);
    }

    /** Milliseconds of a call. */
    private double time() {
        long start = System.nanoTime();
        for (int i = 0; i < calls; i++) {
            result = call.get();
        }
        // At least a nanosecond, where the clock is coarse.
        return Math.max(1, System.nanoTime() - start) / 1e6 / calls;
    }

    @Override
    public String toString() {
        return name + ", last result " + result;
    }
}
