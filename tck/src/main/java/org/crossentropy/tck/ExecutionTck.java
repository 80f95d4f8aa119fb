package org.crossentropy.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.crossentropy.api.ClassIndices;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.Execution;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.Parallelism;
import org.crossentropy.api.RowValues;
import org.crossentropy.api.Softmax;
import org.crossentropy.api.SoftmaxCrossEntropy;
import org.junit.jupiter.api.Test;

/** Neither threads nor kinds of memory show in a result, and whatever executor is given, the work gets done. */
public abstract class ExecutionTck extends KernelTck {

    /** Enough elements for several threads: a computation of 65,536 or fewer stays on one. */
    private static final int[][] ROWS_AND_CLASSES = {{3000, 129}, {20_000, 10}, {300, 1025}, {5, 50_257}};

    /** Called by subclasses. */
    protected ExecutionTck() {}

    private Outcome compute(LossOptions options, Batch batch, Parallelism parallelism) {
        SoftmaxCrossEntropy loss = options.on(new Execution(backend(), parallelism));
        return compute(loss, batch.logits(), batch.targets(options), batch.output());
    }

    @Test
    void numberOfThreadsDoesNotShow() {
        for (int[] size : ROWS_AND_CLASSES) {
            types().forEach(type -> {
                Batch batch = batch(Batch.Shape.of(Grid.seed(), type, size[0], size[1]));
                List<LossOptions> combinations = LossOptions.combinations(size[1], Grid.seed());
                for (LossOptions options : List.of(combinations.get(1), combinations.get(6), combinations.get(8))) {
                    Outcome one = compute(options, batch, Parallelism.sequential());
                    for (int threads : new int[] {2, 3, 5}) {
                        Outcome several = compute(options, batch, Parallelism.threads(threads));
                        assertSameBits(one, several, threads + " threads, " + batch + " with " + options);
                    }
                }
            });
        }
    }

    @Test
    void numberOfThreadsDoesNotShowInSoftmax() {
        for (int[] size : ROWS_AND_CLASSES) {
            types().forEach(type -> {
                Batch batch = batch(Batch.Shape.of(Grid.seed(), type, size[0], size[1]));
                double[] expectedSums = new double[size[0]];
                double[] sums = new double[size[0]];
                Matrix expected = batch.output();
                Matrix actual = batch.output();
                Softmax one = Softmax.on(alone());
                Softmax several = Softmax.on(threads(3));
                one.logSumExp(batch.logits(), RowValues.of(expectedSums));
                several.logSumExp(batch.logits(), RowValues.of(sums));
                assertSameBits(expectedSums, sums, batch);
                one.softmax(batch.logits(), expected);
                several.softmax(batch.logits(), actual);
                assertSameBits(expected, actual, batch);
                one.logSoftmax(batch.logits(), expected);
                several.logSoftmax(batch.logits(), actual);
                assertSameBits(expected, actual, batch);
            });
        }
    }

    @Test
    void kindOfMemoryDoesNotShowAndPaddingIsNotTouched() {
        for (int classes : new int[] {1, 5, 16, 33, 129, 1030}) {
            for (DataFamily family : List.of(DataFamily.NORMAL, DataFamily.MIXED)) {
                types().forEach(type -> {
                    Batch.Shape shape =
                            Batch.Shape.of(Grid.seed(), type, 25, classes).with(family);
                    for (int number : new int[] {0, 6, 8}) {
                        LossOptions options =
                                LossOptions.combinations(classes, Grid.seed()).get(number);
                        compareKindsOfMemory(shape, options);
                    }
                });
            }
        }
    }

    private void compareKindsOfMemory(Batch.Shape shape, LossOptions options) {
        try (Arena arena = Arena.ofConfined()) {
            Outcome expected = compute(options, new Batch(shape, arena));
            for (MemoryKind kind : MemoryKind.values()) {
                for (int padding : new int[] {0, 7}) {
                    Batch batch = new Batch(shape.with(kind, padding), arena);
                    Outcome actual = compute(options, batch);
                    assertSameBits(expected, actual, batch + " with " + options);
                    assertPaddingUntouched(actual.gradient(), batch + " with " + options);
                    assertPaddingUntouched(batch.logits(), batch + " with " + options);
                }
            }
        }
    }

    @Test
    void logitsAndGradientMayLiveInDifferentMemory() {
        try (Arena arena = Arena.ofConfined()) {
            for (MemoryKind from : MemoryKind.values()) {
                for (MemoryKind to : MemoryKind.values()) {
                    Batch.Shape shape = Batch.Shape.of(Grid.seed(), ElementType.FLOAT32, 20, 70);
                    Batch source = new Batch(shape.with(from, 3), arena);
                    Matrix output = new Batch(shape.with(to, 9), arena).output();
                    LossOptions options = LossOptions.PLAIN;
                    ClassIndices targets = source.targets(options);
                    Outcome actual = compute(options.on(alone()), source.logits(), targets, output);
                    assertSameBits(compute(options, source), actual, from + " to " + to);
                    assertPaddingUntouched(output, from + " to " + to);
                }
            }
        }
    }

    @Test
    void confinedArenaIsUsedByItsOwnThreadAlone() {
        try (Arena arena = Arena.ofConfined()) {
            Batch.Shape shape =
                    Batch.Shape.of(Grid.seed(), ElementType.FLOAT32, 3000, 129).with(MemoryKind.OFF_HEAP, 0);
            Batch batch = new Batch(shape, arena);
            Executor never = task -> {
                throw new AssertionError("a helper was asked for");
            };
            Outcome expected = compute(LossOptions.SUM, batch, Parallelism.sequential());
            assertSameBits(expected, compute(LossOptions.SUM, batch, Parallelism.of(never, 4)), batch);
        }
    }

    @Test
    void sharedArenaIsUsedByAll() {
        try (Arena arena = Arena.ofShared()) {
            Batch.Shape shape =
                    Batch.Shape.of(Grid.seed(), ElementType.FLOAT64, 3000, 129).with(MemoryKind.OFF_HEAP, 5);
            Batch batch = new Batch(shape, arena);
            Outcome expected = compute(LossOptions.SUM, batch, Parallelism.sequential());
            assertSameBits(expected, compute(LossOptions.SUM, batch, Parallelism.threads(3)), batch);
        }
    }

    @Test
    void anyExecutorWillDo() {
        Batch batch = batch(Batch.Shape.of(Grid.seed(), ElementType.FLOAT32, 3000, 129));
        Outcome expected = compute(LossOptions.PLAIN, batch, Parallelism.sequential());
        Executor inline = Runnable::run;
        Executor forgetful = task -> {};
        Executor refusing = task -> {
            throw new RejectedExecutionException("full");
        };
        Executor late = task ->
                CompletableFuture.delayedExecutor(20, TimeUnit.MILLISECONDS).execute(task);
        Executor virtual = Thread::startVirtualThread;
        for (Executor executor : List.of(inline, forgetful, refusing, late, virtual)) {
            assertSameBits(expected, compute(LossOptions.PLAIN, batch, Parallelism.of(executor, 4)), batch);
        }
    }

    @Test
    void executorThatIsShutDownMakesItSlowerOnly() {
        Batch batch = batch(Batch.Shape.of(Grid.seed(), ElementType.FLOAT32, 3000, 129));
        Outcome expected = compute(LossOptions.PLAIN, batch, Parallelism.sequential());
        ExecutorService service = Executors.newFixedThreadPool(2);
        assertSameBits(expected, compute(LossOptions.PLAIN, batch, Parallelism.of(service, 3)), batch);
        service.shutdown();
        assertSameBits(expected, compute(LossOptions.PLAIN, batch, Parallelism.of(service, 3)), batch);
    }

    @Test
    void callFromTheOnlyThreadOfThePoolDoesNotDeadlock() throws Exception {
        Batch batch = batch(Batch.Shape.of(Grid.seed(), ElementType.FLOAT32, 3000, 129));
        Outcome expected = compute(LossOptions.PLAIN, batch, Parallelism.sequential());
        try (ExecutorService service = Executors.newSingleThreadExecutor()) {
            Outcome actual = service.submit(() -> compute(LossOptions.PLAIN, batch, Parallelism.of(service, 3)))
                    .get(30, TimeUnit.SECONDS);
            assertSameBits(expected, actual, batch);
        }
    }

    @Test
    void interruptedCallerFinishesAndStaysInterrupted() {
        Batch batch = batch(Batch.Shape.of(Grid.seed(), ElementType.FLOAT32, 3000, 129));
        Outcome expected = compute(LossOptions.PLAIN, batch, Parallelism.sequential());
        Thread.currentThread().interrupt();
        Outcome actual = compute(LossOptions.PLAIN, batch, Parallelism.threads(2));
        assertTrue(Thread.interrupted(), "the interrupt was swallowed");
        assertSameBits(expected, actual, batch);
    }

    @Test
    void manyCallersAtOnce() {
        Batch batch = batch(Batch.Shape.of(Grid.seed(), ElementType.FLOAT32, 200, 300));
        LossOptions options = LossOptions.combinations(300, Grid.seed()).get(7);
        Outcome expected = compute(options, batch);
        List<CompletableFuture<Outcome>> calls = java.util.stream.IntStream.range(0, 64)
                .mapToObj(i -> CompletableFuture.supplyAsync(() -> compute(options, batch)))
                .toList();
        calls.forEach(call -> assertSameBits(expected, call.join(), batch));
    }

    @Test
    void noThreadsAreAnError() {
        var thrown = assertThrows(IllegalArgumentException.class, () -> Parallelism.threads(0));
        assertTrue(String.valueOf(thrown.getMessage()).contains("threads is 0"), thrown.getMessage());
        assertEquals(1, Parallelism.sequential().threads());
    }
}
