package org.crossentropy.app.model;

import org.crossentropy.api.LossResult;

/**
 * How well a model does on some images.
 *
 * @param loss losses of the images
 * @param right how many are classified rightly
 */
public record Score(LossResult loss, long right) {

    /**
     * {@return the share of images that are classified rightly}
     */
    public double accuracy() {
        return (double) right / loss.count();
    }

    /** Adds the score of other images. */
    Score merge(Score other) {
        return new Score(loss.merge(other.loss), right + other.right);
    }
}
