package org.crossentropy.api;

/**
 * Sums over the rows of a batch that a policy is watched by, taken group by group, each by whichever thread has it, and then
 * over the groups in their order, so that threads cannot be seen in them.
 */
final class PolicyTally {

    private final int groupRows;
    private final long[] clipped;
    private final double[] divergenceFromOld;
    private final double[] divergenceFromReference;
    private final double[] entropy;

    PolicyTally(Matrix logits) {
        int groups = RowWork.groups(logits.rows(), logits.columns());
        groupRows = RowWork.groupRows(logits.columns());
        clipped = new long[groups];
        divergenceFromOld = new double[groups];
        divergenceFromReference = new double[groups];
        entropy = new double[groups];
    }

    private int group(long row) {
        return (int) (row / groupRows);
    }

    void addClipped(long row) {
        clipped[group(row)]++;
    }

    void addDivergenceFromOld(long row, double value) {
        divergenceFromOld[group(row)] += value;
    }

    void addDivergenceFromReference(long row, double value) {
        divergenceFromReference[group(row)] += value;
    }

    void addEntropy(long row, double value) {
        entropy[group(row)] += value;
    }

    long clipped() {
        long sum = 0;
        for (long group : clipped) {
            sum += group;
        }
        return sum;
    }

    double divergenceFromOld() {
        return sum(divergenceFromOld);
    }

    double divergenceFromReference() {
        return sum(divergenceFromReference);
    }

    double entropy() {
        return sum(entropy);
    }

    private static double sum(double[] groups) {
        CompensatedSum sum = new CompensatedSum();
        for (double group : groups) {
            sum.add(group);
        }
        return sum.high();
    }
}
