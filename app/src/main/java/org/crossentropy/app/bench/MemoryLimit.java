package org.crossentropy.app.bench;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;

/**
 * Moves the memory that a pass has to move, and computes nothing: what is left of the time of a pass is arithmetic. It is
 * the plainest Java, {@link MemorySegment#copy}, so that it runs wherever the rest does; a kernel that orders its loads
 * and stores better can be faster.
 *
 * <p>What is only read is copied, block by block, into a buffer that stays in the cache. A gradient is a copy of the
 * logits.
 */
final class MemoryLimit {

    /** Half of a small first-level cache: the other half is for what flows by. */
    private static final int BLOCK = 1 << 14;

    /** Bytes that are worth another thread: the losses, too, leave what is small to the calling one. */
    private static final long THREAD_BYTES = 1 << 18;

    /** Rounds of waiting before the caller parks, as the losses wait for their helpers. */
    private static final int SPINS = 1 << 12;

    private final Problem problem;
    private final Pass pass;
    private final List<byte[]> buffers = new ArrayList<>();

    MemoryLimit(Problem problem, Pass pass, int threads) {
        this.problem = problem;
        this.pass = pass;
        long useful = Math.clamp(problem.workload().matrixBytes() / THREAD_BYTES, 1, threads);
        for (long thread = 0; thread < useful; thread++) {
            buffers.add(new byte[BLOCK]);
        }
    }

    /** Moves everything once, on threads of the pool that the losses use; returns a byte of it. */
    Object move() {
        List<ForkJoinTask<?>> helpers = new ArrayList<>();
        for (int part = 1; part < buffers.size(); part++) {
            int helped = part;
            helpers.add(ForkJoinPool.commonPool().submit(() -> move(helped)));
        }
        move(0);
        for (ForkJoinTask<?> helper : helpers) {
            for (int spins = 0; spins < SPINS && !helper.isDone(); spins++) {
                Thread.onSpinWait();
            }
            helper.join();
        }
        return buffers.getFirst()[0];
    }

    private void move(int part) {
        MemorySegment buffer = MemorySegment.ofArray(buffers.get(part));
        switch (pass) {
            case FORWARD -> read(slice(problem.logits(), part), buffer);
            case FORWARD_BACKWARD -> slice(problem.gradient(), part).copyFrom(slice(problem.logits(), part));
        }
        if (problem.workload().loss() == LossKind.BINARY) {
            read(slice(problem.targets(), part), buffer);
        }
    }

    private MemorySegment slice(MemorySegment whole, int part) {
        long from = whole.byteSize() * part / buffers.size();
        long to = whole.byteSize() * (part + 1) / buffers.size();
        return whole.asSlice(from, to - from);
    }

    private static void read(MemorySegment source, MemorySegment buffer) {
        for (long offset = 0; offset < source.byteSize(); offset += BLOCK) {
            MemorySegment.copy(source, offset, buffer, 0, Math.min(BLOCK, source.byteSize() - offset));
        }
    }
}
