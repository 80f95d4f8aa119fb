package org.crossentropy.api.spi;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Whether a backend can run on this machine, and if not, why: unavailability is a value that reaches whoever asks, never
 * an exception that a loop over providers would have to survive.
 */
public sealed interface Availability {

    /**
     * The backend can be opened.
     *
     * @param detail one short line for people: instruction set, vector width, library versions; for example
     *     {@code "avx512, openblas 0.3.31"}
     */
    record Available(String detail) implements Availability {
        /** Rejects a null detail. */
        public Available {
            Objects.requireNonNull(detail, "detail");
        }
    }

    /**
     * The backend cannot be opened.
     *
     * @param reason what is missing, what was tried and what would help, in one line
     * @param cause what was thrown, if anything was; several attempts are its suppressed exceptions
     */
    record Unavailable(String reason, @Nullable Throwable cause) implements Availability {
        /** Rejects a null reason. */
        public Unavailable {
            Objects.requireNonNull(reason, "reason");
        }
    }
}
