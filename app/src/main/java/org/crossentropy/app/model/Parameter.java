package org.crossentropy.app.model;

import java.lang.foreign.Arena;
import org.crossentropy.api.Matrix;

/**
 * Numbers that a model learns.
 *
 * @param value the numbers
 * @param gradient of the loss of the last batch with respect to them
 * @param decays whether the optimiser pulls them towards 0: weights, not biases
 */
record Parameter(Matrix value, Matrix gradient, boolean decays) {

    static Parameter zeros(int rows, int columns, boolean decays, Arena arena) {
        return new Parameter(Floats.matrix(rows, columns, arena), Floats.matrix(rows, columns, arena), decays);
    }

    long size() {
        return value.rows() * value.columns();
    }
}
