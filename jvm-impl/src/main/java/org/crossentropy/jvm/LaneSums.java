package org.crossentropy.jvm;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static jdk.incubator.vector.VectorOperators.F2D;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The sums of a row over its blocks, one double per lane, in the workspace: the arrays D and E of the canonical
 * algorithm, and how the partial sums F and G of a block get into them.
 *
 * <p>Vectors are loaded and stored without helper methods here: where C2 runs out of its budget for inlining, it still inlines
 * the methods of the Vector API, which ask for it, but helpers no more, and then allocates every vector that passes through
 * one. In these short loops, which run once a block, that was measured to cost as much as half the block's exponentials.
 */
final class LaneSums {

    private static final VectorSpecies<Double> DOUBLES = VectorWidth.DOUBLES;
    private static final int WIDTH = DOUBLES.length();
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();

    private LaneSums() {}

    /** Sets the sums to 0. */
    static void clear(MemorySegment workspace, long sums, int lanes) {
        MemorySegment memory = OffHeap.exact(workspace);
        for (int lane = 0; lane < lanes; lane += WIDTH) {
            DoubleVector.zero(DOUBLES).intoMemorySegment(memory, at(sums, lane), ORDER);
        }
    }

    /** Multiplies the sums by a factor. */
    static void scale(MemorySegment workspace, long sums, int lanes, double factor) {
        MemorySegment memory = OffHeap.exact(workspace);
        for (int lane = 0; lane < lanes; lane += WIDTH) {
            DoubleVector sum = DoubleVector.fromMemorySegment(DOUBLES, memory, at(sums, lane), ORDER);
            sum.mul(factor).intoMemorySegment(memory, at(sums, lane), ORDER);
        }
    }

    /**
     * Adds a block's partial sums of float to the sums, which are taken for 0 if it is the first block; sets the partial
     * sums to 0 again.
     */
    static void flushFloats(MemorySegment workspace, long partials, long sums, boolean first) {
        MemorySegment memory = OffHeap.exact(workspace);
        for (int lane = 0; lane < FloatBlocks.LANES; lane += WIDTH) {
            long from = partials + (long) lane * Float.BYTES;
            DoubleVector partial =
                    (DoubleVector) FloatVector.fromMemorySegment(VectorWidth.HALF_FLOATS, memory, from, ORDER)
                            .convertShape(F2D, DOUBLES, 0);
            DoubleVector sum = first
                    ? DoubleVector.zero(DOUBLES)
                    : DoubleVector.fromMemorySegment(DOUBLES, memory, at(sums, lane), ORDER);
            partial.add(sum).intoMemorySegment(memory, at(sums, lane), ORDER);
        }
        clear(workspace, partials, FloatBlocks.LANES / 2);
    }

    /** The same for partial sums of double. */
    static void flushDoubles(MemorySegment workspace, long partials, long sums, boolean first) {
        MemorySegment memory = OffHeap.exact(workspace);
        for (int lane = 0; lane < DoubleBlocks.LANES; lane += WIDTH) {
            DoubleVector partial = DoubleVector.fromMemorySegment(DOUBLES, memory, at(partials, lane), ORDER);
            DoubleVector sum = first
                    ? DoubleVector.zero(DOUBLES)
                    : DoubleVector.fromMemorySegment(DOUBLES, memory, at(sums, lane), ORDER);
            partial.add(sum).intoMemorySegment(memory, at(sums, lane), ORDER);
        }
        clear(workspace, partials, DoubleBlocks.LANES);
    }

    private static long at(long sums, int lane) {
        return sums + (long) lane * Double.BYTES;
    }

    /** {@return the sum of 16 or 32 lanes, the upper half added to the lower until one is left} */
    static double treeSum(MemorySegment workspace, long sums, int lanes) {
        MemorySegment memory = OffHeap.exact(workspace);
        for (int half = lanes / 2; half >= 8; half /= 2) {
            for (int lane = 0; lane < half; lane += WIDTH) {
                DoubleVector lower = DoubleVector.fromMemorySegment(DOUBLES, memory, at(sums, lane), ORDER);
                DoubleVector upper = DoubleVector.fromMemorySegment(DOUBLES, memory, at(sums, lane + half), ORDER);
                lower.add(upper).intoMemorySegment(memory, at(sums, lane), ORDER);
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
