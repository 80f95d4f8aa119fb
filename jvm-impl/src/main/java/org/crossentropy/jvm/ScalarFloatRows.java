package org.crossentropy.jvm;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.crossentropy.api.spi.SoftmaxRows;

/**
 * The row kernels for float, written the way the canonical algorithm is described: this is the version to read first.
 * One object serves one call of a kernel; {@link ScalarDoubleRows} is its twin for double.
 *
 * <p>Each block of logits is copied into a small array, reduced there, and (for a gradient) replaced by its
 * exponentials and copied out again. The copy lies in the first-level cache and makes the loops independent of the kind
 * of memory the caller has. Memory is read once in the forward pass; a gradient is written, and once more read and
 * written when the row's sum is known.
 */
final class ScalarFloatRows {

    private static final int LANES = 32;
    private static final int BLOCK = 1024;

    private final SoftmaxRows rows;
    private final MemorySegment workspace;
    private final int classes;

    /** Lanes that hold elements: all of them, except in rows shorter than that. */
    private final int lanes;

    private final boolean wantSpread;
    private final boolean weighted;
    private final RowSums sums = new RowSums();

    /** A copy of the block in work. */
    private final float[] block;

    /** A copy of the class weights that belong to it. */
    private final float[] blockWeights;

    /** F or G: one sum per lane over the block. */
    private final float[] partials;

    /** D: one sum of exponentials per lane over the blocks. */
    private final double[] expSums;

    /** E: one sum of shifted logits per lane over the blocks. */
    private final double[] spreadSums;

    /**
     * Prepares one call.
     *
     * @param rows what to compute
     */
    ScalarFloatRows(SoftmaxRows rows) {
        this.rows = rows;
        this.workspace = rows.workspace();
        this.classes = rows.classes();
        this.lanes = Math.min(LANES, classes);
        this.wantSpread = RowSums.isPresent(rows.spread());
        this.weighted = RowSums.isPresent(rows.classWeights());
        this.block = new float[Math.min(BLOCK, classes)];
        this.blockWeights = weighted ? new float[block.length] : block;
        this.partials = new float[lanes];
        this.expSums = new double[lanes];
        this.spreadSums = new double[lanes];
    }

    /** Log-sum-exp, negative log-likelihood and spread of every row. */
    void forward() {
        for (int i = 0; i < rows.rowCount(); i++) {
            if (isIgnored(i)) {
                RowSums.storeIgnored(rows, i);
            } else {
                sumRow(i, target(i), false);
                sums.store(rows, i);
            }
        }
    }

    /** The same, and the gradient. */
    void gradient() {
        for (int i = 0; i < rows.rowCount(); i++) {
            if (isIgnored(i)) {
                RowSums.storeIgnored(rows, i);
                fillGradient(i, 0f);
            } else {
                sumRow(i, target(i), true);
                sums.store(rows, i);
                scaleRow(i, target(i));
            }
        }
    }

    /** Log-sum-exp and log-softmax of every row. */
    void logSoftmax() {
        for (int i = 0; i < rows.rowCount(); i++) {
            sumRow(i, -1, false);
            double logSumExp = sums.logSumExp();
            if (RowSums.isPresent(rows.logSumExp())) {
                rows.logSumExp().setAtIndex(JAVA_DOUBLE_UNALIGNED, i, logSumExp);
            }
            if (Double.isFinite(logSumExp)) {
                subtractFromRow(i);
            } else {
                fillGradient(i, Float.NaN);
            }
        }
    }

    /** The target of a row of this call; -1 where rows have none, negative for an ignored row. */
    private int target(int i) {
        return RowSums.isPresent(rows.targets())
                ? rows.targets().getAtIndex(JAVA_INT_UNALIGNED, rows.firstTarget() + i)
                : -1;
    }

    private boolean isIgnored(int i) {
        return RowSums.isPresent(rows.targets()) && target(i) < 0;
    }

    /**
     * The pass over the logits of a row.
     *
     * @param i the row
     * @param target its target, or -1
     * @param keep whether to leave the exponentials in the gradient row and the running maxima in the workspace
     */
    private void sumRow(int i, int target, boolean keep) {
        long row = (rows.fromRow() + i) * rows.rowStride();
        // Read before a gradient in place overwrites it.
        float targetLogit = target < 0 ? 0f : rows.logits().getAtIndex(JAVA_FLOAT_UNALIGNED, row + target);
        Arrays.fill(expSums, 0.0);
        Arrays.fill(spreadSums, 0.0);
        float max = Float.NEGATIVE_INFINITY;
        float firstShift = 0f;
        for (int start = 0; start < classes; start += BLOCK) {
            int n = Math.min(BLOCK, classes - start);
            load(rows.logits(), row + start, block, n);
            float blockMax = max(n);
            if (blockMax > max) {
                rescaleExpSums(CanonicalMath.exp((double) max - (double) blockMax));
                max = blockMax;
            }
            if (start == 0) {
                firstShift = shift(max);
            }
            if (wantSpread) {
                addShiftedLogits(start, n, firstShift, target - start);
            }
            addExps(n, shift(max), target - start);
            if (keep) {
                store(n, rows.gradient(), (rows.fromRow() + i) * rows.gradientStride() + start);
                setRunningMax(start, max);
            }
        }
        sums.max = max;
        sums.firstShift = firstShift;
        sums.others = LaneTree.sum(expSums, LANES);
        sums.targetExp = target < 0 ? 0.0 : (double) CanonicalMath.exp(targetLogit - shift(max));
        sums.targetLogit = targetLogit;
        sums.otherWeight = rows.weightTotal() - (target < 0 ? 0.0 : (double) weight(target));
        sums.shiftedLogits = LaneTree.sum(spreadSums, LANES);
        sums.finish();
    }

    /** What is subtracted from logits: their running maximum, or 0 while all of them were -inf. */
    private static float shift(float max) {
        return max == Float.NEGATIVE_INFINITY ? 0f : max;
    }

    /** The largest of a block, NaN skipped. */
    private float max(int n) {
        float max = Float.NEGATIVE_INFINITY;
        for (int j = 0; j < n; j++) {
            float x = block[j];
            max = x > max ? x : max;
        }
        return max;
    }

    /** Replaces the block by its exponentials, the target's by 0, and adds them to the sums. */
    private void addExps(int n, float shift, int target) {
        for (int j = 0; j < n; j++) {
            block[j] = CanonicalMath.exp(block[j] - shift);
        }
        if (target >= 0 && target < n) {
            block[target] = 0f;
        }
        Arrays.fill(partials, 0f);
        for (int j = 0; j < n; j++) {
            partials[j % LANES] += block[j];
        }
        addPartialsTo(expSums);
    }

    /** Adds the block's logits minus the row's first shift to the sums, without the target. */
    private void addShiftedLogits(int start, int n, float firstShift, int target) {
        Arrays.fill(partials, 0f);
        if (weighted) {
            load(rows.classWeights(), start, blockWeights, n);
        }
        for (int j = 0; j < n; j++) {
            float v = block[j] - firstShift;
            float w = weighted ? blockWeights[j] : 1f;
            // A class without weight is left out even where its logit is -inf; 0 times inf would be NaN.
            if (j != target && w != 0f) {
                int lane = j % LANES;
                partials[lane] = weighted ? Math.fma(w, v, partials[lane]) : partials[lane] + v;
            }
        }
        addPartialsTo(spreadSums);
    }

    private void addPartialsTo(double[] laneSums) {
        for (int lane = 0; lane < lanes; lane++) {
            laneSums[lane] += partials[lane];
        }
    }

    private void rescaleExpSums(double factor) {
        for (int lane = 0; lane < lanes; lane++) {
            expSums[lane] *= factor;
        }
    }

    /** Turns the exponentials that {@link #sumRow} left in the gradient row into the gradient. */
    private void scaleRow(int i, int target) {
        long triple = (long) i * rows.coefficientStep();
        double alpha = rows.coefficients().getAtIndex(JAVA_DOUBLE_UNALIGNED, triple);
        double beta = rows.coefficients().getAtIndex(JAVA_DOUBLE_UNALIGNED, triple + 1);
        double gamma = rows.coefficients().getAtIndex(JAVA_DOUBLE_UNALIGNED, triple + 2);
        double rate = sums.rate(alpha);
        if (sums.isEmpty()) {
            fillGradient(i, rows.emptyRowsZero() ? 0f : Float.NaN);
            return;
        }
        if (!Float.isFinite((float) rate)) {
            fillGradient(i, Float.NaN);
            return;
        }
        long row = (rows.fromRow() + i) * rows.gradientStride();
        for (int start = 0; start < classes; start += BLOCK) {
            int n = Math.min(BLOCK, classes - start);
            load(rows.gradient(), row + start, block, n);
            float k = (float) sums.rate(rate, runningMax(start));
            scaleBlock(start, n, k, (float) beta);
            store(n, rows.gradient(), row + start);
        }
        if (target >= 0) {
            float g = (float) sums.targetGradient(alpha, beta, gamma, weight(target));
            rows.gradient().setAtIndex(JAVA_FLOAT_UNALIGNED, row + target, canonical(g));
        }
    }

    private void scaleBlock(int start, int n, float k, float beta) {
        if (weighted) {
            load(rows.classWeights(), start, blockWeights, n);
        }
        for (int j = 0; j < n; j++) {
            float weightedBeta = weighted ? beta * blockWeights[j] : beta;
            block[j] = canonical(Math.fma(block[j], k, -weightedBeta));
        }
    }

    /** Writes the logits minus their log-sum-exp: first the maximum goes, then what the log-sum-exp has beyond it. */
    private void subtractFromRow(int i) {
        float max = (float) sums.max;
        float logarithm = (float) sums.logarithm();
        long from = (rows.fromRow() + i) * rows.rowStride();
        long to = (rows.fromRow() + i) * rows.gradientStride();
        for (int start = 0; start < classes; start += BLOCK) {
            int n = Math.min(BLOCK, classes - start);
            load(rows.logits(), from + start, block, n);
            for (int j = 0; j < n; j++) {
                block[j] = (block[j] - max) - logarithm;
            }
            store(n, rows.gradient(), to + start);
        }
    }

    private void fillGradient(int i, float value) {
        long row = (rows.fromRow() + i) * rows.gradientStride();
        for (int j = 0; j < classes; j++) {
            rows.gradient().setAtIndex(JAVA_FLOAT_UNALIGNED, row + j, value);
        }
    }

    /** The same value, with the one NaN that may be stored. */
    private static float canonical(float value) {
        return Float.isNaN(value) ? Float.NaN : value;
    }

    private float weight(int target) {
        return weighted ? rows.classWeights().getAtIndex(JAVA_FLOAT_UNALIGNED, target) : 1f;
    }

    private static void load(MemorySegment source, long element, float[] destination, int n) {
        MemorySegment.copy(source, JAVA_FLOAT_UNALIGNED, element * Float.BYTES, destination, 0, n);
    }

    private void store(int n, MemorySegment destination, long element) {
        MemorySegment.copy(block, 0, destination, JAVA_FLOAT_UNALIGNED, element * Float.BYTES, n);
    }

    private void setRunningMax(int start, float max) {
        workspace.setAtIndex(JAVA_FLOAT, RowWorkspace.BLOCK_MAXIMA / Float.BYTES + start / BLOCK, max);
    }

    private float runningMax(int start) {
        return workspace.getAtIndex(JAVA_FLOAT, RowWorkspace.BLOCK_MAXIMA / Float.BYTES + start / BLOCK);
    }
}
