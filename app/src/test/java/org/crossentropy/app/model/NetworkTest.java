package org.crossentropy.app.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.lang.foreign.Arena;
import java.util.List;
import java.util.SplittableRandom;
import org.crossentropy.api.ClassIndices;
import org.crossentropy.api.Execution;
import org.crossentropy.api.Matrix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NetworkTest {

    private static final int ROWS = 7;
    private static final ClassIndices TARGETS = ClassIndices.of(0, 1, 2, 2, 1, 0, 1);

    private final Objective objective = Objective.softmax(3, 0, Execution.automatic());

    /** Backward agrees with what loss and penalty do when a weight is moved a little. */
    @ParameterizedTest
    @ValueSource(doubles = {0, 0.25})
    void gradientsAreThoseOfLossAndPenalty(double l2) {
        try (Arena arena = Arena.ofConfined()) {
            SplittableRandom random = new SplittableRandom(5);
            Network network = new Network(List.of(4, 6, 5, 3), ROWS, Execution.automatic(), random, arena);
            // Biases begin at 0, where a penalty that wrongly took them in would have no slope.
            network.parameters().stream()
                    .filter(parameter -> !parameter.isWeight())
                    .forEach(biases -> fill(biases.value(), random));
            Matrix inputs = Floats.matrix(ROWS, 4, arena);
            fill(inputs, random);
            SquaredWeights penalty = new SquaredWeights(l2, network.parameters());
            Matrix logits = network.logits(inputs);
            objective.learn(logits, TARGETS);
            network.backward(logits);
            penalty.addGradient();
            for (Parameter parameter : network.parameters()) {
                for (long i = 0; i < parameter.size(); i++) {
                    double expected = slope(network, penalty, inputs, parameter, i);
                    assertEquals(expected, Floats.get(parameter.gradient().segment(), i), 2e-4);
                }
            }
        }
    }

    private static void fill(Matrix matrix, SplittableRandom random) {
        for (long i = 0; i < matrix.rows() * matrix.columns(); i++) {
            Floats.set(matrix.segment(), i, (float) random.nextGaussian());
        }
    }

    private double slope(Network network, SquaredWeights penalty, Matrix inputs, Parameter parameter, long index) {
        float value = Floats.get(parameter.value().segment(), index);
        float step = 0x1p-9f;
        Floats.set(parameter.value().segment(), index, value + step);
        double above = total(network, penalty, inputs);
        Floats.set(parameter.value().segment(), index, value - step);
        double below = total(network, penalty, inputs);
        Floats.set(parameter.value().segment(), index, value);
        return (above - below) / (2 * step);
    }

    private double total(Network network, SquaredWeights penalty, Matrix inputs) {
        return objective
                .score(network.logits(inputs), TARGETS)
                .withPenalty(penalty.value())
                .total();
    }

    @Test
    void penaltyIsHalfTheSquaresOfWeightsAlone() {
        try (Arena arena = Arena.ofConfined()) {
            Network network = new Network(List.of(2, 2), 1, Execution.automatic(), new SplittableRandom(1), arena);
            Parameter weights = network.parameters().getFirst();
            for (int i = 0; i < 4; i++) {
                Floats.set(weights.value().segment(), i, i + 1);
            }
            network.parameters().getLast().value().set(0, 0, 100);
            assertEquals(0.5 / 2 * (1 + 4 + 9 + 16), new SquaredWeights(0.5, network.parameters()).value());
            assertEquals(0, new SquaredWeights(0, network.parameters()).value());
        }
    }

    @Test
    void fingerprintIsOfEveryWeight() {
        try (Arena arena = Arena.ofConfined()) {
            Network network = new Network(List.of(2, 3), 1, Execution.automatic(), new SplittableRandom(1), arena);
            String before = network.fingerprint();
            assertEquals(9, network.size());
            assertEquals(64, before.length());
            assertEquals(before, network.fingerprint());
            network.parameters().getLast().value().set(0, 2, 1e-30);
            assertNotEquals(before, network.fingerprint());
        }
    }
}
