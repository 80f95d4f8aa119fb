package org.crossentropy.tck;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.LossResult;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.Reduction;
import org.crossentropy.api.RowValues;
import org.crossentropy.api.SoftTargets;
import org.junit.jupiter.api.Test;

/**
 * All pairs of options of the family of losses, compared with the oracle, and with themselves where a result must not depend
 * on memory, threads, storage format or on what else is asked for.
 */
public abstract class SoftmaxFamilyTck extends KernelTck {

    private static final int ROWS = 5;

    /** Called by subclasses. */
    protected SoftmaxFamilyTck() {}

    private static List<SoftmaxFamilyBatch> batches() {
        List<SoftmaxFamilyBatch> batches = new ArrayList<>();
        for (SoftmaxFamilyOptions options : SoftmaxFamilyOptions.pairs(Grid.seed())) {
            batches.add(new SoftmaxFamilyBatch(options, ROWS, Grid.seed() + batches.size()));
        }
        return batches;
    }

    @Test
    void allPairsAgreeWithTheOracle() {
        List<SoftmaxFamilyBatch> batches = batches();
        OracleMeter meter = new OracleMeter();
        for (SoftmaxFamilyBatch batch : batches) {
            SoftmaxFamilyBatch widened = batch.widened();
            meter.compare(widened, widened.compute(alone()));
        }
        System.out.printf(
                Locale.ROOT,
                "%s: %d combinations cover all pairs of options; errors at most %s of what is allowed%n",
                backend().name(),
                batches.size(),
                meter);
    }

    @Test
    void longRowsAgreeWithTheOracle() {
        OracleMeter meter = new OracleMeter();
        List<SoftmaxFamilyOptions> pairs = SoftmaxFamilyOptions.pairs(Grid.seed());
        for (ElementType type : ElementType.ARITHMETIC) {
            SoftmaxFamilyOptions options = pairs.get(type == ElementType.FLOAT32 ? 2 : 5);
            SoftmaxFamilyBatch batch =
                    new SoftmaxFamilyBatch(options.on(type, 16_500, MemoryKind.HEAP, 0), 2, Grid.seed());
            meter.compare(batch, batch.compute(alone()));
        }
    }

    @Test
    void shortFormatsAreTheRoundedFloat32() {
        for (SoftmaxFamilyBatch batch : batches()) {
            if (batch.options().type().arithmetic() != batch.options().type()) {
                SoftmaxFamilyBatch.Outcome wide = batch.widened().compute(alone());
                SoftmaxFamilyBatch.Outcome outcome = batch.compute(alone());
                assertSameNumbers(wide, outcome, batch);
                assertRounded(wide.gradient(), outcome.gradient(), batch);
                if (batch.options().targets() == SoftmaxFamilyOptions.TargetKind.SOFT) {
                    assertRounded(wide.targetGradient(), outcome.targetGradient(), batch);
                }
            }
        }
    }

    /** Rounds by looking for the nearest stored number, not by the rule for doing so. */
    private static void assertRounded(Matrix wide, Matrix stored, Object where) {
        for (long row = 0; row < wide.rows(); row++) {
            for (int j = 0; j < wide.columns(); j++) {
                double exact = wide.get(row, j);
                double rounded = ShortFormats.nearest(stored.type(), exact);
                assertBits(rounded, stored.get(row, j), "row " + row + ", class " + j + " of " + where);
            }
        }
    }

    @Test
    void memoryDoesNotShow() {
        for (SoftmaxFamilyBatch batch : batches()) {
            SoftmaxFamilyBatch.Outcome expected = batch.tight().compute(alone());
            SoftmaxFamilyBatch.Outcome actual = batch.compute(alone());
            assertSame(expected, actual, batch);
            assertPaddingUntouched(actual.gradient(), batch);
        }
    }

    @Test
    void whatIsAskedForDoesNotShow() {
        for (SoftmaxFamilyBatch batch : batches()) {
            SoftmaxFamilyBatch.Outcome all = batch.compute(alone());
            assertSameBits(all.result(), batch.call(alone(), batch.logits()).compute(), "loss of " + batch);
            double[] losses = new double[batch.rows()];
            batch.call(alone(), batch.logits()).rowLosses(RowValues.of(losses)).compute();
            assertSameBits(all.losses(), losses, "row losses of " + batch);
            Matrix apart = batch.matrix();
            LossResult result =
                    batch.call(alone(), batch.logits()).gradient(apart).compute();
            assertSameBits(all.result(), result, "loss with gradient of " + batch);
            assertSameBits(all.gradient(), apart, "gradient of " + batch);
            Matrix inPlace = batch.copyOfLogits();
            result = batch.call(alone(), inPlace).gradient(inPlace).compute();
            assertSameBits(all.result(), result, "loss in place of " + batch);
            assertSameBits(all.gradient(), inPlace, "gradient in place of " + batch);
            assertPaddingUntouched(inPlace, batch);
        }
    }

    @Test
    void targetGradientAloneIsTheSame() {
        for (SoftmaxFamilyBatch batch : batches()) {
            if (batch.options().targets() == SoftmaxFamilyOptions.TargetKind.SOFT) {
                Matrix alone = batch.matrix();
                batch.call(alone(), batch.logits()).targetGradient(alone).compute();
                assertSameBits(batch.compute(alone()).targetGradient(), alone, batch);
            }
        }
    }

    @Test
    void threadsDoNotShow() {
        List<SoftmaxFamilyOptions> pairs = SoftmaxFamilyOptions.pairs(Grid.seed());
        for (int number = 0; number < pairs.size(); number += 13) {
            SoftmaxFamilyOptions options =
                    pairs.get(number).on(pairs.get(number).type(), 131, MemoryKind.OFF_HEAP, 0);
            SoftmaxFamilyBatch batch = new SoftmaxFamilyBatch(options, 1600, Grid.seed());
            SoftmaxFamilyBatch.Outcome one = batch.compute(alone());
            for (int threads : new int[] {2, 3}) {
                assertSame(one, batch.compute(threads(threads)), threads + " threads, " + batch);
            }
        }
    }

    @Test
    void topTargetsAreSoftTargets() {
        for (SoftmaxFamilyBatch batch : batches()) {
            if (batch.options().targets() == SoftmaxFamilyOptions.TargetKind.TOP
                    && batch.options().type() == ElementType.FLOAT64) {
                Matrix dense = batch.matrix();
                for (int row = 0; row < batch.rows(); row++) {
                    for (int j = 0; j < dense.columns(); j++) {
                        dense.set(row, j, batch.probability(row, j));
                    }
                }
                Matrix gradient = batch.matrix();
                LossResult soft = batch.call(alone(), batch.logits(), SoftTargets.of(dense))
                        .gradient(gradient)
                        .compute();
                SoftmaxFamilyBatch.Outcome top = batch.compute(alone());
                assertSameBits(top.result(), soft, batch);
                assertSameBits(top.gradient(), gradient, batch);
            }
        }
    }

    static void assertSame(SoftmaxFamilyBatch.Outcome expected, SoftmaxFamilyBatch.Outcome actual, Object where) {
        assertSameNumbers(expected, actual, where);
        assertSameBits(expected.gradient(), actual.gradient(), "gradient, " + where);
        assertSameBits(expected.targetGradient(), actual.targetGradient(), "target gradient, " + where);
    }

    /** Compares all but the gradients. */
    static void assertSameNumbers(
            SoftmaxFamilyBatch.Outcome expected, SoftmaxFamilyBatch.Outcome actual, Object where) {
        assertSameBits(expected.result(), actual.result(), where);
        assertSameBits(expected.losses(), actual.losses(), "loss, " + where);
        assertSameBits(expected.logSumExp(), actual.logSumExp(), "log-sum-exp, " + where);
        assertSameBits(expected.targetLogProbability(), actual.targetLogProbability(), "log-probability, " + where);
        assertSameBits(expected.entropy(), actual.entropy(), "entropy, " + where);
        assertArrayEquals(expected.predictions(), actual.predictions(), () -> "predictions, " + where);
        assertArrayEquals(expected.targetRanks(), actual.targetRanks(), () -> "ranks, " + where);
    }

    /** Compares outcomes with the oracle and remembers the largest error of each type as a part of what is allowed. */
    static final class OracleMeter {

        private double largestFloat;
        private double largestDouble;

        void compare(SoftmaxFamilyBatch batch, SoftmaxFamilyBatch.Outcome outcome) {
            SoftmaxFamilyOracle oracle = new SoftmaxFamilyOracle(batch);
            List<SoftmaxFamilyOracle.Row> rows = new ArrayList<>();
            for (int row = 0; row < batch.rows(); row++) {
                rows.add(oracle.row(row));
            }
            compareSums(batch, outcome.result(), oracle, rows);
            DoubleDouble scale = oracle.scale(rows);
            for (int row = 0; row < rows.size(); row++) {
                compareNumbers(batch, outcome, rows.get(row), row);
                compareGradients(batch, outcome, rows.get(row), row, scale);
            }
        }

        private void compareSums(
                SoftmaxFamilyBatch batch,
                LossResult result,
                SoftmaxFamilyOracle oracle,
                List<SoftmaxFamilyOracle.Row> rows) {
            LossOracle.Counts counts = oracle.counts(rows);
            assertEquals(counts.count(), result.count(), () -> "count, " + batch);
            assertNear(counts.weightSum().high(), result.weightSum(), Tolerances.BATCH_SUM, "weight sum, " + batch);
            DoubleDouble sum = DoubleDouble.ZERO;
            double allowed = 0;
            for (SoftmaxFamilyOracle.Row row : rows) {
                sum = sum.plus(row.loss());
                allowed +=
                        Tolerances.family(batch.options().type(), row.bounds().logit())
                                * row.bounds().loss();
            }
            meet(batch, "loss sum", sum, result.lossSum(), allowed);
            if (!(batch.options().reduction() instanceof Reduction.None)) {
                DoubleDouble scale = oracle.scale(rows);
                meet(batch, "value", sum.times(scale), result.value(), allowed * scale.high());
            }
        }

        private void compareNumbers(
                SoftmaxFamilyBatch batch, SoftmaxFamilyBatch.Outcome outcome, SoftmaxFamilyOracle.Row truth, int row) {
            double unit =
                    Tolerances.family(batch.options().type(), truth.bounds().logit());
            double surprisal = 1 + truth.targetLogProbability().abs().high();
            String where = " of row " + row;
            meet(
                    batch,
                    "loss" + where,
                    truth.loss(),
                    outcome.losses()[row],
                    unit * truth.bounds().loss());
            meet(batch, "log-sum-exp" + where, truth.logSumExp(), outcome.logSumExp()[row], unit);
            meet(
                    batch,
                    "log-probability" + where,
                    truth.targetLogProbability(),
                    outcome.targetLogProbability()[row],
                    unit * surprisal);
            double entropy = unit * truth.bounds().entropy();
            meet(batch, "entropy" + where, truth.entropy(), outcome.entropy()[row], entropy);
            assertEquals(truth.prediction(), outcome.predictions()[row], () -> "prediction" + where + ", " + batch);
            if (batch.options().hasClasses()) {
                assertEquals(truth.rank(), outcome.targetRanks()[row], () -> "rank" + where + ", " + batch);
            }
        }

        private void compareGradients(
                SoftmaxFamilyBatch batch,
                SoftmaxFamilyBatch.Outcome outcome,
                SoftmaxFamilyOracle.Row truth,
                int row,
                DoubleDouble scale) {
            double unit =
                    Tolerances.family(batch.options().type(), truth.bounds().logit()) * scale.high();
            for (int j = 0; j < batch.options().classes(); j++) {
                String where = " at row " + row + ", class " + j;
                DoubleDouble gradient = truth.gradient().get(j).times(scale);
                double actual = outcome.gradient().get(row, j);
                meet(
                        batch,
                        "gradient" + where,
                        gradient,
                        actual,
                        unit * truth.bounds().gradient().get(j));
                if (batch.options().targets() == SoftmaxFamilyOptions.TargetKind.SOFT) {
                    DoubleDouble byTarget = truth.targetGradient().get(j).times(scale);
                    double allowed = unit * truth.bounds().targetGradient().get(j);
                    actual = outcome.targetGradient().get(row, j);
                    meet(batch, "target gradient" + where, byTarget, actual, allowed);
                }
            }
        }

        /** Values below the smallest normal number may be missing. */
        private void meet(SoftmaxFamilyBatch batch, String what, DoubleDouble truth, double actual, double allowed) {
            ElementType type = batch.options().type();
            double distance = Ulp.distance(actual, truth);
            double bound = allowed == 0 ? 0 : allowed + Ulp.minNormal(type);
            if (!(distance <= bound)) {
                fail(what + " is " + actual + ", must be " + truth.high() + " within " + bound + " but is " + distance
                        + " from it; " + batch);
            }
            double part = distance == 0 ? 0 : distance / bound;
            if (type == ElementType.FLOAT64) {
                largestDouble = Math.max(largestDouble, part);
            } else {
                largestFloat = Math.max(largestFloat, part);
            }
        }

        @Override
        public String toString() {
            return String.format(Locale.ROOT, "%.2f (float32) and %.2f (float64)", largestFloat, largestDouble);
        }
    }

    @Test
    void pairsCoverWhatTheyShould() {
        List<SoftmaxFamilyOptions> family = SoftmaxFamilyOptions.pairs(Grid.seed());
        assertTrue(family.size() < 200, () -> family.size() + " combinations");
        assertEquals(family, SoftmaxFamilyOptions.pairs(Grid.seed()));
        List<Integer> sizes = List.of(3, 2, 4, 2, 5);
        // Value 0 is possible with all others, as it must be.
        Pairs pairs = new Pairs(
                sizes, (one, other) -> one.option() == 0 && one.value() > 0 && one.value() == other.value() - 1, 1);
        List<List<Integer>> combinations = pairs.combinations();
        for (int first = 0; first < sizes.size(); first++) {
            for (int second = first + 1; second < sizes.size(); second++) {
                for (int i = 0; i < sizes.get(first); i++) {
                    for (int j = 0; j < sizes.get(second); j++) {
                        int one = first;
                        int other = second;
                        List<Integer> pair = List.of(i, j);
                        boolean found = combinations.stream()
                                .anyMatch(all -> pair.equals(List.of(all.get(one), all.get(other))));
                        boolean possible = first != 0 || i == 0 || i != j - 1;
                        assertEquals(possible, found, () -> pair + " of options " + one + " and " + other);
                    }
                }
            }
        }
    }

    @Test
    void tapeDifferentiates() {
        double small = 1e-28;
        for (double at : new double[] {1e-3, 0.7, 1, 1.4, 3, 20}) {
            Tape tape = new Tape();
            Tape.Value x = tape.variable(at);
            DoubleDouble bounded = derivativeIsSet(tape, x.tanh()).value();
            DoubleDouble slope = DoubleDouble.ONE.minus(bounded.times(bounded));
            assertEquals(0, slope.minus(x.derivative()).high(), small, "tanh at " + at);
            Tape.Value power = derivativeIsSet(tape, x.power(2.5));
            DoubleDouble byPower = power.value().times(2.5).dividedBy(x.value());
            assertEquals(0, byPower.minus(x.derivative()).high() / byPower.high(), small, "power at " + at);
            Tape.Value same = derivativeIsSet(tape, x.log().exp());
            assertEquals(0, same.value().minus(x.value()).high() / at, small, "exp of log at " + at);
            assertEquals(0, x.derivative().minus(DoubleDouble.ONE).high(), small, "exp of log at " + at);
            derivativeIsSet(tape, x.times(x).minus(x).dividedBy(x.plus(tape.constant(1))));
            // (x^2 - x) / (x + 1) has the derivative 1 - 2 / (x + 1)^2.
            DoubleDouble next = DoubleDouble.of(at).plus(DoubleDouble.ONE);
            DoubleDouble quotient = DoubleDouble.ONE.minus(DoubleDouble.of(2).dividedBy(next.times(next)));
            assertEquals(0, quotient.minus(x.derivative()).high(), small, "quotient at " + at);
        }
    }

    private static Tape.Value derivativeIsSet(Tape tape, Tape.Value result) {
        tape.differentiate(result);
        return result;
    }
}
