package org.crossentropy.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TrainCommandTest {

    @TempDir
    private Path folder = Path.of("replaced by the test framework");

    private static Map<String, ?> train(Object... options) {
        Object[] arguments =
                Stream.concat(Stream.of("train", "--json"), Stream.of(options)).toArray();
        return CommandRun.of(arguments).isFine().json();
    }

    private static double heldOut(Map<String, ?> json, String name) {
        Map<?, ?> score = (Map<?, ?>) Objects.requireNonNull(json.get("heldOut"));
        return ((Number) Objects.requireNonNull(score.get(name))).doubleValue();
    }

    @Test
    void perceptronLearnsTheDigits() {
        Map<String, ?> json = train();
        assertTrue(heldOut(json, "accuracy") >= 0.96, json.toString());
        assertEquals(360, heldOut(json, "count"));
        assertEquals(List.of(64L, 256L, 128L, 10L), json.get("widths"));
        assertEquals(30, CommandRun.list(json, "epochs").size());
    }

    @Test
    void logisticRegressionLearnsTheDigits() {
        Map<String, ?> json = train("--model", "logistic");
        assertTrue(heldOut(json, "accuracy") >= 0.88, json.toString());
        assertEquals(650L, json.get("parameters"));
    }

    private static Map<String, ?> trainOnTumours(Object... options) {
        return train(Stream.concat(Stream.of("--dataset", "wdbc"), Stream.of(options))
                .toArray());
    }

    private static double lastEpoch(Map<String, ?> json, String name) {
        Map<?, ?> epoch = (Map<?, ?>) CommandRun.list(json, "epochs").getLast();
        return ((Number) Objects.requireNonNull(epoch.get(name))).doubleValue();
    }

    /** Expected are the figures of Newton's method in double precision on the same split. */
    @ParameterizedTest
    @ValueSource(strings = {"scalar", "vector", "native"})
    void logisticRegressionWithPenaltyFindsItsBestLoss(String backend) {
        Map<String, ?> json = trainOnTumours("--model", "logistic", "--epochs", 2000, "--backend", backend);
        assertEquals(0.08229289, lastEpoch(json, "loss"), 1e-6);
        assertEquals(0.08088740, heldOut(json, "loss"), 1e-6);
        assertEquals(0.01842582, lastEpoch(json, "penalty"), 1e-4);
        assertEquals(110, heldOut(json, "right"));
        assertEquals(456L, json.get("batch"));
        assertEquals(0.005, json.get("l2"));
        assertEquals(0.0, json.get("weightDecay"));
        assertEquals(0.0, json.get("labelSmoothing"));
        assertEquals(0.0, json.get("shift"));
        assertEquals(List.of(30L, 1L), json.get("widths"));
        assertEquals("binary-cross-entropy", json.get("function"));
    }

    @ParameterizedTest
    @CsvSource({"scalar, logistic", "vector, logistic", "native, logistic", "scalar, mlp", "vector, mlp", "native, mlp"
    })
    void defaultsLearnTheTumours(String backend, String model) {
        Map<String, ?> json = trainOnTumours("--backend", backend, "--model", model);
        assertTrue(heldOut(json, "accuracy") >= 0.95, json.toString());
        assertEquals(113, heldOut(json, "count"));
        boolean binary = model.equals("logistic");
        assertEquals(binary ? List.of(30L, 1L) : List.of(30L, 16L, 2L), json.get("widths"));
        assertEquals(binary ? "binary-cross-entropy" : "softmax-cross-entropy", json.get("function"));
    }

    @Test
    void miniBatchesLearnTheTumours() {
        Map<String, ?> json = trainOnTumours(
                "--model", "logistic", "--batch", 32, "--epochs", 30, "--weight-decay", 0.3, "--label-smoothing", 0.05);
        assertTrue(lastEpoch(json, "accuracy") >= 0.97, json.toString());
        assertEquals(32L, json.get("batch"));
        // Weight decay takes the place of the penalty.
        assertEquals(0, lastEpoch(json, "penalty"));
        assertEquals(0.0, json.get("l2"));
        assertEquals(0.05, json.get("labelSmoothing"));
    }

    @Test
    void rejectsOptionsThatDoNotGoTogether() {
        CommandRun.of("train", "--dataset", "wdbc", "--data", folder).isBadInput("--dataset", "--data", "exclusive");
        CommandRun.of("train", "--dataset", "wdbc", "--shift", 0.5)
                .isBadInput("--shift is 0.5, must be 0 for wdbc, which has no images");
        CommandRun.of("train", "--model", "logistic", "--hidden", 4)
                .isBadInput("--hidden is for --model mlp, not for --model logistic");
        CommandRun.of("train", "--dataset", "iris").isBadInput("--dataset", "DIGITS, WDBC", "iris");
    }

    @ParameterizedTest
    @CsvSource({"native, 2", "native, 1", "vector, 2", "scalar, 1"})
    void theSameRunGivesTheSameWeights(String backend, int threads) {
        Object[] options = {"--backend", backend, "--threads", threads, "--epochs", 2, "--seed", 7, "--hidden", "96,32"
        };
        Map<String, ?> first = train(options);
        Map<String, ?> second = train(options);
        assertEquals(first.get("weights"), second.get("weights"));
        assertEquals(first.get("heldOut"), second.get("heldOut"));
        assertEquals(7L, first.get("seed"));
        assertEquals(backend, first.get("backend"));
        assertEquals((long) threads, first.get("threads"));
    }

    @Test
    void anotherSeedGivesOtherWeights() {
        assertNotEquals(
                train("--epochs", 1).get("weights"),
                train("--epochs", 1, "--seed", 2).get("weights"));
    }

    @Test
    void printsALineForEachEpoch() {
        String out =
                CommandRun.of("train", "--epochs", 2, "--hidden", "8").isFine().out();
        List<String> lines = out.lines().toList();
        assertEquals("digits: 1,437 images to train, 360 held out, 8 x 8 pixels, 10 classes", lines.get(0));
        assertTrue(lines.get(1).startsWith("mlp 64-8-10, softmax-cross-entropy, 610 parameters; seed 1; "), out);
        assertTrue(lines.get(2).startsWith("epoch 1/2  loss "), out);
        assertTrue(lines.get(3).startsWith("epoch 2/2  loss "), out);
        assertTrue(lines.get(4).startsWith("held out: loss "), out);
        assertEquals(6, lines.size());
    }

    @ParameterizedTest
    @CsvSource({
        "--epochs, 0",
        "--batch, 0",
        "--batch, many",
        "--l2, -1",
        "--l2, NaN",
        "--learning-rate, 0",
        "--learning-rate, NaN",
        "--label-smoothing, NaN",
        "--hidden, '16,0'",
        "--shift, -1",
        "--weight-decay, -1",
        "--seed, x"
    })
    void rejectsOptionsOutOfRange(String option, String value) {
        CommandRun.of("train", option, value).isBadInput(option);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void readsIdxFolders(boolean compressed) throws IOException {
        writeIdx(compressed);
        Map<String, ?> json =
                train("--data", folder, "--epochs", 60, "--hidden", 8, "--shift", 0, "--learning-rate", 0.05);
        assertEquals(1, heldOut(json, "accuracy"));
        assertEquals(4L, CommandRun.list(json, "widths").getFirst());
    }

    @Test
    void rejectsIdxFoldersThatAreDamaged() throws IOException {
        CommandRun.of("train", "--data", folder.resolve("missing")).isBadInput("no such folder");
        CommandRun.of("train", "--data", folder).isBadInput("has neither train-labels-idx1-ubyte nor");
        writeIdx(false);
        Path images = folder.resolve("train-images-idx3-ubyte");
        byte[] whole = Files.readAllBytes(images);
        Files.write(images, Arrays.copyOf(whole, whole.length - 1));
        CommandRun.of("train", "--data", folder).isBadInput(images.toString(), "promises 16 elements, it has 15");
        Files.write(images, Arrays.copyOf(whole, 9));
        CommandRun.of("train", "--data", folder).isBadInput(images.toString(), "truncated");
        Files.write(images, Arrays.copyOf(whole, whole.length + 1));
        CommandRun.of("train", "--data", folder).isBadInput("too long");
        Files.write(images, idx(new int[] {1 << 30, 1 << 10, 1 << 10}));
        CommandRun.of("train", "--data", folder).isBadInput("more than 2^31 elements");
        Files.write(images, idx(new int[] {4}, 0, 1, 0, 1));
        CommandRun.of("train", "--data", folder).isBadInput("starts with 0x00000801, must start with 0x00000803");
        Files.write(images, idx(new int[] {3, 2, 2}, new int[12]));
        CommandRun.of("train", "--data", folder).isBadInput("has 4 labels, must have one for each of the 3 images");
    }

    @Test
    void rejectsLabelsThatTrainingDoesNotKnow() throws IOException {
        writeIdx(false);
        Files.write(folder.resolve("t10k-labels-idx1-ubyte"), idx(new int[] {4}, 0, 1, 2, 1));
        CommandRun.of("train", "--data", folder)
                .isBadInput("t10k-labels-idx1-ubyte: row 2 has label 2, must be from 0 to 1");
    }

    @Test
    void rejectsCompressedFilesThatAreNone() throws IOException {
        writeIdx(true);
        Path images = folder.resolve("t10k-images-idx3-ubyte.gz");
        byte[] whole = Files.readAllBytes(images);
        Files.write(images, Arrays.copyOf(whole, whole.length - 9));
        CommandRun.of("train", "--data", folder).isBadInput(images.toString(), "truncated");
        Files.writeString(images, "no gzip");
        CommandRun.of("train", "--data", folder).isBadInput(images.toString());
    }

    /** Four images of 2 x 2 pixels: class 0 is bright on the left, class 1 on the right. */
    private void writeIdx(boolean compressed) throws IOException {
        for (String set : List.of("train", "t10k")) {
            write(set + "-labels-idx1-ubyte", compressed, idx(new int[] {4}, 0, 1, 0, 1));
            write(
                    set + "-images-idx3-ubyte",
                    compressed,
                    idx(new int[] {4, 2, 2}, 255, 0, 200, 0, 0, 255, 0, 200, 190, 9, 255, 0, 0, 99, 0, 255));
        }
    }

    private void write(String name, boolean compressed, byte[] content) throws IOException {
        Path file = folder.resolve(compressed ? name + ".gz" : name);
        try (OutputStream raw = Files.newOutputStream(file);
                OutputStream out = compressed ? new GZIPOutputStream(raw) : raw) {
            out.write(content);
        }
    }

    private static byte[] idx(int[] shape, int... elements) {
        ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES * (1 + shape.length) + elements.length);
        bytes.putInt(0x0800 | shape.length);
        for (int length : shape) {
            bytes.putInt(length);
        }
        for (int element : elements) {
            bytes.put((byte) element);
        }
        return bytes.array();
    }
}
