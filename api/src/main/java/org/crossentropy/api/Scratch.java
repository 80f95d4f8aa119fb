package org.crossentropy.api;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.crossentropy.api.spi.LogisticRows;
import org.crossentropy.api.spi.SoftmaxRows;
import org.crossentropy.api.spi.TileOperation;
import org.crossentropy.api.spi.TileStep;

/**
 * The working memory of one thread during a computation, taken from a small pool so that repeated calls allocate
 * nothing. Off-heap, so that a computation on off-heap data stays off-heap throughout.
 */
final class Scratch {

    /** Rows of one kernel call at most: enough to hide the cost of a call, few enough that row results stay in L1. */
    static final int ROWS = 512;

    /** Doubles of one row's gradient coefficients: alpha, beta, gamma. */
    static final int COEFFICIENTS = 3;

    /** Working memory beyond this is not kept between computations: rows of 4 million float32 classes. */
    private static final long LARGEST_KEPT = 16 << 20;

    /** Tiles and their companions that a computation may have at once. */
    static final int BUFFERS = 12;

    private static final long ALIGNMENT = 64;
    private static final AtomicReferenceArray<Scratch> POOL = new AtomicReferenceArray<>(64);

    final SoftmaxRows rows = new SoftmaxRows();
    final LogisticRows logistic = new LogisticRows();
    final TileStep step = new TileStep();
    final MemorySegment negativeLogLikelihood = doubles(ROWS);
    final MemorySegment logSumExp = doubles(ROWS);
    final MemorySegment spread = doubles(ROWS);
    final MemorySegment coefficients = doubles(ROWS * COEFFICIENTS);
    final MemorySegment targets = Arena.ofAuto().allocate((long) ROWS * Integer.BYTES, ALIGNMENT);
    private MemorySegment workspace = MemorySegment.NULL;
    private final MemorySegment[] buffers = new MemorySegment[BUFFERS];

    private Scratch() {
        Arrays.fill(buffers, MemorySegment.NULL);
    }

    private static MemorySegment doubles(int count) {
        return Arena.ofAuto().allocate((long) count * Double.BYTES, ALIGNMENT);
    }

    /** Takes working memory from the pool, or makes some. Give it back with {@link #release}. */
    static Scratch take() {
        int start = slot();
        for (int i = 0; i < POOL.length(); i++) {
            int slot = (start + i) % POOL.length();
            if (POOL.getPlain(slot) != null) {
                Scratch scratch = POOL.getAndSet(slot, null);
                if (scratch != null) {
                    return scratch;
                }
            }
        }
        return new Scratch();
    }

    /** Gives working memory back. Where the pool is full, the garbage collector frees it. */
    void release() {
        forgetArguments();
        if (workspace.byteSize() > LARGEST_KEPT) {
            workspace = MemorySegment.NULL;
        }
        for (int i = 0; i < BUFFERS; i++) {
            if (buffers[i].byteSize() > LARGEST_KEPT) {
                buffers[i] = MemorySegment.NULL;
            }
        }
        int start = slot();
        for (int i = 0; i < POOL.length(); i++) {
            int slot = (start + i) % POOL.length();
            if (POOL.getPlain(slot) == null && POOL.compareAndSet(slot, null, this)) {
                return;
            }
        }
    }

    private static int slot() {
        return (int) (Thread.currentThread().threadId() & 31);
    }

    /** The caller's memory must not be kept alive by the pool. */
    private void forgetArguments() {
        logistic.begin(ElementType.FLOAT32, 0, 1);
        step.begin(TileOperation.CENTER, ElementType.FLOAT32, 0, 1);
        rows.logits(ElementType.FLOAT32, MemorySegment.NULL, 0, 1)
                .targets(MemorySegment.NULL, 0)
                .classWeights(MemorySegment.NULL, 0)
                .gradient(MemorySegment.NULL, 0);
    }

    /** Returns working memory of at least the given size for the kernels themselves. */
    MemorySegment workspace(long bytes) {
        if (workspace.byteSize() < bytes) {
            workspace = Arena.ofAuto().allocate(bytes, ALIGNMENT);
        }
        return workspace;
    }

    /** Returns a piece of working memory of at least the given size; the same number gives the same piece. */
    MemorySegment buffer(int number, long bytes) {
        if (buffers[number].byteSize() < bytes) {
            buffers[number] = Arena.ofAuto().allocate(bytes, ALIGNMENT);
        }
        return buffers[number];
    }

    void setCoefficients(int row, double alpha, double beta, double gamma) {
        long index = (long) row * COEFFICIENTS;
        coefficients.setAtIndex(ValueLayout.JAVA_DOUBLE, index, alpha);
        coefficients.setAtIndex(ValueLayout.JAVA_DOUBLE, index + 1, beta);
        coefficients.setAtIndex(ValueLayout.JAVA_DOUBLE, index + 2, gamma);
    }
}
