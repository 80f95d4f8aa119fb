package org.crossentropy.bench;

import org.crossentropy.api.Backends;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.Execution;
import org.crossentropy.api.LossResult;
import org.crossentropy.api.Parallelism;
import org.crossentropy.api.SoftmaxCrossEntropy;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Mean softmax cross-entropy of a batch, as an application calls it.
 */
@State(Scope.Benchmark)
@SuppressWarnings("NullAway.Init") // JMH sets the parameters and calls setUp
public class SoftmaxCrossEntropyBenchmark extends SampledBenchmark {

    /** The backend; one that cannot run fails the benchmark. */
    @Param({"scalar", "vector", "native"})
    public String backend;

    /** Rows x classes. */
    @Param({"65536x10", "8192x1000", "1024x32000", "256x128256"})
    public String shape;

    /** Threads, the calling one included. */
    @Param({"1", "2"})
    public int threads;

    /** Where logits, gradient and targets lie: {@code heap} or {@code offheap}. */
    @Param("offheap")
    public String memory;

    /** Element type of logits and gradient. */
    @Param("FLOAT32")
    public ElementType type;

    /** What the process did before: {@code none} or {@code mixed}. */
    @Param("none")
    public String history;

    private SoftmaxCrossEntropy loss;
    private Batch batch;

    /** JMH creates the state. */
    public SoftmaxCrossEntropyBenchmark() {}

    /**
     * Makes the batch, and compares what the backend makes of it with the oracle.
     *
     * @throws AssertionError if a result is wrong
     */
    @Setup
    public void setUp() {
        Execution execution = new Execution(Backends.require(backend), Parallelism.threads(threads));
        loss = SoftmaxCrossEntropy.builder().execution(execution).build();
        History.of(history, execution);
        batch = new Batch(Shape.parse(shape), type, memory);
        Oracle oracle = new Oracle(batch);
        oracle.check(forward());
        oracle.check(forwardBackward());
        oracle.check(batch.gradient());
        oracle.check(inPlace());
        oracle.check(batch.logits());
        restore();
        Environment.print("softmax cross-entropy on " + execution.backend() + ", " + execution.parallelism() + ", "
                + batch.logits() + " " + memory + ", history " + history);
    }

    /**
     * Undoes the in-place gradients of the last iteration. Within an iteration they pile up, each computed from the one
     * before: numbers from -1/N to 1/N, never subnormal, on which the kernels do the same work as on logits.
     */
    @Setup(Level.Iteration)
    public void restore() {
        batch.restore();
    }

    /** Frees the batch. */
    @TearDown
    public void tearDown() {
        batch.close();
    }

    /** {@return the mean loss of the batch} */
    @Benchmark
    public LossResult forward() {
        return loss.loss(batch.logits(), batch.targets());
    }

    /** {@return the mean loss of the batch, whose gradient goes to a matrix of its own} */
    @Benchmark
    public LossResult forwardBackward() {
        return loss.lossAndGradient(batch.logits(), batch.targets(), batch.gradient());
    }

    /** {@return the mean loss of the batch, whose gradient overwrites the logits} */
    @Benchmark
    public LossResult inPlace() {
        return loss.lossAndGradient(batch.logits(), batch.targets(), batch.logits());
    }

    SoftmaxCrossEntropy loss() {
        return loss;
    }
}
