package org.crossentropy.api;

import java.util.Objects;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * One computation of a {@link NextTokenLoss}. Made by {@link NextTokenLoss#on}, completed by its methods and run by {@link
 * #compute}. Outputs have an element for each row of logits, at the row that predicts, not at the token predicted. Not for
 * use by several threads at once.
 */
public final class NextTokenCall {

    private final NextTokenLoss loss;
    private final Matrix logits;
    private final ClassIndices tokens;
    private OptionalLong bytes = OptionalLong.empty();
    private @Nullable RowValues tokenWeights;
    private @Nullable ClassMask vocabularyMask;
    private @Nullable Matrix gradient;
    private @Nullable RowValues rowLosses;
    private @Nullable RowValues tokenLogProbabilities;
    private @Nullable RowValues entropy;
    private @Nullable ClassIndices predictions;

    NextTokenCall(NextTokenLoss loss, Matrix logits, ClassIndices tokens) {
        this.loss = loss;
        this.logits = Objects.requireNonNull(logits, "logits");
        this.tokens = Objects.requireNonNull(tokens, "tokens");
    }

    /**
     * Weighs the tokens. A weight belongs to the token at its place: it multiplies the loss of the row that predicts that
     * token, and 0 leaves that row out (the loss mask of prompts, for one).
     *
     * @param weights batch * steps numbers in the order of the tokens, finite and at least 0
     * @return this
     */
    public NextTokenCall tokenWeights(RowValues weights) {
        this.tokenWeights = Objects.requireNonNull(weights, "tokenWeights");
        return this;
    }

    /**
     * Leaves tokens of the vocabulary out, such as the columns that pad it to a round size: probability and gradient exactly
     * 0. A target that is left out is an error.
     *
     * @param mask the tokens that take part
     * @return this
     */
    public NextTokenCall vocabularyMask(ClassMask mask) {
        this.vocabularyMask = Objects.requireNonNull(mask, "vocabularyMask");
        return this;
    }

    /**
     * Gives the number of bytes of the text that the predicted tokens stand for, for {@link
     * LanguageModelResult#bitsPerByte}.
     *
     * @param count at least 0
     * @return this
     * @throws IllegalArgumentException if it is negative
     */
    public NextTokenCall bytes(long count) {
        Checks.atLeast("bytes", count, 0);
        this.bytes = OptionalLong.of(count);
        return this;
    }

    /**
     * Asks for the gradient with respect to the logits; exactly 0 in rows without a target.
     *
     * @param gradient receives batch * steps rows of the logits' element type; may be the very logits
     * @return this
     */
    public NextTokenCall gradient(Matrix gradient) {
        this.gradient = Objects.requireNonNull(gradient, "gradient");
        return this;
    }

    /**
     * Asks for each row's loss, weighted, not divided by anything; 0 for rows without a target.
     *
     * @param losses receives batch * steps losses
     * @return this
     */
    public NextTokenCall rowLosses(RowValues losses) {
        this.rowLosses = Objects.requireNonNull(losses, "rowLosses");
        return this;
    }

    /**
     * Asks for the log-probability that each row gives its target; 0 for rows without one.
     *
     * @param values receives batch * steps numbers, at most 0
     * @return this
     */
    public NextTokenCall tokenLogProbabilities(RowValues values) {
        this.tokenLogProbabilities = Objects.requireNonNull(values, "tokenLogProbabilities");
        return this;
    }

    /**
     * Asks for the entropy of each row's distribution over the vocabulary, in nats; 0 for rows without a target.
     *
     * @param values receives batch * steps numbers
     * @return this
     */
    public NextTokenCall entropy(RowValues values) {
        this.entropy = Objects.requireNonNull(values, "entropy");
        return this;
    }

    /**
     * Asks for the most probable token of each row, the first of equals; -1 for rows without a target and rows with NaN.
     *
     * @param indices receives batch * steps tokens
     * @return this
     */
    public NextTokenCall predictions(ClassIndices indices) {
        this.predictions = Objects.requireNonNull(indices, "predictions");
        return this;
    }

    /**
     * Computes loss and whatever was asked for.
     *
     * @return sums and counts
     * @throws IllegalArgumentException if shapes or types do not fit, buffers overlap, a weight is negative or not finite,
     *     or a target is left out by the mask
     * @throws IndexOutOfBoundsException if a target is neither in the vocabulary nor to be left out
     * @throws IllegalStateException if the arena of a buffer is closed, or confined to another thread
     */
    public LanguageModelResult compute() {
        check();
        ShiftedTokens shifted = new ShiftedTokens(loss, logits, tokens, tokenWeights, vocabularyMask);
        SoftmaxCrossEntropyCall call = loss.lossOfShifted().on(logits, shifted.targets());
        if (shifted.weights() != null) {
            call.sampleWeights(shifted.weights());
        }
        if (vocabularyMask != null) {
            call.classMask(vocabularyMask);
        }
        addOutputs(call);
        return new LanguageModelResult(call.compute(), bytes);
    }

    private void addOutputs(SoftmaxCrossEntropyCall call) {
        if (gradient != null) {
            call.gradient(gradient);
        }
        new RowOutputs(rowLosses, null, tokenLogProbabilities, entropy, predictions, null).ask(call);
    }

    /** What the call of the loss cannot check, since it does not see the caller's tokens and weights. */
    private void check() {
        Checks.hasClasses(logits);
        Checks.perRow("tokens", tokens.count(), logits);
        if (logits.rows() % loss.steps() != 0) {
            throw new IllegalArgumentException("logits have " + logits.rows() + " rows, must be whole sequences of "
                    + loss.steps() + " steps each");
        }
        if (vocabularyMask != null) {
            vocabularyMask.check(logits);
        }
        CallBuffers buffers = new CallBuffers().input("tokens", tokens.segment());
        if (tokenWeights != null) {
            Checks.perRow("tokenWeights", tokenWeights.count(), logits);
            buffers.input("tokenWeights", tokenWeights.segment());
        }
        buffers.output("gradient", gradient == null ? null : gradient.segment());
        new RowOutputs(rowLosses, null, null, entropy, predictions, null).check(buffers, logits);
        if (tokenLogProbabilities != null) {
            Checks.perRow("tokenLogProbabilities", tokenLogProbabilities.count(), logits);
            buffers.output("tokenLogProbabilities", tokenLogProbabilities);
        }
    }
}
