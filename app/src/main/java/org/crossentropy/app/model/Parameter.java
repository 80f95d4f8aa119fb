package org.crossentropy.app.model;

import java.lang.foreign.Arena;
import org.crossentropy.api.Matrix;

/**
 * Numbers that a model learns.
 *
 * @param value the numbers
 * @param gradient of the loss of the last batch with respect to them
 * @param isWeight whether they are factors of inputs, which may be pulled towards 0, and not biases
 */
record Parameter(Matrix value, Matrix gradient, boolean isWeight) {

    static Parameter zeros(int rows, int columns, boolean isWeight, Arena arena) {
        return new Parameter(Floats.matrix(rows, columns, arena), Floats.matrix(rows, columns, arena), isWeight);
    }

    long size() {
        return value.rows() * value.columns();
    }
}
