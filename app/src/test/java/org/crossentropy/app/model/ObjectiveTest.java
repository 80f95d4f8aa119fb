package org.crossentropy.app.model;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.crossentropy.api.ClassIndices;
import org.crossentropy.api.Execution;
import org.crossentropy.api.Matrix;
import org.junit.jupiter.api.Test;

class ObjectiveTest {

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    @Test
    void binaryHasOneLogitAboveZeroForClassOne() {
        Objective objective = Objective.binary(0, Execution.automatic());
        assertEquals(1, objective.logits());
        Matrix logits = Matrix.of(new double[] {2, -1, 0, 3}, 4, 1);
        ClassIndices targets = ClassIndices.of(1, 1, 0, 0);
        double sum = Math.log1p(Math.exp(-2)) + Math.log1p(Math.exp(1)) + Math.log(2) + Math.log1p(Math.exp(3));
        assertEquals(sum / 4, objective.score(logits, targets).loss().value(), 1e-14);
        Score score = objective.learn(logits, targets);
        assertEquals(sum / 4, score.loss().value(), 1e-14);
        assertEquals(2, score.right());
        assertEquals((sigmoid(2) - 1) / 4, logits.get(0, 0), 1e-15);
        assertEquals((sigmoid(-1) - 1) / 4, logits.get(1, 0), 1e-15);
        assertEquals(0.5 / 4, logits.get(2, 0), 1e-15);
        assertEquals(sigmoid(3) / 4, logits.get(3, 0), 1e-15);
    }

    @Test
    void binarySmoothsInTrainingAlone() {
        Objective objective = Objective.binary(0.2, Execution.automatic());
        Matrix logits = Matrix.of(new double[] {2}, 1, 1);
        ClassIndices targets = ClassIndices.of(1);
        assertEquals(
                Math.log1p(Math.exp(-2)),
                objective.score(logits, targets).loss().value(),
                1e-15);
        objective.learn(logits, targets);
        assertEquals(sigmoid(2) - 0.9, logits.get(0, 0), 1e-15);
    }

    @Test
    void softmaxCountsFirstLargestLogitsBeforeItOverwritesThem() {
        Objective objective = Objective.softmax(3, 0.3, Execution.automatic());
        assertEquals(3, objective.logits());
        double[] rows = {1, 1, 0, 1, 1, 0, Double.NaN, 0, 0};
        Matrix logits = Matrix.of(rows, 3, 3);
        ClassIndices targets = ClassIndices.of(0, 1, 0);
        assertEquals(1, objective.score(logits, targets).right());
        assertEquals(1, objective.learn(logits, targets).right());
        double p = Math.E / (2 * Math.E + 1);
        assertEquals((p - 0.8) / 3, rows[0], 1e-15);
        assertEquals((p - 0.1) / 3, rows[1], 1e-15);
    }

    @Test
    void signsOfNanAreWrong() {
        Matrix logits = Matrix.of(new double[] {Double.NaN, 1, -1, Double.NaN}, 2, 2);
        assertEquals(1, SignAccuracy.countRight(logits, (_, _) -> true, null, 1));
        assertEquals(1, SignAccuracy.countRight(logits, (_, _) -> false, null, 4));
    }
}
