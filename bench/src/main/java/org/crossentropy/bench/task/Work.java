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
     * @param column the class, or where logits are products the place in the row of hidden states or queries
     * @return the derivative of the mean loss by that logit, hidden state or query
     */
    double gradient(int row, int column);

    /**
     * Returns an element of the gradient by the other factor, where logits are products.
     *
     * @param row the class, or the key
     * @param column the place in the row
     * @return the derivative of the mean loss by that weight or key
     */
    default double weightGradient(int row, int column) {
        throw new IllegalStateException("logits are no product");
    }

    /**
     * Returns the size of gradients that are allocated by the first run rather than before, where working memory is to be
     * told from them.
     *
     * @return bytes
     */
    default long lateBytes() {
        return 0;
    }

    /** Undoes what runs have done to the inputs. */
    default void restore() {}

    /** Frees what the work holds, but not the batch. */
    @Override
    default void close() {}
}
