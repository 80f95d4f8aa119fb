package org.crossentropy.bench.subject;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ServiceLoader;
import org.crossentropy.api.Backend;
import org.crossentropy.api.Backends;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.spi.BackendProvider;
import org.crossentropy.api.spi.LossKernels;
import org.crossentropy.api.spi.SoftmaxRows;
import org.crossentropy.bench.task.Batch;
import org.crossentropy.bench.task.Form;
import org.crossentropy.bench.task.Pass;
import org.crossentropy.bench.task.Shape;
import org.crossentropy.bench.task.Subject;
import org.crossentropy.bench.task.Task;
import org.crossentropy.bench.task.Work;

/**
 * The kernels of a backend without the facade, on one thread: what {@link BackendSubject} takes beyond this is checking
 * arguments, splitting the batch and adding up.
 */
public final class KernelSubject implements Subject {

    private static final long ALIGNMENT = 64;

    /** Rows of one call: as many as the facade hands over at most. */
    private static final int CALL_ROWS = 512;

    private final Backend backend;
    private final LossKernels kernels;

    /**
     * Takes a backend.
     *
     * @param name its name
     */
    public KernelSubject(String name) {
        backend = Backends.require(name);
        kernels = ServiceLoader.load(BackendProvider.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(provider -> provider.name().equals(name))
                .findFirst()
                .orElseThrow()
                .open();
    }

    @Override
    public String detail() {
        return "kernels of " + backend;
    }

    @Override
    public Work prepare(Task task, Batch batch) {
        if (task.form() != Form.SOFTMAX || task.type() != ElementType.FLOAT32 || task.pass() == Pass.IN_PLACE) {
            throw new UnsupportedOperationException("kernels alone are measured with plain losses in float32 only");
        }
        return new Calls(task, batch);
    }

    private final class Calls implements Work {

        /** Automatic like the memory of the facade: that of a shared arena is acquired and released by every native call. */
        private final Arena arena = Arena.ofAuto();

        private final SoftmaxRows rows = new SoftmaxRows();
        private final Shape shape;
        private final boolean withGradient;
        private final MemorySegment targets;
        private final MemorySegment losses;
        private final MemorySegment gradient;

        Calls(Task task, Batch batch) {
            shape = task.shape();
            withGradient = task.pass() == Pass.GRADIENT;
            targets = batch.targets().segment();
            losses = arena.allocate((long) shape.rows() * Double.BYTES, ALIGNMENT);
            gradient = batch.newMatrix(ElementType.FLOAT32).segment();
            double scale = 1.0 / shape.rows();
            int classes = shape.classes();
            rows.logits(ElementType.FLOAT32, batch.logits().segment(), classes, classes)
                    .classWeights(MemorySegment.NULL, classes)
                    .gradient(gradient, classes)
                    .coefficients(arena.allocateFrom(ValueLayout.JAVA_DOUBLE, scale, 0, scale), 0)
                    .workspace(arena.allocate(kernels.workspaceBytes(ElementType.FLOAT32, classes), ALIGNMENT));
            select(0);
        }

        @Override
        public void run() {
            for (int row = 0; row < shape.rows(); row += CALL_ROWS) {
                if (shape.rows() > CALL_ROWS) {
                    select(row);
                }
                if (withGradient) {
                    kernels.softmaxGradient(rows);
                } else {
                    kernels.softmaxForward(rows);
                }
            }
        }

        private void select(int row) {
            rows.range(row, Math.min(CALL_ROWS, shape.rows() - row))
                    .targets(targets, row)
                    .rowOutputs(losses.asSlice((long) row * Double.BYTES), MemorySegment.NULL, MemorySegment.NULL);
        }

        @Override
        public double loss() {
            double sum = 0;
            for (int row = 0; row < shape.rows(); row++) {
                sum += losses.getAtIndex(ValueLayout.JAVA_DOUBLE, row);
            }
            return sum / shape.rows();
        }

        @Override
        public double gradient(int row, int column) {
            return gradient.getAtIndex(ValueLayout.JAVA_FLOAT, (long) row * shape.classes() + column);
        }
    }
}
