package org.crossentropy.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.crossentropy.api.BackendUnavailableException;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.LossResult;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.openjdk.jmh.annotations.Param;

/** Set-up compares with the oracle; so these tests say that every body runs, on the backend asked for, and is right. */
class SoftmaxCrossEntropyBenchmarkTest {

    static Stream<Arguments> cases() throws NoSuchFieldException {
        String[] backends = SoftmaxCrossEntropyBenchmark.class
                .getField("backend")
                .getAnnotation(Param.class)
                .value();
        return Arrays.stream(backends)
                .flatMap(backend -> Stream.of("37x10", "9x1000", "2x4099")
                        .flatMap(shape -> Stream.of("heap", "offheap")
                                .flatMap(memory -> ElementType.ARITHMETIC.stream()
                                        .map(type -> Arguments.of(backend, shape, memory, type)))));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void everyBodyRunsOnTheBackendAskedFor(String backend, String shape, String memory, ElementType type) {
        SoftmaxCrossEntropyBenchmark benchmark = benchmark(backend, shape, memory, type);
        benchmark.setUp();
        try {
            assertEquals(backend, benchmark.loss().execution().backend().name());
            LossResult forward = benchmark.forward();
            assertEquals(Shape.parse(shape).rows(), forward.count());
            assertEquals(forward, benchmark.forwardBackward());
            assertEquals(forward, benchmark.inPlace());
            benchmark.restore();
            assertEquals(forward, benchmark.forward());
        } finally {
            benchmark.tearDown();
        }
    }

    @Test
    void runsAfterAMixedHistory() {
        SoftmaxCrossEntropyBenchmark benchmark = benchmark("scalar", "3x10", "heap", ElementType.FLOAT32);
        benchmark.history = "mixed";
        benchmark.setUp();
        benchmark.tearDown();
    }

    @Test
    void neverFallsBackToAnotherBackend() {
        SoftmaxCrossEntropyBenchmark benchmark = benchmark("nonesuch", "3x10", "heap", ElementType.FLOAT32);
        assertThrows(BackendUnavailableException.class, benchmark::setUp);
    }

    @ParameterizedTest
    @MethodSource("backends")
    void kernelsRun(String backend) {
        KernelBenchmark benchmark = new KernelBenchmark();
        benchmark.backend = backend;
        benchmark.shape = "700x10";
        benchmark.setUp();
        benchmark.forward();
        benchmark.forwardBackward();
        benchmark.tearDown();
    }

    static List<String> backends() throws NoSuchFieldException {
        return List.of(KernelBenchmark.class
                .getField("backend")
                .getAnnotation(Param.class)
                .value());
    }

    private static SoftmaxCrossEntropyBenchmark benchmark(
            String backend, String shape, String memory, ElementType type) {
        SoftmaxCrossEntropyBenchmark benchmark = new SoftmaxCrossEntropyBenchmark();
        benchmark.backend = backend;
        benchmark.shape = shape;
        benchmark.threads = 2;
        benchmark.memory = memory;
        benchmark.type = type;
        benchmark.history = "none";
        return benchmark;
    }
}
