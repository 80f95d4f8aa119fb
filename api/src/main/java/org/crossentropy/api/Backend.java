package org.crossentropy.api;

import java.util.Objects;
import org.crossentropy.api.spi.LossKernels;

/**
 * A backend that is open and ready to compute. Immutable; shared freely between threads. Obtained from
 * {@link Backends}.
 */
public final class Backend {

    private final String name;
    private final String detail;
    private final LossKernels kernels;

    private Backend(String name, String detail, LossKernels kernels) {
        this.name = name;
        this.detail = detail;
        this.kernels = kernels;
    }

    /**
     * Wraps kernels that were not found by {@link Backends}: those under test, or of a machine set up by hand.
     *
     * @param name a name for messages
     * @param detail what it runs on, in one short line
     * @param kernels the kernels
     * @return the backend
     */
    public static Backend of(String name, String detail, LossKernels kernels) {
        return new Backend(
                Objects.requireNonNull(name, "name"),
                Objects.requireNonNull(detail, "detail"),
                Objects.requireNonNull(kernels, "kernels"));
    }

    /**
     * {@return the identifier, such as {@code "native"}}
     */
    public String name() {
        return name;
    }

    /**
     * {@return what it runs on: instruction set, vector width, library versions}
     */
    public String detail() {
        return detail;
    }

    LossKernels kernels() {
        return kernels;
    }

    /**
     * {@return name and detail}
     */
    @Override
    public String toString() {
        return name + " (" + detail + ")";
    }
}
