package org.crossentropy.bench.peers.nd4j;

import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import org.crossentropy.bench.task.Accuracy;
import org.crossentropy.bench.task.Batch;
import org.crossentropy.bench.task.Form;
import org.crossentropy.bench.task.Pass;
import org.crossentropy.bench.task.Subject;
import org.crossentropy.bench.task.Task;
import org.crossentropy.bench.task.Work;
import org.nd4j.common.config.ND4JClassLoading;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;

/** The loss operations of ND4J, those that samediff and Deeplearning4j use, called directly. */
final class Nd4jArrays implements Subject {

    private final int threads;

    Nd4jArrays(int threads) {
        this.threads = threads;
        ND4JClassLoading.setNd4jClassloaderFromClass(Nd4jArrays.class);
        Nd4j.getEnvironment().setMaxThreads(threads);
        Nd4j.getEnvironment().setMaxMasterThreads(threads);
    }

    @Override
    public String detail() {
        // The version is nowhere but in the name of the file: nd4j-api-1.0.0-M2.1.jar.
        Path file = Path.of(
                Nd4j.class.getProtectionDomain().getCodeSource().getLocation().getPath());
        return String.valueOf(file.getFileName()).replace("nd4j-api-", "ND4J ").replace(".jar", "") + ", "
                + Nd4j.getExecutioner().getClass().getSimpleName() + ", threads " + threads;
    }

    /** The mean of 16 million losses comes out 0.5 % too large. */
    @Override
    public Accuracy accuracy() {
        return Accuracy.COARSE;
    }

    @Override
    public Work prepare(Task task, Batch batch) {
        task.requireFloat32Apart();
        return switch (task.form()) {
            case SOFTMAX, BINARY -> new OperationWork(task, batch);
            default -> throw new UnsupportedOperationException("not measured");
        };
    }

    /** One operation, or two where the gradient is wanted: its operation does not return the loss. */
    private static final class OperationWork implements Work {

        private static final int MEAN = 2;

        private final Task task;
        private final INDArray logits;
        private final INDArray targets;
        private final INDArray weights = Nd4j.scalar(DataType.FLOAT, 1);
        private final INDArray losses;
        private final INDArray gradient;
        private final INDArray gradientOfTargets;
        private final INDArray gradientOfWeights = Nd4j.scalar(DataType.FLOAT, 0);
        private double mean;

        OperationWork(Task task, Batch batch) {
            this.task = task;
            long[] shape = {task.shape().rows(), task.shape().classes()};
            boolean softmax = task.form() == Form.SOFTMAX;
            logits = Nd4j.createFromArray(batch.logits().segment().toArray(ValueLayout.JAVA_FLOAT))
                    .reshape(shape);
            targets = softmax
                    ? Nd4j.createFromArray(batch.targets().segment().toArray(ValueLayout.JAVA_INT))
                    : Nd4j.createFromArray(batch.targetMatrix().segment().toArray(ValueLayout.JAVA_FLOAT))
                            .reshape(shape);
            losses = softmax ? Nd4j.create(DataType.FLOAT, shape[0]) : Nd4j.scalar(DataType.FLOAT, 0);
            boolean withGradient = task.pass() == Pass.GRADIENT;
            gradient = withGradient ? Nd4j.create(DataType.FLOAT, shape) : Nd4j.empty();
            gradientOfTargets = withGradient && !softmax ? Nd4j.create(DataType.FLOAT, shape) : Nd4j.empty();
        }

        @Override
        public void run() {
            if (task.form() == Form.SOFTMAX) {
                softmax();
            } else {
                binary();
            }
        }

        private void softmax() {
            Nd4j.exec(DynamicCustomOp.builder("sparse_softmax_cross_entropy_loss_with_logits")
                    .addInputs(targets, logits)
                    .addOutputs(losses)
                    .build());
            mean = losses.meanNumber().doubleValue();
            if (task.pass() == Pass.GRADIENT) {
                Nd4j.exec(DynamicCustomOp.builder("sparse_softmax_cross_entropy_loss_with_logits_grad")
                        .addInputs(targets, logits)
                        .addOutputs(gradient)
                        .build());
            }
        }

        private void binary() {
            Nd4j.exec(DynamicCustomOp.builder("sigm_cross_entropy_loss")
                    .addInputs(logits, weights, targets)
                    .addOutputs(losses)
                    .addIntegerArguments(MEAN)
                    .addFloatingPointArguments(0.0)
                    .build());
            mean = losses.getDouble(0);
            if (task.pass() == Pass.GRADIENT) {
                Nd4j.exec(DynamicCustomOp.builder("sigm_cross_entropy_loss_grad")
                        .addInputs(logits, weights, targets)
                        .addOutputs(gradient, gradientOfWeights, gradientOfTargets)
                        .addIntegerArguments(MEAN)
                        .addFloatingPointArguments(0.0)
                        .build());
            }
        }

        @Override
        public double loss() {
            return mean;
        }

        /** The operation for class indices returns the gradient of the sum. */
        @Override
        public double gradient(int row, int column) {
            double value = gradient.getDouble(row, column);
            return task.form() == Form.SOFTMAX ? value / task.shape().rows() : value;
        }

        @Override
        public void close() {
            for (INDArray array : new INDArray[] {logits, targets, losses, gradient, gradientOfTargets}) {
                if (array.closeable()) {
                    array.close();
                }
            }
        }
    }
}
