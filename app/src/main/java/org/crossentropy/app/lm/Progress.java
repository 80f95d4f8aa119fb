package org.crossentropy.app.lm;

/** Told how far a computation is. */
public interface Progress {

    /**
     * Tells.
     *
     * @param title what is being done
     * @param done tokens done
     * @param all tokens there are
     */
    void show(String title, long done, long all);
}
