package org.crossentropy.app.bert;

import java.lang.foreign.Arena;
import org.crossentropy.api.Execution;
import org.crossentropy.api.Matrix;

/**
 * BERT's encoder: embeddings of tokens and positions, and its layers. For one caller at a time; it keeps the memory that
 * it works in.
 */
public final class Encoder {

    private final BertModel model;
    private final Compute compute;
    private final EncoderLayer.Workspace space;
    private final Matrix states;

    /**
     * Makes an encoder.
     *
     * @param model its weights
     * @param longest tokens of the longest sequence, at most as many as the model has positions
     * @param execution where to compute
     * @param arena what its memory is allocated from, shared by threads
     */
    public Encoder(BertModel model, int longest, Execution execution, Arena arena) {
        this.model = model;
        this.compute = Compute.on(execution);
        this.space = new EncoderLayer.Workspace(longest, model.shape(), arena);
        this.states = Compute.matrix(longest, model.shape().width(), arena);
    }

    /**
     * Encodes a sequence.
     *
     * @param tokens numbers of its tokens, the first and the last being special ones
     * @return a row for each token, valid until the next call
     */
    public Matrix encode(int[] tokens) {
        Matrix x = states.rows(0, tokens.length);
        compute.eachRow(x, (row, values) -> model.embed(tokens[(int) row], (int) row, values));
        for (EncoderLayer layer : model.layers()) {
            layer.apply(x, space, compute);
        }
        return x;
    }

    /**
     * Transforms rows of the encoder's result into what the head's matrix product takes: a dense layer, the Gaussian error
     * linear unit, and a layer normalisation.
     *
     * @param states the rows
     * @param hidden receives as many rows; apart from them
     */
    public void transform(Matrix states, Matrix hidden) {
        model.transform().apply(states, hidden, compute, (_, values) -> {
            Gelu.apply(values);
            model.transformNorm().apply(values);
        });
    }
}
