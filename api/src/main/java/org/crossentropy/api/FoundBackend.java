package org.crossentropy.api;

import java.util.Objects;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import org.crossentropy.api.spi.Availability;
import org.crossentropy.api.spi.BackendProvider;
import org.jspecify.annotations.Nullable;

/**
 * A backend that {@link Backends} found. Whether it can run is asked when somebody wants to know and not before: the answer
 * may take a library to be loaded and linked, which a program that uses another backend should not wait for.
 *
 * <p>Ordered by descending priority, then by name.
 */
final class FoundBackend implements Comparable<FoundBackend> {

    private static final System.Logger LOGGER = System.getLogger("org.crossentropy");

    private final String name;
    private final int priority;
    private final String origin;
    private final @Nullable BackendProvider provider;

    /** The one before it among those of the same name. */
    private @Nullable FoundBackend rival;

    private @Nullable Availability availability;
    private @Nullable Backend backend;

    private FoundBackend(
            String name,
            int priority,
            String origin,
            @Nullable BackendProvider provider,
            @Nullable Availability availability) {
        this.name = name;
        this.priority = priority;
        this.origin = origin;
        this.provider = provider;
        this.availability = availability;
    }

    /** Makes a provider that a service loader found, broken or not. */
    @SuppressWarnings("BanCatchingThrowable")
    static FoundBackend of(ServiceLoader.Provider<BackendProvider> declared) {
        Module module = declared.type().getModule();
        String origin = module.isNamed() ? "module " + module.getName() : "class path";
        String name = declared.type().getSimpleName();
        try {
            BackendProvider provider = declared.get();
            name = provider.name();
            return new FoundBackend(name, provider.priority(), origin, provider, null);
        } catch (ServiceConfigurationError | LinkageError | RuntimeException failure) {
            return broken(name, origin, failure);
        }
    }

    /** One that could not even be made. */
    static FoundBackend broken(String name, String origin, Throwable failure) {
        Availability broken = isBroken(failure);
        warn(name, broken);
        return new FoundBackend(name, Integer.MIN_VALUE, origin, null, broken);
    }

    private static Availability isBroken(Throwable failure) {
        return new Availability.Unavailable("the provider is broken: " + failure, failure);
    }

    private static void warn(String name, Availability availability) {
        if (availability instanceof Availability.Unavailable unavailable) {
            LOGGER.log(
                    System.Logger.Level.WARNING,
                    "backend " + name + " is present but cannot run: " + unavailable.reason());
        }
    }

    String name() {
        return name;
    }

    /** Names one that comes before this one and is called the same; if it can run, this one cannot. */
    void yieldTo(FoundBackend other) {
        rival = other;
    }

    /** Whether it can run, asked once. */
    synchronized Availability availability() {
        if (availability == null) {
            availability = ask(Objects.requireNonNull(provider));
            warn(name, availability);
        }
        return availability;
    }

    private Availability ask(BackendProvider provider) {
        try {
            Availability answer = provider.availability();
            boolean taken = answer instanceof Availability.Available && isNameTaken();
            return taken ? new Availability.Unavailable("another provider has the same name", null) : answer;
        } catch (ServiceConfigurationError | LinkageError | RuntimeException failure) {
            return isBroken(failure);
        }
    }

    private boolean isNameTaken() {
        for (FoundBackend other = rival; other != null; other = other.rival) {
            if (other.isAvailable()) {
                return true;
            }
        }
        return false;
    }

    boolean isAvailable() {
        return availability() instanceof Availability.Available;
    }

    Backends.Candidate candidate() {
        return new Backends.Candidate(name, priority, availability(), origin);
    }

    /** The backend, opened on the first call. To be called only if it is available. */
    synchronized Backend open() {
        if (backend == null) {
            Availability.Available available = (Availability.Available) availability();
            backend = Backend.of(
                    name, available.detail(), Objects.requireNonNull(provider).open());
            // Without parameters: to format them takes 200 classes and a good part of the time to the first loss.
            LOGGER.log(System.Logger.Level.INFO, "using backend " + backend);
        }
        return backend;
    }

    @Override
    public int compareTo(FoundBackend other) {
        int byPriority = Integer.compare(other.priority, priority);
        return byPriority != 0 ? byPriority : name.compareTo(other.name);
    }
}
