package org.crossentropy.jvm;

import java.lang.foreign.MemorySegment;

/**
 * The loops over the elements of one block of double logits, for one kind of memory, bound to the segments of one call.
 * Elements are named by their index in their segment; a target is given relative to the block, and one outside of it
 * excludes nothing. Partial sums are those in the workspace.
 */
interface DoubleBlocks {

    /** Partial sums of a row. */
    int LANES = 16;

    /** Elements of a block. */
    int BLOCK = 512;

    /** {@return a logit} */
    double logit(long index);

    /** {@return a class weight} */
    double weight(int index);

    /** Stores an element of the gradient. */
    void setGradient(long index, double value);

    /** {@return the largest logit of n, NaN skipped; -inf if there is none} */
    double max(long from, int n);

    /**
     * Adds the exponentials of n logits minus a shift to the partial sums, without the target.
     *
     * @param next first logit of the block whose maximum is taken meanwhile
     * @param nextCount its number of logits; 0 if there is none
     * @return that maximum, NaN skipped; -inf if there is none
     */
    double addExps(long from, int n, double shift, int target, long next, int nextCount);

    /** Adds the exponentials likewise, and stores them in the gradient; the target's is 0. */
    void keepExps(long from, long to, int n, double shift, int target);

    /** Adds n logits minus a shift to the partial sums of the spread, without the target. */
    void addShifted(long from, int n, double shift, int target);

    /** The same, each weighted, those of weight 0 left out. */
    void addShiftedWeighted(long from, int fromWeight, int n, double shift, int target);

    /**
     * Multiplies n elements of the gradient by a factor and subtracts a number, with one rounding. Subtracting +0 leaves the
     * product as it is.
     *
     * @param next first of n logits whose maximum is taken meanwhile
     * @return that maximum, NaN skipped; -inf if there is none
     */
    double scaleAndSubtract(long to, int n, double factor, double subtrahend, long next);

    /** Multiplies n elements of the gradient by a factor and subtracts beta times weight, with one rounding. */
    void scaleAndSubtractWeights(long to, int fromWeight, int n, double factor, double beta);

    /** Stores n logits, minus one number, minus another, in the gradient. */
    void subtract(long from, long to, int n, double first, double second);

    /** Stores a value in n elements of the gradient. */
    void fill(long to, int n, double value);

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
    static DoubleBlocks of(
            MemorySegment logits, MemorySegment gradient, MemorySegment weights, MemorySegment workspace) {
        if (SegmentDoubleBlocks.accepts(logits)
                && SegmentDoubleBlocks.accepts(gradient)
                && SegmentDoubleBlocks.accepts(weights)) {
            return new SegmentDoubleBlocks(logits, gradient, weights, workspace);
        }
        if (ArrayDoubleBlocks.accepts(logits)
                && ArrayDoubleBlocks.accepts(gradient)
                && ArrayDoubleBlocks.accepts(weights)) {
            return new ArrayDoubleBlocks(logits, gradient, weights, workspace);
        }
        return new StagedDoubleBlocks(logits, gradient, weights, workspace);
    }
}
