package org.crossentropy.api;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.crossentropy.api.spi.Availability;
import org.crossentropy.api.spi.BackendProvider;
import org.jspecify.annotations.Nullable;

/**
 * Finds the backends that are present and chooses one: the only place that asks {@link ServiceLoader}.
 *
 * <p>Precedence: an explicit {@link #require}, then the system property {@value #PROPERTY}, then the highest priority
 * that is available. A forced backend is that backend or an exception, never another one. A provider that is broken is
 * listed as unavailable and breaks nothing else.
 *
 * <p>The search happens once, at first use. What was chosen is logged once at INFO; a backend that is present but cannot
 * run is logged once at WARNING with its reason (logger {@code org.crossentropy}).
 */
public final class Backends {

    /** System property that names the backend to use, such as {@code native}. */
    public static final String PROPERTY = "org.crossentropy.backend";

    /** Failures of one class loader after which it is given up: one that cannot list anything fails forever. */
    private static final int MOST_FAILURES = 16;

    private static final System.Logger LOGGER = System.getLogger("org.crossentropy");
    private static final ConcurrentHashMap<String, Backend> OPEN = new ConcurrentHashMap<>();

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

    /** A candidate with the provider behind it, if it got that far. */
    private record Found(Candidate candidate, @Nullable BackendProvider provider) {}

    /** Searched once, on first use, under the lock of class initialisation. */
    private static final class Search {
        static final List<Found> FOUND = search();
    }

    /**
     * Lists every backend that is present, the best first.
     *
     * @return candidates by descending priority, then by name; those that cannot run included
     */
    public static List<Candidate> all() {
        return Search.FOUND.stream().map(Found::candidate).toList();
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
        for (Found found : Search.FOUND) {
            if (found.candidate().available()) {
                return open(found);
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
        for (Found found : Search.FOUND) {
            if (found.candidate().name().equals(name)) {
                if (!found.candidate().available()) {
                    throw new BackendUnavailableException(
                            "backend \"" + name + "\"" + asker + " cannot run here", all());
                }
                return open(found);
            }
        }
        throw new BackendUnavailableException("backend \"" + name + "\"" + asker + " is unknown", all());
    }

    private static Backend open(Found found) {
        return OPEN.computeIfAbsent(found.candidate().name(), name -> {
            BackendProvider provider = Optional.ofNullable(found.provider()).orElseThrow();
            Availability.Available available =
                    (Availability.Available) found.candidate().availability();
            Backend backend = Backend.of(name, available.detail(), provider.open());
            LOGGER.log(System.Logger.Level.INFO, "using backend {0}", backend);
            return backend;
        });
    }

    private static List<Found> search() {
        List<Found> found = new ArrayList<>();
        Set<Class<?>> seen = new HashSet<>();
        for (ClassLoader loader : loaders()) {
            collect(ServiceLoader.load(BackendProvider.class, loader), seen, found);
        }
        found.sort(Comparator.comparingInt((Found f) -> f.candidate().priority())
                .reversed()
                .thenComparing(f -> f.candidate().name()));
        rejectDuplicates(found);
        for (Found each : found) {
            if (each.candidate().availability() instanceof Availability.Unavailable unavailable) {
                LOGGER.log(
                        System.Logger.Level.WARNING,
                        "backend " + each.candidate().name() + " is present but cannot run: " + unavailable.reason());
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

    private static void collect(ServiceLoader<BackendProvider> loader, Set<Class<?>> seen, List<Found> found) {
        Iterator<ServiceLoader.Provider<BackendProvider>> providers =
                loader.stream().iterator();
        for (int failures = 0; failures < MOST_FAILURES; ) {
            try {
                if (!providers.hasNext()) {
                    return;
                }
                ServiceLoader.Provider<BackendProvider> provider = providers.next();
                if (seen.add(provider.type())) {
                    found.add(probe(provider));
                }
            } catch (ServiceConfigurationError | LinkageError failure) {
                failures++;
                found.add(new Found(broken("unknown", "service configuration", failure), null));
            }
        }
    }

    @SuppressWarnings("BanCatchingThrowable")
    private static Found probe(ServiceLoader.Provider<BackendProvider> declared) {
        String origin = origin(declared.type());
        String name = declared.type().getSimpleName();
        try {
            BackendProvider provider = declared.get();
            name = provider.name();
            return new Found(new Candidate(name, provider.priority(), provider.availability(), origin), provider);
        } catch (ServiceConfigurationError | LinkageError | RuntimeException failure) {
            return new Found(broken(name, origin, failure), null);
        }
    }

    private static Candidate broken(String name, String origin, Throwable failure) {
        return new Candidate(
                name,
                Integer.MIN_VALUE,
                new Availability.Unavailable("the provider is broken: " + failure, failure),
                origin);
    }

    private static void rejectDuplicates(List<Found> found) {
        Set<String> names = new HashSet<>();
        found.replaceAll(each -> {
            Candidate candidate = each.candidate();
            if (!candidate.available() || names.add(candidate.name())) {
                return each;
            }
            return new Found(
                    new Candidate(
                            candidate.name(),
                            candidate.priority(),
                            new Availability.Unavailable("another provider has the same name", null),
                            candidate.origin()),
                    null);
        });
    }

    private static String origin(Class<?> provider) {
        Module module = provider.getModule();
        return module.isNamed() ? "module " + module.getName() : "class path";
    }
}
