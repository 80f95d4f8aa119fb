package org.crossentropy.api;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.LongToDoubleFunction;
import org.crossentropy.api.spi.LogisticRows;
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
 * @param flat whether rows need no losses of their own, so that a group may be summed as one run of elements
 */
record ElementwisePass(
        ElementwiseLoss loss,
        Matrix predictions,
        DenseTargets targets,
        ClassWeights.@Nullable Table positive,
        @Nullable Matrix elementWeights,
        @Nullable Matrix gradient,
        @Nullable Matrix elementLosses,
        boolean flat)
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
        if (loss.isLogistic()) {
            computeLogistic(group, values, wanted);
        } else {
            computeStep(group, values, wanted);
        }
        if (gradient != null) {
            group.store(values, gradient);
        }
    }

    /** By the kernel for it: row by row where rows have weights or losses of their own, else in one run. */
    private void computeLogistic(RowGroup group, MemorySegment values, MemorySegment wanted) {
        Tiles tiles = group.tiles();
        MemorySegment sums = tiles.doubles(Tiles.Buffer.RESULTS, tiles.capacity());
        MemorySegment losses = elementLosses == null ? MemorySegment.NULL : tiles.tile(Tiles.Buffer.LOSSES);
        tiles.kernels().logistic(logisticRows(group, values, wanted).outputs(sums, losses));
        if (flat) {
            group.setLossOfAll(loss.factor() * sums.get(ValueLayout.JAVA_DOUBLE, 0));
        } else {
            for (int i = 0; i < group.count(); i++) {
                group.setLoss(i, loss.factor() * sums.getAtIndex(ValueLayout.JAVA_DOUBLE, i));
            }
        }
        if (elementLosses != null) {
            for (int i = 0; i < group.count(); i++) {
                writeElements(group, i, at -> tiles.get(losses, at), elementLosses);
            }
        }
    }

    /** The operands of the kernel; the gradient replaces the predictions. */
    private LogisticRows logisticRows(RowGroup group, MemorySegment values, MemorySegment wanted) {
        Tiles tiles = group.tiles();
        int rows = flat ? 1 : group.count();
        int columns = flat ? group.count() * tiles.columns() : tiles.columns();
        LogisticRows arguments = tiles.scratch()
                .logistic
                .begin(tiles.type(), rows, columns)
                .logits(values, columns)
                .targets(wanted, columns)
                .weights(weights(group), columns)
                .positiveWeights(positiveSegment());
        if (gradient == null) {
            return arguments;
        }
        MemorySegment factors = tiles.doubles(Tiles.Buffer.SCALARS, tiles.capacity());
        for (int i = 0; i < rows; i++) {
            factors.setAtIndex(ValueLayout.JAVA_DOUBLE, i, loss.factor() * group.factor(i));
        }
        return arguments.gradient(values, columns, factors, 1);
    }

    /** The weights of the group's elements as a tile, absent where there are none. */
    private MemorySegment weights(RowGroup group) {
        if (elementWeights == null) {
            return MemorySegment.NULL;
        }
        MemorySegment weights = group.tiles().tile(Tiles.Buffer.WEIGHTS);
        group.load(elementWeights, weights);
        return weights;
    }

    private MemorySegment positiveSegment() {
        return positive == null ? MemorySegment.NULL : positive.segment();
    }

    private void computeStep(RowGroup group, MemorySegment values, MemorySegment wanted) {
        Tiles tiles = group.tiles();
        long elements = (long) tiles.capacity() * tiles.columns();
        MemorySegment losses = tiles.doubles(Tiles.Buffer.LOSSES, elements);
        TileStep step = step(group, values, wanted).results(losses);
        for (int i = 0; i < group.count(); i++) {
            tiles.setScalars(i, loss.factor() * group.factor(i), loss.r1(), loss.r2());
        }
        tiles.runByRow(step);
        sum(group, losses);
    }

    /** The step over predictions and targets; the gradient replaces the predictions. */
    private TileStep step(RowGroup group, MemorySegment values, MemorySegment wanted) {
        Tiles tiles = group.tiles();
        MemorySegment weights = weights(group);
        if (elementWeights != null) {
            leaveOut(group, weights, values, wanted);
        }
        TileStep step = tiles.step(loss.operation(), group.count())
                .a(values)
                .b(wanted)
                .c(weights, false)
                .column(positiveSegment());
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
                writeElements(group, i, at -> losses.getAtIndex(ValueLayout.JAVA_DOUBLE, at), elementLosses);
            }
        }
    }

    private void writeElements(RowGroup group, int i, LongToDoubleFunction losses, Matrix output) {
        double factor = loss.factor() * group.rowWeight(i);
        for (int j = 0; j < output.columns(); j++) {
            double element = losses.applyAsDouble((long) i * output.columns() + j);
            output.set(group.from() + i, j, group.counts(i) ? factor * element : 0);
        }
    }
}
