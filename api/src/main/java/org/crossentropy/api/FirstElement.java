package org.crossentropy.api;

import java.util.concurrent.atomic.AtomicLong;

/** The first element of a matrix that breaks a rule, whichever threads find such elements in whatever order. */
final class FirstElement {

    private static final long NONE = Long.MAX_VALUE;

    private final Matrix matrix;
    private final AtomicLong first = new AtomicLong(NONE);

    FirstElement(Matrix matrix) {
        this.matrix = matrix;
    }

    void found(long row, int column) {
        first.accumulateAndGet(row * matrix.columns() + column, Math::min);
    }

    /**
     * Rejects the matrix if an element was found.
     *
     * @param parameter what the caller knows the matrix as
     * @param rule what the element breaks
     * @throws ElementOutOfRangeException naming the first
     */
    void reject(String parameter, String rule) {
        long at = first.get();
        if (at != NONE) {
            long row = at / matrix.columns();
            int column = (int) (at % matrix.columns());
            throw new ElementOutOfRangeException(parameter, row, column, matrix.get(row, column), rule);
        }
    }
}
