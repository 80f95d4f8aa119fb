package org.crossentropy.api;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import org.crossentropy.api.spi.LossKernels;
import org.crossentropy.api.spi.SoftmaxRows;
import org.jspecify.annotations.Nullable;

/**
 * The functions of a row of logits that need no target: log-sum-exp, softmax and log-softmax. Immutable; the same bits on
 * every backend and for every number of threads.
 *
 * <p>Shapes: logits N x K with K at least 1; outputs N x K of the same element type, apart from the logits or the very
 * same matrix; row values N. Shapes and overlaps are checked before anything is written, values never are. Nothing of
 * size N x K is allocated.
 */
public final class Softmax {

    private final Execution execution;

    private Softmax(Execution execution) {
        this.execution = execution;
    }

    /**
     * Returns the functions on the best backend and all processors.
     *
     * @return the functions
     * @throws BackendUnavailableException if no backend can run
     */
    public static Softmax create() {
        return on(Execution.automatic());
    }

    /**
     * Returns the functions on a given backend and threads.
     *
     * @param execution where to compute
     * @return the functions
     */
    public static Softmax on(Execution execution) {
        return new Softmax(Objects.requireNonNull(execution, "execution"));
    }

    /**
     * Computes {@code log sum over j of exp(x[j])} of each row, shifted by the row's maximum so that it neither overflows
     * nor underflows.
     *
     * <p>Special values: a row of -inf alone gives -inf; a NaN or +inf in a row gives NaN. Accuracy for float32: the
     * error is that of the sum of exponentials, about 1e-7 absolute in the logarithm.
     *
     * @param logits N x K
     * @param logSumExp receives N values
     * @throws IllegalArgumentException if shapes do not fit or buffers overlap
     */
    public void logSumExp(Matrix logits, RowValues logSumExp) {
        Checks.hasClasses(logits);
        Checks.alive("logits", logits.segment());
        Checks.perRow("logSumExp", logSumExp.count(), logits);
        Checks.alive("logSumExp", logSumExp.segment());
        Checks.writable("logSumExp", logSumExp.segment());
        Checks.apart("logits", logits.segment(), "logSumExp", logSumExp.segment());
        run(logits, null, logSumExp, LossKernels::softmaxForward);
    }

    /**
     * Computes {@code p[j] = exp(x[j] - lse)} of each row: the probabilities of the classes.
     *
     * <p>Special values: -inf gives exactly 0; a row of -inf alone, or one with NaN or +inf, is NaN throughout. A
     * probability that lies more than about 87 (float64: 708) nats below the row's largest may be exactly 0.
     *
     * @param logits N x K
     * @param probabilities receives N x K of the same element type; may be the logits themselves
     * @throws IllegalArgumentException if shapes or types do not fit, or buffers overlap
     */
    public void softmax(Matrix logits, Matrix probabilities) {
        checkOutput(logits, "probabilities", probabilities);
        run(logits, probabilities, null, LossKernels::softmaxGradient);
    }

    /**
     * Computes {@code log p[j] = x[j] - lse} of each row.
     *
     * <p>Special values: -inf gives -inf; a row of -inf alone, or one with NaN or +inf, is NaN throughout.
     *
     * @param logits N x K
     * @param logProbabilities receives N x K of the same element type; may be the logits themselves
     * @throws IllegalArgumentException if shapes or types do not fit, or buffers overlap
     */
    public void logSoftmax(Matrix logits, Matrix logProbabilities) {
        checkOutput(logits, "logProbabilities", logProbabilities);
        run(logits, logProbabilities, null, LossKernels::logSoftmax);
    }

    private static void checkOutput(Matrix logits, String name, Matrix output) {
        Checks.hasClasses(logits);
        Checks.sameShape("logits", logits, name, output);
        Checks.alive("logits", logits.segment());
        Checks.alive(name, output.segment());
        Checks.writable(name, output.segment());
        Checks.apartOrSame("logits", logits, name, output);
    }

    /** One of the row kernels. */
    private interface Kernel {
        void run(LossKernels kernels, SoftmaxRows rows);
    }

    private void run(Matrix logits, @Nullable Matrix output, @Nullable RowValues logSumExp, Kernel kernel) {
        LossKernels kernels = execution.backend().kernels();
        boolean shareable = RowWork.shareable(logits.segment())
                && (output == null || RowWork.shareable(output.segment()))
                && (logSumExp == null || RowWork.shareable(logSumExp.segment()));
        RowWork.Body body = (scratch, from, to) -> {
            prepare(scratch, kernels, logits, output, logSumExp);
            int step = RowWork.callRows(logits.columns());
            for (long row = from; row < to; row += step) {
                int count = (int) Math.min(step, to - row);
                kernel.run(kernels, scratch.rows.range(row, count));
                for (int i = 0; logSumExp != null && i < count; i++) {
                    logSumExp.set(row + i, scratch.logSumExp.getAtIndex(ValueLayout.JAVA_DOUBLE, i));
                }
            }
        };
        RowWork.run(execution.parallelism(), shareable, logits.rows(), logits.columns(), body);
    }

    private static void prepare(
            Scratch scratch,
            LossKernels kernels,
            Matrix logits,
            @Nullable Matrix output,
            @Nullable RowValues logSumExp) {
        scratch.rows
                .logits(logits.type(), logits.segment(), logits.rowStride(), logits.columns())
                .targets(MemorySegment.NULL, 0)
                .classWeights(MemorySegment.NULL, logits.columns())
                .emptyRowsZero(false)
                .workspace(scratch.workspace(kernels, logits.type(), logits.columns()))
                .rowOutputs(
                        MemorySegment.NULL,
                        logSumExp == null ? MemorySegment.NULL : scratch.logSumExp,
                        MemorySegment.NULL);
        if (output != null) {
            scratch.setCoefficients(0, 1, 0, 0);
            scratch.rows.coefficients(scratch.coefficients, 0).gradient(output.segment(), output.rowStride());
        }
    }
}
