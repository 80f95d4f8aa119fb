package org.crossentropy.bench.task;

import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class OracleTest {

    private static final int CLASSES = 20;
    private static final Task TASK = Task.parse("softmax/2x20/float64/heap/gradient");

    /** Says what the test wants. */
    private static final class Claim implements Work {

        private double loss = Math.log(CLASSES);
        private final double[][] gradient = new double[2][CLASSES];

        @Override
        public void run() {}

        @Override
        public double loss() {
            return loss;
        }

        @Override
        public double gradient(int row, int column) {
            return gradient[row][column];
        }
    }

    /** All logits equal: every class has probability 1/K, and the loss is log K. */
    @Test
    void acceptsRightAndRejectsWrongResults() {
        try (Batch batch = new Batch(TASK)) {
            Claim claim = new Claim();
            for (int row = 0; row < 2; row++) {
                for (int column = 0; column < CLASSES; column++) {
                    batch.logits().set(row, column, 5);
                    double oneHot = column == batch.targets().get(row) ? 1 : 0;
                    claim.gradient[row][column] = (1.0 / CLASSES - oneHot) / 2;
                }
            }
            Oracle oracle = new Oracle(batch);

            oracle.check(claim, Pass.GRADIENT, Accuracy.RELATIVE);
            claim.loss = Math.log(CLASSES) * (1 + 1e-11);
            assertThrows(AssertionError.class, () -> oracle.check(claim, Pass.FORWARD, Accuracy.RELATIVE));
            claim.loss = Double.NaN;
            assertThrows(AssertionError.class, () -> oracle.check(claim, Pass.FORWARD, Accuracy.ABSOLUTE));
            claim.loss = Math.log(CLASSES);
            claim.gradient[1][(int) batch.targets().get(1)] = -0.5;
            oracle.check(claim, Pass.FORWARD, Accuracy.RELATIVE);
            assertThrows(AssertionError.class, () -> oracle.check(claim, Pass.GRADIENT, Accuracy.RELATIVE));
        }
    }
}
