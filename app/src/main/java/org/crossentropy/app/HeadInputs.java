package org.crossentropy.app;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.crossentropy.api.ClassIndices;
import org.crossentropy.api.ClassMask;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.RowValues;
import org.crossentropy.app.io.InputException;
import org.crossentropy.app.io.Tensor;
import org.crossentropy.app.lm.HeadRows;
import org.jspecify.annotations.Nullable;

/**
 * What {@code xent lm} reads of a head given as files, checked to belong together before anything is computed or written.
 *
 * @param hidden N x D
 * @param weight V x D
 * @param bias 1 x V, or null
 * @param targets N class indices
 * @param ignoreIndex target of rows to leave out
 * @param sampleWeights N numbers; null for none
 * @param classMask classes that take part; null for all
 * @param classWeights V numbers, or none
 * @param files where each of these is, by its name
 */
record HeadInputs(
        Matrix hidden,
        Matrix weight,
        @Nullable Matrix bias,
        ClassIndices targets,
        long ignoreIndex,
        @Nullable RowValues sampleWeights,
        @Nullable ClassMask classMask,
        List<Double> classWeights,
        Map<String, Tensor> files) {

    static final String HIDDEN = "hidden";
    static final String WEIGHT = "weight";
    static final String BIAS = "bias";
    static final String TARGETS = "targets";
    static final String SAMPLE_WEIGHTS = "sample-weights";
    static final String CLASS_WEIGHTS = "class-weights";
    static final String CLASS_MASK = "class-mask";

    static HeadInputs of(Map<String, Tensor> files, long ignoreIndex) {
        Tensor hidden = Objects.requireNonNull(files.get(HIDDEN), HIDDEN);
        Tensor weight = Objects.requireNonNull(files.get(WEIGHT), WEIGHT);
        Tensor targets = Objects.requireNonNull(files.get(TARGETS), TARGETS);
        Extent rows = Extent.rowsOf(hidden);
        Matrix states = hidden.asMatrix("(rows, width)");
        Matrix matrix = weight(weight, hidden, states);
        Extent classes = Extent.classesOfWeight(weight);
        ClassIndices indices = targets.asClassIndices();
        rows.check(targets, "targets");
        return new HeadInputs(
                states,
                matrix,
                bias(files.get(BIAS), classes, hidden, states),
                indices,
                ignoreIndex,
                rows.weights(files.get(SAMPLE_WEIGHTS)),
                classMask(files.get(CLASS_MASK), classes),
                classes.nonNegativeWeights(files.get(CLASS_WEIGHTS)),
                files);
    }

    private static Matrix weight(Tensor tensor, Tensor hidden, Matrix states) {
        Matrix weight = tensor.asMatrix("(classes, width)");
        if (weight.columns() != states.columns()) {
            throw new InputException(tensor.place() + ": is " + tensor + ", must be classes x " + states.columns()
                    + ", since " + hidden.place() + " is " + hidden);
        }
        if (weight.rows() < 1 || weight.rows() > Integer.MAX_VALUE) {
            throw new InputException(
                    tensor.place() + ": has " + weight.rows() + " classes, must have from 1 to " + Integer.MAX_VALUE);
        }
        checkType(tensor, weight, hidden, states);
        return weight;
    }

    private static @Nullable Matrix bias(@Nullable Tensor tensor, Extent classes, Tensor hidden, Matrix states) {
        if (tensor == null) {
            return null;
        }
        Matrix bias = tensor.asRow();
        classes.check(tensor, "numbers");
        checkType(tensor, bias, hidden, states);
        return bias;
    }

    private static void checkType(Tensor tensor, Matrix matrix, Tensor hidden, Matrix states) {
        if (matrix.type().arithmetic() != states.type().arithmetic()) {
            boolean isWide = states.type() == ElementType.FLOAT64;
            throw new InputException(tensor.place() + ": is " + tensor + ", must " + (isWide ? "be" : "not be")
                    + " float64, since " + hidden.place() + " is " + hidden);
        }
    }

    private static @Nullable ClassMask classMask(@Nullable Tensor tensor, Extent classes) {
        if (tensor == null) {
            return null;
        }
        ClassMask mask = tensor.asClassMask();
        if (!mask.isShared()) {
            throw new InputException(
                    tensor.place() + ": is " + tensor
                            + ", must be one flag for each class; a flag for each row and class would be as many as the logits");
        }
        classes.check(tensor, "flags");
        return mask;
    }

    HeadRows rows(HeadRows.Outputs outputs) {
        return new HeadRows(hidden, weight, bias, targets, sampleWeights, classMask, outputs);
    }

    /** Classes that take part. */
    int keptClasses() {
        int classes = (int) weight.rows();
        int kept = 0;
        for (int j = 0; j < classes; j++) {
            kept += classMask == null || classMask.isKept(0, j) ? 1 : 0;
        }
        return kept;
    }

    double[] classWeightArray() {
        return classWeights.stream().mapToDouble(Double::doubleValue).toArray();
    }

    /** Where an input is, as messages begin. */
    String place(String name) {
        Tensor tensor = files.get(name);
        return tensor == null ? name : tensor.place();
    }
}
