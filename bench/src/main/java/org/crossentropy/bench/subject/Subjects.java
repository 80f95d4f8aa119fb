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

    /** {@link ProductPeak}: all products of a head. */
    public static final String PRODUCTS = "products";

    /** Between the name of a subject and the rows of a chunk of a head. */
    public static final String CHUNK = "@";

    /** Before the name of a backend: {@link KernelSubject}. */
    public static final String KERNEL = "kernel-";

    private Subjects() {}

    /**
     * Makes a subject.
     *
     * @param name a backend, {@code kernel-} and a backend, a way of moving memory, one of the names here, or what a
     *     {@link SubjectProvider} on the class path is called; a backend or products with {@value #CHUNK} and a number
     *     compute heads in chunks of so many rows
     * @param threads threads to compute with
     * @return the subject
     * @throws IllegalArgumentException if none has this name
     */
    public static Subject open(String name, int threads) {
        int chunk = name.indexOf(CHUNK);
        if (chunk >= 0) {
            int rows = Integer.parseInt(name, chunk + 1, name.length(), 10);
            return inChunks(name.substring(0, chunk), threads, rows);
        }
        if (BACKENDS.contains(name) || name.startsWith(PRODUCTS)) {
            return inChunks(name, threads, 0);
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

    private static Subject inChunks(String name, int threads, int rows) {
        return BACKENDS.contains(name)
                ? new BackendSubject(name, threads, rows)
                : new ProductPeak(ProductPeak.Part.of(name), threads, rows);
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
