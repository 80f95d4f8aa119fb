package org.crossentropy.api;

import java.util.Objects;

/**
 * The product of two matrices, for the layers of a model around its loss: {@code C = scale op(A) op(B) + accumulate C}.
 * Immutable.
 *
 * <p>By OpenBLAS on the backend {@code native}, by blocked products of their own on the others. Unlike the row functions,
 * products differ between backends: each element is within a small multiple of {@code (k + 2) u |scale| (|A| |B|)} of the
 * exact one, u being the unit roundoff of the element type and k the length of the sums. For one backend, machine and
 * number of threads the same product gives the same bits every time; {@code scalar} and {@code vector} give the same bits as
 * each other, on every machine and any number of threads, and whether a product is computed whole or in pieces of rows and
 * columns.
 *
 * <p>The order of operations is the backend's: where a product of finite numbers overflows on the way, or NaN meets a
 * scale of 0, backends may differ.
 *
 * <p>C must not overlap A or B. The longer side of C is split over the threads. Operands on the heap are copied off it for
 * {@code native}; keep the matrices of a training loop off-heap.
 */
public final class MatrixProduct {

    /** Whether an operand is used as it is or transposed. */
    public enum Operand {
        /** As stored. */
        PLAIN,
        /** Rows and columns exchanged; nothing is moved in memory. */
        TRANSPOSED
    }

    /** Multiplications per thread below which waking another thread costs more than it saves. */
    private static final double THREAD_MULTIPLICATIONS = 1 << 20;

    /** Rows or columns of a part are a multiple of this, so that few register tiles are cut. */
    private static final int GRAIN = 16;

    private final Execution execution;

    private MatrixProduct(Execution execution) {
        this.execution = execution;
    }

    /**
     * Returns the product on the best backend and all processors.
     *
     * @return the product
     * @throws BackendUnavailableException if no backend can run
     */
    public static MatrixProduct create() {
        return on(Execution.automatic());
    }

    /**
     * Returns the product on a given backend and threads.
     *
     * @param execution where to compute
     * @return the product
     */
    public static MatrixProduct on(Execution execution) {
        return new MatrixProduct(Objects.requireNonNull(execution, "execution"));
    }

    /**
     * Computes {@code C = A B}.
     *
     * @param a m x k
     * @param b k x n
     * @param c receives m x n
     * @throws IllegalArgumentException if shapes or types do not fit, or C overlaps an operand
     */
    public void multiply(Matrix a, Matrix b, Matrix c) {
        multiply(a, Operand.PLAIN, b, Operand.PLAIN, 1, 0, c);
    }

    /**
     * Computes {@code C = scale op(A) op(B) + accumulate C}.
     *
     * @param a m x k, or k x m if transposed
     * @param useA how A is used
     * @param b k x n, or n x k if transposed
     * @param useB how B is used
     * @param scale factor of the product
     * @param accumulate factor of the old C; 0 overwrites it without reading
     * @param c receives m x n
     * @throws IllegalArgumentException if shapes or types do not fit, or C overlaps an operand
     */
    public void multiply(Matrix a, Operand useA, Matrix b, Operand useB, double scale, double accumulate, Matrix c) {
        Objects.requireNonNull(useA, "useA");
        Objects.requireNonNull(useB, "useB");
        boolean transposeA = useA == Operand.TRANSPOSED;
        boolean transposeB = useB == Operand.TRANSPOSED;
        int k = check(a, transposeA, b, transposeB, c);
        if (c.rows() == 0 || c.columns() == 0) {
            return;
        }
        boolean shareable =
                RowWork.shareable(a.segment()) && RowWork.shareable(b.segment()) && RowWork.shareable(c.segment());
        boolean byColumns = c.columns() > c.rows();
        int length = byColumns ? c.columns() : (int) c.rows();
        int parts = shareable ? parts(c.rows(), c.columns(), k) : 1;
        long perPart = (long) Math.ceilDiv(Math.ceilDiv(length, parts), GRAIN) * GRAIN;
        PartRunner.run(execution.parallelism(), (int) Math.ceilDiv(length, perPart), part -> {
            long from = part * perPart;
            int count = (int) Math.min(perPart, length - from);
            execution
                    .backend()
                    .kernels()
                    .matrixProduct(
                            c.type(),
                            transposeA,
                            transposeB,
                            byColumns ? (int) c.rows() : count,
                            byColumns ? count : c.columns(),
                            k,
                            scale,
                            a.segment(),
                            byColumns ? 0 : offset(a, !transposeA, from),
                            stride(a),
                            b.segment(),
                            byColumns ? offset(b, transposeB, from) : 0,
                            stride(b),
                            accumulate,
                            c.segment(),
                            offset(c, !byColumns, from),
                            c.rowStride());
        });
    }

    /** Index of the first element of a stored row or column. */
    private static long offset(Matrix matrix, boolean ofRow, long number) {
        return ofRow ? number * stride(matrix) : number;
    }

    /** Rows without elements have no memory between them either. */
    private static long stride(Matrix matrix) {
        return matrix.columns() == 0 ? 0 : matrix.rowStride();
    }

    /** One part a thread, unless the product is too small to be worth waking one. */
    private int parts(long m, int n, int k) {
        double worthwhile = (double) m * n * k / THREAD_MULTIPLICATIONS;
        return (int) Math.max(1, Math.min(worthwhile, execution.parallelism().threads()));
    }

    private static int check(Matrix a, boolean transposeA, Matrix b, boolean transposeB, Matrix c) {
        long m = transposeA ? a.columns() : a.rows();
        long k = transposeA ? a.rows() : a.columns();
        long kOfB = transposeB ? b.columns() : b.rows();
        long n = transposeB ? b.rows() : b.columns();
        if (k != kOfB || c.rows() != m || c.columns() != n) {
            throw new IllegalArgumentException("cannot multiply " + describe(a, transposeA) + " by "
                    + describe(b, transposeB) + " into " + describe(c, false) + ": must be m x k by k x n into m x n");
        }
        if (a.type() != c.type() || b.type() != c.type()) {
            throw new IllegalArgumentException("element types differ: A is " + a.type() + ", B " + b.type() + ", C "
                    + c.type() + "; all must be the same");
        }
        if (k > Integer.MAX_VALUE || m > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "a product of " + m + " x " + k + " is too large, each must be at most " + Integer.MAX_VALUE);
        }
        Checks.alive("A", a.segment());
        Checks.alive("B", b.segment());
        Checks.alive("C", c.segment());
        Checks.writable("C", c.segment());
        Checks.apart("A", a.segment(), "C", c.segment());
        Checks.apart("B", b.segment(), "C", c.segment());
        return (int) k;
    }

    private static String describe(Matrix matrix, boolean transposed) {
        return matrix.rows() + " x " + matrix.columns() + (transposed ? " transposed" : "");
    }
}
