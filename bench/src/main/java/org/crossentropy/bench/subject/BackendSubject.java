package org.crossentropy.bench.subject;

import java.util.stream.IntStream;
import org.crossentropy.api.Backends;
import org.crossentropy.api.BinaryCrossEntropy;
import org.crossentropy.api.ClassMask;
import org.crossentropy.api.Execution;
import org.crossentropy.api.LabelSmoothing;
import org.crossentropy.api.LossCall;
import org.crossentropy.api.LossResult;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.Parallelism;
import org.crossentropy.api.SoftTargets;
import org.crossentropy.api.SoftmaxCrossEntropy;
import org.crossentropy.bench.task.Batch;
import org.crossentropy.bench.task.Form;
import org.crossentropy.bench.task.Pass;
import org.crossentropy.bench.task.Subject;
import org.crossentropy.bench.task.Task;
import org.crossentropy.bench.task.Work;
import org.jspecify.annotations.Nullable;

/** A backend of this library, as an application calls it. In heads it may be told how many rows a chunk has. */
public final class BackendSubject implements Subject {

    private final Execution execution;
    private final int chunkRows;

    /**
     * Takes a backend.
     *
     * @param backend its name
     * @param threads threads, the calling one included
     */
    public BackendSubject(String backend, int threads) {
        this(backend, threads, 0);
    }

    /**
     * Takes a backend and a size of chunks.
     *
     * @param backend its name
     * @param threads threads, the calling one included
     * @param chunkRows rows of logits that working memory is for, 0 for the default
     */
    public BackendSubject(String backend, int threads, int chunkRows) {
        this.chunkRows = chunkRows;
        execution = new Execution(Backends.require(backend), Parallelism.threads(threads));
    }

    @Override
    public String detail() {
        return execution.backend().toString();
    }

    @Override
    public Work prepare(Task task, Batch batch) {
        if (task.form() == Form.LINEAR) {
            return new LinearWork(execution, task, batch, chunkRows);
        }
        if (task.form() == Form.CONTRASTIVE) {
            return new ContrastiveWork(execution, task, batch, chunkRows);
        }
        if (task.pass() == Pass.IN_PLACE) {
            batch.keepPristine();
        }
        return new LossWork(task, batch, caller(task, batch));
    }

    /** Calls a loss; without a gradient where that is null. */
    private interface Caller {
        LossResult call(@Nullable Matrix gradient);
    }

    private Caller caller(Task task, Batch batch) {
        SoftmaxCrossEntropy.Builder softmax = SoftmaxCrossEntropy.builder().execution(execution);
        return switch (task.form()) {
            case SOFTMAX -> indices(softmax.build(), batch);
            case WEIGHTED -> indices(softmax.classWeights(weights(batch)).build(), batch);
            case SMOOTHED ->
                indices(
                        softmax.labelSmoothing(LabelSmoothing.uniform(Batch.SMOOTHING))
                                .build(),
                        batch);
            case SOFT_TARGETS -> {
                SoftmaxCrossEntropy loss = softmax.build();
                SoftTargets targets = SoftTargets.of(batch.targetMatrix());
                yield gradient -> compute(loss.on(batch.logits(), targets), gradient);
            }
            case ROW_MASK, SHARED_MASK -> {
                SoftmaxCrossEntropy loss = softmax.build();
                ClassMask mask = mask(task, batch);
                yield gradient ->
                        compute(loss.on(batch.logits(), batch.targets()).classMask(mask), gradient);
            }
            case BINARY -> {
                BinaryCrossEntropy loss =
                        BinaryCrossEntropy.builder().execution(execution).build();
                yield gradient -> gradient == null
                        ? loss.loss(batch.logits(), batch.targetMatrix())
                        : loss.lossAndGradient(batch.logits(), batch.targetMatrix(), gradient);
            }
            case LINEAR, CONTRASTIVE -> throw new AssertionError("a work of its own");
        };
    }

    private static Caller indices(SoftmaxCrossEntropy loss, Batch batch) {
        return gradient -> gradient == null
                ? loss.loss(batch.logits(), batch.targets())
                : loss.lossAndGradient(batch.logits(), batch.targets(), gradient);
    }

    private static LossResult compute(LossCall<?> call, @Nullable Matrix gradient) {
        return (gradient == null ? call : call.gradient(gradient)).compute();
    }

    private static double[] weights(Batch batch) {
        return IntStream.range(0, batch.shape().classes())
                .mapToDouble(batch::weight)
                .toArray();
    }

    private static ClassMask mask(Task task, Batch batch) {
        return switch (task.form()) {
            case ROW_MASK ->
                ClassMask.perRow(
                        batch.mask(), batch.shape().rows(), batch.shape().classes());
            default -> {
                boolean[] kept = new boolean[batch.shape().classes()];
                for (int column = 0; column < kept.length; column++) {
                    kept[column] = batch.isKept(0, column);
                }
                yield ClassMask.keep(kept);
            }
        };
    }

    /**
     * A loss to be computed again and again. In-place gradients pile up between two {@linkplain #restore restorations},
     * each computed from the one before: numbers from -1/N to 1/N, never subnormal, on which the kernels do the same work
     * as on logits.
     */
    private static final class LossWork implements Work {

        private final Task task;
        private final Batch batch;
        private final Caller caller;
        private @Nullable Matrix gradient;
        private @Nullable LossResult result;

        LossWork(Task task, Batch batch, Caller caller) {
            this.task = task;
            this.batch = batch;
            this.caller = caller;
            gradient = task.pass() == Pass.IN_PLACE ? batch.logits() : null;
        }

        @Override
        public void run() {
            if (gradient == null && task.pass() == Pass.GRADIENT) {
                gradient = batch.newMatrix(task.type());
            }
            result = caller.call(gradient);
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
            if (gradient == null) {
                throw new IllegalStateException("nothing has run");
            }
            return gradient.get(row, column);
        }

        @Override
        public void restore() {
            if (task.pass() == Pass.IN_PLACE) {
                batch.restore();
            }
        }
    }
}
