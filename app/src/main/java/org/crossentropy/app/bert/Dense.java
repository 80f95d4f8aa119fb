package org.crossentropy.app.bert;

import org.crossentropy.api.Matrix;

/** {@code Y = f(X W + b)}. */
final class Dense {

    private final Matrix kernel;
    private final float[] bias;

    Dense(Matrix kernel, float[] bias) {
        this.kernel = kernel;
        this.bias = bias;
    }

    static Dense read(TensorBundle bundle, String name, int inputs, int outputs) {
        return new Dense(bundle.matrix(name + "/kernel", inputs, outputs), bundle.vector(name + "/bias", outputs));
    }

    /** Applies the layer and then f, row by row. */
    void apply(Matrix x, Matrix y, Compute compute, Compute.RowFunction f) {
        compute.product().multiply(x, kernel, y);
        compute.eachRow(y, (row, values) -> {
            for (int j = 0; j < values.length; j++) {
                values[j] += bias[j];
            }
            f.apply(row, values);
        });
    }

    /** Applies the layer, f being nothing. */
    void apply(Matrix x, Matrix y, Compute compute) {
        apply(x, y, compute, (_, _) -> {});
    }
}
