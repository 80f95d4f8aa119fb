package org.crossentropy.api;

import java.util.Objects;
import java.util.OptionalLong;

/**
 * The loss of language models: cross-entropy of the logits at each step of a sequence and the token that comes next.
 * Immutable; a {@link SoftmaxCrossEntropy} with the conventions of sequences around it, all of whose options work.
 *
 * <p><b>Formula.</b> Logits of shape batch x steps x vocabulary are a matrix of batch * steps rows, row {@code b steps + t}
 * being step t of sequence b, and tokens are as many indices in the same order. Row t is compared with token t + 1 of its
 * sequence; the last row of each sequence has no target. With {@link #targetsShifted} row t is compared with index t, for
 * callers that have shifted already (Megatron-LM, nanoGPT); without it the tokens are those that the model was given, as
 * in Hugging Face Transformers.
 *
 * <p>A row has no target where that would be the ignore index of the loss, the {@linkplain #paddingToken padding token},
 * or a token of weight 0; it is not read, its loss is 0, its gradient exactly 0, and it is in no count. Only targets decide
 * this: the step that predicts the first token after padding counts. The first token of a sequence is never a target and
 * may be any number.
 *
 * <p><b>Denominators.</b> The mean is over the tokens predicted, or their weights. For gradient accumulation and for
 * several devices divide by the number of tokens of the whole step: {@code Reduction.mean(Denominator.given(tokens))} in
 * the loss; sums then add up to what one batch would have given, as means of means do not.
 *
 * <p><b>Memory.</b> The logits are used where they are: neither they nor the gradient are copied or sliced for the shift.
 * A call allocates 4 bytes a row for the shifted targets, and 8 for shifted weights.
 *
 * <p><b>Special values, accuracy, threads.</b> Those of {@link SoftmaxCrossEntropy}.
 */
public final class NextTokenLoss {

    /** What rows without a target have in the shifted targets; no token. */
    static final int NO_TARGET = -1;

    private final SoftmaxCrossEntropy loss;
    private final SoftmaxCrossEntropy shifted;
    private final int steps;
    private final boolean shift;
    private final OptionalLong padding;

    private NextTokenLoss(SoftmaxCrossEntropy loss, int steps, boolean shift, OptionalLong padding) {
        this.loss = loss;
        this.shifted = loss.toBuilder().ignoreIndex(NO_TARGET).build();
        this.steps = steps;
        this.shift = shift;
        this.padding = padding;
    }

    /**
     * Returns the loss of sequences of a given length.
     *
     * @param loss the loss of a row, its reduction, ignore index and where to compute
     * @param steps number of steps of each sequence, padding included; at least 1
     * @return the loss, for tokens that it shifts itself, without a padding token
     * @throws IllegalArgumentException if steps is less than 1
     */
    public static NextTokenLoss of(SoftmaxCrossEntropy loss, int steps) {
        Objects.requireNonNull(loss, "loss");
        Checks.atLeast("steps", steps, 1);
        return new NextTokenLoss(loss, steps, true, OptionalLong.empty());
    }

    /**
     * Returns this loss for targets that are shifted already: index t is what row t should predict.
     *
     * @return new loss
     */
    public NextTokenLoss targetsShifted() {
        return new NextTokenLoss(loss, steps, false, padding);
    }

    /**
     * Returns this loss with a token that is never a target, besides the ignore index. Where the token that ends a text
     * pads it too, this would leave out every end: mark padding with the ignore index, or by weights of 0, instead.
     *
     * @param token any number
     * @return new loss
     */
    public NextTokenLoss paddingToken(long token) {
        return new NextTokenLoss(loss, steps, shift, OptionalLong.of(token));
    }

    /**
     * {@return the loss of a row}
     */
    public SoftmaxCrossEntropy loss() {
        return loss;
    }

    /**
     * {@return the number of steps of a sequence}
     */
    public int steps() {
        return steps;
    }

    /**
     * Computes the loss of a batch.
     *
     * @param logits batch * steps rows, a column for each token of the vocabulary
     * @param tokens batch * steps tokens
     * @return sums and counts
     * @throws IllegalArgumentException if shapes do not fit
     * @throws IndexOutOfBoundsException if a target is neither in the vocabulary nor to be left out
     */
    public LanguageModelResult loss(Matrix logits, ClassIndices tokens) {
        return on(logits, tokens).compute();
    }

    /**
     * Computes the loss of a batch and its gradient with respect to the logits.
     *
     * @param logits batch * steps rows, a column for each token of the vocabulary
     * @param tokens batch * steps tokens
     * @param gradient receives the gradient, of the logits' shape and type; may be the very logits
     * @return sums and counts
     * @throws IllegalArgumentException if shapes or types do not fit, or buffers overlap
     * @throws IndexOutOfBoundsException if a target is neither in the vocabulary nor to be left out
     */
    public LanguageModelResult lossAndGradient(Matrix logits, ClassIndices tokens, Matrix gradient) {
        return on(logits, tokens).gradient(gradient).compute();
    }

    /**
     * Begins a call with further inputs and outputs.
     *
     * @param logits batch * steps rows, a column for each token of the vocabulary
     * @param tokens batch * steps tokens
     * @return the call, to be completed and computed
     */
    public NextTokenCall on(Matrix logits, ClassIndices tokens) {
        return new NextTokenCall(this, logits, tokens);
    }

    /** The loss of a row for targets that {@link ShiftedTokens} made. */
    SoftmaxCrossEntropy lossOfShifted() {
        return shifted;
    }

    /** How many tokens after its own a row predicts. */
    int distance() {
        return shift ? 1 : 0;
    }

    /** Whether a token is no target. */
    boolean leavesOut(long token) {
        return loss.options().ignore.matches(token) || (padding.isPresent() && padding.getAsLong() == token);
    }

    /**
     * {@return the options, for people}
     */
    @Override
    public String toString() {
        return "next token of " + steps + " steps" + (shift ? "" : ", targets shifted")
                + (padding.isPresent() ? ", padding token " + padding.getAsLong() : "") + ", " + loss;
    }
}
