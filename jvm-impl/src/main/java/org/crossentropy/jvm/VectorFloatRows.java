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
 * <p>A forward pass reads the logits from memory once: while a block's exponentials are summed, which keeps the arithmetic
 * units busy, the maximum of the next block is taken, which brings that one into the first-level cache; "next" goes across
 * the end of the row. A gradient keeps the exponentials where it will stand itself, and scales them once the row's sum is
 * known, taking the maxima of the next row meanwhile.
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

    /** The running maximum. */
    private float max;

    /** What is subtracted from the first block's logits. */
    private float firstShift;

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
        int i = skipIgnored(0, false);
        float blockMax = firstMax(i);
        while (i < rows.rowCount()) {
            int next = skipIgnored(i + 1, false);
            blockMax = sumRow(i, target(i), blockMax, next);
            sums.store(rows, i);
            i = next;
        }
    }

    /** The same, and the gradient. */
    void gradient() {
        int i = skipIgnored(0, true);
        takeMaxima(i);
        while (i < rows.rowCount()) {
            keepRow(i);
            sums.store(rows, i);
            int next = skipIgnored(i + 1, true);
            scaleRow(i, next);
            i = next;
        }
    }

    /** Log-sum-exp and log-softmax of every row. */
    void logSoftmax() {
        float blockMax = firstMax(0);
        for (int i = 0; i < rows.rowCount(); i++) {
            blockMax = sumRow(i, -1, blockMax, i + 1);
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

    /** The first row from i on that is not ignored, or the number of rows. Ignored rows on the way get their results. */
    private int skipIgnored(int i, boolean fill) {
        if (!hasTargets) {
            return i;
        }
        int row = i;
        for (; row < rows.rowCount() && target(row) < 0; row++) {
            RowSums.storeIgnored(rows, row);
            if (fill) {
                blocks.fill(gradientRow(row), classes, 0f);
            }
        }
        return row;
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

    /** The largest logit of a row's first block; -inf beyond the last row. */
    private float firstMax(int i) {
        return i < rows.rowCount() ? blocks.max(logitsRow(i), Math.min(BLOCK, classes)) : Float.NEGATIVE_INFINITY;
    }

    /** Leaves the largest logits of a row's blocks in the workspace. */
    private void takeMaxima(int i) {
        if (i < rows.rowCount()) {
            for (int start = 0; start < classes; start += BLOCK) {
                setBlockMax(start, blocks.max(logitsRow(i) + start, Math.min(BLOCK, classes - start)));
            }
        }
    }

    /**
     * The pass over the logits of a row.
     *
     * @param i the row
     * @param target its target, or -1
     * @param firstMax the largest logit of its first block
     * @param next the row after it, if there is one
     * @return the largest logit of the next row's first block
     */
    private float sumRow(int i, int target, float firstMax, int next) {
        long row = logitsRow(i);
        float targetLogit = target < 0 ? 0f : blocks.logit(row + target);
        float blockMax = firstMax;
        max = Float.NEGATIVE_INFINITY;
        for (int start = 0; start < classes; start += BLOCK) {
            int n = Math.min(BLOCK, classes - start);
            float shift = raise(start, blockMax);
            addShifted(row + start, start, n, target - start);
            int rest = classes - start - n;
            if (rest > 0) {
                blockMax =
                        blocks.addExps(row + start, n, shift, target - start, row + start + n, Math.min(BLOCK, rest));
            } else {
                boolean isLast = next >= rows.rowCount();
                long nextRow = logitsRow(isLast ? i : next);
                int nextCount = isLast ? 0 : Math.min(BLOCK, classes);
                blockMax = blocks.addExps(row + start, n, shift, target - start, nextRow, nextCount);
            }
            LaneSums.flushFloats(workspace, RowWorkspace.EXP_PARTIALS, RowWorkspace.EXP_SUMS, start == 0);
        }
        finishRow(target, targetLogit);
        return blockMax;
    }

    /**
     * The same for a row whose blocks' maxima are in the workspace: leaves the exponentials in the gradient row, and in place
     * of each block's maximum the one up to it.
     */
    private void keepRow(int i) {
        long row = logitsRow(i);
        int target = target(i);
        // Read before a gradient in place overwrites it.
        float targetLogit = target < 0 ? 0f : blocks.logit(row + target);
        max = Float.NEGATIVE_INFINITY;
        for (int start = 0; start < classes; start += BLOCK) {
            int n = Math.min(BLOCK, classes - start);
            float shift = raise(start, blockMax(start));
            addShifted(row + start, start, n, target - start);
            blocks.keepExps(row + start, gradientRow(i) + start, n, shift, target - start);
            setBlockMax(start, max);
            LaneSums.flushFloats(workspace, RowWorkspace.EXP_PARTIALS, RowWorkspace.EXP_SUMS, start == 0);
        }
        finishRow(target, targetLogit);
    }

    /** Lifts the running maximum to that of a block. Returns what is subtracted from the block's logits. */
    private float raise(int start, float blockMax) {
        if (blockMax > max) {
            if (start > 0) {
                double factor = CanonicalMath.exp((double) max - (double) blockMax);
                LaneSums.scale(workspace, RowWorkspace.EXP_SUMS, LANES, factor);
            }
            max = blockMax;
        }
        float shift = shift();
        if (start == 0) {
            firstShift = shift;
        }
        return shift;
    }

    private float shift() {
        return max == Float.NEGATIVE_INFINITY ? 0f : max;
    }

    private float blockMax(int start) {
        return workspace.getAtIndex(JAVA_FLOAT, RowWorkspace.BLOCK_MAXIMA / Float.BYTES + start / BLOCK);
    }

    private void setBlockMax(int start, float value) {
        workspace.setAtIndex(JAVA_FLOAT, RowWorkspace.BLOCK_MAXIMA / Float.BYTES + start / BLOCK, value);
    }

    private void addShifted(long from, int start, int n, int target) {
        if (!wantSpread) {
            return;
        }
        if (weighted) {
            blocks.addShiftedWeighted(from, start, n, firstShift, target);
        } else {
            blocks.addShifted(from, n, firstShift, target);
        }
        LaneSums.flushFloats(workspace, RowWorkspace.SPREAD_PARTIALS, RowWorkspace.SPREAD_SUMS, start == 0);
    }

    private void finishRow(int target, float targetLogit) {
        sums.max = max;
        sums.firstShift = firstShift;
        sums.others = LaneSums.treeSum(workspace, RowWorkspace.EXP_SUMS, LANES);
        sums.targetExp = target < 0 ? 0.0 : (double) CanonicalMath.exp(targetLogit - shift());
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

    /**
     * Turns the exponentials that {@link #keepRow} left in the gradient row into the gradient. This leaves the arithmetic
     * units and the memory idle: meanwhile the maxima of the next row are taken, which brings it into the cache.
     */
    private void scaleRow(int i, int next) {
        long triple = (long) i * rows.coefficientStep();
        double alpha = rows.coefficients().getAtIndex(JAVA_DOUBLE_UNALIGNED, triple);
        double beta = rows.coefficients().getAtIndex(JAVA_DOUBLE_UNALIGNED, triple + 1);
        double gamma = rows.coefficients().getAtIndex(JAVA_DOUBLE_UNALIGNED, triple + 2);
        double rate = sums.rate(alpha);
        long row = gradientRow(i);
        if (sums.isEmpty() || !Float.isFinite((float) rate)) {
            blocks.fill(row, classes, sums.isEmpty() && rows.emptyRowsZero() ? 0f : Float.NaN);
            takeMaxima(next);
            return;
        }
        // After the last row, something harmless is read in place of a next one.
        long nextRow = logitsRow(next < rows.rowCount() ? next : i);
        for (int start = 0; start < classes; start += BLOCK) {
            float blockMax = blockMax(start);
            float factor = (float) (blockMax == sums.max ? rate : sums.rate(rate, blockMax));
            scaleBlock(row + start, start, factor, (float) beta, nextRow + start);
        }
        int target = target(i);
        if (target >= 0) {
            float g = (float) sums.targetGradient(alpha, beta, gamma, weight(target));
            blocks.setGradient(row + target, Float.isNaN(g) ? Float.NaN : g);
        }
    }

    private void scaleBlock(long to, int start, float factor, float beta, long next) {
        int n = Math.min(BLOCK, classes - start);
        if (weighted) {
            blocks.scaleAndSubtractWeights(to, start, n, factor, beta);
            setBlockMax(start, blocks.max(next, n));
        } else {
            setBlockMax(start, blocks.scaleAndSubtract(to, n, factor, beta, next));
        }
        if (!Float.isFinite(beta)) {
            blocks.canonicalizeNaN(to, n);
        }
    }
}
