package org.crossentropy.app;

import java.util.function.Consumer;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.RowValues;
import org.jspecify.annotations.Nullable;

/**
 * Where the library writes to.
 *
 * @param gradient N x K; null if not wanted
 * @param rowLosses N numbers; null if not wanted
 */
record EvalOutputs(@Nullable Matrix gradient, @Nullable RowValues rowLosses) {

    void ifGradient(Consumer<Matrix> use) {
        if (gradient != null) {
            use.accept(gradient);
        }
    }

    void ifRowLosses(Consumer<RowValues> use) {
        if (rowLosses != null) {
            use.accept(rowLosses);
        }
    }
}
