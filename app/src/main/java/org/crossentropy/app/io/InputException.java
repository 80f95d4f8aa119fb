package org.crossentropy.app.io;

/**
 * What the user gave cannot be used: an option, a file, a value. The message is one line that names it and the rule, so
 * it is all the user needs to see.
 */
public final class InputException extends RuntimeException {

    private static final long serialVersionUID = 1;

    /**
     * Says what is wrong.
     *
     * @param message one line: where, what, and what it must be
     */
    public InputException(String message) {
        super(message);
    }

    /**
     * Says what is wrong, and how it came to light.
     *
     * @param message one line: where, what, and what it must be
     * @param cause what was thrown
     */
    public InputException(String message, Throwable cause) {
        super(message, cause);
    }
}
