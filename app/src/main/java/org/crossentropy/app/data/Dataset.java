package org.crossentropy.app.data;

import java.util.Locale;

/**
 * What a model is trained on, and what it is tested on afterwards.
 *
 * @param name for people
 * @param classes number of classes
 * @param training examples to learn from
 * @param heldOut examples that are never learnt from
 */
public record Dataset(String name, int classes, Examples training, Examples heldOut) {

    /**
     * {@return name, sizes and counts, for people}
     */
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%s: %,d %s to train, %,d held out, %s, %d classes",
                name,
                training.count(),
                training.noun(),
                heldOut.count(),
                training.shape(),
                classes);
    }
}
