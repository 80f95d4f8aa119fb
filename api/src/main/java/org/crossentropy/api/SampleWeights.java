package org.crossentropy.api;

import org.jspecify.annotations.Nullable;

/** The rule for sample weights, one for every loss that takes them. */
final class SampleWeights {

    private SampleWeights() {}

    /** The weight of a row, looked at before; 1 without weights. */
    static double of(@Nullable RowValues weights, long row) {
        return weights == null ? 1 : weights.get(row);
    }

    /**
     * Returns the weight of a row, 1 without weights.
     *
     * @throws ElementOutOfRangeException if it is negative or not finite
     */
    static double checked(@Nullable RowValues weights, long row) {
        return checked("sampleWeights", weights, row);
    }

    /** The same for weights that the caller knows by another name. */
    static double checked(String name, @Nullable RowValues weights, long row) {
        if (weights == null) {
            return 1;
        }
        double weight = weights.get(row);
        if (!(weight >= 0 && weight < Double.POSITIVE_INFINITY)) {
            throw new ElementOutOfRangeException(
                    name, row, weight, "must be finite and at least 0; 0 leaves the row out");
        }
        return weight;
    }
}
