package org.crossentropy.app.model;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.random.RandomGenerator;
import org.crossentropy.api.Execution;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.MatrixProduct;

/** Layers one after another, from inputs to logits: a multilayer perceptron, or with one layer logistic regression. */
public final class Network {

    private final List<Layer> layers;
    private final List<Parameter> parameters;

    /**
     * Makes a network with random weights.
     *
     * @param widths numbers of inputs, of the outputs of each hidden layer, and of classes
     * @param batch how many rows are computed at once at most
     * @param execution where matrix products are computed
     * @param random where weights come from
     * @param arena how long the network lives
     */
    public Network(List<Integer> widths, int batch, Execution execution, RandomGenerator random, Arena arena) {
        MatrixProduct product = MatrixProduct.on(execution);
        List<Layer> built = new ArrayList<>();
        for (int i = 1; i < widths.size(); i++) {
            if (i > 1) {
                built.add(new Rectifier());
            }
            built.add(new Dense(widths.get(i - 1), widths.get(i), batch, product, random, arena));
        }
        layers = List.copyOf(built);
        parameters =
                layers.stream().flatMap(layer -> layer.parameters().stream()).toList();
    }

    /**
     * Computes the logits of a batch.
     *
     * @param inputs one example a row
     * @return one row of logits for each; memory of the network's own, good until the next batch
     */
    public Matrix logits(Matrix inputs) {
        Matrix signal = inputs;
        for (Layer layer : layers) {
            signal = layer.forward(signal);
        }
        return signal;
    }

    /**
     * Computes the gradients of all parameters.
     *
     * @param logitsGradient gradient of the loss with respect to the logits of the last batch
     */
    void backward(Matrix logitsGradient) {
        Matrix gradient = logitsGradient;
        for (int i = layers.size() - 1; i >= 0; i--) {
            layers.get(i).parameterGradients(gradient);
            if (i > 0) {
                gradient = layers.get(i).inputGradient(gradient);
            }
        }
    }

    List<Parameter> parameters() {
        return parameters;
    }

    /**
     * {@return how many numbers are learnt}
     */
    public long size() {
        return parameters.stream().mapToLong(Parameter::size).sum();
    }

    /**
     * Returns a fingerprint of all weights and biases, to compare two runs by.
     *
     * @return the SHA-256 of their bytes, in hexadecimal
     */
    public String fingerprint() {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (Parameter parameter : parameters) {
                MemorySegment values = parameter.value().segment();
                digest.update(values.asByteBuffer());
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError("every Java platform has SHA-256", impossible);
        }
    }
}
