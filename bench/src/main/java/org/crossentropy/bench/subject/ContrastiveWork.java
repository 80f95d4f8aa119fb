package org.crossentropy.bench.subject;

import org.crossentropy.api.ContrastiveResult;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.Execution;
import org.crossentropy.api.InfoNce;
import org.crossentropy.api.Matrix;
import org.crossentropy.bench.task.Batch;
import org.crossentropy.bench.task.Pass;
import org.crossentropy.bench.task.Task;
import org.crossentropy.bench.task.Work;
import org.jspecify.annotations.Nullable;

/** The loss of CLIP by this library. */
final class ContrastiveWork implements Work {

    private final Batch batch;
    private final InfoNce loss;
    private final @Nullable Matrix queryGradient;
    private final @Nullable Matrix keyGradient;
    private @Nullable ContrastiveResult result;

    /**
     * Makes it ready; memory of gradients is written here.
     *
     * @param execution where to compute
     * @param task what of it
     * @param batch data
     * @param chunkRows rows of similarities whose size bounds working memory, 0 for the default
     */
    ContrastiveWork(Execution execution, Task task, Batch batch, int chunkRows) {
        if (task.type().arithmetic() != task.type()) {
            throw new UnsupportedOperationException("measured in float32 and float64 only");
        }
        if (task.pass() == Pass.IN_PLACE) {
            throw new UnsupportedOperationException("a product has no logits that a gradient could overwrite");
        }
        this.batch = batch;
        InfoNce plain = InfoNce.clip(Batch.LOGIT_SCALE).execution(execution);
        long rowBytes = (long) task.shape().classes() * task.type().bytes();
        loss = chunkRows == 0 ? plain : plain.workingMemory(chunkRows * rowBytes);
        boolean withGradients = task.pass() == Pass.GRADIENT;
        ElementType type = task.type();
        queryGradient =
                withGradients ? LinearWork.written(batch, type, task.shape().rows()) : null;
        keyGradient =
                withGradients ? LinearWork.written(batch, type, task.shape().classes()) : null;
    }

    @Override
    public void run() {
        result = queryGradient == null || keyGradient == null
                ? loss.loss(batch.hidden(), batch.weight())
                : loss.lossAndGradients(batch.hidden(), batch.weight(), queryGradient, keyGradient);
    }

    @Override
    public double loss() {
        if (result == null) {
            throw new IllegalStateException("nothing has run");
        }
        return result.value();
    }

    @Override
    public double gradient(int row, int column) {
        return LinearWork.element(queryGradient, row, column);
    }

    @Override
    public double weightGradient(int row, int column) {
        return LinearWork.element(keyGradient, row, column);
    }
}
