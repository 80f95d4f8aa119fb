package org.crossentropy.jvm;

/**
 * The order of operations in which both backends of this module make an element of a matrix product.
 *
 * <p>The k products of an element are taken in runs of {@link #RUN}, from the first. A run begins with the sum 0 and adds
 * one product after the other, {@code sum = fma(scale a, b, sum)}, with scale a rounded. The first run is added to the old
 * element by {@code c = fma(c, accumulate, sum)}, or replaces it where accumulate is 0, and every other run by {@code c =
 * c + sum}. With k = 0 there is one run, the sum of which is 0.
 *
 * <p>The order does not depend on where the element lies, on m and n, on the width of vectors or on threads. So the bits
 * of a product are the same on {@code scalar} and on {@code vector} with any vectors, and they remain when it is computed
 * in pieces of rows and columns, by any number of threads, or beside rows and columns of padding. Only which NaN results
 * from several is open. Runs have a purpose of their own: an element is rounded in a chain of 256 + k / 256 additions
 * instead of one of k, which keeps the errors of long sums small.
 */
final class ProductOrder {

    /**
     * Products of a run. Long enough that C is seldom read and written, and short enough that a run of a tile's columns of
     * B stays in the first-level cache.
     */
    static final int RUN = 256;

    private ProductOrder() {}
}
