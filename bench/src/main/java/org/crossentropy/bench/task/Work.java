package org.crossentropy.bench.task;

/** A task made ready by a subject: inputs are where it wants them, and nothing is left but to compute, again and again. */
public interface Work extends AutoCloseable {

    /** Computes the task once, to the end. The first call may allocate what later calls use again. */
    void run();

    /**
     * {@return the mean loss that the last run computed}
     */
    double loss();

    /**
     * Returns an element of the gradient of the mean loss that the last run computed.
     *
     * @param row the row
     * @param column the class
     * @return the derivative of the mean loss by that logit
     */
    double gradient(int row, int column);

    /** Undoes what runs have done to the inputs. */
    default void restore() {}

    /** Frees what the work holds, but not the batch. */
    @Override
    default void close() {}
}
