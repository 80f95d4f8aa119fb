package org.crossentropy.api;

import java.lang.foreign.MemorySegment;

/**
 * The one look at the weights of elements before anything is computed: none negative, infinite or NaN; elements that have a
 * weight counted, and all weights, times those of their rows, added up.
 */
final class ElementWeightScan {

    private final RowSelection selection;
    private final GroupSums sums;
    private final FirstElement wrong;

    private ElementWeightScan(Matrix weights, RowSelection selection) {
        this.selection = selection;
        this.sums = new GroupSums(RowWork.groups(weights.rows(), weights.columns()), true);
        this.wrong = new FirstElement(weights);
    }

    /**
     * Looks at every weight.
     *
     * @throws ElementOutOfRangeException naming the first that is negative or not finite
     */
    static BatchCounts count(Execution execution, boolean shareable, Matrix weights, RowSelection selection) {
        ElementWeightScan scan = new ElementWeightScan(weights, selection);
        TileWork.run(execution, shareable, weights, tiles -> {
            MemorySegment tile = tiles.tile(Tiles.Buffer.WEIGHTS);
            return (from, rows) -> {
                StoredRows.load(tiles, weights, from, rows, tile);
                scan.look(tiles, tile, from, rows);
            };
        });
        scan.wrong.reject("elementWeights", "must be finite and at least 0; 0 leaves the element out");
        return new BatchCounts(BatchCounts.elements(weights), scan.sums.count(), scan.sums.weight());
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
                    wrong.found(from + i, j);
                }
                count += weight != 0 && rowWeight != 0 ? 1 : 0;
                sum.add(rowWeight * weight);
            }
        }
        sums.setCount((int) (from / RowWork.groupRows(columns)), count, sum);
    }
}
