package org.crossentropy.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RowWorkTest {

    @ParameterizedTest
    @CsvSource({
        "0, 10, 2",
        "1, 10, 2",
        "65536, 10, 1",
        "65536, 10, 2",
        "65537, 10, 3",
        "100, 128256, 7",
        "3, 1000000, 8",
        "1, 5000000, 4"
    })
    void everyRowIsVisitedOnceInWholeGroups(int rows, int classes, int threads) {
        AtomicIntegerArray visits = new AtomicIntegerArray(rows);
        RowWork.run(Parallelism.threads(threads), true, rows, classes, (_, from, to) -> {
            assertEquals(0, from % RowWork.groupRows(classes));
            for (long row = from; row < to; row++) {
                visits.incrementAndGet((int) row);
            }
        });
        for (int row = 0; row < rows; row++) {
            assertEquals(1, visits.get(row), "row " + row);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 10, 100, 1000, 16384, 16385, 128256, Integer.MAX_VALUE})
    void callsConsistOfWholeGroups(int classes) {
        assertTrue(RowWork.groupRows(classes) >= 1);
        assertEquals(0, RowWork.callRows(classes) % RowWork.groupRows(classes));
        assertTrue(RowWork.callRows(classes) <= Scratch.ROWS);
    }

    @Test
    void confinedDataStaysOnTheCallingThread() {
        Thread caller = Thread.currentThread();
        RowWork.run(
                Parallelism.threads(4), false, 100_000, 100, (_, _, _) -> assertSame(caller, Thread.currentThread()));
    }

    @Test
    void smallWorkStaysOnTheCallingThread() {
        Thread caller = Thread.currentThread();
        RowWork.run(Parallelism.threads(4), true, 100, 100, (_, _, _) -> assertSame(caller, Thread.currentThread()));
    }

    @Test
    void anExecutorThatRefusesOnlyCostsTime() {
        Executor refusing = _ -> {
            throw new RejectedExecutionException("shut down");
        };
        AtomicIntegerArray visits = new AtomicIntegerArray(8);
        PartRunner.run(Parallelism.of(refusing, 8), 8, visits::incrementAndGet);
        assertEquals("[1, 1, 1, 1, 1, 1, 1, 1]", visits.toString());
    }

    @Test
    void anExecutorThatNeverRunsAnythingCannotStopACall() {
        AtomicIntegerArray visits = new AtomicIntegerArray(4);
        PartRunner.run(Parallelism.of(_ -> {}, 4), 4, visits::incrementAndGet);
        assertEquals("[1, 1, 1, 1]", visits.toString());
    }

    @Test
    void callsFromInsideASaturatedExecutorDoNotDeadlock() throws Exception {
        try (var executor = Executors.newFixedThreadPool(1)) {
            Parallelism parallelism = Parallelism.of(executor, 3);
            AtomicIntegerArray visits = new AtomicIntegerArray(3);
            executor.submit(() -> PartRunner.run(parallelism, 3, visits::incrementAndGet))
                    .get();
            assertEquals("[1, 1, 1]", visits.toString());
        }
    }

    @Test
    void whatAPartThrowsReachesTheCallerAfterAllPartsEnded() {
        AtomicIntegerArray visits = new AtomicIntegerArray(5);
        var thrown = assertThrows(
                IllegalStateException.class,
                () -> PartRunner.run(Parallelism.threads(2), 5, part -> {
                    visits.incrementAndGet(part);
                    if (part == 3) {
                        throw new IllegalStateException("part 3");
                    }
                }));
        assertEquals("part 3", thrown.getMessage());
        assertEquals("[1, 1, 1, 1, 1]", visits.toString());
    }

    @Test
    void helpersOfAnExecutorThatFailsAreWaitedFor() throws Exception {
        try (var pool = Executors.newFixedThreadPool(1)) {
            AtomicIntegerArray visits = new AtomicIntegerArray(4);
            AtomicInteger accepted = new AtomicInteger();
            Executor failing = task -> {
                if (accepted.getAndIncrement() > 0) {
                    throw new OutOfMemoryError("no more threads");
                }
                pool.execute(task);
            };
            assertThrows(
                    OutOfMemoryError.class,
                    () -> PartRunner.run(Parallelism.of(failing, 4), 4, visits::incrementAndGet));
            assertEquals("[1, 1, 1, 1]", visits.toString());
        }
    }

    @Test
    void anInterruptIsKeptForTheCaller() {
        Thread.currentThread().interrupt();
        PartRunner.run(Parallelism.threads(2), 2, _ -> {
            long end = System.nanoTime() + 2_000_000;
            while (System.nanoTime() < end) {
                Thread.onSpinWait();
            }
        });
        assertTrue(Thread.interrupted());
    }
}
