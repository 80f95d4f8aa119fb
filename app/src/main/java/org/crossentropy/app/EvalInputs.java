package org.crossentropy.app;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.crossentropy.api.ClassIndices;
import org.crossentropy.api.ClassMask;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.RowValues;
import org.crossentropy.api.SoftTargets;
import org.crossentropy.app.io.InputException;
import org.crossentropy.app.io.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * What {@code xent eval} reads, checked to belong together before anything is computed or written. Single numbers out of
 * range are left to the library, which looks at all of them anyway.
 *
 * @param predictions N x K: logits, or what the loss takes instead
 * @param targets what the N rows should be
 * @param sampleWeights N numbers; null for none
 * @param classMask classes that take part; null for all
 * @param classWeights K numbers, or none
 * @param positiveWeights K numbers, or none
 * @param files where each of these is, by its name
 */
record EvalInputs(
        Matrix predictions,
        EvalTargets targets,
        @Nullable RowValues sampleWeights,
        @Nullable ClassMask classMask,
        List<Double> classWeights,
        List<Double> positiveWeights,
        Map<String, Tensor> files) {

    static final String LOGITS = "logits";
    static final String LABELS = "labels";
    static final String TARGETS = "targets";
    static final String SAMPLE_WEIGHTS = "sample-weights";
    static final String CLASS_WEIGHTS = "class-weights";
    static final String POSITIVE_WEIGHTS = "pos-weights";
    static final String CLASS_MASK = "class-mask";

    static EvalInputs of(LossName loss, Map<String, Tensor> files, long ignoreIndex) {
        Tensor logits = Objects.requireNonNull(files.get(LOGITS), LOGITS);
        Matrix predictions = logits.asMatrix();
        if (predictions.columns() == 0) {
            throw new InputException(logits.place() + ": has 0 classes, must have at least 1");
        }
        Tensor labels = files.get(LABELS);
        Extent rows = Extent.rowsOf(logits);
        Extent classes = Extent.classesOf(logits);
        return new EvalInputs(
                predictions,
                labels != null
                        ? new EvalTargets.Labels(labels(loss, labels, logits), ignoreIndex)
                        : soft(Objects.requireNonNull(files.get(TARGETS), TARGETS), logits),
                rows.weights(files.get(SAMPLE_WEIGHTS)),
                classMask(files.get(CLASS_MASK), logits),
                classes.nonNegativeWeights(files.get(CLASS_WEIGHTS)),
                classes.nonNegativeWeights(files.get(POSITIVE_WEIGHTS)),
                files);
    }

    private static ClassIndices labels(LossName loss, Tensor tensor, Tensor logits) {
        ClassIndices labels = tensor.asClassIndices();
        Extent.rowsOf(logits).check(tensor, "labels");
        long columns = logits.lengths().getLast();
        if (loss.isElementwise() && columns != 1) {
            throw new InputException(logits.place() + ": has " + columns + " columns, must have 1 for --loss " + loss
                    + " by --labels; give --targets, rows x columns");
        }
        return labels;
    }

    private static EvalTargets soft(Tensor tensor, Tensor logits) {
        Matrix targets = tensor.asMatrix();
        if (!tensor.lengths().equals(logits.lengths())) {
            throw new InputException(
                    tensor.place() + ": is " + tensor + ", must have the shape of " + logits.place() + ", " + logits);
        }
        boolean isWide = logits.asMatrix().type() == ElementType.FLOAT64;
        if (isWide != (targets.type() == ElementType.FLOAT64)) {
            throw new InputException(tensor.place() + ": is " + tensor + ", must " + (isWide ? "be" : "not be")
                    + " float64, since " + logits.place() + " is " + logits);
        }
        return new EvalTargets.Soft(SoftTargets.of(targets));
    }

    private static @Nullable ClassMask classMask(@Nullable Tensor tensor, Tensor logits) {
        if (tensor == null) {
            return null;
        }
        ClassMask mask = tensor.asClassMask();
        if (mask.isShared()) {
            Extent.classesOf(logits).check(tensor, "flags");
        } else if (!tensor.lengths().equals(logits.lengths())) {
            throw new InputException(
                    tensor.place() + ": is " + tensor + ", must have the shape of " + logits.place() + ", " + logits);
        }
        return mask;
    }

    /** Classes that take part in each row; all of them where rows have masks of their own. */
    int keptClasses() {
        int classes = predictions.columns();
        if (classMask == null || !classMask.isShared()) {
            return classes;
        }
        int kept = 0;
        for (int j = 0; j < classes; j++) {
            kept += classMask.isKept(0, j) ? 1 : 0;
        }
        return kept;
    }

    void ifWeighted(Consumer<RowValues> use) {
        if (sampleWeights != null) {
            use.accept(sampleWeights);
        }
    }

    void ifMasked(Consumer<ClassMask> use) {
        if (classMask != null) {
            use.accept(classMask);
        }
    }

    double[] classWeightArray() {
        return array(classWeights);
    }

    double[] positiveWeightArray() {
        return array(positiveWeights);
    }

    private static double[] array(List<Double> numbers) {
        return numbers.stream().mapToDouble(Double::doubleValue).toArray();
    }

    /** Where an input is, as messages begin. */
    String place(String name) {
        return Objects.requireNonNull(files.get(name), name).place();
    }

    /** Where the targets are. */
    String targetsPlace() {
        return place(files.containsKey(LABELS) ? LABELS : TARGETS);
    }
}
