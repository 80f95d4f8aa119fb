package org.crossentropy.bench.task;

/** Someone who can compute tasks, with a certain number of threads: a backend, another library, a loop. */
public interface Subject {

    /**
     * {@return name, version, and what else explains the figures, in a few words}
     */
    String detail();

    /**
     * {@return how closely its results can be compared with the oracle}
     */
    default Accuracy accuracy() {
        return Accuracy.RELATIVE;
    }

    /**
     * {@return whether it computes no loss but tries a limit of the machine}
     */
    default boolean isProbe() {
        return false;
    }

    /**
     * Returns the size of the work where that is arithmetic.
     *
     * @param task the task
     * @return floating-point operations of one run, or 0 where they are not counted
     */
    default double operations(Task task) {
        return 0;
    }

    /**
     * Makes a task ready.
     *
     * @param task what to compute
     * @param batch its data, which the work may keep
     * @return what can be run
     * @throws UnsupportedOperationException if the subject has no such loss; the message is for the reader of the report
     */
    Work prepare(Task task, Batch batch);
}
