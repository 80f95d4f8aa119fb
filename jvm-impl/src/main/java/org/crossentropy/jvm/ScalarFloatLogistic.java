package org.crossentropy.jvm;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.crossentropy.api.spi.LogisticRows;

/**
 * Binary cross-entropy of float logits, one element after the other, written the way the canonical algorithm is described.
 * One object serves one call; {@link ScalarDoubleLogistic} is its twin for double.
 */
final class ScalarFloatLogistic {

    private static final int LANES = 32;
    private static final int BLOCK = 1024;

    private final LogisticRows rows;
    private final boolean weighted;
    private final boolean weighsPositives;
    private final boolean wantLosses;
    private final boolean wantGradient;

    /** One sum per lane over the block. */
    private final float[] partials = new float[LANES];

    /** One sum per lane over the blocks. */
    private final double[] sums = new double[LANES];

    /**
     * Prepares one call.
     *
     * @param rows what to compute
     */
    ScalarFloatLogistic(LogisticRows rows) {
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
        float factor = wantGradient
                ? (float) rows.factors().getAtIndex(JAVA_DOUBLE_UNALIGNED, (long) i * rows.factorStep())
                : 0f;
        Arrays.fill(sums, 0.0);
        boolean outside = false;
        for (int start = 0; start < rows.columns(); start += BLOCK) {
            int end = Math.min(start + BLOCK, rows.columns());
            Arrays.fill(partials, 0f);
            for (int j = start; j < end; j++) {
                partials[j % LANES] += element(i, j, factor);
                float t = get(rows.targets(), i * rows.targetsStride() + j);
                outside |= t < 0f || t > 1f;
            }
            for (int lane = 0; lane < LANES; lane++) {
                sums[lane] += partials[lane];
            }
        }
        return outside ? Double.NaN : LaneTree.sum(sums, LANES);
    }

    /** The loss of one element; the names are those of the definition. */
    private float element(int i, int j, float factor) {
        float x = get(rows.logits(), i * rows.logitsStride() + j);
        float t = get(rows.targets(), i * rows.targetsStride() + j);
        float w = weighted ? get(rows.weights(), i * rows.weightsStride() + j) : 1f;
        float e = CanonicalMath.exp(-Math.abs(x));
        float l = CanonicalMath.log1p(e);
        float ofPositive = l + (x < 0f ? -x : 0f);
        float ofNegative = l + (x > 0f ? x : 0f);
        float p = w * (weighsPositives ? get(rows.positiveWeights(), j) * t : t);
        float n = w * (1f - t);
        float loss = p == 0f ? 0f : p * ofPositive;
        loss = n == 0f ? loss : Math.fma(n, ofNegative, loss);
        if (weighsPositives) {
            // NaN also where both factors are 0.
            loss = Math.fma(l, 0f, loss);
        }
        if (w == 0f) {
            loss = 0f;
        }
        if (wantLosses) {
            set(rows.losses(), (long) i * rows.columns() + j, loss);
        }
        if (wantGradient) {
            float q = 1f / (1f + e);
            float s = x >= 0f ? q : e * q;
            float z = x >= 0f ? e * q : q;
            float g = factor * Math.fma(n, s, -(p * z));
            set(rows.gradient(), i * rows.gradientStride() + j, w == 0f ? 0f : g);
        }
        return loss;
    }

    private static float get(MemorySegment segment, long index) {
        return segment.getAtIndex(JAVA_FLOAT_UNALIGNED, index);
    }

    private static void set(MemorySegment segment, long index, float value) {
        segment.setAtIndex(JAVA_FLOAT_UNALIGNED, index, Float.isNaN(value) ? Float.NaN : value);
    }
}
