package org.crossentropy.app.model;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.stream.LongStream;
import org.crossentropy.api.ClassIndices;
import org.crossentropy.api.Matrix;

/**
 * How many rows are right: those whose first largest logit is the target's. A NaN is never smaller than anything, so a
 * row with a NaN is wrong. Rows whose target is no class are left out.
 */
public final class Accuracy {

    /** Rows that one thread looks at before it takes the next. */
    private static final long CHUNK = 1024;

    private Accuracy() {}

    /**
     * Counts the right rows.
     *
     * @param logits N x K
     * @param targets N class indices; any other number, and the ignore index, leaves the row out
     * @param ignoreIndex a class whose rows are left out as well, or any number that is no class
     * @param threads whether to share the work among the processors: more than 1
     * @return rows that are right
     */
    public static long countRight(Matrix logits, ClassIndices targets, long ignoreIndex, int threads) {
        LongStream chunks = LongStream.range(0, Math.ceilDiv(logits.rows(), CHUNK));
        return (threads > 1 ? chunks.parallel() : chunks)
                .map(chunk -> {
                    long from = chunk * CHUNK;
                    long to = Math.min(logits.rows(), from + CHUNK);
                    return countRight(logits, targets, ignoreIndex, from, to);
                })
                .sum();
    }

    private static long countRight(Matrix logits, ClassIndices targets, long ignoreIndex, long from, long to) {
        long right = 0;
        for (long row = from; row < to; row++) {
            long target = targets.get(row);
            boolean counts = target != ignoreIndex && target >= 0 && target < logits.columns();
            if (counts && isFirstLargest(logits, row, (int) target)) {
                right++;
            }
        }
        return right;
    }

    private static boolean isFirstLargest(Matrix logits, long row, int target) {
        MemorySegment segment = logits.segment();
        long start = row * logits.rowStride();
        int columns = logits.columns();
        return switch (logits.type()) {
            case FLOAT32 -> {
                float largest = segment.get(ValueLayout.JAVA_FLOAT_UNALIGNED, (start + target) * Float.BYTES);
                boolean right = true;
                for (int j = 0; right && j < columns; j++) {
                    float value = segment.get(ValueLayout.JAVA_FLOAT_UNALIGNED, (start + j) * Float.BYTES);
                    right = value < largest || (value == largest && j >= target);
                }
                yield right;
            }
            case FLOAT64 -> {
                double largest = segment.get(ValueLayout.JAVA_DOUBLE_UNALIGNED, (start + target) * Double.BYTES);
                boolean right = true;
                for (int j = 0; right && j < columns; j++) {
                    double value = segment.get(ValueLayout.JAVA_DOUBLE_UNALIGNED, (start + j) * Double.BYTES);
                    right = value < largest || (value == largest && j >= target);
                }
                yield right;
            }
            case BFLOAT16, FLOAT16 -> throw new AssertionError(logits.type());
        };
    }
}
