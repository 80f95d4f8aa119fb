package org.crossentropy.app.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.lang.foreign.Arena;
import java.util.List;
import java.util.SplittableRandom;
import org.crossentropy.api.ClassIndices;
import org.crossentropy.api.Execution;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.SoftmaxCrossEntropy;
import org.junit.jupiter.api.Test;

class NetworkTest {

    private static final int ROWS = 7;
    private static final ClassIndices TARGETS = ClassIndices.of(0, 1, 2, 2, 1, 0, 1);

    private final SoftmaxCrossEntropy loss = SoftmaxCrossEntropy.create();

    /** Backward agrees with what the loss does when a weight is moved a little. */
    @Test
    void gradientsAreThoseOfTheLoss() {
        try (Arena arena = Arena.ofConfined()) {
            SplittableRandom random = new SplittableRandom(5);
            Network network = new Network(List.of(4, 6, 5, 3), ROWS, Execution.automatic(), random, arena);
            Matrix inputs = Floats.matrix(ROWS, 4, arena);
            for (long i = 0; i < ROWS * 4L; i++) {
                Floats.set(inputs.segment(), i, (float) random.nextGaussian());
            }
            Matrix logits = network.logits(inputs);
            loss.lossAndGradient(logits, TARGETS, logits);
            network.backward(logits);
            for (Parameter parameter : network.parameters()) {
                for (long i = 0; i < parameter.size(); i++) {
                    double expected = slope(network, inputs, parameter, i);
                    assertEquals(expected, Floats.get(parameter.gradient().segment(), i), 2e-4);
                }
            }
        }
    }

    private double slope(Network network, Matrix inputs, Parameter parameter, long index) {
        float value = Floats.get(parameter.value().segment(), index);
        float step = 0x1p-9f;
        Floats.set(parameter.value().segment(), index, value + step);
        double above = loss.loss(network.logits(inputs), TARGETS).value();
        Floats.set(parameter.value().segment(), index, value - step);
        double below = loss.loss(network.logits(inputs), TARGETS).value();
        Floats.set(parameter.value().segment(), index, value);
        return (above - below) / (2 * step);
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
