package org.crossentropy.api;

import org.crossentropy.api.spi.Availability;
import org.crossentropy.api.spi.BackendProvider;
import org.crossentropy.api.spi.LossKernels;

/** Providers in every state of repair, found through this module's own service file. */
public final class TestProviders {

    private TestProviders() {}

    /** What the providers below have in common. */
    abstract static class Base implements BackendProvider {

        private final String name;
        private final int priority;

        Base(String name, int priority) {
            this.name = name;
            this.priority = priority;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public int priority() {
            return priority;
        }

        @Override
        public Availability availability() {
            return new Availability.Available("for tests");
        }

        @Override
        public LossKernels open() {
            return new RecordingKernels();
        }
    }

    /** Works. */
    public static final class Modest extends Base {
        /** For the service loader. */
        public Modest() {
            super("modest", 5);
        }
    }

    /** Works, with a lower priority. */
    public static final class Humble extends Base {
        /** For the service loader. */
        public Humble() {
            super("humble", 1);
        }
    }

    /** Has the name of another. */
    public static final class SecondModest extends Base {
        /** For the service loader. */
        public SecondModest() {
            super("modest", 4);
        }
    }

    /** Would be the best, and cannot run. */
    public static final class Absent extends Base {
        /** For the service loader. */
        public Absent() {
            super("absent", 100);
        }

        @Override
        public Availability availability() {
            return new Availability.Unavailable("its library is not here", new IllegalStateException("no library"));
        }
    }

    /** Breaks when made. */
    public static final class ThrowsFromConstructor extends Base {
        /** For the service loader. */
        public ThrowsFromConstructor() {
            super("constructor", 50);
            throw new IllegalStateException("broken constructor");
        }
    }

    /** Breaks when asked. */
    public static final class ThrowsFromAvailability extends Base {
        /** For the service loader. */
        public ThrowsFromAvailability() {
            super("availability", 50);
        }

        @Override
        public Availability availability() {
            throw new IllegalStateException("broken availability");
        }
    }
}
