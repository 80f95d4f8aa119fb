package org.crossentropy.api;

import org.jspecify.annotations.Nullable;

/**
 * The gradient of the logits of a part of the classes. Where the whole row has {@code alpha p[j] - beta w[j] - gamma [j =
 * y]}, the part's softmax q has {@code p[j] = q[j] exp(lse of the part - lse)}; so the part has the same gradient with another
 * alpha, and without gamma where the target is elsewhere.
 */
final class ShardBackward implements LinearSweep.ChunkLoss {

    private final ShardPart part;
    private final ShardedRows whole;
    private final ClassWeights.@Nullable Table weights;
    private final double weightTotal;

    ShardBackward(ShardPart part, ShardedRows whole) {
        this.part = part;
        this.whole = whole;
        this.weights = part.weights();
        this.weightTotal = ShardPart.total(weights, part.targets().classes());
    }

    @Override
    public void compute(ChosenRows rows, Matrix logits, boolean wantsGradient) {
        part.run(rows, logits, row -> derive(rows.place((int) row.index), row), 1, logits, RowOutputs.losses(null));
        for (int i = 0; i < rows.count(); i++) {
            if (whole.isEmpty((int) rows.place(i)) && !whole.skipsEmptyRows()) {
                fillNaN(logits, i, part.inputs().mask(rows, part.buffers().maskRoom()));
            }
        }
    }

    /** Sets derivatives by the part's numbers from which the tile pass makes the coefficients wanted. */
    private void derive(long place, RowNumbers row) {
        RowNumbers all = new RowNumbers();
        double weight = ShardPart.weight(weights, row.target);
        boolean holds = part.holdsTarget(place);
        whole.compute((int) place, (int) part.batch().targets().get(place), all);
        double ofOthers = RowNumbers.times(all.bySpread, whole.weightTotal() - all.classWeight);
        double alpha = (all.byCrossEntropy + ofOthers + all.byLogSumExp)
                * StrictMath.exp(row.logSumExp - whole.logSumExp((int) place));
        row.bySpread = all.bySpread;
        row.byCrossEntropy = holds ? all.byCrossEntropy : all.bySpread * weight;
        row.byLogSumExp = alpha - row.byCrossEntropy - RowNumbers.times(all.bySpread, weightTotal - weight);
    }

    /** The gradient of a row without any class anywhere; masked classes have none. */
    private static void fillNaN(Matrix gradient, int row, @Nullable ClassMask mask) {
        for (int j = 0; j < gradient.columns(); j++) {
            gradient.set(row, j, mask == null || mask.isKept(row, j) ? Double.NaN : 0);
        }
    }
}
