package org.crossentropy.api;

/** What a row means whose logits are all -inf, that is, a row with no class left. */
public enum EmptyRows {
    /** Its loss and its gradient are NaN: the default, as in PyTorch. */
    NAN,
    /**
     * It counts as an ignored row: loss 0, gradient 0, in no count and no weight sum. With a mean and a gradient this
     * costs a second pass over the logits, since the denominator is known only after the first.
     */
    IGNORED
}
