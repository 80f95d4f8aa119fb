package org.crossentropy.api;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * How the working memory of a head is used: rows of a chunk, and what each piece is for. Data that are off-heap in the format
 * computed in need no copies; those of 16 bits are widened, and rows that do not follow each other are gathered.
 */
final class LinearMemory {

    private static final long ALIGNMENT = 64;

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

    private LinearMemory(
            LinearHead head, LinearGradients gradients, RowInputs inputs, long chosen, long budget, boolean filters) {
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
        this.panelRows = panelRows(budget, stateBytes);
        boolean usesPanels = head.weight().type() != head.type() || (filters && gradients.any());
        this.panelBytes = usesPanels ? panelRows * stateBytes : 0;
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
     * @param filters whether the classes of gradients are filtered
     * @throws IllegalArgumentException if it is too small for one row
     */
    static LinearMemory plan(
            LinearHead head, LinearGradients gradients, RowInputs inputs, long chosen, long budget, boolean filters) {
        return new LinearMemory(head, gradients, inputs, chosen, budget, filters);
    }

    /** Whether products can use a matrix where it is. */
    static boolean isDirect(Matrix matrix) {
        return matrix.type().arithmetic() == matrix.type() && matrix.segment().isNative();
    }

    /** A share of the memory, but no more than is left beside the one row that must fit. */
    private int panelRows(long budget, long stateBytes) {
        long room = Math.min(budget / PANEL_SHARE, budget - bytesBesidePanel(1));
        return Math.clamp(room / Math.max(1, stateBytes), 1, head.classes());
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
        return bytesBesidePanel(rows) + panelBytes;
    }

    private long bytesBesidePanel(long rows) {
        int pieces = 8;
        return rows * rowBytes() + biasBytes + (pieces + 1) * ALIGNMENT;
    }

    /** Rows of a chunk. */
    int chunkRows() {
        return chunkRows;
    }

    /** Classes of a piece of the weight, where it is not used as a whole. */
    int panelRows() {
        return panelRows;
    }

    /** Rejects a lent workspace that cannot be used. */
    static void check(@Nullable MemorySegment workspace, CallBuffers buffers) {
        if (workspace != null && !workspace.isNative()) {
            throw new IllegalArgumentException(
                    "workspace is on the heap, must be off-heap: allocate it by an Arena, such as Arena.ofShared()");
        }
        buffers.output("workspace", workspace);
    }

    /** Runs some work with the pieces in a lent workspace, or in memory that is given back at the end. */
    <R> R with(@Nullable MemorySegment workspace, Function<LinearBuffers, R> work) {
        if (workspace != null) {
            return work.apply(over(workspace));
        }
        try (Arena arena = Arena.ofShared()) {
            return work.apply(over(arena.allocate(bytes(chunkRows), ALIGNMENT)));
        }
    }

    /** Cuts memory into the pieces. */
    private LinearBuffers over(MemorySegment memory) {
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
            this.at = aligned(0);
        }

        /** The first offset from one on whose address is a multiple of the alignment; the memory's own need not be. */
        private long aligned(long offset) {
            return offset + (-(memory.address() + offset) & (ALIGNMENT - 1));
        }

        MemorySegment cut(long bytes) {
            MemorySegment piece = memory.asSlice(at, bytes);
            at = aligned(at + bytes);
            return piece;
        }
    }
}
