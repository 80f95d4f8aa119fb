package org.crossentropy.bench.subject;

import java.util.List;
import java.util.ServiceLoader;
import org.crossentropy.bench.task.Subject;
import org.crossentropy.bench.task.SubjectProvider;

/** Subjects by name. */
public final class Subjects {

    /** Backends in descending order of speed. */
    public static final List<String> BACKENDS = List.of("native", "vector", "scalar");

    /** The loop that people write by hand. */
    public static final String HAND_WRITTEN = "hand-written";

    /** {@link FmaPeak}. */
    public static final String FMA = "fma";

    /** {@link MatrixPeak}. */
    public static final String MATRIX_PRODUCT = "matrix-product";

    /** {@link NativeCall}. */
    public static final String NATIVE_CALL = "native-call";

    /** Before the name of a backend: {@link KernelSubject}. */
    public static final String KERNEL = "kernel-";

    private Subjects() {}

    /**
     * Makes a subject.
     *
     * @param name a backend, {@code kernel-} and a backend, a way of moving memory, one of the names here, or what a
     *     {@link SubjectProvider} on the class path is called
     * @param threads threads to compute with
     * @return the subject
     * @throws IllegalArgumentException if none has this name
     */
    public static Subject open(String name, int threads) {
        if (BACKENDS.contains(name)) {
            return new BackendSubject(name, threads);
        }
        if (name.startsWith(KERNEL)) {
            return new KernelSubject(name.substring(KERNEL.length()));
        }
        if (MemoryMove.isOne(name)) {
            return new MemoryProbe(name, threads);
        }
        return switch (name) {
            case HAND_WRITTEN -> new HandWritten(threads);
            case FMA -> new FmaPeak(threads);
            case NATIVE_CALL -> new NativeCall();
            case MATRIX_PRODUCT -> new MatrixPeak(threads);
            default -> provided(name).open(threads);
        };
    }

    private static SubjectProvider provided(String name) {
        return ServiceLoader.load(SubjectProvider.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(provider -> provider.name().equals(name))
                .findFirst()
                .orElseThrow(
                        () -> new IllegalArgumentException("no subject on the class path is called '" + name + "'"));
    }
}
