package org.crossentropy.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.crossentropy.api.LossResult;
import org.crossentropy.api.Reduction;
import org.crossentropy.api.RowValues;
import org.crossentropy.api.ValueLoss;
import org.junit.jupiter.api.Test;

/** The loss of critics: formula, clip, derivative, errors. It needs no backend, and is the same with all. */
public abstract class ValueTck extends ApplicationTck {

    private static final double[] VALUES = {1, 2, -1, 0.5};
    private static final double[] RETURNS = {0, 2.5, -3, 0.5};

    /** Called by subclasses. */
    protected ValueTck() {}

    @Test
    void halfTheSquaredError() {
        double[] gradient = new double[4];
        LossResult result = ValueLoss.create()
                .compute(RowValues.of(VALUES), RowValues.of(RETURNS), null, null, RowValues.of(gradient));
        assertBits((0.5 + 0.125 + 2 + 0) / 4, result.value(), "loss");
        assertSameBits(new double[] {0.25, -0.125, 0.5, 0}, gradient, "gradient");
    }

    @Test
    void weightsCount() {
        double[] gradient = new double[4];
        LossResult result = ValueLoss.create()
                .compute(
                        RowValues.of(VALUES),
                        RowValues.of(new double[] {0, 2.5, Double.NaN, 0.5}),
                        null,
                        RowValues.of(new double[] {1, 3, 0, 4}),
                        RowValues.of(gradient));
        assertBits((0.5 + 3 * 0.125) / 8, result.value(), "loss");
        assertBits(0, gradient[2], "weight 0");
        assertBits(-0.5 * 3 / 8, gradient[1], "weight 3");
        assertEquals(3, result.count());
    }

    @Test
    void clipTakesTheWorse() {
        double[] old = {0.5, 2, -1.5, 0.5};
        double[] gradient = new double[4];
        LossResult result = ValueLoss.create()
                .clip(0.25)
                .reduction(Reduction.SUM)
                .compute(RowValues.of(VALUES), RowValues.of(RETURNS), RowValues.of(old), null, RowValues.of(gradient));
        // Row 0 moved away from its return: 0.75 would be better, so 1 counts. Row 2 too: 2 against 1.75.
        assertBits(0.5 + 0.125 + 2, result.value(), "loss");
        assertSameBits(new double[] {1, -0.5, 2, 0}, gradient, "gradient");
        // Row 0 moved towards its return from 3: counts as 2.75, constant.
        LossResult constant = ValueLoss.create()
                .clip(0.25)
                .reduction(Reduction.SUM)
                .compute(
                        RowValues.of(VALUES),
                        RowValues.of(RETURNS),
                        RowValues.of(new double[] {3, 2, -1, 0.5}),
                        null,
                        RowValues.of(gradient));
        assertBits(2.75 * 2.75 / 2 + 0.125 + 2, constant.value(), "loss");
        assertBits(0, gradient[0], "clipped");
    }

    @Test
    void errors() {
        RowValues values = RowValues.of(VALUES);
        RowValues returns = RowValues.of(RETURNS);
        Class<IllegalArgumentException> refused = IllegalArgumentException.class;
        ValueLoss loss = ValueLoss.create();
        assertRefused(refused, () -> loss.clip(0), "clip is 0.0");
        assertRefused(
                refused, () -> loss.clip(1).compute(values, returns, null, null, null), "oldValues were not given");
        assertRefused(
                refused,
                () -> loss.compute(values, RowValues.of(new double[3]), null, null, null),
                "returns has 3 elements",
                "4 values");
        assertRefused(refused, () -> loss.compute(values, returns, null, null, values), "gradient overlaps values");
        assertRefused(
                refused,
                () -> loss.compute(values, returns, null, RowValues.of(new double[] {1, -1, 1, 1}), null),
                "sampleWeights[1] is -1.0");
    }
}
