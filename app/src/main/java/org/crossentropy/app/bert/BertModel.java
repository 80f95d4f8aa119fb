package org.crossentropy.app.bert;

import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.crossentropy.api.Matrix;
import org.crossentropy.app.io.InputException;
import org.jspecify.annotations.Nullable;

/**
 * A BERT with its masked-language-model head, as TensorFlow saves it. The head's matrix is that of the token embeddings,
 * used where it lies in the mapped file.
 */
public final class BertModel {

    private static final String VOCABULARY = "assets/vocab.txt";
    private static final String WORDS = "bert/embeddings/word_embeddings";
    private static final String LAYER = "bert/encoder/layer_";

    /** Columns of an attention head in every published BERT; the weights do not tell. */
    private static final int HEAD_WIDTH = 64;

    private final Vocabulary vocabulary;
    private final BertShape shape;
    private final Matrix words;
    private final Matrix positions;
    private final Matrix firstSegment;
    private final LayerNorm embeddingNorm;
    private final List<EncoderLayer> layers = new ArrayList<>();
    private final Dense transform;
    private final LayerNorm transformNorm;
    private final Matrix outputBias;

    private BertModel(Vocabulary vocabulary, TensorBundle bundle, String prefix, BertShape shape) {
        this.vocabulary = vocabulary;
        this.shape = shape;
        int width = shape.width();
        String embeddings = prefix + "bert/embeddings/";
        words = bundle.matrix(prefix + WORDS, shape.vocabulary(), width);
        positions = bundle.matrix(embeddings + "position_embeddings", shape.positions(), width);
        firstSegment = bundle.matrix(
                        embeddings + "token_type_embeddings",
                        bundle.lengths(embeddings + "token_type_embeddings", 2).getFirst(),
                        width)
                .rows(0, 1);
        embeddingNorm = LayerNorm.read(bundle, embeddings + "LayerNorm", width);
        for (int i = 0; i < shape.layers(); i++) {
            layers.add(EncoderLayer.read(bundle, prefix + LAYER + i, shape));
        }
        String head = prefix + "cls/predictions/";
        transform = Dense.read(bundle, head + "transform/dense", width, width);
        transformNorm = LayerNorm.read(bundle, head + "transform/LayerNorm", width);
        outputBias = bundle.row(head + "output_bias", shape.vocabulary());
    }

    /**
     * Opens a model.
     *
     * @param file a folder with {@code variables} and {@code assets}, a zip file of it whose entries are not compressed, or
     *     a jar with such a zip file in it
     * @param unpacked where the zip file in a jar is put, and looked for; null for a temporary file
     * @param arena how long it stays mapped
     * @return the model
     * @throws InputException if it is no such model, or not complete
     */
    public static BertModel open(Path file, @Nullable Path unpacked, Arena arena) {
        ModelFiles files = ModelFiles.open(file, unpacked, arena);
        TensorBundle bundle = TensorBundle.open(files);
        String prefix = bundle.prefixOf(WORDS)
                .orElseThrow(() -> new InputException(
                        bundle.place() + ": no BERT model: has no tensor whose name ends in " + WORDS));
        BertShape shape = shape(bundle, prefix);
        Vocabulary vocabulary = Vocabulary.read(files.place(VOCABULARY), files.map(VOCABULARY));
        if (vocabulary.size() != shape.vocabulary()) {
            throw new InputException(files.place(VOCABULARY) + ": has " + vocabulary.size()
                    + " tokens, must have one for each of the " + shape.vocabulary() + " embeddings");
        }
        return new BertModel(vocabulary, bundle, prefix, shape);
    }

    private static BertShape shape(TensorBundle bundle, String prefix) {
        List<Long> words = bundle.lengths(prefix + WORDS, 2);
        int width = Math.toIntExact(words.getLast());
        if (width == 0 || width % HEAD_WIDTH != 0) {
            throw new InputException(bundle.place() + ": has " + width + " numbers a token, must be a multiple of "
                    + HEAD_WIDTH + ", the width of an attention head");
        }
        int layers = 0;
        while (bundle.names().contains(prefix + LAYER + layers + "/output/dense/kernel")) {
            layers++;
        }
        String inner = prefix + LAYER + "0/intermediate/dense/bias";
        String positions = prefix + "bert/embeddings/position_embeddings";
        return new BertShape(
                Math.toIntExact(words.getFirst()),
                width,
                layers,
                width / HEAD_WIDTH,
                Math.toIntExact(bundle.lengths(inner, 1).getFirst()),
                Math.toIntExact(bundle.lengths(positions, 2).getFirst()));
    }

    /**
     * {@return the tokens it knows}
     */
    public Vocabulary vocabulary() {
        return vocabulary;
    }

    /**
     * {@return how large it is}
     */
    public BertShape shape() {
        return shape;
    }

    /**
     * {@return the head's matrix, V x D: the embedding of each token}
     */
    public Matrix words() {
        return words;
    }

    /**
     * {@return the head's bias, 1 x V}
     */
    public Matrix outputBias() {
        return outputBias;
    }

    List<EncoderLayer> layers() {
        return layers;
    }

    Dense transform() {
        return transform;
    }

    LayerNorm transformNorm() {
        return transformNorm;
    }

    /** Writes what stands for a token at a position of a sequence. */
    void embed(int token, int position, float[] values) {
        Compute.read(words, token, values);
        Compute.add(values, positions, position);
        Compute.add(values, firstSegment, 0);
        embeddingNorm.apply(values);
    }
}
