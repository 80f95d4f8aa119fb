package org.crossentropy.api;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.crossentropy.api.spi.TileOperation;

/**
 * The derivatives of the symmetric loss by its logits, both directions at once: with p the softmax over the row and q that
 * over the column, {@code scale (p[j] + q[j] - 2 [positive])}. The row kernel makes the part of the row; that of the column
 * is the exponential of logit minus log-sum-exp, and the positive's is made of its loss, {@code q - 1 = expm1(-loss)}, so
 * that nothing cancels there either.
 */
final class SymmetricDerivatives {

    private final Execution execution;
    private final boolean shareable;
    private final ColumnLosses columns;
    private final double[] logSumExps;
    private final double scale;

    /**
     * Prepares for all chunks.
     *
     * @param columns losses of the columns, after all chunks
     * @param count number of columns
     * @param scale factor of the derivatives
     */
    SymmetricDerivatives(Execution execution, boolean shareable, ColumnLosses columns, int count, double scale) {
        this.execution = execution;
        this.shareable = shareable;
        this.columns = columns;
        this.logSumExps = new double[count];
        Arrays.setAll(logSumExps, columns::logSumExp);
        this.scale = scale;
    }

    /** Overwrites the logits of the queries from {@code from} on by their derivatives. */
    void replace(Matrix logits, int from) {
        TileWork.run(execution, shareable, logits, tiles -> {
            MemorySegment high = tiles.tile(Tiles.Buffer.TARGETS);
            MemorySegment low = tiles.tile(Tiles.Buffer.OTHER);
            spreadLogSumExps(tiles, high, low);
            return (first, count) -> {
                MemorySegment x = tiles.tile(Tiles.Buffer.LOGITS);
                MemorySegment derivatives = tiles.tile(Tiles.Buffer.GRADIENT);
                StoredRows.load(tiles, logits, first, count, x);
                byRows(tiles, x, from + (int) first, count, derivatives);
                softmaxOfColumns(tiles, x, count, high, low);
                setPositives(tiles, x, from + (int) first, count);
                tiles.run(tiles.step(TileOperation.BLEND, count).a(x).out(derivatives), 1, -scale, 0);
                StoredRows.store(tiles, derivatives, logits, first, count);
            };
        });
    }

    /** Writes the log-sum-exps of all columns to every row of a tile, and to another what their rounding leaves. */
    private void spreadLogSumExps(Tiles tiles, MemorySegment high, MemorySegment low) {
        for (int j = 0; j < tiles.columns(); j++) {
            tiles.set(high, j, logSumExps[j]);
            double rest = logSumExps[j] - tiles.get(high, j);
            tiles.set(low, j, Double.isFinite(rest) ? rest : 0);
        }
        long bytes = (long) tiles.columns() * tiles.type().bytes();
        for (int i = 1; i < tiles.capacity(); i++) {
            MemorySegment.copy(high, 0, high, i * bytes, bytes);
            MemorySegment.copy(low, 0, low, i * bytes, bytes);
        }
    }

    private void byRows(Tiles tiles, MemorySegment x, int query, int count, MemorySegment derivatives) {
        Scratch scratch = tiles.scratch();
        scratch.setCoefficients(0, scale, 0, scale);
        for (int i = 0; i < count; i++) {
            scratch.targets.setAtIndex(ValueLayout.JAVA_INT, i, query + i);
        }
        tiles.kernels()
                .softmaxGradient(tiles.softmax(x, count)
                        .targets(scratch.targets, 0)
                        .coefficients(scratch.coefficients, 0)
                        .gradient(derivatives, tiles.columns()));
    }

    /** Subtracts in two steps: where a probability is large, the first is exact. */
    private static void softmaxOfColumns(
            Tiles tiles, MemorySegment x, int count, MemorySegment high, MemorySegment low) {
        tiles.run(tiles.step(TileOperation.BLEND, count).a(high).out(x), 1, 1, 0);
        if (tiles.type() == ElementType.FLOAT32) {
            tiles.run(tiles.step(TileOperation.BLEND, count).a(low).out(x), 1, 1, 0);
        }
        tiles.run(tiles.step(TileOperation.EXP, count).a(x).out(x));
    }

    private void setPositives(Tiles tiles, MemorySegment q, int query, int count) {
        for (int i = 0; i < count; i++) {
            int key = query + i;
            tiles.set(q, (long) i * tiles.columns() + key, StrictMath.expm1(-columns.loss(key)));
        }
    }
}
