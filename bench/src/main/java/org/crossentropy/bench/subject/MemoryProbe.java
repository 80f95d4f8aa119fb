package org.crossentropy.bench.subject;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.crossentropy.bench.task.Batch;
import org.crossentropy.bench.task.Subject;
import org.crossentropy.bench.task.Task;
import org.crossentropy.bench.task.Work;

/** How fast this machine moves as much memory as the logits of a task take. Off-heap only, like the kernels' best case. */
public final class MemoryProbe implements Subject {

    private static final long PAGE = 4096;

    /** What fills are copied from: it stays in the first cache. */
    private static final long BLOCK = 1 << 14;

    private final MemoryMove move;
    private final int threads;
    private final Probe probe;

    /**
     * Takes a way of moving.
     *
     * @param move its name
     * @param threads threads, each with a part of the memory
     */
    public MemoryProbe(String move, int threads) {
        this(MemoryMove.of(move), threads, Probe.best());
    }

    MemoryProbe(MemoryMove move, int threads, Probe probe) {
        this.move = move;
        this.threads = threads;
        this.probe = probe;
    }

    @Override
    public boolean isProbe() {
        return true;
    }

    @Override
    public String detail() {
        return move.title() + ", " + probe;
    }

    @Override
    public Work prepare(Task task, Batch batch) {
        return new Moves(task.logitBytes());
    }

    /** Memory in as many parts as there are threads. */
    private final class Moves implements Work {

        private final Arena arena = Arena.ofShared();
        private final Team team = new Team(threads);
        private final MemorySegment source;
        private final MemorySegment target;
        private final float[] results = new float[threads];

        Moves(long bytes) {
            boolean reads = move != MemoryMove.FILL && move != MemoryMove.FILL_NON_TEMPORAL;
            boolean writes = move != MemoryMove.READ;
            source = arena.allocate(reads ? bytes : BLOCK, PAGE);
            target = arena.allocate(writes ? bytes : 0, PAGE);
            fill(source);
            fill(target);
        }

        private void fill(MemorySegment floats) {
            for (long i = 0; i < floats.byteSize() / Float.BYTES; i++) {
                floats.setAtIndex(ValueLayout.JAVA_FLOAT, i, 1 + (int) (i & 7));
            }
        }

        @Override
        public void run() {
            team.run(this::move);
        }

        private void move(int part) {
            switch (move) {
                case READ -> results[part] = probe.read(part(source, part));
                case FILL, FILL_NON_TEMPORAL -> fillByBlocks(part(target, part));
                case COPY -> probe.copy(part(source, part), part(target, part));
                case COPY_NON_TEMPORAL -> probe.copyNonTemporal(part(source, part), part(target, part));
                case UPDATE -> probe.update(part(target, part));
            }
        }

        private MemorySegment part(MemorySegment whole, int part) {
            long pages = whole.byteSize() / PAGE;
            long from = pages * part / threads * PAGE;
            long to = part + 1 == threads ? whole.byteSize() : pages * (part + 1) / threads * PAGE;
            return whole.asSlice(from, to - from);
        }

        private void fillByBlocks(MemorySegment target) {
            for (long offset = 0; offset < target.byteSize(); offset += BLOCK) {
                long size = Math.min(BLOCK, target.byteSize() - offset);
                MemorySegment to = target.asSlice(offset, size);
                if (move == MemoryMove.FILL) {
                    probe.copy(source.asSlice(0, size), to);
                } else {
                    probe.copyNonTemporal(source.asSlice(0, size), to);
                }
            }
        }

        @Override
        public double loss() {
            return 0;
        }

        @Override
        public double gradient(int row, int column) {
            return 0;
        }

        @Override
        public void close() {
            team.close();
            arena.close();
        }
    }
}
