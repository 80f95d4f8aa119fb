package org.crossentropy.examples;

import java.lang.foreign.MemorySegment;
import java.util.random.RandomGenerator;
import org.crossentropy.api.Matrix;

/** Numbers that a model learns, with their gradient and the optimiser Adam (Kingma and Ba 2015). */
final class Parameter {

    private static final float MEAN_MEMORY = 0.9f;
    private static final float SQUARE_MEMORY = 0.999f;
    private static final float EPSILON = 1e-8f;

    private final Matrix value;
    private final Matrix gradient;
    private final Matrix mean;
    private final Matrix square;
    private int steps;

    private Parameter(int rows, int columns) {
        this.value = Floats.matrix(rows, columns);
        this.gradient = Floats.matrix(rows, columns);
        this.mean = Floats.matrix(rows, columns);
        this.square = Floats.matrix(rows, columns);
    }

    static Parameter zeros(int rows, int columns) {
        return new Parameter(rows, columns);
    }

    static Parameter normal(int rows, int columns, double deviation, RandomGenerator random) {
        Parameter parameter = new Parameter(rows, columns);
        for (long i = 0; i < parameter.size(); i++) {
            Floats.set(parameter.value.segment(), i, (float) (deviation * random.nextGaussian()));
        }
        return parameter;
    }

    Matrix value() {
        return value;
    }

    /** Where the gradient is written before a step. */
    Matrix gradient() {
        return gradient;
    }

    private long size() {
        return value.rows() * value.columns();
    }

    /** Moves every number against its gradient. */
    void step(double learningRate) {
        steps++;
        float rate = (float) (learningRate / (1 - Math.pow(MEAN_MEMORY, steps)));
        float squareScale = (float) (1 / (1 - Math.pow(SQUARE_MEMORY, steps)));
        MemorySegment values = value.segment();
        MemorySegment gradients = gradient.segment();
        MemorySegment means = mean.segment();
        MemorySegment squares = square.segment();
        long size = size();
        for (long i = 0; i < size; i++) {
            float slope = Floats.get(gradients, i);
            float newMean = MEAN_MEMORY * Floats.get(means, i) + (1 - MEAN_MEMORY) * slope;
            float newSquare = SQUARE_MEMORY * Floats.get(squares, i) + (1 - SQUARE_MEMORY) * slope * slope;
            Floats.set(means, i, newMean);
            Floats.set(squares, i, newSquare);
            Floats.add(values, i, -rate * newMean / ((float) Math.sqrt(newSquare * squareScale) + EPSILON));
        }
    }
}
