package org.crossentropy.jvm;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.MAX;
import static jdk.incubator.vector.VectorOperators.XOR;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * The register width of the vector backend, fixed when this class is loaded: C2 compiles vector code well only where
 * species are constants. Loaded after {@link VectorSupport} has found that the Vector API can be used.
 */
final class VectorWidth {

    /** Bits of a register. */
    static final int BITS = VectorSupport.widthInUse();

    /** Whole registers of float. */
    static final VectorSpecies<Float> FLOATS = VectorSpecies.of(float.class, VectorShape.forBitSize(BITS));

    /** Whole registers of double. */
    static final VectorSpecies<Double> DOUBLES = VectorSpecies.of(double.class, VectorShape.forBitSize(BITS));

    /** As many floats as a register holds doubles. */
    static final VectorSpecies<Float> HALF_FLOATS = VectorSpecies.of(float.class, VectorShape.forBitSize(BITS / 2));

    /** Integers of the size of a float. */
    static final VectorSpecies<Integer> INTS = VectorSpecies.of(int.class, VectorShape.forBitSize(BITS));

    /** Integers of the size of a double. */
    static final VectorSpecies<Long> LONGS = VectorSpecies.of(long.class, VectorShape.forBitSize(BITS));

    private static final ByteOrder ORDER = ByteOrder.nativeOrder();

    private VectorWidth() {}

    /**
     * {@return the largest lane of a vector without NaN}
     *
     * <p>Compared as integers, of which the processor takes the maximum in one instruction: turning round the other bits of
     * negative numbers makes the order of the integers that of the numbers.
     */
    static float largest(FloatVector vector) {
        IntVector bits = vector.reinterpretAsInts();
        int largest = bits.lanewise(ASHR, 31)
                .and(Integer.MAX_VALUE)
                .lanewise(XOR, bits)
                .reduceLanes(MAX);
        return Float.intBitsToFloat(largest ^ (largest >> 31 & Integer.MAX_VALUE));
    }

    /** The same for doubles. */
    static double largest(DoubleVector vector) {
        LongVector bits = vector.reinterpretAsLongs();
        long largest =
                bits.lanewise(ASHR, 63).and(Long.MAX_VALUE).lanewise(XOR, bits).reduceLanes(MAX);
        return Double.longBitsToDouble(largest ^ (largest >> 63 & Long.MAX_VALUE));
    }

    /** Loads floats from the workspace, beginning with a lane of the array at an offset. */
    static FloatVector loadFloats(MemorySegment workspace, long offset, int lane) {
        return FloatVector.fromMemorySegment(
                FLOATS, OffHeap.exact(workspace), offset + (long) lane * Float.BYTES, ORDER);
    }

    /** Loads as many floats from the workspace as {@link #loadDoubles} loads doubles. */
    static FloatVector loadHalfFloats(MemorySegment workspace, long offset, int lane) {
        return FloatVector.fromMemorySegment(
                HALF_FLOATS, OffHeap.exact(workspace), offset + (long) lane * Float.BYTES, ORDER);
    }

    /** Loads doubles from the workspace, beginning with a lane of the array at an offset. */
    static DoubleVector loadDoubles(MemorySegment workspace, long offset, int lane) {
        return DoubleVector.fromMemorySegment(
                DOUBLES, OffHeap.exact(workspace), offset + (long) lane * Double.BYTES, ORDER);
    }

    /** Stores to the workspace, beginning with a lane of the array at an offset. */
    static void store(FloatVector vector, MemorySegment workspace, long offset, int lane) {
        vector.intoMemorySegment(OffHeap.exact(workspace), offset + (long) lane * Float.BYTES, ORDER);
    }

    /** Stores to the workspace, beginning with a lane of the array at an offset. */
    static void store(DoubleVector vector, MemorySegment workspace, long offset, int lane) {
        vector.intoMemorySegment(OffHeap.exact(workspace), offset + (long) lane * Double.BYTES, ORDER);
    }
}
