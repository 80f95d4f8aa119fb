package org.crossentropy.tck;

import java.lang.foreign.Arena;
import java.util.function.Supplier;
import org.crossentropy.api.Backend;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.Execution;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.Parallelism;
import org.crossentropy.api.RowValues;
import org.crossentropy.api.Softmax;
import org.crossentropy.api.SoftmaxCrossEntropy;
import org.crossentropy.tck.ErrorMeter.Expected;
import org.crossentropy.tck.Tolerances.Quantity;

/** Computes batches on a backend and compares every number with the oracle's. */
public final class OracleComparison {

    private final Execution execution;
    private final ErrorMeter meter;
    private final ElementType type;
    /** Relative error allowed for sums of exponentials: 0 but for logits made to provoke it. */
    private double absorbed;

    /**
     * Prepares to compare.
     *
     * @param backend the backend
     * @param type element type of the logits
     */
    public OracleComparison(Backend backend, ElementType type) {
        this.execution = new Execution(backend, Parallelism.sequential());
        this.meter = new ErrorMeter(type);
        this.type = type;
    }

    /**
     * {@return the errors measured}
     */
    public ErrorMeter meter() {
        return meter;
    }

    /**
     * Compares log-sum-exp, softmax, log-softmax, and loss and gradient with each of the options.
     *
     * @param shape what to compute on
     * @param allOptions options of the losses
     * @throws AssertionError if a result is too far off
     */
    public void compare(Batch.Shape shape, Iterable<LossOptions> allOptions) {
        try (Arena arena = Arena.ofConfined()) {
            Batch batch = new Batch(shape, arena);
            absorbed = shape.data().repeatsRoundings() ? Tolerances.absorbed(type, shape.classes()) : 0;
            RowOracle[] rows = new RowOracle[shape.rows()];
            for (int row = 0; row < rows.length; row++) {
                rows[row] = new RowOracle(batch.logits(), row);
            }
            compareSoftmax(batch, rows);
            for (LossOptions options : allOptions) {
                compareLoss(batch, rows, options);
            }
        }
    }

    private void compareSoftmax(Batch batch, RowOracle[] rows) {
        Softmax softmax = Softmax.on(execution);
        RowValues sums = RowValues.of(new double[rows.length]);
        Matrix probabilities = batch.output();
        Matrix logs = batch.output();
        softmax.logSumExp(batch.logits(), sums);
        softmax.softmax(batch.logits(), probabilities);
        softmax.logSoftmax(batch.logits(), logs);
        for (int row = 0; row < rows.length; row++) {
            RowOracle oracle = rows[row];
            double depth = oracle.meanDepth(-1);
            meter.check(sums.get(row), expectedLogSumExp(oracle, depth), where(batch, row, -1));
            for (int j = 0; j < oracle.classes(); j++) {
                meter.check(probabilities.get(row, j), expectedSoftmax(oracle, j, depth), where(batch, row, j));
                meter.check(logs.get(row, j), expectedLogSoftmax(oracle, j, depth), where(batch, row, j));
            }
        }
    }

    private Expected expectedLogSumExp(RowOracle row, double depth) {
        double ownRounding = 2 * Ulp.spacing(ElementType.FLOAT64, finite(row.logSumExp())) + absorbed;
        return new Expected(Quantity.LOG_SUM_EXP, row.logSumExp(), Ulp.spacing(type, 1), depth, ownRounding);
    }

    private Expected expectedSoftmax(RowOracle row, int index, double depth) {
        DoubleDouble p = row.isEmpty() ? DoubleDouble.of(Double.NaN) : row.probability(index);
        double unit = Ulp.spacingStored(type, finite(p));
        double free = 2 * Ulp.minNormal(type) + absorbed * finite(p);
        return new Expected(Quantity.SOFTMAX, p, unit, depth + row.depth(index), free);
    }

    private Expected expectedLogSoftmax(RowOracle row, int index, double depth) {
        DoubleDouble log = storable(row.surprisal(index).negated());
        double unit = Math.max(Ulp.spacing(type, 1), Ulp.spacingStored(type, finite(log)));
        // The log-sum-exp that is subtracted is a double.
        double free = 2 * Ulp.spacing(ElementType.FLOAT64, finite(row.logSumExp())) + absorbed;
        return new Expected(Quantity.LOG_SOFTMAX, log, unit, depth, free);
    }

    private void compareLoss(Batch batch, RowOracle[] rows, LossOptions options) {
        LossOracle oracle = new LossOracle(options, type, batch.shape().classes());
        SoftmaxCrossEntropy loss = options.on(execution);
        RowValues losses = RowValues.of(new double[rows.length]);
        Matrix gradient = batch.output();
        var result = loss.lossAndGradient(batch.logits(), batch.targets(options), gradient, losses);
        LossOracle.Counts counts = oracle.counts(batch, rows);
        new BatchSums(oracle, counts).check(result, batch, rows, options);
        // The weight sum was judged with the sums; gradients are judged by the one in use.
        DoubleDouble weightSum = DoubleDouble.of(result.weightSum());
        DoubleDouble scale = oracle.scale(new LossOracle.Counts(weightSum, counts.count(), counts.rows()));
        for (int row = 0; row < rows.length; row++) {
            int target = batch.target(row, options);
            Supplier<String> where = where(batch, row, target, options);
            if (!differencesOverflow(rows[row], options)) {
                meter.check(losses.get(row), expectedLoss(oracle, options, rows[row], target), where);
            }
            compareGradient(batch, row, rows[row], options, scale, gradient);
        }
    }

    /** Kernels may let the differences overflow that smoothing needs, or their products with the weights. */
    private boolean differencesOverflow(RowOracle row, LossOptions options) {
        double least = Double.POSITIVE_INFINITY;
        double greatest = Double.NEGATIVE_INFINITY;
        double weight = 1;
        for (int j = 0; j < row.classes(); j++) {
            weight = Math.max(weight, options.weight(type, j));
            if (Double.isFinite(row.logit(j))) {
                least = Math.min(least, row.logit(j));
                greatest = Math.max(greatest, row.logit(j));
            }
        }
        double limit = type == ElementType.FLOAT32 ? Float.MAX_VALUE : Double.MAX_VALUE;
        double room = limit / (weight * row.classes());
        return options.smoothing().epsilon() != 0 && greatest / 2 - least / 2 > room / 2;
    }

    private Expected expectedLoss(LossOracle oracle, LossOptions options, RowOracle row, int target) {
        DoubleDouble value = oracle.loss(row, target);
        boolean smoothed = options.smoothing().epsilon() != 0;
        double free = target < 0
                ? 0
                : row.classes()
                        * Ulp.minNormal(type)
                        * oracle.totalMass(target, -1).high();
        if (smoothed && target >= 0) {
            free += Tolerances.SPREAD_ROUNDOFFS * Ulp.roundoff(type) * spreadTerms(oracle, row, target);
            // In double, total weight minus the target's, and the sum of the others plus (the target's minus 1).
            double weighted = oracle.totalMass(target, -1).high() * (1 + finite(row.excess()));
            free += Tolerances.SPREAD_ROUNDOFFS * Ulp.roundoff(ElementType.FLOAT64) * weighted;
        }
        double depth = target < 0 ? 0 : row.meanDepth(target);
        if (target >= 0) {
            free += absorbed * oracle.totalMass(target, -1).high();
            depth = smoothed ? Math.max(depth, row.meanDepth(row.top())) : depth;
        }
        Quantity quantity = smoothed ? Quantity.SMOOTHED_LOSS : Quantity.LOSS;
        return new Expected(quantity, value, Ulp.spacing(type, finite(value)), depth, finite(free));
    }

    /** The sum of {@code t[j] w[j] |x[j] - c0|}, whose parts are rounded to the element type. */
    private double spreadTerms(LossOracle oracle, RowOracle row, int target) {
        double first = Double.NEGATIVE_INFINITY;
        for (int j = 0; j < Math.min(row.classes(), Tolerances.blockElements(type)); j++) {
            first = Math.max(first, row.logit(j));
        }
        double shift = first == Double.NEGATIVE_INFINITY ? 0 : first;
        double sum = 0;
        for (int j = 0; j < row.classes(); j++) {
            double mass = j == target ? 0 : oracle.mass(j, target).high();
            sum += mass == 0 ? 0 : mass * Math.abs(row.logit(j) - shift);
        }
        return sum;
    }

    private void compareGradient(
            Batch batch, int rowIndex, RowOracle row, LossOptions options, DoubleDouble scale, Matrix gradient) {
        int target = batch.target(rowIndex, options);
        LossOracle oracle = new LossOracle(options, type, row.classes());
        DoubleDouble total = oracle.isLeftOut(row, target) ? DoubleDouble.ZERO : oracle.totalMass(target, -1);
        double depth = row.meanDepth(-1);
        for (int j = 0; j < row.classes(); j++) {
            Expected expected = oracle.isLeftOut(row, target)
                    ? new Expected(Quantity.GRADIENT, DoubleDouble.ZERO, Double.MIN_VALUE, 0, 0)
                    : expectedGradient(oracle, row, j, target, total, scale, depth);
            meter.check(gradient.get(rowIndex, j), expected, where(batch, rowIndex, j, options));
        }
    }

    private Expected expectedGradient(
            LossOracle oracle,
            RowOracle row,
            int index,
            int target,
            DoubleDouble total,
            DoubleDouble scale,
            double sumDepth) {
        DoubleDouble value = oracle.gradient(row, index, target, total).times(scale);
        boolean atTarget = index == target;
        DoubleDouble share = atTarget ? row.otherProbability(index) : row.probability(index);
        double pull = finite(total.times(share).times(scale));
        double push = atTarget
                ? finite(oracle.totalMass(target, target).times(scale))
                : finite(oracle.mass(index, target).times(scale));
        double unit = Ulp.spacingStored(type, Math.max(pull, push));
        double depth = sumDepth + (atTarget ? row.meanDepth(target) : row.depth(index));
        int vanishing = atTarget ? row.classes() : 2;
        double free = vanishing * Ulp.minNormal(type) * finite(total.times(scale));
        if (atTarget && oracle.isSmoothed()) {
            // Coefficients are doubles of the size of the total: what is smaller by 2^53 is not in their difference.
            free += 4 * Ulp.roundoff(ElementType.FLOAT64) * finite(total.times(scale));
        }
        free += absorbed * pull;
        Quantity quantity = atTarget ? Quantity.TARGET_GRADIENT : Quantity.GRADIENT;
        return new Expected(quantity, value, unit, Double.isNaN(depth) ? 0 : depth, free);
    }

    private static Supplier<String> where(Batch batch, int row, int index) {
        return () -> "row " + row + ", class " + index + " of " + batch;
    }

    private static Supplier<String> where(Batch batch, int row, int index, LossOptions options) {
        return () -> "row " + row + ", class " + index + ", target " + batch.target(row, options) + " of " + batch
                + " with " + options;
    }

    /** A number beyond the largest element is stored as an infinity. */
    private DoubleDouble storable(DoubleDouble value) {
        return type == ElementType.FLOAT32 && Math.abs(value.high()) > Float.MAX_VALUE
                ? DoubleDouble.of(Math.copySign(Double.POSITIVE_INFINITY, value.high()))
                : value;
    }

    private static double finite(DoubleDouble value) {
        return finite(value.high());
    }

    private static double finite(double value) {
        return Double.isFinite(value) ? Math.abs(value) : 0;
    }
}
