package org.crossentropy.ffm;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.ServiceLoader;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.spi.Availability.Available;
import org.crossentropy.api.spi.Availability.Unavailable;
import org.crossentropy.api.spi.BackendProvider;
import org.crossentropy.api.spi.LossKernels;
import org.crossentropy.api.spi.SoftmaxRows;

/** The program that {@link ForkedJvm} runs: prints what the provider says, and the results of a first use. */
final class Probe {
    /** The compiler takes a while, longer on a busy machine; until it is done, calls do allocate. */
    private static final int ROUNDS = 100;

    private static final int CALLS = 20_000;

    private Probe() {}

    /**
     * Prints lines of the form {@code key: value}; with the system property {@code allocation} also what calls allocate.
     */
    public static void main(String[] arguments) throws Exception {
        BackendProvider provider = provider();
        switch (provider.availability()) {
            case Unavailable(String reason, Throwable cause) -> {
                System.out.println("unavailable: " + reason);
                System.out.println("cause: " + cause);
                System.out.println("attempts: " + (cause == null ? 0 : cause.getSuppressed().length));
            }
            case Available(String detail) -> {
                System.out.println("available: " + detail);
                use(provider.open(), Boolean.getBoolean("allocation"));
            }
        }
    }

    /** On the class path, where nothing but the service file names the provider, the one that is found. */
    private static BackendProvider provider() {
        return Probe.class.getModule().isNamed()
                ? new NativeBackendProvider()
                : ServiceLoader.load(BackendProvider.class).findFirst().orElseThrow();
    }

    private static void use(LossKernels kernels, boolean measure) throws Exception {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment workspace = arena.allocate(kernels.workspaceBytes(ElementType.FLOAT32, 10), 64);
            MemorySegment heapLogits = MemorySegment.ofArray(new float[10]);
            double[] lse = new double[1];
            SoftmaxRows onHeap =
                    rows(heapLogits, MemorySegment.ofArray(new int[1]), MemorySegment.ofArray(lse), workspace);
            SoftmaxRows offHeap = rows(
                    arena.allocate(ValueLayout.JAVA_FLOAT, 10),
                    arena.allocate(ValueLayout.JAVA_INT),
                    arena.allocate(ValueLayout.JAVA_DOUBLE),
                    workspace);
            kernels.softmaxForward(onHeap);
            System.out.println("lse: " + Arrays.toString(lse));
            if (measure) {
                System.out.println("heap: " + bytesPerCall(kernels, onHeap));
                System.out.println("off-heap: " + bytesPerCall(kernels, offHeap));
            }
        }
    }

    private static SoftmaxRows rows(
            MemorySegment logits, MemorySegment targets, MemorySegment lse, MemorySegment workspace) {
        return new SoftmaxRows()
                .logits(ElementType.FLOAT32, logits, 10, 10)
                .range(0, 1)
                .targets(targets, 0)
                .classWeights(MemorySegment.NULL, 10)
                .rowOutputs(MemorySegment.NULL, lse, MemorySegment.NULL)
                .workspace(workspace);
    }

    /** By reflection, because the module under test does not need the modules of management and this program might. */
    private static long bytesPerCall(LossKernels kernels, SoftmaxRows rows) throws Exception {
        Object threads = Class.forName("java.lang.management.ManagementFactory")
                .getMethod("getThreadMXBean")
                .invoke(null);
        Method allocated = Class.forName("com.sun.management.ThreadMXBean").getMethod("getCurrentThreadAllocatedBytes");
        long fewest = Long.MAX_VALUE;
        for (int round = 0; round < ROUNDS && fewest > 0; round++) {
            long before = (long) allocated.invoke(threads);
            for (int i = 0; i < CALLS; i++) {
                kernels.softmaxForward(rows);
            }
            fewest = Math.min(fewest, ((long) allocated.invoke(threads) - before) / CALLS);
        }
        return fewest;
    }
}
