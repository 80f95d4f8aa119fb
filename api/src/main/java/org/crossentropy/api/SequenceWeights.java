package org.crossentropy.api;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Weights that make a sum over tokens one of means over sequences. */
final class SequenceWeights {

    private SequenceWeights() {}

    /**
     * Returns each row's weight divided by the number of rows of its sequence that count.
     *
     * @param selection which rows count, with which weights
     * @param steps rows of a sequence
     * @param rows number of rows, whole sequences
     */
    static RowValues of(RowSelection selection, int steps, int rows) {
        double[] weights = new double[rows];
        MemorySegment classes = Arena.ofAuto().allocate(ValueLayout.JAVA_INT, steps);
        for (int from = 0; from < rows; from += steps) {
            selection.copy(from, steps, classes);
            int count = 0;
            for (int i = 0; i < steps; i++) {
                count += counts(classes, i) ? 1 : 0;
            }
            for (int i = 0; i < steps; i++) {
                weights[from + i] = counts(classes, i) ? selection.rowWeight(from + i) / count : 0;
            }
        }
        return RowValues.of(weights);
    }

    private static boolean counts(MemorySegment classes, int i) {
        return classes.getAtIndex(ValueLayout.JAVA_INT, i) >= 0;
    }
}
