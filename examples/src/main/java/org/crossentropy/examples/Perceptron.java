package org.crossentropy.examples;

import java.lang.foreign.MemorySegment;
import java.util.random.RandomGenerator;
import org.crossentropy.api.Matrix;

/** A network of two layers with {@code max(0, x)} between them: enough for all the examples. */
final class Perceptron {

    private final Dense first;
    private final Dense second;
    private final Matrix input;
    private final Matrix inputGradients;
    private final Matrix hidden;
    private final Matrix hiddenGradients;
    private final Matrix outputs;

    /**
     * Makes a network with random weights.
     *
     * @param batch the largest number of rows of one pass
     */
    Perceptron(int inputs, int hidden, int outputs, int batch, RandomGenerator random) {
        this.first = new Dense(inputs, hidden, random);
        this.second = new Dense(hidden, outputs, random);
        this.input = Floats.matrix(batch, inputs);
        this.inputGradients = Floats.matrix(batch, inputs);
        this.hidden = Floats.matrix(batch, hidden);
        this.hiddenGradients = Floats.matrix(batch, hidden);
        this.outputs = Floats.matrix(batch, outputs);
    }

    /** Where the rows of a pass are written. */
    Matrix input() {
        return input;
    }

    /** Computes the outputs of the first rows of the {@link #input}, into memory that the next pass uses again. */
    Matrix forward(long rows) {
        Matrix activations = hidden.rows(0, rows);
        first.forward(input.rows(0, rows), activations);
        rectify(activations);
        Matrix output = outputs.rows(0, rows);
        second.forward(activations, output);
        return output;
    }

    private static void rectify(Matrix matrix) {
        MemorySegment values = matrix.segment();
        long elements = matrix.rows() * matrix.columns();
        for (long i = 0; i < elements; i++) {
            Floats.set(values, i, Math.max(0, Floats.get(values, i)));
        }
    }

    /** Learns from the gradient of the outputs of the last pass; the gradient may be written over them. */
    void learn(Matrix outputGradient, double learningRate) {
        backward(outputGradient);
        step(learningRate);
    }

    /** The same, for an input that is learnt as well: returns its gradient. */
    Matrix learnAndPassOn(Matrix outputGradient, double learningRate) {
        Matrix gradient = backward(outputGradient);
        Matrix inputGradient = inputGradients.rows(0, outputGradient.rows());
        first.inputGradient(gradient, inputGradient);
        step(learningRate);
        return inputGradient;
    }

    private Matrix backward(Matrix outputGradient) {
        long rows = outputGradient.rows();
        Matrix gradient = hiddenGradients.rows(0, rows);
        second.backward(hidden.rows(0, rows), outputGradient);
        second.inputGradient(outputGradient, gradient);
        MemorySegment gradients = gradient.segment();
        MemorySegment activations = hidden.segment();
        long elements = rows * hidden.columns();
        for (long i = 0; i < elements; i++) {
            if (Floats.get(activations, i) == 0) {
                Floats.set(gradients, i, 0);
            }
        }
        first.backward(input.rows(0, rows), gradient);
        return gradient;
    }

    private void step(double learningRate) {
        first.step(learningRate);
        second.step(learningRate);
    }
}
