package org.crossentropy.tck;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.crossentropy.api.ClassIndices;
import org.crossentropy.api.ClassMask;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.EmptyRows;
import org.crossentropy.api.LabelSmoothing;
import org.crossentropy.api.LinearCrossEntropy;
import org.crossentropy.api.LossResult;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.PartialCrossEntropy;
import org.crossentropy.api.Reduction;
import org.crossentropy.api.RowValues;
import org.crossentropy.api.ShardCall;
import org.crossentropy.api.ShardedBatch;
import org.crossentropy.api.ShardedCrossEntropy;
import org.crossentropy.api.SoftmaxCrossEntropy;
import org.junit.jupiter.api.Test;

/** A head whose vocabulary is in parts: the same loss and gradients as undivided, within rounding. */
public abstract class ShardedTck extends ApplicationTck {

    private static final int ROWS = 23;
    private static final int WIDTH = 11;
    private static final int CLASSES = 67;

    /** Where parts begin and end: unequal ones, the last of a single class. */
    private static final List<int[]> CUTS =
            List.of(new int[] {0, CLASSES}, new int[] {0, 5, 40, CLASSES}, new int[] {0, 1, 33, CLASSES - 1, CLASSES});

    private static final long IGNORED = SoftmaxCrossEntropy.DEFAULT_IGNORE_INDEX;

    /** Called by subclasses. */
    protected ShardedTck() {}

    /** Inputs of a head, and what comes out of it. */
    private static final class Case {
        final ElementType type;
        final Matrix hidden;
        final Matrix weight;
        final Matrix bias;
        final long[] targets = new long[ROWS];
        final double[] sampleWeights = new double[ROWS];
        final Matrix hiddenGradient;
        final Matrix weightGradient;
        final Matrix biasGradient;
        final double[] losses = new double[ROWS];
        final double[] entropies = new double[ROWS];
        final int[] predictions = new int[ROWS];

        Case(ElementType type, long seed) {
            this.type = type;
            hidden = random(type, seed, ROWS, WIDTH);
            weight = random(type, seed + 1, CLASSES, WIDTH);
            bias = random(type, seed + 2, 1, CLASSES);
            hiddenGradient = zeros(type, ROWS, WIDTH);
            weightGradient = zeros(type, CLASSES, WIDTH);
            biasGradient = zeros(type, 1, CLASSES);
            for (int i = 0; i < ROWS; i++) {
                targets[i] = i % 7 == 3 ? IGNORED : (i * 29L + seed) % CLASSES;
                sampleWeights[i] = i % 5 == 4 ? 0 : 0.5 + i % 3;
            }
        }

        /** The same inputs with outputs of their own. */
        Case again(long seed) {
            return new Case(type, seed);
        }

        Matrix part(Matrix row, int from, int to) {
            MemorySegment some = row.segment().asSlice((long) from * type.bytes());
            return Matrix.of(type, some, 1, to - from);
        }
    }

    private LinearCrossEntropy head(UnaryOperator<SoftmaxCrossEntropy.Builder> options) {
        SoftmaxCrossEntropy loss =
                options.apply(SoftmaxCrossEntropy.builder().execution(alone())).build();
        return LinearCrossEntropy.of(loss).workingMemory(1 << 13);
    }

    private static LossResult whole(LinearCrossEntropy head, Case of) {
        return head.on(of.hidden, of.weight, ClassIndices.of(of.targets))
                .bias(of.bias)
                .sampleWeights(RowValues.of(of.sampleWeights))
                .hiddenGradient(of.hiddenGradient)
                .weightGradient(of.weightGradient)
                .biasGradient(of.biasGradient)
                .rowLosses(RowValues.of(of.losses))
                .entropy(RowValues.of(of.entropies))
                .predictions(ClassIndices.of(of.predictions))
                .compute();
    }

    private static LossResult parts(LinearCrossEntropy head, Case of, int[] cuts, Consumer<ShardCall> each) {
        ShardedBatch batch = ShardedCrossEntropy.of(head, CLASSES)
                .batch(ClassIndices.of(of.targets), RowValues.of(of.sampleWeights));
        PartialCrossEntropy all = forward(batch, of, cuts, each);
        for (int k = 0; k + 1 < cuts.length; k++) {
            ShardCall call = call(batch, of, cuts[k], cuts[k + 1])
                    .hiddenGradient(of.hiddenGradient)
                    .weightGradient(of.weightGradient.rows(cuts[k], cuts[k + 1] - cuts[k]))
                    .biasGradient(of.part(of.biasGradient, cuts[k], cuts[k + 1]))
                    .accumulate();
            each.accept(call);
            call.backward(all);
        }
        for (int i = 0; i < ROWS; i++) {
            boolean counts = of.targets[i] != IGNORED && of.sampleWeights[i] != 0;
            of.entropies[i] = counts ? all.entropy(i) : 0;
            of.predictions[i] = all.prediction(i);
        }
        return batch.result(all, RowValues.of(of.losses));
    }

    /** Merges from the last part to the first. */
    private static PartialCrossEntropy forward(ShardedBatch batch, Case of, int[] cuts, Consumer<ShardCall> each) {
        int last = cuts.length - 2;
        PartialCrossEntropy all = partial(batch, of, cuts[last], cuts[last + 1], each);
        for (int k = last - 1; k >= 0; k--) {
            all = all.merge(partial(batch, of, cuts[k], cuts[k + 1], each));
        }
        return all;
    }

    private static PartialCrossEntropy partial(
            ShardedBatch batch, Case of, int from, int to, Consumer<ShardCall> each) {
        ShardCall call = call(batch, of, from, to).entropy().predictions();
        each.accept(call);
        return call.forward();
    }

    private static ShardCall call(ShardedBatch batch, Case of, int from, int to) {
        return batch.on(from, of.hidden, of.weight.rows(from, to - from)).bias(of.part(of.bias, from, to));
    }

    private void assertSame(UnaryOperator<SoftmaxCrossEntropy.Builder> options, Consumer<Case> change, String what) {
        types().forEach(type -> CUTS.forEach(cuts -> {
            String where = what + " of " + type + " in parts " + Arrays.toString(cuts);
            LinearCrossEntropy head = head(options);
            Case undivided = new Case(type, 5);
            change.accept(undivided);
            LossResult expected = whole(head, undivided);
            Case divided = undivided.again(5);
            change.accept(divided);
            LossResult actual = parts(head, divided, cuts, call -> {});
            assertAgree(expected, undivided, actual, divided, where);
        }));
    }

    /** Logits are the same but for the order of sums in a product: a few units in the last place of the largest. */
    private static void assertAgree(LossResult expected, Case right, LossResult actual, Case wrong, String where) {
        double relative = right.type == ElementType.FLOAT64 ? 1e-12 : 2e-5;
        assertEquals(expected.count(), actual.count(), where);
        assertEquals(expected.weightSum(), actual.weightSum(), 1e-12 * CLASSES, where);
        assertEquals(expected.lossSum(), actual.lossSum(), relative * Math.abs(expected.lossSum()), where);
        assertArrayEquals(right.losses, wrong.losses, relative * 10, where);
        assertArrayEquals(right.entropies, wrong.entropies, relative * 10, where);
        assertArrayEquals(right.predictions, wrong.predictions, where);
        assertClose(right.hiddenGradient, wrong.hiddenGradient, relative * 10, where);
        assertClose(right.weightGradient, wrong.weightGradient, relative * 10, where);
        assertClose(right.biasGradient, wrong.biasGradient, relative * 10, where);
    }

    @Test
    void partsAgreeWithTheWhole() {
        assertSame(options -> options, of -> {}, "plain loss");
        assertSame(options -> options.labelSmoothing(LabelSmoothing.uniform(0.1)), of -> {}, "uniform smoothing");
        assertSame(options -> options.labelSmoothing(LabelSmoothing.others(0.2)), of -> {}, "smoothing over others");
        assertSame(options -> options.zLoss(1e-2).softCap(3).temperature(0.5), of -> {}, "z-loss, cap, temperature");
        assertSame(options -> options.focal(2), of -> {}, "focal loss");
        assertSame(options -> options.poly1(0.5).reduction(Reduction.SUM), of -> {}, "poly-1");
    }

    @Test
    void partsAgreeWithTheWholeWithClassWeights() {
        double[] weights = new double[CLASSES];
        Arrays.setAll(weights, j -> j % 4 == 1 ? 0 : 0.25 * (j % 5 + 1));
        assertSame(options -> options.classWeights(weights), of -> {}, "class weights");
        assertSame(
                options -> options.classWeights(weights).labelSmoothing(LabelSmoothing.uniform(0.1)),
                of -> {},
                "class weights and smoothing");
    }

    @Test
    void partsMayBeWithoutAnyProbability() {
        Consumer<Case> secondPartEmpty = of -> {
            for (int j = 5; j < 40; j++) {
                of.bias.set(0, j, Double.NEGATIVE_INFINITY);
            }
            for (int i = 0; i < ROWS; i++) {
                // One target stays at a class that is impossible: an infinite loss, and a finite gradient.
                of.targets[i] = of.targets[i] >= 5 && of.targets[i] < 40 && i != 1 ? 41 : of.targets[i];
            }
            of.targets[1] = 7;
        };
        assertSame(options -> options, secondPartEmpty, "an empty part");
    }

    @Test
    void emptyRowsAreThoseWithoutAnyPart() {
        for (EmptyRows rule : EmptyRows.values()) {
            Consumer<Case> allEmpty = of -> {
                for (int j = 0; j < CLASSES; j++) {
                    of.bias.set(0, j, Double.NEGATIVE_INFINITY);
                }
            };
            Case of = new Case(ElementType.FLOAT64, 5);
            allEmpty.accept(of);
            LinearCrossEntropy head = head(options -> options.emptyRows(rule).reduction(Reduction.SUM));
            LossResult expected = whole(head, of);
            Case divided = of.again(5);
            allEmpty.accept(divided);
            LossResult actual = parts(head, divided, CUTS.get(1), call -> {});
            assertEquals(expected.count(), actual.count(), String.valueOf(rule));
            assertBits(expected.lossSum(), actual.lossSum(), rule.name());
            assertBits(of.hiddenGradient.get(0, 0), divided.hiddenGradient.get(0, 0), rule.name());
        }
    }

    @Test
    void confidentRowsKeepTheirDigits() {
        LinearCrossEntropy head = head(options -> options);
        Matrix hidden = Matrix.of(new double[] {1}, 1, 1);
        Matrix weight = Matrix.of(new double[] {0, -1, 40, 0.5}, 4, 1);
        ClassIndices target = ClassIndices.of(2);
        double right = head.loss(hidden, weight, target).lossSum();
        ShardedBatch batch = ShardedCrossEntropy.of(head, 4).batch(target);
        PartialCrossEntropy all = batch.on(0, hidden, weight.rows(0, 1))
                .forward()
                .merge(batch.on(1, hidden, weight.rows(1, 3)).forward());
        assertEquals(right, batch.result(all).lossSum(), 1e-12 * right);
        assertTrue(right > 0 && right < 1e-16, "a loss far below one ULP of 1");
    }

    @Test
    void masksLeaveClassesOfPartsOut() {
        Case of = new Case(ElementType.FLOAT64, 5);
        Case divided = of.again(5);
        boolean[] kept = new boolean[CLASSES];
        for (int j = 0; j < CLASSES; j++) {
            kept[j] = j % 3 != 0;
        }
        for (Case each : List.of(of, divided)) {
            Arrays.setAll(
                    each.targets, i -> each.targets[i] >= 0 && !kept[(int) each.targets[i]] ? 1 : each.targets[i]);
        }
        LinearCrossEntropy head = head(options -> options);
        LossResult expected = head.on(of.hidden, of.weight, ClassIndices.of(of.targets))
                .bias(of.bias)
                .sampleWeights(RowValues.of(of.sampleWeights))
                .classMask(ClassMask.keep(kept))
                .weightGradient(of.weightGradient)
                .compute();
        int[] cuts = {0, 9, CLASSES};
        int[] next = {0};
        LossResult actual = parts(head, divided, cuts, call -> {
            // Forward from the last part to the first, then backward from the first to the last.
            int part = List.of(1, 0, 0, 1).get(next[0]++);
            call.classMask(ClassMask.keep(Arrays.copyOfRange(kept, cuts[part], cuts[part + 1])));
        });
        assertEquals(expected.lossSum(), actual.lossSum(), 1e-12 * expected.lossSum());
        assertClose(of.weightGradient, divided.weightGradient, 1e-12, "gradient of the weight");
    }

    @Test
    void partialResultsTravel() throws IOException, ClassNotFoundException {
        Case of = new Case(ElementType.FLOAT32, 5);
        LinearCrossEntropy head = head(options -> options.labelSmoothing(LabelSmoothing.uniform(0.1)));
        ShardedBatch batch = ShardedCrossEntropy.of(head, CLASSES).batch(ClassIndices.of(of.targets));
        PartialCrossEntropy one = partial(batch, of, 0, 30, call -> {});
        PartialCrossEntropy other = partial(batch, of, 30, CLASSES, call -> {});
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(other);
        }
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            PartialCrossEntropy received = (PartialCrossEntropy) in.readObject();
            assertBits(
                    batch.result(one.merge(other)).lossSum(),
                    batch.result(one.merge(received)).lossSum(),
                    "after a journey");
        }
    }

    @Test
    void wrongPartsAreRefused() {
        Case of = new Case(ElementType.FLOAT64, 5);
        LinearCrossEntropy head = head(options -> options);
        ShardedCrossEntropy loss = ShardedCrossEntropy.of(head, CLASSES);
        ShardedBatch batch = loss.batch(ClassIndices.of(of.targets));
        PartialCrossEntropy some = partial(batch, of, 0, 30, call -> {});
        PartialCrossEntropy overlapping = partial(batch, of, 29, CLASSES, call -> {});
        assertRefused(IllegalArgumentException.class, () -> some.merge(overlapping), "class 29", "disjoint");
        assertRefused(IllegalArgumentException.class, () -> batch.result(some), "class 30", "not been seen");
        assertRefused(
                IllegalArgumentException.class,
                () -> some.merge(batch.on(30, of.hidden, of.weight.rows(30, 37)).forward()),
                "different numbers");
        assertRefused(
                IllegalArgumentException.class,
                () -> call(batch, of, 30, CLASSES).backward(some),
                "no gradient");
        assertRefused(
                IllegalArgumentException.class,
                () -> batch.on(1, of.hidden, of.weight).forward(),
                "classes 1 to 67",
                "0 to 66");
        long[] targets = of.targets.clone();
        targets[4] = CLASSES;
        assertRefused(IndexOutOfBoundsException.class, () -> loss.batch(ClassIndices.of(targets)), "targets[4]", "67");
        ShardedBatch smoothed = ShardedCrossEntropy.of(
                        head(options -> options.labelSmoothing(LabelSmoothing.uniform(0.1))), CLASSES)
                .batch(ClassIndices.of(of.targets));
        boolean[] kept = new boolean[CLASSES];
        Arrays.fill(kept, true);
        assertRefused(
                IllegalArgumentException.class,
                () -> smoothed.on(0, of.hidden, of.weight)
                        .classMask(ClassMask.keep(kept))
                        .forward(),
                "classMask",
                "labelSmoothing");
    }
}
