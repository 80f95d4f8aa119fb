package org.crossentropy.api;

/**
 * What makes the loss of a row out of a few numbers about it, and says how the loss depends on each of them. Losses on a
 * softmax differ in nothing else; the numbers' own derivatives with respect to the logits are the same for all.
 */
interface RowLoss {

    /**
     * Sets the loss of a row and its partial derivatives.
     *
     * @param row the numbers; loss and derivatives are 0 when this is called
     */
    void compute(RowNumbers row);

    /** Whether the derivatives are the same whatever the numbers are, so that they are known before. */
    default boolean isLinear() {
        return false;
    }

    /** Whether {@link RowNumbers#entropy} is looked at. */
    default boolean needsEntropy() {
        return false;
    }

    /** Whether {@link RowNumbers#spread} is looked at; with targets that are classes only. */
    default boolean needsSpread() {
        return false;
    }
}
