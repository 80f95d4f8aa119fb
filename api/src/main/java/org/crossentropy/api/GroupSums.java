package org.crossentropy.api;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The losses of a batch summed in groups of rows: each group by whichever thread has it, the groups in their order. Counts
 * rows too, where it is known only after a look at the logits which of them count.
 */
final class GroupSums {

    private final double[] losses;
    private final long[] counts;
    private final double[] weights;

    /**
     * Makes empty sums.
     *
     * @param groups number of groups
     * @param counting whether rows are counted and weighed
     */
    GroupSums(int groups, boolean counting) {
        losses = new double[groups];
        counts = new long[counting ? groups : 0];
        weights = new double[counting ? 2 * groups : 0];
    }

    /** Sets a group's loss from some of its rows' losses. */
    void setLoss(int group, MemorySegment values, int from, int to) {
        losses[group] = sum(values, from, to);
    }

    /** Sets a group's loss. */
    void setLoss(int group, double loss) {
        losses[group] = loss;
    }

    void setCount(int group, long count, CompensatedSum weight) {
        counts[group] = count;
        weights[2 * group] = weight.high();
        weights[2 * group + 1] = weight.low();
    }

    /** Four running sums, so that additions need not wait for each other. */
    static double sum(MemorySegment values, long from, long to) {
        double sum0 = 0;
        double sum1 = 0;
        double sum2 = 0;
        double sum3 = 0;
        long i = from;
        for (; i + 4 <= to; i += 4) {
            sum0 += values.getAtIndex(ValueLayout.JAVA_DOUBLE, i);
            sum1 += values.getAtIndex(ValueLayout.JAVA_DOUBLE, i + 1);
            sum2 += values.getAtIndex(ValueLayout.JAVA_DOUBLE, i + 2);
            sum3 += values.getAtIndex(ValueLayout.JAVA_DOUBLE, i + 3);
        }
        for (; i < to; i++) {
            sum0 += values.getAtIndex(ValueLayout.JAVA_DOUBLE, i);
        }
        return (sum0 + sum2) + (sum1 + sum3);
    }

    /** Sum over all groups, in their order. */
    CompensatedSum loss() {
        CompensatedSum sum = new CompensatedSum();
        for (double loss : losses) {
            sum.add(loss);
        }
        return sum;
    }

    /** Number of rows counted. */
    long count() {
        long sum = 0;
        for (long count : counts) {
            sum += count;
        }
        return sum;
    }

    /** Weight of the rows counted. */
    CompensatedSum weight() {
        CompensatedSum sum = new CompensatedSum();
        for (int i = 0; i < weights.length; i += 2) {
            sum.add(weights[i], weights[i + 1]);
        }
        return sum;
    }
}
