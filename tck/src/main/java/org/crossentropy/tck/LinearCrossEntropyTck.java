package org.crossentropy.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.LinearCrossEntropy;
import org.crossentropy.api.LossResult;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.Reduction;
import org.crossentropy.api.SoftmaxCrossEntropy;
import org.junit.jupiter.api.Test;

/**
 * The loss of a head for all pairs of options of the family, compared with the oracle: losses, numbers of rows and all
 * gradients, in chunks of one row, of some, and of all, with rows left out and without, in all formats and kinds of memory.
 */
public abstract class LinearCrossEntropyTck extends KernelTck {

    private static final int ROWS = 7;
    private static final int SOME_ROWS = 3;

    /** Called by subclasses. */
    protected LinearCrossEntropyTck() {}

    static List<LinearBatch> batches() {
        List<LinearBatch> batches = new ArrayList<>();
        for (SoftmaxFamilyOptions options : SoftmaxFamilyOptions.pairs(Grid.seed())) {
            int number = batches.size();
            LinearBatch.Head head = LinearBatch.Head.mixed(options, number);
            // Soft targets of 16 bits belong to float32 logits.
            SoftmaxFamilyBatch rows = new SoftmaxFamilyBatch(options, ROWS, Grid.seed() + number);
            batches.add(new LinearBatch(rows, head, Grid.seed() + number));
        }
        return batches;
    }

    private long memory(LinearBatch batch, int number) {
        return switch (number % 3) {
            case 0 -> batch.memoryForRows(alone(), 1);
            case 1 -> batch.memoryForRows(alone(), SOME_ROWS);
            default -> LinearCrossEntropy.DEFAULT_WORKING_MEMORY;
        };
    }

    @Test
    void allPairsAgreeWithTheOracle() {
        List<LinearBatch> batches = batches();
        Meter meter = new Meter();
        for (int number = 0; number < batches.size(); number++) {
            LinearBatch batch = batches.get(number);
            LinearOracle oracle = new LinearOracle(batch);
            LinearBatch.Outcome outcome = batch.compute(alone(), memory(batch, number));
            meter.compareRows(batch, oracle, outcome);
            meter.compareGradients(batch, oracle, outcome.outputs(), null);
            assertNothingElseWritten(batch, outcome.outputs());
        }
        System.out.printf(
                Locale.ROOT,
                "%s: %d heads cover all pairs of options; errors at most %s of what is allowed%n",
                backend().name(),
                batches.size(),
                meter);
    }

    @Test
    void accumulatedGradientsAreSums() {
        List<LinearBatch> batches = batches();
        Meter meter = new Meter();
        for (int number = 0; number < batches.size(); number += 2) {
            LinearBatch batch = batches.get(number);
            LinearBatch.Outputs before = batch.new Outputs().fillGradients(new SplittableRandom(Grid.seed() + number));
            LinearBatch.Outputs sums = batch.new Outputs().fillGradients(new SplittableRandom(Grid.seed() + number));
            sums.ask(batch.call(alone(), memory(batch, number / 2)))
                    .accumulate()
                    .compute();
            meter.compareGradients(batch, new LinearOracle(batch), sums, before);
            assertNothingElseWritten(batch, sums);
            assertRowsLeftOut(batch, sums.hiddenGradient, before.hiddenGradient);
        }
    }

    private static void assertRowsLeftOut(LinearBatch batch, Matrix sums, Matrix before) {
        for (int row = 0; row < batch.rows().rows(); row++) {
            if (batch.rows().isLeftOut(row)) {
                assertSameBits(before, row, sums, row, "row left out of " + batch);
            }
        }
    }

    private static void assertNothingElseWritten(LinearBatch batch, LinearBatch.Outputs outputs) {
        List<Matrix> matrices = new ArrayList<>(outputs.gradients());
        matrices.addAll(List.of(batch.hidden(), batch.weight()));
        for (Matrix matrix : matrices) {
            assertPaddingUntouched(matrix, batch);
        }
    }

    /** A chunk of more classes and terms than the blocks of any product, against the loss of the logits in memory. */
    @Test
    void longSumsAgreeWithTheOracle() {
        Meter meter = new Meter();
        for (ElementType type : List.of(ElementType.FLOAT32, ElementType.FLOAT64, ElementType.BFLOAT16)) {
            SoftmaxFamilyOptions options = SoftmaxFamilyOptions.PLAIN.on(type, 2_101, MemoryKind.OFF_HEAP, 0);
            SoftmaxFamilyBatch rows = new SoftmaxFamilyBatch(options, 2, Grid.seed());
            LinearBatch batch = new LinearBatch(rows, LinearBatch.Head.plain(options, 300), Grid.seed());
            LinearOracle oracle = new LinearOracle(batch);
            LinearBatch.Outcome outcome = batch.compute(threads(2), batch.memoryForRows(alone(), 1));
            meter.compareRows(batch, oracle, outcome);
            meter.compareSomeGradients(batch, oracle, outcome.outputs(), 1 + 40 * 17);
        }
    }

    /** Float64 gradients against central differences of the loss itself: no oracle, no derivation. */
    @Test
    void gradientsAreTheDerivatives() {
        SoftmaxFamilyOptions options = SoftmaxFamilyOptions.PLAIN.on(ElementType.FLOAT64, 5, MemoryKind.OFF_HEAP, 0);
        LinearBatch batch = new LinearBatch(
                new SoftmaxFamilyBatch(options, 4, Grid.seed()), LinearBatch.Head.plain(options, 3), Grid.seed());
        long memory = batch.memoryForRows(alone(), 2);
        LinearBatch.Outputs outputs = batch.compute(alone(), memory).outputs();
        Matrix bias = batch.bias();
        assertTrue(bias != null);
        List<Matrix> inputs = List.of(batch.hidden(), batch.weight(), bias);
        for (int i = 0; i < inputs.size(); i++) {
            ApplicationTck.assertDerivative(
                    inputs.get(i),
                    outputs.gradients().get(i),
                    () -> batch.call(alone(), memory).compute().value(),
                    "input " + i + " of " + batch);
        }
    }

    @Test
    void theShortMethodsAreTheCall() {
        for (ElementType type : ElementType.ARITHMETIC) {
            SoftmaxFamilyOptions options = SoftmaxFamilyOptions.PLAIN.on(type, 17, MemoryKind.OFF_HEAP, 0);
            SoftmaxFamilyBatch rows = new SoftmaxFamilyBatch(options, ROWS, Grid.seed());
            LinearBatch batch = new LinearBatch(rows, LinearBatch.Head.plain(options, 9), Grid.seed());
            SoftmaxCrossEntropy loss = rows.loss(alone());
            LinearCrossEntropy head = LinearCrossEntropy.of(loss);
            assertEquals(LinearCrossEntropy.DEFAULT_WORKING_MEMORY, head.workingMemory());
            assertEquals(loss, head.loss());
            assertTrue(head.toString().contains(loss.toString()), head.toString());
            var targets = (org.crossentropy.api.ClassIndices) rows.targets();
            Matrix ofHidden = Matrices.like(batch.hidden());
            Matrix ofWeight = Matrices.like(batch.weight());
            LinearBatch.Outputs expected = batch.new Outputs();
            LossResult result = head.on(batch.hidden(), batch.weight(), targets)
                    .hiddenGradient(expected.hiddenGradient)
                    .weightGradient(expected.weightGradient)
                    .compute();
            assertSameBits(result, head.loss(batch.hidden(), batch.weight(), targets), type);
            assertSameBits(
                    result, head.lossAndGradients(batch.hidden(), batch.weight(), targets, ofHidden, ofWeight), type);
            assertSameBits(expected.hiddenGradient, ofHidden, type);
            assertSameBits(expected.weightGradient, ofWeight, type);
        }
    }

    /** Compares outcomes with the oracle and remembers the largest error of each type as a part of what is allowed. */
    static final class Meter {

        private double largestFloat;
        private double largestDouble;

        void compareRows(LinearBatch batch, LinearOracle oracle, LinearBatch.Outcome outcome) {
            LossResult result = outcome.result();
            assertEquals(oracle.counts().count(), result.count(), () -> "count, " + batch);
            assertNear(
                    oracle.counts().weightSum().high(), result.weightSum(), Tolerances.BATCH_SUM, "weights, " + batch);
            meet(batch, "loss sum", oracle.lossSum(), result.lossSum());
            if (!(batch.rows().options().reduction() instanceof Reduction.None)) {
                meet(batch, "value", oracle.value(), result.value());
            }
            for (int row = 0; row < batch.rows().rows(); row++) {
                String where = " of row " + row;
                meet(batch, "loss" + where, oracle.loss(row), outcome.outputs().losses[row]);
                meet(batch, "log-sum-exp" + where, oracle.logSumExp(row), outcome.outputs().logSumExp[row]);
                meet(batch, "entropy" + where, oracle.entropy(row), outcome.outputs().entropy[row]);
                meet(
                        batch,
                        "log-probability" + where,
                        oracle.targetLogProbability(row),
                        outcome.outputs().targetLogProbability[row]);
                compareOrder(batch, oracle, outcome.outputs(), row);
            }
        }

        /** Logits that may be equal but for rounding may come in either order. */
        private static void compareOrder(LinearBatch batch, LinearOracle oracle, LinearBatch.Outputs outputs, int row) {
            long prediction = outputs.predictions[row];
            if (!oracle.row(row).counts()) {
                assertEquals(-1, prediction, () -> "prediction of row " + row + ", " + batch);
                assertEquals(
                        batch.rows().options().hasClasses() ? -1 : 0,
                        outputs.targetRanks[row],
                        () -> "rank of row " + row + ", " + batch);
                return;
            }
            Matrix logits = oracle.logits();
            double best = logits.get(row, oracle.row(row).prediction());
            assertTrue(
                    batch.rows().keeps(row, (int) prediction)
                            && logits.get(row, (int) prediction) >= best - oracle.tie(row),
                    () -> "prediction of row " + row + " is " + prediction + ", " + batch);
            if (batch.rows().options().hasClasses()) {
                compareRank(batch, oracle, outputs.targetRanks[row], row);
            }
        }

        private static void compareRank(LinearBatch batch, LinearOracle oracle, long rank, int row) {
            double ofTarget = oracle.logits().get(row, batch.rows().target(row));
            int above = 0;
            int near = 0;
            for (int j = 0; j < oracle.logits().columns(); j++) {
                if (batch.rows().keeps(row, j) && j != batch.rows().target(row)) {
                    double logit = oracle.logits().get(row, j);
                    above += logit > ofTarget + oracle.tie(row) ? 1 : 0;
                    near += logit >= ofTarget - oracle.tie(row) ? 1 : 0;
                }
            }
            String bounds = above + " to " + near;
            assertTrue(
                    above <= rank && rank <= near,
                    () -> "rank of row " + row + " is " + rank + ", must be " + bounds + ", " + batch);
        }

        void compareGradients(
                LinearBatch batch,
                LinearOracle oracle,
                LinearBatch.Outputs outputs,
                LinearBatch.@org.jspecify.annotations.Nullable Outputs before) {
            compareGradients(batch, oracle, outputs, before, 1);
        }

        /** Compares one element out of so many. */
        void compareSomeGradients(LinearBatch batch, LinearOracle oracle, LinearBatch.Outputs outputs, int step) {
            compareGradients(batch, oracle, outputs, null, step);
        }

        private void compareGradients(
                LinearBatch batch,
                LinearOracle oracle,
                LinearBatch.Outputs outputs,
                LinearBatch.@org.jspecify.annotations.Nullable Outputs before,
                int step) {
            List<String> names = List.of("hidden", "weight", "bias");
            for (int i = 0; i < outputs.gradients().size(); i++) {
                Matrix gradient = outputs.gradients().get(i);
                int columns = gradient.columns();
                for (long at = 0; at < gradient.rows() * columns; at += step) {
                    int row = (int) (at / columns);
                    int column = (int) (at % columns);
                    double old = before == null ? 0 : before.gradients().get(i).get(row, column);
                    LinearOracle.Truth truth = switch (i) {
                        case 0 -> oracle.hiddenGradient(row, column, old);
                        case 1 -> oracle.weightGradient(row, column, old);
                        default -> oracle.biasGradient(column, old);
                    };
                    String what = names.get(i) + " gradient at (" + row + ", " + column + ")";
                    meet(batch, what, truth, gradient.get(row, column), gradient.type());
                }
            }
        }

        private void meet(LinearBatch batch, String what, LinearOracle.Truth truth, double actual) {
            meet(batch, what, truth, actual, ElementType.FLOAT64);
        }

        private void meet(LinearBatch batch, String what, LinearOracle.Truth truth, double actual, ElementType stored) {
            if (!truth.meets(actual, stored)) {
                fail(what + " is " + actual + ", must be " + truth.value().high() + " within " + truth.allowed()
                        + " but is " + Ulp.distance(actual, truth.value()) + " from it; " + batch);
            }
            double distance = Ulp.distance(actual, truth.value());
            if (stored.arithmetic() != stored || distance == 0) {
                return;
            }
            if (batch.head().type() == ElementType.FLOAT64) {
                largestDouble = Math.max(largestDouble, distance / truth.allowed());
            } else {
                largestFloat = Math.max(largestFloat, distance / truth.allowed());
            }
        }

        @Override
        public String toString() {
            return String.format(Locale.ROOT, "%.2f (float32) and %.2f (float64)", largestFloat, largestDouble);
        }
    }
}
