package org.crossentropy.bench.jmh;

import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class LossBenchmarkTest {

    @Test
    void runs() {
        LossBenchmark benchmark = benchmark("scalar");
        benchmark.setUp();
        benchmark.restore();
        benchmark.run();
        benchmark.tearDown();
    }

    @Test
    void neverFallsBackToAnotherSubject() {
        assertThrows(IllegalArgumentException.class, () -> benchmark("nonesuch").setUp());
    }

    private static LossBenchmark benchmark(String subject) {
        LossBenchmark benchmark = new LossBenchmark();
        benchmark.subject = subject;
        benchmark.form = "softmax";
        benchmark.shape = "9x10";
        benchmark.type = "float32";
        benchmark.memory = "offheap";
        benchmark.pass = "in-place";
        benchmark.threads = 1;
        return benchmark;
    }
}
