package org.crossentropy.api;

import org.jspecify.annotations.Nullable;

/**
 * The target of each row of a language model, and its weight, as arrays of their own: checked while they are made, so that
 * an error names the caller's token and not the row that predicts it.
 */
final class ShiftedTokens {

    private final NextTokenLoss loss;
    private final ClassIndices tokens;
    private final @Nullable ClassMask mask;
    private final int vocabulary;
    private final ClassIndices targets;
    private final @Nullable RowValues weights;

    ShiftedTokens(
            NextTokenLoss loss,
            Matrix logits,
            ClassIndices tokens,
            @Nullable RowValues tokenWeights,
            @Nullable ClassMask mask) {
        this.loss = loss;
        this.tokens = tokens;
        this.mask = mask;
        this.vocabulary = logits.columns();
        int rows = Math.toIntExact(tokens.count());
        int[] indices = new int[rows];
        double @Nullable [] factors = tokenWeights == null ? null : new double[rows];
        for (int row = 0; row < rows; row++) {
            int token = row + loss.distance();
            boolean last = row % loss.steps() + loss.distance() == loss.steps();
            double weight = last ? 0 : SampleWeights.checked("tokenWeights", tokenWeights, token);
            indices[row] = weight == 0 ? NextTokenLoss.NO_TARGET : target(row, token);
            if (factors != null) {
                factors[row] = weight;
            }
        }
        this.targets = ClassIndices.of(indices);
        this.weights = factors == null ? null : RowValues.of(factors);
    }

    private int target(int row, int token) {
        long index = tokens.get(token);
        if (loss.leavesOut(index)) {
            return NextTokenLoss.NO_TARGET;
        }
        if (index < 0 || index >= vocabulary) {
            throw new IndexOutOfBoundsException(
                    "tokens[" + token + "] is " + index + ", must be from 0 to " + (vocabulary - 1)
                            + " (a vocabulary of " + vocabulary + "), the ignore index or the padding token");
        }
        if (mask != null && !mask.isKept(row, (int) index)) {
            throw new IllegalArgumentException("tokens[" + token + "] is " + index
                    + ", which vocabularyMask leaves out; keep the token or ignore it as a target");
        }
        return (int) index;
    }

    /** A class for each row, or {@link NextTokenLoss#NO_TARGET}. */
    ClassIndices targets() {
        return targets;
    }

    /** A weight for each row, if the tokens have weights. */
    @Nullable
    RowValues weights() {
        return weights;
    }
}
