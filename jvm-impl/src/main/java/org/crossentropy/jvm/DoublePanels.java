package org.crossentropy.jvm;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * A copy of part of a factor in the order in which {@link DoubleProductTile} reads it: panels of a few rows, each column by
 * column. The columns of a right factor are the rows of its transpose.
 *
 * <p>Stored rows are first copied to the heap a few at a time, in whatever memory they are, and then moved in vectors.
 * Where they are columns, pieces of them go to each panel. Where they are rows, they are interleaved, fours of them and at
 * last perhaps two, then what comes of that again, until one line is left, which is the panel.
 */
final class DoublePanels {

    private static final VectorSpecies<Double> SPECIES = VectorWidth.DOUBLES;
    private static final int WIDTH = SPECIES.length();

    /** Stored rows copied at a time, if they are columns: enough to follow each other in a panel for some lines. */
    private static final int LINES = 4;

    /** Elements of all rows of a panel that are interleaved at a time: two such copies fit in the first-level cache. */
    private static final int CHUNK = 2048;

    /** Each lane of the first half of a vector twice. */
    private static final VectorShuffle<Double> LOW = VectorShuffle.fromOp(SPECIES, lane -> lane / 2);

    /** The same of the second half. */
    private static final VectorShuffle<Double> HIGH = VectorShuffle.fromOp(SPECIES, lane -> (WIDTH + lane) / 2);

    /** Every second lane. */
    private static final VectorMask<Double> ODD = VectorMask.fromLong(SPECIES, 0xAAAA_AAAA_AAAA_AAAAL);

    private final MatrixView matrix;
    private final int height;
    private final int spacing;
    private final int lineLength;
    private final double[] lines;
    private final double[] even;
    private final double[] odd;

    /** The panels, one after the other. */
    final double[] elements;

    /**
     * Makes room.
     *
     * @param matrix the factor, or the transpose of it
     * @param height rows of a panel
     * @param spacing elements from one column of a panel to the next: a power of 2, height or more
     * @param rows the most rows to copy at a time
     * @param columns the most columns
     */
    DoublePanels(MatrixView matrix, int height, int spacing, int rows, int columns) {
        this.matrix = matrix;
        this.height = height;
        this.spacing = spacing;
        int count = (rows + height - 1) / height;
        boolean whole = matrix.transposed();
        lineLength = whole ? count * height + WIDTH : padded(columns);
        lines = new double[(whole ? LINES : spacing) * lineLength];
        even = new double[whole ? 0 : CHUNK];
        odd = new double[whole ? 0 : CHUNK];
        elements = new double[count * length(columns)];
    }

    /** {@return the elements from one panel to the next, of so many columns} */
    int length(int columns) {
        return padded(columns) * spacing + WIDTH;
    }

    private static int padded(int columns) {
        return (columns + WIDTH - 1) / WIDTH * WIDTH;
    }

    /** Copies a part of the matrix, times a factor. A panel of fewer rows is filled up with anything. */
    void copy(int row, int rows, int column, int columns, double factor) {
        if (matrix.transposed()) {
            for (int p = 0; p < columns; p += LINES) {
                int count = Math.min(LINES, columns - p);
                for (int line = 0; line < count; line++) {
                    load(matrix.index(row, column + p + line), line, rows, factor);
                }
                distribute(lines, lineLength, count, rows, height, elements, p * spacing, spacing, length(columns));
            }
        } else {
            for (int i = 0, panel = 0; i < rows; i += height, panel += length(columns)) {
                for (int line = 0; line < Math.min(height, rows - i); line++) {
                    load(matrix.index(row + i + line, column), line, columns, factor);
                }
                int chunk = CHUNK / spacing;
                for (int p = 0; p < columns; p += chunk) {
                    interleave(p, Math.min(chunk, padded(columns) - p), panel + p * spacing);
                }
            }
        }
    }

    private void load(long index, int line, int count, double factor) {
        int start = line * lineLength;
        MemorySegment.copy(matrix.segment(), JAVA_DOUBLE_UNALIGNED, index * Double.BYTES, lines, start, count);
        if (factor != 1.0) {
            for (int j = 0; j < count; j++) {
                lines[start + j] *= factor;
            }
        }
    }

    /** Copies pieces of some columns to all panels. Whole vectors: what is too much is overwritten, or never read. */
    private static void distribute(
            double[] lines,
            int lineLength,
            int count,
            int rows,
            int height,
            double[] to,
            int start,
            int spacing,
            int length) {
        for (int i = 0, panel = start; i < rows; i += height, panel += length) {
            for (int line = 0; line < count; line++) {
                for (int j = 0; j < height; j += WIDTH) {
                    DoubleVector.fromArray(SPECIES, lines, line * lineLength + i + j)
                            .intoArray(to, panel + line * spacing + j);
                }
            }
        }
    }

    /** Interleaves elements of all lines into a panel. */
    private void interleave(int start, int length, int panel) {
        double[] from = lines;
        double[] next = even;
        double[] other = odd;
        int first = start;
        int stride = lineLength;
        int left = spacing;
        while (left > 1) {
            int ways = left == 2 ? 2 : 4;
            left /= ways;
            double[] to = left == 1 ? elements : next;
            int at = left == 1 ? panel : 0;
            for (int i = 0; i < left; i++) {
                if (ways == 4) {
                    interleaveFour(from, first + i * stride, left * stride, length, to, at + 4 * i * length);
                } else {
                    interleaveTwo(from, first + i * stride, left * stride, length, to, at + 2 * i * length);
                }
            }
            next = other;
            other = to;
            from = to;
            first = 0;
            length *= ways;
            stride = length;
        }
    }

    private static void interleaveTwo(double[] from, int first, int stride, int length, double[] to, int at) {
        for (int j = 0; j < length; j += WIDTH) {
            DoubleVector x0 = DoubleVector.fromArray(SPECIES, from, first + j);
            DoubleVector x1 = DoubleVector.fromArray(SPECIES, from, first + stride + j);
            low(x0, x1).intoArray(to, at + 2 * j);
            high(x0, x1).intoArray(to, at + 2 * j + WIDTH);
        }
    }

    private static void interleaveFour(double[] from, int first, int stride, int length, double[] to, int at) {
        for (int j = 0; j < length; j += WIDTH) {
            DoubleVector x0 = DoubleVector.fromArray(SPECIES, from, first + j);
            DoubleVector x1 = DoubleVector.fromArray(SPECIES, from, first + stride + j);
            DoubleVector x2 = DoubleVector.fromArray(SPECIES, from, first + 2 * stride + j);
            DoubleVector x3 = DoubleVector.fromArray(SPECIES, from, first + 3 * stride + j);
            DoubleVector x02 = low(x0, x2);
            DoubleVector x13 = low(x1, x3);
            low(x02, x13).intoArray(to, at + 4 * j);
            high(x02, x13).intoArray(to, at + 4 * j + WIDTH);
            x02 = high(x0, x2);
            x13 = high(x1, x3);
            low(x02, x13).intoArray(to, at + 4 * j + 2 * WIDTH);
            high(x02, x13).intoArray(to, at + 4 * j + 3 * WIDTH);
        }
    }

    /** The first halves of two vectors, their lanes in turn. C2 has no shuffle of two lanes, and would allocate them. */
    private static DoubleVector low(DoubleVector x, DoubleVector y) {
        return WIDTH == 2 ? x.withLane(1, y.lane(0)) : x.rearrange(LOW).blend(y.rearrange(LOW), ODD);
    }

    /** The second halves. */
    private static DoubleVector high(DoubleVector x, DoubleVector y) {
        return WIDTH == 2 ? y.withLane(0, x.lane(1)) : x.rearrange(HIGH).blend(y.rearrange(HIGH), ODD);
    }
}
