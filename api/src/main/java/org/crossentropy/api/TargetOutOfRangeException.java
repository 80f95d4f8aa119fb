package org.crossentropy.api;

/**
 * A target is no class: neither from 0 to K - 1 nor the ignore index, or for a binary loss neither 0 nor 1. Thrown before
 * anything is computed or written, for the first such row. Row and value are there for callers that know where the targets
 * come from, and name the file or the sample themselves.
 */
public final class TargetOutOfRangeException extends IndexOutOfBoundsException {

    private static final long serialVersionUID = 1;

    /** The row. */
    private final long row;

    /** What was given there. */
    private final long value;

    TargetOutOfRangeException(long row, long value, String rule) {
        this("targets[" + row + "]", row, value, rule);
    }

    TargetOutOfRangeException(String place, long row, long value, String rule) {
        super(place + " is " + value + ", " + rule);
        this.row = row;
        this.value = value;
    }

    /**
     * {@return the row of the target, from 0}
     */
    public long row() {
        return row;
    }

    /**
     * {@return what was given as the row's class}
     */
    public long value() {
        return value;
    }
}
