package org.crossentropy.api;

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
    private final Parallelism parallelism;
    private final MatrixProduct product;
    private final double threshold;
    private final int[] kept;
    private final double[] largest;
    private final DoubleLine line;
    private int count;

    GradientFilter(LinearBuffers buffers, Execution execution, boolean shareable, double threshold) {
        this.buffers = buffers;
        this.head = buffers.head();
        this.parallelism = shareable ? execution.parallelism() : Parallelism.sequential();
        this.product = MatrixProduct.on(execution);
        this.threshold = threshold;
        this.kept = new int[head.classes()];
        this.largest = new double[head.classes()];
        this.line = new DoubleLine(head.width());
    }

    /**
     * Chooses the classes of a chunk.
     *
     * @param derivatives a row for each row of the chunk
     * @return whether leaving the others out is worth it
     */
    boolean choose(Matrix derivatives) {
        inParts(derivatives, derivatives.columns(), (from, some) -> {
            findLargest(derivatives.columns(from, some), from);
        });
        count = 0;
        for (int j = 0; j < largest.length; j++) {
            // NaN is not small.
            if (!(largest[j] < threshold)) {
                kept[count++] = j;
            }
        }
        return count <= WORTHWHILE * largest.length;
    }

    private void findLargest(Matrix derivatives, int first) {
        DoubleLine row = new DoubleLine(derivatives.columns());
        double[] values = row.values;
        double[] peaks = new double[values.length];
        for (long i = 0; i < derivatives.rows(); i++) {
            row.read(derivatives, i);
            for (int j = 0; j < peaks.length; j++) {
                peaks[j] = Math.max(peaks[j], Math.abs(values[j]));
            }
        }
        System.arraycopy(peaks, 0, largest, first, peaks.length);
    }

    /** Moves the derivatives of the classes chosen together, in place. */
    Matrix compact(Matrix derivatives) {
        inParts(derivatives, (int) derivatives.rows(), (from, some) -> {
            DoubleLine row = new DoubleLine(derivatives.columns());
            for (int i = from; i < from + some; i++) {
                row.read(derivatives, i);
                for (int t = 0; t < count; t++) {
                    row.values[t] = row.values[kept[t]];
                }
                row.write(derivatives, i, count);
            }
        });
        return derivatives.columns(0, count);
    }

    /** What is done with some of the rows, or of the columns. */
    private interface Share {
        void run(int from, int count);
    }

    private void inParts(Matrix derivatives, int length, Share share) {
        double elements = derivatives.rows() * (double) derivatives.columns();
        int parts = RowWork.parts(parallelism.threads(), length, elements);
        PartRunner.run(parallelism, parts, part -> {
            int from = (int) ((long) length * part / parts);
            share.run(from, (int) ((long) length * (part + 1) / parts) - from);
        });
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
                line.copy(head.weight(), kept[first + t], panel, t);
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
                line.add(panel, t, gradient, kept[first + t]);
            }
        }
    }
}
