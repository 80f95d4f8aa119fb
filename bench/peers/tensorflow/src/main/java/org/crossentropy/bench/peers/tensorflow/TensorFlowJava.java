package org.crossentropy.bench.peers.tensorflow;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.crossentropy.bench.task.Accuracy;
import org.crossentropy.bench.task.Batch;
import org.crossentropy.bench.task.Pass;
import org.crossentropy.bench.task.Subject;
import org.crossentropy.bench.task.Task;
import org.crossentropy.bench.task.Work;
import org.tensorflow.EagerSession;
import org.tensorflow.Operand;
import org.tensorflow.TensorFlow;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.nn.SparseSoftmaxCrossEntropyWithLogits;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * TensorFlow's fused operation, eagerly. It always computes the rows' gradients, too, so the forward pass is no cheaper.
 * These are gradients of the sum: the pass over them that would divide by the number of rows is left out, in TensorFlow's
 * favour.
 */
final class TensorFlowJava implements Subject {

    private final EagerSession session;
    private final int threads;

    TensorFlowJava(int threads) {
        this.threads = threads;
        ConfigProto config = ConfigProto.newBuilder()
                .setIntraOpParallelismThreads(threads)
                .setInterOpParallelismThreads(1)
                .build();
        session = EagerSession.options().config(config).build();
    }

    @Override
    public String detail() {
        return "TensorFlow " + TensorFlow.version() + ", threads " + threads;
    }

    @Override
    public Accuracy accuracy() {
        return Accuracy.ABSOLUTE;
    }

    @Override
    public Work prepare(Task task, Batch batch) {
        task.requireFloat32Apart();
        return switch (task.form()) {
            case SOFTMAX -> new FusedWork(Ops.create(session), task, batch);
            case BINARY ->
                throw new UnsupportedOperationException(
                        "has no operation for it: its Python library composes the loss of seven others");
            default -> throw new UnsupportedOperationException("not measured");
        };
    }

    /** The operation and the mean of what it returns. */
    private static final class FusedWork implements Work {

        private final Ops ops;
        private final Task task;
        private final TFloat32 logitTensor;
        private final TInt32 targetTensor;
        private final Operand<TFloat32> logits;
        private final Operand<TInt32> targets;
        private final Operand<TInt32> axis;
        private float[] gradient = new float[0];
        private float mean;
        private int runs;

        FusedWork(Ops ops, Task task, Batch batch) {
            this.ops = ops;
            this.task = task;
            MemorySegment values = batch.logits().segment();
            logitTensor = TFloat32.tensorOf(
                    Shape.of(task.shape().rows(), task.shape().classes()),
                    DataBuffers.of(values.asByteBuffer()
                            .order(java.nio.ByteOrder.nativeOrder())
                            .asFloatBuffer()));
            targetTensor = TInt32.vectorOf(batch.targets().segment().toArray(ValueLayout.JAVA_INT));
            logits = ops.constantOf(logitTensor);
            targets = ops.constantOf(targetTensor);
            axis = ops.constant(0);
        }

        @Override
        public void run() {
            SparseSoftmaxCrossEntropyWithLogits<TFloat32> fused =
                    SparseSoftmaxCrossEntropyWithLogits.create(ops.scope(), logits, targets);
            Operand<TFloat32> average = ops.math.mean(fused.loss(), axis);
            try (TFloat32 _ = fused.loss().asTensor();
                    TFloat32 backprop = fused.backprop().asTensor();
                    TFloat32 result = average.asTensor()) {
                mean = result.getFloat();
                if (runs++ == 0) {
                    keep(backprop);
                }
            }
        }

        /** Of the first run, in which it is compared with the oracle; never of one that is timed. */
        private void keep(TFloat32 backprop) {
            if (task.pass() == Pass.GRADIENT) {
                gradient = new float[Math.toIntExact(task.shape().elements())];
                backprop.asRawTensor().data().asFloats().read(gradient);
            }
        }

        @Override
        public double loss() {
            return mean;
        }

        @Override
        public double gradient(int row, int column) {
            return gradient[row * task.shape().classes() + column]
                    / (double) task.shape().rows();
        }

        @Override
        public void close() {
            logitTensor.close();
            targetTensor.close();
        }
    }
}
