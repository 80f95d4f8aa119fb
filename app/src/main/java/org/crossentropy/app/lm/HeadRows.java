package org.crossentropy.app.lm;

import org.crossentropy.api.ClassIndices;
import org.crossentropy.api.ClassMask;
import org.crossentropy.api.LinearCrossEntropyCall;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.RowValues;
import org.jspecify.annotations.Nullable;

/**
 * What a head reads and writes: inputs that belong together, and outputs of the same shapes.
 *
 * @param hidden N x D
 * @param weight V x D
 * @param bias 1 x V, or null
 * @param targets N class indices
 * @param sampleWeights N numbers, or null
 * @param classMask classes that take part, the same for all rows, or null
 * @param outputs where results go
 */
public record HeadRows(
        Matrix hidden,
        Matrix weight,
        @Nullable Matrix bias,
        ClassIndices targets,
        @Nullable RowValues sampleWeights,
        @Nullable ClassMask classMask,
        Outputs outputs) {

    /**
     * Where results go, all zeros; null where they are not wanted.
     *
     * @param losses N numbers
     * @param hiddenGradient N x D
     * @param weightGradient V x D
     * @param biasGradient 1 x V
     */
    public record Outputs(
            @Nullable RowValues losses,
            @Nullable Matrix hiddenGradient,
            @Nullable Matrix weightGradient,
            @Nullable Matrix biasGradient) {

        /** Matrix products of the size of that of the logits. */
        int products() {
            return 1 + (hiddenGradient == null ? 0 : 1) + (weightGradient == null ? 0 : 1);
        }

        boolean hasGradients() {
            return products() > 1 || biasGradient != null;
        }
    }

    /** Begins the call for some rows; gradients are added up. */
    LinearCrossEntropyCall call(Head head, long from, long count) {
        LinearCrossEntropyCall call = head.on(hidden.rows(from, count), slice(targets, from, count));
        if (sampleWeights != null) {
            call.sampleWeights(slice(sampleWeights, from, count));
        }
        if (classMask != null) {
            call.classMask(classMask);
        }
        if (outputs.losses != null) {
            call.rowLosses(slice(outputs.losses, from, count));
        }
        addGradients(call, from, count);
        return call;
    }

    private void addGradients(LinearCrossEntropyCall call, long from, long count) {
        if (outputs.hiddenGradient != null) {
            call.hiddenGradient(outputs.hiddenGradient.rows(from, count));
        }
        if (outputs.weightGradient != null) {
            call.weightGradient(outputs.weightGradient);
        }
        if (outputs.biasGradient != null) {
            call.biasGradient(outputs.biasGradient);
        }
        if (outputs.hasGradients()) {
            call.accumulate();
        }
    }

    private static ClassIndices slice(ClassIndices indices, long from, long count) {
        long bytes = indices.type().bytes();
        return ClassIndices.of(indices.type(), indices.segment().asSlice(from * bytes, count * bytes), count);
    }

    private static RowValues slice(RowValues values, long from, long count) {
        long bytes = values.type().bytes();
        return RowValues.of(values.type(), values.segment().asSlice(from * bytes, count * bytes), count);
    }

    /** The weight of a row as a sample. */
    double sampleWeight(long row) {
        return sampleWeights == null ? 1 : sampleWeights.get(row);
    }
}
