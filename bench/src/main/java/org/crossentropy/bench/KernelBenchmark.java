package org.crossentropy.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ServiceLoader;
import org.crossentropy.api.Backend;
import org.crossentropy.api.Backends;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.spi.BackendProvider;
import org.crossentropy.api.spi.LossKernels;
import org.crossentropy.api.spi.SoftmaxRows;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * The kernels without the facade, on one thread: what {@link SoftmaxCrossEntropyBenchmark} takes beyond this is checking
 * arguments, splitting the batch and adding up.
 */
@State(Scope.Benchmark)
@SuppressWarnings("NullAway.Init") // JMH sets the parameters and calls setUp
public class KernelBenchmark extends SampledBenchmark {

    private static final long ALIGNMENT = 64;

    /** Rows of one call: as many as the facade hands over at most. */
    private static final int CALL_ROWS = 512;

    /** The backend. */
    @Param({"scalar", "vector", "native"})
    public String backend;

    /** Rows x classes. */
    @Param({"65536x10", "8192x1000", "1024x32000", "256x128256"})
    public String shape;

    private final Arena arena = Arena.ofShared();
    private final SoftmaxRows rows = new SoftmaxRows();
    private LossKernels kernels;
    private Batch batch;

    /** JMH creates the state. */
    public KernelBenchmark() {}

    /**
     * Makes the arguments of the call, and compares the gradient with the oracle.
     *
     * @throws AssertionError if it is wrong
     */
    @Setup
    public void setUp() {
        Backend checked = Backends.require(backend);
        kernels = open(backend);
        Shape size = Shape.parse(shape);
        batch = new Batch(size, ElementType.FLOAT32, "offheap");
        MemorySegment losses = arena.allocate((long) CALL_ROWS * Double.BYTES, ALIGNMENT);
        double scale = 1.0 / size.rows();
        rows.logits(ElementType.FLOAT32, batch.logits().segment(), size.classes(), size.classes())
                .classWeights(MemorySegment.NULL, size.classes())
                .rowOutputs(losses, MemorySegment.NULL, MemorySegment.NULL)
                .gradient(batch.gradient().segment(), size.classes())
                .coefficients(arena.allocateFrom(ValueLayout.JAVA_DOUBLE, scale, 0, scale), 0)
                .workspace(arena.allocate(kernels.workspaceBytes(ElementType.FLOAT32, size.classes()), ALIGNMENT));
        forwardBackward();
        new Oracle(batch).check(batch.gradient());
        Environment.print("kernels of " + checked + ", 1 thread, " + batch.logits() + " offheap");
    }

    private static LossKernels open(String backend) {
        return ServiceLoader.load(BackendProvider.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(provider -> provider.name().equals(backend))
                .findFirst()
                .orElseThrow()
                .open();
    }

    /** Frees the batch. */
    @TearDown
    public void tearDown() {
        batch.close();
        arena.close();
    }

    /** {@return the arguments, results of the last call included} */
    @Benchmark
    public SoftmaxRows forward() {
        for (int row = 0; row < batch.shape().rows(); row += CALL_ROWS) {
            select(row);
            kernels.softmaxForward(rows);
        }
        return rows;
    }

    /** {@return the arguments, results of the last call included} */
    @Benchmark
    public SoftmaxRows forwardBackward() {
        for (int row = 0; row < batch.shape().rows(); row += CALL_ROWS) {
            select(row);
            kernels.softmaxGradient(rows);
        }
        return rows;
    }

    private void select(int row) {
        rows.range(row, Math.min(CALL_ROWS, batch.shape().rows() - row))
                .targets(batch.targets().segment(), row);
    }
}
