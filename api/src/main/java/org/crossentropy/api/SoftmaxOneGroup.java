package org.crossentropy.api;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.crossentropy.api.spi.LossKernels;
import org.crossentropy.api.spi.SoftmaxRows;
import org.jspecify.annotations.Nullable;

/**
 * The plain loss of classes for a batch of one {@linkplain RowWork group} of rows: one call of a kernel, on the calling
 * thread, with the numbers of {@link SoftmaxLossPass} to the bit.
 *
 * <p>The kernel takes some hundred nanoseconds for a few rows, and this is what keeps the call around it well below that:
 * checks are made on the few buffers there are, targets are looked at while they are copied, and no object is made but the
 * result.
 */
final class SoftmaxOneGroup {

    private SoftmaxOneGroup() {}

    /** Whether a loss and a batch are so plain. */
    static boolean accepts(SoftmaxCrossEntropy loss, Matrix logits) {
        long rows = logits.rows();
        int classes = logits.columns();
        return loss.isPlain()
                && logits.type().arithmetic() == logits.type()
                && rows > 0
                && classes > 0
                && rows <= RowWork.groupRows(classes);
    }

    /** Computes the loss, and the gradient where there is one. */
    static LossResult compute(
            SoftmaxCrossEntropy loss, Matrix logits, ClassIndices targets, @Nullable Matrix gradient) {
        check(logits, targets, gradient);
        int rows = (int) logits.rows();
        LossKernels kernels = loss.execution().backend().kernels();
        ReductionRule rule = loss.rule();
        Scratch scratch = Scratch.take();
        try {
            int count = copyTargets(targets, loss.options().ignore, logits.columns(), scratch.targets);
            SoftmaxRows arguments = arguments(scratch, kernels, logits);
            if (gradient == null) {
                kernels.softmaxForward(arguments);
            } else {
                double scale = rule.scale(count, count, rows);
                scratch.setCoefficients(0, scale, 0, scale);
                kernels.softmaxGradient(arguments
                        .gradient(gradient.segment(), gradient.rowStride())
                        .coefficients(scratch.coefficients, 0));
            }
            return rule.result(GroupSums.sum(scratch.negativeLogLikelihood, 0, rows), count, rows);
        } finally {
            scratch.release();
        }
    }

    private static SoftmaxRows arguments(Scratch scratch, LossKernels kernels, Matrix logits) {
        int classes = logits.columns();
        return scratch.rows
                .logits(logits.type(), logits.segment(), logits.rowStride(), classes)
                .range(0, (int) logits.rows())
                .targets(scratch.targets, 0)
                .classWeights(MemorySegment.NULL, classes)
                .emptyRowsZero(false)
                .workspace(scratch.workspace(kernels, logits.type(), classes))
                .rowOutputs(scratch.negativeLogLikelihood, MemorySegment.NULL, MemorySegment.NULL);
    }

    /** The checks of {@link SoftmaxCrossEntropyCall} that apply. */
    private static void check(Matrix logits, ClassIndices targets, @Nullable Matrix gradient) {
        Checks.perRow("targets", targets.count(), logits);
        Checks.alive("logits", logits.segment());
        Checks.alive("targets", targets.segment());
        if (gradient != null) {
            Checks.sameShape("logits", logits, "gradient", gradient);
            Checks.apartOrSame("logits", logits, "gradient", gradient);
            Checks.alive("gradient", gradient.segment());
            Checks.writable("gradient", gradient.segment());
            Checks.apart("targets", targets.segment(), "gradient", gradient.segment());
        }
    }

    /**
     * Copies the indices in the form that kernels read: int32, -1 where the row is ignored.
     *
     * @return the number of rows that are not ignored
     * @throws TargetOutOfRangeException if an index is neither a class nor the ignore index
     */
    private static int copyTargets(
            ClassIndices targets, TargetScan.IgnoreIndex ignore, int classes, MemorySegment copies) {
        int rows = (int) targets.count();
        int count = 0;
        for (int row = 0; row < rows; row++) {
            long index = targets.get(row);
            boolean ignored = ignore.matches(index);
            if (!ignored && (index < 0 || index >= classes)) {
                return copyScanned(targets, ignore, classes, copies);
            }
            count += ignored ? 0 : 1;
            copies.setAtIndex(ValueLayout.JAVA_INT, row, ignored ? -1 : (int) index);
        }
        return count;
    }

    /** Finds the words for an index that is no class. */
    private static int copyScanned(
            ClassIndices targets, TargetScan.IgnoreIndex ignore, int classes, MemorySegment copies) {
        TargetScan scan = new TargetScan(targets, classes, ignore, null, null, null);
        scan.copy(0, (int) targets.count(), copies);
        return (int) scan.count();
    }
}
