package org.crossentropy.api;

/**
 * What the rows of a batch should be classified as: one class each ({@link ClassIndices}), a probability for every class
 * ({@link SoftTargets}), or probabilities for a few classes ({@link TopTargets}). Views of memory that belongs to the
 * caller.
 */
public sealed interface Targets permits ClassIndices, SoftTargets, TopTargets {

    /**
     * {@return the number of rows}
     */
    long count();
}
