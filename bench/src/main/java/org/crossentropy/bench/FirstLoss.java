package org.crossentropy.bench;

import org.crossentropy.api.ClassIndices;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.SoftmaxCrossEntropy;

/**
 * The shortest program with a loss, to time a JVM from its start: prints the nanoseconds since a reading of the clock that
 * its parent took, which is the same clock for all processes of Linux.
 */
public final class FirstLoss {

    /** Rows of the batch. */
    public static final int ROWS = 64;

    /** Classes of the batch. */
    public static final int CLASSES = 1000;

    private FirstLoss() {}

    /**
     * Computes a loss and its gradient; the system property {@code org.crossentropy.backend} says by which backend.
     *
     * @param arguments the reading of {@link System#nanoTime} before the JVM was started
     */
    public static void main(String[] arguments) {
        float[] logits = new float[ROWS * CLASSES];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = i % 7;
        }
        SoftmaxCrossEntropy loss = SoftmaxCrossEntropy.create();
        double mean = loss.lossAndGradient(
                        Matrix.of(logits, ROWS, CLASSES),
                        ClassIndices.of(new int[ROWS]),
                        Matrix.of(new float[ROWS * CLASSES], ROWS, CLASSES))
                .mean();
        long nanos = System.nanoTime() - Long.parseLong(arguments[0]);
        System.out.println(nanos + " " + mean + " " + loss.execution().backend());
    }
}
