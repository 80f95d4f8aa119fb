package org.crossentropy.api;

import java.util.Objects;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * One computation of a {@link PolicyLoss}. Made by {@link PolicyLoss#on}, completed by its methods and run by {@link
 * #compute}. Not for use by several threads at once.
 */
public final class PolicyCall {

    private static final TargetScan.Names NAMES = new TargetScan.Names("actions", "actionMask");

    private final PolicyLoss.Builder options;
    private final Matrix logits;
    private final ClassIndices actions;
    private final RowValues advantages;
    private @Nullable RowValues oldLogProbabilities;
    private @Nullable RowValues referenceLogProbabilities;
    private @Nullable RowValues sampleWeights;
    private @Nullable ClassMask actionMask;
    private @Nullable Matrix gradient;
    private @Nullable RowValues rowLosses;
    private @Nullable RowValues logProbabilities;
    private @Nullable RowValues entropy;

    PolicyCall(PolicyLoss.Builder options, Matrix logits, ClassIndices actions, RowValues advantages) {
        this.options = options;
        this.logits = Objects.requireNonNull(logits, "logits");
        this.actions = Objects.requireNonNull(actions, "actions");
        this.advantages = Objects.requireNonNull(advantages, "advantages");
    }

    /**
     * Gives the log-probability of each action when it was taken, as {@link #logProbabilities} returned it then. Needed by
     * losses of a ratio; for REINFORCE only watched, in {@link PolicyResult#approximateKl}.
     *
     * @param values N numbers
     * @return this
     */
    public PolicyCall oldLogProbabilities(RowValues values) {
        this.oldLogProbabilities = Objects.requireNonNull(values, "oldLogProbabilities");
        return this;
    }

    /**
     * Gives the log-probability of each action under the reference policy. Needed by a KL penalty; without one only
     * watched, in {@link PolicyResult#referenceKl}.
     *
     * @param values N numbers
     * @return this
     */
    public PolicyCall referenceLogProbabilities(RowValues values) {
        this.referenceLogProbabilities = Objects.requireNonNull(values, "referenceLogProbabilities");
        return this;
    }

    /**
     * Weighs the rows: loss and gradient, bonus and penalty included, are multiplied by the weight. A weight of 0 leaves the
     * row out.
     *
     * @param weights N numbers, finite and at least 0
     * @return this
     */
    public PolicyCall sampleWeights(RowValues weights) {
        this.sampleWeights = Objects.requireNonNull(weights, "sampleWeights");
        return this;
    }

    /**
     * Leaves invalid actions out: probability and gradient exactly 0, nothing in the entropy. To have taken such an action
     * is an error.
     *
     * @param mask the actions that can be taken, in all rows or in each
     * @return this
     */
    public PolicyCall actionMask(ClassMask mask) {
        this.actionMask = Objects.requireNonNull(mask, "actionMask");
        return this;
    }

    /**
     * Asks for the gradient with respect to the logits.
     *
     * @param gradient receives N x K of the logits' element type; may be the very logits
     * @return this
     */
    public PolicyCall gradient(Matrix gradient) {
        this.gradient = Objects.requireNonNull(gradient, "gradient");
        return this;
    }

    /**
     * Asks for each row's loss, with bonus, penalty and weights (those of {@link TokenNormalization#sequenceMean}, too), not
     * divided by anything; 0 for rows left out.
     *
     * @param losses receives N losses
     * @return this
     */
    public PolicyCall rowLosses(RowValues losses) {
        this.rowLosses = Objects.requireNonNull(losses, "rowLosses");
        return this;
    }

    /**
     * Asks for the log-probability of each action; 0 for rows left out.
     *
     * @param values receives N numbers, at most 0
     * @return this
     */
    public PolicyCall logProbabilities(RowValues values) {
        this.logProbabilities = Objects.requireNonNull(values, "logProbabilities");
        return this;
    }

    /**
     * Asks for the entropy of each row's policy in nats; 0 for rows left out.
     *
     * @param values receives N numbers
     * @return this
     */
    public PolicyCall entropy(RowValues values) {
        this.entropy = Objects.requireNonNull(values, "entropy");
        return this;
    }

    /**
     * Computes loss and whatever was asked for.
     *
     * @return sums and counts
     * @throws IllegalArgumentException if shapes or types do not fit, buffers overlap, a weight is out of range, an action is
     *     masked, or log-probabilities that the loss needs were not given
     * @throws IndexOutOfBoundsException if an action is neither a column nor the ignore index
     * @throws IllegalStateException if the arena of a buffer is closed, or confined to another thread
     */
    public PolicyResult compute() {
        boolean shareable = check();
        TargetScan scan = scan(sampleWeights);
        if (options.normalization.weighsTokens()) {
            scan = scan(SequenceWeights.of(scan, options.normalization.steps(), Math.toIntExact(logits.rows())));
        }
        PolicyTally tally = new PolicyTally(logits);
        Reduction reduction = options.normalization.reduction(logits.rows());
        ReductionRule rule = new ReductionRule(reduction, options.emptyMean, EmptyRows.NAN);
        SoftmaxTask task = SoftmaxTask.of(
                new LogitRows(logits, 0, options.temperature, actionMask), scan, row(tally), gradient, outputs());
        LossResult result = new SoftmaxRun(rule, options.execution(), shareable, logits, scan).tiles(task);
        return new PolicyResult(
                result,
                tally.clipped(),
                optional(oldLogProbabilities != null, tally.divergenceFromOld()),
                optional(referenceLogProbabilities != null, tally.divergenceFromReference()),
                optional(wantsEntropy(), tally.entropy()));
    }

    private TargetScan scan(@Nullable RowValues weights) {
        return new TargetScan(NAMES, actions, logits.columns(), options.ignore, null, weights, actionMask);
    }

    private PolicyRow row(PolicyTally tally) {
        long rowsPerAdvantage = advantages.count() == 0 ? 1 : logits.rows() / advantages.count();
        return new PolicyRow(
                options.objective,
                options.entropyBonus,
                options.klPenalty,
                advantages,
                rowsPerAdvantage,
                oldLogProbabilities,
                referenceLogProbabilities,
                wantsEntropy(),
                tally);
    }

    private boolean wantsEntropy() {
        return options.entropyBonus != 0 || entropy != null;
    }

    private static OptionalDouble optional(boolean present, double value) {
        return present ? OptionalDouble.of(value) : OptionalDouble.empty();
    }

    private RowOutputs outputs() {
        return new RowOutputs(rowLosses, null, logProbabilities, entropy, null, null);
    }

    private boolean check() {
        Checks.hasClasses(logits);
        Checks.perRow("actions", actions.count(), logits);
        checkSequences();
        checkNeeded();
        if (actionMask != null) {
            actionMask.check(logits);
        }
        CallBuffers buffers = new CallBuffers()
                .input("logits", logits.segment())
                .input("actions", actions.segment())
                .input("advantages", advantages.segment())
                .input("actionMask", actionMask == null ? null : actionMask.segment());
        input(buffers, "oldLogProbabilities", oldLogProbabilities);
        input(buffers, "referenceLogProbabilities", referenceLogProbabilities);
        input(buffers, "sampleWeights", sampleWeights);
        if (gradient != null) {
            Checks.sameShape("logits", logits, "gradient", gradient);
            buffers.output("gradient", gradient, "logits", logits);
        }
        new RowOutputs(rowLosses, null, null, entropy, null, null).check(buffers, logits);
        if (logProbabilities != null) {
            Checks.perRow("logProbabilities", logProbabilities.count(), logits);
            buffers.output("logProbabilities", logProbabilities);
        }
        return buffers.shareable();
    }

    private void checkSequences() {
        int steps = options.normalization.steps();
        if (steps > 0 && logits.rows() % steps != 0) {
            throw new IllegalArgumentException(
                    "logits have " + logits.rows() + " rows, must be whole sequences of " + steps + " steps each");
        }
        boolean perSequence = steps > 0 && advantages.count() == logits.rows() / steps;
        if (!perSequence && advantages.count() != logits.rows()) {
            throw new IllegalArgumentException("advantages has " + advantages.count()
                    + " elements, must have one for each of the " + logits.rows() + " rows"
                    + (steps > 0 ? ", or for each of the " + logits.rows() / steps + " sequences" : ""));
        }
    }

    private void checkNeeded() {
        if (oldLogProbabilities == null && options.objective instanceof PolicyObjective.Ratio) {
            throw new IllegalArgumentException("oldLogProbabilities were not given; a loss of a ratio needs them");
        }
        if (referenceLogProbabilities == null && options.klPenalty != 0) {
            throw new IllegalArgumentException("referenceLogProbabilities were not given; a KL penalty needs them");
        }
    }

    private void input(CallBuffers buffers, String name, @Nullable RowValues values) {
        if (values != null) {
            Checks.perRow(name, values.count(), logits);
            buffers.input(name, values.segment());
        }
    }
}
