package org.crossentropy.jvm;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The innermost loop of {@link VectorFloatProduct}: a tile of the product, held in registers.
 *
 * <p>Written out, since C2 keeps vectors in registers only as local variables: it would allocate an array of them. 12
 * sums, two vectors of B and one of an element of A fit in 16 registers; with the two loads of B a step has 8 loads to 12
 * multiply-adds, and two of each start in a cycle, so that loading is not what holds it up. Larger tiles, for processors
 * of 32 registers, were measured and are not faster.
 */
final class FloatProductTile {

    /** Rows of a tile. */
    static final int ROWS = 6;

    /** Elements of A from one step to the next: the power of 2 above. */
    static final int SPACING = 8;

    private static final VectorSpecies<Float> SPECIES = VectorWidth.FLOATS;
    private static final int WIDTH = SPECIES.length();

    /** Columns of a tile. */
    static final int COLUMNS = 2 * WIDTH;

    private FloatProductTile() {}

    /**
     * The product of a panel of A and a panel of B, each element summed from 0 in the order of the panels.
     *
     * @param a panels of A: {@link #SPACING} elements for each step, the last of them not used
     * @param atA where the panel begins
     * @param b panels of B: {@link #COLUMNS} elements for each step
     * @param atB where the panel begins
     * @param steps number of products in each sum
     * @param sums receives the tile
     * @param at where its first element goes
     * @param stride elements from one row of the tile to the next
     */
    static void multiply(float[] a, int atA, float[] b, int atB, int steps, float[] sums, int at, int stride) {
        final FloatVector zero = FloatVector.zero(SPECIES);
        FloatVector sum0a = zero;
        FloatVector sum0b = zero;
        FloatVector sum1a = zero;
        FloatVector sum1b = zero;
        FloatVector sum2a = zero;
        FloatVector sum2b = zero;
        FloatVector sum3a = zero;
        FloatVector sum3b = zero;
        FloatVector sum4a = zero;
        FloatVector sum4b = zero;
        FloatVector sum5a = zero;
        FloatVector sum5b = zero;
        for (int p = 0; p < steps; p++) {
            FloatVector b0 = FloatVector.fromArray(SPECIES, b, atB + COLUMNS * p);
            FloatVector b1 = FloatVector.fromArray(SPECIES, b, atB + COLUMNS * p + WIDTH);
            FloatVector a0 = FloatVector.broadcast(SPECIES, a[atA + SPACING * p]);
            sum0a = a0.fma(b0, sum0a);
            sum0b = a0.fma(b1, sum0b);
            FloatVector a1 = FloatVector.broadcast(SPECIES, a[atA + SPACING * p + 1]);
            sum1a = a1.fma(b0, sum1a);
            sum1b = a1.fma(b1, sum1b);
            FloatVector a2 = FloatVector.broadcast(SPECIES, a[atA + SPACING * p + 2]);
            sum2a = a2.fma(b0, sum2a);
            sum2b = a2.fma(b1, sum2b);
            FloatVector a3 = FloatVector.broadcast(SPECIES, a[atA + SPACING * p + 3]);
            sum3a = a3.fma(b0, sum3a);
            sum3b = a3.fma(b1, sum3b);
            FloatVector a4 = FloatVector.broadcast(SPECIES, a[atA + SPACING * p + 4]);
            sum4a = a4.fma(b0, sum4a);
            sum4b = a4.fma(b1, sum4b);
            FloatVector a5 = FloatVector.broadcast(SPECIES, a[atA + SPACING * p + 5]);
            sum5a = a5.fma(b0, sum5a);
            sum5b = a5.fma(b1, sum5b);
        }
        sum0a.intoArray(sums, at);
        sum0b.intoArray(sums, at + WIDTH);
        sum1a.intoArray(sums, at + stride);
        sum1b.intoArray(sums, at + stride + WIDTH);
        sum2a.intoArray(sums, at + 2 * stride);
        sum2b.intoArray(sums, at + 2 * stride + WIDTH);
        sum3a.intoArray(sums, at + 3 * stride);
        sum3b.intoArray(sums, at + 3 * stride + WIDTH);
        sum4a.intoArray(sums, at + 4 * stride);
        sum4b.intoArray(sums, at + 4 * stride + WIDTH);
        sum5a.intoArray(sums, at + 5 * stride);
        sum5b.intoArray(sums, at + 5 * stride + WIDTH);
    }
}
