package org.crossentropy.app.bert;

import java.lang.foreign.Arena;
import org.crossentropy.api.Matrix;

/** Attention and a network of two dense layers, each added to its input and normalised. */
final class EncoderLayer {

    private final Attention attention;
    private final Dense attentionOutput;
    private final LayerNorm attentionNorm;
    private final Dense inner;
    private final Dense output;
    private final LayerNorm outputNorm;

    private EncoderLayer(TensorBundle bundle, String name, BertShape shape) {
        int width = shape.width();
        attention = Attention.read(bundle, name + "/attention/self", shape);
        attentionOutput = Dense.read(bundle, name + "/attention/output/dense", width, width);
        attentionNorm = LayerNorm.read(bundle, name + "/attention/output/LayerNorm", width);
        inner = Dense.read(bundle, name + "/intermediate/dense", width, shape.inner());
        output = Dense.read(bundle, name + "/output/dense", shape.inner(), width);
        outputNorm = LayerNorm.read(bundle, name + "/output/LayerNorm", width);
    }

    static EncoderLayer read(TensorBundle bundle, String name, BertShape shape) {
        return new EncoderLayer(bundle, name, shape);
    }

    /** Room for what is computed on the way, which all layers share. */
    static final class Workspace {

        private final Attention.Workspace attention;
        private final Matrix context;
        private final Matrix middle;
        private final Matrix inner;

        Workspace(int longest, BertShape shape, Arena arena) {
            attention = new Attention.Workspace(longest, shape.width(), arena);
            context = Compute.matrix(longest, shape.width(), arena);
            middle = Compute.matrix(longest, shape.width(), arena);
            inner = Compute.matrix(longest, shape.inner(), arena);
        }
    }

    /** Computes in place. */
    void apply(Matrix x, Workspace space, Compute compute) {
        Matrix context = space.context.rows(0, x.rows());
        Matrix middle = space.middle.rows(0, x.rows());
        Matrix within = space.inner.rows(0, x.rows());
        attention.apply(x, context, space.attention, compute);
        attentionOutput.apply(context, middle, compute, (row, values) -> {
            Compute.add(values, x, row);
            attentionNorm.apply(values);
        });
        inner.apply(middle, within, compute, (_, values) -> Gelu.apply(values));
        output.apply(within, x, compute, (row, values) -> {
            Compute.add(values, middle, row);
            outputNorm.apply(values);
        });
    }
}
