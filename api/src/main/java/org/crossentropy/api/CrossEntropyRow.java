package org.crossentropy.api;

/**
 * The row loss of {@link SoftmaxCrossEntropy}: cross-entropy, smoothed, focal or poly-1, and z-loss.
 *
 * @param targetMass mass of the target after smoothing
 * @param otherMass mass of each other class
 * @param focus exponent of the focal loss, 0 for none
 * @param poly coefficient of poly-1, 0 for none
 * @param zLoss coefficient of the squared log-sum-exp
 */
record CrossEntropyRow(double targetMass, double otherMass, double focus, double poly, double zLoss)
        implements RowLoss {

    /** The row loss for dense targets, which are smoothed before. */
    static CrossEntropyRow dense(double zLoss) {
        return new CrossEntropyRow(1, 0, 0, 0, zLoss);
    }

    @Override
    public boolean needsSpread() {
        return otherMass != 0;
    }

    @Override
    public boolean isLinear() {
        return focus == 0 && poly == 0 && zLoss == 0;
    }

    @Override
    public void compute(RowNumbers row) {
        double factor = targetMass * row.classWeight;
        row.loss = RowNumbers.times(factor, value(row.crossEntropy));
        row.byCrossEntropy = factor * derivative(row.crossEntropy);
        if (otherMass != 0) {
            row.loss += otherMass * row.spread;
            row.bySpread = otherMass;
        }
        if (zLoss != 0) {
            row.loss += zLoss * (row.logSumExp * row.logSumExp);
            row.byLogSumExp = 2 * zLoss * row.logSumExp;
        }
    }

    /** The loss of a negative log-likelihood; StrictMath, so that it is the same everywhere. */
    private double value(double nll) {
        if (focus != 0) {
            return RowNumbers.times(StrictMath.pow(-StrictMath.expm1(-nll), focus), nll);
        }
        return poly == 0 ? nll : nll - poly * StrictMath.expm1(-nll);
    }

    private double derivative(double nll) {
        if (focus != 0) {
            return focalDerivative(nll);
        }
        return poly == 0 ? 1 : 1 + poly * StrictMath.exp(-nll);
    }

    /** {@code q^g + g q^(g - 1) p nll}, where q = 1 - p and the second term vanishes with nll and with p. */
    private double focalDerivative(double nll) {
        double p = StrictMath.exp(-nll);
        double q = -StrictMath.expm1(-nll);
        double slope = nll == 0 || p == 0 ? 0 : focus * StrictMath.pow(q, focus - 1) * p * nll;
        return StrictMath.pow(q, focus) + slope;
    }
}
