package org.crossentropy.api;

/** What a part of the classes tells about the rows, chunk after chunk. */
final class ShardForward implements LinearSweep.ChunkLoss {

    private final ShardPart part;
    private final PartialCrossEntropy result;
    private final PartialCrossEntropy.Kinds kinds;

    ShardForward(ShardPart part, PartialCrossEntropy result, PartialCrossEntropy.Kinds kinds) {
        this.part = part;
        this.result = result;
        this.kinds = kinds;
    }

    @Override
    public void compute(ChosenRows rows, Matrix logits, boolean wantsGradient) {
        int count = rows.count();
        Found found = new Found(count, kinds.spread());
        RowValues logSumExp = RowValues.of(new double[count]);
        RowValues entropy = kinds.entropy() ? RowValues.of(new double[count]) : null;
        ClassIndices predictions = kinds.prediction() ? ClassIndices.of(new int[count]) : null;
        RowOutputs outputs = new RowOutputs(null, logSumExp, null, entropy, predictions, null);
        part.run(rows, logits, found, null, outputs);
        for (int i = 0; i < count; i++) {
            int place = (int) rows.place(i);
            boolean isEmpty = !found.complete[i] && !Double.isNaN(logSumExp.get(i));
            record(place, (int) rows.classes().get(i), found, i, isEmpty ? Double.NEGATIVE_INFINITY : logSumExp.get(i));
            if (entropy != null) {
                result.setEntropy(place, entropy.get(i));
            }
            if (predictions != null && predictions.get(i) >= 0) {
                int index = (int) predictions.get(i);
                result.setTop(place, logits.get(i, index), part.targets().first() + index);
            }
        }
    }

    private void record(int place, int index, Found found, int i, double logSumExp) {
        double weight = part.weight(index);
        boolean isEmpty = logSumExp == Double.NEGATIVE_INFINITY;
        double nll = isEmpty ? Double.POSITIVE_INFINITY : found.complete[i] ? found.nll[i] : Double.NaN;
        double spread = isEmpty ? Double.POSITIVE_INFINITY : found.spread[i];
        if (part.holdsTarget(place)) {
            result.setWithTarget(place, logSumExp, nll);
            double others = part.weightTotal() - weight;
            result.setSpread(place, others == 0 ? 0 : spread, others);
        } else {
            result.setWithoutTarget(place, logSumExp);
            double all = spread + RowNumbers.times(weight, nll);
            result.setSpread(place, part.weightTotal() == 0 ? 0 : all, part.weightTotal());
        }
    }

    /** Keeps the numbers of rows that have some probability here. */
    private static final class Found implements RowLoss {
        private final double[] nll;
        private final double[] spread;
        private final boolean[] complete;
        private final boolean needsSpread;

        Found(int count, boolean needsSpread) {
            this.nll = new double[count];
            this.spread = new double[count];
            this.complete = new boolean[count];
            this.needsSpread = needsSpread;
        }

        @Override
        public boolean needsSpread() {
            return needsSpread;
        }

        @Override
        public void compute(RowNumbers row) {
            int i = (int) row.index;
            nll[i] = row.crossEntropy;
            spread[i] = needsSpread ? row.spread : 0;
            complete[i] = true;
        }
    }
}
