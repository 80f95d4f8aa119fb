package org.crossentropy.bench.peers.pytorch;

import java.lang.foreign.ValueLayout;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.crossentropy.bench.task.Batch;
import org.crossentropy.bench.task.Pass;
import org.crossentropy.bench.task.Shape;
import org.crossentropy.bench.task.Task;
import org.crossentropy.bench.task.Work;

/** A linear layer and the loss of its outputs, differentiated by both factors: how heads are written in PyTorch. */
final class TorchHead implements Work {

    private final Shape shape;
    private final boolean withGradients;
    private final Tensor hidden;
    private final Tensor weight;
    private final Tensor targets;
    private double loss;

    TorchHead(Task task, Batch batch) {
        shape = task.shape();
        withGradients = task.pass() == Pass.GRADIENT;
        hidden = PyTorch.matrix(shape.rows(), shape.width(), batch.hidden().segment());
        weight = PyTorch.matrix(shape.classes(), shape.width(), batch.weight().segment());
        targets = PyTorch.classIndices(batch);
        hidden.set_requires_grad(withGradients);
        weight.set_requires_grad(withGradients);
    }

    @Override
    public void run() {
        try (PointerScope _ = new PointerScope()) {
            if (withGradients) {
                // As zero_grad does: the old gradients go, and the new ones are not added to them.
                hidden.mutable_grad().reset();
                weight.mutable_grad().reset();
            }
            Tensor mean = torch.cross_entropy_loss(torch.linear(hidden, weight), targets);
            if (withGradients) {
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
        return element(hidden, row, column);
    }

    @Override
    public double weightGradient(int row, int column) {
        return element(weight, row, column);
    }

    private double element(Tensor of, int row, int column) {
        try (PointerScope _ = new PointerScope()) {
            long index = (long) row * shape.width() + column;
            return PyTorch.memory(of.grad().contiguous()).getAtIndex(ValueLayout.JAVA_FLOAT, index);
        }
    }

    /** Backward makes gradients anew. */
    @Override
    public long lateBytes() {
        return withGradients ? (hidden.numel() + weight.numel()) * Float.BYTES : 0;
    }

    @Override
    public void close() {
        hidden.close();
        weight.close();
        targets.close();
    }
}
