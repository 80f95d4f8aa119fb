package org.crossentropy.app.bench;

import java.util.List;

/**
 * A loss of float32 logits of a shape.
 *
 * @param loss the loss
 * @param rows number of rows, at least 1
 * @param columns elements of a row, at least 1: the classes
 */
public record Workload(LossKind loss, int rows, int columns) {

    /** Few classes, a thousand, and two vocabularies of language models; then as many elements as a large layer has. */
    public static final List<Workload> USUAL = List.of(
            new Workload(LossKind.SOFTMAX, 65536, 10),
            new Workload(LossKind.SOFTMAX, 8192, 1000),
            new Workload(LossKind.SOFTMAX, 1024, 32000),
            new Workload(LossKind.SOFTMAX, 256, 128256),
            new Workload(LossKind.BINARY, 4096, 4096));

    /**
     * The memory of one matrix.
     *
     * @return bytes
     */
    public long matrixBytes() {
        return (long) rows * columns * Float.BYTES;
    }

    /**
     * The memory that measuring takes: what is read, the gradient, and another one to compare it with.
     *
     * @return bytes
     */
    public long memory() {
        return (loss.read() + 2) * matrixBytes();
    }

    /**
     * The memory that a pass has to move at least: matrices read, and written.
     *
     * @param pass the pass
     * @return bytes
     */
    public long traffic(Pass pass) {
        return (loss.read() + pass.written()) * matrixBytes();
    }

    /**
     * Returns the same with as few rows as memory asks for.
     *
     * @param most bytes that it may take
     * @return this, or with half the rows, or a quarter, and so on
     */
    public Workload within(long most) {
        Workload fitting = this;
        while (fitting.memory() > most && fitting.rows > 1) {
            fitting = new Workload(loss, fitting.rows / 2, columns);
        }
        return fitting;
    }

    /**
     * {@return rows and columns, as the user says them}
     */
    public String shape() {
        return rows + "x" + columns;
    }

    /** Loss and shape, for people. */
    @Override
    public String toString() {
        return loss + " " + shape();
    }
}
