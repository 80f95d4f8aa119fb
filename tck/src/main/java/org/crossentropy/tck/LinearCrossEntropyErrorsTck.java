package org.crossentropy.tck;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.crossentropy.api.ClassIndices;
import org.crossentropy.api.ClassMask;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.IndexType;
import org.crossentropy.api.LinearCrossEntropy;
import org.crossentropy.api.LinearCrossEntropyCall;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.RowValues;
import org.crossentropy.api.SoftTargets;
import org.crossentropy.api.SoftmaxCrossEntropy;
import org.crossentropy.api.TargetOutOfRangeException;
import org.crossentropy.api.Targets;
import org.crossentropy.api.TopTargets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** What a head refuses, with which words, and that nothing was written by then. */
public abstract class LinearCrossEntropyErrorsTck extends KernelTck {

    private static final int ROWS = 3;
    private static final int WIDTH = 2;
    private static final int CLASSES = 4;
    private static final byte UNTOUCHED = 0x5a;
    private static final int ROOM = 128;
    private static final int WORKSPACE = 4096;
    private static final ElementType F32 = ElementType.FLOAT32;

    private static final String HIDDEN = "hidden";
    private static final String WEIGHT = "weight";
    private static final String BIAS = "bias";
    private static final String TARGETS = "targets";
    private static final String SAMPLE_WEIGHTS = "sampleWeights";
    private static final String MASK = "classMask";
    private static final String LENT = "workspace";

    private static final List<String> INPUTS = List.of(HIDDEN, WEIGHT, BIAS, TARGETS, SAMPLE_WEIGHTS, MASK);
    private static final List<String> OUTPUTS = List.of(
            "hiddenGradient",
            "weightGradient",
            "biasGradient",
            "rowLosses",
            "logSumExp",
            "targetLogProbability",
            "entropy",
            "predictions",
            "targetRanks",
            LENT);

    /** Called by subclasses. */
    protected LinearCrossEntropyErrorsTck() {}

    private SoftmaxCrossEntropy.Builder builder() {
        return SoftmaxCrossEntropy.builder().execution(alone());
    }

    private LinearCrossEntropy head() {
        return LinearCrossEntropy.of(builder().build());
    }

    /** A call with every input and output there is, each by default in memory of its own. */
    private static final class Prepared {

        final Map<String, MemorySegment> memory = new TreeMap<>();

        Prepared() {
            INPUTS.forEach(name -> memory.put(name, filled(ROOM, 0)));
            OUTPUTS.forEach(name -> memory.put(name, filled(name.equals(LENT) ? WORKSPACE : ROOM, UNTOUCHED)));
            memory(MASK).fill((byte) 1);
            for (int row = 0; row < ROWS; row++) {
                memory(SAMPLE_WEIGHTS).setAtIndex(ValueLayout.JAVA_FLOAT, row, 1);
            }
        }

        private static MemorySegment filled(int bytes, int value) {
            MemorySegment segment = Arena.ofAuto().allocate(bytes, 64);
            segment.fill((byte) value);
            return segment;
        }

        MemorySegment memory(String name) {
            MemorySegment segment = memory.get(name);
            if (segment == null) {
                throw new AssertionError("no buffer " + name);
            }
            return segment;
        }

        Matrix matrix(String name, int rows, int columns) {
            return Matrix.of(F32, memory(name), rows, columns);
        }

        private RowValues values(String name) {
            return RowValues.of(F32, memory(name), ROWS);
        }

        private ClassIndices indices(String name) {
            return ClassIndices.of(IndexType.INT32, memory(name), ROWS);
        }

        LinearCrossEntropyCall call(LinearCrossEntropy head) {
            return call(head, matrix(HIDDEN, ROWS, WIDTH), matrix(WEIGHT, CLASSES, WIDTH), indices(TARGETS))
                    .targetLogProbability(values("targetLogProbability"))
                    .targetRanks(indices("targetRanks"));
        }

        /** The same of other inputs, with the outputs that targets of all kinds allow. */
        LinearCrossEntropyCall call(LinearCrossEntropy head, Matrix hidden, Matrix weight, Targets targets) {
            return head.on(hidden, weight, targets)
                    .bias(matrix(BIAS, 1, CLASSES))
                    .sampleWeights(values(SAMPLE_WEIGHTS))
                    .classMask(ClassMask.perRow(memory(MASK), ROWS, CLASSES))
                    .hiddenGradient(matrix("hiddenGradient", ROWS, WIDTH))
                    .weightGradient(matrix("weightGradient", CLASSES, WIDTH))
                    .biasGradient(matrix("biasGradient", 1, CLASSES))
                    .rowLosses(values("rowLosses"))
                    .logSumExp(values("logSumExp"))
                    .entropy(values("entropy"))
                    .predictions(indices("predictions"))
                    .workspace(memory(LENT));
        }

        void assertUntouched(Object where) {
            for (String name : OUTPUTS) {
                byte[] untouched = new byte[name.equals(LENT) ? WORKSPACE : ROOM];
                Arrays.fill(untouched, UNTOUCHED);
                assertArrayEquals(
                        untouched, memory(name).toArray(ValueLayout.JAVA_BYTE), () -> name + " was written, " + where);
            }
        }
    }

    private static void assertRefused(Class<? extends Exception> type, Executable call, String... words) {
        String message =
                String.valueOf(assertThrows(type, call, Arrays.toString(words)).getMessage());
        for (String word : words) {
            assertTrue(message.contains(word), () -> "message must say \"" + word + "\": " + message);
        }
    }

    /** Refuses a call that is as prepared but for one change. */
    private void assertRefused(
            Class<? extends Exception> type, Consumer<LinearCrossEntropyCall> change, String... words) {
        Prepared prepared = new Prepared();
        LinearCrossEntropyCall call = prepared.call(head());
        change.accept(call);
        assertRefused(type, call::compute, words);
        prepared.assertUntouched(Arrays.toString(words));
    }

    private void assertRefused(Consumer<LinearCrossEntropyCall> change, String... words) {
        assertRefused(IllegalArgumentException.class, change, words);
    }

    /** Refuses other inputs. */
    private void assertRefused(Matrix hidden, Matrix weight, Targets targets, String... words) {
        Prepared prepared = new Prepared();
        assertRefused(
                IllegalArgumentException.class,
                () -> prepared.call(head(), hidden, weight, targets).compute(),
                words);
        prepared.assertUntouched(Arrays.toString(words));
    }

    private static Matrix matrix(ElementType type, int rows, int columns) {
        return Matrices.of(type, rows, columns, new double[rows * columns]);
    }

    private static Matrix hidden() {
        return matrix(F32, ROWS, WIDTH);
    }

    private static Matrix weight() {
        return matrix(F32, CLASSES, WIDTH);
    }

    private static ClassIndices targets() {
        return ClassIndices.of(0, 1, 2);
    }

    @Test
    void thePreparedCallWorks() {
        assertEquals(ROWS, new Prepared().call(head()).compute().count());
    }

    @Test
    void shapesOfInputs() {
        assertRefused(hidden(), matrix(F32, CLASSES, 3), targets(), "weight is 4 x 3", "columns as hidden, 2");
        assertRefused(hidden(), matrix(F32, 0, WIDTH), targets(), "weight has 0 rows", "one for each class");
        assertRefused(hidden(), weight(), ClassIndices.of(0, 1), "targets has 2 elements", "3 rows");
        assertRefused(hidden(), weight(), SoftTargets.of(matrix(F32, ROWS, 5)), "targets has 5 columns", "4 classes");
        assertRefused(matrix(F32, 2, WIDTH), weight(), targets(), "targets has 3 elements", "2 rows");
        assertRefused(call -> call.bias(matrix(F32, 1, 3)), "bias is 1 x 3", "must be 1 x 4");
        assertRefused(call -> call.bias(matrix(F32, 2, CLASSES)), "bias is 2 x 4", "must be 1 x 4");
        assertRefused(
                call -> call.sampleWeights(RowValues.of(new double[2])), "sampleWeights has 2 elements", "3 rows");
        assertRefused(call -> call.classMask(ClassMask.keep(true, true)), "classMask is 2 classes", "3 x 4");
    }

    @Test
    void shapesOfOutputs() {
        assertRefused(
                call -> call.hiddenGradient(matrix(F32, 2, WIDTH)),
                "hiddenGradient is 2 x 2",
                "shape of hidden, 3 x 2");
        assertRefused(
                call -> call.weightGradient(matrix(F32, WIDTH, CLASSES)),
                "weightGradient is 2 x 4",
                "shape of weight, 4 x 2");
        assertRefused(
                call -> call.biasGradient(matrix(F32, CLASSES, 1)), "biasGradient is 4 x 1", "shape of bias, 1 x 4");
        assertRefused(call -> call.rowLosses(RowValues.of(new double[4])), "rowLosses has 4 elements", "3 rows");
        assertRefused(call -> call.logSumExp(RowValues.of(new double[4])), "logSumExp has 4 elements", "3 rows");
        assertRefused(call -> call.entropy(RowValues.of(new double[4])), "entropy has 4 elements", "3 rows");
        assertRefused(call -> call.predictions(ClassIndices.of(1, 1)), "predictions has 2 elements", "3 rows");
        assertRefused(call -> call.targetRanks(ClassIndices.of(1, 1)), "targetRanks has 2 elements", "3 rows");
    }

    @Test
    void formats() {
        ElementType f64 = ElementType.FLOAT64;
        assertRefused(hidden(), matrix(f64, CLASSES, WIDTH), targets(), "weight is FLOAT64", "hidden, FLOAT32");
        assertRefused(
                matrix(f64, ROWS, WIDTH), matrix(ElementType.FLOAT16, CLASSES, WIDTH), targets(), "weight is FLOAT16");
        assertRefused(
                hidden(),
                weight(),
                SoftTargets.of(matrix(f64, ROWS, CLASSES)),
                "targets is FLOAT64",
                "logits, FLOAT32");
        assertRefused(call -> call.bias(matrix(f64, 1, CLASSES)), "bias is FLOAT64", "hidden, FLOAT32");
        assertRefused(
                call -> call.hiddenGradient(matrix(ElementType.BFLOAT16, ROWS, WIDTH)),
                "hiddenGradient is BFLOAT16",
                "must be FLOAT32");
        assertRefused(
                call -> call.weightGradient(matrix(ElementType.BFLOAT16, CLASSES, WIDTH)),
                "weightGradient is BFLOAT16",
                "must be FLOAT32",
                "sum over chunks");
        assertRefused(call -> call.biasGradient(matrix(f64, 1, CLASSES)), "biasGradient is FLOAT64", "must be FLOAT32");
    }

    @Test
    void theHiddenGradientMayBeStoredAsTheHiddenStates() {
        Prepared prepared = new Prepared();
        Matrix states = matrix(ElementType.FLOAT16, ROWS, WIDTH);
        for (ElementType type : List.of(ElementType.FLOAT16, F32)) {
            LinearCrossEntropyCall call = head().on(states, weight(), targets());
            assertEquals(
                    ROWS,
                    call.hiddenGradient(matrix(type, ROWS, WIDTH)).compute().count());
        }
        LinearCrossEntropyCall call = prepared.call(head(), states, weight(), targets());
        call.hiddenGradient(matrix(ElementType.BFLOAT16, ROWS, WIDTH));
        assertRefused(
                IllegalArgumentException.class,
                call::compute,
                "hiddenGradient is BFLOAT16",
                "must be FLOAT32 or FLOAT16");
        prepared.assertUntouched("hidden gradient");
    }

    @Test
    void aBiasGradientNeedsABias() {
        LinearCrossEntropyCall call = head().on(hidden(), weight(), targets()).biasGradient(matrix(F32, 1, CLASSES));
        assertRefused(IllegalArgumentException.class, call::compute, "biasGradient", "without a bias", "zeros");
    }

    @Test
    void noTwoBuffersMayOverlapUnlessBothAreRead() {
        List<String> all = new ArrayList<>(INPUTS);
        all.addAll(OUTPUTS);
        for (String output : OUTPUTS) {
            for (String other : all.subList(0, all.indexOf(output))) {
                Prepared prepared = new Prepared();
                MemorySegment shared = prepared.memory(output.equals(LENT) ? output : other);
                prepared.memory.put(output.equals(LENT) ? other : output, shared.asSlice(0, ROOM));
                assertRefused(
                        IllegalArgumentException.class,
                        prepared.call(head())::compute,
                        output,
                        other,
                        "overlaps",
                        "apart");
                assertUntouchedApartFrom(prepared, List.of(output, other));
            }
        }
    }

    private static void assertUntouchedApartFrom(Prepared prepared, List<String> names) {
        Prepared fresh = new Prepared();
        for (String name : names) {
            prepared.memory.put(name, fresh.memory(name));
        }
        prepared.assertUntouched("overlap of " + names);
    }

    @Test
    void inputsMayOverlap() {
        // Tied embeddings: hidden states that are rows of the weight.
        Prepared prepared = new Prepared();
        prepared.memory.put(HIDDEN, prepared.memory(WEIGHT));
        assertEquals(ROWS, prepared.call(head()).compute().count());
    }

    @Test
    void outputsThatAreReadOnly() {
        for (String name : OUTPUTS) {
            Prepared prepared = new Prepared();
            prepared.memory.put(name, prepared.memory(name).asReadOnly());
            assertRefused(
                    IllegalArgumentException.class, prepared.call(head())::compute, name + " is read-only", "writable");
            prepared.assertUntouched(name);
        }
    }

    @Test
    void closedArenas() {
        List<String> all = new ArrayList<>(INPUTS);
        all.addAll(OUTPUTS);
        for (String name : all) {
            Prepared prepared = new Prepared();
            MemorySegment own = prepared.memory(name);
            LinearCrossEntropyCall call;
            try (Arena arena = Arena.ofShared()) {
                prepared.memory.put(name, arena.allocate(own.byteSize(), 64));
                call = prepared.call(head());
            }
            assertRefused(IllegalStateException.class, call::compute, "arena of " + name + " is closed");
            prepared.memory.put(name, own);
            prepared.assertUntouched(name);
        }
    }

    @Test
    void arenasOfOtherThreads() {
        List<String> all = new ArrayList<>(INPUTS);
        all.addAll(OUTPUTS);
        for (String name : all) {
            Prepared prepared = new Prepared();
            MemorySegment own = prepared.memory(name);
            try (Arena arena = Arena.ofConfined()) {
                prepared.memory.put(name, arena.allocate(own.byteSize(), 64));
                LinearCrossEntropyCall call = prepared.call(head());
                CompletableFuture.runAsync(() -> assertRefused(
                                IllegalStateException.class,
                                call::compute,
                                "arena of " + name + " is confined to another thread"))
                        .join();
            }
            prepared.memory.put(name, own);
            prepared.assertUntouched(name);
        }
    }

    @Test
    void workingMemory() {
        for (long bytes : new long[] {0, -1, Long.MIN_VALUE}) {
            assertRefused(
                    IllegalArgumentException.class,
                    () -> head().workingMemory(bytes),
                    "workingMemory is " + bytes,
                    "at least 1");
        }
        MemorySegment small = Arena.ofAuto().allocate(40, 8);
        assertRefused(
                call -> call.workspace(small),
                "working memory is 40 bytes",
                "one row of 4 logits needs",
                "raise workingMemory",
                "larger workspace");
        assertRefused(call -> call.workspace(MemorySegment.ofArray(new byte[WORKSPACE])), "workspace", "off-heap");
        LinearCrossEntropyCall call = head().workingMemory(7).on(hidden(), weight(), targets());
        assertRefused(IllegalArgumentException.class, call::compute, "working memory is 7 bytes", "needs");
    }

    @Test
    void targetsOutOfRange() {
        for (int bad : new int[] {-1, CLASSES, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            Prepared prepared = new Prepared();
            prepared.memory(TARGETS).setAtIndex(ValueLayout.JAVA_INT, 1, bad);
            assertRefused(
                    TargetOutOfRangeException.class,
                    prepared.call(head())::compute,
                    "targets[1] is " + bad,
                    "from 0 to 3",
                    "ignore index -100");
            prepared.assertUntouched(bad);
        }
        assertRefused(
                hidden(),
                weight(),
                SoftTargets.of(Matrices.of(F32, ROWS, CLASSES, 0, 0, 0, 1, 0, 0, 1, 0, 1.5, 0, 0, 0)),
                "targets",
                "probability from 0 to 1");
        Prepared prepared = new Prepared();
        TopTargets top = TopTargets.of(ClassIndices.of(0, 1, CLASSES), matrix(F32, ROWS, 1));
        assertRefused(
                TargetOutOfRangeException.class,
                prepared.call(head(), hidden(), weight(), top)::compute,
                "classes[2] is 4",
                "below 4");
        prepared.assertUntouched("classes");
    }

    @Test
    void maskedTargetsAndBadWeights() {
        assertRefused(call -> call.classMask(ClassMask.keep(false, true, true, true)), "targets[0]", "classMask");
        for (double bad : new double[] {-1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertRefused(
                    call -> call.sampleWeights(RowValues.of(new double[] {1, bad, 1})), "sampleWeights[1] is " + bad);
        }
    }

    @Test
    void optionsAndOutputsThatAreForClasses() {
        Targets soft = SoftTargets.of(matrix(F32, ROWS, CLASSES));
        Prepared prepared = new Prepared();
        LinearCrossEntropy focal = LinearCrossEntropy.of(builder().focal(2).build());
        assertRefused(
                IllegalArgumentException.class,
                prepared.call(focal, hidden(), weight(), soft)::compute,
                "focal and soft targets");
        LinearCrossEntropyCall ranks = prepared.call(head(), hidden(), weight(), soft);
        ranks.targetRanks(ClassIndices.of(new int[ROWS]));
        assertRefused(IllegalArgumentException.class, ranks::compute, "targetRanks and soft targets");
        LinearCrossEntropy weighted =
                LinearCrossEntropy.of(builder().classWeights(1, 2).build());
        assertRefused(
                IllegalArgumentException.class,
                prepared.call(weighted, hidden(), weight(), targets())::compute,
                "classWeights");
        prepared.assertUntouched("options");
    }
}
