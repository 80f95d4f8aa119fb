package org.crossentropy.api;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * The class indices and sample weights of a batch after the one look at them before anything is computed: all in range or
 * the ignore index, valid rows counted and weighed. A row whose sample weight is 0 is left out like an ignored one.
 */
final class TargetScan implements RowSelection {

    /** The caller's names of the arguments, for errors. */
    record Names(String targets, String mask) {
        static final Names OF_CLASSES = new Names("targets", "classMask");
    }

    private final Names names;
    private final ClassIndices targets;
    private final int classes;
    private final IgnoreIndex ignore;
    private final @Nullable RowValues sampleWeights;
    private final @Nullable ClassMask mask;
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
     * @throws TargetOutOfRangeException naming the first row whose index is neither a class nor the ignore index
     */
    TargetScan(
            ClassIndices targets,
            int classes,
            IgnoreIndex ignore,
            ClassWeights.@Nullable Table weights,
            @Nullable RowValues sampleWeights,
            @Nullable ClassMask mask) {
        this(Names.OF_CLASSES, targets, classes, ignore, weights, sampleWeights, mask);
    }

    /** The same for arguments that the caller knows by other names. */
    TargetScan(
            Names names,
            ClassIndices targets,
            int classes,
            IgnoreIndex ignore,
            ClassWeights.@Nullable Table weights,
            @Nullable RowValues sampleWeights,
            @Nullable ClassMask mask) {
        this.names = names;
        this.targets = targets;
        this.classes = classes;
        this.ignore = ignore;
        this.sampleWeights = sampleWeights;
        this.mask = mask;
        boolean plain = weights == null && sampleWeights == null && mask == null;
        if (plain && !(ignore.present() && ignore.value() >= 0 && ignore.value() < classes) && allInRange()) {
            count = targets.count();
        } else {
            countValid(weights);
        }
        if (weights == null && sampleWeights == null) {
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
                throw new TargetOutOfRangeException(
                        names.targets() + "[" + row + "]",
                        row,
                        index,
                        "must be from 0 to " + (classes - 1) + " (" + classes + " classes)"
                                + (ignore.present() ? " or the ignore index " + ignore.value() : ""));
            }
            if (mask != null && !mask.isKept(row, (int) index)) {
                throw new ElementOutOfRangeException(
                        names.targets(),
                        row,
                        index,
                        "a class that " + names.mask()
                                + " leaves out and whose probability is 0; keep the class or ignore the row");
            }
            double sampleWeight = SampleWeights.checked(sampleWeights, row);
            if (sampleWeight == 0) {
                continue;
            }
            count++;
            if (weights != null || sampleWeights != null) {
                weightSum.add(sampleWeight * (weights == null ? 1 : weights.of((int) index)));
            }
        }
    }

    @Override
    public long count() {
        return count;
    }

    @Override
    public CompensatedSum weightSum() {
        return weightSum;
    }

    /** Whether rows have weights as samples. */
    boolean weighsRows() {
        return sampleWeights != null;
    }

    /** The weight of a row as a sample. */
    @Override
    public double rowWeight(long row) {
        return SampleWeights.of(sampleWeights, row);
    }

    /**
     * Copies the indices of some rows in the form that kernels read: int32, -1 where the row is ignored. Every index is
     * looked at again, in the one read that is used: were the caller's memory to change meanwhile, a kernel must not see
     * an index that is no class.
     *
     * @throws IndexOutOfBoundsException if an index is not what it was at the first look
     */
    @Override
    public void copy(long from, int rows, MemorySegment copies) {
        long changed = 0;
        for (int i = 0; i < rows; i++) {
            long index = targets.get(from + i);
            boolean ignored = ignore.matches(index) || rowWeight(from + i) == 0;
            changed |= ignored ? 0 : index | (classes - 1 - index);
            copies.setAtIndex(ValueLayout.JAVA_INT, i, ignored ? -1 : (int) index);
        }
        if (changed < 0) {
            throw new IndexOutOfBoundsException(names.targets() + " of rows " + from + " to " + (from + rows - 1)
                    + " changed during the computation, and one is no class any more; the result is incomplete");
        }
    }
}
