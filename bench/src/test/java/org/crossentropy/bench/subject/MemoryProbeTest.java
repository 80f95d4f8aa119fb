package org.crossentropy.bench.subject;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.stream.Stream;
import org.crossentropy.bench.task.Batch;
import org.crossentropy.bench.task.Pass;
import org.crossentropy.bench.task.Shape;
import org.crossentropy.bench.task.Task;
import org.crossentropy.bench.task.Work;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class MemoryProbeTest {

    static Stream<Probe> probes() {
        return Stream.of(new NativeProbe(), new JavaProbe());
    }

    @ParameterizedTest
    @EnumSource
    void everyMoveRunsOnSeveralThreads(MemoryMove move) {
        Task task = Task.plain(new Shape(3333, 10), Pass.FORWARD);
        try (Batch batch = new Batch(task);
                Work work = new MemoryProbe(move.id(), 3).prepare(task, batch)) {
            work.run();
            work.run();
        }
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
