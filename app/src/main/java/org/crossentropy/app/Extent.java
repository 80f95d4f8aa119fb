package org.crossentropy.app;

import java.util.ArrayList;
import java.util.List;
import org.crossentropy.api.RowValues;
import org.crossentropy.app.io.InputException;
import org.crossentropy.app.io.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * How many elements the arrays must have that go along with another one.
 *
 * @param length how many
 * @param noun what there is one for each of
 * @param place where the array is that has them
 */
record Extent(long length, String noun, String place) {

    static Extent rowsOf(Tensor matrix) {
        return new Extent(matrix.lengths().getFirst(), "rows", matrix.place());
    }

    /** The classes of logits, which are its columns. */
    static Extent classesOf(Tensor logits) {
        return new Extent(logits.lengths().getLast(), "classes", logits.place());
    }

    /** The classes of a head's weight, which are its rows. */
    static Extent classesOfWeight(Tensor weight) {
        return new Extent(weight.lengths().getFirst(), "classes", weight.place());
    }

    /** Rejects an array that has not one element for each. */
    void check(Tensor tensor, String elements) {
        long found = tensor.lengths().getLast();
        if (found != length) {
            throw new InputException(tensor.place() + ": has " + found + " " + elements
                    + ", must have one for each of the " + length + " " + noun + " of " + place);
        }
    }

    /** A weight for each; null for none. */
    @Nullable
    RowValues weights(@Nullable Tensor tensor) {
        if (tensor == null) {
            return null;
        }
        RowValues weights = tensor.asValues();
        check(tensor, "weights");
        return weights;
    }

    /** A weight for each, checked; empty for none. */
    List<Double> nonNegativeWeights(@Nullable Tensor tensor) {
        RowValues values = weights(tensor);
        List<Double> weights = new ArrayList<>();
        for (long i = 0; tensor != null && values != null && i < values.count(); i++) {
            double weight = values.get(i);
            if (!(weight >= 0 && weight <= Float.MAX_VALUE)) {
                throw new InputException(tensor.place() + ": row " + i + " has weight " + weight
                        + ", must be at least 0 and at most " + Float.MAX_VALUE);
            }
            weights.add(weight);
        }
        return weights;
    }
}
