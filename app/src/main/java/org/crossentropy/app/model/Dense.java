package org.crossentropy.app.model;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.random.RandomGenerator;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.MatrixProduct;
import org.crossentropy.api.MatrixProduct.Operand;

/** {@code Z = X W + b}: every output a weighted sum of all inputs. */
final class Dense implements Layer {

    private final MatrixProduct product;
    private final Parameter weights;
    private final Parameter bias;
    private final Matrix outputs;
    private final Matrix inputGradients;
    private Matrix input;

    /**
     * Makes a layer with random weights of variance 2 / inputs (He et al. 2015), which keeps the size of signals the
     * same through layers of rectifiers, and biases 0.
     */
    Dense(int inputs, int outputs, int batch, MatrixProduct product, RandomGenerator random, Arena arena) {
        this.product = product;
        this.weights = Parameter.zeros(inputs, outputs, true, arena);
        this.bias = Parameter.zeros(1, outputs, false, arena);
        this.outputs = Floats.matrix(batch, outputs, arena);
        this.inputGradients = Floats.matrix(batch, inputs, arena);
        this.input = inputGradients.rows(0, 0);
        double deviation = Math.sqrt(2.0 / inputs);
        for (long i = 0; i < weights.size(); i++) {
            Floats.set(weights.value().segment(), i, (float) (deviation * random.nextGaussian()));
        }
    }

    @Override
    public Matrix forward(Matrix input) {
        this.input = input;
        Matrix output = outputs.rows(0, input.rows());
        product.multiply(input, weights.value(), output);
        addToRows(bias.value().segment(), output);
        return output;
    }

    private static void addToRows(MemorySegment bias, Matrix output) {
        MemorySegment values = output.segment();
        int columns = output.columns();
        for (long row = 0; row < output.rows(); row++) {
            for (int j = 0; j < columns; j++) {
                long index = row * columns + j;
                Floats.set(values, index, Floats.get(values, index) + Floats.get(bias, j));
            }
        }
    }

    @Override
    public void parameterGradients(Matrix outputGradient) {
        product.multiply(input, Operand.TRANSPOSED, outputGradient, Operand.PLAIN, 1, 0, weights.gradient());
        sumOfRows(outputGradient, bias.gradient().segment());
    }

    private static void sumOfRows(Matrix matrix, MemorySegment sums) {
        sums.fill((byte) 0);
        MemorySegment values = matrix.segment();
        int columns = matrix.columns();
        for (long row = 0; row < matrix.rows(); row++) {
            for (int j = 0; j < columns; j++) {
                Floats.set(sums, j, Floats.get(sums, j) + Floats.get(values, row * columns + j));
            }
        }
    }

    @Override
    public Matrix inputGradient(Matrix outputGradient) {
        Matrix gradient = inputGradients.rows(0, outputGradient.rows());
        product.multiply(outputGradient, Operand.PLAIN, weights.value(), Operand.TRANSPOSED, 1, 0, gradient);
        return gradient;
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(weights, bias);
    }
}
