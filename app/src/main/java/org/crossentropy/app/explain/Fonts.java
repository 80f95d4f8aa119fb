package org.crossentropy.app.explain;

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
     * @throws InputException if it cannot
     */
    static void require() {
        try {
            new Font(Font.SANS_SERIF, Font.PLAIN, 12).getStringBounds("logit", new FontRenderContext(null, true, true));
        } catch (LinkageError | InternalError | AWTError | RuntimeException missing) {
            throw new InputException(
                    "--picture: this machine has no fonts to draw text with; install fontconfig and a font"
                            + " (on Debian: apt-get install fontconfig fonts-dejavu-core)",
                    missing);
        }
    }
}
