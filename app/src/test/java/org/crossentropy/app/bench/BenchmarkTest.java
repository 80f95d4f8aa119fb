package org.crossentropy.app.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Supplier;
import org.crossentropy.api.Backend;
import org.crossentropy.api.Backends;
import org.crossentropy.api.Execution;
import org.crossentropy.api.LossResult;
import org.crossentropy.api.Parallelism;
import org.junit.jupiter.api.Test;

class BenchmarkTest {

    private static final Workload SMALL = new Workload(LossKind.SOFTMAX, 4, 6);

    @Test
    void takesFastestAndMedian() {
        assertEquals(new Timing(1, 2, 3, false), Timing.of(List.of(3.0, 1.0, 2.0)));
        assertEquals(new Timing(1, 2.5, 4, false), Timing.of(List.of(4.0, 1.0, 2.0, 3.0)));
        assertEquals(new Timing(1, 3, 5, true), Timing.of(List.of(4.0, 1.0, 2.0, 3.0, 5.0)));
    }

    @Test
    void noticesTimesThatStillFall() {
        assertTrue(Timing.of(List.of(10.0, 11.0, 19.0, 9.5, 10.0, 30.0)).steady());
        assertFalse(Timing.of(List.of(10.0, 11.0, 19.0, 8.5, 10.0, 30.0)).steady());
    }

    @Test
    void relatesTimesToTheLimitAndToEachOther() {
        Timing fast = new Timing(2, 2, 9, true);
        Timing slow = new Timing(8, 9, 9, true);
        Workload million = new Workload(LossKind.BINARY, 1000, 1000);
        Comparison comparison = new Comparison(
                million, Pass.FORWARD_BACKWARD, 1, new Timing(1, 1, 9, true), Map.of("fast", fast, "slow", slow));
        assertEquals(0.125, comparison.shareOfLimit(slow));
        assertEquals(OptionalDouble.of(4), comparison.over(fast, "slow"));
        assertEquals(OptionalDouble.empty(), comparison.over(fast, "absent"));
        assertEquals(12e6 / 2e-3 / 1e9, comparison.gigabytesPerSecond(fast), 1e-12);
    }

    @Test
    void takesFewerRowsWhereMemoryIsShort() {
        Workload large = new Workload(LossKind.SOFTMAX, 1024, 1000);
        assertEquals(large, large.within(large.memory()));
        assertEquals(new Workload(LossKind.SOFTMAX, 256, 1000), large.within(large.memory() / 3));
        assertEquals(new Workload(LossKind.SOFTMAX, 1, 1000), large.within(0));
    }

    @Test
    void contendersTakeTurns() {
        StringBuilder turns = new StringBuilder();
        List<Contender> contenders = List.of(slow("A", turns), slow("B", turns), slow("C", turns));
        Contest.run(contenders, 1);
        assertTrue(turns.toString().matches("(ABC){7,}"), turns.toString());
        assertTrue(contenders.getFirst().timing().fastest() >= 1);
    }

    /** So long that one call makes a sample. */
    private static Contender slow(String name, StringBuilder turns) {
        return new Contender(name, () -> {
            long end = System.nanoTime() + 1_000_000;
            while (System.nanoTime() < end) {
                Thread.onSpinWait();
            }
            return turns.append(name);
        });
    }

    @Test
    void movesAllMemoryOnAnyNumberOfThreads() {
        for (int threads = 1; threads <= 3; threads++) {
            try (Problem problem = new Problem(new Workload(LossKind.SOFTMAX, 271, 1001))) {
                Object _ = new MemoryLimit(problem, Pass.FORWARD_BACKWARD, threads).move();
                assertEquals(-1, problem.gradient().mismatch(problem.logits()), "threads " + threads);
            }
        }
    }

    @Test
    void noticesOneBitOfGradientOrLoss() {
        Backend backend = Backends.require("scalar");
        Execution one = new Execution(backend, Parallelism.sequential());
        try (Problem problem = new Problem(SMALL)) {
            ResultCheck check = new ResultCheck(problem);
            Supplier<LossResult> call = problem.call(Pass.FORWARD_BACKWARD, one);
            for (Pass pass : Pass.values()) {
                check.check(pass, one, problem.call(pass, one));
                check.check(pass, new Execution(backend, Parallelism.threads(2)), problem.call(pass, one));
            }
            assertEquals(List.of(), check.differences());
            check.check(Pass.FORWARD_BACKWARD, one, () -> {
                LossResult result = call.get();
                flipBit(problem, (2L * SMALL.columns() + 5) * Float.BYTES);
                return result;
            });
            assertEquals(
                    List.of("softmax cross-entropy 4x6, forward+backward: scalar on 1 thread and scalar on 1 thread"
                            + " differ in the gradient at row 2, column 5"),
                    check.differences());
            check.check(Pass.FORWARD, one, () -> nextUp(call.get()));
            assertEquals(2, check.differences().size());
            assertTrue(check.differences().getLast().contains("differ in the loss"));
        }
    }

    private static void flipBit(Problem problem, long offset) {
        byte value = problem.gradient().get(ValueLayout.JAVA_BYTE, offset);
        problem.gradient().set(ValueLayout.JAVA_BYTE, offset, (byte) (value ^ 1));
    }

    private static LossResult nextUp(LossResult loss) {
        return new LossResult(
                Math.nextUp(loss.lossSum()),
                loss.lossSumTail(),
                loss.weightSum(),
                loss.weightSumTail(),
                loss.count(),
                loss.rows(),
                loss.reduction(),
                loss.emptyMean());
    }

    @Test
    void tellsHowFarItIs() {
        List<String> told = new ArrayList<>();
        Benchmark benchmark = new Benchmark(List.of(SMALL), List.of(Backends.require("scalar")), List.of(1), 1);
        Benchmark.Outcome outcome = benchmark.run((title, done, all) -> told.add(title + ", " + done + " of " + all));
        assertEquals(
                List.of(
                        "softmax cross-entropy 4x6, forward, 0 of 2",
                        "softmax cross-entropy 4x6, forward+backward, 1 of 2"),
                told);
        assertEquals(List.of(), outcome.differences());
        assertEquals(2, outcome.comparisons().size());
    }
}
