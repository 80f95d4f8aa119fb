package org.crossentropy.bench.task;

/**
 * The mean loss of a batch in double, by the textbook formula, to catch a subject that computes something else. Bounds on
 * accuracy are the business of the backends' own tests.
 */
public interface Oracle {

    /**
     * Computes the loss.
     *
     * @param batch the data
     * @return what knows the result
     */
    static Oracle of(Batch batch) {
        return switch (batch.form()) {
            case LINEAR -> new LinearOracle(batch);
            case CONTRASTIVE -> new ContrastiveOracle(batch);
            default -> new LogitsOracle(batch);
        };
    }

    /**
     * Compares what some work computed last.
     *
     * @param work the work, whose inputs were as they were made
     * @param pass what it computed
     * @param accuracy how closely
     * @throws AssertionError if the loss is wrong, or one of some entries of the gradients
     */
    void check(Work work, Pass pass, Accuracy accuracy);

    /**
     * Rejects a number.
     *
     * @param what what it is
     * @param expected what it should be
     * @param actual what it is
     * @param tolerance how much they may differ
     * @throws AssertionError if they differ by more
     */
    static void require(String what, double expected, double actual, double tolerance) {
        if (!(Math.abs(actual - expected) <= tolerance)) {
            throw new AssertionError(what + " is " + actual + ", and the oracle says " + expected);
        }
    }
}
