package org.crossentropy.api;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.crossentropy.api.MatrixProduct.Operand;

/**
 * The products of gradients with the classes left out whose derivatives are small in all rows of a chunk. Where a model is sure
 * of itself these are almost all classes. What is kept is moved together, so that the products are as dense as the full ones,
 * only smaller.
 */
final class GradientFilter implements LinearSweep.GradientProducts {

    /** Above this share of classes kept, moving them costs more than leaving the others out saves. */
    private static final double WORTHWHILE = 0.5;

    private final LinearBuffers buffers;
    private final LinearHead head;
    private final MatrixProduct product;
    private final double threshold;
    private final int[] kept;
    private final double[] largest;
    private final double[] line;
    private int count;

    GradientFilter(LinearBuffers buffers, Execution execution, double threshold) {
        this.buffers = buffers;
        this.head = buffers.head();
        this.product = MatrixProduct.on(execution);
        this.threshold = threshold;
        this.kept = new int[head.classes()];
        this.largest = new double[head.classes()];
        this.line = new double[Math.max(head.classes(), head.width())];
    }

    /**
     * Chooses the classes of a chunk.
     *
     * @param derivatives a row for each row of the chunk
     * @return whether leaving the others out is worth it
     */
    boolean choose(Matrix derivatives) {
        Arrays.fill(largest, 0);
        for (long row = 0; row < derivatives.rows(); row++) {
            read(derivatives, row);
            for (int j = 0; j < largest.length; j++) {
                largest[j] = Math.max(largest[j], Math.abs(line[j]));
            }
        }
        count = 0;
        for (int j = 0; j < largest.length; j++) {
            // NaN is not small.
            if (!(largest[j] < threshold)) {
                kept[count++] = j;
            }
        }
        return count <= WORTHWHILE * largest.length;
    }

    /** Moves the derivatives of the classes chosen together, in place. */
    Matrix compact(Matrix derivatives) {
        for (long row = 0; row < derivatives.rows(); row++) {
            read(derivatives, row);
            for (int t = 0; t < count; t++) {
                line[t] = line[kept[t]];
            }
            write(derivatives, row, count);
        }
        return derivatives.columns(0, count);
    }

    @Override
    public void hiddenGradient(Matrix compacted, double scale, boolean adds, Matrix gradient) {
        if (count == 0 && !adds) {
            gradient.fillZero();
        }
        int step = buffers.plan().panelRows();
        for (int first = 0; first < count; first += step) {
            int some = Math.min(step, count - first);
            Matrix panel = buffers.panel(some);
            for (int t = 0; t < some; t++) {
                read(head.weight(), kept[first + t]);
                write(panel, t, head.width());
            }
            product.multiply(
                    compacted.columns(first, some),
                    Operand.PLAIN,
                    panel,
                    Operand.PLAIN,
                    scale,
                    adds || first > 0 ? 1 : 0,
                    gradient);
        }
    }

    @Override
    public void weightGradient(Matrix compacted, Matrix hidden, double scale, boolean adds, Matrix gradient) {
        if (!adds) {
            gradient.fillZero();
        }
        int step = buffers.plan().panelRows();
        for (int first = 0; first < count; first += step) {
            int some = Math.min(step, count - first);
            Matrix panel = buffers.panel(some);
            product.multiply(
                    compacted.columns(first, some), Operand.TRANSPOSED, hidden, Operand.PLAIN, scale, 0, panel);
            for (int t = 0; t < some; t++) {
                addRow(panel, t, gradient, kept[first + t]);
            }
        }
    }

    private void addRow(Matrix from, long row, Matrix to, long place) {
        read(from, row);
        for (int d = 0; d < to.columns(); d++) {
            line[d] += to.get(place, d);
        }
        write(to, place, to.columns());
    }

    /** Reads a row, whatever its format. */
    private void read(Matrix matrix, long row) {
        MemorySegment segment = matrix.segment();
        long at = row * matrix.rowStride();
        switch (matrix.type()) {
            case FLOAT32 -> {
                for (int j = 0; j < matrix.columns(); j++) {
                    line[j] = segment.get(ValueLayout.JAVA_FLOAT_UNALIGNED, (at + j) * Float.BYTES);
                }
            }
            case FLOAT64 ->
                MemorySegment.copy(
                        segment, ValueLayout.JAVA_DOUBLE_UNALIGNED, at * Double.BYTES, line, 0, matrix.columns());
            case BFLOAT16, FLOAT16 -> {
                for (int j = 0; j < matrix.columns(); j++) {
                    line[j] = matrix.get(row, j);
                }
            }
        }
    }

    private void write(Matrix matrix, long row, int size) {
        MemorySegment segment = matrix.segment();
        long at = row * matrix.rowStride();
        if (matrix.type() == ElementType.FLOAT64) {
            MemorySegment.copy(line, 0, segment, ValueLayout.JAVA_DOUBLE_UNALIGNED, at * Double.BYTES, size);
            return;
        }
        for (int j = 0; j < size; j++) {
            segment.set(ValueLayout.JAVA_FLOAT_UNALIGNED, (at + j) * Float.BYTES, (float) line[j]);
        }
    }
}
