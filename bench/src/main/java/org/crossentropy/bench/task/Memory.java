package org.crossentropy.bench.task;

import java.util.Locale;

/** Where logits, gradient and targets lie. */
public enum Memory {
    /** Outside of the Java heap, aligned to pages. */
    OFFHEAP,

    /** Arrays on the Java heap. */
    HEAP;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
