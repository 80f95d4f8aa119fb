package org.crossentropy.api;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * The class indices of a batch after the one look at them before anything is computed: all in range or the ignore
 * index, valid rows counted and weighed.
 */
final class TargetScan {

    private final ClassIndices targets;
    private final int classes;
    private final IgnoreIndex ignore;
    private long count;
    private final CompensatedSum weightSum = new CompensatedSum();

    /** The index that marks rows to leave out; {@link #NONE} marks none. */
    record IgnoreIndex(boolean present, long value) {
        static final IgnoreIndex NONE = new IgnoreIndex(false, 0);

        boolean matches(long index) {
            return present && index == value;
        }
    }

    /**
     * Looks at every index.
     *
     * @throws IndexOutOfBoundsException naming the first row whose index is neither a class nor the ignore index
     */
    TargetScan(ClassIndices targets, int classes, IgnoreIndex ignore, ClassWeights.@Nullable Table weights) {
        this.targets = targets;
        this.classes = classes;
        this.ignore = ignore;
        if (weights == null && !(ignore.present() && ignore.value() >= 0 && ignore.value() < classes) && allInRange()) {
            count = targets.count();
        } else {
            countValid(weights);
        }
        if (weights == null) {
            weightSum.add((double) count);
        }
    }

    /** One branch-free sweep: the sign bit of the result is clear if all indices are classes. */
    private boolean allInRange() {
        MemorySegment segment = targets.segment();
        long rows = targets.count();
        return switch (targets.type()) {
            case INT32 -> {
                int signs = 0;
                for (long row = 0; row < rows; row++) {
                    int index = segment.get(ValueLayout.JAVA_INT_UNALIGNED, row * Integer.BYTES);
                    signs |= index | (classes - 1 - index);
                }
                yield signs >= 0;
            }
            case INT64 -> {
                long signs = 0;
                for (long row = 0; row < rows; row++) {
                    long index = segment.get(ValueLayout.JAVA_LONG_UNALIGNED, row * Long.BYTES);
                    signs |= index | (classes - 1 - index);
                }
                yield signs >= 0;
            }
        };
    }

    private void countValid(ClassWeights.@Nullable Table weights) {
        for (long row = 0; row < targets.count(); row++) {
            long index = targets.get(row);
            if (ignore.matches(index)) {
                continue;
            }
            if (index < 0 || index >= classes) {
                throw new IndexOutOfBoundsException("targets[" + row + "] is " + index + ", must be from 0 to "
                        + (classes - 1) + " (" + classes + " classes)"
                        + (ignore.present() ? " or the ignore index " + ignore.value() : ""));
            }
            count++;
            if (weights != null) {
                weightSum.add(weights.of((int) index));
            }
        }
    }

    long count() {
        return count;
    }

    CompensatedSum weightSum() {
        return weightSum;
    }

    /**
     * Copies the indices of some rows in the form that kernels read: int32, -1 where the row is ignored. Every index is
     * looked at again, in the one read that is used: were the caller's memory to change meanwhile, a kernel must not see
     * an index that is no class.
     *
     * @throws IndexOutOfBoundsException if an index is not what it was at the first look
     */
    void copy(long from, int rows, MemorySegment copies) {
        long changed = 0;
        for (int i = 0; i < rows; i++) {
            long index = targets.get(from + i);
            boolean ignored = ignore.matches(index);
            changed |= ignored ? 0 : index | (classes - 1 - index);
            copies.setAtIndex(ValueLayout.JAVA_INT, i, ignored ? -1 : (int) index);
        }
        if (changed < 0) {
            throw new IndexOutOfBoundsException("targets of rows " + from + " to " + (from + rows - 1)
                    + " changed during the computation, and one is no class any more; the result is incomplete");
        }
    }
}
