package org.crossentropy.api;

import java.io.Serializable;
import java.util.Arrays;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * What some classes of a vocabulary tell about the rows of a batch. Values of different classes {@linkplain #merge merge} into
 * what all of them tell, in any order and grouping, up to rounding; so a softmax need not be seen in one place. Immutable, a
 * few doubles a row, and serializable, to be sent to where it is merged.
 *
 * <p>With L the log-sum-exp of the classes, y the target and x the logits, a row has: {@code x[y]} where y is one of the
 * classes; the log-sum-exp of the classes other than y, apart, so that the loss of a row that is confidently right keeps its
 * digits; where there is label smoothing, {@code sum over j != y of w[j] (L - x[j])} and the sum of those w; where asked for,
 * the entropy within the classes and the largest logit. Two values with log-sum-exps L1 and L2 and the merged one L have
 *
 * <pre>{@code
 * L = log(exp(L1) + exp(L2))                         (Milakov and Gimelshein 2018: maximum and scaled sum are the same)
 * spread = spread1 + W1 (L - L1) + spread2 + W2 (L - L2)
 * entropy = exp(L1 - L) (entropy1 + L - L1) + exp(L2 - L) (entropy2 + L - L2)
 * }</pre>
 */
public final class PartialCrossEntropy implements Serializable {

    private static final long serialVersionUID = 1;

    private final ElementType type;
    private final int allClasses;

    /** The classes that have been seen. */
    private final BitSet seen;

    /** The target's logit; NaN where the target has not been seen. */
    private final double[] target;

    /** Log-sum-exp of the classes other than the target. */
    private final double[] others;

    private final double @Nullable [] spread;
    private final double @Nullable [] spreadWeight;
    private final double @Nullable [] entropy;
    private final double @Nullable [] top;
    private final int @Nullable [] topClass;

    /** A value without any classes, whose numbers are about to be set. */
    PartialCrossEntropy(ElementType type, int allClasses, int rows, BitSet seen, Kinds kinds) {
        this.type = type;
        this.allClasses = allClasses;
        this.seen = seen;
        this.target = filled(rows, Double.NaN);
        this.others = filled(rows, Double.NEGATIVE_INFINITY);
        this.spread = kinds.spread() ? new double[rows] : null;
        this.spreadWeight = kinds.spread() ? new double[rows] : null;
        this.entropy = kinds.entropy() ? new double[rows] : null;
        this.top = kinds.prediction() ? filled(rows, Double.NEGATIVE_INFINITY) : null;
        this.topClass = kinds.prediction() ? new int[rows] : null;
        if (topClass != null) {
            Arrays.fill(topClass, -1);
        }
    }

    /** Which numbers there are beyond those that every loss needs. */
    record Kinds(boolean spread, boolean entropy, boolean prediction) {}

    private static double[] filled(int rows, double value) {
        double[] values = new double[rows];
        Arrays.fill(values, value);
        return values;
    }

    /**
     * Returns what both values tell together.
     *
     * @param other of the same rows and other classes
     * @return a new value; neither of the two is changed
     * @throws IllegalArgumentException if a class is in both, or they are of different rows, options or formats
     */
    public PartialCrossEntropy merge(PartialCrossEntropy other) {
        check(other);
        BitSet both = (BitSet) seen.clone();
        both.or(other.seen);
        PartialCrossEntropy merged = new PartialCrossEntropy(type, allClasses, target.length, both, kinds());
        for (int row = 0; row < target.length; row++) {
            merged.set(row, this, other);
        }
        return merged;
    }

    private void check(PartialCrossEntropy other) {
        if (rows() != other.rows() || allClasses != other.allClasses || type != other.type) {
            throw new IllegalArgumentException("cannot merge " + this + " with " + other
                    + ": rows, classes of the whole and format must be the same");
        }
        if (!kinds().equals(other.kinds())) {
            throw new IllegalArgumentException("cannot merge values with different numbers: " + kinds() + " with "
                    + other.kinds() + "; ask for the same on every part");
        }
        if (seen.intersects(other.seen)) {
            BitSet both = (BitSet) seen.clone();
            both.and(other.seen);
            throw new IllegalArgumentException(
                    "cannot merge values that have both seen class " + both.nextSetBit(0) + ": parts must be disjoint");
        }
    }

    private Kinds kinds() {
        return new Kinds(spread != null, entropy != null, top != null);
    }

    private void set(int row, PartialCrossEntropy a, PartialCrossEntropy b) {
        target[row] = Double.isNaN(a.target[row]) ? b.target[row] : a.target[row];
        others[row] = LogSum.of(a.others[row], b.others[row]);
        double whole = logSumExp(row);
        double beyondA = beyond(whole, a.logSumExp(row));
        double beyondB = beyond(whole, b.logSumExp(row));
        if (spread != null && spreadWeight != null) {
            spread[row] = a.spreadBelow(row, beyondA) + b.spreadBelow(row, beyondB);
            spreadWeight[row] = a.spreadWeight(row) + b.spreadWeight(row);
        }
        if (entropy != null) {
            entropy[row] = a.entropyWithin(row, beyondA) + b.entropyWithin(row, beyondB);
        }
        if (top != null && topClass != null) {
            PartialCrossEntropy higher = a.isAbove(b, row) ? a : b;
            top[row] = higher.top == null ? Double.NaN : higher.top[row];
            topClass[row] = higher.topClass == null ? -1 : higher.topClass[row];
        }
    }

    /** How far a log-sum-exp lies above that of a part; 0 where both are without any class. */
    private static double beyond(double whole, double part) {
        return whole == part ? 0 : whole - part;
    }

    private double spreadWeight(int row) {
        return spreadWeight == null ? 0 : spreadWeight[row];
    }

    private double spreadBelow(int row, double beyond) {
        return spread == null ? 0 : spread[row] + RowNumbers.times(spreadWeight(row), beyond);
    }

    private double entropyWithin(int row, double beyond) {
        return entropy == null ? 0 : RowNumbers.times(StrictMath.exp(-beyond), entropy[row] + beyond);
    }

    /** Whether the largest logit here comes before that of another value. */
    private boolean isAbove(PartialCrossEntropy other, int row) {
        if (top == null || other.top == null || topClass == null || other.topClass == null) {
            return true;
        }
        return other.topClass[row] < 0
                || (topClass[row] >= 0
                        && (top[row] > other.top[row]
                                || (top[row] == other.top[row] && topClass[row] < other.topClass[row])));
    }

    /** Sets what kernels found of a row with its target among the classes. */
    void setWithTarget(int row, double logSumExp, double negativeLogLikelihood) {
        target[row] = logSumExp - negativeLogLikelihood;
        // Exact for every size: exp(lse) (1 - exp(-nll)) is the sum without the target.
        others[row] = logSumExp + StrictMath.log(-StrictMath.expm1(-negativeLogLikelihood));
    }

    /** Sets what kernels found of a row whose target is elsewhere. */
    void setWithoutTarget(int row, double logSumExp) {
        others[row] = logSumExp;
    }

    void setSpread(int row, double value, double weight) {
        if (spread != null && spreadWeight != null) {
            spread[row] = value;
            spreadWeight[row] = weight;
        }
    }

    void setEntropy(int row, double value) {
        if (entropy != null) {
            entropy[row] = value;
        }
    }

    void setTop(int row, double logit, int index) {
        if (top != null && topClass != null) {
            top[row] = logit;
            topClass[row] = index;
        }
    }

    /** Rejects a value that cannot be the whole of a batch. */
    void checkWhole(ShardedBatch batch) {
        if (rows() != batch.targets().count() || allClasses != batch.loss().classes()) {
            throw new IllegalArgumentException(this + " is not of this batch, which has "
                    + batch.targets().count() + " rows and " + batch.loss().classes() + " classes");
        }
        if (!isComplete()) {
            throw new IllegalArgumentException("class " + seen.nextClearBit(0)
                    + " has not been seen; merge the values of" + " all parts of the " + allClasses + " classes first");
        }
    }

    ElementType type() {
        return type;
    }

    /** Negative log-likelihood of the target. */
    double negativeLogLikelihood(int row) {
        return LogSum.of(0, others[row] - target[row]);
    }

    /** The sum over the other classes of {@code w[j] (lse - x[j])}. */
    double spread(int row) {
        return spread == null ? 0 : spread[row];
    }

    /**
     * {@return the number of rows}
     */
    public int rows() {
        return target.length;
    }

    /**
     * {@return whether all classes have been seen}
     */
    public boolean isComplete() {
        return seen.cardinality() == allClasses;
    }

    /**
     * Returns the log-sum-exp of the logits of the classes seen, as the loss sees them.
     *
     * @param row row, from 0
     * @return log-sum-exp; -inf for rows that do not count
     */
    public double logSumExp(int row) {
        return Double.isNaN(target[row]) ? others[row] : LogSum.of(others[row], target[row]);
    }

    /**
     * Returns the log-probability of the target.
     *
     * @param row row, from 0
     * @return a number that is at most 0, once all classes have been seen; NaN before, and for rows that do not count
     */
    public double targetLogProbability(int row) {
        return isComplete() ? 0.0 - negativeLogLikelihood(row) : Double.NaN;
    }

    /**
     * Returns the entropy of the softmax over the classes seen.
     *
     * @param row row, from 0
     * @return entropy in nats
     * @throws IllegalStateException if it was not asked for
     */
    public double entropy(int row) {
        if (entropy == null) {
            throw new IllegalStateException("entropy was not asked for; call ShardCall.entropy() on every part");
        }
        return entropy[row];
    }

    /**
     * Returns the most probable of the classes seen, the first of equals.
     *
     * @param row row, from 0
     * @return a class of the whole vocabulary; -1 for rows that do not count, rows with NaN and rows of -inf alone
     * @throws IllegalStateException if it was not asked for
     */
    public int prediction(int row) {
        if (topClass == null) {
            throw new IllegalStateException(
                    "predictions were not asked for; call ShardCall.predictions() on every part");
        }
        return Double.isNaN(logSumExp(row)) ? -1 : topClass[row];
    }

    /**
     * {@return rows and classes, for people}
     */
    @Override
    public String toString() {
        return rows() + " rows, " + seen.cardinality() + " of " + allClasses + " classes, " + type;
    }
}
