package org.crossentropy.app.model;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.crossentropy.api.Matrix;

/** {@code max(0, x)} of each element, in place: what makes layers more than one matrix. */
final class Rectifier implements Layer {

    private MemorySegment output = MemorySegment.NULL;

    @Override
    public Matrix forward(Matrix input) {
        output = input.segment();
        long elements = input.rows() * input.columns();
        for (long i = 0; i < elements; i++) {
            Floats.set(output, i, Math.max(0, Floats.get(output, i)));
        }
        return input;
    }

    @Override
    public void parameterGradients(Matrix outputGradient) {
        // Nothing is learnt here.
    }

    @Override
    public Matrix inputGradient(Matrix outputGradient) {
        MemorySegment gradient = outputGradient.segment();
        long elements = outputGradient.rows() * outputGradient.columns();
        for (long i = 0; i < elements; i++) {
            Floats.set(gradient, i, Floats.get(output, i) > 0 ? Floats.get(gradient, i) : 0);
        }
        return outputGradient;
    }

    @Override
    public List<Parameter> parameters() {
        return List.of();
    }
}
