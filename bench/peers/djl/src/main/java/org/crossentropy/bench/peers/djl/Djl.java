package org.crossentropy.bench.peers.djl;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import ai.djl.training.loss.Loss;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.crossentropy.bench.task.Accuracy;
import org.crossentropy.bench.task.Batch;
import org.crossentropy.bench.task.Form;
import org.crossentropy.bench.task.Pass;
import org.crossentropy.bench.task.Subject;
import org.crossentropy.bench.task.Task;
import org.crossentropy.bench.task.Work;

/** DJL's losses and its automatic differentiation, which are PyTorch's under the surface. */
final class Djl implements Subject {

    private final Engine engine;
    private final int threads;

    Djl(int threads) {
        this.threads = threads;
        // Read when the engine starts.
        System.setProperty("ai.djl.pytorch.num_threads", Integer.toString(threads));
        System.setProperty("ai.djl.pytorch.num_interop_threads", "1");
        engine = Engine.getEngine("PyTorch");
    }

    @Override
    public String detail() {
        return "DJL " + Engine.getDjlVersion() + ", " + engine.getEngineName() + " " + engine.getVersion()
                + ", threads " + threads;
    }

    @Override
    public Accuracy accuracy() {
        return Accuracy.ABSOLUTE;
    }

    @Override
    public Work prepare(Task task, Batch batch) {
        task.requireFloat32Apart();
        return switch (task.form()) {
            case SOFTMAX, BINARY -> new DjlWork(engine, task, batch);
            default -> throw new UnsupportedOperationException("not measured");
        };
    }

    /** A loss of arrays that live as long as the work. */
    private static final class DjlWork implements Work {

        private final Engine engine;
        private final Task task;
        private final NDManager manager;
        private final Loss loss;
        private final NDList logits;
        private final NDList targets;
        private float[] gradient = new float[0];
        private float mean;

        DjlWork(Engine engine, Task task, Batch batch) {
            this.engine = engine;
            this.task = task;
            manager = engine.newBaseManager();
            Shape shape = new Shape(task.shape().rows(), task.shape().classes());
            loss = task.form() == Form.SOFTMAX ? Loss.softmaxCrossEntropyLoss() : Loss.sigmoidBinaryCrossEntropyLoss();
            NDArray values = manager.create(batch.logits().segment().toArray(ValueLayout.JAVA_FLOAT), shape);
            values.setRequiresGradient(task.pass() == Pass.GRADIENT);
            logits = new NDList(values);
            targets = new NDList(
                    task.form() == Form.SOFTMAX
                            ? manager.create(
                                    Arrays.stream(batch.targets().segment().toArray(ValueLayout.JAVA_INT))
                                            .asLongStream()
                                            .toArray())
                            : manager.create(batch.targetMatrix().segment().toArray(ValueLayout.JAVA_FLOAT), shape));
        }

        @Override
        public void run() {
            if (task.pass() == Pass.FORWARD) {
                try (NDArray result = loss.evaluate(targets, logits)) {
                    mean = result.getFloat();
                }
                return;
            }
            try (GradientCollector collector = engine.newGradientCollector()) {
                collector.zeroGradients();
                try (NDArray result = loss.evaluate(targets, logits)) {
                    collector.backward(result);
                    mean = result.getFloat();
                }
            }
        }

        @Override
        public double loss() {
            return mean;
        }

        @Override
        public double gradient(int row, int column) {
            if (gradient.length == 0) {
                try (NDArray values = logits.singletonOrThrow().getGradient()) {
                    gradient = values.toFloatArray();
                }
            }
            return gradient[row * task.shape().classes() + column];
        }

        @Override
        public void close() {
            manager.close();
        }
    }
}
