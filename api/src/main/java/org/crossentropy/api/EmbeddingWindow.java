package org.crossentropy.api;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Some consecutive embeddings at a time as products can use them; those looked at last are kept. */
final class EmbeddingWindow {

    private final Embeddings embeddings;
    private final MemorySegment room;
    private long heldFrom;
    private @Nullable Matrix held;

    /**
     * Opens a window on nothing.
     *
     * @param room memory for copies of the rows looked at at once, where they {@linkplain Embeddings#needCopies need} any
     */
    EmbeddingWindow(Embeddings embeddings, MemorySegment room) {
        this.embeddings = embeddings;
        this.room = room;
    }

    /** Moves the window; what it showed before is lost if it was a copy. */
    Matrix rows(long from, long count) {
        Matrix rows = held;
        if (rows == null || heldFrom != from || rows.rows() != count) {
            rows = embeddings.seen(from, count, room);
            heldFrom = from;
            held = rows;
        }
        return rows;
    }
}
