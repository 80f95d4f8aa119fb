package org.crossentropy.api;

import java.util.Objects;

/**
 * How the losses of the tokens of several sequences become one number. The same data give different gradients with each,
 * and the papers differ in little else; so each has its name here, and says who uses it. An immutable value.
 *
 * <p>Where sequences matter, rows are {@code sequences * steps}, row {@code s steps + t} being step t of sequence s, padding
 * included. Tokens that are left out (ignore index, sample weight 0) count as absent.
 */
public final class TokenNormalization {

    private enum Kind {
        TOKEN_MEAN,
        SEQUENCE_MEAN,
        FIXED_LENGTH,
        REDUCTION
    }

    private final Kind kind;
    private final int steps;
    private final double maximumLength;
    private final double total;
    private final Reduction reduction;

    private TokenNormalization(Kind kind, int steps, double maximumLength, double total, Reduction reduction) {
        this.kind = kind;
        this.steps = steps;
        this.maximumLength = maximumLength;
        this.total = total;
        this.reduction = reduction;
    }

    /**
     * Returns the mean over all tokens of the batch, in which long sequences count for more: DAPO (Yu et al. 2025), token-mean
     * of verl, bnpo and, over all devices, dapo of TRL; for single steps the mean of PPO and A2C.
     *
     * @return the normalization
     */
    public static TokenNormalization tokenMean() {
        return new TokenNormalization(Kind.TOKEN_MEAN, 0, 0, 0, Reduction.MEAN);
    }

    /**
     * Returns the mean over sequences of the mean over each sequence's tokens, in which each sequence counts the same: GRPO
     * (Shao et al. 2024), grpo of TRL, seq-mean-token-mean of verl. A sequence without tokens counts as a sequence of loss
     * 0. For sequences that are packed without padding give each token one over the length of its sequence as sample weight,
     * and {@link #by} the mean over their number.
     *
     * @param steps steps of each sequence, padding included; at least 1
     * @return the normalization
     * @throws IllegalArgumentException if steps is less than 1
     */
    public static TokenNormalization sequenceMean(int steps) {
        Checks.atLeast("steps", steps, 1);
        return new TokenNormalization(Kind.SEQUENCE_MEAN, steps, 0, 0, Reduction.MEAN);
    }

    /**
     * Returns the sum over tokens divided by sequences times a fixed length, in which neither the length of a sequence nor
     * that of the others matters: Dr. GRPO (Liu et al. 2025), dr_grpo of TRL, seq-mean-token-sum-norm of verl.
     *
     * @param steps steps of each sequence, padding included; at least 1
     * @param maximumLength the fixed length, most often the longest answer allowed; finite and greater than 0
     * @return the normalization
     * @throws IllegalArgumentException if a number is out of range
     */
    public static TokenNormalization fixedLength(int steps, double maximumLength) {
        Checks.atLeast("steps", steps, 1);
        double length = Checks.positive("maximumLength", maximumLength);
        return new TokenNormalization(Kind.FIXED_LENGTH, steps, length, 0, Reduction.MEAN);
    }

    /**
     * Returns any reduction of the tokens' losses.
     *
     * @param reduction none, sum or a mean
     * @return the normalization
     */
    public static TokenNormalization by(Reduction reduction) {
        return new TokenNormalization(Kind.REDUCTION, 0, 0, 0, Objects.requireNonNull(reduction, "reduction"));
    }

    /**
     * Returns this normalization for a call that sees a part of a training step only: a micro-batch, or what one device has.
     * Results and gradients of the parts then add up to those of the whole.
     *
     * @param number tokens of the whole step for {@link #tokenMean}, its sequences for {@link #sequenceMean} and {@link
     *     #fixedLength}; greater than 0
     * @return new normalization
     * @throws IllegalArgumentException if the number is not finite and greater than 0
     * @throws IllegalStateException if this was made of a reduction, which has a denominator of its own
     */
    public TokenNormalization over(double number) {
        if (kind == Kind.REDUCTION) {
            throw new IllegalStateException("normalization by " + reduction
                    + " has a denominator; give Reduction.mean(Denominator.given(...))");
        }
        return new TokenNormalization(kind, steps, maximumLength, Checks.positive("number", number), reduction);
    }

    /** Steps of a sequence; 0 where sequences do not matter. */
    int steps() {
        return steps;
    }

    /** Whether a token weighs one over the number of tokens of its sequence. */
    boolean weighsTokens() {
        return kind == Kind.SEQUENCE_MEAN;
    }

    /** The reduction of losses, weighted if {@link #weighsTokens}, of a call over some rows. */
    Reduction reduction(long rows) {
        long sequences = steps == 0 ? 0 : rows / steps;
        double units = total != 0 ? total : (double) sequences;
        return switch (kind) {
            case REDUCTION -> reduction;
            case TOKEN_MEAN, SEQUENCE_MEAN -> units == 0 ? reduction : Reduction.mean(Denominator.given(units));
            case FIXED_LENGTH -> units == 0 ? reduction : Reduction.mean(Denominator.given(units * maximumLength));
        };
    }

    /**
     * {@return the normalization, for people}
     */
    @Override
    public String toString() {
        String over = total == 0 ? "" : " over " + total;
        return switch (kind) {
            case REDUCTION -> reduction.toString();
            case TOKEN_MEAN -> "mean of tokens" + over;
            case SEQUENCE_MEAN -> "mean of means of sequences of " + steps + " steps" + over;
            case FIXED_LENGTH -> "sums of sequences of " + steps + " steps by length " + maximumLength + over;
        };
    }
}
