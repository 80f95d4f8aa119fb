package org.crossentropy.examples;

import java.lang.foreign.MemorySegment;
import java.util.random.RandomGenerator;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.MatrixProduct;
import org.crossentropy.api.MatrixProduct.Operand;

/** A layer {@code Z = X W + b}. */
final class Dense {

    private final MatrixProduct product = MatrixProduct.create();
    private final Parameter weights;
    private final Parameter bias;

    /** Makes a layer with random weights of variance 2 / inputs (He et al. 2015) and biases 0. */
    Dense(int inputs, int outputs, RandomGenerator random) {
        this.weights = Parameter.normal(inputs, outputs, Math.sqrt(2.0 / inputs), random);
        this.bias = Parameter.zeros(1, outputs);
    }

    void forward(Matrix input, Matrix output) {
        MemorySegment values = output.segment();
        MemorySegment biases = bias.value().segment();
        int columns = output.columns();
        for (long row = 0; row < output.rows(); row++) {
            MemorySegment.copy(biases, 0, values, row * columns * Float.BYTES, (long) columns * Float.BYTES);
        }
        product.multiply(input, Operand.PLAIN, weights.value(), Operand.PLAIN, 1, 1, output);
    }

    /** Computes the gradients of weights and biases from that of the output. */
    void backward(Matrix input, Matrix outputGradient) {
        product.multiply(input, Operand.TRANSPOSED, outputGradient, Operand.PLAIN, 1, 0, weights.gradient());
        MemorySegment sums = bias.gradient().segment().fill((byte) 0);
        MemorySegment gradients = outputGradient.segment();
        int columns = outputGradient.columns();
        for (long row = 0; row < outputGradient.rows(); row++) {
            for (int j = 0; j < columns; j++) {
                Floats.add(sums, j, Floats.get(gradients, row * columns + j));
            }
        }
    }

    /** Computes the gradient of the input from that of the output. */
    void inputGradient(Matrix outputGradient, Matrix inputGradient) {
        product.multiply(outputGradient, Operand.PLAIN, weights.value(), Operand.TRANSPOSED, 1, 0, inputGradient);
    }

    void step(double learningRate) {
        weights.step(learningRate);
        bias.step(learningRate);
    }
}
