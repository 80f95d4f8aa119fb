package org.crossentropy.api;

import org.jspecify.annotations.Nullable;

/**
 * The loss of a critic, half the squared error of its values: the other part of actor-critic methods beside {@link
 * PolicyLoss}. An immutable value.
 *
 * <p><b>Formula.</b> Of a value v, the return R and, with a clip, the value {@code old} when the action was taken,
 *
 * <pre>{@code
 * plain     (v - R)^2 / 2
 * clipped   max((v - R)^2, (old + clip(v - old, -c, c) - R)^2) / 2
 * }</pre>
 *
 * where the gradient of the clipped form is 0 where its second square is the larger one and the clip is in effect. Clipping is
 * that of the authors' implementation of PPO (CleanRL and Stable-Baselines3 offer it, too); A2C and GRPO do without. The mean
 * is over the rows. Computed in double, one row after another on the calling thread: N numbers, beside the N x K logits of
 * the policy. NaN is data.
 */
public final class ValueLoss {

    private final Reduction reduction;
    private final double clip;

    private ValueLoss(Reduction reduction, double clip) {
        this.reduction = reduction;
        this.clip = clip;
    }

    /**
     * {@return the plain loss, its mean over rows}
     */
    public static ValueLoss create() {
        return new ValueLoss(Reduction.MEAN, Double.POSITIVE_INFINITY);
    }

    /**
     * Returns this loss with values clipped around the old ones.
     *
     * @param range how far a value may move, greater than 0; 0.2 in PPO
     * @return new loss
     * @throws IllegalArgumentException if it is not
     */
    public ValueLoss clip(double range) {
        return new ValueLoss(reduction, Checks.positive("clip", range));
    }

    /**
     * Returns this loss with another reduction. Default: {@link Reduction#MEAN}.
     *
     * @param newReduction none, sum or a mean
     * @return new loss
     */
    public ValueLoss reduction(Reduction newReduction) {
        return new ValueLoss(java.util.Objects.requireNonNull(newReduction, "reduction"), clip);
    }

    /**
     * Computes the loss, and the gradient with respect to the values.
     *
     * @param values N values
     * @param returns N returns
     * @param oldValues N values when the actions were taken; needed with a clip, else null
     * @param sampleWeights N weights, finite and at least 0, of which 0 leaves a row out; null for none
     * @param gradient receives N derivatives; null if not wanted
     * @return sums and counts
     * @throws IllegalArgumentException if sizes do not fit, a weight is out of range, old values are missing, or the gradient
     *     overlaps an input
     */
    public LossResult compute(
            RowValues values,
            RowValues returns,
            @Nullable RowValues oldValues,
            @Nullable RowValues sampleWeights,
            @Nullable RowValues gradient) {
        check(values, returns, oldValues, sampleWeights, gradient);
        SampleSelection selection = new SampleSelection(values.count(), sampleWeights);
        ReductionRule rule = new ReductionRule(reduction, EmptyMean.NAN, EmptyRows.NAN);
        double scale =
                rule.scale(rule.result(new CompensatedSum(), selection.weightSum(), selection.count(), values.count()));
        CompensatedSum sum = new CompensatedSum();
        for (long row = 0; row < values.count(); row++) {
            double weight = selection.rowWeight(row);
            if (weight == 0) {
                RowOutputs.set(gradient, row, 0);
                continue;
            }
            double value = values.get(row);
            double error = value - returns.get(row);
            double clipped = oldValues == null ? error : clipped(value, oldValues.get(row), returns.get(row));
            boolean constant = clipped != error && clipped * clipped >= error * error;
            double larger = constant ? clipped : error;
            sum.add(weight * (larger * larger / 2));
            RowOutputs.set(gradient, row, constant ? 0 : scale * weight * error);
        }
        return rule.result(sum, selection.weightSum(), selection.count(), values.count());
    }

    /** The error of a value that may not move further than the clip; that of the value itself within. */
    private double clipped(double value, double old, double wanted) {
        double moved = value - old;
        return Math.abs(moved) > clip ? old + Math.copySign(clip, moved) - wanted : value - wanted;
    }

    private void check(
            RowValues values,
            RowValues returns,
            @Nullable RowValues oldValues,
            @Nullable RowValues sampleWeights,
            @Nullable RowValues gradient) {
        if (oldValues == null && clip != Double.POSITIVE_INFINITY) {
            throw new IllegalArgumentException("oldValues were not given; the clip needs them");
        }
        CallBuffers buffers = new CallBuffers().input("values", values.segment());
        input(buffers, "returns", returns, values);
        input(buffers, "oldValues", oldValues, values);
        input(buffers, "sampleWeights", sampleWeights, values);
        if (gradient != null) {
            checkCount("gradient", gradient, values);
            buffers.output("gradient", gradient);
        }
    }

    private static void input(CallBuffers buffers, String name, @Nullable RowValues input, RowValues values) {
        if (input != null) {
            checkCount(name, input, values);
            buffers.input(name, input.segment());
        }
    }

    private static void checkCount(String name, RowValues given, RowValues values) {
        if (given.count() != values.count()) {
            throw new IllegalArgumentException(name + " has " + given.count()
                    + " elements, must have one for each of the " + values.count() + " values");
        }
    }

    /**
     * {@return the options, for people}
     */
    @Override
    public String toString() {
        return "half squared error" + (clip == Double.POSITIVE_INFINITY ? "" : ", clip " + clip) + ", " + reduction;
    }
}
