package org.crossentropy.bench.peers.pytorch;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.crossentropy.bench.task.Accuracy;
import org.crossentropy.bench.task.Batch;
import org.crossentropy.bench.task.Form;
import org.crossentropy.bench.task.Pass;
import org.crossentropy.bench.task.Subject;
import org.crossentropy.bench.task.Task;
import org.crossentropy.bench.task.Work;

/** PyTorch's own functions and its automatic differentiation, as its C++ interface offers them. */
final class PyTorch implements Subject {

    private static final Pattern VERSION = Pattern.compile("TORCH_VERSION=([0-9.]+)");

    PyTorch(int threads) {
        torch.set_num_threads(threads);
    }

    @Override
    public String detail() {
        String config = torch.show_config().getString();
        Matcher version = VERSION.matcher(config);
        return "PyTorch " + (version.find() ? version.group(1) : "of unknown version") + ", "
                + torch.get_cpu_capability().getString() + ", threads " + torch.get_num_threads() + ", "
                + LoadedOpenBlas.describe();
    }

    @Override
    public Accuracy accuracy() {
        return Accuracy.ABSOLUTE;
    }

    @Override
    public Work prepare(Task task, Batch batch) {
        task.requireFloat32Apart();
        return switch (task.form()) {
            case SOFTMAX -> new TorchWork(task, batch, classIndices(batch));
            case BINARY ->
                new TorchWork(task, batch, matrix(task, batch.targetMatrix().segment()));
            case LINEAR -> new TorchHead(task, batch);
            default -> throw new UnsupportedOperationException("not measured");
        };
    }

    static Tensor classIndices(Batch batch) {
        int[] indices = batch.targets().segment().toArray(ValueLayout.JAVA_INT);
        try (PointerScope _ = new PointerScope()) {
            return retained(Tensor.create(indices, indices.length).toType(ScalarType.Long));
        }
    }

    private static Tensor matrix(Task task, MemorySegment values) {
        return matrix(task.shape().rows(), task.shape().classes(), values);
    }

    static Tensor matrix(long rows, long columns, MemorySegment values) {
        try (PointerScope _ = new PointerScope()) {
            Tensor tensor = retained(torch.empty(rows, columns));
            memory(tensor).copyFrom(values);
            return tensor;
        }
    }

    private static Tensor retained(Tensor tensor) {
        tensor.retainReference();
        return tensor;
    }

    static MemorySegment memory(Tensor tensor) {
        long bytes = tensor.numel() * Float.BYTES;
        return MemorySegment.ofAddress(tensor.data_ptr().address()).reinterpret(bytes);
    }

    /** A loss; its gradient is what automatic differentiation leaves with the logits. */
    private static final class TorchWork implements Work {

        private final Task task;
        private final Tensor logits;
        private final Tensor targets;
        private double loss;

        TorchWork(Task task, Batch batch, Tensor targets) {
            this.task = task;
            this.targets = targets;
            logits = matrix(task, batch.logits().segment());
            logits.set_requires_grad(task.pass() == Pass.GRADIENT);
        }

        @Override
        public void run() {
            try (PointerScope _ = new PointerScope()) {
                if (task.pass() == Pass.GRADIENT) {
                    // As zero_grad does: the old gradient goes, and the new one is not added to it.
                    logits.mutable_grad().reset();
                }
                Tensor mean = task.form() == Form.SOFTMAX
                        ? torch.cross_entropy_loss(logits, targets)
                        : torch.binary_cross_entropy_with_logits(logits, targets);
                if (task.pass() == Pass.GRADIENT) {
                    mean.backward();
                }
                loss = mean.item_double();
            }
        }

        @Override
        public double loss() {
            return loss;
        }

        @Override
        public double gradient(int row, int column) {
            try (PointerScope _ = new PointerScope()) {
                long index = (long) row * task.shape().classes() + column;
                return memory(logits.grad()).getAtIndex(ValueLayout.JAVA_FLOAT, index);
            }
        }

        @Override
        public void close() {
            logits.close();
            targets.close();
        }
    }
}
