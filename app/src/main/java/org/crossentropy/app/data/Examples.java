package org.crossentropy.app.data;

import java.util.random.RandomGenerator;

/** Examples with their classes, which a model sees as rows of as many numbers each. */
public interface Examples {

    /**
     * {@return the number of examples}
     */
    int count();

    /**
     * {@return numbers of an example}
     */
    int features();

    /**
     * Returns the class of an example.
     *
     * @param example number of the example, from 0
     * @return its class, from 0
     */
    int classOf(int example);

    /**
     * Reads an example as a model sees it, scaled.
     *
     * @param example number of the example, from 0
     * @param row receives its features
     */
    void read(int example, float[] row);

    /**
     * {@return whether {@link #shifted} moves anything}
     */
    default boolean areShiftable() {
        return false;
    }

    /**
     * Returns these examples as training meets them. Images are moved at random each time they are read; features without
     * neighbours have nowhere to move, and stay as they are.
     *
     * @param shift how far at most, in pixels
     * @param random decides how far
     * @return the examples, moved where they can be
     */
    default Examples shifted(double shift, RandomGenerator random) {
        return this;
    }

    /**
     * {@return what the examples are called, in the plural}
     */
    String noun();

    /**
     * {@return what an example consists of, for people}
     */
    String shape();
}
