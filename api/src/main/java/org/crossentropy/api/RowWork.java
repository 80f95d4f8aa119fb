package org.crossentropy.api;

import java.lang.foreign.MemorySegment;

/**
 * Cuts the rows of a matrix into parts, one for each thread that the work deserves.
 *
 * <p>Rows come in groups whose size depends on the number of classes alone; a part is a run of whole groups. Sums are
 * taken within groups and then over groups in order, so neither the number of parts nor who computes them can be seen in
 * a result.
 */
final class RowWork {

    /** A group holds about this many elements: the grain of splitting, a few microseconds of work. */
    private static final long GROUP_ELEMENTS = 1 << 14;

    /** Elements per thread below which waking another thread costs more than it saves. */
    private static final double THREAD_ELEMENTS = 1 << 16;

    /** A thread that never runs: whatever it may access, a helper may. */
    private static final Thread STRANGER =
            Thread.ofPlatform().inheritInheritableThreadLocals(false).unstarted(() -> {});

    /** What is done with a run of rows. */
    interface Body {
        /**
         * Works on rows {@code [from, to)}; {@code from} is a multiple of the group size.
         */
        void run(Scratch scratch, long from, long to);
    }

    private RowWork() {}

    /** Rows of a group: a function of the number of classes only. */
    static int groupRows(int classes) {
        return Math.clamp(GROUP_ELEMENTS / classes, 1, Scratch.ROWS);
    }

    /** Rows to hand to a kernel at once: whole groups. */
    static int callRows(int classes) {
        int group = groupRows(classes);
        return Scratch.ROWS / group * group;
    }

    /** Number of groups of a matrix. */
    static int groups(long rows, int classes) {
        int group = groupRows(classes);
        return Math.toIntExact(Math.ceilDiv(rows, group));
    }

    /** Whether threads other than the caller may read and write the segment. */
    static boolean shareable(MemorySegment segment) {
        return segment.isAccessibleBy(STRANGER);
    }

    /** Runs the body over all rows, on the calling thread alone if the data is confined to it or small. */
    static void run(Parallelism parallelism, boolean shareable, long rows, int classes, Body body) {
        if (rows == 0) {
            return;
        }
        int groups = groups(rows, classes);
        int parts = shareable ? parts(parallelism.threads(), groups, rows * (double) classes) : 1;
        if (parts == 1) {
            runRange(body, 0, rows);
            return;
        }
        int groupRows = groupRows(classes);
        PartRunner.run(parallelism, parts, part -> {
            long from = (long) groups * part / parts * groupRows;
            long to = Math.min(rows, (long) groups * (part + 1) / parts * groupRows);
            runRange(body, from, to);
        });
    }

    /** Number of parts that work on so many elements deserves, at most one a thread and one a group. */
    static int parts(int threads, int groups, double elements) {
        return (int) Math.max(1, Math.min(elements / THREAD_ELEMENTS, Math.min(threads, groups)));
    }

    private static void runRange(Body body, long from, long to) {
        Scratch scratch = Scratch.take();
        try {
            body.run(scratch, from, to);
        } finally {
            scratch.release();
        }
    }
}
