package org.crossentropy.tck;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.crossentropy.api.ClassIndices;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.IndexType;
import org.crossentropy.api.Matrix;

/**
 * Logits and targets made from a seed, and memory for what is computed from them. What lies between the rows and after
 * the last one is filled with a mark, so that a kernel that writes there is caught; in the logits the mark is a NaN, so
 * that one that reads there is caught too.
 */
public final class Batch {

    /** The byte that fills what must not be touched: four of them are a NaN. */
    public static final byte MARK = (byte) 0xff;

    /** One row in so many is ignored. */
    private static final int IGNORED_ONE_IN = 5;

    private final Shape shape;
    private final Arena arena;
    private final Matrix logits;
    private final long[] targets;

    /**
     * What a batch is made from.
     *
     * @param seed seed of logits and targets
     * @param type type of the logits
     * @param rows number of rows
     * @param classes number of classes
     * @param padding elements between rows
     * @param data kind of logits
     * @param memory where logits and outputs live
     */
    public record Shape(
            long seed, ElementType type, int rows, int classes, int padding, DataFamily data, MemoryKind memory) {

        /**
         * Returns a shape of ordinary logits in tight rows on the heap.
         *
         * @param seed seed of logits and targets
         * @param type type of the logits
         * @param rows number of rows
         * @param classes number of classes
         * @return the shape
         */
        public static Shape of(long seed, ElementType type, int rows, int classes) {
            return new Shape(seed, type, rows, classes, 0, DataFamily.NORMAL, MemoryKind.HEAP);
        }

        /**
         * Returns this shape with other logits.
         *
         * @param other kind of logits
         * @return new shape
         */
        public Shape with(DataFamily other) {
            return new Shape(seed, type, rows, classes, padding, other, memory);
        }

        /**
         * Returns this shape in other memory.
         *
         * @param other where logits and outputs live
         * @param newPadding elements between rows
         * @return new shape
         */
        public Shape with(MemoryKind other, int newPadding) {
            return new Shape(seed, type, rows, classes, newPadding, data, other);
        }
    }

    /**
     * Makes a batch.
     *
     * @param shape what to make
     * @param arena owner of off-heap memory
     */
    public Batch(Shape shape, Arena arena) {
        this.shape = shape;
        this.arena = arena;
        SplittableRandom random = new SplittableRandom(shape.seed());
        this.logits = output();
        shape.data().fill(random, logits);
        this.targets = new long[shape.rows()];
        for (int row = 0; row < shape.rows(); row++) {
            targets[row] = target(random, row);
        }
    }

    private long target(SplittableRandom random, int row) {
        if (random.nextInt(IGNORED_ONE_IN) == 0) {
            return -1;
        }
        int top = 0;
        for (int j = 1; j < shape.classes(); j++) {
            top = logits.get(row, j) > logits.get(row, top) ? j : top;
        }
        return switch (random.nextInt(6)) {
            case 0 -> 0;
            case 1 -> shape.classes() - 1;
            case 2, 3 -> top;
            default -> random.nextInt(shape.classes());
        };
    }

    /**
     * {@return what this batch was made from}
     */
    public Shape shape() {
        return shape;
    }

    /**
     * {@return the logits}
     */
    public Matrix logits() {
        return logits;
    }

    /**
     * Returns the target of a row as kernels see it.
     *
     * @param row row
     * @param options say which target means that the row is left out
     * @return a class, or -1
     */
    public int target(int row, LossOptions options) {
        return targets[row] == options.ignoreIndex() ? -1 : (int) targets[row];
    }

    /**
     * Returns the targets as the options want them. About a fifth of the rows have the ignore index.
     *
     * @param options format and ignore index
     * @return the targets
     */
    public ClassIndices targets(LossOptions options) {
        long[] indices = Arrays.stream(targets)
                .map(target -> target < 0 ? options.ignoreIndex() : target)
                .toArray();
        return options.indexType() == IndexType.INT64
                ? ClassIndices.of(indices)
                : ClassIndices.of(
                        Arrays.stream(indices).mapToInt(Math::toIntExact).toArray());
    }

    /**
     * {@return a new matrix of the logits' shape, stride and kind of memory, filled with {@link #MARK}}
     */
    public Matrix output() {
        long stride = (long) shape.classes() + shape.padding();
        MemorySegment segment = shape.memory().allocate(arena, shape.type(), shape.rows() * stride);
        segment.fill(MARK);
        return Matrix.of(shape.type(), segment, shape.rows(), shape.classes(), stride);
    }

    /**
     * {@return a new matrix with the logits in it}
     */
    public Matrix copyOfLogits() {
        Matrix copy = output();
        copy.segment().copyFrom(logits.segment());
        return copy;
    }

    @Override
    public String toString() {
        return shape.toString();
    }
}
