package org.crossentropy.api;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.crossentropy.api.spi.LogisticRows;
import org.crossentropy.api.spi.LossKernels;
import org.crossentropy.api.spi.SoftmaxRows;
import org.crossentropy.api.spi.TileOperation;
import org.crossentropy.api.spi.TileStep;
import org.jspecify.annotations.Nullable;

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

    /** Whether it can be taken: a flag, since references that change hands cost the barriers of the garbage collector. */
    private final AtomicBoolean free = new AtomicBoolean();

    final SoftmaxRows rows = new SoftmaxRows();
    final LogisticRows logistic = new LogisticRows();
    final TileStep step = new TileStep();
    final MemorySegment negativeLogLikelihood = doubles(ROWS);
    final MemorySegment logSumExp = doubles(ROWS);
    final MemorySegment spread = doubles(ROWS);
    final MemorySegment coefficients = doubles(ROWS * COEFFICIENTS);
    final MemorySegment targets = Arena.ofAuto().allocate((long) ROWS * Integer.BYTES, ALIGNMENT);
    private MemorySegment workspace = MemorySegment.NULL;
    private @Nullable LossKernels workspaceKernels;
    private ElementType workspaceType = ElementType.FLOAT32;
    private int workspaceClasses;
    private final MemorySegment[] buffers = new MemorySegment[BUFFERS];

    private Scratch() {
        Arrays.fill(buffers, MemorySegment.NULL);
    }

    private static MemorySegment doubles(int count) {
        return Arena.ofAuto().allocate((long) count * Double.BYTES, ALIGNMENT);
    }

    /** Takes working memory from the pool, or makes some. Give it back with {@link #release}. */
    static Scratch take() {
        int start = (int) (Thread.currentThread().threadId() & 31);
        for (int i = 0; i < POOL.length(); i++) {
            int slot = (start + i) % POOL.length();
            Scratch scratch = POOL.getAcquire(slot);
            if (scratch == null) {
                scratch = new Scratch();
                if (POOL.compareAndSet(slot, null, scratch)) {
                    return scratch;
                }
            } else if (scratch.free.getPlain() && scratch.free.compareAndSet(true, false)) {
                return scratch;
            }
        }
        return new Scratch();
    }

    /** Gives working memory back. What the pool had no room for is left to the garbage collector. */
    void release() {
        forgetArguments();
        if (workspace.byteSize() > LARGEST_KEPT) {
            workspace = MemorySegment.NULL;
            workspaceKernels = null;
        }
        for (int i = 0; i < BUFFERS; i++) {
            if (buffers[i].byteSize() > LARGEST_KEPT) {
                buffers[i] = MemorySegment.NULL;
            }
        }
        free.setRelease(true);
    }

    /** The caller's memory must not be kept alive by the pool. Most computations use one of the three. */
    private void forgetArguments() {
        if (logistic.rows() > 0) {
            logistic.begin(ElementType.FLOAT32, 0, 1);
        }
        if (step.rows() > 0) {
            step.begin(TileOperation.CENTER, ElementType.FLOAT32, 0, 1);
        }
        rows.logits(rows.type(), MemorySegment.NULL, 0, 1)
                .classWeights(MemorySegment.NULL, 0)
                .gradient(MemorySegment.NULL, 0);
    }

    /** Returns working memory for kernels themselves, which are asked how much they need when it is other rows than before. */
    MemorySegment workspace(LossKernels kernels, ElementType type, int classes) {
        if (!kernels.equals(workspaceKernels) || workspaceType != type || workspaceClasses != classes) {
            long bytes = kernels.workspaceBytes(type, classes);
            if (workspace.byteSize() < bytes) {
                workspace = Arena.ofAuto().allocate(bytes, ALIGNMENT);
            }
            workspaceKernels = kernels;
            workspaceType = type;
            workspaceClasses = classes;
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
