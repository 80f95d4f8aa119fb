package org.crossentropy.app;

import java.io.Console;
import java.io.PrintWriter;
import org.jspecify.annotations.Nullable;

/** A bar that is drawn over itself on the last line of a terminal. */
final class ProgressBar {

    private static final int WIDTH = 30;
    private static final long NANOS_BETWEEN_DRAWINGS = 50_000_000;

    private final PrintWriter out;
    private long drawn;
    private int length;

    ProgressBar(PrintWriter out) {
        this.out = out;
    }

    /** Returns a bar, or null where output goes to a file or pipe, in which a bar would only be noise. */
    @SuppressWarnings("SystemConsoleNull") // Null again without a terminal since Java 25; never null from 22 to 24.
    static @Nullable ProgressBar onTerminal(PrintWriter out) {
        Console console = System.console();
        return console != null && console.isTerminal() ? new ProgressBar(out) : null;
    }

    /** Draws the bar, unless it was drawn a moment ago. */
    void show(String title, long done, long all) {
        long now = System.nanoTime();
        if (length > 0 && now - drawn < NANOS_BETWEEN_DRAWINGS) {
            return;
        }
        drawn = now;
        int full = (int) (WIDTH * done / all);
        String text = title + "  [" + "#".repeat(full) + ".".repeat(WIDTH - full) + "]";
        length = text.length();
        out.print("\r" + text);
        out.flush();
    }

    /** Makes the line empty again. */
    void clear() {
        out.print("\r" + " ".repeat(length) + "\r");
        length = 0;
    }
}
