package org.crossentropy.bench.subject;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.Execution;
import org.crossentropy.api.LinearCrossEntropy;
import org.crossentropy.api.LinearCrossEntropyCall;
import org.crossentropy.api.LossResult;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.SoftmaxCrossEntropy;
import org.crossentropy.bench.task.Batch;
import org.crossentropy.bench.task.Pass;
import org.crossentropy.bench.task.Task;
import org.crossentropy.bench.task.Work;
import org.jspecify.annotations.Nullable;

/**
 * The head of a language model by this library, with gradients in the format computed in. With the default working memory
 * each call allocates it; for a number of rows it is lent, as a training loop does, and kept from the first run on.
 */
final class LinearWork implements Work {

    /** What working memory is for besides rows of logits: the alignment of its pieces. */
    private static final long SLACK = 1024;

    private static final long ALIGNMENT = 4096;

    private final Arena arena = Arena.ofShared();
    private final Batch batch;
    private final LinearCrossEntropy head;
    private final long workspaceBytes;
    private final @Nullable Matrix hiddenGradient;
    private final @Nullable Matrix weightGradient;
    private @Nullable MemorySegment workspace;
    private @Nullable LossResult result;

    /**
     * Makes it ready. Memory of gradients is written here, so that what the first run adds to the memory of the process is
     * working memory.
     *
     * @param execution where to compute
     * @param task what of it
     * @param batch data
     * @param chunkRows rows of logits that working memory is for, 0 for the default
     */
    LinearWork(Execution execution, Task task, Batch batch, int chunkRows) {
        if (task.pass() == Pass.IN_PLACE) {
            throw new UnsupportedOperationException("a head has no logits that a gradient could overwrite");
        }
        this.batch = batch;
        ElementType computed = task.type().arithmetic();
        SoftmaxCrossEntropy loss =
                SoftmaxCrossEntropy.builder().execution(execution).build();
        head = LinearCrossEntropy.of(loss);
        long rowBytes = (long) task.shape().classes() * computed.bytes();
        workspaceBytes = chunkRows == 0 ? 0 : chunkRows * rowBytes + SLACK;
        boolean withGradients = task.pass() == Pass.GRADIENT;
        hiddenGradient = withGradients ? written(batch, computed, task.shape().rows()) : null;
        weightGradient = withGradients ? written(batch, computed, task.shape().classes()) : null;
    }

    static Matrix written(Batch batch, ElementType type, int rows) {
        Matrix matrix = batch.newMatrix(type, rows, batch.shape().width());
        matrix.segment().fill((byte) 0);
        return matrix;
    }

    @Override
    public void run() {
        LinearCrossEntropyCall call = head.on(batch.hidden(), batch.weight(), batch.targets());
        if (hiddenGradient != null && weightGradient != null) {
            call.hiddenGradient(hiddenGradient).weightGradient(weightGradient);
        }
        if (workspaceBytes > 0) {
            if (workspace == null) {
                workspace = arena.allocate(workspaceBytes, ALIGNMENT);
            }
            call.workspace(workspace);
        }
        result = call.compute();
    }

    @Override
    public double loss() {
        if (result == null) {
            throw new IllegalStateException("nothing has run");
        }
        return result.mean();
    }

    @Override
    public double gradient(int row, int column) {
        return element(hiddenGradient, row, column);
    }

    @Override
    public double weightGradient(int row, int column) {
        return element(weightGradient, row, column);
    }

    static double element(@Nullable Matrix gradient, int row, int column) {
        if (gradient == null) {
            throw new IllegalStateException("no gradient was asked for");
        }
        return gradient.get(row, column);
    }

    @Override
    public void close() {
        arena.close();
    }
}
