package org.crossentropy.app;

import org.crossentropy.api.SoftmaxCrossEntropyCall;

/** Which rows, or elements, are right: found while the loss is computed where the library can, and counted afterwards. */
interface Correctness {

    /**
     * How many are right.
     *
     * @param right those whose prediction is the target
     * @param inTop those whose target is among the most probable few; as many as are right where that is not asked for
     */
    record Hits(long right, long inTop) {}

    /** Asks a softmax cross-entropy for what is to be counted. */
    void ask(SoftmaxCrossEntropyCall call);

    /** Finds what is to be counted, for losses that do not tell. */
    void look();

    /** Counts. */
    Hits count();
}
