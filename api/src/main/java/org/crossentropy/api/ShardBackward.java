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

    ShardBackward(ShardPart part, ShardedRows whole) {
        this.part = part;
        this.whole = whole;
    }

    @Override
    public void compute(ChosenRows rows, Matrix logits, boolean wantsGradient) {
        boolean[] derived = new boolean[rows.count()];
        RowValues logSumExp = RowValues.of(new double[rows.count()]);
        RowLoss derivatives = row -> {
            derive(rows.place((int) row.index), row);
            derived[(int) row.index] = true;
        };
        part.run(rows, logits, derivatives, logits, new RowOutputs(null, logSumExp, null, null, null, null));
        for (int i = 0; i < derived.length; i++) {
            if (!derived[i] && !Double.isNaN(logSumExp.get(i))) {
                deriveEmpty(rows, i, logits);
            }
        }
    }

    /** Sets derivatives by the part's numbers from which the tile pass makes the coefficients wanted. */
    private void derive(long place, RowNumbers row) {
        RowNumbers all = new RowNumbers();
        double weight = part.weight(row.target);
        boolean holds = part.holdsTarget(place);
        whole.compute((int) place, (int) part.batch().targets().get(place), all);
        double ofOthers = RowNumbers.times(all.bySpread, whole.weightTotal() - all.classWeight);
        double alpha = (all.byCrossEntropy + ofOthers + all.byLogSumExp)
                * StrictMath.exp(row.logSumExp - whole.logSumExp((int) place));
        row.bySpread = all.bySpread;
        row.byCrossEntropy = holds ? all.byCrossEntropy : all.bySpread * weight;
        row.byLogSumExp = alpha - row.byCrossEntropy - RowNumbers.times(all.bySpread, part.weightTotal() - weight);
    }

    /** Writes the gradient of a row without any probability in the part, whose softmax is 0 there: the other two terms. */
    private void deriveEmpty(ChosenRows rows, int i, Matrix gradient) {
        int place = (int) rows.place(i);
        if (whole.isEmpty(place)) {
            if (!whole.skipsEmptyRows()) {
                fillNaN(gradient, i, part.inputs().mask(rows, part.buffers().maskRoom()));
            }
            return;
        }
        RowNumbers all = new RowNumbers();
        whole.compute(place, (int) part.batch().targets().get(place), all);
        double factor = part.targets().rowWeight(place) / part.batch().loss().options().temperature;
        for (int j = 0; j < gradient.columns() && all.bySpread != 0; j++) {
            gradient.set(i, j, -factor * all.bySpread * part.weight(j));
        }
        if (part.holdsTarget(place)) {
            gradient.set(i, (int) rows.classes().get(i), -factor * all.byCrossEntropy);
        }
    }

    /** The gradient of a row without any class anywhere; masked classes have none. */
    private static void fillNaN(Matrix gradient, int row, @Nullable ClassMask mask) {
        for (int j = 0; j < gradient.columns(); j++) {
            gradient.set(row, j, mask == null || mask.isKept(row, j) ? Double.NaN : 0);
        }
    }
}
