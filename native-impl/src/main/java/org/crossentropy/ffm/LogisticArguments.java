package org.crossentropy.ffm;

import java.lang.foreign.MemorySegment;
import org.crossentropy.api.spi.LogisticRows;

/** {@link LogisticRows} in the terms of the C functions: the segments from some row of a call on. */
final class LogisticArguments {
    private LogisticArguments() {}

    static MemorySegment logits(LogisticRows rows, long row) {
        return matrix(rows, rows.logits(), row * rows.logitsStride());
    }

    static MemorySegment targets(LogisticRows rows, long row) {
        return matrix(rows, rows.targets(), row * rows.targetsStride());
    }

    static MemorySegment weights(LogisticRows rows, long row) {
        return matrix(rows, rows.weights(), row * rows.weightsStride());
    }

    static MemorySegment factors(LogisticRows rows, long row) {
        return RowArguments.from(rows.factors(), row * rows.factorStep() * Double.BYTES);
    }

    static MemorySegment sums(LogisticRows rows, long row) {
        return RowArguments.from(rows.sums(), row * Double.BYTES);
    }

    static MemorySegment losses(LogisticRows rows, long row) {
        return matrix(rows, rows.losses(), row * rows.columns());
    }

    static MemorySegment gradient(LogisticRows rows, long row) {
        return matrix(rows, rows.gradient(), row * rows.gradientStride());
    }

    private static MemorySegment matrix(LogisticRows rows, MemorySegment segment, long element) {
        return RowArguments.from(segment, element * rows.type().bytes());
    }

    /** Whether everything that a call touches is off-heap; an absent segment counts as such. */
    static boolean areNative(LogisticRows rows) {
        return rows.logits().isNative()
                && rows.targets().isNative()
                && rows.weights().isNative()
                && rows.positiveWeights().isNative()
                && rows.factors().isNative()
                && rows.sums().isNative()
                && rows.losses().isNative()
                && rows.gradient().isNative();
    }
}
