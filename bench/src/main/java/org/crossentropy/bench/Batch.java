package org.crossentropy.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import org.crossentropy.api.ClassIndices;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.IndexType;
import org.crossentropy.api.Matrix;

/** Random logits and targets, with room for the gradient, on the heap or off it. */
final class Batch implements AutoCloseable {

    private static final long SEED = 0x5eed;

    /** Standard deviation of the logits: a few classes share most of the probability, as in a trained model. */
    private static final double SPREAD = 3;

    /** Alignment of off-heap buffers: that of a page, so that no run is luckier than another. */
    private static final long ALIGNMENT = 4096;

    private final Arena arena = Arena.ofShared();
    private final Shape shape;
    private final Matrix logits;
    private final Matrix gradient;
    private final ClassIndices targets;
    private final Matrix pristine;

    /**
     * Makes a batch, always the same one for the same arguments.
     *
     * @param memory {@code heap} or {@code offheap}
     */
    Batch(Shape shape, ElementType type, String memory) {
        this.shape = shape;
        MemorySegment values = elements(type, memory);
        logits = Matrix.of(type, values, shape.rows(), shape.classes());
        gradient = Matrix.of(type, elements(type, memory), shape.rows(), shape.classes());
        MemorySegment indices = "heap".equals(memory)
                ? MemorySegment.ofArray(new int[shape.rows()])
                : arena.allocate(ValueLayout.JAVA_INT, shape.rows());
        targets = ClassIndices.of(IndexType.INT32, indices, shape.rows());
        SplittableRandom random = new SplittableRandom(SEED);
        fill(values, type, random);
        for (int row = 0; row < shape.rows(); row++) {
            indices.setAtIndex(ValueLayout.JAVA_INT, row, random.nextInt(shape.classes()));
        }
        MemorySegment copy = arena.allocate(values.byteSize(), ALIGNMENT).copyFrom(values);
        pristine = Matrix.of(type, copy, shape.rows(), shape.classes());
    }

    private MemorySegment elements(ElementType type, String memory) {
        int elements = Math.toIntExact(shape.elements());
        return switch (memory) {
            case "offheap" -> arena.allocate((long) elements * type.bytes(), ALIGNMENT);
            case "heap" ->
                switch (type) {
                    case FLOAT32 -> MemorySegment.ofArray(new float[elements]);
                    case FLOAT64 -> MemorySegment.ofArray(new double[elements]);
                    case BFLOAT16, FLOAT16 -> throw new AssertionError(type);
                };
            default -> throw new IllegalArgumentException("memory is '" + memory + "', must be heap or offheap");
        };
    }

    private static void fill(MemorySegment values, ElementType type, SplittableRandom random) {
        long count = values.byteSize() / type.bytes();
        for (long i = 0; i < count; i++) {
            double logit = SPREAD * normal(random.nextLong());
            switch (type) {
                case FLOAT32 -> values.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) logit);
                case FLOAT64 -> values.setAtIndex(ValueLayout.JAVA_DOUBLE, i, logit);
                case BFLOAT16, FLOAT16 -> throw new AssertionError(type);
            }
        }
    }

    /** Sum of four uniform numbers, scaled to variance 1: normal enough, and ten times as fast as the exact method. */
    private static double normal(long bits) {
        long sum = (bits & 0xffff) + (bits >>> 16 & 0xffff) + (bits >>> 32 & 0xffff) + (bits >>> 48);
        return (sum - 2.0 * 0xffff) * (Math.sqrt(3) / 0x10000);
    }

    /** Undoes what in-place gradients did to the logits. */
    void restore() {
        logits.segment().copyFrom(pristine.segment());
    }

    Shape shape() {
        return shape;
    }

    Matrix logits() {
        return logits;
    }

    /** A copy of the logits that nothing overwrites. */
    Matrix pristine() {
        return pristine;
    }

    Matrix gradient() {
        return gradient;
    }

    ClassIndices targets() {
        return targets;
    }

    @Override
    public void close() {
        arena.close();
    }
}
