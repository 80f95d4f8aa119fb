package org.crossentropy.ffm;

import java.lang.foreign.MemorySegment;
import org.crossentropy.api.spi.SoftmaxRows;
import org.crossentropy.ffm.bindings.xent_coefficients;

/**
 * {@link SoftmaxRows} in the terms of the C functions, which know no offsets: the segments from the first row of a call
 * on. An absent segment stays absent, and an offset of 0 makes no new object.
 */
final class RowArguments {
    private RowArguments() {}

    static MemorySegment logits(SoftmaxRows rows, long row) {
        return from(
                rows.logits(),
                (rows.fromRow() + row) * rows.rowStride() * rows.storedType().bytes());
    }

    static MemorySegment mask(SoftmaxRows rows, long row) {
        return from(rows.mask(), (rows.fromRow() + row) * rows.maskStride());
    }

    static MemorySegment targets(SoftmaxRows rows, long row) {
        return from(rows.targets(), (rows.firstTarget() + row) * Integer.BYTES);
    }

    static MemorySegment rowOutput(MemorySegment output, long row) {
        return from(output, row * Double.BYTES);
    }

    static MemorySegment coefficients(SoftmaxRows rows, long row) {
        return from(rows.coefficients(), row * rows.coefficientStep() * Double.BYTES);
    }

    /** In structs, where {@link SoftmaxRows} counts doubles. */
    static long coefficientStep(SoftmaxRows rows) {
        return rows.coefficientStep() * (long) Double.BYTES / xent_coefficients.sizeof();
    }

    static int emptyRowsZero(SoftmaxRows rows) {
        return rows.emptyRowsZero() ? 1 : 0;
    }

    static MemorySegment gradient(SoftmaxRows rows, long row) {
        return from(
                rows.gradient(),
                (rows.fromRow() + row)
                        * rows.gradientStride()
                        * rows.storedType().bytes());
    }

    static MemorySegment from(MemorySegment segment, long offset) {
        return offset == 0 || segment.byteSize() == 0 ? segment : segment.asSlice(offset);
    }
}
