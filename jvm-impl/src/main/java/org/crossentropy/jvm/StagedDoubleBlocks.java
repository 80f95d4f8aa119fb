package org.crossentropy.jvm;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;

import java.lang.foreign.MemorySegment;

/**
 * The loops over blocks of double logits in any kind of memory: each block is copied into the workspace, worked on there
 * and copied back. For what neither {@link ArrayDoubleBlocks} nor {@link SegmentDoubleBlocks} takes: heap and off-heap memory
 * mixed in one call, read-only heap memory, and arrays of other types.
 */
final class StagedDoubleBlocks implements DoubleBlocks {

    private final MemorySegment logits;
    private final MemorySegment gradient;
    private final MemorySegment weights;
    private final MemorySegment stage;
    private final MemorySegment weightStage;
    private final SegmentDoubleBlocks staged;

    /** Binds the loops to the memory of one call. */
    StagedDoubleBlocks(MemorySegment logits, MemorySegment gradient, MemorySegment weights, MemorySegment workspace) {
        this.logits = logits;
        this.gradient = gradient;
        this.weights = weights;
        this.stage = workspace.asSlice(RowWorkspace.BLOCK, RowWorkspace.BLOCK_BYTES);
        this.weightStage = workspace.asSlice(RowWorkspace.BLOCK_WEIGHTS, RowWorkspace.BLOCK_BYTES);
        this.staged = new SegmentDoubleBlocks(stage, stage, weightStage, workspace);
    }

    @Override
    public double logit(long index) {
        return logits.getAtIndex(JAVA_DOUBLE_UNALIGNED, index);
    }

    @Override
    public double weight(int index) {
        return weights.getAtIndex(JAVA_DOUBLE_UNALIGNED, index);
    }

    @Override
    public void setGradient(long index, double value) {
        gradient.setAtIndex(JAVA_DOUBLE_UNALIGNED, index, value);
    }

    @Override
    public double max(long from, int n) {
        copy(logits, from, stage, 0, n);
        return staged.max(0, n);
    }

    @Override
    public double addExps(long from, int n, double shift, int target, long next, int nextCount) {
        copy(logits, from, stage, 0, n);
        staged.addExps(0, n, shift, target, 0, n);
        return max(next, nextCount);
    }

    @Override
    public void keepExps(long from, long to, int n, double shift, int target) {
        copy(logits, from, stage, 0, n);
        staged.keepExps(0, 0, n, shift, target);
        copy(stage, 0, gradient, to, n);
    }

    @Override
    public void addShifted(long from, int n, double shift, int target) {
        copy(logits, from, stage, 0, n);
        staged.addShifted(0, n, shift, target);
    }

    @Override
    public void addShiftedWeighted(long from, int fromWeight, int n, double shift, int target) {
        copy(logits, from, stage, 0, n);
        copy(weights, fromWeight, weightStage, 0, n);
        staged.addShiftedWeighted(0, 0, n, shift, target);
    }

    @Override
    public double scaleAndSubtract(long to, int n, double factor, double subtrahend, long next) {
        copy(gradient, to, stage, 0, n);
        staged.scaleAndSubtract(0, n, factor, subtrahend, 0);
        copy(stage, 0, gradient, to, n);
        return max(next, n);
    }

    @Override
    public void scaleAndSubtractWeights(long to, int fromWeight, int n, double factor, double beta) {
        copy(gradient, to, stage, 0, n);
        copy(weights, fromWeight, weightStage, 0, n);
        staged.scaleAndSubtractWeights(0, 0, n, factor, beta);
        copy(stage, 0, gradient, to, n);
    }

    @Override
    public void subtract(long from, long to, int n, double first, double second) {
        copy(logits, from, stage, 0, n);
        staged.subtract(0, 0, n, first, second);
        copy(stage, 0, gradient, to, n);
    }

    @Override
    public void fill(long to, int n, double value) {
        for (int j = 0; j < n; j++) {
            setGradient(to + j, value);
        }
    }

    @Override
    public void canonicalizeNaN(long to, int n) {
        copy(gradient, to, stage, 0, n);
        staged.canonicalizeNaN(0, n);
        copy(stage, 0, gradient, to, n);
    }

    private static void copy(MemorySegment from, long first, MemorySegment to, long second, int n) {
        MemorySegment.copy(from, first * Double.BYTES, to, second * Double.BYTES, (long) n * Double.BYTES);
    }
}
