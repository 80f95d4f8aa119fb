package org.crossentropy.jvm;

import org.crossentropy.api.spi.Availability;
import org.crossentropy.api.spi.BackendProvider;
import org.crossentropy.api.spi.LossKernels;
import org.jspecify.annotations.Nullable;

/**
 * The backend {@code vector}: the Vector API, at the widest registers of the machine or at the width that the system
 * property {@code org.crossentropy.vector.bits} (128, 256 or 512) asks for.
 *
 * <p>The module {@code jdk.incubator.vector} is resolved by itself on the module path; on the class path Java must be
 * started with {@code --add-modules jdk.incubator.vector}, and until then this backend is unavailable.
 */
public final class VectorBackendProvider implements BackendProvider {

    private volatile @Nullable Availability availability;

    /** Creates the provider; called by {@link java.util.ServiceLoader}. */
    public VectorBackendProvider() {}

    @Override
    public String name() {
        return "vector";
    }

    @Override
    public int priority() {
        return 100;
    }

    @Override
    public Availability availability() {
        Availability known = availability;
        if (known == null) {
            known = VectorSupport.check();
            availability = known;
        }
        return known;
    }

    @Override
    public LossKernels open() {
        return new VectorLossKernels();
    }
}
