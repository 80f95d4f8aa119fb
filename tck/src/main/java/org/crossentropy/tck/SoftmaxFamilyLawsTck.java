package org.crossentropy.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import org.crossentropy.api.ClassIndices;
import org.crossentropy.api.ClassMask;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.LabelSmoothing;
import org.crossentropy.api.LossResult;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.Reduction;
import org.crossentropy.api.RowValues;
import org.crossentropy.api.SoftTargets;
import org.crossentropy.api.SoftmaxCrossEntropy;
import org.crossentropy.api.SoftmaxCrossEntropyCall;
import org.crossentropy.api.TopTargets;
import org.junit.jupiter.api.Test;

/** What members of the family have to do with each other: limits, special cases, and rows and classes left out. */
public abstract class SoftmaxFamilyLawsTck extends KernelTck {

    private static final int ROWS = 7;
    private static final int CLASSES = 37;
    private static final double[] WEIGHTS = weights();

    /** Called by subclasses. */
    protected SoftmaxFamilyLawsTck() {}

    private static double[] weights() {
        double[] weights = new double[CLASSES];
        for (int j = 0; j < CLASSES; j++) {
            weights[j] = j % 5 == 4 ? 0 : 0.25 * (1 + j % 7);
        }
        return weights;
    }

    private static Matrix logits(ElementType type, int rows, int classes) {
        Matrix logits = matrix(type, rows, classes);
        SplittableRandom random = new SplittableRandom(Grid.seed());
        for (int row = 0; row < rows; row++) {
            for (int j = 0; j < classes; j++) {
                logits.set(row, j, 3 * random.nextGaussian());
            }
        }
        return logits;
    }

    private static Matrix matrix(ElementType type, long rows, int classes) {
        return Matrix.of(
                type,
                MemoryKind.OFF_HEAP.allocate(java.lang.foreign.Arena.ofAuto(), type, rows * classes),
                rows,
                classes);
    }

    private static ClassIndices targets(int rows, int classes) {
        long[] targets = new long[rows];
        for (int row = 0; row < rows; row++) {
            targets[row] = (row * 11L) % classes;
        }
        return ClassIndices.of(targets);
    }

    private static Matrix probabilities(ElementType type, int rows, int classes) {
        Matrix soft = matrix(type, rows, classes);
        SplittableRandom random = new SplittableRandom(Grid.seed() + 1);
        for (int row = 0; row < rows; row++) {
            for (int j = 0; j < classes; j++) {
                soft.set(row, j, random.nextInt(3) == 0 ? 0 : random.nextDouble(0, 0.1));
            }
        }
        return soft;
    }

    private static Matrix mapped(Matrix from, java.util.function.DoubleUnaryOperator map) {
        Matrix to = matrix(from.type(), from.rows(), from.columns());
        for (long row = 0; row < from.rows(); row++) {
            for (int j = 0; j < from.columns(); j++) {
                to.set(row, j, map.applyAsDouble(from.get(row, j)));
            }
        }
        return to;
    }

    private SoftmaxCrossEntropy.Builder sum() {
        return SoftmaxCrossEntropy.builder().execution(alone()).reduction(Reduction.SUM);
    }

    private static Outcome run(SoftmaxCrossEntropyCall call, Matrix logits) {
        double[] losses = new double[Math.toIntExact(logits.rows())];
        Matrix gradient = matrix(logits.type(), logits.rows(), logits.columns());
        LossResult result =
                call.gradient(gradient).rowLosses(RowValues.of(losses)).compute();
        return new Outcome(result, losses, gradient);
    }

    private static void assertClose(Outcome expected, Outcome actual, double factor, Object where) {
        ElementType type = expected.gradient().type();
        double same = 32 * Ulp.roundoff(type);
        assertNear(factor * expected.result().lossSum(), actual.result().lossSum(), same, "loss sum, " + where);
        for (long row = 0; row < expected.gradient().rows(); row++) {
            for (int j = 0; j < expected.gradient().columns(); j++) {
                double wanted = factor * expected.gradient().get(row, j);
                double got = actual.gradient().get(row, j);
                // Gradients of these rows are differences of numbers of about 1.
                assertTrue(
                        Math.abs(wanted - got) <= same * factor * (1 + Math.abs(wanted)),
                        () -> "gradient is " + got + ", must be " + wanted + ", " + where);
            }
        }
    }

    /** Members that must not change when something is done to all of them alike. */
    private static List<UnaryOperator<SoftmaxCrossEntropy.Builder>> members() {
        return List.of(
                plain -> plain,
                plain -> plain.temperature(0.7),
                plain -> plain.classWeights(WEIGHTS),
                plain -> plain.labelSmoothing(LabelSmoothing.uniform(0.2)).classWeights(WEIGHTS),
                plain -> plain.labelSmoothing(LabelSmoothing.others(0.2)),
                plain -> plain.focal(2).classWeights(WEIGHTS),
                plain -> plain.focal(0.5),
                plain -> plain.poly1(1.5),
                plain -> plain.zLoss(0.01),
                plain -> plain.softCap(7).temperature(2));
    }

    @Test
    void optionsThatDoNothingKeepTheBits() {
        for (ElementType type : ElementType.values()) {
            Matrix logits = logits(type, ROWS, CLASSES);
            ClassIndices targets = targets(ROWS, CLASSES);
            Outcome plain = run(sum().build().on(logits, targets), logits);
            SoftmaxCrossEntropy nothing = sum().temperature(1)
                    .softCap(0)
                    .zLoss(0)
                    .focal(0)
                    .poly1(0)
                    .labelSmoothing(LabelSmoothing.others(0))
                    .build();
            assertSameBits(plain, run(nothing.on(logits, targets), logits), type);
            boolean[] all = new boolean[CLASSES];
            java.util.Arrays.fill(all, true);
            double[] ones = new double[ROWS];
            java.util.Arrays.fill(ones, 1);
            SoftmaxCrossEntropyCall call =
                    nothing.on(logits, targets).classMask(ClassMask.keep(all)).sampleWeights(RowValues.of(ones));
            assertSameBits(plain, run(call, logits), type);
        }
    }

    @Test
    void shiftKeepsTheBitsOfLossAndGradient() {
        types().forEach(type -> {
            Matrix logits = mapped(logits(type, ROWS, CLASSES), x -> Math.rint(x * 16) / 16);
            Matrix shifted = mapped(logits, x -> x + 512);
            SoftTargets soft = SoftTargets.of(probabilities(type, ROWS, CLASSES));
            for (UnaryOperator<SoftmaxCrossEntropy.Builder> member : members().subList(2, 8)) {
                SoftmaxCrossEntropy loss = member.apply(sum()).build();
                assertSameBits(
                        run(loss.on(logits, targets(ROWS, CLASSES)), logits),
                        run(loss.on(shifted, targets(ROWS, CLASSES)), shifted),
                        loss);
            }
            SoftmaxCrossEntropy loss =
                    sum().labelSmoothing(LabelSmoothing.uniform(0.1)).build();
            assertSameBits(run(loss.on(logits, soft), logits), run(loss.on(shifted, soft), shifted), loss);
        });
    }

    @Test
    void gradientOfARowSumsToZeroWithoutZLoss() {
        types().forEach(type -> {
            Matrix logits = logits(type, ROWS, CLASSES);
            for (UnaryOperator<SoftmaxCrossEntropy.Builder> member : members().subList(0, 8)) {
                SoftmaxCrossEntropy loss = member.apply(sum()).build();
                assertRowsSum(
                        run(loss.on(logits, targets(ROWS, CLASSES)), logits).gradient(), 0, loss);
            }
            SoftTargets soft = SoftTargets.of(probabilities(type, ROWS, CLASSES));
            assertRowsSum(run(sum().build().on(logits, soft), logits).gradient(), 0, soft);
        });
    }

    @Test
    void gradientOfTheZLossSumsToTwiceTheLogSumExp() {
        types().forEach(type -> {
            Matrix logits = logits(type, ROWS, CLASSES);
            double[] sums = new double[ROWS];
            SoftmaxCrossEntropy loss = sum().zLoss(0.25).build();
            Outcome outcome = run(loss.on(logits, targets(ROWS, CLASSES)).logSumExp(RowValues.of(sums)), logits);
            for (int row = 0; row < ROWS; row++) {
                assertRowsSum(outcome.gradient().rows(row, 1), 2 * 0.25 * sums[row], loss);
            }
        });
    }

    private static void assertRowsSum(Matrix gradient, double expected, Object where) {
        for (long row = 0; row < gradient.rows(); row++) {
            double sum = 0;
            double size = 1;
            for (int j = 0; j < gradient.columns(); j++) {
                sum += gradient.get(row, j);
                size += Math.abs(gradient.get(row, j));
            }
            double allowed = 64 * Ulp.roundoff(gradient.type()) * size;
            assertEquals(expected, sum, allowed, "sum of row " + row + ", " + where);
        }
    }

    @Test
    void weightZeroIsAnIgnoredRowAndWeightTwoIsTheRowTwice() {
        for (ElementType type : ElementType.values()) {
            Matrix logits = logits(type, ROWS, CLASSES);
            for (UnaryOperator<SoftmaxCrossEntropy.Builder> member : members()) {
                SoftmaxCrossEntropy loss = member.apply(sum()).build();
                long[] indices = new long[ROWS];
                for (int row = 0; row < ROWS; row++) {
                    indices[row] = targets(ROWS, CLASSES).get(row);
                }
                double[] weights = {1, 0, 1, 1, 0, 1, 1};
                Outcome weighted =
                        run(loss.on(logits, ClassIndices.of(indices)).sampleWeights(RowValues.of(weights)), logits);
                long[] ignoring = indices.clone();
                ignoring[1] = SoftmaxCrossEntropy.DEFAULT_IGNORE_INDEX;
                ignoring[4] = SoftmaxCrossEntropy.DEFAULT_IGNORE_INDEX;
                assertSameBits(run(loss.on(logits, ClassIndices.of(ignoring)), logits), weighted, loss);
                assertTwiceIsWeightTwo(loss, logits.rows(0, 1), indices[0]);
            }
        }
    }

    private static void assertTwiceIsWeightTwo(SoftmaxCrossEntropy loss, Matrix row, long target) {
        Matrix twice = matrix(row.type(), 2, row.columns());
        for (int j = 0; j < row.columns(); j++) {
            twice.set(0, j, row.get(0, j));
            twice.set(1, j, row.get(0, j));
        }
        LossResult heavy = loss.on(row, ClassIndices.of(target))
                .sampleWeights(RowValues.of(new double[] {2}))
                .compute();
        LossResult both = loss.on(twice, ClassIndices.of(target, target)).compute();
        assertBits(both.lossSum(), heavy.lossSum(), "loss of a row of weight 2, " + loss);
        assertBits(both.weightSum(), heavy.weightSum(), "weight of a row of weight 2, " + loss);
    }

    @Test
    void maskedClassesAreAsRemoved() {
        types().forEach(type -> {
            Matrix logits = logits(type, ROWS, CLASSES);
            boolean[] kept = new boolean[CLASSES];
            int left = 0;
            for (int j = 0; j < CLASSES; j++) {
                kept[j] = j % 4 != 3;
                left += kept[j] ? 1 : 0;
            }
            Matrix removed = matrix(type, ROWS, left);
            copyKept(logits, removed, kept);
            long[] before = new long[ROWS];
            long[] after = new long[ROWS];
            for (int row = 0; row < ROWS; row++) {
                after[row] = (row * 5L) % left;
                // Three of four classes are left.
                before[row] = after[row] / 3 * 4 + after[row] % 3;
            }
            for (UnaryOperator<SoftmaxCrossEntropy.Builder> member : members()) {
                SoftmaxCrossEntropy loss = member.apply(sum()).noClassWeights().build();
                Outcome masked = run(loss.on(logits, ClassIndices.of(before)).classMask(ClassMask.keep(kept)), logits);
                assertZeroElsewhere(masked.gradient(), kept, loss);
                Matrix gradient = matrix(type, ROWS, left);
                copyKept(masked.gradient(), gradient, kept);
                Outcome expected = run(loss.on(removed, ClassIndices.of(after)), removed);
                assertClose(expected, new Outcome(masked.result(), masked.losses(), gradient), 1, loss);
            }
        });
    }

    private static void assertZeroElsewhere(Matrix gradient, boolean[] kept, Object where) {
        for (long row = 0; row < gradient.rows(); row++) {
            for (int j = 0; j < kept.length; j++) {
                if (!kept[j]) {
                    assertBits(0.0, gradient.get(row, j), "gradient at masked class " + j + ", " + where);
                }
            }
        }
    }

    private static void copyKept(Matrix from, Matrix to, boolean[] kept) {
        for (long row = 0; row < from.rows(); row++) {
            int column = 0;
            for (int j = 0; j < kept.length; j++) {
                if (kept[j]) {
                    to.set(row, column++, from.get(row, j));
                }
            }
        }
    }

    @Test
    void sharedMaskIsTheSameMaskForEachRow() {
        types().forEach(type -> {
            Matrix logits = logits(type, ROWS, CLASSES);
            boolean[] kept = new boolean[CLASSES];
            java.lang.foreign.MemorySegment bytes =
                    java.lang.foreign.Arena.ofAuto().allocate((long) ROWS * CLASSES);
            for (int j = 0; j < CLASSES; j++) {
                kept[j] = j % 11 == 0 || j % 3 != 1;
                for (int row = 0; row < ROWS; row++) {
                    bytes.set(java.lang.foreign.ValueLayout.JAVA_BYTE, (long) row * CLASSES + j, (byte)
                            (kept[j] ? -1 : 0));
                }
            }
            for (UnaryOperator<SoftmaxCrossEntropy.Builder> member : members()) {
                SoftmaxCrossEntropy loss = member.apply(sum()).build();
                ClassIndices targets = ClassIndices.of(0L, 11, 22, 33, 0, 11, 22);
                Outcome shared = run(loss.on(logits, targets).classMask(ClassMask.keep(kept)), logits);
                Outcome perRow =
                        run(loss.on(logits, targets).classMask(ClassMask.perRow(bytes, ROWS, CLASSES)), logits);
                assertClose(shared, perRow, 1, loss);
            }
        });
    }

    @Test
    void partsMergeToTheWhole() {
        Matrix logits = logits(ElementType.FLOAT32, 40, CLASSES);
        SoftTargets soft = SoftTargets.of(probabilities(ElementType.FLOAT32, 40, CLASSES));
        SoftmaxCrossEntropy loss = sum().zLoss(0.1).classWeights(WEIGHTS).build();
        LossResult whole = loss.on(logits, soft).compute();
        LossResult first = loss.on(
                        logits.rows(0, 13), SoftTargets.of(soft.probabilities().rows(0, 13)))
                .compute();
        LossResult second = loss.on(
                        logits.rows(13, 27), SoftTargets.of(soft.probabilities().rows(13, 27)))
                .compute();
        assertNear(whole.lossSum(), first.merge(second).lossSum(), Tolerances.BATCH_SUM, loss);
        assertBits(whole.weightSum(), first.merge(second).weightSum(), "weight sum");
        assertEquals(whole.count(), first.merge(second).count());
    }

    @Test
    void oneHotTargetsAreClassesInTheSumAndWithoutWeightsInTheMean() {
        types().forEach(type -> {
            Matrix logits = logits(type, ROWS, CLASSES);
            ClassIndices targets = targets(ROWS, CLASSES);
            Matrix hot = matrix(type, ROWS, CLASSES);
            double targetWeights = 0;
            for (int row = 0; row < ROWS; row++) {
                hot.set(row, (int) targets.get(row), 1);
                targetWeights += WEIGHTS[(int) targets.get(row)];
            }
            for (int number : new int[] {0, 1, 2, 3, 8, 9}) {
                SoftmaxCrossEntropy loss = members().get(number).apply(sum()).build();
                assertClose(
                        run(loss.on(logits, targets), logits),
                        run(loss.on(logits, SoftTargets.of(hot)), logits),
                        1,
                        loss);
            }
            SoftmaxCrossEntropy mean =
                    sum().reduction(Reduction.MEAN).classWeights(WEIGHTS).build();
            double ofClasses = mean.on(logits, targets).compute().value();
            double ofHot = mean.on(logits, SoftTargets.of(hot)).compute().value();
            assertNear(ofClasses * targetWeights / ROWS, ofHot, Tolerances.sameLoss(type), "means, " + type);
        });
    }

    @Test
    void topTargetsAreTheSoftTargetsWithTheSameNumbers() {
        for (ElementType type : ElementType.values()) {
            Matrix logits = logits(type, ROWS, CLASSES);
            Matrix soft = matrix(type, ROWS, CLASSES);
            Matrix top = matrix(type, ROWS, 4);
            int[] classes = new int[ROWS * 4];
            for (int row = 0; row < ROWS; row++) {
                for (int k = 0; k < 4; k++) {
                    int index = (row * 5 + k * 9) % CLASSES;
                    top.set(row, k, 0.1 + 0.05 * k);
                    classes[row * 4 + k] = k == 2 && row == 3 ? -7 : index;
                    soft.set(row, index, classes[row * 4 + k] < 0 ? 0 : top.get(row, k));
                }
            }
            for (int number : new int[] {0, 1, 2, 3, 8, 9}) {
                SoftmaxCrossEntropy loss = members().get(number).apply(sum()).build();
                assertSameBits(
                        run(loss.on(logits, SoftTargets.of(soft)), logits),
                        run(loss.on(logits, TopTargets.of(ClassIndices.of(classes), top)), logits),
                        loss);
            }
        }
    }

    @Test
    void temperatureDividesTheLogits() {
        types().forEach(type -> {
            Matrix logits = logits(type, ROWS, CLASSES);
            Matrix halved = mapped(logits, x -> x / 2);
            ClassIndices targets = targets(ROWS, CLASSES);
            SoftTargets soft = SoftTargets.of(probabilities(type, ROWS, CLASSES));
            // Halves are exact, so that all bits are the same; gradients are those of the logits as given.
            Outcome warm = run(sum().temperature(2).build().on(logits, targets), logits);
            Outcome plain = run(sum().build().on(halved, targets), halved);
            assertSameBits(plain.result(), warm.result(), type);
            assertSameBits(mapped(plain.gradient(), g -> g / 2), warm.gradient(), type);
            warm = run(sum().temperature(2).build().on(logits, soft), logits);
            plain = run(sum().build().on(halved, soft), halved);
            assertSameBits(plain.result(), warm.result(), type);
            assertSameBits(mapped(plain.gradient(), g -> g / 2), warm.gradient(), type);
        });
    }

    @Test
    void wideCapIsNone() {
        types().forEach(type -> {
            Matrix logits = logits(type, ROWS, CLASSES);
            ClassIndices targets = targets(ROWS, CLASSES);
            // The first term left out is x (x / cap)^2 / 3; a wider cap would show the rounding of 1 - e instead.
            double cap = type == ElementType.FLOAT64 ? 1e5 : 1e4;
            Outcome capped = run(sum().softCap(cap).build().on(logits, targets), logits);
            Outcome plain = run(sum().build().on(logits, targets), logits);
            assertNear(plain.result().lossSum(), capped.result().lossSum(), 1e-5, type);
        });
    }

    @Test
    void smallOptionsAreNearNone() {
        Matrix logits = logits(ElementType.FLOAT64, ROWS, CLASSES);
        ClassIndices targets = targets(ROWS, CLASSES);
        double plain = sum().build().on(logits, targets).compute().lossSum();
        for (SoftmaxCrossEntropy.Builder near : List.of(
                sum().focal(1e-9),
                sum().poly1(1e-9),
                sum().zLoss(1e-9),
                sum().temperature(1 + 1e-9),
                sum().labelSmoothing(LabelSmoothing.uniform(1e-9)))) {
            double loss = near.build().on(logits, targets).compute().lossSum();
            assertNear(plain, loss, 1e-7, near.build());
            assertTrue(loss != plain, () -> "does nothing: " + near.build());
        }
    }

    @Test
    void weightsAndSmoothingByHand() {
        // loss = 0.9 w[0] nll + 0.02 sum over j of w[j] (lse - x[j]); the case without weights is from the literature.
        double[] row = {2, 1, 0, -1, 0.5};
        double lse = Math.log(Math.exp(2) + Math.exp(1) + 1 + Math.exp(-1) + Math.exp(0.5));
        double[] weights = {2, 1, 0.5, 0, 4};
        double expected = 0.9 * 2 * (lse - 2);
        for (int j = 0; j < 5; j++) {
            expected += 0.02 * weights[j] * (lse - row[j]);
        }
        for (boolean focused : new boolean[] {false, true}) {
            // With outputs that only the general path can give, too.
            double[] entropy = new double[1];
            SoftmaxCrossEntropy.Builder smooth = sum().labelSmoothing(LabelSmoothing.uniform(0.1));
            Matrix logits = Matrix.of(row, 1, 5);
            SoftmaxCrossEntropyCall plain = smooth.build().on(logits, ClassIndices.of(0));
            SoftmaxCrossEntropyCall weighted =
                    smooth.classWeights(weights).build().on(logits, ClassIndices.of(0));
            if (focused) {
                plain.entropy(RowValues.of(entropy));
                weighted.entropy(RowValues.of(entropy));
            }
            assertEquals(0.7244379, plain.compute().lossSum(), Tolerances.SEVEN_DIGITS);
            assertEquals(expected, weighted.compute().lossSum(), 1e-14);
            assertEquals(expected / 2, weighted.compute().mean(), 1e-14);
        }
    }
}
