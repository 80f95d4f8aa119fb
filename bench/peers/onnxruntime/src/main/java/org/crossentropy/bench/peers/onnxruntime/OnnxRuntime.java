package org.crossentropy.bench.peers.onnxruntime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.util.Map;
import org.crossentropy.api.ElementType;
import org.crossentropy.bench.task.Accuracy;
import org.crossentropy.bench.task.Batch;
import org.crossentropy.bench.task.Form;
import org.crossentropy.bench.task.Pass;
import org.crossentropy.bench.task.Subject;
import org.crossentropy.bench.task.Task;
import org.crossentropy.bench.task.Work;

/** ONNX Runtime with a model of one node, SoftmaxCrossEntropyLoss. */
final class OnnxRuntime implements Subject {

    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private final int threads;

    OnnxRuntime(int threads) {
        this.threads = threads;
    }

    @Override
    public String detail() {
        return "ONNX Runtime " + environment.getVersion() + ", threads " + threads;
    }

    @Override
    public Accuracy accuracy() {
        return Accuracy.ABSOLUTE;
    }

    @Override
    public Work prepare(Task task, Batch batch) {
        if (task.form() != Form.SOFTMAX) {
            throw new UnsupportedOperationException("ONNX has no operator for it");
        }
        if (task.pass() != Pass.FORWARD) {
            throw new UnsupportedOperationException(
                    "gradients are in its builds for training only, not in those on Maven Central");
        }
        if (task.type() != ElementType.FLOAT32) {
            throw new UnsupportedOperationException("measured in float32 only");
        }
        try {
            return new ModelWork(environment, threads, task, batch);
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A session with the model, and its inputs. */
    private static final class ModelWork implements Work {

        private final OrtSession session;
        private final OnnxTensor logits;
        private final OnnxTensor targets;
        private double loss;

        ModelWork(OrtEnvironment environment, int threads, Task task, Batch batch) throws OrtException {
            try (SessionOptions options = new SessionOptions()) {
                options.setIntraOpNumThreads(threads);
                options.setInterOpNumThreads(1);
                session = environment.createSession(LossModel.bytes(), options);
            }
            int rows = task.shape().rows();
            long[] shape = {rows, task.shape().classes()};
            ByteBuffer values = batch.logits().segment().asByteBuffer().order(ByteOrder.nativeOrder());
            logits = OnnxTensor.createTensor(environment, values.asFloatBuffer(), shape);
            LongBuffer indices = ByteBuffer.allocateDirect(rows * Long.BYTES)
                    .order(ByteOrder.nativeOrder())
                    .asLongBuffer();
            for (int index : batch.targets().segment().toArray(ValueLayout.JAVA_INT)) {
                indices.put(index);
            }
            targets = OnnxTensor.createTensor(environment, indices.flip(), new long[] {rows});
        }

        @Override
        public void run() {
            try (OrtSession.Result result = session.run(Map.of(LossModel.LOGITS, logits, LossModel.TARGETS, targets))) {
                loss = ((Float) result.get(0).getValue()).doubleValue();
            } catch (OrtException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public double loss() {
            return loss;
        }

        @Override
        public double gradient(int row, int column) {
            throw new UnsupportedOperationException("no gradient");
        }

        @Override
        public void close() {
            try {
                session.close();
            } catch (OrtException e) {
                throw new IllegalStateException(e);
            }
            logits.close();
            targets.close();
        }
    }
}
