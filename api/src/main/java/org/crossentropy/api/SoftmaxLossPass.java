package org.crossentropy.api;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.crossentropy.api.spi.LossKernels;
import org.crossentropy.api.spi.SoftmaxRows;
import org.jspecify.annotations.Nullable;

/**
 * One pass of softmax cross-entropy over a batch: calls the kernels on runs of rows, makes each row's loss of their
 * results, and adds the losses up group by group.
 *
 * <p>With a the target's probability mass after smoothing, b that of each other class, and w the class weights, the loss
 * of a row is {@code a w[y] nll + b spread}, where the kernel's spread is the sum over the other classes of {@code w[j]
 * (lse - x[j])}. Both terms are at least 0, so nothing cancels between them.
 */
final class SoftmaxLossPass implements RowWork.Body {

    private final LossKernels kernels;
    private final Matrix logits;
    private final @Nullable ClassMask mask;
    private final TargetScan targets;
    private final ClassWeights.@Nullable Table weights;
    private final double targetMass;
    private final double otherMass;
    private final double scale;
    private final boolean skipEmptyRows;

    /** Whether rows have weights of their own, by their class or as samples. */
    private final boolean perRow;

    private final @Nullable Matrix gradient;
    private final @Nullable RowValues rowLosses;
    private final GroupSums sums;

    SoftmaxLossPass(
            LossKernels kernels,
            Matrix logits,
            @Nullable ClassMask mask,
            TargetScan targets,
            ClassWeights.@Nullable Table weights,
            LabelSmoothing smoothing,
            int smoothedClasses,
            double scale,
            boolean skipEmptyRows,
            @Nullable Matrix gradient,
            @Nullable RowValues rowLosses) {
        this.kernels = kernels;
        this.logits = logits;
        this.mask = mask;
        this.targets = targets;
        this.weights = weights;
        this.targetMass = smoothing.massOfTarget(smoothedClasses);
        this.otherMass = smoothing.massPerClass(smoothedClasses);
        this.scale = scale;
        this.skipEmptyRows = skipEmptyRows;
        this.perRow = weights != null || targets.weighsRows();
        this.gradient = gradient;
        this.rowLosses = rowLosses;
        this.sums = new GroupSums(RowWork.groups(logits.rows(), logits.columns()), skipEmptyRows);
    }

    @Override
    public void run(Scratch scratch, long from, long to) {
        int step = RowWork.callRows(logits.columns());
        prepare(scratch);
        for (long row = from; row < to; row += step) {
            int count = (int) Math.min(step, to - row);
            select(scratch, row, count);
            if (gradient == null) {
                kernels.softmaxForward(scratch.rows);
            } else {
                kernels.softmaxGradient(scratch.rows);
            }
            if (skipEmptyRows) {
                skipEmptyRows(scratch, row, count);
            }
            if (perRow || otherMass != 0) {
                compose(scratch, row, count);
            }
            if (rowLosses != null) {
                for (int i = 0; i < count; i++) {
                    rowLosses.set(row + i, loss(scratch, i));
                }
            }
            addUp(scratch, row, count);
        }
    }

    /** Sets what is the same for all rows. */
    private void prepare(Scratch scratch) {
        SoftmaxRows rows = scratch.rows;
        rows.targets(scratch.targets, 0);
        ElementType type = logits.type().arithmetic();
        rows.logits(type, logits.segment(), logits.rowStride(), logits.columns())
                .storedType(logits.type())
                .emptyRowsZero(skipEmptyRows)
                .workspace(scratch.workspace(kernels, type, logits.columns()))
                .rowOutputs(
                        scratch.negativeLogLikelihood,
                        skipEmptyRows ? scratch.logSumExp : MemorySegment.NULL,
                        otherMass != 0 ? scratch.spread : MemorySegment.NULL);
        if (mask != null) {
            rows.mask(mask.segment(), mask.isShared() ? 0 : logits.columns());
        }
        if (weights == null) {
            rows.classWeights(MemorySegment.NULL, logits.columns());
        } else {
            rows.classWeights(weights.segment(), weights.total());
        }
        if (gradient != null) {
            rows.gradient(gradient.segment(), gradient.rowStride());
            rows.coefficients(scratch.coefficients, perRow ? Scratch.COEFFICIENTS : 0);
            if (!perRow) {
                setCoefficients(scratch, 0, scale, 1, logits.columns());
            }
        }
    }

    /** Sets what belongs to the rows of one call. */
    private void select(Scratch scratch, long row, int count) {
        scratch.rows.range(row, count);
        targets.copy(row, count, scratch.targets);
        if (perRow && gradient != null) {
            double weightTotal = weights == null ? logits.columns() : weights.total();
            for (int i = 0; i < count; i++) {
                int target = target(scratch, i);
                if (target >= 0) {
                    setCoefficients(scratch, i, scale * targets.rowWeight(row + i), classWeight(target), weightTotal);
                }
            }
        }
    }

    /**
     * The gradient of {@code a w[y] (lse - x[y]) + b sum over j != y of w[j] (lse - x[j])} is {@code alpha p[j] - beta
     * w[j] - gamma [j = y]}.
     */
    private void setCoefficients(Scratch scratch, int row, double factor, double targetWeight, double weightTotal) {
        double ofTarget = factor * (targetMass * targetWeight);
        double ofOthers = factor * otherMass;
        scratch.setCoefficients(
                row, ofTarget + ofOthers * (weightTotal - targetWeight), ofOthers, ofTarget - ofOthers * targetWeight);
    }

    /** Takes rows without any class left out of the sums, as if they had been ignored, and counts those that stay. */
    private void skipEmptyRows(Scratch scratch, long row, int count) {
        int group = RowWork.groupRows(logits.columns());
        for (int from = 0; from < count; from += group) {
            CompensatedSum weight = new CompensatedSum();
            long kept = 0;
            for (int i = from; i < Math.min(count, from + group); i++) {
                int target = target(scratch, i);
                if (target < 0) {
                    continue;
                }
                if (scratch.logSumExp.getAtIndex(ValueLayout.JAVA_DOUBLE, i) == Double.NEGATIVE_INFINITY) {
                    scratch.negativeLogLikelihood.setAtIndex(ValueLayout.JAVA_DOUBLE, i, 0);
                    scratch.spread.setAtIndex(ValueLayout.JAVA_DOUBLE, i, 0);
                } else {
                    kept++;
                    weight.add(targets.rowWeight(row + i) * (weights == null ? 1 : weights.of(target)));
                }
            }
            sums.setCount((int) ((row + from) / group), kept, weight);
        }
    }

    /** Overwrites each row's negative log-likelihood with its loss. A mass or weight of 0 wins over an infinity. */
    private void compose(Scratch scratch, long row, int count) {
        for (int i = 0; i < count; i++) {
            int target = target(scratch, i);
            if (target < 0) {
                continue;
            }
            double factor = targetMass * classWeight(target);
            double nll = loss(scratch, i);
            double loss = factor == 0 && !Double.isNaN(nll) ? 0 : factor * nll;
            if (otherMass != 0) {
                loss += otherMass * scratch.spread.getAtIndex(ValueLayout.JAVA_DOUBLE, i);
            }
            scratch.negativeLogLikelihood.setAtIndex(ValueLayout.JAVA_DOUBLE, i, targets.rowWeight(row + i) * loss);
        }
    }

    private double classWeight(int target) {
        return weights == null ? 1 : weights.of(target);
    }

    private static int target(Scratch scratch, int row) {
        return scratch.targets.getAtIndex(ValueLayout.JAVA_INT, row);
    }

    private static double loss(Scratch scratch, long row) {
        return scratch.negativeLogLikelihood.getAtIndex(ValueLayout.JAVA_DOUBLE, row);
    }

    private void addUp(Scratch scratch, long row, int count) {
        int group = RowWork.groupRows(logits.columns());
        for (int from = 0; from < count; from += group) {
            int to = Math.min(count, from + group);
            sums.setLoss((int) ((row + from) / group), scratch.negativeLogLikelihood, from, to);
        }
    }

    CompensatedSum lossSum() {
        return sums.loss();
    }

    /** Number of rows that count: neither ignored nor, where those are skipped, empty. */
    long count() {
        return skipEmptyRows ? sums.count() : targets.count();
    }

    /** Sum of the weights of the rows that count. */
    CompensatedSum weightSum() {
        return skipEmptyRows ? sums.weight() : targets.weightSum();
    }
}
