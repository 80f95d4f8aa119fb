package org.crossentropy.api.spi;

import java.lang.foreign.MemorySegment;
import org.crossentropy.api.ElementType;

/**
 * The few kernels a backend implements. Every loss is composed from them in {@code org.crossentropy.api}, so that a loss
 * means the same on every backend.
 *
 * <p>All row kernels compute the canonical algorithm of the {@linkplain org.crossentropy.api.spi package documentation}
 * and therefore return the same bits on every backend. {@link #matrixProduct} is the one exception.
 *
 * <p><b>Contract for callers.</b> Arguments have been checked: shapes fit, targets are in range, buffers are long
 * enough, do not overlap (except gradient and logits of the same rows, exactly in place), and are accessible to the
 * calling thread. Kernels assert at most.
 *
 * <p><b>Contract for implementers.</b> A kernel runs on the calling thread, keeps no state between calls, keeps no
 * reference to its arguments, reads and writes nothing outside the named rows and classes (padding between rows is
 * neither read nor written), allocates nothing that grows with the input, and may be called by many threads at once with
 * different workspaces. Segments may be on-heap or off-heap, in any mixture, and need not be aligned, but for the workspace.
 */
public interface LossKernels {

    /**
     * The size of the working memory that one call of a row kernel needs for rows of the given length. Callers pass an
     * off-heap segment of at least this size, aligned to 64 bytes, as {@link SoftmaxRows#workspace()}.
     *
     * @param type element type of the logits
     * @param classes number of classes, at least 1
     * @return bytes, at least 0
     */
    long workspaceBytes(ElementType type, int classes);

    /**
     * Whether {@link #softmaxForward} and {@link #softmaxGradient} take logits and gradients that are stored in the given
     * format, with or without a mask ({@link SoftmaxRows#storedType(ElementType)}, {@link SoftmaxRows#mask(MemorySegment,
     * long)}). Where they do not, callers map the rows by {@link #tile} before and after; the bits are the same.
     *
     * <p>They are those of rows widened by {@link TileOperation#WIDEN_BFLOAT16} or {@link TileOperation#WIDEN_FLOAT16} and
     * masked with -inf by {@link TileOperation#MASK}, and of a gradient masked with 0 and narrowed by {@link
     * TileOperation#NARROW_BFLOAT16} or {@link TileOperation#NARROW_FLOAT16}. {@link #logSoftmax} never maps.
     *
     * @param storedType format of logits and gradient
     * @param masked whether there is a mask
     * @return by default, true for what needs no map: a format that is computed in, without a mask
     */
    default boolean maps(ElementType storedType, boolean masked) {
        return storedType == storedType.arithmetic() && !masked;
    }

    /**
     * For each row, log-sum-exp and, where targets are given, the negative log-likelihood of the target, and the spread
     * where asked for.
     *
     * @param rows inputs and the outputs wanted; gradient and coefficients are not looked at
     */
    void softmaxForward(SoftmaxRows rows);

    /**
     * Everything {@link #softmaxForward} does, with the same bits, and for each row the gradient
     * {@code g[j] = alpha p[j] - beta w[j] - gamma [j = y]}. With no targets, {@code alpha = 1} and {@code beta = gamma
     * = 0} this is the softmax itself.
     *
     * @param rows inputs and outputs; {@link SoftmaxRows#gradient()} may be the very rows of the logits
     */
    void softmaxGradient(SoftmaxRows rows);

    /**
     * For each row, the log-softmax {@code x[j] - lse}, written to {@link SoftmaxRows#gradient()}, which may be the very
     * rows of the logits. Targets and coefficients are not looked at; {@link SoftmaxRows#logSumExp()} is written if
     * given.
     *
     * @param rows inputs and outputs
     */
    void logSoftmax(SoftmaxRows rows);

    /**
     * Binary cross-entropy of logits, element by element: the sum over each row, and where asked for the losses of elements
     * and the gradient. Defined in the package documentation, under "Binary cross-entropy".
     *
     * @param rows inputs and outputs; {@link LogisticRows#gradient()} may be the very rows of the logits
     */
    void logistic(LogisticRows rows);

    /**
     * Does one step on a tile: rows of a matrix in off-heap working memory. Bit-identical on all backends like the row
     * kernels.
     *
     * @param step what to do, and to what
     */
    void tile(TileStep step);

    /**
     * The matrix product {@code C = scale op(A) op(B) + accumulate C} of row-major matrices, where {@code op(A)} is m by
     * k, {@code op(B)} is k by n and C is m by n. When {@code accumulate} is 0, C is not read.
     *
     * <p>Not bit-identical between backends, but deterministic: the same call on the same backend and machine gives the
     * same bits. Each element is within the bound of the standard analysis, {@code (k + 2) u |scale| (|A||B|) + u
     * |accumulate C|} with unit roundoff u, times a small constant. Runs on the calling thread only.
     *
     * @param type element type of all three matrices
     * @param transposeA whether A is stored as k by m
     * @param transposeB whether B is stored as n by k
     * @param m rows of op(A) and of C
     * @param n columns of op(B) and of C
     * @param k columns of op(A), rows of op(B); 0 makes the product zero
     * @param scale factor of the product
     * @param a elements of A
     * @param offsetA index of the first element of A in {@code a}
     * @param strideA elements from one stored row of A to the next
     * @param b elements of B
     * @param offsetB index of the first element of B in {@code b}
     * @param strideB elements from one stored row of B to the next
     * @param accumulate factor of the old C: 0 overwrites
     * @param c elements of C
     * @param offsetC index of the first element of C in {@code c}
     * @param strideC elements from one row of C to the next
     */
    void matrixProduct(
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
            long strideC);
}
