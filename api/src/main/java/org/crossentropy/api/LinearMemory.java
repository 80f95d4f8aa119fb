package org.crossentropy.api;

import java.lang.foreign.MemorySegment;

/**
 * How the working memory of a head is used: rows of a chunk, and what each piece is for. Data that are off-heap in the format
 * computed in need no copies; those of 16 bits are widened, and rows that do not follow each other are gathered.
 */
final class LinearMemory {

    static final long ALIGNMENT = 64;

    /** The share of the memory that pieces of the weight may take. */
    private static final int PANEL_SHARE = 8;

    /** Rows of a chunk are a multiple of this where there are enough, so that few register tiles are cut. */
    private static final int GRAIN = 16;

    private final LinearHead head;
    private final int chunkRows;
    private final int panelRows;
    private final long hiddenBytes;
    private final long gradientBytes;
    private final long targetBytes;
    private final long maskBytes;
    private final long oneBytes;
    private final long biasBytes;
    private final long panelBytes;

    private LinearMemory(LinearHead head, LinearGradients gradients, RowInputs inputs, long chosen, long budget) {
        this.head = head;
        boolean gathers = chosen < head.hidden().rows();
        long type = head.type().bytes();
        long stateBytes = head.width() * type;
        this.hiddenBytes = gathers || !isDirect(head.hidden()) ? stateBytes : 0;
        this.gradientBytes = gradients.hidden() != null && (gathers || !isDirect(gradients.hidden())) ? stateBytes : 0;
        this.targetBytes = gathers ? inputs.targetBytes() : 0;
        this.maskBytes = gathers ? inputs.maskBytes() : 0;
        this.oneBytes = gradients.bias() == null ? 0 : type;
        this.biasBytes = head.bias() == null || head.bias().type() == head.type() ? 0 : head.classes() * type;
        this.panelRows = Math.clamp(budget / PANEL_SHARE / Math.max(1, stateBytes), 1, head.classes());
        this.panelBytes = head.weight().type() == head.type() ? 0 : panelRows * stateBytes;
        this.chunkRows = balanced(chosen, mostRows(budget));
    }

    /**
     * Divides working memory up.
     *
     * @param head inputs
     * @param gradients gradients asked for
     * @param inputs inputs of rows
     * @param chosen number of rows that count
     * @param budget bytes
     * @throws IllegalArgumentException if it is too small for one row
     */
    static LinearMemory plan(LinearHead head, LinearGradients gradients, RowInputs inputs, long chosen, long budget) {
        return new LinearMemory(head, gradients, inputs, chosen, budget);
    }

    /** Whether products can use a matrix where it is. */
    static boolean isDirect(Matrix matrix) {
        return matrix.type().arithmetic() == matrix.type() && matrix.segment().isNative();
    }

    private long mostRows(long budget) {
        long most = (budget - bytes(0)) / rowBytes();
        if (most < 1) {
            throw new IllegalArgumentException("working memory is " + budget + " bytes, one row of "
                    + head.classes() + " logits needs " + bytes(1)
                    + "; raise workingMemory, or lend a larger workspace");
        }
        return Math.min(most, Integer.MAX_VALUE - GRAIN);
    }

    /** Chunks of equal size, rather than a small one at the end that products would be slow on. */
    static int balanced(long rows, long most) {
        long chunks = Math.max(1, Math.ceilDiv(rows, most));
        long even = Math.ceilDiv(Math.ceilDiv(rows, chunks), GRAIN) * GRAIN;
        return (int) Math.clamp(even, 1, most);
    }

    private long rowBytes() {
        return (long) head.classes() * head.type().bytes()
                + hiddenBytes
                + gradientBytes
                + targetBytes
                + maskBytes
                + oneBytes;
    }

    /** Bytes for chunks of some rows; each piece begins aligned. */
    private long bytes(long rows) {
        int pieces = 8;
        return rows * rowBytes() + biasBytes + panelBytes + (pieces + 1) * ALIGNMENT;
    }

    /** What all pieces need. */
    long bytes() {
        return bytes(chunkRows);
    }

    /** Rows of a chunk. */
    int chunkRows() {
        return chunkRows;
    }

    /** Classes of a piece of the weight, where it is not used as a whole. */
    int panelRows() {
        return panelRows;
    }

    /** Cuts memory of {@link #bytes} or more into the pieces. */
    LinearBuffers over(MemorySegment memory) {
        Cutter cutter = new Cutter(memory);
        return new LinearBuffers(
                head,
                this,
                cutter.cut((long) chunkRows * head.classes() * head.type().bytes()),
                cutter.cut(chunkRows * hiddenBytes),
                cutter.cut(chunkRows * gradientBytes),
                cutter.cut(chunkRows * targetBytes),
                cutter.cut(chunkRows * maskBytes),
                cutter.cut(chunkRows * oneBytes),
                cutter.cut(biasBytes),
                cutter.cut(panelBytes));
    }

    /** Takes one piece after the other. */
    private static final class Cutter {
        private final MemorySegment memory;
        private long at;

        Cutter(MemorySegment memory) {
            this.memory = memory;
            this.at = -memory.address() & (ALIGNMENT - 1);
        }

        MemorySegment cut(long bytes) {
            MemorySegment piece = memory.asSlice(at, bytes);
            at = (at + bytes + ALIGNMENT - 1) & -ALIGNMENT;
            return piece;
        }
    }
}
