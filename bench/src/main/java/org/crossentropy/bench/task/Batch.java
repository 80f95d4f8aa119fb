package org.crossentropy.bench.task;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import org.crossentropy.api.ClassIndices;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.IndexType;
import org.crossentropy.api.Matrix;
import org.jspecify.annotations.Nullable;

/**
 * The data of a task: random logits, targets and what else its form takes, always the same for the same task. The passes
 * of a task share a batch.
 */
public final class Batch implements AutoCloseable {

    /** The share of the smoothed target's probability that goes to all classes. */
    public static final double SMOOTHING = 0.1;

    /** The factor of cosine similarities: one over the temperature, near that with which CLIP begins. */
    public static final double LOGIT_SCALE = 16;

    private static final long SEED = 0x5eed;

    /** Standard deviation of the logits: a few classes share most of the probability, as in a trained model. */
    private static final double SPREAD = 3;

    /** Alignment of off-heap buffers: that of a page, so that no run is luckier than another. */
    private static final long ALIGNMENT = 4096;

    /**
     * Rows of hidden states repeat after this many, or the oracle would take minutes; a prime number, so that chunks of rows
     * that are mistaken for others are noticed.
     */
    static final int DISTINCT_ROWS = 17;

    /** One class in this many is masked. */
    private static final int MASKED = 8;

    private final Arena arena = Arena.ofShared();
    private final Form form;
    private final Shape shape;
    private final Memory memory;
    private final @Nullable Matrix logits;
    private final @Nullable Matrix hidden;
    private final @Nullable Matrix weight;
    private final ClassIndices targets;
    private final @Nullable Matrix targetMatrix;
    private @Nullable MemorySegment mask;
    private @Nullable Matrix pristine;

    /**
     * Makes the data.
     *
     * @param task the task; its pass does not matter
     */
    public Batch(Task task) {
        form = task.form();
        shape = task.shape();
        memory = task.memory();
        SplittableRandom random = new SplittableRandom(SEED);
        boolean isProduct = form.isProduct();
        logits = isProduct ? null : random(newMatrix(task.type()), SPREAD, random);
        hidden = isProduct ? newHidden(task.type(), random) : null;
        weight = isProduct ? newWeight(task.type(), random) : null;
        MemorySegment indices = memory == Memory.HEAP
                ? MemorySegment.ofArray(new int[shape.rows()])
                : arena.allocate(ValueLayout.JAVA_INT, shape.rows());
        targets = ClassIndices.of(IndexType.INT32, indices, shape.rows());
        for (int row = 0; row < shape.rows(); row++) {
            int target = random.nextInt(shape.classes());
            indices.setAtIndex(ValueLayout.JAVA_INT, row, isMaskedInAllRows(target) ? target - 1 : target);
        }
        targetMatrix = form.hasTargetMatrix() ? targetMatrix(task.type(), random) : null;
        if (form == Form.ROW_MASK) {
            mask = arena.allocate(shape.elements(), ALIGNMENT);
            for (int row = 0; row < shape.rows(); row++) {
                for (int column = 0; column < shape.classes(); column++) {
                    byte kept = (byte) (isKept(row, column) ? 1 : 0);
                    mask.set(ValueLayout.JAVA_BYTE, (long) row * shape.classes() + column, kept);
                }
            }
        }
    }

    private static Matrix random(Matrix matrix, double spread, SplittableRandom random) {
        Elements values = Elements.of(matrix);
        for (long i = 0; i < matrix.rows() * matrix.columns(); i++) {
            values.set(i, spread * normal(random.nextLong()));
        }
        return matrix;
    }

    private Matrix newHidden(ElementType type, SplittableRandom random) {
        Matrix matrix = newMatrix(type, shape.rows(), shape.width());
        int distinct = Math.min(shape.rows(), DISTINCT_ROWS);
        random(matrix.rows(0, distinct), 1, random);
        for (int row = distinct; row < shape.rows(); row++) {
            matrix.rows(row, 1)
                    .segment()
                    .copyFrom(matrix.rows(row % distinct, 1).segment());
        }
        return matrix;
    }

    /** Of such a size that logits have the spread of given ones. */
    private Matrix newWeight(ElementType type, SplittableRandom random) {
        return random(newMatrix(type, shape.classes(), shape.width()), SPREAD / Math.sqrt(shape.width()), random);
    }

    /**
     * Sum of four uniform numbers, scaled to variance 1: normal enough, and ten times as fast as the exact method. Never 0,
     * where automatic differentiation of |x| may go wrong.
     */
    private static double normal(long bits) {
        long sum = (bits & 0xffff) + (bits >>> 16 & 0xffff) + (bits >>> 32 & 0xffff) + (bits >>> 48);
        return (sum - (2.0 * 0xffff - 0.5)) * (Math.sqrt(3) / 0x10000);
    }

    /** Soft targets of rows that sum to about 1, or anything from 0 to 1 where every logit stands for itself. */
    private Matrix targetMatrix(ElementType type, SplittableRandom random) {
        Matrix matrix = newMatrix(type);
        Elements values = Elements.of(matrix);
        double scale = form == Form.BINARY ? 0x1p-32 : Math.min(1, 2.0 / shape.classes()) * 0x1p-32;
        for (long i = 0; i < shape.elements(); i++) {
            values.set(i, (random.nextLong() >>> 32) * scale);
        }
        return matrix;
    }

    /**
     * Allocates a matrix of the shape and in the memory of the batch, freed with it.
     *
     * @param type element type
     * @return a matrix of zeros
     */
    public Matrix newMatrix(ElementType type) {
        return newMatrix(type, shape.rows(), shape.classes());
    }

    /**
     * Allocates a matrix in the memory of the batch, freed with it.
     *
     * @param type element type
     * @param rows number of rows
     * @param columns number of columns
     * @return a matrix of zeros
     */
    public Matrix newMatrix(ElementType type, int rows, int columns) {
        return Matrix.of(type, elements(type, (long) rows * columns), rows, columns);
    }

    private MemorySegment elements(ElementType type, long count) {
        if (memory == Memory.OFFHEAP) {
            return arena.allocate(count * type.bytes(), ALIGNMENT);
        }
        int elements = Math.toIntExact(count);
        return switch (type) {
            case FLOAT32 -> MemorySegment.ofArray(new float[elements]);
            case FLOAT64 -> MemorySegment.ofArray(new double[elements]);
            case BFLOAT16, FLOAT16 -> MemorySegment.ofArray(new short[elements]);
        };
    }

    /**
     * Undoes what in-place gradients did to the logits, if {@link #keepPristine} was called before.
     */
    public void restore() {
        if (pristine != null) {
            logits().segment().copyFrom(pristine.segment());
        }
    }

    /** Copies the logits, once, so that they can be restored. */
    public void keepPristine() {
        if (pristine == null) {
            MemorySegment values = logits().segment();
            MemorySegment copy = arena.allocate(values.byteSize(), ALIGNMENT).copyFrom(values);
            pristine = Matrix.of(logits().type(), copy, shape.rows(), shape.classes());
        }
    }

    /**
     * {@return the logits as they were made}
     */
    public Matrix pristine() {
        return pristine == null ? logits() : pristine;
    }

    /**
     * {@return the form whose data this is}
     */
    public Form form() {
        return form;
    }

    /**
     * {@return rows and classes}
     */
    public Shape shape() {
        return shape;
    }

    /**
     * Returns the logits.
     *
     * @return the logits
     * @throws IllegalStateException if they are products
     */
    public Matrix logits() {
        return given(logits, "logits");
    }

    /**
     * Returns the hidden states, or queries: a row for each row.
     *
     * @return rows x width
     * @throws IllegalStateException if the form has none
     */
    public Matrix hidden() {
        return given(hidden, "hidden states");
    }

    /**
     * Returns the weight, or keys: a row for each class.
     *
     * @return classes x width
     * @throws IllegalStateException if the form has none
     */
    public Matrix weight() {
        return given(weight, "weight");
    }

    private Matrix given(@Nullable Matrix matrix, String what) {
        if (matrix == null) {
            throw new IllegalStateException("form " + form + " has no " + what);
        }
        return matrix;
    }

    /**
     * {@return a class for each row, a masked one possibly}
     */
    public ClassIndices targets() {
        return targets;
    }

    /**
     * Returns the targets of a form without class indices.
     *
     * @return a target for each logit
     * @throws IllegalStateException if the form has class indices
     */
    public Matrix targetMatrix() {
        return given(targetMatrix, "matrix of targets");
    }

    /**
     * Returns the mask of {@link Form#ROW_MASK}.
     *
     * @return a byte for each logit, 0 where it is masked
     * @throws IllegalStateException if the form has no such mask
     */
    public MemorySegment mask() {
        if (mask == null) {
            throw new IllegalStateException("form " + form + " has no mask for each row");
        }
        return mask;
    }

    /**
     * Returns whether a class takes part in a row; its target always does.
     *
     * @param row the row, which a mask for all rows does not look at
     * @param column the class
     * @return false if the form masks it
     */
    public boolean isKept(int row, int column) {
        return switch (form) {
            case ROW_MASK -> (row + column) % MASKED != 0 || column == targets.get(row);
            case SHARED_MASK -> !isMaskedInAllRows(column);
            case SOFTMAX, SOFT_TARGETS, WEIGHTED, SMOOTHED, BINARY, LINEAR, CONTRASTIVE -> true;
        };
    }

    private boolean isMaskedInAllRows(int column) {
        return form == Form.SHARED_MASK && column % MASKED == MASKED - 1;
    }

    /**
     * Returns the weight of a class.
     *
     * @param column the class
     * @return a number from 0.5 to 1.5, or 1 if the form has no weights
     */
    public double weight(int column) {
        return form == Form.WEIGHTED ? 0.5 + column % 5 * 0.25 : 1;
    }

    @Override
    public void close() {
        arena.close();
    }
}
