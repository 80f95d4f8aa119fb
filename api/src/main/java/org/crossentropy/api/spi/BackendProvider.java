package org.crossentropy.api.spi;

/**
 * What a backend module provides to {@link java.util.ServiceLoader}: a name, a rank, an honest answer to "can you run
 * here", and the kernels.
 *
 * <p>Constructor, {@link #name}, {@link #priority} and {@link #availability} must not throw: a broken provider must
 * never break the others. {@code org.crossentropy.api.Backends} nevertheless survives one that does and reports it as
 * unavailable.
 */
public interface BackendProvider {

    /**
     * The stable identifier by which users force this backend.
     *
     * @return lower-case and unique among providers, such as {@code "scalar"}, {@code "vector"} or {@code "native"}
     */
    String name();

    /**
     * The rank of this backend when the user does not choose: the highest available wins, ties are broken by name.
     *
     * @return the priority; the project's own backends use scalar 0, vector 100, native 200
     */
    int priority();

    /**
     * Tells whether {@link #open} would succeed. Does the expensive part (loading a library, probing the machine) on
     * the first call only.
     *
     * @return available with a description, or unavailable with the reason
     */
    Availability availability();

    /**
     * Opens the kernels of this backend. Called only when {@link #availability} is {@link Availability.Available}.
     *
     * @return kernels that are immutable and safe for use by many threads at once
     */
    LossKernels open();
}
