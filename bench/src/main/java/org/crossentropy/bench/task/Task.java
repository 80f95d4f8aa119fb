package org.crossentropy.bench.task;

import java.util.List;
import java.util.Locale;
import org.crossentropy.api.ElementType;

/**
 * One thing to compute, whoever computes it; written {@code softmax/1024x32000/float32/offheap/forward}.
 *
 * @param form form of the loss
 * @param shape rows and classes
 * @param type element type of logits and gradient
 * @param memory where they lie; libraries with memory of their own take no notice
 * @param pass what of the loss is computed
 */
public record Task(Form form, Shape shape, ElementType type, Memory memory, Pass pass) {

    /** Masks have a byte for each logit. */
    private static final int MASK_BYTES = 1;

    /**
     * Returns the plainest task: softmax cross-entropy in float32, off-heap.
     *
     * @param shape rows and classes
     * @param pass what of the loss is computed
     * @return the task
     */
    public static Task plain(Shape shape, Pass pass) {
        return new Task(Form.SOFTMAX, shape, ElementType.FLOAT32, Memory.OFFHEAP, pass);
    }

    /**
     * Reads what {@link #toString} writes.
     *
     * @param text form, shape, type, memory and pass with slashes between them
     * @return the task
     * @throws IllegalArgumentException if it is something else
     */
    public static Task parse(String text) {
        List<String> parts = List.of(text.split("/", -1));
        if (parts.size() != 5) {
            throw new IllegalArgumentException(
                    "task is '" + text + "', must look like softmax/1024x32000/float32/offheap/forward");
        }
        return new Task(
                Form.of(parts.get(0)),
                Shape.parse(parts.get(1)),
                ElementType.valueOf(parts.get(2).toUpperCase(Locale.ROOT)),
                Memory.valueOf(parts.get(3).toUpperCase(Locale.ROOT)),
                Pass.of(parts.get(4)));
    }

    /**
     * Returns the same task with another pass.
     *
     * @param other the pass
     * @return the task
     */
    public Task with(Pass other) {
        return new Task(form, shape, type, memory, other);
    }

    /**
     * {@return the bytes of the matrix of logits, whether or not somebody holds it}
     */
    public long logitBytes() {
        return shape.elements() * type.bytes();
    }

    /**
     * {@return the bytes of what is read once besides the logits and grows like them: targets or masks}
     */
    public long sideBytes() {
        if (form.hasTargetMatrix()) {
            return logitBytes();
        }
        return form == Form.ROW_MASK ? shape.elements() * MASK_BYTES : 0;
    }

    /**
     * {@return the least number of bytes to move: everything read once, and the gradient written once}
     */
    public long traffic() {
        return logitBytes() * (pass == Pass.FORWARD ? 1 : 2) + sideBytes();
    }

    /**
     * Refuses what other libraries are not measured with.
     *
     * @throws UnsupportedOperationException unless the type is float32 and the gradient, if any, apart from the logits
     */
    public void requireFloat32Apart() {
        if (type != ElementType.FLOAT32 || pass == Pass.IN_PLACE) {
            throw new UnsupportedOperationException("measured in float32 and not in place only");
        }
    }

    /**
     * Returns the floating-point operations of the products of a form that has some: one for the logits, and for gradients
     * two more of the same size.
     *
     * @return operations, 0 where logits are given
     */
    public double productOperations() {
        return shape.productOperations() * (pass == Pass.FORWARD ? 1 : 3);
    }

    @Override
    public String toString() {
        return String.join(
                "/",
                form.toString(),
                shape.toString(),
                type.name().toLowerCase(Locale.ROOT),
                memory.toString(),
                pass.toString());
    }
}
