package org.crossentropy.api;

import java.util.Objects;

/**
 * Where a computation runs: on which backend and how many threads. Row computations give the same bits wherever they
 * run; matrix products differ between backends within their error bound.
 *
 * @param backend the kernels to use
 * @param parallelism the threads to use
 */
public record Execution(Backend backend, Parallelism parallelism) {

    /** Rejects nulls. */
    public Execution {
        Objects.requireNonNull(backend, "backend");
        Objects.requireNonNull(parallelism, "parallelism");
    }

    /**
     * {@return the best backend of this machine ({@link Backends#best}) on all its processors}
     */
    public static Execution automatic() {
        return new Execution(Backends.best(), Parallelism.automatic());
    }
}
