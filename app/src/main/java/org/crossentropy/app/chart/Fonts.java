package org.crossentropy.app.chart;

import java.awt.AWTError;
import java.awt.Font;
import java.awt.font.FontRenderContext;
import org.crossentropy.app.io.InputException;

/** The fonts of the machine. A Java run-time image has none of its own, and asks the system's fontconfig for them. */
final class Fonts {

    private Fonts() {}

    /**
     * Tries whether text can be drawn. A machine without fonts or without fontconfig makes itself known by one of several
     * errors, depending on what is missing.
     *
     * @param option what asks for text, to begin the message with
     * @throws InputException if it cannot
     */
    static void require(String option) {
        try {
            new Font(Font.SANS_SERIF, Font.PLAIN, 12).getStringBounds("logit", new FontRenderContext(null, true, true));
        } catch (LinkageError | InternalError | AWTError | RuntimeException missing) {
            throw new InputException(
                    option
                            + ": this machine has no fonts to draw text with; install fontconfig and a font"
                            + " (on Debian: apt-get install fontconfig fonts-dejavu-core)",
                    missing);
        }
    }
}
