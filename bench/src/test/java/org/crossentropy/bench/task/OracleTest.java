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
            Oracle oracle = Oracle.of(batch);

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

    /** Hidden states of zeros: every class has probability 1/K, and the gradient of the weight is 0. */
    @Test
    void rejectsWrongGradientsOfHeads() {
        Task task = Task.parse("linear/2x3x20/float64/heap/gradient");
        try (Batch batch = new Batch(task)) {
            batch.hidden().segment().fill((byte) 0);
            HeadClaim claim = new HeadClaim(3);
            for (int row = 0; row < 2; row++) {
                for (int column = 0; column < 3; column++) {
                    double sum = 0;
                    for (int j = 0; j < CLASSES; j++) {
                        sum += batch.weight().get(j, column) / CLASSES;
                    }
                    int target = (int) batch.targets().get(row);
                    claim.hidden[row][column] = (sum - batch.weight().get(target, column)) / 2;
                }
            }
            Oracle oracle = Oracle.of(batch);

            oracle.check(claim, Pass.GRADIENT, Accuracy.RELATIVE);
            claim.weight[0][0] = 1e-9;
            assertThrows(AssertionError.class, () -> oracle.check(claim, Pass.GRADIENT, Accuracy.RELATIVE));
            claim.weight[0][0] = 0;
            claim.hidden[1][0] *= 1 + 1e-9;
            oracle.check(claim, Pass.FORWARD, Accuracy.RELATIVE);
            assertThrows(AssertionError.class, () -> oracle.check(claim, Pass.GRADIENT, Accuracy.RELATIVE));
        }
    }

    /** Pairs that are all alike: every probability is 1/N, and moving along the length changes nothing. */
    @Test
    void rejectsWrongGradientsOfPairs() {
        Task task = Task.parse("contrastive/20x3x20/float64/heap/gradient");
        try (Batch batch = new Batch(task)) {
            for (int row = 0; row < CLASSES; row++) {
                for (int column = 0; column < 3; column++) {
                    batch.hidden().set(row, column, 1);
                    batch.weight().set(row, column, 2);
                }
            }
            HeadClaim claim = new HeadClaim(3);
            Oracle oracle = Oracle.of(batch);

            oracle.check(claim, Pass.GRADIENT, Accuracy.RELATIVE);
            claim.weight[0][1] = 1e-9;
            assertThrows(AssertionError.class, () -> oracle.check(claim, Pass.GRADIENT, Accuracy.RELATIVE));
        }
    }

    /** The loss of equal logits, and gradients as the test wants. */
    private static final class HeadClaim implements Work {

        private final double[][] hidden;
        private final double[][] weight;

        HeadClaim(int width) {
            hidden = new double[CLASSES][width];
            weight = new double[CLASSES][width];
        }

        @Override
        public void run() {}

        @Override
        public double loss() {
            return Math.log(CLASSES);
        }

        @Override
        public double gradient(int row, int column) {
            return hidden[row][column];
        }

        @Override
        public double weightGradient(int row, int column) {
            return weight[row][column];
        }
    }
}
