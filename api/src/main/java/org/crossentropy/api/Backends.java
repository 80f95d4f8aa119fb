package org.crossentropy.api;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import org.crossentropy.api.spi.Availability;
import org.crossentropy.api.spi.BackendProvider;

/**
 * Finds the backends that are present and chooses one: the only place that asks {@link ServiceLoader}.
 *
 * <p>Precedence: an explicit {@link #require}, then the system property {@value #PROPERTY}, then the highest priority
 * that is available. A forced backend is that backend or an exception, never another one. A provider that is broken is
 * listed as unavailable and breaks nothing else.
 *
 * <p>The search happens once, at first use. Backends are asked whether they can run in the order of precedence, until one
 * can; those that come after it are not looked at until {@link #all} lists them, so that nobody waits for a library that is
 * not used. What was chosen is logged once at INFO; a backend that was asked and cannot run is logged once at WARNING
 * with its reason (logger {@code org.crossentropy}).
 */
public final class Backends {

    /** System property that names the backend to use, such as {@code native}. */
    public static final String PROPERTY = "org.crossentropy.backend";

    /** Failures of one class loader after which it is given up: one that cannot list anything fails forever. */
    private static final int MOST_FAILURES = 16;

    private Backends() {}

    /**
     * A backend that is present, able to run or not.
     *
     * @param name identifier
     * @param priority rank, the highest available wins
     * @param availability available with a description, or unavailable with a reason
     * @param origin module or jar that holds the provider
     */
    public record Candidate(String name, int priority, Availability availability, String origin) {

        /**
         * {@return whether it can run here}
         */
        public boolean available() {
            return availability instanceof Availability.Available;
        }

        /**
         * {@return one line for people}
         */
        @Override
        public String toString() {
            String state = switch (availability) {
                case Availability.Available(String detail) -> "available: " + detail;
                case Availability.Unavailable(String reason, var _) -> "unavailable: " + reason;
            };
            return name + " (priority " + priority + ", " + origin + ") " + state;
        }
    }

    /** Searched once, on first use, under the lock of class initialisation. */
    private static final class Search {
        static final List<FoundBackend> FOUND = search();
    }

    /**
     * Lists every backend that is present, the best first.
     *
     * @return candidates by descending priority, then by name; those that cannot run included
     */
    public static List<Candidate> all() {
        return Search.FOUND.stream().map(FoundBackend::candidate).toList();
    }

    /**
     * Returns the backend that applications should use: the one the property {@value #PROPERTY} names, or else the
     * available one with the highest priority.
     *
     * @return an open backend, always the same
     * @throws BackendUnavailableException if the one named cannot run, or none can
     */
    public static Backend best() {
        String forced = System.getProperty(PROPERTY);
        if (forced != null && !forced.isBlank()) {
            return require(forced, " (asked for by the system property " + PROPERTY + ")");
        }
        for (FoundBackend found : Search.FOUND) {
            if (found.isAvailable()) {
                return found.open();
            }
        }
        throw new BackendUnavailableException("no backend can run here", all());
    }

    /**
     * Returns a backend by name, or fails.
     *
     * @param name identifier such as {@code "scalar"}
     * @return that backend, open
     * @throws BackendUnavailableException if it is unknown or cannot run; the message lists all candidates
     */
    public static Backend require(String name) {
        return require(name, "");
    }

    private static Backend require(String name, String asker) {
        for (FoundBackend found : Search.FOUND) {
            if (found.name().equals(name)) {
                if (!found.isAvailable()) {
                    throw new BackendUnavailableException(
                            "backend \"" + name + "\"" + asker + " cannot run here", all());
                }
                return found.open();
            }
        }
        throw new BackendUnavailableException("backend \"" + name + "\"" + asker + " is unknown", all());
    }

    private static List<FoundBackend> search() {
        List<FoundBackend> found = new ArrayList<>();
        Set<Class<?>> seen = new HashSet<>();
        for (ClassLoader loader : loaders()) {
            collect(ServiceLoader.load(BackendProvider.class, loader), seen, found);
        }
        Collections.sort(found);
        Map<String, FoundBackend> names = new HashMap<>();
        for (FoundBackend each : found) {
            FoundBackend other = names.put(each.name(), each);
            if (other != null) {
                each.yieldTo(other);
            }
        }
        return List.copyOf(found);
    }

    /** The application's loader, and this module's own where that is another one. */
    private static Set<ClassLoader> loaders() {
        Set<ClassLoader> loaders = new LinkedHashSet<>();
        ClassLoader ofThread = Thread.currentThread().getContextClassLoader();
        if (ofThread != null) {
            loaders.add(ofThread);
        }
        loaders.add(Backends.class.getClassLoader());
        return loaders;
    }

    private static void collect(ServiceLoader<BackendProvider> loader, Set<Class<?>> seen, List<FoundBackend> found) {
        Iterator<ServiceLoader.Provider<BackendProvider>> providers =
                loader.stream().iterator();
        for (int failures = 0; failures < MOST_FAILURES; ) {
            try {
                if (!providers.hasNext()) {
                    return;
                }
                ServiceLoader.Provider<BackendProvider> provider = providers.next();
                if (seen.add(provider.type())) {
                    found.add(FoundBackend.of(provider));
                }
            } catch (ServiceConfigurationError | LinkageError failure) {
                failures++;
                found.add(FoundBackend.broken("unknown", "service configuration", failure));
            }
        }
    }
}
