package org.crossentropy.app.bench;

/** What is computed. */
public enum Pass {

    /** The loss. */
    FORWARD("forward", 0),

    /** The loss and its gradient with respect to the logits, in a matrix of its own. */
    FORWARD_BACKWARD("forward+backward", 1);

    private final String title;
    private final int written;

    Pass(String title, int written) {
        this.title = title;
        this.written = written;
    }

    /** Matrices written. */
    int written() {
        return written;
    }

    /** What people and JSON call it. */
    @Override
    public String toString() {
        return title;
    }
}
