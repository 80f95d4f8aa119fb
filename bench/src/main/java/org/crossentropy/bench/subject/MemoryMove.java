package org.crossentropy.bench.subject;

import java.util.Arrays;

/** The ways of moving memory that limit a loss. */
public enum MemoryMove {
    /** Reading: limits a loss. */
    READ("read", "read"),

    /** Writing with ordinary stores. */
    FILL("fill", "fill"),

    /** Writing with stores that bypass the caches. */
    FILL_NON_TEMPORAL("fill-nt", "fill, non-temporal"),

    /** Copying with ordinary stores: limits a loss with its gradient. */
    COPY("copy", "copy"),

    /** Copying with stores that bypass the caches: limits a loss with its gradient. */
    COPY_NON_TEMPORAL("copy-nt", "copy, non-temporal"),

    /** Reading and overwriting: limits a gradient in place. */
    UPDATE("update", "update in place");

    private final String id;
    private final String title;

    MemoryMove(String id, String title) {
        this.id = id;
        this.title = title;
    }

    /**
     * Returns whether there is such a move.
     *
     * @param id name of a subject
     * @return whether it is that of a move
     */
    public static boolean isOne(String id) {
        return Arrays.stream(values()).anyMatch(move -> move.id.equals(id));
    }

    static MemoryMove of(String id) {
        return Arrays.stream(values())
                .filter(move -> move.id.equals(id))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no memory probe is called '" + id + "'"));
    }

    /**
     * {@return the name as a subject}
     */
    public String id() {
        return id;
    }

    /**
     * {@return what documents call it}
     */
    public String title() {
        return title;
    }

    /**
     * {@return how many times it moves the memory}
     */
    public int times() {
        return switch (this) {
            case READ, FILL, FILL_NON_TEMPORAL -> 1;
            case COPY, COPY_NON_TEMPORAL, UPDATE -> 2;
        };
    }
}
