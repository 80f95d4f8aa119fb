package org.crossentropy.bench.jmh;

import java.util.concurrent.TimeUnit;
import org.crossentropy.bench.run.JvmFlags;
import org.crossentropy.bench.subject.Subjects;
import org.crossentropy.bench.task.Batch;
import org.crossentropy.bench.task.Oracle;
import org.crossentropy.bench.task.Subject;
import org.crossentropy.bench.task.Task;
import org.crossentropy.bench.task.Work;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Any subject with any task. Every call is timed by itself: on a machine that does other things too, the fastest and the
 * median call say more than an average.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 3, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
        value = 1,
        jvmArgsAppend = {
            JvmFlags.VECTOR_API,
            JvmFlags.NATIVE_ACCESS,
            JvmFlags.HEAP_MIN,
            JvmFlags.HEAP_MAX,
            JvmFlags.UNSAFE
        })
@SuppressWarnings("NullAway.Init") // JMH sets the parameters and calls setUp
public class LossBenchmark {

    /** A name that {@link Subjects} knows; one that cannot run fails the benchmark. */
    @Param({"native", "vector", "scalar"})
    public String subject;

    /** {@code softmax}, {@code soft-targets}, {@code row-mask}, {@code shared-mask}, {@code weighted}, ... */
    @Param("softmax")
    public String form;

    /** Rows x classes. */
    @Param({"65536x10", "8192x1000", "1024x32000", "256x128256"})
    public String shape;

    /** {@code float32}, {@code float64}, {@code bfloat16} or {@code float16}. */
    @Param("float32")
    public String type;

    /** {@code offheap} or {@code heap}. */
    @Param("offheap")
    public String memory;

    /** {@code forward}, {@code gradient} or {@code in-place}. */
    @Param({"forward", "gradient", "in-place"})
    public String pass;

    /** Threads, the calling one included. */
    @Param("1")
    public int threads;

    private Batch batch;
    private Work work;

    /** JMH creates the state. */
    public LossBenchmark() {}

    /**
     * Makes the task ready, and compares what the subject makes of it with the oracle.
     *
     * @throws AssertionError if a result is wrong
     */
    @Setup
    public void setUp() {
        Task task = Task.parse(String.join("/", form, shape, type, memory, pass));
        Subject contender = Subjects.open(subject, threads);
        batch = new Batch(task);
        work = contender.prepare(task, batch);
        work.run();
        if (!contender.isProbe()) {
            Oracle.of(batch).check(work, task.pass(), contender.accuracy());
        }
        System.out.println("measured: " + contender.detail());
    }

    /** Undoes the in-place gradients of the last iteration. */
    @Setup(Level.Iteration)
    public void restore() {
        work.restore();
    }

    /** Frees everything. */
    @TearDown
    public void tearDown() {
        work.close();
        batch.close();
    }

    /** Computes the task once. */
    @Benchmark
    public void run() {
        work.run();
    }
}
