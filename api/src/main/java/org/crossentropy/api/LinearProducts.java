package org.crossentropy.api;

import java.lang.foreign.MemorySegment;
import org.crossentropy.api.MatrixProduct.Operand;

/** The products of a head: logits of a chunk, and what their gradient adds to those of hidden states, weight and bias. */
final class LinearProducts implements LinearSweep.GradientProducts {

    /** What is done with some classes of the weight. */
    private interface PanelWork {
        void on(int firstClass, Matrix weights);
    }

    private final LinearHead head;
    private final LinearBuffers buffers;
    private final Execution execution;
    private final boolean shareable;
    private final MatrixProduct product;
    private final MemorySegment bias;

    LinearProducts(LinearBuffers buffers, Execution execution, boolean shareable) {
        this.head = buffers.head();
        this.buffers = buffers;
        this.execution = execution;
        this.shareable = shareable;
        this.product = MatrixProduct.on(execution);
        this.bias = bias();
    }

    /** The bias in the format computed in. */
    private MemorySegment bias() {
        Matrix given = head.bias();
        if (given == null || given.type() == head.type()) {
            return given == null ? MemorySegment.NULL : given.segment();
        }
        Matrix widened = Matrix.of(head.type(), buffers.biasRoom(), 1, head.classes());
        new DoubleLine(head.classes()).copy(given, 0, widened, 0);
        return widened.segment();
    }

    /** Makes the logits of some hidden states. */
    void logits(Matrix hidden, Matrix logits) {
        long bytes = bias.byteSize();
        for (long row = 0; row < logits.rows() && bytes > 0; row++) {
            MemorySegment.copy(bias, 0, logits.segment(), row * bytes, bytes);
        }
        int accumulate = bytes > 0 ? 1 : 0;
        forEachPanel((first, weights) -> product.multiply(
                hidden, Operand.PLAIN, weights, Operand.TRANSPOSED, 1, accumulate, logits.columns(first, (int)
                        weights.rows())));
    }

    @Override
    public void hiddenGradient(Matrix derivatives, double scale, boolean adds, Matrix gradient) {
        forEachPanel((first, weights) -> product.multiply(
                derivatives.columns(first, (int) weights.rows()),
                Operand.PLAIN,
                weights,
                Operand.PLAIN,
                scale,
                adds || first > 0 ? 1 : 0,
                gradient));
    }

    @Override
    public void weightGradient(Matrix derivatives, Matrix hidden, double scale, boolean adds, Matrix gradient) {
        int step = LinearMemory.isDirect(gradient)
                ? head.classes()
                : buffers.plan().panelRows();
        for (int first = 0; first < head.classes(); first += step) {
            int count = Math.min(step, head.classes() - first);
            product.multiply(
                    derivatives.columns(first, count),
                    Operand.TRANSPOSED,
                    hidden,
                    Operand.PLAIN,
                    scale,
                    adds ? 1 : 0,
                    gradient.rows(first, count));
        }
    }

    /** Adds to the gradient of the bias: a sum over rows is a product with ones. */
    void biasGradient(Matrix derivatives, double scale, boolean adds, Matrix gradient) {
        Matrix ones = buffers.ones((int) derivatives.rows());
        for (int i = 0; i < ones.columns(); i++) {
            ones.set(0, i, 1);
        }
        product.multiply(ones, Operand.PLAIN, derivatives, Operand.PLAIN, scale, adds ? 1 : 0, gradient);
    }

    /** Goes through the weight, as a whole where products can use it as it is. */
    private void forEachPanel(PanelWork work) {
        Matrix weight = head.weight();
        if (LinearMemory.isDirect(weight)) {
            work.on(0, weight);
            return;
        }
        int step = buffers.plan().panelRows();
        for (int first = 0; first < head.classes(); first += step) {
            int count = Math.min(step, head.classes() - first);
            Matrix some = weight.rows(first, count);
            work.on(first, weight.type() == head.type() ? some : widened(some));
        }
    }

    private Matrix widened(Matrix stored) {
        Matrix panel = buffers.panel((int) stored.rows());
        if (head.width() == 0) {
            return panel;
        }
        TileWork.run(execution, shareable, stored, tiles -> (from, rows) -> {
            MemorySegment out = panel.rows(from, rows).segment();
            StoredRows.load(tiles, stored, from, rows, out);
        });
        return panel;
    }
}
