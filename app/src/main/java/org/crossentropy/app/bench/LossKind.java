package org.crossentropy.app.bench;

/** A loss that is timed. */
public enum LossKind {

    /** Of logits and one class for each row. */
    SOFTMAX("softmax cross-entropy", 1),

    /** Of logits and as many targets. */
    BINARY("binary cross-entropy", 2);

    private final String title;
    private final int read;

    LossKind(String title, int read) {
        this.title = title;
        this.read = read;
    }

    /** Matrices read. */
    int read() {
        return read;
    }

    /** What people and JSON call it. */
    @Override
    public String toString() {
        return title;
    }
}
