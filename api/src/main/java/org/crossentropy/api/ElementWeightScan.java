package org.crossentropy.api;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicLong;
import org.crossentropy.api.spi.LossKernels;

/**
 * The one look at the weights of elements before anything is computed: none negative, infinite or NaN; elements that have a
 * weight counted, and all weights, times those of their rows, added up.
 */
final class ElementWeightScan implements RowWork.Body {

    private static final long NONE = Long.MAX_VALUE;

    private final LossKernels kernels;
    private final Matrix weights;
    private final RowSelection selection;
    private final GroupSums sums;
    private final AtomicLong wrong = new AtomicLong(NONE);

    private ElementWeightScan(LossKernels kernels, Matrix weights, RowSelection selection) {
        this.kernels = kernels;
        this.weights = weights;
        this.selection = selection;
        this.sums = new GroupSums(RowWork.groups(weights.rows(), weights.columns()), true);
    }

    /**
     * Looks at every weight.
     *
     * @throws ElementOutOfRangeException naming the first that is negative or not finite
     */
    static BatchCounts count(Execution execution, boolean shareable, Matrix weights, RowSelection selection) {
        ElementWeightScan scan = new ElementWeightScan(execution.backend().kernels(), weights, selection);
        RowWork.run(execution.parallelism(), shareable, weights.rows(), weights.columns(), scan);
        long at = scan.wrong.get();
        if (at != NONE) {
            long row = at / weights.columns();
            int column = (int) (at % weights.columns());
            throw new ElementOutOfRangeException(
                    "elementWeights",
                    row,
                    column,
                    weights.get(row, column),
                    "must be finite and at least 0; 0 leaves the element out");
        }
        return new BatchCounts(BatchCounts.elements(weights), scan.sums.count(), scan.sums.weight());
    }

    @Override
    public void run(Scratch scratch, long from, long to) {
        int group = RowWork.groupRows(weights.columns());
        ElementType type = weights.type().arithmetic();
        Tiles tiles = new Tiles(kernels, scratch, type, weights.columns(), (int) Math.min(group, to - from));
        MemorySegment tile = tiles.tile(Tiles.Buffer.WEIGHTS);
        for (long row = from; row < to; row += group) {
            int rows = (int) Math.min(group, to - row);
            StoredRows.load(tiles, weights, row, rows, tile);
            look(tiles, tile, row, rows);
        }
    }

    private void look(Tiles tiles, MemorySegment tile, long from, int rows) {
        CompensatedSum sum = new CompensatedSum();
        long count = 0;
        int columns = tiles.columns();
        for (int i = 0; i < rows; i++) {
            double rowWeight = selection.rowWeight(from + i);
            for (int j = 0; j < columns; j++) {
                double weight = tiles.get(tile, (long) i * columns + j);
                if (!(weight >= 0 && weight < Double.POSITIVE_INFINITY)) {
                    wrong.accumulateAndGet((from + i) * columns + j, Math::min);
                }
                count += weight != 0 && rowWeight != 0 ? 1 : 0;
                sum.add(rowWeight * weight);
            }
        }
        sums.setCount((int) (from / RowWork.groupRows(columns)), count, sum);
    }
}
