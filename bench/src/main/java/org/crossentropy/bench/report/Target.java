package org.crossentropy.bench.report;

/**
 * Something to be reached, and what was.
 *
 * @param what of what
 * @param goal the goal in words
 * @param reached what was reached, in words
 * @param margin what was reached over the goal: at least 1 where it is met, NaN where it was not measured
 */
record Target(String what, String goal, String reached, double margin) {

    /** The more the better. */
    static Target atLeast(String what, double goal, double reached, Unit unit) {
        return new Target(what, "at least " + unit.text(goal), unit.text(reached), reached / goal);
    }

    /** The less the better. */
    static Target atMost(String what, double goal, double reached, Unit unit) {
        return new Target(what, "at most " + unit.text(goal), unit.text(reached), reached <= goal ? 1 : goal / reached);
    }

    /** How numbers are written. */
    interface Unit {
        String text(double value);
    }

    static String verdict(double margin) {
        if (Double.isNaN(margin)) {
            return "not measured";
        }
        return margin >= 1 ? "met" : "**missed** (" + Table.percent(margin) + ")";
    }

    String verdict() {
        return verdict(margin);
    }
}
