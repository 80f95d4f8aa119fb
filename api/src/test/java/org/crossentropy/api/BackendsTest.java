package org.crossentropy.api;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.crossentropy.api.spi.Availability;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BackendsTest {

    @AfterEach
    void clearProperty() {
        System.clearProperty(Backends.PROPERTY);
    }

    @Test
    void bestIsTheHighestPriorityThatIsAvailable() {
        assertEquals("modest", Backends.best().name());
        assertSame(Backends.best(), Backends.best());
        assertEquals("for tests", Backends.best().detail());
    }

    @Test
    void everyProviderIsListedBestFirstBrokenOnesToo() {
        List<Backends.Candidate> all = Backends.all();
        assertEquals("absent", all.getFirst().name());
        assertEquals(7, all.size(), all.toString());
        assertEquals(
                List.of("modest", "humble"),
                all.stream()
                        .filter(Backends.Candidate::available)
                        .map(Backends.Candidate::name)
                        .toList());
    }

    @Test
    void brokenProvidersAreUnavailableWithTheirCause() {
        assertBroken("broken constructor");
        assertBroken("broken availability");
        assertBroken("NoSuchProvider");
        assertBroken("another provider has the same name");
    }

    private static void assertBroken(String reason) {
        assertTrue(
                Backends.all().stream()
                        .anyMatch(candidate ->
                                candidate.availability() instanceof Availability.Unavailable(String why, var cause)
                                        && (why + cause(cause)).contains(reason)),
                () -> reason + " in " + Backends.all());
    }

    private static String cause(@Nullable Throwable thrown) {
        return thrown == null ? "" : thrown + cause(thrown.getCause());
    }

    @Test
    void theNamedBackendIsUsed() {
        assertEquals("humble", Backends.require("humble").name());
    }

    @Test
    void thePropertyWinsOverPriority() {
        System.setProperty(Backends.PROPERTY, "humble");
        assertEquals("humble", Backends.best().name());
    }

    @Test
    void anUnknownNameListsAllCandidates() {
        var thrown = assertThrows(BackendUnavailableException.class, () -> Backends.require("quantum"));
        String message = String.valueOf(thrown.getMessage());
        assertAll(
                () -> assertTrue(message.contains("\"quantum\" is unknown"), message),
                () -> assertTrue(message.contains("modest (priority 5, class path) available: for tests"), message),
                () -> assertTrue(message.contains("unavailable: its library is not here"), message));
    }

    @Test
    void anUnavailableBackendIsNeverReplacedByAnother() {
        System.setProperty(Backends.PROPERTY, "absent");
        var thrown = assertThrows(BackendUnavailableException.class, Backends::best);
        String message = String.valueOf(thrown.getMessage());
        assertTrue(message.contains("\"absent\" (asked for by the system property"), message);
        assertFalse(thrown.getSuppressed().length == 0, "causes are attached");
    }
}
