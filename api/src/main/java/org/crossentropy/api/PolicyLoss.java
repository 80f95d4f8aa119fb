package org.crossentropy.api;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Losses of policies over discrete actions, or tokens: REINFORCE, actor-critic, PPO and the family of GRPO. An immutable
 * value.
 *
 * <p><b>Formula.</b> Of a row with logits x, action y, advantage A, {@code logp = x[y] - lse} and, where they are given, the
 * log-probability {@code old} of the action when it was taken and {@code ref} under a reference policy, the loss is
 *
 * <pre>{@code
 * REINFORCE   -A logp
 * ratio       -A r,                              r = exp(logp - old)
 * PPO         -min(A r, A clip(r, 1 - low, 1 + high));  with a dual clip c and A < 0 at most -A c
 *             - entropyBonus H                   H = -sum over j of p[j] log p[j]
 *             + klPenalty (exp(d) - 1 - d),      d = ref - logp
 * }</pre>
 *
 * and rows are put together as {@link TokenNormalization} says. Advantages are constants, of any sign. REINFORCE with a
 * baseline (Williams 1992) is the first with returns less the baseline as advantages; the actor's part of A2C adds an
 * entropy bonus, and the critic's is half the squared error of its values, {@link ValueLoss}. PPO is by Schulman et al. 2017
 * (low = high = 0.2), the asymmetric clip by DAPO (Yu et al. 2025; 0.2 and 0.28), the dual clip by Ye et al. 2020 (3). GRPO
 * (Shao et al. 2024) is PPO with the advantage of a token's sequence, the penalty, and {@link
 * TokenNormalization#sequenceMean}. The estimator of the divergence is k3 of Schulman 2020.
 *
 * <p><b>Gradient</b> with respect to the logits as given: {@code -A r (1{j = y} - p[j])} for the ratio, exactly 0 where a
 * clip is in effect, {@code entropyBonus p[j] (log p[j] + H)} for the entropy. At a limit itself the ratio is not clipped.
 *
 * <p><b>Shapes.</b> Logits N x K, actions N, row values N; advantages N, or one for each sequence.
 *
 * <p><b>Special values.</b> Rows whose action is the ignore index and rows with sample weight 0 are left out: neither logits
 * nor row values are looked at, the gradient is exactly 0. Masked actions have probability and gradient 0, and count 0
 * in the entropy, where implementations that multiply 0 by -inf have NaN. NaN in row values is data: the row's loss is NaN.
 * The ratio overflows to +inf where logp exceeds old by more than 709: with a positive advantage the clip takes effect, with
 * a negative one (or no clip) the loss is infinite and the gradient not finite, unless a dual clip bounds it. An action of
 * logit -inf has {@code logp = -inf}, ratio 0 and gradient 0 of the ratio, but NaN where old is -inf, too. An advantage of 0 gives 0 whatever the ratio. Rows
 * whose logits are all -inf are NaN.
 *
 * <p><b>Accuracy.</b> Log-probabilities are as accurate as the losses of {@link SoftmaxCrossEntropy}; exponentials of
 * differences are {@link StrictMath}'s. The same bits come out of every backend and for every number of threads.
 *
 * <p><b>Memory.</b> As {@link SoftmaxCrossEntropyCall}; {@link TokenNormalization#sequenceMean} allocates 8 bytes a row.
 *
 * <p><b>Threads.</b> Safe for use by many threads at once, on different outputs.
 */
public final class PolicyLoss {

    private final Builder options;

    private PolicyLoss(Builder options) {
        this.options = options.copy();
        if (this.options.execution == null) {
            this.options.execution = Execution.automatic();
        }
    }

    /**
     * Returns REINFORCE, {@code -A logp}.
     *
     * @return options of the loss
     */
    public static Builder reinforce() {
        return new Builder(new PolicyObjective.LogProbability());
    }

    /**
     * Returns PPO, the ratio clipped to {@code [1 - clip, 1 + clip]}.
     *
     * @param clip from 0 to 1; 0.2 in the paper
     * @return options of the loss
     * @throws IllegalArgumentException if it is out of range
     */
    public static Builder ppo(double clip) {
        return ppo(clip, clip);
    }

    /**
     * Returns PPO, the ratio clipped to {@code [1 - low, 1 + high]}.
     *
     * @param low from 0 to 1; 1 for no clip below
     * @param high at least 0; +inf for no clip above
     * @return options of the loss
     * @throws IllegalArgumentException if a number is out of range
     */
    public static Builder ppo(double low, double high) {
        if (!(low >= 0 && low <= 1)) {
            throw new IllegalArgumentException("clip low is " + low + ", must be from 0 to 1; 1 does not clip");
        }
        if (!(high >= 0)) {
            throw new IllegalArgumentException("clip high is " + high + ", must be at least 0; infinity does not clip");
        }
        return new Builder(new PolicyObjective.Ratio(1 - low, 1 + high, Double.POSITIVE_INFINITY));
    }

    /**
     * Returns the loss weighted by importance, {@code -A r}: PPO that never clips.
     *
     * @return options of the loss
     */
    public static Builder importanceWeighted() {
        return ppo(1, Double.POSITIVE_INFINITY);
    }

    /**
     * {@return a builder with the options of this loss}
     */
    public Builder toBuilder() {
        return options.copy();
    }

    /**
     * Begins a call.
     *
     * @param logits N x K
     * @param actions N actions from 0 to K - 1, or the ignore index
     * @param advantages N numbers, or one for each sequence where the normalization knows of sequences
     * @return the call, to be completed and computed
     */
    public PolicyCall on(Matrix logits, ClassIndices actions, RowValues advantages) {
        return new PolicyCall(options, logits, actions, advantages);
    }

    /**
     * {@return the options, for people}
     */
    @Override
    public String toString() {
        return options.objective + (options.entropyBonus == 0 ? "" : ", entropy bonus " + options.entropyBonus)
                + (options.klPenalty == 0 ? "" : ", KL penalty " + options.klPenalty)
                + (options.temperature == 1 ? "" : ", temperature " + options.temperature) + ", "
                + options.normalization;
    }

    /** Options of the loss. Not for use by several threads at once. */
    public static final class Builder {

        PolicyObjective objective;
        double entropyBonus;
        double klPenalty;
        double temperature = 1;
        TokenNormalization normalization = TokenNormalization.tokenMean();
        EmptyMean emptyMean = EmptyMean.NAN;
        TargetScan.IgnoreIndex ignore = new TargetScan.IgnoreIndex(true, SoftmaxCrossEntropy.DEFAULT_IGNORE_INDEX);
        private @Nullable Execution execution;

        private Builder(PolicyObjective objective) {
            this.objective = objective;
        }

        private Builder copy() {
            Builder copy = new Builder(objective);
            copy.entropyBonus = entropyBonus;
            copy.klPenalty = klPenalty;
            copy.temperature = temperature;
            copy.normalization = normalization;
            copy.emptyMean = emptyMean;
            copy.ignore = ignore;
            copy.execution = execution;
            return copy;
        }

        /**
         * Bounds what an action of negative advantage can lose: its ratio counts as c at most. Default: none.
         *
         * @param c greater than 1; 3 in the paper
         * @return this
         * @throws IllegalArgumentException if it is not
         * @throws IllegalStateException if the loss has no ratio
         */
        public Builder dualClip(double c) {
            if (!(objective instanceof PolicyObjective.Ratio(double lowest, double highest, double _))) {
                throw new IllegalStateException("dualClip is for losses of a ratio; REINFORCE has none");
            }
            if (!(c > 1)) {
                throw new IllegalArgumentException("dualClip is " + c + ", must be greater than 1");
            }
            this.objective = new PolicyObjective.Ratio(lowest, highest, c);
            return this;
        }

        /**
         * Rewards entropy, which keeps the policy exploring. Default: 0.
         *
         * @param coefficient finite and at least 0; 0.01 in A2C and PPO for games
         * @return this
         * @throws IllegalArgumentException if it is not
         */
        public Builder entropyBonus(double coefficient) {
            this.entropyBonus = Checks.finiteNotNegative("entropyBonus", coefficient);
            return this;
        }

        /**
         * Penalises the divergence from a reference policy, whose log-probabilities every call must then give. Default: 0.
         *
         * @param coefficient finite and at least 0; 0.04 in GRPO
         * @return this
         * @throws IllegalArgumentException if it is not
         */
        public Builder klPenalty(double coefficient) {
            this.klPenalty = Checks.finiteNotNegative("klPenalty", coefficient);
            return this;
        }

        /**
         * Divides the logits by a temperature; the one that the actions were sampled with. Default: 1. Old and reference
         * log-probabilities must be of the same temperature.
         *
         * @param temperature finite and greater than 0
         * @return this
         * @throws IllegalArgumentException if it is not
         */
        public Builder temperature(double temperature) {
            this.temperature = Checks.positive("temperature", temperature);
            return this;
        }

        /**
         * Sets how rows become one number. Default: {@link TokenNormalization#tokenMean}.
         *
         * @param normalization by tokens, by sequences, or any reduction
         * @return this
         */
        public Builder normalization(TokenNormalization normalization) {
            this.normalization = Objects.requireNonNull(normalization, "normalization");
            return this;
        }

        /**
         * Sets what a mean over nothing is. Default: {@link EmptyMean#NAN}.
         *
         * @param emptyMean NaN or 0
         * @return this
         */
        public Builder emptyMean(EmptyMean emptyMean) {
            this.emptyMean = Objects.requireNonNull(emptyMean, "emptyMean");
            return this;
        }

        /**
         * Sets the action that marks rows to leave out, such as padding. Default: {@value
         * SoftmaxCrossEntropy#DEFAULT_IGNORE_INDEX}.
         *
         * @param index any number
         * @return this
         */
        public Builder ignoreIndex(long index) {
            this.ignore = new TargetScan.IgnoreIndex(true, index);
            return this;
        }

        /**
         * Makes every action that is not a column an error.
         *
         * @return this
         */
        public Builder noIgnoreIndex() {
            this.ignore = TargetScan.IgnoreIndex.NONE;
            return this;
        }

        /**
         * Sets where to compute. Default: {@link Execution#automatic}.
         *
         * @param execution backend and threads
         * @return this
         */
        public Builder execution(Execution execution) {
            this.execution = Objects.requireNonNull(execution, "execution");
            return this;
        }

        Execution execution() {
            return Objects.requireNonNull(execution, "execution");
        }

        /**
         * Builds the loss.
         *
         * @return an immutable loss with these options
         * @throws BackendUnavailableException if no execution was set and no backend can run
         */
        public PolicyLoss build() {
            return new PolicyLoss(this);
        }
    }
}
