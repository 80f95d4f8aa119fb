package org.crossentropy.bench.subject;

import org.crossentropy.api.Backends;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.Execution;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.MatrixProduct;
import org.crossentropy.api.Parallelism;
import org.crossentropy.bench.task.Batch;
import org.crossentropy.bench.task.Subject;
import org.crossentropy.bench.task.Task;
import org.crossentropy.bench.task.Work;

/** The product of square matrices of the native backend; the task says their size: rows. */
public final class MatrixPeak implements Subject {

    private final Execution execution;

    /**
     * Takes a number of threads.
     *
     * @param threads threads, the calling one included
     */
    public MatrixPeak(int threads) {
        execution = new Execution(Backends.require("native"), Parallelism.threads(threads));
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
        return 2.0 * Math.pow(task.shape().rows(), 3);
    }

    @Override
    public Work prepare(Task task, Batch batch) {
        Matrix a = batch.logits();
        Matrix b = batch.newMatrix(ElementType.FLOAT32);
        b.segment().copyFrom(a.segment());
        Matrix c = batch.newMatrix(ElementType.FLOAT32);
        MatrixProduct product = MatrixProduct.on(execution);
        return new Work() {
            @Override
            public void run() {
                product.multiply(a, b, c);
            }

            @Override
            public double loss() {
                return c.get(0, 0);
            }

            @Override
            public double gradient(int row, int column) {
                return c.get(row, column);
            }
        };
    }
}
