package org.crossentropy.bench.task;

import java.util.Arrays;

/** What of a loss is computed. */
public enum Pass {
    /** The loss. */
    FORWARD("forward", "forward"),

    /** The loss and its gradient, in memory of its own. */
    GRADIENT("gradient", "forward+backward"),

    /** The loss and its gradient, which overwrites the logits. */
    IN_PLACE("in-place", "in place");

    private final String id;
    private final String title;

    Pass(String id, String title) {
        this.id = id;
        this.title = title;
    }

    static Pass of(String id) {
        return Arrays.stream(values())
                .filter(pass -> pass.id.equals(id))
                .findFirst()
                .orElseThrow(() ->
                        new IllegalArgumentException("pass is '" + id + "', must be forward, gradient or in-place"));
    }

    /**
     * {@return what documents call it}
     */
    public String title() {
        return title;
    }

    @Override
    public String toString() {
        return id;
    }
}
