package org.crossentropy.jvm;

/** The sum over the lanes of a row, as the canonical algorithm shapes it. */
final class LaneTree {

    private LaneTree() {}

    /**
     * Adds the upper half of the lanes to the lower until one is left. Overwrites the sums.
     *
     * @param sums one a lane; those that are not there are 0
     * @param lanes number of lanes, a power of two
     * @return the sum
     */
    static double sum(double[] sums, int lanes) {
        for (int half = lanes / 2; half > 0; half /= 2) {
            for (int lane = 0; lane < half && lane + half < sums.length; lane++) {
                sums[lane] += sums[lane + half];
            }
        }
        return sums[0];
    }
}
