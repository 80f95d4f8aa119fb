package org.crossentropy.api;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.crossentropy.api.spi.LogisticRows;
import org.crossentropy.api.spi.LossKernels;
import org.jspecify.annotations.Nullable;

/**
 * One pass of binary cross-entropy over matrices without gaps between rows, by a kernel that works on the caller's memory. The
 * rows of a group are one run of elements to it, summed as one, as {@link ElementwisePass} does with the group in a tile.
 */
final class LogisticPass implements RowWork.Body {

    /** Elements of one call of the kernel: enough for it to see that a gradient will not stay in the cache. */
    private static final long CALL_ELEMENTS = 1 << 22;

    private final LossKernels kernels;
    private final ElementwiseLoss loss;
    private final Matrix logits;
    private final Matrix targets;
    private final @Nullable Matrix gradient;
    private final double scale;
    private final int groupRows;
    private final GroupSums sums;

    private LogisticPass(ElementwiseLoss loss, Matrix logits, Matrix targets, @Nullable Matrix gradient, double scale) {
        this.kernels = loss.settings().execution().backend().kernels();
        this.loss = loss;
        this.logits = logits;
        this.targets = targets;
        this.gradient = gradient;
        this.scale = scale;
        this.groupRows = RowWork.groupRows(logits.columns());
        this.sums = new GroupSums(RowWork.groups(logits.rows(), logits.columns()), false);
    }

    /** Whether the kernel can read or write a matrix as it is. */
    static boolean accepts(Matrix matrix) {
        return matrix.rowStride() == matrix.columns() && matrix.type().arithmetic() == matrix.type();
    }

    /** Computes the loss of a batch all of whose elements count alike. */
    static LossResult run(
            ElementwiseLoss loss,
            boolean shareable,
            Matrix logits,
            Matrix targets,
            BatchCounts counts,
            @Nullable Matrix gradient) {
        LossSettings settings = loss.settings();
        LogisticPass pass = new LogisticPass(loss, logits, targets, gradient, settings.scale(counts));
        RowWork.run(settings.execution().parallelism(), shareable, logits.rows(), logits.columns(), pass);
        return settings.result(pass.sums.loss(), counts);
    }

    @Override
    public void run(Scratch scratch, long from, long to) {
        scratch.coefficients.set(ValueLayout.JAVA_DOUBLE, 0, loss.factor() * scale);
        int step = callGroups() * groupRows;
        for (long row = from; row < to; row += step) {
            long count = Math.min(step, to - row);
            long whole = count / groupRows;
            compute(scratch, row, (int) whole, groupRows);
            long rest = count - whole * groupRows;
            compute(scratch, row + whole * groupRows, rest == 0 ? 0 : 1, (int) rest);
        }
    }

    /** Groups to hand to the kernel at once. */
    private int callGroups() {
        return Math.clamp(CALL_ELEMENTS / ((long) groupRows * logits.columns()), 1, Scratch.ROWS);
    }

    /** Computes some groups of as many rows each. */
    private void compute(Scratch scratch, long row, int groups, int rowsOfGroup) {
        if (groups == 0) {
            return;
        }
        int rowCount = groups * rowsOfGroup;
        int run = rowsOfGroup * logits.columns();
        MemorySegment results = scratch.negativeLogLikelihood;
        LogisticRows rows = scratch.logistic
                .begin(logits.type(), groups, run)
                .logits(StoredRows.slice(logits, row, rowCount), run)
                .targets(StoredRows.slice(targets, row, rowCount), run)
                .outputs(results, MemorySegment.NULL);
        if (gradient != null) {
            rows.gradient(StoredRows.slice(gradient, row, rowCount), run, scratch.coefficients, 0);
        }
        kernels.logistic(rows);
        for (int i = 0; i < groups; i++) {
            double sum = results.getAtIndex(ValueLayout.JAVA_DOUBLE, i);
            sums.setLoss((int) (row / groupRows) + i, loss.factor() * sum);
        }
    }
}
