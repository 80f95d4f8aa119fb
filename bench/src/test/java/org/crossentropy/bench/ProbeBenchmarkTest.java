package org.crossentropy.bench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.stream.Stream;
import org.crossentropy.api.ElementType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProbeBenchmarkTest {

    static Stream<Probe> probes() {
        return Stream.of(new NativeProbe(), new JavaProbe());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void everyBodyRuns(int threads) {
        ProbeBenchmark benchmark = new ProbeBenchmark();
        benchmark.threads = threads;
        benchmark.shape = "333x10";
        benchmark.type = ElementType.FLOAT32;
        benchmark.setUp();
        assertEquals(threads, benchmark.read().length);
        benchmark.update();
        benchmark.tearDown();
    }

    @ParameterizedTest
    @MethodSource("probes")
    void probesMoveEveryElement(Probe probe) {
        float[] values = new float[1003];
        for (int i = 0; i < values.length; i++) {
            values[i] = i % 7 - 3;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment source = arena.allocateFrom(ValueLayout.JAVA_FLOAT, values);
            MemorySegment target = arena.allocate(source.byteSize(), Float.BYTES);
            probe.copy(source, target);
            assertArrayEquals(values, target.toArray(ValueLayout.JAVA_FLOAT));
            target.fill((byte) 0);
            probe.copyNonTemporal(source, target);
            assertArrayEquals(values, target.toArray(ValueLayout.JAVA_FLOAT));
            probe.update(target);
            for (int i = 0; i < values.length; i++) {
                assertEquals(-values[i], target.getAtIndex(ValueLayout.JAVA_FLOAT, i));
            }
        }
    }

    @Test
    void aTeamRunsEveryPartOnce() {
        int[] runs = new int[3];
        try (Team team = new Team(runs.length)) {
            for (int i = 0; i < 100; i++) {
                team.run(part -> runs[part]++);
            }
        }
        assertArrayEquals(new int[] {100, 100, 100}, runs);
    }
}
