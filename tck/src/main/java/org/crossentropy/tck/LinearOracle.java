package org.crossentropy.tck;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.Matrix;

/**
 * What a head truly gives: logits by double-double products of the stored numbers, then the {@link SoftmaxFamilyOracle} of
 * those logits, then the two products of their gradient, in double-double again. And how far results may be off.
 *
 * <p><b>Logits.</b> With u the unit roundoff, a sum of k products in any order is within {@code (k + 2) u} times the sum of
 * their absolute values ({@link Tolerances#product}); working in chunks or panels is but another order, and what the sum is
 * added to is but another term. So logit j of row i is off by at most
 *
 * <pre>{@code
 * e[i, j] = product(D + 1, |bias[j]| + sum over d of |hidden[i, d] weight[j, d]|)
 * }</pre>
 *
 * <p>and the logits as the loss sees them by {@code dx[i] = max over j of e[i, j] / temperature}, since the slope of a soft-cap is at
 * most 1.
 *
 * <p><b>Numbers of rows.</b> {@link SoftmaxFamilyOracle.Bounds} say to first order how much a number changes when all logits
 * change by 1 in whatever direction, but for a factor: a log-sum-exp changes by dx at most, a loss by 2 dx, an entropy H by
 * 2 H dx, a derivative by {@link Tolerances#shiftOfGradient}. Between the true logits and those computed, probabilities
 * change by a factor of at most {@code exp(2 dx)}; with it the bound to first order holds for the whole way (mean value
 * theorem). This adds to what the loss of given logits is allowed, and makes of it {@code dg[i, j]} for the gradient.
 *
 * <p><b>Gradients.</b> Their products have operands that are off already, and are rounded themselves:
 *
 * <pre>{@code
 * d hidden[i, d]: scale sum over j of dg[i, j] |weight[j, d]|
 *                 + product(V + 1, |before| + scale sum over j of (|g| + dg)[i, j] |weight[j, d]|)
 * }</pre>
 *
 * <p>where before is what is added to, and the same over rows for weight and bias. Numbers of 16 bits are the nearest to one
 * of the interval, see {@link Truth#meets}.
 */
final class LinearOracle {

    /**
     * A true number, and how far from it a result may be.
     *
     * @param value the number
     * @param allowed absolute error
     */
    record Truth(DoubleDouble value, double allowed) {

        /** {@return whether a number of a format may be the result} */
        boolean meets(double actual, ElementType stored) {
            if (stored.arithmetic() == stored) {
                return Ulp.distance(actual, value) <= allowed;
            }
            // Rounding is monotonic.
            double least = ShortFormats.nearest(stored, value.high() - allowed);
            double most = ShortFormats.nearest(stored, value.high() + allowed);
            return least <= actual && actual <= most;
        }
    }

    private final LinearBatch batch;
    private final ElementType type;
    private final Matrix logits;
    private final double[] shifts;
    private final List<SoftmaxFamilyOracle.Row> rows = new ArrayList<>();
    private final DoubleDouble scale;
    private final LossOracle.Counts counts;

    LinearOracle(LinearBatch batch) {
        this.batch = batch;
        this.type = batch.head().type();
        int count = batch.rows().rows();
        int classes = batch.rows().options().classes();
        this.logits = Matrix.of(
                ElementType.FLOAT64, Arena.ofAuto().allocate(Math.max(1, 8L * count * classes), 8), count, classes);
        this.shifts = new double[count];
        for (int row = 0; row < count; row++) {
            makeLogits(row);
        }
        SoftmaxFamilyOracle oracle =
                new SoftmaxFamilyOracle(batch.rows().widened().withLogits(logits));
        for (int row = 0; row < count; row++) {
            rows.add(oracle.row(row));
        }
        this.scale = oracle.scale(rows);
        this.counts = oracle.counts(rows);
    }

    private void makeLogits(int row) {
        double largest = 0;
        for (int j = 0; j < logits.columns(); j++) {
            if (batch.rows().isEmpty(row)) {
                logits.set(row, j, Double.NEGATIVE_INFINITY);
            } else {
                double error = makeLogit(row, j);
                largest = batch.rows().keeps(row, j) ? Math.max(largest, error) : largest;
            }
        }
        double shift = largest / batch.rows().options().temperature();
        shifts[row] = batch.rows().isLeftOut(row) ? 0 : shift * Math.exp(2 * shift);
    }

    /** Returns the largest error of a logit made here. */
    private double makeLogit(int row, int index) {
        Matrix bias = batch.bias();
        DoubleDouble sum = bias == null ? DoubleDouble.ZERO : DoubleDouble.of(bias.get(0, index));
        double size = Math.abs(sum.high());
        for (int d = 0; d < batch.head().width(); d++) {
            DoubleDouble term = DoubleDouble.product(
                    batch.hidden().get(row, d), batch.weight().get(index, d));
            sum = sum.plus(term);
            size += Math.abs(term.high());
        }
        logits.set(row, index, sum.high());
        return Tolerances.product(type, batch.head().width() + 1L, size);
    }

    /** {@return the logits, rounded to double} */
    Matrix logits() {
        return logits;
    }

    /** {@return by how much two logits of a row may change their order, as they are before the temperature} */
    double tie(int row) {
        return 2 * shifts[row] * batch.rows().options().temperature();
    }

    SoftmaxFamilyOracle.Row row(int row) {
        return rows.get(row);
    }

    LossOracle.Counts counts() {
        return counts;
    }

    /** What the loss of given logits may be off, in the unit of the bounds. */
    private double unit(int row) {
        return Tolerances.family(type, rows.get(row).bounds().logit());
    }

    Truth loss(int row) {
        double error = unit(row) + Tolerances.SHIFT_OF_LOSS * shifts[row];
        return truth(rows.get(row).loss(), error * rows.get(row).bounds().loss());
    }

    Truth lossSum() {
        DoubleDouble sum = DoubleDouble.ZERO;
        double allowed = 0;
        for (int row = 0; row < rows.size(); row++) {
            sum = sum.plus(rows.get(row).loss());
            allowed += loss(row).allowed();
        }
        return new Truth(sum, allowed);
    }

    /** {@return the reduced loss} */
    Truth value() {
        Truth sum = lossSum();
        return new Truth(sum.value().times(scale), sum.allowed() * scale.high());
    }

    Truth logSumExp(int row) {
        return truth(rows.get(row).logSumExp(), unit(row) + shifts[row]);
    }

    Truth targetLogProbability(int row) {
        DoubleDouble value = rows.get(row).targetLogProbability();
        double error = unit(row) * (1 + value.abs().high()) + Tolerances.SHIFT_OF_LOSS * shifts[row];
        return truth(value, error);
    }

    Truth entropy(int row) {
        double error = unit(row) + Tolerances.SHIFT_OF_LOSS * shifts[row];
        return truth(rows.get(row).entropy(), error * rows.get(row).bounds().entropy());
    }

    /** Nothing is allowed to rows that do not count; elsewhere what is below the smallest normal number may be missing. */
    private Truth truth(DoubleDouble value, double allowed) {
        return new Truth(value, allowed == 0 ? 0 : allowed + Ulp.minNormal(type));
    }

    private double gradientError(int row, int index) {
        SoftmaxFamilyOptions options = batch.rows().options();
        double shift = Tolerances.shiftOfGradient(options.focal(), options.softCap()) * shifts[row];
        double bound = rows.get(row).bounds().gradient().get(index);
        return bound == 0 ? 0 : (unit(row) + shift) * bound + Ulp.minNormal(type);
    }

    /** A sum of products of the gradient of logits and something else, scaled and added to what was there. */
    private final class Sum {
        private DoubleDouble value = DoubleDouble.ZERO;
        private double carried;
        private double size;
        private long terms;

        void add(int row, int index, double factor) {
            terms++;
            DoubleDouble derivative = rows.get(row).gradient().get(index);
            double error = gradientError(row, index);
            if (derivative.high() == 0 && error == 0) {
                return;
            }
            value = value.plus(derivative.times(factor));
            carried += error * Math.abs(factor);
            size += (Math.abs(derivative.high()) + error) * Math.abs(factor);
        }

        Truth over(double before) {
            if (size == 0) {
                return new Truth(DoubleDouble.of(before), 0);
            }
            double rounding = Tolerances.product(type, terms + 1, Math.abs(before) + scale.high() * size);
            double allowed = scale.high() * carried + rounding;
            return truth(value.times(scale).plus(DoubleDouble.of(before)), allowed);
        }
    }

    /** {@return an element of the gradient with respect to hidden states, added to what was there} */
    Truth hiddenGradient(int row, int d, double before) {
        Sum sum = new Sum();
        for (int j = 0; j < logits.columns(); j++) {
            sum.add(row, j, batch.weight().get(j, d));
        }
        return sum.over(before);
    }

    /** {@return an element of the gradient with respect to the weight, added to what was there} */
    Truth weightGradient(int index, int d, double before) {
        Sum sum = new Sum();
        for (int row = 0; row < rows.size(); row++) {
            sum.add(row, index, batch.hidden().get(row, d));
        }
        return sum.over(before);
    }

    /** {@return an element of the gradient with respect to the bias, added to what was there} */
    Truth biasGradient(int index, double before) {
        Sum sum = new Sum();
        for (int row = 0; row < rows.size(); row++) {
            sum.add(row, index, 1);
        }
        return sum.over(before);
    }
}
