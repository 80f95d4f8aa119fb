package org.crossentropy.api;

/** In which form the rows of a matrix give distributions. */
public enum Form {
    /** Probabilities, each from 0 to 1. They are taken as they are, whatever a row sums to. */
    PROBABILITIES,
    /** Natural logarithms of probabilities, as a log-softmax returns them; -inf is probability 0. Taken as they are. */
    LOG_PROBABILITIES,
    /** Logits: the probabilities are their softmax. */
    LOGITS
}
