package org.crossentropy.api;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.crossentropy.api.spi.LossKernels;
import org.crossentropy.api.spi.SoftmaxRows;
import org.crossentropy.api.spi.TileOperation;
import org.crossentropy.api.spi.TileStep;

/**
 * The tiles of one thread: pieces of working memory for a group of rows, small enough to stay in the cache, and the steps
 * on them. Losses beyond the plain one copy a group of rows into a tile, take a few steps there, and copy the gradient out.
 */
final class Tiles {

    /** What each piece of working memory is for. */
    enum Buffer {
        /** Elements as stored, where the format is one of 16 bits. */
        STORED(0),
        LOGITS(1),
        TARGETS(2),
        GRADIENT(3),
        PROBABILITIES(4),
        /** A second operand of a loss with two. */
        OTHER(5),
        WEIGHTS(6),
        MASK(7),
        /** Doubles: scalars of a step, its results, and one number an element. */
        SCALARS(8),
        RESULTS(9),
        LOSSES(10),
        /** Doubles: numbers of rows that outlive a step. */
        ROW_NUMBERS(11);

        private final int number;

        Buffer(int number) {
            this.number = number;
        }
    }

    private final LossKernels kernels;
    private final Scratch scratch;
    private final ElementType type;
    private final int columns;
    private final int capacity;
    private final MemorySegment scalars;
    private final MemorySegment results;

    /**
     * Prepares tiles.
     *
     * @param kernels takes the steps
     * @param scratch working memory
     * @param type format that is computed in
     * @param columns elements of a row
     * @param capacity rows of a tile at most
     */
    Tiles(LossKernels kernels, Scratch scratch, ElementType type, int columns, int capacity) {
        this.kernels = kernels;
        this.scratch = scratch;
        this.type = type;
        this.columns = columns;
        this.capacity = capacity;
        this.scalars = doubles(Buffer.SCALARS, TileStep.SCALARS * (long) capacity);
        this.results = doubles(Buffer.RESULTS, 2L * capacity);
    }

    Scratch scratch() {
        return scratch;
    }

    ElementType type() {
        return type;
    }

    int columns() {
        return columns;
    }

    int capacity() {
        return capacity;
    }

    /** A tile of the type computed in. */
    MemorySegment tile(Buffer buffer) {
        return bytes(buffer, (long) capacity * columns * type.bytes());
    }

    MemorySegment bytes(Buffer buffer, long size) {
        return scratch.buffer(buffer.number, size);
    }

    MemorySegment doubles(Buffer buffer, long count) {
        return bytes(buffer, count * Double.BYTES);
    }

    /** Fills the first rows of a tile with zeros. */
    void zeroRows(MemorySegment tile, int rows) {
        tile.asSlice(0, (long) rows * columns * type.bytes()).fill((byte) 0);
    }

    /** Fills one row of a tile with zeros. */
    void zeroRow(MemorySegment tile, int row) {
        long bytes = (long) columns * type.bytes();
        tile.asSlice(row * bytes, bytes).fill((byte) 0);
    }

    /** Reads an element of a tile. */
    double get(MemorySegment tile, long i) {
        return type == ElementType.FLOAT64
                ? tile.getAtIndex(ValueLayout.JAVA_DOUBLE, i)
                : tile.getAtIndex(ValueLayout.JAVA_FLOAT, i);
    }

    /** Writes an element of a tile, rounded to its type. */
    void set(MemorySegment tile, long i, double value) {
        if (type == ElementType.FLOAT64) {
            tile.setAtIndex(ValueLayout.JAVA_DOUBLE, i, value);
        } else {
            tile.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) value);
        }
    }

    /** Copies the rows of a tile to another. */
    void copy(MemorySegment source, MemorySegment destination, int rows) {
        MemorySegment.copy(source, 0, destination, 0, (long) rows * columns * type.bytes());
    }

    /** Begins a step that has the results of this object. */
    TileStep step(TileOperation operation, int rows) {
        return scratch.step.begin(operation, type, rows, columns).results(results);
    }

    /** Begins a step on all elements of some rows as one long row. */
    TileStep stepOnRun(TileOperation operation, int elements) {
        return scratch.step.begin(operation, type, 1, elements).results(results);
    }

    void run(TileStep step) {
        kernels.tile(step);
    }

    /** Runs a step whose rows share their scalars. */
    void run(TileStep step, double r0, double r1, double r2) {
        setScalars(0, r0, r1, r2);
        kernels.tile(step.scalars(scalars, 0));
    }

    /** Runs a step with the scalars that were set row by row. */
    void runByRow(TileStep step) {
        kernels.tile(step.scalars(scalars, TileStep.SCALARS));
    }

    void setScalars(int row, double r0, double r1, double r2) {
        long triple = (long) row * TileStep.SCALARS;
        scalars.setAtIndex(ValueLayout.JAVA_DOUBLE, triple, r0);
        scalars.setAtIndex(ValueLayout.JAVA_DOUBLE, triple + 1, r1);
        scalars.setAtIndex(ValueLayout.JAVA_DOUBLE, triple + 2, r2);
    }

    /** A result of the last step. */
    double result(long index) {
        return results.getAtIndex(ValueLayout.JAVA_DOUBLE, index);
    }

    /** Arguments of a softmax kernel on a tile: without targets, weights, outputs and gradient until they are set. */
    SoftmaxRows softmax(MemorySegment logits, int rows) {
        return scratch.rows
                .logits(type, logits, columns, columns)
                .range(0, rows)
                .targets(MemorySegment.NULL, 0)
                .classWeights(MemorySegment.NULL, columns)
                .emptyRowsZero(false)
                .workspace(scratch.workspace(kernels, type, columns))
                .rowOutputs(MemorySegment.NULL, MemorySegment.NULL, MemorySegment.NULL);
    }

    LossKernels kernels() {
        return kernels;
    }

    /** Writes the softmax of a tile to another, or over it. Empty rows become 0 if asked for, else NaN. */
    void softmax(MemorySegment logits, int rows, MemorySegment probabilities, boolean emptyRowsZero) {
        scratch.setCoefficients(0, 1, 0, 0);
        kernels.softmaxGradient(softmax(logits, rows)
                .emptyRowsZero(emptyRowsZero)
                .coefficients(scratch.coefficients, 0)
                .gradient(probabilities, columns));
    }

    /** Writes the log-softmax of a tile to another, or over it. */
    void logSoftmax(MemorySegment logits, int rows, MemorySegment logProbabilities) {
        kernels.logSoftmax(softmax(logits, rows).gradient(logProbabilities, columns));
    }
}
