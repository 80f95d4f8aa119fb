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

    /** NaN is in no range. */
    static void check(String option, double value, double least, double most) {
        if (!(value >= least && value <= most)) {
            throw new InputException(option + " is " + value + ", must be from " + least + " to " + most);
        }
    }
}
