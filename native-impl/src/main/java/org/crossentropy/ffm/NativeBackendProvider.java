package org.crossentropy.ffm;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.crossentropy.api.spi.Availability;
import org.crossentropy.api.spi.Availability.Unavailable;
import org.crossentropy.api.spi.BackendProvider;
import org.crossentropy.api.spi.LossKernels;
import org.crossentropy.ffm.bindings.Xent;
import org.jspecify.annotations.Nullable;

/**
 * The backend {@code native}: libxent, loaded as {@link NativeLibrary} says, with the best kernels this machine
 * supports, or with those that the system property {@value #ISA_PROPERTY} names ({@code scalar}, {@code avx2},
 * {@code avx512}, {@code neon}). A name that is unknown or not supported makes the backend unavailable; other kernels
 * are never used instead.
 *
 * <p>Properties are read and the library is loaded on the first call of {@link #availability} or {@link #open}; what
 * came out stays. Thread-safe.
 */
public final class NativeBackendProvider implements BackendProvider {
    /** The system property that names the instruction set. */
    static final String ISA_PROPERTY = "org.crossentropy.native.isa";

    private static final String NAME = "native";
    private static final int PRIORITY = 200;

    private final @Nullable String forcedIsa;
    private @Nullable Availability availability;
    private @Nullable LossKernels kernels;

    /** Creates the provider without looking at anything: for the service loader. */
    public NativeBackendProvider() {
        this(null);
    }

    private NativeBackendProvider(@Nullable String forcedIsa) {
        this.forcedIsa = forcedIsa;
    }

    /**
     * A provider of the kernels of one instruction set, whatever the property says; several may be open at a time. For
     * tests that compare them: the package is exported to those of the project only.
     *
     * @param isa name of the instruction set
     * @return a provider named {@code native-} and the instruction set; unavailable if the name is unknown, or the
     *     instruction set not supported here
     */
    public static NativeBackendProvider forIsa(String isa) {
        return new NativeBackendProvider(Objects.requireNonNull(isa, "isa"));
    }

    /** {@return the names of all instruction sets, supported here or not} */
    public static List<String> isas() {
        return Arrays.stream(Isa.values()).map(Isa::id).toList();
    }

    @Override
    public String name() {
        return forcedIsa == null ? NAME : NAME + "-" + forcedIsa;
    }

    @Override
    public int priority() {
        return PRIORITY;
    }

    @Override
    @SuppressWarnings("CatchingUnchecked") // whatever goes wrong here must not break the other backends
    public synchronized Availability availability() {
        if (availability == null) {
            try {
                availability = probe();
            } catch (NativeUnavailableException e) {
                availability = e.toAvailability();
            } catch (Throwable e) {
                availability = new Unavailable("libxent failed unexpectedly: " + e, e);
            }
        }
        return availability;
    }

    @Override
    public synchronized LossKernels open() {
        if (availability() instanceof Unavailable(String reason, Throwable cause)) {
            throw new IllegalStateException(name() + " is not available: " + reason, cause);
        }
        return Objects.requireNonNull(kernels);
    }

    @Override
    public String toString() {
        return name();
    }

    private Availability probe() throws NativeUnavailableException {
        Unavailable failure = NativeLibrary.load();
        if (failure != null) {
            return failure;
        }
        Isa isa = chooseIsa();
        kernels = new NativeLossKernels(isa);
        String blas = Objects.requireNonNull(NativeLibrary.text(Xent.xent_blas_description()));
        return new Availability.Available(isa.id() + ", " + NativeLibrary.blas(blas));
    }

    private Isa chooseIsa() throws NativeUnavailableException {
        String wanted = forcedIsa != null ? forcedIsa : System.getProperty(ISA_PROPERTY);
        if (wanted == null) {
            return Isa.of(Xent.xent_best_isa());
        }
        String who = forcedIsa != null ? "" : " (system property " + ISA_PROPERTY + ")";
        Isa isa = Isa.of(wanted)
                .orElseThrow(() -> new NativeUnavailableException(
                        "unknown instruction set '" + wanted + "'" + who + "; supported here: " + Isa.supportedIds()));
        int support = Xent.xent_isa_support(isa.number);
        if (support != Xent.XENT_SUPPORTED()) {
            String why = support == Xent.XENT_NOT_ON_THIS_CPU()
                    ? "is not supported by this processor or switched off by the operating system"
                    : "is not in this build of libxent";
            throw new NativeUnavailableException(
                    "instruction set " + wanted + who + " " + why + "; supported here: " + Isa.supportedIds());
        }
        return isa;
    }
}
