package org.crossentropy.tck;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.crossentropy.api.ClassIndices;
import org.crossentropy.api.ClassMask;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.IndexType;
import org.crossentropy.api.LabelSmoothing;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.RowValues;
import org.crossentropy.api.SoftTargets;
import org.crossentropy.api.SoftmaxCrossEntropy;
import org.crossentropy.api.SoftmaxCrossEntropyCall;
import org.crossentropy.api.Targets;
import org.crossentropy.api.TopTargets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** What a call of the family refuses, with which words, and that no output was written by then. */
public abstract class SoftmaxFamilyErrorsTck extends KernelTck {

    private static final int ROWS = 3;
    private static final int CLASSES = 4;
    private static final byte UNTOUCHED = 0x5a;
    private static final int LONGEST_ROW = ROWS * CLASSES * Double.BYTES;

    /** Called by subclasses. */
    protected SoftmaxFamilyErrorsTck() {}

    /** A call on float logits with every output that its targets allow, each in memory of its own. */
    private static final class Prepared {

        final Map<String, MemorySegment> outputs = new TreeMap<>();
        final Matrix logits = Matrix.of(new float[ROWS * CLASSES], ROWS, CLASSES);
        final SoftmaxCrossEntropyCall call;

        Prepared(SoftmaxCrossEntropy loss, Targets targets) {
            call = loss.on(logits, targets);
            boolean classes = targets instanceof ClassIndices;
            call.gradient(matrix("gradient"))
                    .rowLosses(values("rowLosses"))
                    .logSumExp(values("logSumExp"))
                    .entropy(values("entropy"))
                    .predictions(indices("predictions"));
            if (classes) {
                call.targetLogProbability(values("targetLogProbability")).targetRanks(indices("targetRanks"));
            } else if (targets instanceof SoftTargets) {
                call.targetGradient(matrix("targetGradient"));
            }
        }

        private MemorySegment memory(String name) {
            MemorySegment memory = MemorySegment.ofArray(new byte[LONGEST_ROW]);
            memory.fill(UNTOUCHED);
            outputs.put(name, memory);
            return memory;
        }

        private Matrix matrix(String name) {
            return Matrix.of(ElementType.FLOAT32, memory(name), ROWS, CLASSES);
        }

        private RowValues values(String name) {
            return RowValues.of(ElementType.FLOAT64, memory(name), ROWS);
        }

        private ClassIndices indices(String name) {
            return ClassIndices.of(IndexType.INT64, memory(name), ROWS);
        }

        void assertRefused(Class<? extends Exception> type, String... words) {
            SoftmaxFamilyErrorsTck.assertRefused(type, call::compute, words);
            byte[] untouched = new byte[LONGEST_ROW];
            Arrays.fill(untouched, UNTOUCHED);
            outputs.forEach((name, memory) -> assertArrayEquals(
                    untouched, memory.toArray(java.lang.foreign.ValueLayout.JAVA_BYTE), name + " was written"));
        }
    }

    private static void assertRefused(Class<? extends Exception> type, Executable call, String... words) {
        String message = String.valueOf(assertThrows(type, call).getMessage());
        for (String word : words) {
            assertTrue(message.contains(word), () -> "message must say \"" + word + "\": " + message);
        }
    }

    private SoftmaxCrossEntropy.Builder builder() {
        return SoftmaxCrossEntropy.builder().execution(alone());
    }

    private Prepared prepare(Targets targets) {
        return new Prepared(builder().build(), targets);
    }

    private static ClassIndices classes() {
        return ClassIndices.of(0, 1, 2);
    }

    private static SoftTargets soft(float... last) {
        float[] probabilities = new float[ROWS * CLASSES];
        Arrays.fill(probabilities, 0.25f);
        System.arraycopy(last, 0, probabilities, probabilities.length - last.length, last.length);
        return SoftTargets.of(Matrix.of(probabilities, ROWS, CLASSES));
    }

    private static TopTargets top(int... classes) {
        return TopTargets.of(ClassIndices.of(classes), Matrix.of(new float[] {0.5f, 0.5f, 0.5f}, ROWS, 1));
    }

    @Test
    void preparedCallsWork() {
        for (Targets targets : List.of(classes(), soft(), top(0, -1, 3))) {
            assertEquals(ROWS, prepare(targets).call.compute().count());
        }
    }

    @Test
    void optionsThatExcludeEachOther() {
        Map<String, UnaryOperator<SoftmaxCrossEntropy.Builder>> pairs = Map.of(
                "focal and poly1", options -> options.focal(2).poly1(1),
                "focal and labelSmoothing", options -> options.focal(2).labelSmoothing(LabelSmoothing.uniform(0.1)),
                "poly1 and labelSmoothing", options -> options.poly1(1).labelSmoothing(LabelSmoothing.others(0.1)));
        pairs.forEach((words, set) -> assertRefused(
                IllegalArgumentException.class, set.apply(builder())::build, words, "cannot be combined"));
    }

    @Test
    void optionsThatAreForClasses() {
        Map<String, SoftmaxCrossEntropy> losses = Map.of(
                "focal", builder().focal(2).build(),
                "poly1", builder().poly1(1).build(),
                "labelSmoothing over the others",
                        builder().labelSmoothing(LabelSmoothing.others(0.1)).build());
        losses.forEach((option, loss) -> {
            for (Targets targets : List.of(soft(), top(0, 1, 2))) {
                new Prepared(loss, targets)
                        .assertRefused(IllegalArgumentException.class, option + " and soft targets", "class indices");
            }
        });
    }

    @Test
    void outputsThatAreForClasses() {
        for (Targets targets : List.of(soft(), top(0, 1, 2))) {
            Prepared ranks = prepare(targets);
            ranks.call.targetRanks(ClassIndices.of(new long[ROWS]));
            ranks.assertRefused(IllegalArgumentException.class, "targetRanks and soft targets");
            Prepared logs = prepare(targets);
            logs.call.targetLogProbability(RowValues.of(new double[ROWS]));
            logs.assertRefused(IllegalArgumentException.class, "targetLogProbability and soft targets");
        }
    }

    @Test
    void targetGradientIsForSoftTargets() {
        for (Targets targets : List.of(classes(), top(0, 1, 2))) {
            Prepared prepared = prepare(targets);
            prepared.call.targetGradient(Matrix.of(new float[ROWS * CLASSES], ROWS, CLASSES));
            prepared.assertRefused(IllegalArgumentException.class, "targetGradient", "targets");
        }
    }

    @Test
    void numbersOutOfRange() {
        for (double bad : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertRefused(
                    IllegalArgumentException.class,
                    () -> builder().temperature(bad),
                    "temperature is " + bad,
                    "greater than 0");
        }
        for (double bad : new double[] {-1, Double.NaN, Double.POSITIVE_INFINITY}) {
            String value = Double.toString(bad);
            assertRefused(IllegalArgumentException.class, () -> builder().softCap(bad), "softCap is", value);
            assertRefused(IllegalArgumentException.class, () -> builder().zLoss(bad), "zLoss is", value);
            assertRefused(IllegalArgumentException.class, () -> builder().focal(bad), "focal gamma is", value);
        }
        for (double bad : new double[] {-1.0000001, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertRefused(IllegalArgumentException.class, () -> builder().poly1(bad), "poly1 epsilon is " + bad, "-1");
        }
    }

    @Test
    void shapesAndTypesOfSoftTargets() {
        prepare(SoftTargets.of(Matrix.of(new float[ROWS * 5], ROWS, 5)))
                .assertRefused(IllegalArgumentException.class, "targets has 5 columns", "4 classes");
        prepare(SoftTargets.of(Matrix.of(new float[2 * CLASSES], 2, CLASSES)))
                .assertRefused(IllegalArgumentException.class, "targets has 2 elements", "3 rows");
        prepare(SoftTargets.of(Matrix.of(new double[ROWS * CLASSES], ROWS, CLASSES)))
                .assertRefused(IllegalArgumentException.class, "targets is FLOAT64", "FLOAT32");
        assertRefused(
                IllegalArgumentException.class,
                () -> TopTargets.of(classes(), Matrix.of(new float[8], 4, 2)),
                "classes has 3 elements",
                "4 x 2");
    }

    @Test
    void shapesOfOutputs() {
        List<Map.Entry<String, Consumer<SoftmaxCrossEntropyCall>>> wrong = List.of(
                Map.entry("rowLosses has 2", call -> call.rowLosses(RowValues.of(new float[2]))),
                Map.entry("logSumExp has 4", call -> call.logSumExp(RowValues.of(new float[4]))),
                Map.entry("entropy has 2", call -> call.entropy(RowValues.of(new float[2]))),
                Map.entry("targetLogProbability has 2", call -> call.targetLogProbability(RowValues.of(new float[2]))),
                Map.entry("predictions has 2", call -> call.predictions(ClassIndices.of(new int[2]))),
                Map.entry("targetRanks has 2", call -> call.targetRanks(ClassIndices.of(new int[2]))),
                Map.entry("sampleWeights has 2", call -> call.sampleWeights(RowValues.of(new float[2]))),
                Map.entry("classMask is 5 classes", call -> call.classMask(ClassMask.keep(new boolean[5]))),
                Map.entry("gradient is 4 x 3", call -> call.gradient(Matrix.of(new float[12], 4, 3))),
                Map.entry("gradient is FLOAT64", call -> call.gradient(Matrix.of(new double[12], 3, 4))));
        wrong.forEach(entry -> {
            Prepared prepared = prepare(classes());
            entry.getValue().accept(prepared.call);
            prepared.assertRefused(IllegalArgumentException.class, entry.getKey());
        });
        Prepared prepared = prepare(soft());
        prepared.call.targetGradient(Matrix.of(new float[12], 4, 3));
        prepared.assertRefused(IllegalArgumentException.class, "targetGradient is 4 x 3", "targets");
    }

    @Test
    void probabilitiesOutOfRange() {
        for (float bad : new float[] {-1e-7f, 1.0000001f, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
            prepare(soft(bad, 0))
                    .assertRefused(IllegalArgumentException.class, "targets[2, 2] is " + (double) bad, "from 0 to 1");
            Matrix probabilities = Matrix.of(new float[] {0, bad, 0.5f}, ROWS, 1);
            prepare(TopTargets.of(classes(), probabilities))
                    .assertRefused(
                            IllegalArgumentException.class, "probabilities[1, 0] is " + (double) bad, "from 0 to 1");
        }
    }

    @Test
    void theFirstOfSeveralIsNamed() {
        int classes = 300;
        Matrix probabilities = Matrix.of(new float[900 * classes], 900, classes);
        probabilities.set(899, 1, 2);
        probabilities.set(611, 299, 3);
        probabilities.set(611, 298, -3);
        SoftmaxCrossEntropy loss = builder().execution(threads(3)).build();
        SoftmaxCrossEntropyCall call =
                loss.on(Matrix.of(new float[900 * classes], 900, classes), SoftTargets.of(probabilities));
        assertRefused(IllegalArgumentException.class, call::compute, "targets[611, 298] is -3.0");
    }

    @Test
    void topClassesOutOfRange() {
        prepare(top(0, 4, 1)).assertRefused(IndexOutOfBoundsException.class, "classes[1] is 4", "below 4", "negative");
    }

    @Test
    void targetsOnMaskedClasses() {
        ClassMask mask = ClassMask.keep(true, false, true, true);
        MemorySegment bytes = MemorySegment.ofArray(new byte[] {1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1});
        for (ClassMask each : List.of(mask, ClassMask.perRow(bytes, ROWS, CLASSES))) {
            Prepared ofClasses = prepare(classes());
            ofClasses.call.classMask(each);
            ofClasses.assertRefused(IllegalArgumentException.class, "targets[1] is 1", "classMask");
            Prepared ofTop = prepare(top(0, 1, 2));
            ofTop.call.classMask(each);
            ofTop.assertRefused(IllegalArgumentException.class, "classes[1] is 1", "classMask");
            Prepared ofSoft = prepare(soft());
            ofSoft.call.classMask(each);
            String place = each.isShared() ? "targets[0, 1] is 0.25" : "targets[1, 1] is 0.25";
            ofSoft.assertRefused(IllegalArgumentException.class, place, "classMask", "probability 0");
        }
    }

    @Test
    void sampleWeightsThatAreNone() {
        for (double bad : new double[] {-1e-300, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY}) {
            for (Targets targets : List.of(classes(), soft(), top(0, 1, 2))) {
                Prepared prepared = prepare(targets);
                prepared.call.sampleWeights(RowValues.of(new double[] {1, 0, bad}));
                prepared.assertRefused(
                        IllegalArgumentException.class,
                        "sampleWeights[2] is " + bad,
                        "at least 0",
                        "leaves the row out");
            }
        }
    }

    @Test
    void classTargetsOutOfRange() {
        Prepared prepared = prepare(ClassIndices.of(0, 1, 4));
        prepared.call.classMask(ClassMask.keep(true, true, true, true));
        prepared.assertRefused(IndexOutOfBoundsException.class, "targets[2] is 4", "4 classes");
    }

    @Test
    void smoothingOverTheOthersNeedsTwoKeptClasses() {
        SoftmaxCrossEntropy loss =
                builder().labelSmoothing(LabelSmoothing.others(0.1)).build();
        Prepared prepared = new Prepared(loss, ClassIndices.of(0, 0, 0));
        prepared.call.classMask(ClassMask.keep(true, false, false, false));
        prepared.assertRefused(IllegalArgumentException.class, "at least 2 classes");
    }

    /** Sets an output of a call to some memory. */
    private record Output(String name, java.util.function.BiConsumer<SoftmaxCrossEntropyCall, MemorySegment> set) {}

    private static List<Output> outputs(boolean ofClasses) {
        List<Output> outputs = new java.util.ArrayList<>(List.of(
                new Output("rowLosses", (call, memory) -> call.rowLosses(doubles(memory))),
                new Output("logSumExp", (call, memory) -> call.logSumExp(doubles(memory))),
                new Output("entropy", (call, memory) -> call.entropy(doubles(memory))),
                new Output("predictions", (call, memory) -> call.predictions(longs(memory))),
                new Output("gradient", (call, memory) -> call.gradient(floats(memory)))));
        if (ofClasses) {
            outputs.add(
                    new Output("targetLogProbability", (call, memory) -> call.targetLogProbability(doubles(memory))));
            outputs.add(new Output("targetRanks", (call, memory) -> call.targetRanks(longs(memory))));
        } else {
            outputs.add(new Output("targetGradient", (call, memory) -> call.targetGradient(floats(memory))));
        }
        return outputs;
    }

    private static RowValues doubles(MemorySegment memory) {
        return RowValues.of(ElementType.FLOAT64, memory, ROWS);
    }

    private static ClassIndices longs(MemorySegment memory) {
        return ClassIndices.of(IndexType.INT64, memory, ROWS);
    }

    private static Matrix floats(MemorySegment memory) {
        return Matrix.of(ElementType.FLOAT32, memory, ROWS, CLASSES);
    }

    private static MemorySegment memory() {
        return Arena.ofAuto().allocate(LONGEST_ROW, Double.BYTES);
    }

    @Test
    void outputsThatOverlapInputs() {
        for (boolean ofClasses : new boolean[] {true, false}) {
            for (Output output : outputs(ofClasses)) {
                for (String input : List.of("logits", "targets", "sampleWeights", "classMask")) {
                    MemorySegment shared = memory();
                    Targets targets = targets(ofClasses, input.equals("targets") ? shared : memory());
                    // One element further, so that a gradient is not in place.
                    MemorySegment ofLogits = input.equals("logits") ? shared.asSlice(4) : memory();
                    SoftmaxCrossEntropyCall call = builder().build().on(floats(ofLogits), targets);
                    MemorySegment weights = input.equals("sampleWeights") ? shared : memory();
                    call.sampleWeights(doubles(weights));
                    MemorySegment mask = input.equals("classMask") ? shared : memory();
                    call.classMask(ClassMask.perRow(mask, ROWS, CLASSES));
                    output.set().accept(call, shared);
                    assertRefused(IllegalArgumentException.class, call::compute, output.name() + " overlaps " + input);
                }
            }
        }
    }

    private static Targets targets(boolean ofClasses, MemorySegment memory) {
        return ofClasses ? longs(memory) : SoftTargets.of(floats(memory));
    }

    @Test
    void outputsThatOverlapEachOther() {
        for (boolean ofClasses : new boolean[] {true, false}) {
            List<Output> outputs = outputs(ofClasses);
            for (int i = 0; i < outputs.size(); i++) {
                for (int j = 0; j < i; j++) {
                    MemorySegment shared = memory();
                    SoftmaxCrossEntropyCall call = builder().build().on(floats(memory()), targets(ofClasses, memory()));
                    outputs.get(i).set().accept(call, shared);
                    outputs.get(j).set().accept(call, shared.asSlice(4));
                    assertRefused(
                            IllegalArgumentException.class,
                            call::compute,
                            outputs.get(i).name(),
                            outputs.get(j).name(),
                            "overlaps");
                }
            }
        }
    }

    @Test
    void topTargetsThatOverlapOutputs() {
        MemorySegment shared = memory();
        Matrix probabilities = Matrix.of(ElementType.FLOAT32, shared, ROWS, 1);
        SoftmaxCrossEntropyCall call = builder().build().on(floats(memory()), TopTargets.of(classes(), probabilities));
        assertRefused(
                IllegalArgumentException.class,
                call.gradient(floats(shared))::compute,
                "gradient overlaps probabilities");
        SoftmaxCrossEntropyCall other = builder()
                .build()
                .on(floats(memory()), TopTargets.of(longs(shared), Matrix.of(ElementType.FLOAT32, memory(), ROWS, 1)));
        assertRefused(
                IllegalArgumentException.class, other.entropy(doubles(shared))::compute, "entropy overlaps classes");
    }

    @Test
    void outputsThatCannotBeWritten() {
        for (boolean ofClasses : new boolean[] {true, false}) {
            for (Output output : outputs(ofClasses)) {
                SoftmaxCrossEntropyCall readOnly = builder().build().on(floats(memory()), targets(ofClasses, memory()));
                output.set().accept(readOnly, memory().asReadOnly());
                assertRefused(IllegalArgumentException.class, readOnly::compute, output.name() + " is read-only");
                SoftmaxCrossEntropyCall closed = builder().build().on(floats(memory()), targets(ofClasses, memory()));
                try (Arena arena = Arena.ofConfined()) {
                    output.set().accept(closed, arena.allocate(LONGEST_ROW));
                }
                assertRefused(IllegalStateException.class, closed::compute, "arena of " + output.name() + " is closed");
            }
        }
    }

    @Test
    void inputsWhoseArenaIsClosed() {
        for (String input : List.of("logits", "targets", "sampleWeights", "classMask")) {
            SoftmaxCrossEntropyCall call;
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment gone = arena.allocate(LONGEST_ROW, Double.BYTES);
                call = builder()
                        .build()
                        .on(
                                floats(input.equals("logits") ? gone : memory()),
                                SoftTargets.of(floats(input.equals("targets") ? gone : memory())))
                        .sampleWeights(doubles(input.equals("sampleWeights") ? gone : memory()))
                        .classMask(ClassMask.perRow(input.equals("classMask") ? gone : memory(), ROWS, CLASSES));
            }
            assertRefused(IllegalStateException.class, call::compute, "arena of " + input + " is closed");
        }
    }

    @Test
    void memoryOfAnotherThread() throws InterruptedException {
        try (Arena confined = Arena.ofConfined()) {
            SoftmaxCrossEntropyCall call = builder()
                    .build()
                    .on(floats(memory()), classes())
                    .entropy(doubles(confined.allocate(LONGEST_ROW, Double.BYTES)));
            StringBuilder message = new StringBuilder();
            Thread stranger = Thread.ofPlatform().unstarted(() -> {
                try {
                    call.compute();
                } catch (IllegalStateException refused) {
                    message.append(refused.getMessage());
                }
            });
            stranger.start();
            stranger.join();
            assertTrue(message.toString().contains("arena of entropy is confined"), "message is: " + message);
        }
    }
}
