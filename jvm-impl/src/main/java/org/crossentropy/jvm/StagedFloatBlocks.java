package org.crossentropy.jvm;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import java.lang.foreign.MemorySegment;

/**
 * The loops over blocks of float logits in any kind of memory: each block is copied into the workspace, worked on there
 * and copied back. For what neither {@link ArrayFloatBlocks} nor {@link SegmentFloatBlocks} takes: heap and off-heap memory
 * mixed in one call, read-only heap memory, and arrays of other types.
 */
final class StagedFloatBlocks implements FloatBlocks {

    private final MemorySegment logits;
    private final MemorySegment gradient;
    private final MemorySegment weights;
    private final MemorySegment stage;
    private final MemorySegment weightStage;
    private final SegmentFloatBlocks staged;

    /** Binds the loops to the memory of one call. */
    StagedFloatBlocks(MemorySegment logits, MemorySegment gradient, MemorySegment weights, MemorySegment workspace) {
        this.logits = logits;
        this.gradient = gradient;
        this.weights = weights;
        this.stage = workspace.asSlice(RowWorkspace.BLOCK, RowWorkspace.BLOCK_BYTES);
        this.weightStage = workspace.asSlice(RowWorkspace.BLOCK_WEIGHTS, RowWorkspace.BLOCK_BYTES);
        this.staged = new SegmentFloatBlocks(stage, stage, weightStage, workspace);
    }

    @Override
    public float logit(long index) {
        return logits.getAtIndex(JAVA_FLOAT_UNALIGNED, index);
    }

    @Override
    public float weight(int index) {
        return weights.getAtIndex(JAVA_FLOAT_UNALIGNED, index);
    }

    @Override
    public void setGradient(long index, float value) {
        gradient.setAtIndex(JAVA_FLOAT_UNALIGNED, index, value);
    }

    @Override
    public float max(long from, int n) {
        copy(logits, from, stage, 0, n);
        return staged.max(0, n);
    }

    @Override
    public float addExps(long from, int n, float shift, int target, long next, int nextCount) {
        copy(logits, from, stage, 0, n);
        staged.addExps(0, n, shift, target, 0, n);
        return max(next, nextCount);
    }

    @Override
    public void keepExps(long from, long to, int n, float shift, int target) {
        copy(logits, from, stage, 0, n);
        staged.keepExps(0, 0, n, shift, target);
        copy(stage, 0, gradient, to, n);
    }

    @Override
    public void addShifted(long from, int n, float shift, int target) {
        copy(logits, from, stage, 0, n);
        staged.addShifted(0, n, shift, target);
    }

    @Override
    public void addShiftedWeighted(long from, int fromWeight, int n, float shift, int target) {
        copy(logits, from, stage, 0, n);
        copy(weights, fromWeight, weightStage, 0, n);
        staged.addShiftedWeighted(0, 0, n, shift, target);
    }

    @Override
    public float scaleAndSubtract(long to, int n, float factor, float subtrahend, long next) {
        copy(gradient, to, stage, 0, n);
        staged.scaleAndSubtract(0, n, factor, subtrahend, 0);
        copy(stage, 0, gradient, to, n);
        return max(next, n);
    }

    @Override
    public void scaleAndSubtractWeights(long to, int fromWeight, int n, float factor, float beta) {
        copy(gradient, to, stage, 0, n);
        copy(weights, fromWeight, weightStage, 0, n);
        staged.scaleAndSubtractWeights(0, 0, n, factor, beta);
        copy(stage, 0, gradient, to, n);
    }

    @Override
    public void subtract(long from, long to, int n, float first, float second) {
        copy(logits, from, stage, 0, n);
        staged.subtract(0, 0, n, first, second);
        copy(stage, 0, gradient, to, n);
    }

    @Override
    public void fill(long to, int n, float value) {
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
        MemorySegment.copy(from, first * Float.BYTES, to, second * Float.BYTES, (long) n * Float.BYTES);
    }
}
