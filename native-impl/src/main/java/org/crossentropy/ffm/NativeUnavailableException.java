package org.crossentropy.ffm;

import java.io.Serial;
import org.crossentropy.api.spi.Availability.Unavailable;
import org.jspecify.annotations.Nullable;

/**
 * Why libxent cannot be used here, on its way to {@link Unavailable}. The message
 * is the whole reason in one line, written for the person who starts the program.
 */
final class NativeUnavailableException extends Exception {
    @Serial
    private static final long serialVersionUID = 1;

    NativeUnavailableException(String reason, @Nullable Throwable cause) {
        super(reason, cause);
    }

    NativeUnavailableException(String reason) {
        super(reason);
    }

    /** {@return the reason as the value that callers get; the attempts are the cause where there were several} */
    Unavailable toAvailability() {
        return new Unavailable(String.valueOf(getMessage()), getSuppressed().length > 0 ? this : getCause());
    }
}
