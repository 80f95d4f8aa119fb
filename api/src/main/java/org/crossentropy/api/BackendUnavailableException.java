package org.crossentropy.api;

import java.util.List;
import org.crossentropy.api.spi.Availability;

/**
 * The backend that was asked for is unknown or cannot run here, or there is none at all. The message lists every
 * candidate with its state and reason; what the candidates threw is attached as suppressed exceptions.
 */
public final class BackendUnavailableException extends RuntimeException {

    private static final long serialVersionUID = 1;

    BackendUnavailableException(String problem, List<Backends.Candidate> candidates) {
        super(problem + describe(candidates));
        for (Backends.Candidate candidate : candidates) {
            if (candidate.availability() instanceof Availability.Unavailable unavailable
                    && unavailable.cause() != null) {
                addSuppressed(unavailable.cause());
            }
        }
    }

    private static String describe(List<Backends.Candidate> candidates) {
        if (candidates.isEmpty()) {
            return "; no backend module is present: add org.crossentropy.jvm or org.crossentropy.ffm to the module path"
                    + " (in a jlink image, to --add-modules) or to the class path";
        }
        StringBuilder text = new StringBuilder("; candidates:");
        for (Backends.Candidate candidate : candidates) {
            text.append("\n  ").append(candidate);
        }
        return text.toString();
    }
}
