package org.crossentropy.app.model;

import java.util.List;
import org.crossentropy.api.Matrix;

/**
 * A step from inputs to outputs, one row an example. A layer remembers what it saw in {@link #forward} until the way back
 * is done; matrices that it returns are its own, good until the next batch.
 */
interface Layer {

    /** Computes the outputs of a batch. */
    Matrix forward(Matrix input);

    /** Computes the gradients of the layer's parameters from the gradient of its outputs. */
    void parameterGradients(Matrix outputGradient);

    /** Computes the gradient of the layer's inputs from the gradient of its outputs, which it may overwrite. */
    Matrix inputGradient(Matrix outputGradient);

    /** What the layer learns. */
    List<Parameter> parameters();
}
