package org.crossentropy.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.crossentropy.api.ClassIndices;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.LinearCrossEntropy;
import org.crossentropy.api.LossResult;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.Reduction;
import org.crossentropy.api.SoftmaxCrossEntropy;
import org.junit.jupiter.api.Test;

/** Gradients of a head with small ones left out: exact loss, and an error within the bound that is stated. */
public abstract class GradientFilterTck extends ApplicationTck {

    private static final int ROWS = 12;
    private static final int WIDTH = 6;
    private static final int CLASSES = 150;
    private static final double THRESHOLD = 1e-3;

    /** Called by subclasses. */
    protected GradientFilterTck() {}

    private LinearCrossEntropy head(double threshold) {
        SoftmaxCrossEntropy loss = SoftmaxCrossEntropy.builder()
                .execution(alone())
                .reduction(Reduction.SUM)
                .build();
        return LinearCrossEntropy.of(loss).workingMemory(1 << 14).gradientFilter(threshold);
    }

    /** Gradients of one head. */
    private static final class Gradients {
        final Matrix hidden;
        final Matrix weight;
        final Matrix bias;
        LossResult result;

        Gradients(LinearCrossEntropy head, Matrix states, Matrix weights, Matrix biases, boolean accumulate) {
            hidden = filled(states.type(), ROWS, WIDTH, accumulate ? 1 : Double.NaN);
            weight = filled(states.type(), CLASSES, WIDTH, accumulate ? 1 : Double.NaN);
            bias = filled(states.type(), 1, CLASSES, accumulate ? 1 : Double.NaN);
            var call = head.on(states, weights, targets())
                    .bias(biases)
                    .hiddenGradient(hidden)
                    .weightGradient(weight)
                    .biasGradient(bias);
            result = (accumulate ? call.accumulate() : call).compute();
        }
    }

    private static Matrix filled(ElementType type, int rows, int columns, double value) {
        Matrix matrix = zeros(type, rows, columns);
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                matrix.set(i, j, value);
            }
        }
        return matrix;
    }

    /** A few classes have nearly all the probability, so that most are left out. */
    private static Matrix peaked(ElementType type) {
        Matrix bias = random(type, 3, 1, CLASSES);
        for (int j = 0; j < CLASSES; j++) {
            bias.set(0, j, bias.get(0, j) + (j % 9 == 0 ? 20 : 0));
        }
        return bias;
    }

    private static ClassIndices targets() {
        int[] targets = new int[ROWS];
        for (int i = 0; i < ROWS; i++) {
            targets[i] = i % 5 == 2 ? (int) SoftmaxCrossEntropy.DEFAULT_IGNORE_INDEX : i * 7 % CLASSES;
        }
        return ClassIndices.of(targets);
    }

    @Test
    void errorIsWithinTheBound() {
        types().forEach(type -> {
            Matrix states = random(type, 1, ROWS, WIDTH);
            Matrix weights = random(type, 2, CLASSES, WIDTH);
            for (boolean accumulate : new boolean[] {false, true}) {
                Gradients full = new Gradients(head(0), states, weights, peaked(type), accumulate);
                Gradients less = new Gradients(head(THRESHOLD), states, weights, peaked(type), accumulate);
                assertBits(full.result.lossSum(), less.result.lossSum(), "loss of " + type);
                assertWithin(full.hidden, less.hidden, weights, "hidden gradient of " + type);
                assertWithin(full.weight, less.weight, states, "weight gradient of " + type);
                assertEquals(0, distance(full.bias, less.bias, 0, CLASSES), "bias gradient of " + type);
                if (!accumulate) {
                    assertBits(0, less.weight.get(1, 0), "a class that is left out");
                    assertNotEquals(0, full.weight.get(1, 0), "the same class");
                }
            }
        });
    }

    /** Each element may be off by the threshold times the sum of what derivatives are multiplied by. */
    private static void assertWithin(Matrix full, Matrix less, Matrix factors, String where) {
        double rounding = full.type() == ElementType.FLOAT64 ? 1e-12 : 1e-4;
        for (int d = 0; d < WIDTH; d++) {
            double sum = 0;
            for (long j = 0; j < factors.rows(); j++) {
                sum += Math.abs(factors.get(j, d));
            }
            double worst = 0;
            for (long i = 0; i < full.rows(); i++) {
                worst = Math.max(worst, Math.abs(full.get(i, d) - less.get(i, d)));
            }
            double bound = THRESHOLD * sum + rounding;
            double found = worst;
            assertTrue(found <= bound, () -> where + " is off by " + found + ", at most " + bound + " is allowed");
        }
    }

    private static double distance(Matrix a, Matrix b, long row, int columns) {
        double worst = 0;
        for (int j = 0; j < columns; j++) {
            worst = Math.max(
                    worst, Math.abs(a.get(Math.min(row, a.rows() - 1), j) - b.get(Math.min(row, b.rows() - 1), j)));
        }
        return worst;
    }

    @Test
    void nothingIsLeftOutThatIsNotSmall() {
        types().forEach(type -> {
            Matrix states = random(type, 1, ROWS, WIDTH);
            Matrix weights = random(type, 2, CLASSES, WIDTH);
            Matrix flat = zeros(type, 1, CLASSES);
            Gradients full = new Gradients(head(0), states, weights, flat, false);
            Gradients all = new Gradients(head(1e-9), states, weights, flat, false);
            assertSameBits(full.hidden, all.hidden, type);
            assertSameBits(full.weight, all.weight, type);
        });
    }

    @Test
    void notANumberIsNotSmall() {
        types().forEach(type -> {
            Matrix states = random(type, 1, ROWS, WIDTH);
            states.set(1, 0, Double.NaN);
            Gradients less =
                    new Gradients(head(THRESHOLD), states, random(type, 2, CLASSES, WIDTH), peaked(type), false);
            assertTrue(Double.isNaN(less.hidden.get(1, 1)), "the row itself");
            assertTrue(!Double.isNaN(less.hidden.get(0, 1)), "another row");
        });
    }

    @Test
    void badThresholdsAreRefused() {
        assertRefused(IllegalArgumentException.class, () -> head(-1e-9), "gradientFilter", "at least 0");
        assertRefused(IllegalArgumentException.class, () -> head(Double.NaN), "gradientFilter", "finite");
    }
}
