package org.crossentropy.jvm;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import org.crossentropy.api.spi.SoftmaxRows;

/**
 * The row kernels for float in vectors: what happens row by row and block by block. The loops over the elements of a block
 * are in {@link FloatBlocks}. One object serves one call of a kernel.
 *
 * <p>A forward pass reads the logits from memory once: a block's exponentials are summed while the block, whose maximum was
 * just taken, is still in the first-level cache. A gradient keeps the exponentials where it will stand itself, and
 * scales them once the row's sum is known.
 */
final class VectorFloatRows {

    private static final int LANES = FloatBlocks.LANES;
    private static final int BLOCK = FloatBlocks.BLOCK;

    private final SoftmaxRows rows;
    private final MemorySegment workspace;
    private final int classes;
    private final boolean hasTargets;
    private final boolean wantSpread;
    private final boolean weighted;
    private final FloatBlocks blocks;
    private final RowSums sums = new RowSums();

    /**
     * Prepares one call.
     *
     * @param rows what to compute
     * @param withGradient whether the gradient is looked at
     */
    VectorFloatRows(SoftmaxRows rows, boolean withGradient) {
        this.rows = rows;
        this.workspace = rows.workspace();
        this.classes = rows.classes();
        this.hasTargets = RowSums.isPresent(rows.targets());
        this.wantSpread = RowSums.isPresent(rows.spread());
        this.weighted = RowSums.isPresent(rows.classWeights());
        this.blocks = FloatBlocks.of(
                rows.logits(), withGradient ? rows.gradient() : MemorySegment.NULL, rows.classWeights(), workspace);
        LaneSums.clear(workspace, RowWorkspace.EXP_PARTIALS, LANES / 2);
        LaneSums.clear(workspace, RowWorkspace.SPREAD_PARTIALS, LANES / 2);
    }

    /** Log-sum-exp, negative log-likelihood and spread of every row. */
    void forward() {
        for (int i = 0; i < rows.rowCount(); i++) {
            int target = target(i);
            if (hasTargets && target < 0) {
                RowSums.storeIgnored(rows, i);
            } else {
                sumRow(i, target, false);
                sums.store(rows, i);
            }
        }
    }

    /** The same, and the gradient. */
    void gradient() {
        for (int i = 0; i < rows.rowCount(); i++) {
            int target = target(i);
            if (hasTargets && target < 0) {
                RowSums.storeIgnored(rows, i);
                blocks.fill(gradientRow(i), classes, 0f);
            } else {
                sumRow(i, target, true);
                sums.store(rows, i);
                scaleRow(i, target);
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
                blocks.fill(gradientRow(i), classes, Float.NaN);
            }
        }
    }

    /** Writes the logits minus their log-sum-exp: first the maximum goes, then what the log-sum-exp has beyond it. */
    private void subtractFromRow(int i) {
        float max = (float) sums.max;
        float logarithm = (float) sums.logarithm();
        for (int start = 0; start < classes; start += BLOCK) {
            int n = Math.min(BLOCK, classes - start);
            blocks.subtract(logitsRow(i) + start, gradientRow(i) + start, n, max, logarithm);
        }
    }

    private int target(int i) {
        return hasTargets ? rows.targets().getAtIndex(JAVA_INT_UNALIGNED, rows.firstTarget() + i) : -1;
    }

    private long logitsRow(int i) {
        return (rows.fromRow() + i) * rows.rowStride();
    }

    private long gradientRow(int i) {
        return (rows.fromRow() + i) * rows.gradientStride();
    }

    /**
     * The pass over the logits of a row.
     *
     * @param i the row
     * @param target its target, or -1
     * @param keep whether to leave the exponentials in the gradient row and the running maxima in the workspace
     */
    private void sumRow(int i, int target, boolean keep) {
        long row = logitsRow(i);
        // Read before a gradient in place overwrites it.
        float targetLogit = target < 0 ? 0f : blocks.logit(row + target);
        float max = Float.NEGATIVE_INFINITY;
        float firstShift = 0f;
        for (int start = 0; start < classes; start += BLOCK) {
            int n = Math.min(BLOCK, classes - start);
            float blockMax = blocks.max(row + start, n);
            if (blockMax > max) {
                if (start > 0) {
                    double factor = CanonicalMath.exp((double) max - (double) blockMax);
                    LaneSums.scale(workspace, RowWorkspace.EXP_SUMS, LANES, factor);
                }
                max = blockMax;
            }
            float shift = max == Float.NEGATIVE_INFINITY ? 0f : max;
            if (start == 0) {
                firstShift = shift;
            }
            if (wantSpread) {
                addShifted(row + start, start, n, firstShift, target - start);
            }
            if (keep) {
                blocks.keepExps(row + start, gradientRow(i) + start, n, shift, target - start);
                workspace.setAtIndex(JAVA_FLOAT, RowWorkspace.RUNNING_MAXIMA / Float.BYTES + start / BLOCK, max);
            } else {
                blocks.addExps(row + start, n, shift, target - start);
            }
            LaneSums.flushFloats(workspace, RowWorkspace.EXP_PARTIALS, RowWorkspace.EXP_SUMS, start == 0);
        }
        finishRow(target, targetLogit, max, firstShift);
    }

    private void addShifted(long from, int start, int n, float firstShift, int target) {
        if (weighted) {
            blocks.addShiftedWeighted(from, start, n, firstShift, target);
        } else {
            blocks.addShifted(from, n, firstShift, target);
        }
        LaneSums.flushFloats(workspace, RowWorkspace.SPREAD_PARTIALS, RowWorkspace.SPREAD_SUMS, start == 0);
    }

    private void finishRow(int target, float targetLogit, float max, float firstShift) {
        float shift = max == Float.NEGATIVE_INFINITY ? 0f : max;
        sums.max = max;
        sums.firstShift = firstShift;
        sums.others = LaneSums.treeSum(workspace, RowWorkspace.EXP_SUMS, LANES);
        sums.targetExp = target < 0 ? 0.0 : (double) CanonicalMath.exp(targetLogit - shift);
        sums.targetLogit = targetLogit;
        if (wantSpread) {
            sums.otherWeight = rows.weightTotal() - (target < 0 ? 0.0 : (double) weight(target));
            sums.shiftedLogits = LaneSums.treeSum(workspace, RowWorkspace.SPREAD_SUMS, LANES);
        }
        sums.finish();
    }

    private float weight(int target) {
        return weighted ? blocks.weight(target) : 1f;
    }

    /** Turns the exponentials that {@link #sumRow} left in the gradient row into the gradient. */
    private void scaleRow(int i, int target) {
        long triple = (long) i * rows.coefficientStep();
        double alpha = rows.coefficients().getAtIndex(JAVA_DOUBLE_UNALIGNED, triple);
        double beta = rows.coefficients().getAtIndex(JAVA_DOUBLE_UNALIGNED, triple + 1);
        double gamma = rows.coefficients().getAtIndex(JAVA_DOUBLE_UNALIGNED, triple + 2);
        double rate = sums.rate(alpha);
        long row = gradientRow(i);
        if (sums.isEmpty()) {
            blocks.fill(row, classes, rows.emptyRowsZero() ? 0f : Float.NaN);
            return;
        }
        if (!Float.isFinite((float) rate)) {
            blocks.fill(row, classes, Float.NaN);
            return;
        }
        for (int start = 0; start < classes; start += BLOCK) {
            float blockMax =
                    workspace.getAtIndex(JAVA_FLOAT, RowWorkspace.RUNNING_MAXIMA / Float.BYTES + start / BLOCK);
            float factor = (float) (blockMax == sums.max ? rate : sums.rate(rate, blockMax));
            scaleBlock(row + start, start, Math.min(BLOCK, classes - start), factor, (float) beta);
        }
        if (target >= 0) {
            float g = (float) sums.targetGradient(alpha, beta, gamma, weight(target));
            blocks.setGradient(row + target, Float.isNaN(g) ? Float.NaN : g);
        }
    }

    private void scaleBlock(long to, int start, int n, float factor, float beta) {
        // With -0 instead of +0 to subtract, the fused form is the plain product.
        if (Float.floatToRawIntBits(beta) == 0) {
            blocks.scale(to, n, factor);
        } else if (weighted) {
            blocks.scaleAndSubtractWeights(to, start, n, factor, beta);
        } else {
            blocks.scaleAndSubtract(to, n, factor, beta);
        }
        if (!Float.isFinite(beta)) {
            blocks.canonicalizeNaN(to, n);
        }
    }
}
