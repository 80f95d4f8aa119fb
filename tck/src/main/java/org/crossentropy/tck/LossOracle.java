package org.crossentropy.tck;

import org.crossentropy.api.Denominator;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.EmptyMean;
import org.crossentropy.api.EmptyRows;
import org.crossentropy.api.LabelSmoothing;
import org.crossentropy.api.Reduction;

/**
 * What softmax cross-entropy truly is, term by term from its definition {@code loss = sum over j of t[j] w[j] (lse -
 * x[j])} and the derivative of that, {@code (sum over i of t[i] w[i]) p[j] - t[j] w[j]}.
 */
public final class LossOracle {

    private final LossOptions options;
    private final ElementType type;
    private final int classes;

    /**
     * Prepares for rows of one shape.
     *
     * @param options options of the loss
     * @param type type of the logits
     * @param classes number of classes
     */
    public LossOracle(LossOptions options, ElementType type, int classes) {
        this.options = options;
        this.type = type;
        this.classes = classes;
    }

    /**
     * The batch's numbers that do not depend on the logits, except through empty rows that are left out.
     *
     * @param weightSum sum of the weights of the counted rows' targets
     * @param count number of counted rows
     * @param rows number of all rows
     */
    public record Counts(DoubleDouble weightSum, long count, long rows) {}

    /**
     * {@return whether classes other than the target have a mass}
     */
    public boolean isSmoothed() {
        return options.smoothing().epsilon() != 0;
    }

    /**
     * Returns the product of a class's probability in the smoothed target and its weight.
     *
     * @param index class
     * @param target the row's target
     * @return {@code t[index] w[index]}
     */
    public DoubleDouble mass(int index, int target) {
        LabelSmoothing smoothing = options.smoothing();
        DoubleDouble epsilon = DoubleDouble.of(smoothing.epsilon());
        DoubleDouble rest = DoubleDouble.difference(1, smoothing.epsilon());
        DoubleDouble mass = switch (smoothing.convention()) {
            case UNIFORM -> {
                DoubleDouble each = epsilon.dividedBy(DoubleDouble.of(classes));
                yield index == target ? rest.plus(each) : each;
            }
            case OTHERS -> index == target ? rest : epsilon.dividedBy(DoubleDouble.of(classes - 1));
        };
        return mass.times(options.weight(type, index));
    }

    /**
     * Returns the total of the masses.
     *
     * @param target the row's target
     * @param without a class to leave out, or -1
     * @return {@code sum over j of t[j] w[j]}
     */
    public DoubleDouble totalMass(int target, int without) {
        DoubleDouble total = DoubleDouble.ZERO;
        if (!isSmoothed()) {
            return without == target ? total : mass(target, target);
        }
        for (int j = 0; j < classes; j++) {
            total = j == without ? total : total.plus(mass(j, target));
        }
        return total;
    }

    /**
     * Returns whether a row is left out of everything.
     *
     * @param row the row
     * @param target its target, -1 where it is ignored
     * @return whether the row is ignored, or is empty and the options ignore that
     */
    public boolean isLeftOut(RowOracle row, int target) {
        return target < 0 || (row.isEmpty() && options.emptyRows() == EmptyRows.IGNORED);
    }

    /**
     * Returns the loss of a row.
     *
     * @param row the row
     * @param target its target, -1 where it is ignored
     * @return the loss, neither scaled nor divided
     */
    public DoubleDouble loss(RowOracle row, int target) {
        if (isLeftOut(row, target)) {
            return DoubleDouble.ZERO;
        }
        if (row.isUndefined() || row.isEmpty()) {
            return DoubleDouble.of(Double.NaN);
        }
        DoubleDouble loss = term(row, target, target);
        if (isSmoothed()) {
            for (int j = 0; j < classes; j++) {
                loss = j == target ? loss : loss.plus(term(row, j, target));
            }
        }
        return loss;
    }

    /** A mass of 0 counts for nothing, even where the surprisal is infinite. */
    private DoubleDouble term(RowOracle row, int index, int target) {
        DoubleDouble mass = mass(index, target);
        return mass.high() == 0 ? DoubleDouble.ZERO : mass.times(row.surprisal(index));
    }

    /**
     * Returns the derivative of a row's loss with respect to one logit.
     *
     * @param row the row
     * @param index class of that logit
     * @param target the row's target, -1 where it is ignored
     * @param total {@link #totalMass totalMass(target, -1)}, which is the same for all logits of a row
     * @return the derivative of the row's own loss, not scaled
     */
    public DoubleDouble gradient(RowOracle row, int index, int target, DoubleDouble total) {
        if (isLeftOut(row, target)) {
            return DoubleDouble.ZERO;
        }
        if (row.isUndefined() || row.isEmpty()) {
            return DoubleDouble.of(Double.NaN);
        }
        if (index != target) {
            return total.times(row.probability(index)).minus(mass(index, target));
        }
        // total p - mass with total = others + mass is others p - mass (1 - p), where 1 - p keeps its digits.
        DoubleDouble others = totalMass(target, target);
        return others.times(row.probability(index)).minus(mass(index, target).times(row.otherProbability(index)));
    }

    /**
     * Returns the counts of a batch.
     *
     * @param batch the batch
     * @param rows its rows
     * @return weight sum and counts
     */
    public Counts counts(Batch batch, RowOracle[] rows) {
        DoubleDouble weightSum = DoubleDouble.ZERO;
        long count = 0;
        for (int row = 0; row < rows.length; row++) {
            int target = batch.target(row, options);
            if (!isLeftOut(rows[row], target)) {
                count++;
                weightSum = weightSum.plus(DoubleDouble.of(options.weight(type, target)));
            }
        }
        return new Counts(weightSum, count, rows.length);
    }

    /**
     * Returns what a mean divides by.
     *
     * @param denominator which denominator
     * @param counts counts of the batch
     * @return the divisor
     */
    public static DoubleDouble divisor(Denominator denominator, Counts counts) {
        return switch (denominator) {
            case Denominator.Of.WEIGHT_SUM -> counts.weightSum();
            case Denominator.Of.VALID_ROWS -> DoubleDouble.of((double) counts.count());
            case Denominator.Of.ALL_ROWS -> DoubleDouble.of((double) counts.rows());
            case Denominator.Given(double value) -> DoubleDouble.of(value);
        };
    }

    /**
     * Returns the factor of all gradients: the derivative of the reduced loss with respect to a row's loss.
     *
     * @param counts counts of the batch
     * @return 1, or 1 by the denominator, or what the mean over nothing is
     */
    public DoubleDouble scale(Counts counts) {
        if (!(options.reduction() instanceof Reduction.Mean(Denominator denominator))) {
            return DoubleDouble.ONE;
        }
        DoubleDouble divisor = divisor(denominator, counts);
        if (divisor.high() == 0) {
            return DoubleDouble.of(options.emptyMean() == EmptyMean.ZERO ? 0 : Double.NaN);
        }
        return DoubleDouble.ONE.dividedBy(divisor);
    }
}
