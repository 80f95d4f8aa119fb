package org.crossentropy.app.lm;

import org.crossentropy.api.Matrix;
import org.crossentropy.app.io.InputException;

/**
 * How much memory a head works in, and how many rows it takes at once: as many as have room for their logits, since more
 * would only come in several chunks.
 *
 * @param bytes what to allocate
 * @param rows rows of a slice
 */
record HeadMemory(long bytes, long rows) {

    /** Rows of a slice are a multiple of this where there are enough, so that few register tiles are cut. */
    private static final int GRAIN = 16;

    /** What targets, weights and alignment of a row may take. */
    private static final int ROW_EXTRA = 64;

    private static final int EXTRA = 1 << 12;

    /** A part of memory, in parts of all, is left to pieces of a weight that has to be widened. */
    private static final int PANEL_PARTS = 4;

    /**
     * Divides rows into slices of equal size.
     *
     * @param weight V x D
     * @param rows how many there are, at least 1
     * @param most bytes that may be used
     * @throws InputException if that is too little for one row
     */
    static HeadMemory plan(Matrix weight, long rows, long most) {
        long type = weight.type().arithmetic().bytes();
        long row = type * (weight.rows() + 2L * weight.columns()) + ROW_EXTRA;
        long fixed = type * weight.rows() + EXTRA;
        long forRows = (most - most / PANEL_PARTS - fixed) / row;
        if (forRows < 1) {
            throw new InputException("working memory is " + most + " bytes, must be at least " + withPanels(fixed + row)
                    + " for one row of " + weight.rows() + " logits; raise --memory");
        }
        long slices = Math.ceilDiv(rows, Math.min(rows, forRows));
        long even = Math.ceilDiv(Math.ceilDiv(rows, slices), GRAIN) * GRAIN;
        long atOnce = Math.min(Math.min(even, forRows), rows);
        return new HeadMemory(Math.min(most, withPanels(fixed + atOnce * row)), atOnce);
    }

    private static long withPanels(long bytes) {
        return Math.ceilDiv(bytes * PANEL_PARTS, PANEL_PARTS - 1);
    }
}
