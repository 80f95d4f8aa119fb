package org.crossentropy.api;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/** The rows of a batch without classes: all that do not have sample weight 0. */
final class SampleSelection implements RowSelection {

    private final @Nullable RowValues weights;
    private final CompensatedSum weightSum = new CompensatedSum();
    private long count;

    /**
     * Looks at every weight.
     *
     * @throws IllegalArgumentException naming the first that is negative or not finite
     */
    SampleSelection(long rows, @Nullable RowValues weights) {
        this.weights = weights;
        if (weights == null) {
            count = rows;
            weightSum.add((double) rows);
            return;
        }
        for (long row = 0; row < rows; row++) {
            double weight = SampleWeights.checked(weights, row);
            count += weight == 0 ? 0 : 1;
            weightSum.add(weight);
        }
    }

    @Override
    public long count() {
        return count;
    }

    @Override
    public CompensatedSum weightSum() {
        return weightSum;
    }

    @Override
    public double rowWeight(long row) {
        return SampleWeights.of(weights, row);
    }

    @Override
    public void copy(long from, int rows, MemorySegment classes) {
        for (int i = 0; i < rows; i++) {
            classes.setAtIndex(ValueLayout.JAVA_INT, i, rowWeight(from + i) == 0 ? -1 : 0);
        }
    }
}
