package org.crossentropy.jvm;

import org.crossentropy.api.ElementType;

/**
 * Where things lie in the workspace of a row kernel, in bytes. A step of {@code LANES} elements is 128 bytes and a block
 * of 32 steps 4096 bytes for both element types.
 */
final class RowWorkspace {

    /** Bytes of one element for each lane. */
    static final int STEP_BYTES = 128;

    /** Bytes of a block of logits. */
    static final int BLOCK_BYTES = 32 * STEP_BYTES;

    /** F: partial sums of exponentials within a block, one element per lane. */
    static final long EXP_PARTIALS = 0;

    /** G: partial sums of shifted logits within a block, one element per lane. */
    static final long SPREAD_PARTIALS = EXP_PARTIALS + STEP_BYTES;

    /** D: sums of exponentials over the blocks, one double per lane. */
    static final long EXP_SUMS = SPREAD_PARTIALS + STEP_BYTES;

    /** E: sums of shifted logits over the blocks, one double per lane. */
    static final long SPREAD_SUMS = EXP_SUMS + 2 * STEP_BYTES;

    /** A copy of a block of logits. */
    static final long BLOCK = SPREAD_SUMS + 2 * STEP_BYTES;

    /** A copy of the class weights that belong to a block. */
    static final long BLOCK_WEIGHTS = BLOCK + BLOCK_BYTES;

    /** The maximum of each block, then the running maximum after it, one element per block. */
    static final long BLOCK_MAXIMA = BLOCK_WEIGHTS + BLOCK_BYTES;

    private RowWorkspace() {}

    /**
     * {@return the size of the whole}
     *
     * @param type element type of the logits
     * @param classes number of classes
     */
    static long bytes(ElementType type, int classes) {
        long blocks = ((long) classes * type.bytes() + BLOCK_BYTES - 1) / BLOCK_BYTES;
        return BLOCK_MAXIMA + blocks * type.bytes();
    }
}
