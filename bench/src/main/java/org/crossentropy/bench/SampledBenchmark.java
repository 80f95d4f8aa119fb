package org.crossentropy.bench;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Warmup;

/**
 * How all benchmarks measure, so that their figures can be divided by each other.
 *
 * <p>Every call is timed by itself: on a machine that does other things too, the fastest and the median call say more
 * than an average.
 */
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 3, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
        value = 3,
        jvmArgsAppend = {
            JvmFlags.VECTOR_API,
            JvmFlags.NATIVE_ACCESS,
            JvmFlags.HEAP_MIN,
            JvmFlags.HEAP_MAX,
            JvmFlags.UNSAFE
        })
public abstract class SampledBenchmark {

    /** For subclasses. */
    protected SampledBenchmark() {}
}
