package org.crossentropy.api;

import java.lang.foreign.MemorySegment;
import org.crossentropy.api.spi.TileOperation;
import org.jspecify.annotations.Nullable;

/**
 * Embeddings as a similarity sees them, as given or scaled to length 1, and the way back for their gradient: products add
 * to it what concerns the embeddings as seen, {@link #finish} makes of that what concerns them as given. Scaled ones never
 * exist as a whole: {@link #seen} makes some rows again whenever they are wanted.
 */
final class Embeddings {

    /** Squares below lose digits to underflow, element by element. */
    private static final double LEAST_SQUARE = 0x1p-900;

    private final Execution execution;
    private final boolean shareable;
    private final Matrix given;

    /** Lengths of the rows, each divided by 2 to the power of its exponent; null where they do not matter. */
    private final double @Nullable [] lengths;

    private final int[] exponents;
    private final @Nullable Matrix gradient;

    Embeddings(Similarity similarity, Execution execution, boolean shareable, Matrix given, @Nullable Matrix gradient) {
        this.execution = execution;
        this.shareable = shareable;
        this.given = given;
        this.gradient = gradient;
        if (similarity == Similarity.COSINE) {
            int rows = Math.toIntExact(given.rows());
            this.exponents = new int[rows];
            this.lengths = measured(new double[rows]);
        } else {
            this.exponents = new int[0];
            this.lengths = null;
        }
    }

    /** Prepares the gradient to be added to. */
    void clearGradient() {
        if (gradient != null) {
            gradient.fillZero();
        }
    }

    /** The embeddings of the caller. */
    Matrix given() {
        return given;
    }

    boolean wantsGradient() {
        return gradient != null;
    }

    /** Whether products need copies: of rows to scale, and of those on the heap. */
    boolean needCopies() {
        return lengths != null || !LinearMemory.isDirect(given);
    }

    /** Whether products write the gradient by way of copies. */
    boolean gradientNeedsCopies() {
        return gradient != null && !LinearMemory.isDirect(gradient);
    }

    /**
     * Returns some rows as the similarity sees them: where they are, or a copy.
     *
     * @param room memory for a copy, off-heap
     */
    Matrix seen(long from, long count, MemorySegment room) {
        Matrix rows = given.rows(from, count);
        if (!needCopies()) {
            return rows;
        }
        Matrix copy = Matrix.of(given.type(), room, count, given.columns());
        TileWork.run(execution, shareable, rows, tiles -> (first, some) -> {
            MemorySegment tile = tiles.tile(Tiles.Buffer.LOGITS);
            loadSeen(tiles, Math.toIntExact(from + first), some, tile);
            StoredRows.store(tiles, tile, copy, first, some);
        });
        return copy;
    }

    /** Reads rows into a tile as the similarity sees them: of length 1, but for rows of zeros. */
    private void loadSeen(Tiles tiles, int from, int count, MemorySegment rows) {
        StoredRows.load(tiles, given, from, count, rows);
        if (lengths == null) {
            return;
        }
        for (int i = 0; i < count; i++) {
            if (exponents[from + i] != 0) {
                scaleRow(tiles, rows, i, -exponents[from + i]);
            }
            tiles.setScalars(i, inverse(lengths[from + i]), 0, 0);
        }
        tiles.runByRow(tiles.step(TileOperation.TARGETS, count).a(rows).out(rows));
    }

    /** Adds {@code scale op(derivatives) others} to the gradient of some rows, if it is asked for. */
    void addGradient(
            long from, long count, double scale, Matrix derivatives, MatrixProduct.Operand operand, Matrix others) {
        if (gradient != null) {
            MatrixProduct.on(execution)
                    .multiply(
                            derivatives,
                            operand,
                            others,
                            MatrixProduct.Operand.PLAIN,
                            scale,
                            1,
                            gradient.rows(from, count));
        }
    }

    /** Takes the length of every row. */
    private double[] measured(double[] lengthsToSet) {
        TileWork.run(execution, shareable, given, tiles -> (from, count) -> {
            MemorySegment rows = tiles.tile(Tiles.Buffer.LOGITS);
            StoredRows.load(tiles, given, from, count, rows);
            dots(tiles, rows, rows, count);
            bringIntoRange(tiles, rows, (int) from, count);
            for (int i = 0; i < count; i++) {
                lengthsToSet[(int) from + i] = Math.sqrt(dot(tiles, i));
            }
        });
        return lengthsToSet;
    }

    /**
     * Divides rows whose squared length over- or underflows, as that of doubles can, by a power of two, which is exact, and
     * takes all inner products again if there are any.
     */
    private void bringIntoRange(Tiles tiles, MemorySegment rows, int from, int count) {
        boolean changed = false;
        for (int i = 0; i < count; i++) {
            double square = dot(tiles, i);
            double largest = square >= LEAST_SQUARE && square <= Double.MAX_VALUE ? 0 : largest(tiles, rows, i);
            // Zeros have no direction, infinities and NaN none that is known: both stay as they are.
            if (largest > 0 && largest <= Double.MAX_VALUE) {
                exponents[from + i] = Math.getExponent(largest);
                scaleRow(tiles, rows, i, -exponents[from + i]);
                changed = true;
            }
        }
        if (changed) {
            dots(tiles, rows, rows, count);
        }
    }

    /** The largest magnitude of a row; NaN if it holds one. */
    private static double largest(Tiles tiles, MemorySegment rows, int row) {
        double largest = 0;
        for (int j = 0; j < tiles.columns(); j++) {
            largest = Math.max(largest, Math.abs(tiles.get(rows, (long) row * tiles.columns() + j)));
        }
        return largest;
    }

    private static void scaleRow(Tiles tiles, MemorySegment rows, int row, int exponent) {
        for (int j = 0; j < tiles.columns(); j++) {
            long at = (long) row * tiles.columns() + j;
            tiles.set(rows, at, Math.scalb(tiles.get(rows, at), exponent));
        }
    }

    /**
     * Turns the gradient with respect to the embeddings as seen into that with respect to the embeddings as given.
     *
     * @return the sum over all elements of embedding, as seen, times gradient, from which the derivative by the logit scale
     *     follows; 0 without a gradient
     */
    double finish() {
        if (gradient == null) {
            return 0;
        }
        Matrix output = gradient;
        double[] products = new double[Math.toIntExact(output.rows())];
        TileWork.run(
                execution,
                shareable,
                output,
                tiles -> (from, count) -> finish(tiles, output, (int) from, count, products));
        CompensatedSum sum = new CompensatedSum();
        for (double product : products) {
            sum.add(product);
        }
        return sum.high();
    }

    private void finish(Tiles tiles, Matrix output, int from, int count, double[] products) {
        MemorySegment rows = tiles.tile(Tiles.Buffer.LOGITS);
        MemorySegment derivatives = tiles.tile(Tiles.Buffer.GRADIENT);
        loadSeen(tiles, from, count, rows);
        StoredRows.load(tiles, output, from, count, derivatives);
        dots(tiles, rows, derivatives, count);
        for (int i = 0; i < count; i++) {
            products[from + i] = dot(tiles, i);
        }
        if (lengths != null) {
            throughLengths(tiles, rows, derivatives, from, count, products);
            StoredRows.store(tiles, derivatives, output, from, count);
        }
    }

    /** Takes out of each derivative what lies along the embedding, and divides by its length; 0 where that is 0. */
    private void throughLengths(
            Tiles tiles, MemorySegment rows, MemorySegment derivatives, int from, int count, double[] products) {
        for (int i = 0; i < count; i++) {
            double inverse = inverse(length(from + i));
            tiles.setScalars(i, inverse, inverse * products[from + i], 0);
        }
        tiles.runByRow(tiles.step(TileOperation.BLEND, count).a(rows).out(derivatives));
        for (int i = 0; i < count; i++) {
            if (length(from + i) == 0) {
                tiles.zeroRow(derivatives, i);
            }
        }
    }

    /** The length of a row as given. */
    private double length(int row) {
        return lengths == null ? 1 : Math.scalb(lengths[row], exponents[row]);
    }

    /** One over a length; 0 for an embedding of zeros, which has no direction. */
    private static double inverse(double length) {
        return length == 0 ? 0 : 1 / length;
    }

    /** Takes the inner products of the rows of two tiles. */
    private static void dots(Tiles tiles, MemorySegment a, MemorySegment b, int count) {
        tiles.run(tiles.step(TileOperation.CROSS, count).a(a).b(b), 0, 0, 0);
    }

    /** An inner product that was taken; the step returns it with the other sign. */
    private static double dot(Tiles tiles, int row) {
        return 0.0 - tiles.result(2L * row);
    }
}
