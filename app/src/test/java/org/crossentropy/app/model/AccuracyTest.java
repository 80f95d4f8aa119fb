package org.crossentropy.app.model;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.crossentropy.api.ClassIndices;
import org.crossentropy.api.Matrix;
import org.junit.jupiter.api.Test;

class AccuracyTest {

    private static long right(int target, double... logits) {
        Matrix matrix = Matrix.of(logits, 1, logits.length);
        float[] floats = new float[logits.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) logits[i];
        }
        long right = Accuracy.countRight(matrix, ClassIndices.of(target), -100, 1);
        Matrix narrow = Matrix.of(floats, 1, floats.length);
        assertEquals(right, Accuracy.countRight(narrow, ClassIndices.of(target), -100, 1));
        return right;
    }

    @Test
    void theFirstOfEqualLogitsCounts() {
        assertEquals(1, right(1, 0, 2, 1));
        assertEquals(0, right(2, 0, 2, 1));
        assertEquals(1, right(1, 0, 2, 2));
        assertEquals(0, right(2, 0, 2, 2));
    }

    @Test
    void rowsWithNanAreWrong() {
        assertEquals(0, right(0, 3, Double.NaN));
        assertEquals(0, right(1, 3, Double.NaN));
        assertEquals(0, right(0, Double.NaN));
    }

    @Test
    void infinitiesAreLogits() {
        assertEquals(1, right(1, 3, Double.POSITIVE_INFINITY));
        assertEquals(1, right(0, 3, Double.NEGATIVE_INFINITY));
    }

    @Test
    void ignoredRowsDoNotCount() {
        Matrix logits = Matrix.of(new double[] {1, 0, 0, 1, 1, 0}, 3, 2);
        assertEquals(1, Accuracy.countRight(logits, ClassIndices.of(0, -100, 1), -100, 1));
        assertEquals(0, Accuracy.countRight(logits, ClassIndices.of(0, 0, 1), 0, 1));
    }

    @Test
    void threadsDoNotChangeTheCount() {
        int rows = 5000;
        Matrix logits = Matrix.of(new double[rows * 2], rows, 2);
        ClassIndices targets = ClassIndices.of(new int[rows]);
        assertEquals(rows, Accuracy.countRight(logits, targets, -100, 1));
        assertEquals(rows, Accuracy.countRight(logits, targets, -100, 4));
    }
}
