package org.crossentropy.api;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * The losses of the keys in the symmetric loss: of each column of the logits, whose positive is the query of the same number,
 * chunk of rows after chunk. The columns of a chunk are brought into tiles as rows, so that the row kernel makes their
 * numbers, and those of different chunks are merged.
 *
 * <p><b>Merging.</b> Of the chunk that holds the positive x the kernel tells {@code nll = log(1 + others / exp x)}, exact
 * however small; of all other chunks the log-sum-exp l. Together that is {@code log(exp(nll) + exp(l - x)) = max + log1p(exp
 * (-distance))}, where both terms are at least 0 because nll is: nothing cancels, and small losses stay exact.
 */
final class ColumnLosses {

    /** Columns of a tile at least, so that whole cache lines are read of each row. */
    private static final int LEAST_COLUMNS = 32;

    /** Elements of a tile where there are more columns. */
    private static final int TILE_ELEMENTS = 1 << 14;

    /** Elements more between the rows of a tile, which would otherwise fight for the same lines of the cache. */
    private static final int PADDING = 16;

    private final Execution execution;
    private final boolean shareable;

    /** Of each column, over the chunks that do not hold its positive. */
    private final double[] otherLogSumExp;

    /** Of each column, in the chunk that holds its positive. */
    private final double[] ownLogSumExp;

    private final double[] ownLoss;
    private final double[] positive;

    ColumnLosses(Execution execution, boolean shareable, int columns) {
        this.execution = execution;
        this.shareable = shareable;
        this.otherLogSumExp = new double[columns];
        this.ownLogSumExp = new double[columns];
        this.ownLoss = new double[columns];
        this.positive = new double[columns];
        Arrays.fill(otherLogSumExp, Double.NEGATIVE_INFINITY);
    }

    /** Takes in the logits of the queries from {@code from} on. */
    void add(Matrix logits, int from) {
        int rows = Math.toIntExact(logits.rows());
        int step = Math.clamp(TILE_ELEMENTS / rows, LEAST_COLUMNS, Scratch.ROWS);
        RowWork.Body body = (scratch, first, end) -> {
            Tiles tiles = new Tiles(execution.backend().kernels(), scratch, logits.type(), rows + PADDING, step);
            for (long column = first; column < end; column += step) {
                add(tiles, logits, from, (int) column, (int) Math.min(step, end - column));
            }
        };
        RowWork.run(execution.parallelism(), shareable, logits.columns(), rows, body);
    }

    /** Takes in some columns: those before, with and after positives in this chunk. */
    private void add(Tiles tiles, Matrix logits, int from, int column, int count) {
        MemorySegment tile = tiles.tile(Tiles.Buffer.LOGITS);
        ColumnTile.load(logits, column, count, tile, tiles.columns());
        int rows = Math.toIntExact(logits.rows());
        int begin = Math.clamp((long) from - column, 0, count);
        int end = Math.clamp((long) from + rows - column, 0, count);
        if (begin > 0) {
            others(tiles, tile, rows, column, 0, begin);
        }
        if (begin < end) {
            own(tiles, tile, rows, column, begin, end, from);
        }
        if (end < count) {
            others(tiles, tile, rows, column, end, count);
        }
    }

    /** Columns without their positives. */
    private void others(Tiles tiles, MemorySegment tile, int rows, int column, int begin, int end) {
        MemorySegment logSumExp = tiles.scratch().logSumExp;
        tiles.kernels()
                .softmaxForward(tiles.softmax(tile, end)
                        .logits(tiles.type(), tile, tiles.columns(), rows)
                        .range(begin, end - begin)
                        .rowOutputs(MemorySegment.NULL, logSumExp, MemorySegment.NULL));
        for (int i = 0; i < end - begin; i++) {
            int key = column + begin + i;
            otherLogSumExp[key] = LogSum.of(otherLogSumExp[key], logSumExp.getAtIndex(ValueLayout.JAVA_DOUBLE, i));
        }
    }

    /** Columns with their positives. */
    private void own(Tiles tiles, MemorySegment tile, int rows, int column, int begin, int end, int from) {
        Scratch scratch = tiles.scratch();
        for (int i = 0; i < end - begin; i++) {
            scratch.targets.setAtIndex(ValueLayout.JAVA_INT, i, column + begin + i - from);
        }
        tiles.kernels()
                .softmaxForward(tiles.softmax(tile, end)
                        .logits(tiles.type(), tile, tiles.columns(), rows)
                        .range(begin, end - begin)
                        .targets(scratch.targets, 0)
                        .rowOutputs(scratch.negativeLogLikelihood, scratch.logSumExp, MemorySegment.NULL));
        for (int i = 0; i < end - begin; i++) {
            int key = column + begin + i;
            ownLoss[key] = scratch.negativeLogLikelihood.getAtIndex(ValueLayout.JAVA_DOUBLE, i);
            ownLogSumExp[key] = scratch.logSumExp.getAtIndex(ValueLayout.JAVA_DOUBLE, i);
            positive[key] = tiles.get(tile, (long) (begin + i) * tiles.columns() + key - from);
        }
    }

    /** The log-sum-exp of a column, after all chunks. */
    double logSumExp(int key) {
        return LogSum.of(ownLogSumExp[key], otherLogSumExp[key]);
    }

    /** The loss of a column, after all chunks. */
    double loss(int key) {
        if (otherLogSumExp[key] == Double.NEGATIVE_INFINITY) {
            return ownLoss[key];
        }
        double rest = otherLogSumExp[key] - positive[key];
        // A positive of -inf has an infinite loss, though no loss is known of a part that has nothing else.
        return rest == Double.POSITIVE_INFINITY && !Double.isNaN(logSumExp(key)) ? rest : LogSum.of(ownLoss[key], rest);
    }
}
