package org.crossentropy.api;

import java.lang.foreign.MemorySegment;
import org.crossentropy.api.spi.TileOperation;
import org.crossentropy.api.spi.TileStep;
import org.jspecify.annotations.Nullable;

/**
 * The cross-entropy of given probabilities, or of their logarithms, with classes or soft targets. Where rows have a class,
 * one element of each row is looked at; nothing else of the row matters.
 *
 * @param form whether predictions are probabilities or logarithms of them
 * @param bound logarithms are cut at minus this; infinite for none
 * @param predictions N x K
 * @param soft soft targets, null where rows have a class
 * @param weights class weights, null for none
 * @param gradient receives the gradient
 */
record CategoricalPass(
        Form form,
        double bound,
        Matrix predictions,
        @Nullable Matrix soft,
        ClassWeights.@Nullable Table weights,
        @Nullable Matrix gradient)
        implements GroupPass.GroupLoss {

    @Override
    public void compute(RowGroup group) {
        if (soft == null) {
            for (int i = 0; i < group.count(); i++) {
                ofClass(group, i);
            }
        } else {
            ofSoft(group, soft);
        }
    }

    private void ofClass(RowGroup group, int i) {
        int target = group.target(i);
        double slope = 0;
        if (target < 0) {
            group.setLoss(i, 0);
        } else {
            double weight = weights == null ? 1 : weights.of(target);
            double prediction = predictions.get(group.from() + i, target);
            double log = form == Form.PROBABILITIES ? StrictMath.log(prediction) : prediction;
            boolean cut = log < -bound;
            // Subtracted from 0, so that no loss is -0.
            group.setLoss(i, 0.0 - RowNumbers.times(weight, cut ? -bound : log));
            double factor = cut ? 0 : group.factor(i) * weight;
            slope = form == Form.PROBABILITIES && factor != 0 ? factor / prediction : factor;
        }
        if (gradient != null) {
            // After the prediction was read: the gradient may be in its place.
            writeGradient(gradient, group.from() + i, target, slope);
        }
    }

    private static void writeGradient(Matrix output, long row, int target, double slope) {
        long bytes = output.type().bytes();
        output.segment()
                .asSlice(row * output.rowStride() * bytes, output.columns() * bytes)
                .fill((byte) 0);
        if (target >= 0) {
            output.set(row, target, 0.0 - slope);
        }
    }

    private void ofSoft(RowGroup group, Matrix targets) {
        Tiles tiles = group.tiles();
        MemorySegment values = tiles.tile(Tiles.Buffer.LOGITS);
        MemorySegment logs = values;
        MemorySegment masses = tiles.tile(Tiles.Buffer.TARGETS);
        group.load(predictions, values);
        if (form == Form.PROBABILITIES) {
            logs = tiles.tile(Tiles.Buffer.OTHER);
            tiles.run(tiles.step(TileOperation.LOG, group.count()).a(values).out(logs));
        }
        group.load(targets, masses);
        if (weights != null) {
            TileStep weigh =
                    tiles.step(TileOperation.TARGETS, group.count()).a(masses).out(masses);
            tiles.run(weigh.column(weights.segment()), 1, 0, 0);
        }
        double[] ofCut = new double[group.count()];
        if (bound != Double.POSITIVE_INFINITY) {
            cut(group, logs, masses, ofCut);
        }
        tiles.run(tiles.step(TileOperation.CROSS, group.count()).a(masses).b(logs), 0, 0, 0);
        for (int i = 0; i < group.count(); i++) {
            group.setLoss(i, tiles.result(2L * i) + ofCut[i]);
        }
        if (gradient != null) {
            gradient(group, values, masses, gradient);
        }
    }

    /** Takes out the terms whose logarithm is cut: they are constant, {@code bound} times the mass. */
    private void cut(RowGroup group, MemorySegment logs, MemorySegment masses, double[] ofCut) {
        Tiles tiles = group.tiles();
        for (int i = 0; i < group.count(); i++) {
            for (long at = (long) i * tiles.columns(); at < (i + 1L) * tiles.columns(); at++) {
                if (tiles.get(logs, at) < -bound) {
                    ofCut[i] += bound * tiles.get(masses, at);
                    tiles.set(masses, at, 0);
                }
            }
        }
    }

    private void gradient(RowGroup group, MemorySegment values, MemorySegment masses, Matrix output) {
        Tiles tiles = group.tiles();
        for (int i = 0; i < group.count(); i++) {
            tiles.setScalars(i, 0.0 - group.factor(i), 0, 0);
        }
        if (form == Form.PROBABILITIES) {
            TileStep ratio = tiles.step(TileOperation.RATIO, group.count());
            tiles.runByRow(ratio.a(masses).b(values).out(masses));
        } else {
            TileStep scale = tiles.step(TileOperation.TARGETS, group.count());
            tiles.runByRow(scale.a(masses).out(masses));
        }
        group.store(masses, output);
    }
}
