package org.crossentropy.app.bert;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;

/** A BERT of two layers and two heads with random weights, for tests. */
public final class TinyBert {

    public static final List<String> TOKENS = List.of(
            "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "cat", "sat", "on", "mat", "un", "##aff", "##able",
            "a", ".", ",", "##s", "dog", "ran", "!");

    static final int WIDTH = 128;
    static final int HEADS = 2;
    static final int LAYERS = 2;
    static final int INNER = 72;
    static final int POSITIONS = 16;

    private static final String PREFIX = "module/";

    private final Map<String, float[]> values = new TreeMap<>();
    private final Map<String, int[]> shapes = new LinkedHashMap<>();
    private final SplittableRandom random = new SplittableRandom(7);

    /** Makes the weights, always the same ones. */
    public TinyBert() {
        int vocabulary = TOKENS.size();
        put("bert/embeddings/word_embeddings", 1, vocabulary, WIDTH);
        put("bert/embeddings/position_embeddings", 0.5, POSITIONS, WIDTH);
        put("bert/embeddings/token_type_embeddings", 0.5, 2, WIDTH);
        norm("bert/embeddings/LayerNorm");
        for (int layer = 0; layer < LAYERS; layer++) {
            String name = "bert/encoder/layer_" + layer;
            dense(name + "/attention/self/query", WIDTH, WIDTH);
            dense(name + "/attention/self/key", WIDTH, WIDTH);
            dense(name + "/attention/self/value", WIDTH, WIDTH);
            dense(name + "/attention/output/dense", WIDTH, WIDTH);
            norm(name + "/attention/output/LayerNorm");
            dense(name + "/intermediate/dense", WIDTH, INNER);
            dense(name + "/output/dense", INNER, WIDTH);
            norm(name + "/output/LayerNorm");
        }
        dense("cls/predictions/transform/dense", WIDTH, WIDTH);
        norm("cls/predictions/transform/LayerNorm");
        put("cls/predictions/output_bias", 1, vocabulary);
    }

    private void dense(String name, int inputs, int outputs) {
        put(name + "/kernel", 1.5 / Math.sqrt(inputs), inputs, outputs);
        put(name + "/bias", 0.3, outputs);
    }

    private void norm(String name) {
        put(name + "/gamma", 1, WIDTH);
        put(name + "/beta", 0.3, WIDTH);
    }

    private void put(String name, double size, int... shape) {
        int count = 1;
        for (int length : shape) {
            count *= length;
        }
        float[] numbers = new float[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = (float) (size * (2 * random.nextDouble() - 1));
        }
        put(name, numbers, shape);
    }

    /** Sets a tensor. */
    public void put(String name, float[] numbers, int... shape) {
        values.put(PREFIX + name, numbers);
        shapes.put(PREFIX + name, shape);
    }

    /** Leaves a tensor out. */
    public void remove(String name) {
        values.remove(PREFIX + name);
    }

    float[] values(String name) {
        return Objects.requireNonNull(values.get(PREFIX + name), name);
    }

    /** Writes the model into a folder. */
    public Path write(Path folder) throws IOException {
        return write(folder, true);
    }

    Path write(Path folder, boolean checksums) throws IOException {
        BundleWriter bundle = new BundleWriter(checksums);
        values.forEach((name, numbers) -> bundle.add(name, numbers, Objects.requireNonNull(shapes.get(name))));
        bundle.write(folder);
        Path assets = Files.createDirectories(folder.resolve("assets"));
        Files.writeString(assets.resolve("vocab.txt"), String.join("\n", TOKENS) + "\n");
        return folder;
    }
}
