package org.crossentropy.app;

import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.crossentropy.api.ClassIndices;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.RowValues;
import org.crossentropy.app.io.InputException;
import org.crossentropy.app.io.NpyArray;
import org.jspecify.annotations.Nullable;

/**
 * What {@code xent eval} reads, checked to belong together before anything is computed or written.
 *
 * @param logits N x K
 * @param labels N class indices from 0 to K - 1, or the ignore index
 * @param ignoreIndex label of rows to leave out
 * @param classWeights K numbers, or none
 */
record EvalInputs(Matrix logits, ClassIndices labels, long ignoreIndex, List<Double> classWeights) {

    static EvalInputs map(Path logitsFile, Path labelsFile, @Nullable Path weightsFile, long ignoreIndex, Arena arena) {
        Matrix logits = NpyArray.map(logitsFile, arena).asMatrix();
        if (logits.columns() == 0) {
            throw new InputException(logitsFile + ": has 0 classes, must have at least 1");
        }
        ClassIndices labels = NpyArray.map(labelsFile, arena).asClassIndices();
        if (labels.count() != logits.rows()) {
            throw new InputException(labelsFile + ": has " + labels.count() + " labels, must have one for each of the "
                    + logits.rows() + " rows of " + logitsFile);
        }
        checkLabels(labelsFile, labels, logits.columns(), ignoreIndex);
        List<Double> weights =
                weightsFile == null ? List.of() : weights(weightsFile, logitsFile, logits.columns(), arena);
        return new EvalInputs(logits, labels, ignoreIndex, weights);
    }

    private static void checkLabels(Path file, ClassIndices labels, int classes, long ignoreIndex) {
        for (long row = 0; row < labels.count(); row++) {
            long label = labels.get(row);
            if ((label < 0 || label >= classes) && label != ignoreIndex) {
                throw new InputException(file + ": row " + row + " has label " + label + ", must be from 0 to "
                        + (classes - 1) + ", or the ignore index " + ignoreIndex);
            }
        }
    }

    private static List<Double> weights(Path file, Path logitsFile, int classes, Arena arena) {
        RowValues values = NpyArray.map(file, arena).asValues();
        if (values.count() != classes) {
            throw new InputException(file + ": has " + values.count() + " weights, must have one for each of the "
                    + classes + " classes of " + logitsFile);
        }
        List<Double> weights = new ArrayList<>(classes);
        for (int i = 0; i < classes; i++) {
            double weight = values.get(i);
            if (!(weight >= 0 && weight <= Float.MAX_VALUE)) {
                throw new InputException(file + ": row " + i + " has weight " + weight
                        + ", must be at least 0 and at most " + Float.MAX_VALUE);
            }
            weights.add(weight);
        }
        return weights;
    }
}
