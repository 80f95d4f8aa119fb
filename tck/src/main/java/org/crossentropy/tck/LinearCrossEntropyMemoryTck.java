package org.crossentropy.tck;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.crossentropy.api.ClassIndices;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.Execution;
import org.crossentropy.api.LinearCrossEntropy;
import org.crossentropy.api.LinearCrossEntropyCall;
import org.crossentropy.api.LossResult;
import org.crossentropy.api.Matrix;
import org.junit.jupiter.api.Test;

/** What must not show in the loss of a head: chunks, threads, what else is asked for, whose memory is used; and that none is lost. */
public abstract class LinearCrossEntropyMemoryTck extends KernelTck {

    /** More classes than a block of any product, so that sums are cut. */
    private static final int MANY_CLASSES = 300;

    private static final int ROWS = 23;
    private static final int[] CHUNKS = {1, 3, 8};
    private static final List<ElementType> STORED =
            List.of(ElementType.FLOAT32, ElementType.FLOAT64, ElementType.BFLOAT16);

    /** Called by subclasses. */
    protected LinearCrossEntropyMemoryTck() {}

    /** Whether every logit is made by the same operations whatever the chunk and the number of threads; OpenBLAS decides itself. */
    private boolean ordersSums() {
        return !backend().name().startsWith("native");
    }

    /** A head off-heap, in one format, of a loss that leaves some rows out. */
    private static LinearBatch batch(ElementType type, SoftmaxFamilyOptions options, int rows, int classes, int width) {
        SoftmaxFamilyOptions ours = options.on(type, classes, MemoryKind.OFF_HEAP, 0);
        SoftmaxFamilyBatch ofRows = new SoftmaxFamilyBatch(ours, rows, Grid.seed());
        return new LinearBatch(ofRows, LinearBatch.Head.plain(ours, width), Grid.seed());
    }

    /** Large enough for several threads: in products, in losses, and where the weight is widened. */
    private static LinearBatch largeBatch(ElementType type, SoftmaxFamilyOptions options) {
        return batch(type, options, 95, 1500, 100);
    }

    /** Members that leave rows out, by index or weight, with targets of each kind, and one that leaves none out. */
    private static List<SoftmaxFamilyOptions> members() {
        List<SoftmaxFamilyOptions> members = new ArrayList<>(List.of(SoftmaxFamilyOptions.PLAIN));
        for (SoftmaxFamilyOptions.TargetKind targets : SoftmaxFamilyOptions.TargetKind.values()) {
            SoftmaxFamilyOptions.pairs(Grid.seed()).stream()
                    .filter(options -> options.targets() == targets && options.sampleWeights())
                    .limit(2)
                    .forEach(members::add);
        }
        return members;
    }

    private static void assertSameRows(LinearBatch.Outputs expected, LinearBatch.Outputs actual, Object where) {
        assertSameBits(expected.losses, actual.losses, "loss, " + where);
        assertSameBits(expected.logSumExp, actual.logSumExp, "log-sum-exp, " + where);
        assertSameBits(expected.targetLogProbability, actual.targetLogProbability, "log-probability, " + where);
        assertSameBits(expected.entropy, actual.entropy, "entropy, " + where);
        assertArrayEquals(expected.predictions, actual.predictions, () -> "predictions, " + where);
        assertArrayEquals(expected.targetRanks, actual.targetRanks, () -> "ranks, " + where);
    }

    private static void assertSame(LinearBatch.Outcome expected, LinearBatch.Outcome actual, Object where) {
        assertSameBits(expected.result(), actual.result(), where);
        assertSameRows(expected.outputs(), actual.outputs(), where);
        for (int i = 0; i < expected.outputs().gradients().size(); i++) {
            assertSameBits(
                    expected.outputs().gradients().get(i),
                    actual.outputs().gradients().get(i),
                    i + ", " + where);
        }
    }

    @Test
    void whatIsAskedForDoesNotShow() {
        for (LinearBatch batch : LinearCrossEntropyTck.batches()) {
            LinearBatch.Outcome all = batch.compute(alone(), LinearCrossEntropy.DEFAULT_WORKING_MEMORY);
            for (int choice = 0; choice < 8; choice++) {
                if ((choice & 4) == 0 || batch.head().hasBias()) {
                    assertChoiceIsTheSame(batch, all, choice);
                }
            }
        }
    }

    private void assertChoiceIsTheSame(LinearBatch batch, LinearBatch.Outcome all, int choice) {
        LinearBatch.Outputs some = batch.new Outputs();
        LinearCrossEntropyCall call = batch.call(alone(), LinearCrossEntropy.DEFAULT_WORKING_MEMORY);
        if ((choice & 1) != 0) {
            call.hiddenGradient(some.hiddenGradient);
        }
        if ((choice & 2) != 0) {
            call.weightGradient(some.weightGradient);
        }
        if ((choice & 4) != 0) {
            call.biasGradient(some.biasGradient);
        }
        String where = "choice " + choice + " of gradients, " + batch;
        assertSameBits(all.result(), call.compute(), where);
        for (int i = 0; i < some.gradients().size(); i++) {
            if ((choice & (1 << i)) != 0) {
                assertSameBits(
                        all.outputs().gradients().get(i), some.gradients().get(i), i + ", " + where);
            }
        }
    }

    @Test
    void chunksDoNotShowInRows() {
        for (ElementType type : ElementType.values()) {
            for (SoftmaxFamilyOptions options : members()) {
                LinearBatch batch = batch(type, options, ROWS, MANY_CLASSES, 5);
                LinearBatch.Outcome whole = batch.compute(alone(), LinearCrossEntropy.DEFAULT_WORKING_MEMORY);
                for (int rows : CHUNKS) {
                    LinearBatch.Outcome chunked = batch.compute(alone(), batch.memoryForRows(alone(), rows));
                    assertSameLoss(whole.result(), chunked.result(), batch);
                    if (ordersSums()) {
                        assertSameRows(whole.outputs(), chunked.outputs(), rows + " rows at a time, " + batch);
                    }
                    // Weights that are widened go by in pieces, which share the memory.
                    if (ordersSums() && type.arithmetic() == type) {
                        assertSameBits(
                                whole.outputs().hiddenGradient,
                                chunked.outputs().hiddenGradient,
                                rows + " rows at a time, " + batch);
                    }
                }
            }
        }
    }

    private static void assertSameLoss(LossResult expected, LossResult actual, LinearBatch batch) {
        double tolerance = Tolerances.sameLoss(batch.head().type());
        assertNear(expected.lossSum(), actual.lossSum(), tolerance, batch);
        assertNear(expected.weightSum(), actual.weightSum(), Tolerances.BATCH_SUM, batch);
        assertEquals(expected.count(), actual.count(), batch::toString);
        assertEquals(expected.rows(), actual.rows(), batch::toString);
    }

    @Test
    void chunksOfAnySizeAgreeWithTheOracle() {
        LinearCrossEntropyTck.Meter meter = new LinearCrossEntropyTck.Meter();
        for (ElementType type : ElementType.values()) {
            LinearBatch batch = batch(type, members().get(1), ROWS, 31, 5);
            LinearOracle oracle = new LinearOracle(batch);
            for (int rows : new int[] {1, 2, 5, 16, ROWS - 1, ROWS + 1}) {
                LinearBatch.Outcome outcome = batch.compute(alone(), batch.memoryForRows(alone(), rows));
                meter.compareRows(batch, oracle, outcome);
                meter.compareGradients(batch, oracle, outcome.outputs(), null);
            }
        }
    }

    @Test
    void theSameCallGivesTheSameBits() {
        for (Execution execution : List.of(alone(), threads(3))) {
            for (ElementType type : STORED) {
                LinearBatch batch = largeBatch(type, members().get(1));
                long memory = batch.memoryForRows(alone(), 70);
                LinearBatch.Outcome once = batch.compute(execution, memory);
                assertSame(once, batch.compute(execution, memory), execution + ", " + batch);
            }
        }
    }

    @Test
    void threadsDoNotShow() {
        assumeTrue(ordersSums(), "the backend does not promise the same bits for any number of threads");
        for (ElementType type : STORED) {
            for (int number : new int[] {0, 1}) {
                LinearBatch batch = largeBatch(type, members().get(number));
                long memory = batch.memoryForRows(alone(), 70);
                LinearBatch.Outcome one = batch.compute(alone(), memory);
                for (int threads : new int[] {2, 3}) {
                    assertSame(one, batch.compute(threads(threads), memory), threads + " threads, " + batch);
                }
            }
        }
    }

    @Test
    void aLentWorkspaceDoesNotShow() {
        try (Arena arena = Arena.ofConfined()) {
            for (ElementType type : ElementType.values()) {
                LinearBatch batch = batch(type, members().get(1), ROWS, 31, 5);
                for (int rows : new int[] {1, 3, ROWS}) {
                    long bytes = batch.memoryForRows(alone(), rows);
                    LinearBatch.Outcome own = batch.compute(alone(), bytes);
                    for (int shift = 0; shift < 64; shift += 9) {
                        MemorySegment around = arena.allocate(bytes + 128, 64);
                        around.fill(Batch.MARK);
                        MemorySegment workspace = around.asSlice(shift, bytes);
                        LinearBatch.Outputs outputs = batch.new Outputs();
                        LossResult result = outputs.ask(batch.call(alone(), 1))
                                .workspace(workspace)
                                .compute();
                        assertSame(own, new LinearBatch.Outcome(result, outputs), bytes + " bytes lent, " + batch);
                        assertMarked(around.asSlice(0, shift), batch);
                        assertMarked(around.asSlice(shift + bytes), batch);
                    }
                }
            }
        }
    }

    private static void assertMarked(MemorySegment memory, Object where) {
        for (long at = 0; at < memory.byteSize(); at++) {
            assertEquals(
                    Batch.MARK,
                    memory.get(java.lang.foreign.ValueLayout.JAVA_BYTE, at),
                    () -> "memory beside the workspace was written, " + where);
        }
    }

    @Test
    void theMemoryThatTheErrorAsksForIsEnough() {
        for (LinearBatch batch : LinearCrossEntropyTck.batches()) {
            long least = LinearBatch.leastMemory(() -> batch.new Outputs().ask(batch.call(alone(), 1)));
            LossResult result = batch.compute(alone(), least).result();
            assertSameLoss(
                    batch.compute(alone(), LinearCrossEntropy.DEFAULT_WORKING_MEMORY)
                            .result(),
                    result,
                    batch);
            assertThrows(IllegalArgumentException.class, () -> batch.compute(alone(), least - 1), batch::toString);
            // Between that and much more, too, whatever the shares are.
            for (long bytes = least; bytes < 4 * least; bytes += 1 + bytes / 3) {
                assertEquals(
                        result.count(), batch.call(alone(), bytes).compute().count());
            }
        }
    }

    @Test
    void confinedMemoryIsUsedByItsOwnThread() {
        try (Arena arena = Arena.ofConfined()) {
            LinearBatch shared = largeBatch(ElementType.FLOAT32, SoftmaxFamilyOptions.PLAIN);
            List<Matrix> confined = new ArrayList<>();
            for (Matrix from : List.of(shared.hidden(), shared.weight(), shared.hidden(), shared.weight())) {
                MemorySegment memory = arena.allocate(from.segment().byteSize(), 64);
                memory.copyFrom(from.segment());
                confined.add(Matrix.of(from.type(), memory, from.rows(), from.columns()));
            }
            LinearCrossEntropy one = LinearCrossEntropy.of(shared.rows().loss(alone()));
            LinearCrossEntropy three = LinearCrossEntropy.of(shared.rows().loss(threads(3)));
            ClassIndices targets = (ClassIndices) shared.rows().targets();
            LinearBatch.Outputs expected = shared.new Outputs();
            LossResult result = one.lossAndGradients(
                    shared.hidden(), shared.weight(), targets, expected.hiddenGradient, expected.weightGradient);
            LossResult again = three.on(confined.get(0), confined.get(1), targets)
                    .hiddenGradient(confined.get(2))
                    .weightGradient(confined.get(3))
                    .workspace(arena.allocate(1 << 20, 64))
                    .compute();
            assertSameBits(result, again, shared);
            assertSameBits(expected.hiddenGradient, confined.get(2), shared);
            assertSameBits(expected.weightGradient, confined.get(3), shared);
        }
    }

    @Test
    void manyCallersAtOnce() {
        LinearBatch batch = batch(ElementType.BFLOAT16, members().get(1), 40, 300, 16);
        long memory = batch.memoryForRows(alone(), 9);
        LinearBatch.Outcome expected = batch.compute(threads(2), memory);
        List<CompletableFuture<LinearBatch.Outcome>> calls = IntStream.range(0, 32)
                .mapToObj(i -> CompletableFuture.supplyAsync(() -> batch.compute(threads(2), memory)))
                .toList();
        calls.forEach(call -> assertSame(expected, call.join(), batch));
    }

    /** Were the working memory of each call lost, the process would grow by that of all calls; half of it is a failure. */
    @Test
    void manyCallsDoNotGrowTheProcess() throws IOException {
        Path status = Path.of("/proc/self/status");
        assumeTrue(Files.isReadable(status), "only Linux tells the resident memory");
        int calls = 1000;
        // One row of one element is little work, but the memory is that of 16 rows.
        int classes = 4096;
        long logits = 16L * classes * Float.BYTES;
        LinearBatch batch = batch(ElementType.FLOAT32, SoftmaxFamilyOptions.PLAIN, 1, classes, 1);
        LinearBatch.Outputs outputs = batch.new Outputs();
        try (Arena arena = Arena.ofShared()) {
            MemorySegment workspace = arena.allocate(2 * logits, 64);
            Runnable own = () -> outputs.ask(batch.call(alone(), LinearCrossEntropy.DEFAULT_WORKING_MEMORY))
                    .compute();
            Runnable lent = () ->
                    outputs.ask(batch.call(alone(), 1)).workspace(workspace).compute();
            for (Runnable call : List.of(own, lent)) {
                repeat(call, calls / 10);
                long before = residentBytes(status);
                repeat(call, calls);
                long growth = residentBytes(status) - before;
                assertTrue(growth < calls * logits / 2, () -> "resident memory grew by " + growth + " bytes");
            }
        }
    }

    private static void repeat(Runnable call, int times) {
        for (int i = 0; i < times; i++) {
            call.run();
        }
    }

    private static long residentBytes(Path status) throws IOException {
        return Files.readAllLines(status).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }
}
