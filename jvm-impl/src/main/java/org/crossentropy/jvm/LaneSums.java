package org.crossentropy.jvm;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static jdk.incubator.vector.VectorOperators.F2D;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;

/**
 * The sums of a row over its blocks, one double per lane, in the workspace: the arrays D and E of the canonical
 * algorithm, and how the partial sums F and G of a block get into them.
 */
final class LaneSums {

    private static final int WIDTH = VectorWidth.DOUBLES.length();

    private LaneSums() {}

    /** Sets the sums to 0. */
    static void clear(MemorySegment workspace, long sums, int lanes) {
        DoubleVector zero = DoubleVector.zero(VectorWidth.DOUBLES);
        for (int lane = 0; lane < lanes; lane += WIDTH) {
            VectorWidth.store(zero, workspace, sums, lane);
        }
    }

    /** Multiplies the sums by a factor. */
    static void scale(MemorySegment workspace, long sums, int lanes, double factor) {
        for (int lane = 0; lane < lanes; lane += WIDTH) {
            VectorWidth.store(VectorWidth.loadDoubles(workspace, sums, lane).mul(factor), workspace, sums, lane);
        }
    }

    /**
     * Adds a block's partial sums of float to the sums, which are taken for 0 if it is the first block; sets the partial
     * sums to 0 again.
     */
    static void flushFloats(MemorySegment workspace, long partials, long sums, boolean first) {
        for (int lane = 0; lane < FloatBlocks.LANES; lane += WIDTH) {
            FloatVector partial = VectorWidth.loadHalfFloats(workspace, partials, lane);
            flush(workspace, sums, lane, (DoubleVector) partial.convertShape(F2D, VectorWidth.DOUBLES, 0), first);
        }
        clear(workspace, partials, FloatBlocks.LANES / 2);
    }

    /** The same for partial sums of double. */
    static void flushDoubles(MemorySegment workspace, long partials, long sums, boolean first) {
        for (int lane = 0; lane < DoubleBlocks.LANES; lane += WIDTH) {
            flush(workspace, sums, lane, VectorWidth.loadDoubles(workspace, partials, lane), first);
        }
        clear(workspace, partials, DoubleBlocks.LANES);
    }

    private static void flush(MemorySegment workspace, long sums, int lane, DoubleVector partial, boolean first) {
        DoubleVector sum =
                first ? DoubleVector.zero(VectorWidth.DOUBLES) : VectorWidth.loadDoubles(workspace, sums, lane);
        VectorWidth.store(sum.add(partial), workspace, sums, lane);
    }

    /** {@return the sum of 16 or 32 lanes, the upper half added to the lower until one is left} */
    static double treeSum(MemorySegment workspace, long sums, int lanes) {
        for (int half = lanes / 2; half >= 8; half /= 2) {
            for (int lane = 0; lane < half; lane += WIDTH) {
                DoubleVector upper = VectorWidth.loadDoubles(workspace, sums, lane + half);
                VectorWidth.store(VectorWidth.loadDoubles(workspace, sums, lane).add(upper), workspace, sums, lane);
            }
        }
        double even = (lane(workspace, sums, 0) + lane(workspace, sums, 4))
                + (lane(workspace, sums, 2) + lane(workspace, sums, 6));
        double odd = (lane(workspace, sums, 1) + lane(workspace, sums, 5))
                + (lane(workspace, sums, 3) + lane(workspace, sums, 7));
        return even + odd;
    }

    private static double lane(MemorySegment workspace, long sums, int lane) {
        return workspace.get(JAVA_DOUBLE, sums + (long) lane * Double.BYTES);
    }
}
