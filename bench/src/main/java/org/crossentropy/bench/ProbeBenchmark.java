package org.crossentropy.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.TimeUnit;
import org.crossentropy.api.ElementType;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * How fast this machine moves as much memory as a loss must: the limit of {@link SoftmaxCrossEntropyBenchmark}. Reading
 * limits the forward pass, the faster copy forward and backward, the update the gradient in place. Off-heap only, like
 * the kernels' best case.
 */
@State(Scope.Benchmark)
@Warmup(iterations = 1, time = 300, timeUnit = TimeUnit.MILLISECONDS) // nothing much to compile
@SuppressWarnings("NullAway.Init") // JMH sets the parameters and calls setUp
public class ProbeBenchmark extends SampledBenchmark {

    private static final long ALIGNMENT = 4096;

    /** Threads, the calling one included. */
    @Param({"1", "2"})
    public int threads;

    /** Rows x classes. */
    @Param({"65536x10", "8192x1000", "1024x32000", "256x128256"})
    public String shape;

    /** Element type of the matrix that takes as much memory. */
    @Param("FLOAT32")
    public ElementType type;

    private final Arena arena = Arena.ofShared();
    private Probe probe;
    private Team team;
    private MemorySegment[] sources;
    private MemorySegment[] targets;
    private float[] results;

    /** JMH creates the state. */
    public ProbeBenchmark() {}

    /**
     * Makes the buffers, and moves some memory to see that it arrives.
     *
     * @throws AssertionError if it does not
     */
    @Setup
    public void setUp() {
        probe = Probe.best();
        team = new Team(threads);
        results = new float[threads];
        long floats = Shape.parse(shape).elements() * type.bytes() / Float.BYTES;
        MemorySegment source = arena.allocate(floats * Float.BYTES, ALIGNMENT);
        MemorySegment target = arena.allocate(floats * Float.BYTES, ALIGNMENT);
        for (long i = 0; i < floats; i++) {
            source.setAtIndex(ValueLayout.JAVA_FLOAT, i, 1 + (int) (i & 7));
        }
        sources = split(source);
        targets = split(target);
        copy();
        requireEqual(source, target);
        target.fill((byte) 0);
        copyNonTemporal();
        requireEqual(source, target);
        Environment.print("memory probe of " + probe + ", " + threads + (threads == 1 ? " thread, " : " threads, ")
                + source.byteSize() + " bytes");
    }

    private MemorySegment[] split(MemorySegment whole) {
        MemorySegment[] parts = new MemorySegment[threads];
        long pages = whole.byteSize() / ALIGNMENT;
        for (int part = 0; part < threads; part++) {
            long from = pages * part / threads * ALIGNMENT;
            long to = part + 1 == threads ? whole.byteSize() : pages * (part + 1) / threads * ALIGNMENT;
            parts[part] = whole.asSlice(from, to - from);
        }
        return parts;
    }

    private static void requireEqual(MemorySegment source, MemorySegment target) {
        long mismatch = source.mismatch(target);
        if (mismatch >= 0) {
            throw new AssertionError("the copy differs at byte " + mismatch);
        }
    }

    /** Ends the helpers and frees the buffers. */
    @TearDown
    public void tearDown() {
        team.close();
        arena.close();
    }

    /** {@return a value that depends on the data} */
    @Benchmark
    public float[] read() {
        team.run(part -> results[part] = probe.read(sources[part]));
        return results;
    }

    /** Copies with ordinary stores. */
    @Benchmark
    public void copy() {
        team.run(part -> probe.copy(sources[part], targets[part]));
    }

    /** Copies with stores that bypass the caches. */
    @Benchmark
    public void copyNonTemporal() {
        team.run(part -> probe.copyNonTemporal(sources[part], targets[part]));
    }

    /** Overwrites in place. */
    @Benchmark
    public void update() {
        team.run(part -> probe.update(targets[part]));
    }
}
