package org.crossentropy.api;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.crossentropy.api.spi.TileOperation;
import org.crossentropy.api.spi.TileStep;
import org.jspecify.annotations.Nullable;

/**
 * The losses of a group of rows whose elements stand alone. The loss of a row is the sum over its elements, times the weight
 * of the row.
 *
 * @param loss operation and options
 * @param predictions N x K
 * @param targets N x K
 * @param positive weights of the positive side, null for none
 * @param elementWeights N x K, null for none; an element of weight 0 is left out whatever it holds
 * @param gradient receives the gradient with respect to the predictions
 * @param elementLosses receives the loss of each element
 */
record ElementwisePass(
        ElementwiseLoss loss,
        Matrix predictions,
        DenseTargets targets,
        ClassWeights.@Nullable Table positive,
        @Nullable Matrix elementWeights,
        @Nullable Matrix gradient,
        @Nullable Matrix elementLosses)
        implements GroupPass.GroupLoss {

    @Override
    public void compute(RowGroup group) {
        Tiles tiles = group.tiles();
        MemorySegment values = tiles.tile(Tiles.Buffer.LOGITS);
        MemorySegment wanted = tiles.tile(Tiles.Buffer.TARGETS);
        group.load(predictions, values);
        targets.load(tiles, group.from(), group.count(), wanted);
        if (loss.smoothing() != 0) {
            TileStep smooth =
                    tiles.step(TileOperation.TARGETS, group.count()).a(wanted).out(wanted);
            tiles.run(smooth, 1 - loss.smoothing(), loss.smoothing() / 2, 0);
        }
        group.zeroLeftOut(wanted);
        long elements = (long) tiles.capacity() * tiles.columns();
        MemorySegment losses = tiles.doubles(Tiles.Buffer.LOSSES, elements);
        TileStep step = step(group, values, wanted).results(losses);
        for (int i = 0; i < group.count(); i++) {
            tiles.setScalars(i, loss.factor() * group.factor(i), loss.r1(), loss.r2());
        }
        tiles.runByRow(step);
        sum(group, losses);
        if (gradient != null) {
            group.store(values, gradient);
        }
    }

    /** The step over predictions and targets; the gradient replaces the predictions. */
    private TileStep step(RowGroup group, MemorySegment values, MemorySegment wanted) {
        Tiles tiles = group.tiles();
        MemorySegment weights = MemorySegment.NULL;
        if (elementWeights != null) {
            weights = tiles.tile(Tiles.Buffer.WEIGHTS);
            group.load(elementWeights, weights);
            leaveOut(group, weights, values, wanted);
        }
        TileStep step = tiles.step(loss.operation(), group.count())
                .a(values)
                .b(wanted)
                .c(weights, false)
                .column(positive == null ? MemorySegment.NULL : positive.segment());
        return gradient == null ? step : step.out(values);
    }

    /** Elements of weight 0 become 0, so that nothing they hold can matter. */
    private static void leaveOut(RowGroup group, MemorySegment weights, MemorySegment values, MemorySegment wanted) {
        Tiles tiles = group.tiles();
        for (long at = 0; at < (long) group.count() * tiles.columns(); at++) {
            if (tiles.get(weights, at) == 0) {
                tiles.set(values, at, 0);
                tiles.set(wanted, at, 0);
            }
        }
    }

    private void sum(RowGroup group, MemorySegment losses) {
        int columns = predictions.columns();
        for (int i = 0; i < group.count(); i++) {
            long start = (long) i * columns;
            group.setLoss(i, loss.factor() * GroupSums.sum(losses, start, start + columns));
            if (elementLosses != null) {
                writeElements(group, i, losses, elementLosses);
            }
        }
    }

    private void writeElements(RowGroup group, int i, MemorySegment losses, Matrix output) {
        double factor = loss.factor() * group.rowWeight(i);
        for (int j = 0; j < output.columns(); j++) {
            double element = losses.getAtIndex(ValueLayout.JAVA_DOUBLE, (long) i * output.columns() + j);
            output.set(group.from() + i, j, group.counts(i) ? factor * element : 0);
        }
    }
}
