package org.crossentropy.jvm;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.crossentropy.api.spi.TileOperation;
import org.crossentropy.api.spi.TileStep;

/**
 * One step on a tile: its operands, the loop over its rows with their scalars, and what is the same for both element
 * types. One object serves one step. {@link ScalarFloatTile} and {@link ScalarDoubleTile} do a row one element after the
 * other; {@link VectorFloatTile} and {@link VectorDoubleTile} do as many as fill vectors, and leave the rest to them.
 *
 * <p>Most methods work on the elements of one row, which begins at the index {@code start} of a tile, from the column
 * {@code first} on.
 */
abstract class TileLoop {

    /** Lanes of the sums of {@link TileOperation#CROSS}. */
    static final int LANES = 16;

    /** Elements of a row. */
    final int columns;

    final MemorySegment out;
    final MemorySegment a;
    final MemorySegment b;
    final MemorySegment c;
    final MemorySegment column;
    final MemorySegment results;

    /** Whether out, c and column are given. */
    final boolean wantOut;

    final boolean hasC;
    final boolean hasColumn;

    /** The scalars of the row in work. */
    double r0;

    double r1;
    double r2;

    private final TileOperation operation;
    private final int rows;
    private final boolean sharedC;
    private final MemorySegment scalars;
    private final int scalarStep;

    /** The sums of {@link TileOperation#CROSS} over a row, lane by lane. */
    private final double[] sums;

    private final double[] masses;

    /**
     * Prepares one step.
     *
     * @param step what to do
     */
    TileLoop(TileStep step) {
        this.operation = step.operation();
        this.out = step.out();
        this.a = step.a();
        this.b = step.b();
        this.c = step.c();
        this.column = step.column();
        this.scalars = step.scalars();
        this.results = step.results();
        this.wantOut = RowSums.isPresent(out);
        this.hasC = RowSums.isPresent(c);
        this.hasColumn = RowSums.isPresent(column);
        this.sharedC = step.sharedC();
        this.scalarStep = step.scalarStep();
        long elements = (long) step.rows() * step.columns();
        boolean flat = rowsAreAlike() && elements <= Integer.MAX_VALUE;
        this.rows = flat ? 1 : step.rows();
        this.columns = flat ? (int) elements : step.columns();
        int lanes = operation == TileOperation.CROSS ? LANES : 0;
        this.sums = new double[lanes];
        this.masses = new double[lanes];
    }

    /** Whether the tile can be taken for one long row, which saves short rows their beginnings and ends. */
    private boolean rowsAreAlike() {
        return switch (operation) {
            case CENTER, CROSS, ORDER, RANGE -> false;
            default -> scalarStep == 0 && !hasColumn && !sharedC;
        };
    }

    /** Whether the operation is computed in double by functions of many steps. */
    final boolean isTranscendental() {
        return switch (operation) {
            case SHAPE, EXP, LOG, LOGISTIC, SIGMOID_SQUARED, BERNOULLI -> true;
            default -> false;
        };
    }

    /** Does the step. */
    final void run() {
        for (int row = 0; row < rows; row++) {
            readScalars(row);
            run(row, (long) row * columns);
        }
    }

    private void readScalars(int row) {
        if (RowSums.isPresent(scalars)) {
            long triple = (long) row * scalarStep;
            r0 = scalars.getAtIndex(JAVA_DOUBLE, triple);
            r1 = scalars.getAtIndex(JAVA_DOUBLE, triple + 1);
            r2 = scalars.getAtIndex(JAVA_DOUBLE, triple + 2);
        }
    }

    private void run(int row, long start) {
        switch (operation) {
            case WIDEN_BFLOAT16 -> widenBfloat16(start, 0);
            case WIDEN_FLOAT16 -> widenFloat16(start, 0);
            case NARROW_BFLOAT16 -> narrowBfloat16(start, 0);
            case NARROW_FLOAT16 -> narrowFloat16(start, 0);
            case SHAPE -> shape(start, 0);
            case SHAPE_GRADIENT -> shapeGradient(start, 0);
            case MASK -> mask(start, sharedC ? 0 : start, 0);
            case CENTER -> putResult(row, center(start));
            case TARGETS -> targets(start, 0);
            case CROSS -> cross(row, start);
            case BLEND -> blend(start, 0);
            case TILT -> tilt(start, 0);
            case EXP -> exp(start, 0);
            case LOG -> log(start, 0);
            case RATIO -> ratio(start, 0);
            case LOGISTIC -> logistic(start, 0);
            case SIGMOID_SQUARED -> sigmoidSquared(start, 0);
            case BERNOULLI -> bernoulli(start, 0);
            case ORDER -> order(row, start);
            case RANGE -> putResult(row, firstOutside(start, 0));
        }
    }

    void widenBfloat16(long start, int first) {
        throw ofFloatAlone();
    }

    void widenFloat16(long start, int first) {
        throw ofFloatAlone();
    }

    void narrowBfloat16(long start, int first) {
        throw ofFloatAlone();
    }

    void narrowFloat16(long start, int first) {
        throw ofFloatAlone();
    }

    private AssertionError ofFloatAlone() {
        return new AssertionError(operation + " is of float alone");
    }

    abstract void shape(long start, int first);

    abstract void shapeGradient(long start, int first);

    abstract void mask(long start, long maskStart, int first);

    /** Moves the largest element of a row to 0 and returns it. */
    abstract double center(long start);

    abstract void targets(long start, int first);

    private void cross(int row, long start) {
        Arrays.fill(sums, 0.0);
        Arrays.fill(masses, 0.0);
        addCross(start, 0, sums, masses);
        putResult(2L * row, LaneTree.sum(sums, LANES));
        putResult(2L * row + 1, LaneTree.sum(masses, LANES));
    }

    /** Adds elements to the lanes of both sums; {@code first} is a multiple of {@link #LANES}. */
    abstract void addCross(long start, int first, double[] sums, double[] masses);

    abstract void blend(long start, int first);

    abstract void tilt(long start, int first);

    abstract void exp(long start, int first);

    abstract void log(long start, int first);

    abstract void ratio(long start, int first);

    abstract void logistic(long start, int first);

    abstract void sigmoidSquared(long start, int first);

    abstract void bernoulli(long start, int first);

    private void order(int row, long start) {
        int largest = indexOfLargest(start);
        int target = (int) r0;
        putResult(2L * row, largest);
        putResult(2L * row + 1, largest < 0 || target < 0 ? -1 : rank(start, target));
    }

    /** The first of the largest elements of a row; -1 if one is NaN or all are -inf. */
    abstract int indexOfLargest(long start);

    /** How many elements of a row without NaN come before the target in descending order. */
    abstract int rank(long start, int target);

    /** The first column with an element below r0 or above r1, or -1. */
    abstract int firstOutside(long start, int first);

    /** Stores a result, NaN in its one form. */
    final void putResult(long i, double value) {
        results.setAtIndex(JAVA_DOUBLE, i, Double.isNaN(value) ? Double.NaN : value);
    }
}
