package org.crossentropy.app.lm;

import java.util.List;
import org.crossentropy.api.ClassMask;
import org.crossentropy.api.Denominator;
import org.crossentropy.api.Reduction;
import org.crossentropy.app.io.InputException;

/**
 * What the loss of all rows is divided by, known before the first slice so that gradients of slices add up to that of the
 * whole. Every target and weight is looked at here, so that errors name rows of the whole and come before anything is
 * written.
 *
 * @param rows all rows
 * @param count those that count
 * @param weightSum the sum of their weights
 */
record RowCounts(long rows, long count, double weightSum) {

    /**
     * Looks at all rows.
     *
     * @param inputs the rows
     * @param ignoreIndex target of rows to leave out
     * @param classWeights V numbers, or none
     * @param places where targets and weights are, as messages begin
     * @throws InputException naming the first row that cannot be used
     */
    static RowCounts of(HeadRows inputs, long ignoreIndex, List<Double> classWeights, Places places) {
        long count = 0;
        double weightSum = 0;
        for (long row = 0; row < inputs.targets().count(); row++) {
            long target = inputs.targets().get(row);
            double weight = checkedWeight(inputs, row, places);
            if (target != ignoreIndex) {
                checkTarget(inputs, row, target, ignoreIndex, places);
                count += weight == 0 ? 0 : 1;
                weightSum += weight * (classWeights.isEmpty() ? 1 : classWeights.get((int) target));
            }
        }
        return new RowCounts(inputs.targets().count(), count, weightSum);
    }

    private static double checkedWeight(HeadRows inputs, long row, Places places) {
        double weight = inputs.sampleWeight(row);
        if (!(weight >= 0 && weight < Double.POSITIVE_INFINITY)) {
            throw new InputException(places.sampleWeights() + ": row " + row + " has weight " + weight
                    + ", must be finite and at least 0");
        }
        return weight;
    }

    private static void checkTarget(HeadRows inputs, long row, long target, long ignoreIndex, Places places) {
        long classes = inputs.weight().rows();
        if (target < 0 || target >= classes) {
            throw new InputException(places.targets() + ": row " + row + " has target " + target
                    + ", must be from 0 to " + (classes - 1) + ", or the ignore index " + ignoreIndex);
        }
        ClassMask mask = inputs.classMask();
        if (mask != null && !mask.isKept(row, (int) target)) {
            throw new InputException(places.targets() + ": row " + row + " has target " + target
                    + ", a class that the class mask leaves out; leave out the row by the ignore index");
        }
    }

    /**
     * Where inputs are, as messages begin.
     *
     * @param targets the targets
     * @param sampleWeights the sample weights, unused where there are none
     */
    record Places(String targets, String sampleWeights) {}

    /** The same reduction, by the number that it will come to for all rows; as it is if nothing counts. */
    Reduction ofAll(Reduction reduction) {
        return switch (reduction) {
            case Reduction.Mean(Denominator denominator) -> {
                double divisor = divisor(denominator);
                yield divisor >= Double.MIN_NORMAL ? Reduction.mean(Denominator.given(divisor)) : reduction;
            }
            case Reduction.Sum _, Reduction.None _ -> reduction;
        };
    }

    private double divisor(Denominator denominator) {
        return switch (denominator) {
            case Denominator.Of.WEIGHT_SUM -> weightSum;
            case Denominator.Of.VALID_ROWS -> count;
            case Denominator.Of.ALL_ROWS -> rows;
            case Denominator.Given(double value) -> value;
        };
    }
}
