package org.crossentropy.jvm;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.crossentropy.api.spi.LogisticRows;

/**
 * Binary cross-entropy of double logits, one element after the other, written the way the canonical algorithm is described.
 * One object serves one call; {@link ScalarFloatLogistic} is its twin for double.
 */
final class ScalarDoubleLogistic {

    private static final int LANES = 16;
    private static final int BLOCK = 512;

    private final LogisticRows rows;
    private final boolean weighted;
    private final boolean weighsPositives;
    private final boolean wantLosses;
    private final boolean wantGradient;

    /** One sum per lane over the block. */
    private final double[] partials = new double[LANES];

    /** One sum per lane over the blocks. */
    private final double[] sums = new double[LANES];

    /**
     * Prepares one call.
     *
     * @param rows what to compute
     */
    ScalarDoubleLogistic(LogisticRows rows) {
        this.rows = rows;
        this.weighted = RowSums.isPresent(rows.weights());
        this.weighsPositives = RowSums.isPresent(rows.positiveWeights());
        this.wantLosses = RowSums.isPresent(rows.losses());
        this.wantGradient = RowSums.isPresent(rows.gradient());
    }

    /** Computes every row. */
    void run() {
        for (int i = 0; i < rows.rows(); i++) {
            double sum = sumRow(i);
            rows.sums().setAtIndex(JAVA_DOUBLE_UNALIGNED, i, Double.isNaN(sum) ? Double.NaN : sum);
        }
    }

    private double sumRow(int i) {
        double factor =
                wantGradient ? rows.factors().getAtIndex(JAVA_DOUBLE_UNALIGNED, (long) i * rows.factorStep()) : 0.0;
        Arrays.fill(sums, 0.0);
        boolean outside = false;
        for (int start = 0; start < rows.columns(); start += BLOCK) {
            int end = Math.min(start + BLOCK, rows.columns());
            Arrays.fill(partials, 0.0);
            for (int j = start; j < end; j++) {
                partials[j % LANES] += element(i, j, factor);
                double t = get(rows.targets(), i * rows.targetsStride() + j);
                outside |= t < 0.0 || t > 1.0;
            }
            for (int lane = 0; lane < LANES; lane++) {
                sums[lane] += partials[lane];
            }
        }
        return outside ? Double.NaN : LaneTree.sum(sums, LANES);
    }

    /** The loss of one element; the names are those of the definition. */
    private double element(int i, int j, double factor) {
        double x = get(rows.logits(), i * rows.logitsStride() + j);
        double t = get(rows.targets(), i * rows.targetsStride() + j);
        double w = weighted ? get(rows.weights(), i * rows.weightsStride() + j) : 1.0;
        double e = CanonicalMath.exp(-Math.abs(x));
        double l = CanonicalMath.log1p(e);
        double ofPositive = l + (x < 0.0 ? -x : 0.0);
        double ofNegative = l + (x > 0.0 ? x : 0.0);
        double p = w * (weighsPositives ? get(rows.positiveWeights(), j) * t : t);
        double n = w * (1.0 - t);
        double loss = p == 0.0 ? 0.0 : p * ofPositive;
        loss = n == 0.0 ? loss : Math.fma(n, ofNegative, loss);
        if (weighsPositives) {
            // NaN also where both factors are 0.
            loss = Math.fma(l, 0.0, loss);
        }
        if (w == 0.0) {
            loss = 0.0;
        }
        if (wantLosses) {
            set(rows.losses(), (long) i * rows.columns() + j, loss);
        }
        if (wantGradient) {
            double q = 1.0 / (1.0 + e);
            double s = x >= 0.0 ? q : e * q;
            double z = x >= 0.0 ? e * q : q;
            double g = factor * Math.fma(n, s, -(p * z));
            set(rows.gradient(), i * rows.gradientStride() + j, w == 0.0 ? 0.0 : g);
        }
        return loss;
    }

    private static double get(MemorySegment segment, long index) {
        return segment.getAtIndex(JAVA_DOUBLE_UNALIGNED, index);
    }

    private static void set(MemorySegment segment, long index, double value) {
        segment.setAtIndex(JAVA_DOUBLE_UNALIGNED, index, Double.isNaN(value) ? Double.NaN : value);
    }
}
