package org.crossentropy.jvm;

import java.lang.foreign.MemorySegment;

/**
 * The loops over the elements of one block of float logits, for one kind of memory, bound to the segments of one call.
 * Elements are named by their index in their segment; a target is given relative to the block, and one outside of it
 * excludes nothing. Partial sums are those in the workspace.
 */
interface FloatBlocks {

    /** Partial sums of a row. */
    int LANES = 32;

    /** Elements of a block. */
    int BLOCK = 1024;

    /** {@return a logit} */
    float logit(long index);

    /** {@return a class weight} */
    float weight(int index);

    /** Stores an element of the gradient. */
    void setGradient(long index, float value);

    /** {@return the largest logit of n, NaN skipped; -inf if there is none} */
    float max(long from, int n);

    /**
     * Adds the exponentials of n logits minus a shift to the partial sums, without the target.
     *
     * @param next first logit of the block whose maximum is taken meanwhile
     * @param nextCount its number of logits; 0 if there is none
     * @return that maximum, NaN skipped; -inf if there is none
     */
    float addExps(long from, int n, float shift, int target, long next, int nextCount);

    /** Adds the exponentials likewise, and stores them in the gradient; the target's is 0. */
    void keepExps(long from, long to, int n, float shift, int target);

    /** Adds n logits minus a shift to the partial sums of the spread, without the target. */
    void addShifted(long from, int n, float shift, int target);

    /** The same, each weighted, those of weight 0 left out. */
    void addShiftedWeighted(long from, int fromWeight, int n, float shift, int target);

    /**
     * Multiplies n elements of the gradient by a factor and subtracts a number, with one rounding. Subtracting +0 leaves the
     * product as it is.
     *
     * @param next first of n logits whose maximum is taken meanwhile
     * @return that maximum, NaN skipped; -inf if there is none
     */
    float scaleAndSubtract(long to, int n, float factor, float subtrahend, long next);

    /** Multiplies n elements of the gradient by a factor and subtracts beta times weight, with one rounding. */
    void scaleAndSubtractWeights(long to, int fromWeight, int n, float factor, float beta);

    /** Stores n logits, minus one number, minus another, in the gradient. */
    void subtract(long from, long to, int n, float first, float second);

    /** Stores a value in n elements of the gradient. */
    void fill(long to, int n, float value);

    /** Replaces every NaN among n elements of the gradient by the one that may be stored. */
    void canonicalizeNaN(long to, int n);

    /**
     * {@return the loops for the memory given}
     *
     * @param logits the logits
     * @param gradient the gradient, or absent
     * @param weights the class weights, or absent
     * @param workspace the workspace
     */
    static FloatBlocks of(
            MemorySegment logits, MemorySegment gradient, MemorySegment weights, MemorySegment workspace) {
        if (SegmentFloatBlocks.accepts(logits)
                && SegmentFloatBlocks.accepts(gradient)
                && SegmentFloatBlocks.accepts(weights)) {
            return new SegmentFloatBlocks(logits, gradient, weights, workspace);
        }
        if (ArrayFloatBlocks.accepts(logits)
                && ArrayFloatBlocks.accepts(gradient)
                && ArrayFloatBlocks.accepts(weights)) {
            return new ArrayFloatBlocks(logits, gradient, weights, workspace);
        }
        return new StagedFloatBlocks(logits, gradient, weights, workspace);
    }
}
