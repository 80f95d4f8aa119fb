package org.crossentropy.api;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.crossentropy.api.spi.LossKernels;
import org.crossentropy.api.spi.SoftmaxRows;
import org.jspecify.annotations.Nullable;

/**
 * Softmax cross-entropy of classes by kernels that work on the caller's memory: calls them on runs of rows, makes each row's
 * loss of their results, and adds the losses up group by group.
 *
 * <p>With a the target's probability mass after smoothing, b that of each other class, and w the class weights, the loss
 * of a row is {@code a w[y] nll + b spread}, where the kernel's spread is the sum over the other classes of {@code w[j]
 * (lse - x[j])}. Both terms are at least 0, so nothing cancels between them.
 *
 * <p>A call of a few rows lasts some hundred nanoseconds, so everything here is laid out for the compiler to do without
 * objects: what one thread needs goes nowhere but into methods that can be inlined.
 */
final class SoftmaxLossPass implements RowWork.Body {

    private final LossKernels kernels;
    private final Matrix logits;
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
    private final CompensatedSum lossSum = new CompensatedSum();

    /** Null where one thread takes the groups in their order and only losses are summed: it adds them up at once. */
    private final @Nullable GroupSums sums;

    /**
     * Looks at the targets.
     *
     * @param parts how many parts the rows are cut into
     * @param counts of the rows that are not empty; null where all count, or where there is no gradient
     */
    private SoftmaxLossPass(
            SoftmaxCrossEntropy loss,
            Matrix logits,
            ClassIndices classes,
            @Nullable RowValues sampleWeights,
            @Nullable Matrix gradient,
            @Nullable RowValues rowLosses,
            int parts,
            @Nullable LossResult counts) {
        SoftmaxCrossEntropy.Builder options = loss.options();
        int columns = logits.columns();
        this.kernels = loss.execution().backend().kernels();
        this.logits = logits;
        this.weights = options.weights == null ? null : options.weights.of(logits.type());
        this.targets = new TargetScan(classes, columns, options.ignore, weights, sampleWeights, null);
        this.targetMass = options.smoothing.massOfTarget(columns);
        this.otherMass = options.smoothing.massPerClass(columns);
        this.skipEmptyRows = loss.rule().skipsEmptyRows();
        this.perRow = weights != null || sampleWeights != null;
        this.gradient = gradient;
        this.rowLosses = rowLosses;
        this.scale = counts != null
                ? loss.rule().scale(counts)
                : loss.rule().scale(targets.weightSum().high(), targets.count(), logits.rows());
        this.sums = parts == 1 && !skipEmptyRows
                ? null
                : new GroupSums(RowWork.groups(logits.rows(), columns), skipEmptyRows);
    }

    /** Whether kernels can compute a loss of class indices on the caller's memory itself. */
    static boolean accepts(SoftmaxCrossEntropy.Builder options, Matrix logits) {
        return logits.type().arithmetic() == logits.type()
                && options.temperature == 1
                && options.softCap == 0
                && options.zLoss == 0
                && options.focus == 0
                && options.poly == 0;
    }

    /** Checks everything and computes the loss of a batch: in two passes where a first one has to count the rows. */
    static LossResult compute(
            SoftmaxCrossEntropy loss,
            Matrix logits,
            ClassIndices targets,
            @Nullable RowValues sampleWeights,
            @Nullable Matrix gradient,
            @Nullable RowValues rowLosses) {
        boolean shareable = check(loss, logits, targets, sampleWeights, gradient, rowLosses);
        int parts = RowWork.parts(loss.execution().parallelism(), shareable, logits.rows(), logits.columns());
        LossResult counts = null;
        if (gradient != null && loss.rule().skipsEmptyRows() && loss.rule().isMean()) {
            counts = new SoftmaxLossPass(loss, logits, targets, sampleWeights, null, null, parts, null)
                    .compute(loss, parts);
        }
        if (parts == 1) {
            // Apart from the line below, so that nothing here is seen by another thread.
            return new SoftmaxLossPass(loss, logits, targets, sampleWeights, gradient, rowLosses, 1, counts)
                    .compute(loss, 1);
        }
        return new SoftmaxLossPass(loss, logits, targets, sampleWeights, gradient, rowLosses, parts, counts)
                .compute(loss, parts);
    }

    /** What {@link CallBuffers} does for any number of buffers, without a list of them. */
    private static boolean check(
            SoftmaxCrossEntropy loss,
            Matrix logits,
            ClassIndices targets,
            @Nullable RowValues sampleWeights,
            @Nullable Matrix gradient,
            @Nullable RowValues rowLosses) {
        Checks.hasClasses(logits);
        Checks.perRow("targets", targets.count(), logits);
        if (loss.options().weights != null) {
            loss.options().weights.check(logits.columns());
        }
        loss.options().smoothing.check(logits.columns());
        boolean shareable = Checks.input("logits", logits.segment());
        shareable &= Checks.input("targets", targets.segment());
        if (sampleWeights != null) {
            Checks.perRow("sampleWeights", sampleWeights.count(), logits);
            shareable &= Checks.input("sampleWeights", sampleWeights.segment());
        }
        if (gradient != null) {
            Checks.sameShape("logits", logits, "gradient", gradient);
            Checks.apartOrSame("logits", logits, "gradient", gradient);
            shareable &= Checks.output("gradient", gradient.segment());
            Checks.apart("targets", targets.segment(), "gradient", gradient.segment());
            if (sampleWeights != null) {
                Checks.apart("sampleWeights", sampleWeights.segment(), "gradient", gradient.segment());
            }
        }
        if (rowLosses != null) {
            Checks.perRow("rowLosses", rowLosses.count(), logits);
            shareable &= Checks.output("rowLosses", rowLosses.segment());
            Checks.apart("logits", logits.segment(), "rowLosses", rowLosses.segment());
            Checks.apart("targets", targets.segment(), "rowLosses", rowLosses.segment());
            if (sampleWeights != null) {
                Checks.apart("sampleWeights", sampleWeights.segment(), "rowLosses", rowLosses.segment());
            }
            if (gradient != null) {
                Checks.apart("gradient", gradient.segment(), "rowLosses", rowLosses.segment());
            }
        }
        return shareable;
    }

    private LossResult compute(SoftmaxCrossEntropy loss, int parts) {
        RowWork.run(loss.execution().parallelism(), parts, logits.rows(), logits.columns(), this);
        if (sums != null) {
            sums.addLosses(lossSum);
        }
        return skipEmptyRows && sums != null
                ? loss.rule().result(lossSum, sums.weight(), sums.count(), logits.rows())
                : loss.rule().result(lossSum, targets.weightSum(), targets.count(), logits.rows());
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
            if (skipEmptyRows && sums != null) {
                skipEmptyRows(sums, scratch, row, count);
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
        rows.logits(logits.type(), logits.segment(), logits.rowStride(), logits.columns())
                .emptyRowsZero(skipEmptyRows)
                .workspace(scratch.workspace(kernels, logits.type(), logits.columns()))
                .rowOutputs(
                        scratch.negativeLogLikelihood,
                        skipEmptyRows ? scratch.logSumExp : MemorySegment.NULL,
                        otherMass != 0 ? scratch.spread : MemorySegment.NULL);
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
    private void skipEmptyRows(GroupSums sums, Scratch scratch, long row, int count) {
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
            double sum = GroupSums.sum(scratch.negativeLogLikelihood, from, to);
            if (sums == null) {
                lossSum.add(sum);
            } else {
                sums.setLoss((int) ((row + from) / group), sum);
            }
        }
    }
}
