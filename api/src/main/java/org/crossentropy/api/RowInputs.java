package org.crossentropy.api;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * What a loss of rows is given about each row besides its logits.
 *
 * @param targets targets of any kind
 * @param sampleWeights weights of rows, null for none
 * @param mask classes that take part, null for all
 */
record RowInputs(
        Targets targets,
        @Nullable RowValues sampleWeights,
        @Nullable ClassMask mask) {

    /** Bytes a row that {@link #begin} needs to gather soft targets of all classes. */
    long targetBytes() {
        return targets instanceof SoftTargets(Matrix probabilities)
                ? (long) probabilities.columns() * probabilities.type().bytes()
                : 0;
    }

    /** Bytes a row that {@link #begin} needs to gather a mask. */
    long maskBytes() {
        return mask == null || mask.isShared() ? 0 : mask.classes();
    }

    /**
     * Begins the call of a loss of some rows, with what belongs to them.
     *
     * @param loss the loss
     * @param logits logits of the rows
     * @param rows which rows they are
     * @param targetRoom memory for gathered soft targets
     * @param maskRoom memory for a gathered mask
     */
    SoftmaxCrossEntropyCall begin(
            SoftmaxCrossEntropy loss,
            Matrix logits,
            ChosenRows rows,
            MemorySegment targetRoom,
            MemorySegment maskRoom) {
        SoftmaxCrossEntropyCall call = loss.on(logits, targets(rows, targetRoom));
        RowValues weights = weights(rows);
        if (weights != null) {
            call.sampleWeights(weights);
        }
        ClassMask kept = mask(rows, maskRoom);
        if (kept != null) {
            call.classMask(kept);
        }
        return call;
    }

    private Targets targets(ChosenRows rows, MemorySegment room) {
        return switch (targets) {
            case ClassIndices classes -> rows.classes();
            case SoftTargets(Matrix all) ->
                SoftTargets.of(rows.areConsecutive() ? all.rows(rows.first(), rows.count()) : rows.gather(all, room));
            case TopTargets top -> top(top, rows);
        };
    }

    private static TopTargets top(TopTargets all, ChosenRows rows) {
        Matrix probabilities = all.probabilities();
        int perRow = probabilities.columns();
        if (rows.areConsecutive()) {
            return TopTargets.of(
                    all.classes().slice(rows.first() * perRow, (long) rows.count() * perRow),
                    probabilities.rows(rows.first(), rows.count()));
        }
        byte[] copies = new byte[rows.count() * perRow * probabilities.type().bytes()];
        int[] classes = new int[rows.count() * perRow];
        for (int i = 0; i < classes.length; i++) {
            long index = all.classes().get(rows.place(i / perRow) * perRow + i % perRow);
            classes[i] = (int) Math.max(index, -1);
        }
        return TopTargets.of(ClassIndices.of(classes), rows.gather(probabilities, MemorySegment.ofArray(copies)));
    }

    /** The sample weights of some rows. */
    @Nullable
    RowValues weights(ChosenRows rows) {
        if (sampleWeights == null || rows.areConsecutive()) {
            return sampleWeights == null ? null : sampleWeights.slice(rows.first(), rows.count());
        }
        double[] weights = new double[rows.count()];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = sampleWeights.get(rows.place(i));
        }
        return RowValues.of(weights);
    }

    /** The mask of some rows, gathered in memory for it where they do not follow each other. */
    @Nullable
    ClassMask mask(ChosenRows rows, MemorySegment room) {
        if (mask == null || mask.isShared()) {
            return mask;
        }
        int classes = mask.classes();
        if (rows.areConsecutive()) {
            return ClassMask.perRow(mask.segment().asSlice(rows.first() * classes), rows.count(), classes);
        }
        for (int i = 0; i < rows.count(); i++) {
            MemorySegment.copy(mask.segment(), rows.place(i) * classes, room, (long) i * classes, classes);
        }
        return ClassMask.perRow(room, rows.count(), classes);
    }
}
