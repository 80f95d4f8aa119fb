package org.crossentropy.app.data;

import java.util.Locale;

/**
 * What a model is trained on, and what it is tested on afterwards.
 *
 * @param name for people
 * @param classes number of classes
 * @param training images to learn from
 * @param heldOut images that are never learnt from
 */
public record Dataset(String name, int classes, Images training, Images heldOut) {

    /**
     * {@return name, sizes and counts, for people}
     */
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%s: %,d images to train, %,d held out, %d x %d pixels, %d classes",
                name,
                training.count(),
                heldOut.count(),
                training.width(),
                training.height(),
                classes);
    }
}
