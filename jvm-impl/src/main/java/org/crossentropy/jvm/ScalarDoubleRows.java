package org.crossentropy.jvm;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.crossentropy.api.spi.SoftmaxRows;

/**
 * The row kernels for double: the twin of {@link ScalarFloatRows}, which explains them, with half as many lanes and half
 * as long blocks. Casts apart the code is the same.
 */
final class ScalarDoubleRows {

    private static final int LANES = 16;
    private static final int BLOCK = 512;

    private final SoftmaxRows rows;
    private final MemorySegment workspace;
    private final int classes;

    /** Lanes that hold elements: all of them, except in rows shorter than that. */
    private final int lanes;

    private final boolean wantSpread;
    private final boolean weighted;
    private final RowSums sums = new RowSums();

    /** A copy of the block in work. */
    private final double[] block;

    /** A copy of the class weights that belong to it. */
    private final double[] blockWeights;

    /** F or G: one sum per lane over the block. */
    private final double[] partials;

    /** D: one sum of exponentials per lane over the blocks. */
    private final double[] expSums;

    /** E: one sum of shifted logits per lane over the blocks. */
    private final double[] spreadSums;

    /**
     * Prepares one call.
     *
     * @param rows what to compute
     */
    ScalarDoubleRows(SoftmaxRows rows) {
        this.rows = rows;
        this.workspace = rows.workspace();
        this.classes = rows.classes();
        this.lanes = Math.min(LANES, classes);
        this.wantSpread = RowSums.isPresent(rows.spread());
        this.weighted = RowSums.isPresent(rows.classWeights());
        this.block = new double[Math.min(BLOCK, classes)];
        this.blockWeights = weighted ? new double[block.length] : block;
        this.partials = new double[lanes];
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
                fillGradient(i, 0.0);
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
                fillGradient(i, Double.NaN);
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
        double targetLogit = target < 0 ? 0.0 : rows.logits().getAtIndex(JAVA_DOUBLE_UNALIGNED, row + target);
        Arrays.fill(expSums, 0.0);
        Arrays.fill(spreadSums, 0.0);
        double max = Double.NEGATIVE_INFINITY;
        double firstShift = 0.0;
        for (int start = 0; start < classes; start += BLOCK) {
            int n = Math.min(BLOCK, classes - start);
            load(rows.logits(), row + start, block, n);
            double blockMax = max(n);
            if (blockMax > max) {
                rescaleExpSums(CanonicalMath.exp(max - blockMax));
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
        sums.targetExp = target < 0 ? 0.0 : CanonicalMath.exp(targetLogit - shift(max));
        sums.targetLogit = targetLogit;
        sums.otherWeight = rows.weightTotal() - (target < 0 ? 0.0 : weight(target));
        sums.shiftedLogits = LaneTree.sum(spreadSums, LANES);
        sums.finish();
    }

    /** What is subtracted from logits: their running maximum, or 0 while all of them were -inf. */
    private static double shift(double max) {
        return max == Double.NEGATIVE_INFINITY ? 0.0 : max;
    }

    /** The largest of a block, NaN skipped. */
    private double max(int n) {
        double max = Double.NEGATIVE_INFINITY;
        for (int j = 0; j < n; j++) {
            double x = block[j];
            max = x > max ? x : max;
        }
        return max;
    }

    /** Replaces the block by its exponentials, the target's by 0, and adds them to the sums. */
    private void addExps(int n, double shift, int target) {
        for (int j = 0; j < n; j++) {
            block[j] = CanonicalMath.exp(block[j] - shift);
        }
        if (target >= 0 && target < n) {
            block[target] = 0.0;
        }
        Arrays.fill(partials, 0.0);
        for (int j = 0; j < n; j++) {
            partials[j % LANES] += block[j];
        }
        addPartialsTo(expSums);
    }

    /** Adds the block's logits minus the row's first shift to the sums, without the target. */
    private void addShiftedLogits(int start, int n, double firstShift, int target) {
        Arrays.fill(partials, 0.0);
        if (weighted) {
            load(rows.classWeights(), start, blockWeights, n);
        }
        for (int j = 0; j < n; j++) {
            double v = block[j] - firstShift;
            double w = weighted ? blockWeights[j] : 1.0;
            // A class without weight is left out even where its logit is -inf; 0 times inf would be NaN.
            if (j != target && w != 0.0) {
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
            fillGradient(i, rows.emptyRowsZero() ? 0.0 : Double.NaN);
            return;
        }
        if (!Double.isFinite(rate)) {
            fillGradient(i, Double.NaN);
            return;
        }
        long row = (rows.fromRow() + i) * rows.gradientStride();
        for (int start = 0; start < classes; start += BLOCK) {
            int n = Math.min(BLOCK, classes - start);
            load(rows.gradient(), row + start, block, n);
            double k = sums.rate(rate, runningMax(start));
            scaleBlock(start, n, k, beta);
            store(n, rows.gradient(), row + start);
        }
        if (target >= 0) {
            double g = sums.targetGradient(alpha, beta, gamma, weight(target));
            rows.gradient().setAtIndex(JAVA_DOUBLE_UNALIGNED, row + target, canonical(g));
        }
    }

    private void scaleBlock(int start, int n, double k, double beta) {
        if (weighted) {
            load(rows.classWeights(), start, blockWeights, n);
        }
        for (int j = 0; j < n; j++) {
            double weightedBeta = weighted ? beta * blockWeights[j] : beta;
            block[j] = canonical(Math.fma(block[j], k, -weightedBeta));
        }
    }

    /** Writes the logits minus their log-sum-exp: first the maximum goes, then what the log-sum-exp has beyond it. */
    private void subtractFromRow(int i) {
        double max = sums.max;
        double logarithm = sums.logarithm();
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

    private void fillGradient(int i, double value) {
        long row = (rows.fromRow() + i) * rows.gradientStride();
        for (int j = 0; j < classes; j++) {
            rows.gradient().setAtIndex(JAVA_DOUBLE_UNALIGNED, row + j, value);
        }
    }

    /** The same value, with the one NaN that may be stored. */
    private static double canonical(double value) {
        return Double.isNaN(value) ? Double.NaN : value;
    }

    private double weight(int target) {
        return weighted ? rows.classWeights().getAtIndex(JAVA_DOUBLE_UNALIGNED, target) : 1.0;
    }

    private static void load(MemorySegment source, long element, double[] destination, int n) {
        MemorySegment.copy(source, JAVA_DOUBLE_UNALIGNED, element * Double.BYTES, destination, 0, n);
    }

    private void store(int n, MemorySegment destination, long element) {
        MemorySegment.copy(block, 0, destination, JAVA_DOUBLE_UNALIGNED, element * Double.BYTES, n);
    }

    private void setRunningMax(int start, double max) {
        workspace.setAtIndex(JAVA_DOUBLE, RowWorkspace.BLOCK_MAXIMA / Double.BYTES + start / BLOCK, max);
    }

    private double runningMax(int start) {
        return workspace.getAtIndex(JAVA_DOUBLE, RowWorkspace.BLOCK_MAXIMA / Double.BYTES + start / BLOCK);
    }
}
