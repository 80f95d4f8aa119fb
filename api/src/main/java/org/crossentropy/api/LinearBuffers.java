package org.crossentropy.api;

import java.lang.foreign.MemorySegment;

/**
 * The pieces of the working memory of a head, empty where they are not needed.
 *
 * @param head what the logits are made of
 * @param plan the size of chunks and panels
 * @param logitRoom logits of a chunk, and then their gradient
 * @param hiddenRoom its hidden states
 * @param gradientRoom their gradient
 * @param targetRoom its soft targets
 * @param maskRoom its mask
 * @param oneRoom a one for each row
 * @param biasRoom the bias in the format computed in
 * @param panelRoom some classes of the weight in the format computed in
 */
record LinearBuffers(
        LinearHead head,
        LinearMemory plan,
        MemorySegment logitRoom,
        MemorySegment hiddenRoom,
        MemorySegment gradientRoom,
        MemorySegment targetRoom,
        MemorySegment maskRoom,
        MemorySegment oneRoom,
        MemorySegment biasRoom,
        MemorySegment panelRoom) {

    Matrix logits(int rows) {
        return Matrix.of(head.type(), logitRoom, rows, head.classes());
    }

    Matrix hidden(int rows) {
        return Matrix.of(head.type(), hiddenRoom, rows, head.width());
    }

    Matrix hiddenGradient(int rows) {
        return Matrix.of(head.type(), gradientRoom, rows, head.width());
    }

    /** One row of ones, for sums over rows. */
    Matrix ones(int rows) {
        return Matrix.of(head.type(), oneRoom, 1, rows);
    }

    Matrix panel(int rows) {
        return Matrix.of(head.type(), panelRoom, rows, head.width());
    }
}
