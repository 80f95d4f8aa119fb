package org.crossentropy.app.bench;

import java.util.Collections;
import java.util.List;

/**
 * How long a call takes.
 *
 * @param fastest milliseconds of the fastest sample
 * @param median milliseconds of the median sample
 * @param samples number of samples
 * @param steady whether there were at least {@value #ENOUGH} samples, and the later half was not notably faster than the
 *     earlier: else a compiler, or something else, was still at work, and the call may be faster than this
 */
public record Timing(double fastest, double median, int samples, boolean steady) {

    private static final int ENOUGH = 5;

    /** An improvement of the fastest sample by this part is no accident. */
    private static final double NOTABLE = 0.1;

    /** Sums up samples in the order in which they were taken; there is at least one. */
    static Timing of(List<Double> milliseconds) {
        double[] sorted =
                milliseconds.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        int middle = sorted.length / 2;
        double median = sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Timing(sorted[0], median, sorted.length, isSteady(milliseconds));
    }

    private static boolean isSteady(List<Double> milliseconds) {
        int half = milliseconds.size() / 2;
        return milliseconds.size() >= ENOUGH
                && Collections.min(milliseconds.subList(half, milliseconds.size()))
                        >= (1 - NOTABLE) * Collections.min(milliseconds.subList(0, half));
    }
}
