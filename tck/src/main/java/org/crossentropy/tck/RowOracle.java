package org.crossentropy.tck;

import org.crossentropy.api.Matrix;

/**
 * What a row of logits truly leads to, in {@linkplain DoubleDouble double-double} arithmetic and straight from the
 * definitions: {@code lse = log sum exp(x[j])}, {@code p[j] = exp(x[j] - lse)}, and the surprisal {@code lse - x[j]},
 * which is minus the logarithm of p[j].
 *
 * <p>Nothing cancels: one largest logit M is set apart, {@code lse - M = log1p(sum of the other exp(x[j] - M))}, and a
 * surprisal is the sum of that and {@code M - x[j]}, neither of them negative.
 *
 * <p>NaN or +inf among the logits makes everything NaN. A row of -inf alone has log-sum-exp -inf and is otherwise NaN.
 */
public final class RowOracle {

    private final double[] logits;
    private final double[] expHigh;
    private final double[] expLow;
    private final boolean undefined;
    private final int top;
    private final double max;
    private final DoubleDouble sum;
    private final DoubleDouble excess;

    /**
     * Looks at a row.
     *
     * @param matrix logits
     * @param row the row
     */
    public RowOracle(Matrix matrix, long row) {
        logits = new double[matrix.columns()];
        expHigh = new double[logits.length];
        expLow = new double[logits.length];
        int greatest = 0;
        boolean bad = false;
        for (int j = 0; j < logits.length; j++) {
            logits[j] = matrix.get(row, j);
            greatest = logits[j] > logits[greatest] ? j : greatest;
            bad |= Double.isNaN(logits[j]) || logits[j] == Double.POSITIVE_INFINITY;
        }
        top = greatest;
        undefined = bad;
        max = bad ? Double.NaN : logits[top];
        if (bad || isEmpty()) {
            sum = DoubleDouble.of(Double.NaN);
            excess = sum;
        } else {
            DoubleDouble rest = sumOfExp();
            excess = rest.log1p();
            sum = DoubleDouble.ONE.plus(rest);
        }
    }

    /** Fills in the exponentials and adds up those of all classes but one. */
    private DoubleDouble sumOfExp() {
        DoubleDouble rest = DoubleDouble.ZERO;
        for (int j = 0; j < logits.length; j++) {
            DoubleDouble exp = DoubleDouble.difference(logits[j], max).exp();
            expHigh[j] = exp.high();
            expLow[j] = exp.low();
            rest = j == top ? rest : rest.plus(exp);
        }
        return rest;
    }

    /**
     * {@return the number of classes}
     */
    public int classes() {
        return logits.length;
    }

    /**
     * Returns a logit.
     *
     * @param index class
     * @return {@code x[index]}
     */
    public double logit(int index) {
        return logits[index];
    }

    /**
     * {@return whether all logits are -inf}
     */
    public boolean isEmpty() {
        return max == Double.NEGATIVE_INFINITY;
    }

    /**
     * {@return whether there is a NaN or +inf among the logits}
     */
    public boolean isUndefined() {
        return undefined;
    }

    /**
     * {@return the log-sum-exp}
     */
    public DoubleDouble logSumExp() {
        return isEmpty() ? DoubleDouble.of(max) : DoubleDouble.of(max).plus(excess);
    }

    /**
     * {@return the class of the largest logit, the first of several}
     */
    public int top() {
        return top;
    }

    /**
     * {@return log-sum-exp minus the largest logit, from 0 to log K}
     */
    public DoubleDouble excess() {
        return excess;
    }

    /**
     * Returns minus the logarithm of a class's probability.
     *
     * @param index class
     * @return {@code lse - x[index]}
     */
    public DoubleDouble surprisal(int index) {
        return isDefined() ? excess.plus(DoubleDouble.difference(max, logits[index])) : DoubleDouble.of(Double.NaN);
    }

    /**
     * Returns a class's probability.
     *
     * @param index class
     * @return {@code exp(x[index] - lse)}
     */
    public DoubleDouble probability(int index) {
        return new DoubleDouble(expHigh[index], expLow[index]).dividedBy(sum);
    }

    /**
     * Returns the probability of all other classes, added up without cancellation.
     *
     * @param index class to leave out
     * @return {@code 1 - p[index]}
     */
    public DoubleDouble otherProbability(int index) {
        DoubleDouble others = DoubleDouble.ZERO;
        for (int j = 0; j < logits.length; j++) {
            others = j == index ? others : others.plus(new DoubleDouble(expHigh[j], expLow[j]));
        }
        return others.dividedBy(sum);
    }

    /**
     * Returns how far below the largest logit a class is.
     *
     * @param index class
     * @return {@code M - x[index]}, at least 0
     */
    public double depth(int index) {
        return max - logits[index];
    }

    /**
     * Returns how far below the largest logit the classes lie that make up a sum of exponentials: the mean of their
     * depths, weighed by their exponentials. The rounding of {@code x[j] - M} to the element type changes an exponential
     * by half a unit for each unit of depth, so this is what errors grow with.
     *
     * @param index class left out, or -1
     * @return the mean depth, at least 0
     */
    public double meanDepth(int index) {
        double weighted = 0;
        double total = 0;
        for (int j = 0; j < logits.length; j++) {
            if (j != index && expHigh[j] > 0) {
                weighted += expHigh[j] * depth(j);
                total += expHigh[j];
            }
        }
        return total == 0 ? 0 : weighted / total;
    }

    private boolean isDefined() {
        return !undefined && !isEmpty();
    }
}
