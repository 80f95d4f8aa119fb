package org.crossentropy.bench.subject;

import java.util.Arrays;
import org.crossentropy.api.Backends;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.Execution;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.MatrixProduct;
import org.crossentropy.api.MatrixProduct.Operand;
import org.crossentropy.api.Parallelism;
import org.crossentropy.bench.task.Batch;
import org.crossentropy.bench.task.Pass;
import org.crossentropy.bench.task.Shape;
import org.crossentropy.bench.task.Subject;
import org.crossentropy.bench.task.Task;
import org.crossentropy.bench.task.Work;

/**
 * The limit of a head: its bare products on the native backend, without a loss between them. The logits of a chunk of rows
 * are taken for their gradient; by default all rows are one chunk.
 */
public final class ProductPeak implements Subject {

    /** Which products. */
    public enum Part {
        /** All that the pass needs: the first, or all three. */
        ALL(Subjects.PRODUCTS, "all products"),

        /** Hidden states times weight transposed. */
        LOGITS(Subjects.PRODUCTS + "-logits", "logits"),

        /** Gradient of the logits times weight. */
        HIDDEN(Subjects.PRODUCTS + "-hidden", "gradient of hidden states"),

        /** Gradient of the logits transposed times hidden states, added up over chunks. */
        WEIGHT(Subjects.PRODUCTS + "-weight", "gradient of weight");

        private final String id;
        private final String title;

        Part(String id, String title) {
            this.id = id;
            this.title = title;
        }

        static Part of(String id) {
            return Arrays.stream(values())
                    .filter(part -> part.id.equals(id))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("no products are called '" + id + "'"));
        }

        /**
         * {@return what documents call it}
         */
        public String title() {
            return title;
        }

        /**
         * {@return the name of the subject}
         */
        public String id() {
            return id;
        }
    }

    private final Part part;
    private final Execution execution;
    private final int chunkRows;

    /**
     * Takes a number of threads.
     *
     * @param part which products
     * @param threads threads, the calling one included
     * @param chunkRows rows of a chunk, 0 for all
     */
    public ProductPeak(Part part, int threads, int chunkRows) {
        this.part = part;
        this.execution = new Execution(Backends.require("native"), Parallelism.threads(threads));
        this.chunkRows = chunkRows;
    }

    @Override
    public boolean isProbe() {
        return true;
    }

    @Override
    public String detail() {
        return "matrix product, " + execution.backend();
    }

    @Override
    public double operations(Task task) {
        return part == Part.ALL ? task.productOperations() : task.shape().productOperations();
    }

    @Override
    public Work prepare(Task task, Batch batch) {
        return new Products(task, batch);
    }

    private final class Products implements Work {

        private final MatrixProduct product = MatrixProduct.on(execution);
        private final Shape shape;
        private final boolean withGradients;
        private final int rows;
        private final Matrix hidden;
        private final Matrix weight;
        private final Matrix logits;
        private final Matrix hiddenGradient;
        private final Matrix weightGradient;

        Products(Task task, Batch batch) {
            shape = task.shape();
            withGradients = task.pass() == Pass.GRADIENT;
            rows = chunkRows == 0 ? shape.rows() : Math.min(chunkRows, shape.rows());
            hidden = batch.hidden();
            weight = batch.weight();
            ElementType type = task.type();
            logits = batch.newMatrix(type, rows, shape.classes());
            hiddenGradient = LinearWork.written(batch, type, makes(Part.HIDDEN) ? shape.rows() : 0);
            weightGradient = LinearWork.written(batch, type, makes(Part.WEIGHT) ? shape.classes() : 0);
            product.multiply(
                    hidden.rows(0, rows), Operand.PLAIN, weight, Operand.TRANSPOSED, 1.0 / shape.rows(), 0, logits);
        }

        private boolean makes(Part product) {
            return (part == Part.ALL || part == product) && (product == Part.LOGITS || withGradients);
        }

        @Override
        public void run() {
            for (int from = 0; from < shape.rows(); from += rows) {
                int count = Math.min(rows, shape.rows() - from);
                Matrix some = hidden.rows(from, count);
                Matrix chunk = logits.rows(0, count);
                if (makes(Part.LOGITS)) {
                    product.multiply(some, Operand.PLAIN, weight, Operand.TRANSPOSED, 1, 0, chunk);
                }
                if (makes(Part.WEIGHT)) {
                    int adds = from == 0 ? 0 : 1;
                    product.multiply(chunk, Operand.TRANSPOSED, some, Operand.PLAIN, 1, adds, weightGradient);
                }
                if (makes(Part.HIDDEN)) {
                    product.multiply(
                            chunk, Operand.PLAIN, weight, Operand.PLAIN, 1, 0, hiddenGradient.rows(from, count));
                }
            }
        }

        @Override
        public double loss() {
            return logits.get(0, 0);
        }

        @Override
        public double gradient(int row, int column) {
            return hiddenGradient.get(row, column);
        }

        @Override
        public double weightGradient(int row, int column) {
            return weightGradient.get(row, column);
        }
    }
}
