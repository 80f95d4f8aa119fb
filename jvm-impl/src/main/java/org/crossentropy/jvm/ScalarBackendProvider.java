package org.crossentropy.jvm;

import org.crossentropy.api.spi.Availability;
import org.crossentropy.api.spi.BackendProvider;
import org.crossentropy.api.spi.LossKernels;

/** The backend {@code scalar}: plain Java that runs everywhere and shows what the others compute. */
public final class ScalarBackendProvider implements BackendProvider {

    /** Creates the provider; called by {@link java.util.ServiceLoader}. */
    public ScalarBackendProvider() {}

    @Override
    public String name() {
        return "scalar";
    }

    @Override
    public int priority() {
        return 0;
    }

    @Override
    public Availability availability() {
        return new Availability.Available("plain Java " + System.getProperty("java.version"));
    }

    @Override
    public LossKernels open() {
        return new ScalarLossKernels();
    }
}
