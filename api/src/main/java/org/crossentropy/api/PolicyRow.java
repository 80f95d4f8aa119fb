package org.crossentropy.api;

import org.jspecify.annotations.Nullable;

/**
 * The row loss of {@link PolicyLoss}: objective, entropy bonus and penalty for leaving a reference policy.
 *
 * @param objective what is maximised
 * @param entropyBonus coefficient of the entropy
 * @param penalty coefficient of the divergence from the reference
 * @param advantages advantage of each row, or of each run of {@code rowsPerAdvantage} rows
 * @param rowsPerAdvantage rows that share an advantage
 * @param old log-probability of each row's action when it was taken
 * @param reference log-probability of each row's action under the reference policy
 * @param wantsEntropy whether the entropy of rows is known
 * @param tally what the policy is watched by
 */
record PolicyRow(
        PolicyObjective objective,
        double entropyBonus,
        double penalty,
        RowValues advantages,
        long rowsPerAdvantage,
        @Nullable RowValues old,
        @Nullable RowValues reference,
        boolean wantsEntropy,
        PolicyTally tally)
        implements RowLoss {

    @Override
    public boolean needsEntropy() {
        return entropyBonus != 0;
    }

    @Override
    public void compute(RowNumbers row) {
        double advantage = advantages.get(row.index / rowsPerAdvantage);
        double logRatio = old == null ? Double.NaN : 0.0 - row.crossEntropy - old.get(row.index);
        switch (objective) {
            case PolicyObjective.LogProbability() -> {
                row.loss = RowNumbers.times(advantage, row.crossEntropy);
                row.byCrossEntropy = advantage;
            }
            case PolicyObjective.Ratio ratio -> addRatio(row, ratio, advantage, LogRatio.ratio(logRatio));
        }
        if (old != null) {
            tally.addDivergenceFromOld(row.index, LogRatio.excess(logRatio));
        }
        if (reference != null) {
            addPenalty(row, reference.get(row.index) + row.crossEntropy);
        }
        if (wantsEntropy) {
            row.loss -= entropyBonus * row.entropy;
            row.byEntropy = 0.0 - entropyBonus;
            tally.addEntropy(row.index, row.entropy);
        }
    }

    private void addRatio(RowNumbers row, PolicyObjective.Ratio limits, double advantage, double ratio) {
        if (limits.clips(ratio, advantage)) {
            row.loss = 0.0 - limits.clip(ratio, advantage) * advantage;
            tally.addClipped(row.index);
        } else {
            double gain = RowNumbers.times(advantage, ratio);
            row.loss = 0.0 - gain;
            row.byCrossEntropy = gain;
        }
    }

    /** The estimator k3 of the divergence, {@code e^d - 1 - d} with d the log-ratio of reference to policy. */
    private void addPenalty(RowNumbers row, double logRatio) {
        double divergence = LogRatio.excess(logRatio);
        tally.addDivergenceFromReference(row.index, divergence);
        if (penalty != 0) {
            row.loss += penalty * divergence;
            row.byCrossEntropy += penalty * StrictMath.expm1(logRatio);
        }
    }
}
