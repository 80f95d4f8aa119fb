package org.crossentropy.app;

import org.crossentropy.app.io.InputException;

/** Checks numbers that the user gives; every message names the option, the value and the rule. */
final class Range {

    private Range() {}

    static void check(String option, int value, int least, int most) {
        if (value < least || value > most) {
            throw new InputException(option + " is " + value + ", must be from " + least + " to " + most);
        }
    }

    /** Rejects NaN too. */
    static void checkPositive(String option, double value) {
        if (!(value >= Double.MIN_NORMAL && value < Double.POSITIVE_INFINITY)) {
            throw new InputException(option + " is " + value + ", must be finite and greater than 0");
        }
    }

    /** Rejects NaN too. */
    static void checkNotNegative(String option, double value) {
        if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
            throw new InputException(option + " is " + value + ", must be finite and at least 0");
        }
    }

    /** NaN is in no range. */
    static void check(String option, double value, double least, double most) {
        if (!(value >= least && value <= most)) {
            throw new InputException(option + " is " + value + ", must be from " + least + " to " + most);
        }
    }
}
