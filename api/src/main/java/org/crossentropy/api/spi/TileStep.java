package org.crossentropy.api.spi;

import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.crossentropy.api.ElementType;

/**
 * One {@linkplain TileOperation operation} on a tile: some rows of a matrix that were copied into working memory small
 * enough to stay in the cache. Losses beyond plain softmax cross-entropy are short sequences of such steps around the
 * softmax kernels. Mutable and reusable, like {@link SoftmaxRows}; kernels read it and never keep it.
 *
 * <p>All memory is off-heap and of an arena (not of a mapped file, which the JVM takes for another kind), accessible to the
 * calling thread and aligned to its elements. Tiles are tight: element (i, j) lies at index {@code i * columns + j}. Absent
 * operands are {@link MemorySegment#NULL}. Nothing is validated.
 */
public final class TileStep {

    /** Doubles from one row's scalars to the next, unless all rows share them. */
    public static final int SCALARS = 3;

    private TileOperation operation = TileOperation.CENTER;
    private ElementType type = ElementType.FLOAT32;
    private int rows;
    private int columns = 1;
    private MemorySegment out = MemorySegment.NULL;
    private MemorySegment a = MemorySegment.NULL;
    private MemorySegment b = MemorySegment.NULL;
    private MemorySegment c = MemorySegment.NULL;
    private boolean sharedC;
    private MemorySegment column = MemorySegment.NULL;
    private MemorySegment scalars = MemorySegment.NULL;
    private int scalarStep;
    private MemorySegment results = MemorySegment.NULL;

    /** Creates a step without operands. */
    public TileStep() {}

    /**
     * Begins a step: sets what is done and to how much, and makes every operand absent.
     *
     * @param operation what is done
     * @param type format of the elements, {@link ElementType#FLOAT32} or {@link ElementType#FLOAT64}
     * @param rows number of rows, at least 0
     * @param columns elements of a row, at least 1
     * @return this
     */
    public TileStep begin(TileOperation operation, ElementType type, int rows, int columns) {
        this.operation = Objects.requireNonNull(operation, "operation");
        this.type = Objects.requireNonNull(type, "type");
        this.rows = rows;
        this.columns = columns;
        out = MemorySegment.NULL;
        a = MemorySegment.NULL;
        b = MemorySegment.NULL;
        c = MemorySegment.NULL;
        sharedC = false;
        column = MemorySegment.NULL;
        scalars = MemorySegment.NULL;
        scalarStep = 0;
        results = MemorySegment.NULL;
        return this;
    }

    /**
     * Sets the tile that is written.
     *
     * @param out rows x columns
     * @return this
     */
    public TileStep out(MemorySegment out) {
        this.out = Objects.requireNonNull(out, "out");
        return this;
    }

    /**
     * Sets the first operand.
     *
     * @param a rows x columns
     * @return this
     */
    public TileStep a(MemorySegment a) {
        this.a = Objects.requireNonNull(a, "a");
        return this;
    }

    /**
     * Sets the second operand.
     *
     * @param b rows x columns
     * @return this
     */
    public TileStep b(MemorySegment b) {
        this.b = Objects.requireNonNull(b, "b");
        return this;
    }

    /**
     * Sets the third operand.
     *
     * @param c rows x columns, or one row
     * @param shared whether it is one row for all rows; for {@link TileOperation#MASK} alone
     * @return this
     */
    public TileStep c(MemorySegment c, boolean shared) {
        this.c = Objects.requireNonNull(c, "c");
        this.sharedC = shared;
        return this;
    }

    /**
     * Sets the values that belong to the columns.
     *
     * @param column one element a column
     * @return this
     */
    public TileStep column(MemorySegment column) {
        this.column = Objects.requireNonNull(column, "column");
        return this;
    }

    /**
     * Sets the scalars r0, r1, r2.
     *
     * @param scalars {@code double} triples, one a row or one for all
     * @param scalarStep doubles from one row's to the next: {@link #SCALARS}, or 0 where all rows share one triple
     * @return this
     */
    public TileStep scalars(MemorySegment scalars, int scalarStep) {
        this.scalars = Objects.requireNonNull(scalars, "scalars");
        this.scalarStep = scalarStep;
        return this;
    }

    /**
     * Sets where results go that are not elements of a tile.
     *
     * @param results {@code double}, as many as the operation says
     * @return this
     */
    public TileStep results(MemorySegment results) {
        this.results = Objects.requireNonNull(results, "results");
        return this;
    }

    /**
     * {@return what is done}
     */
    public TileOperation operation() {
        return operation;
    }

    /**
     * {@return format of the elements}
     */
    public ElementType type() {
        return type;
    }

    /**
     * {@return number of rows}
     */
    public int rows() {
        return rows;
    }

    /**
     * {@return elements of a row}
     */
    public int columns() {
        return columns;
    }

    /**
     * {@return the tile that is written}
     */
    public MemorySegment out() {
        return out;
    }

    /**
     * {@return the first operand}
     */
    public MemorySegment a() {
        return a;
    }

    /**
     * {@return the second operand}
     */
    public MemorySegment b() {
        return b;
    }

    /**
     * {@return the third operand}
     */
    public MemorySegment c() {
        return c;
    }

    /**
     * {@return whether the third operand is one row for all rows}
     */
    public boolean sharedC() {
        return sharedC;
    }

    /**
     * {@return one element a column, or {@link MemorySegment#NULL}}
     */
    public MemorySegment column() {
        return column;
    }

    /**
     * {@return triples r0, r1, r2}
     */
    public MemorySegment scalars() {
        return scalars;
    }

    /**
     * {@return doubles from one row's scalars to the next, 0 or {@link #SCALARS}}
     */
    public int scalarStep() {
        return scalarStep;
    }

    /**
     * {@return where results go that are not elements of a tile}
     */
    public MemorySegment results() {
        return results;
    }
}
