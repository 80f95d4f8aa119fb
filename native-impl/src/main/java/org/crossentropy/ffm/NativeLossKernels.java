package org.crossentropy.ffm;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.spi.LogisticRows;
import org.crossentropy.api.spi.LossKernels;
import org.crossentropy.api.spi.SoftmaxRows;
import org.crossentropy.api.spi.TileStep;
import org.crossentropy.ffm.bindings.Xent;

/**
 * The kernels of libxent for one instruction set.
 *
 * <p><b>Two kinds of call.</b> Where every segment is off-heap, a kernel is one plain call over all rows. An array of
 * the Java heap can only be passed by a critical call, see {@link CriticalCalls}, and the garbage collector waits for
 * those: they are split into pieces of rows that take about 100 microseconds or less, except that a piece has at least
 * one row. Rows are independent of each other, so splitting does not change bits. For rows of millions of classes, and
 * with memory-mapped files, whose pages may have to come from a disk, callers do better to have everything off-heap.
 *
 * <p>Steps on tiles are off-heap by contract, and so always one plain call.
 *
 * <p><b>Allocation.</b> A call whose segments all start at the first row it works on allocates nothing. For every
 * segment that starts later a view is made, a small object of fixed size: the linker takes a segment, which it keeps
 * alive during the call, and no offset.
 */
final class NativeLossKernels implements LossKernels {
    // What a critical call may do, from the times measured on one core of a server with AVX2: 70 to 120 microseconds
    // for
    // the forward pass over a mebibyte of long rows, half as much again with a gradient, and up to 50 nanoseconds a row
    // however short it is, which is what 512 bytes of a long row cost.
    private static final long FORWARD_BYTES = 1L << 20;
    private static final long GRADIENT_BYTES = FORWARD_BYTES / 2;
    private static final long ROW_BYTES = 512;

    /** Logits of a binary loss, which takes about three times as long over them as the forward pass. */
    private static final long LOGISTIC_BYTES = FORWARD_BYTES / 4;

    /** How much slower, roughly, the scalar kernels are: they are there to compare with, not to be fast. */
    private static final long SCALAR_FACTOR = 64;

    private final MemorySegment kernels;
    private final Isa isa;

    /**
     * Wraps the kernels of an instruction set.
     *
     * @param isa one that libxent supports here
     */
    NativeLossKernels(Isa isa) {
        this.isa = isa;
        kernels = Xent.xent_kernels_for(isa.number);
        if (kernels.address() == 0) {
            throw new IllegalArgumentException("libxent has no kernels for " + isa.id() + " on this machine");
        }
    }

    @Override
    public long workspaceBytes(ElementType type, int classes) {
        return Xent.xent_workspace_bytes(number(type), classes);
    }

    /** Every format, masked or not. */
    @Override
    public boolean maps(ElementType storedType, boolean masked) {
        return true;
    }

    @Override
    public void softmaxForward(SoftmaxRows rows) {
        boolean critical = !forwardIsNative(rows);
        long piece = critical ? criticalRows(rows.classes(), rows.type(), FORWARD_BYTES) : rows.rowCount();
        for (long row = 0; row < rows.rowCount(); row += piece) {
            check(forward(rows, row, Math.min(piece, rows.rowCount() - row), critical), "xent_softmax_forward");
        }
    }

    @Override
    public void softmaxGradient(SoftmaxRows rows) {
        boolean critical = !(forwardIsNative(rows)
                && rows.coefficients().isNative()
                && rows.gradient().isNative());
        long piece = critical ? criticalRows(rows.classes(), rows.type(), GRADIENT_BYTES) : rows.rowCount();
        for (long row = 0; row < rows.rowCount(); row += piece) {
            check(gradient(rows, row, Math.min(piece, rows.rowCount() - row), critical), "xent_softmax_gradient");
        }
    }

    @Override
    public void logSoftmax(SoftmaxRows rows) {
        boolean critical = !(rows.logits().isNative()
                && rows.workspace().isNative()
                && rows.logSumExp().isNative()
                && rows.gradient().isNative());
        long piece = critical ? criticalRows(rows.classes(), rows.type(), GRADIENT_BYTES) : rows.rowCount();
        for (long row = 0; row < rows.rowCount(); row += piece) {
            check(logSoftmax(rows, row, Math.min(piece, rows.rowCount() - row), critical), "xent_log_softmax");
        }
    }

    @Override
    public void logistic(LogisticRows rows) {
        boolean critical = !LogisticArguments.areNative(rows);
        long piece = critical ? criticalRows(rows.columns(), rows.type(), LOGISTIC_BYTES) : rows.rows();
        for (long row = 0; row < rows.rows(); row += piece) {
            check(logistic(rows, row, Math.min(piece, rows.rows() - row), critical), "xent_logistic");
        }
    }

    @Override
    public void tile(TileStep step) {
        check(PlainCalls.tile(kernels, number(step.type()), step), "xent_tile");
    }

    @Override
    public void matrixProduct(
            ElementType type,
            boolean transposeA,
            boolean transposeB,
            int m,
            int n,
            int k,
            double scale,
            MemorySegment a,
            long offsetA,
            long strideA,
            MemorySegment b,
            long offsetB,
            long strideB,
            double accumulate,
            MemorySegment c,
            long offsetC,
            long strideC) {
        if (m == 0 || n == 0) {
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            var left = new NativeMatrix(arena, type, a, offsetA, strideA, transposeA ? k : m, transposeA ? m : k);
            var right = new NativeMatrix(arena, type, b, offsetB, strideB, transposeB ? n : k, transposeB ? k : n);
            var result = new NativeMatrix(arena, type, c, offsetC, strideC, m, n);
            left.load();
            right.load();
            if (accumulate != 0) {
                result.load();
            }
            int status = multiply(type, transposeA, transposeB, k, scale, left, right, accumulate, result);
            check(status, "xent_matrix_product");
            result.store();
        }
    }

    @Override
    public String toString() {
        return "native " + isa.id();
    }

    private static int multiply(
            ElementType type,
            boolean transposeA,
            boolean transposeB,
            int k,
            double scale,
            NativeMatrix a,
            NativeMatrix b,
            double accumulate,
            NativeMatrix c) {
        return switch (type) {
            case FLOAT32 ->
                Xent.xent_matrix_product_f32(
                        flag(transposeA),
                        flag(transposeB),
                        c.rows(),
                        c.columns(),
                        k,
                        scale,
                        a.elements(),
                        a.stride(),
                        b.elements(),
                        b.stride(),
                        accumulate,
                        c.elements(),
                        c.stride());
            case FLOAT64 ->
                Xent.xent_matrix_product_f64(
                        flag(transposeA),
                        flag(transposeB),
                        c.rows(),
                        c.columns(),
                        k,
                        scale,
                        a.elements(),
                        a.stride(),
                        b.elements(),
                        b.stride(),
                        accumulate,
                        c.elements(),
                        c.stride());
            case BFLOAT16, FLOAT16 -> throw new AssertionError(type);
        };
    }

    private int forward(SoftmaxRows rows, long row, long count, boolean critical) {
        if (rows.isMapped()) {
            return critical
                    ? CriticalCalls.mappedForward(kernels, storedNumber(rows.storedType()), rows, row, count)
                    : PlainCalls.mappedForward(kernels, storedNumber(rows.storedType()), rows, row, count);
        }
        return switch (rows.type()) {
            case FLOAT32 ->
                critical
                        ? CriticalCalls.softmaxForwardF32(kernels, rows, row, count)
                        : PlainCalls.softmaxForwardF32(kernels, rows, row, count);
            case FLOAT64 ->
                critical
                        ? CriticalCalls.softmaxForwardF64(kernels, rows, row, count)
                        : PlainCalls.softmaxForwardF64(kernels, rows, row, count);
            case BFLOAT16, FLOAT16 -> throw new AssertionError(rows.type());
        };
    }

    private int gradient(SoftmaxRows rows, long row, long count, boolean critical) {
        if (rows.isMapped()) {
            return critical
                    ? CriticalCalls.mappedGradient(kernels, storedNumber(rows.storedType()), rows, row, count)
                    : PlainCalls.mappedGradient(kernels, storedNumber(rows.storedType()), rows, row, count);
        }
        return switch (rows.type()) {
            case FLOAT32 ->
                critical
                        ? CriticalCalls.softmaxGradientF32(kernels, rows, row, count)
                        : PlainCalls.softmaxGradientF32(kernels, rows, row, count);
            case FLOAT64 ->
                critical
                        ? CriticalCalls.softmaxGradientF64(kernels, rows, row, count)
                        : PlainCalls.softmaxGradientF64(kernels, rows, row, count);
            case BFLOAT16, FLOAT16 -> throw new AssertionError(rows.type());
        };
    }

    private int logSoftmax(SoftmaxRows rows, long row, long count, boolean critical) {
        return switch (rows.type()) {
            case FLOAT32 ->
                critical
                        ? CriticalCalls.logSoftmaxF32(kernels, rows, row, count)
                        : PlainCalls.logSoftmaxF32(kernels, rows, row, count);
            case FLOAT64 ->
                critical
                        ? CriticalCalls.logSoftmaxF64(kernels, rows, row, count)
                        : PlainCalls.logSoftmaxF64(kernels, rows, row, count);
            case BFLOAT16, FLOAT16 -> throw new AssertionError(rows.type());
        };
    }

    private int logistic(LogisticRows rows, long row, long count, boolean critical) {
        return switch (rows.type()) {
            case FLOAT32 ->
                critical
                        ? CriticalCalls.logisticF32(kernels, rows, row, count)
                        : PlainCalls.logisticF32(kernels, rows, row, count);
            case FLOAT64 ->
                critical
                        ? CriticalCalls.logisticF64(kernels, rows, row, count)
                        : PlainCalls.logisticF64(kernels, rows, row, count);
            case BFLOAT16, FLOAT16 -> throw new AssertionError(rows.type());
        };
    }

    /** Whether everything that forward touches is off-heap; an absent segment counts as such. */
    private static boolean forwardIsNative(SoftmaxRows rows) {
        return rows.logits().isNative()
                && rows.mask().isNative()
                && rows.targets().isNative()
                && rows.classWeights().isNative()
                && rows.workspace().isNative()
                && rows.negativeLogLikelihood().isNative()
                && rows.logSumExp().isNative()
                && rows.spread().isNative();
    }

    /** {@return how many rows one critical call takes, at least 1} */
    private long criticalRows(int columns, ElementType type, long vectorBytes) {
        long bytes = isa == Isa.SCALAR ? vectorBytes / SCALAR_FACTOR : vectorBytes;
        return Math.max(1, bytes / ((long) columns * type.bytes() + ROW_BYTES));
    }

    private static int flag(boolean value) {
        return value ? 1 : 0;
    }

    /** The number of a type that is computed in. */
    private static int number(ElementType type) {
        return switch (type) {
            case FLOAT32, FLOAT64 -> storedNumber(type);
            case BFLOAT16, FLOAT16 -> throw new AssertionError(type);
        };
    }

    private static int storedNumber(ElementType type) {
        return switch (type) {
            case FLOAT32 -> Xent.XENT_FLOAT32();
            case FLOAT64 -> Xent.XENT_FLOAT64();
            case BFLOAT16 -> Xent.XENT_BFLOAT16();
            case FLOAT16 -> Xent.XENT_FLOAT16();
        };
    }

    /** The arguments have been checked long before, so a complaint of the library is a mistake on our side. */
    private static void check(int status, String function) {
        if (status != Xent.XENT_OK()) {
            String name = NativeLibrary.text(Xent.xent_status_name(status));
            throw new AssertionError(function + " returned " + (name != null ? name : "unknown status " + status));
        }
    }
}
