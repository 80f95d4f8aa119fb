package org.crossentropy.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.crossentropy.api.ElementType;
import org.crossentropy.app.bert.TinyBert;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each is exit status 2, one line that says where, what and what it must be, and no file left behind. */
class LmBadInputTest {

    @TempDir
    private Path folder = Path.of("replaced by the test framework");

    private final Map<String, Object> head = new LinkedHashMap<>();

    @BeforeEach
    void makeHead() {
        head.put("--hidden", matrix("hidden", 3, 4));
        head.put("--weight", matrix("weight", 5, 4));
        head.put("--targets", NpyWriter.indices(folder.resolve("targets.npy"), 0, 4, -100));
    }

    private Path matrix(String name, int rows, int columns) {
        return TestArrays.write(folder.resolve(name + ".npy"), ElementType.FLOAT32, new double[rows][columns]);
    }

    private CommandRun lm(Object... options) {
        List<Object> arguments = new ArrayList<>(List.of("lm"));
        head.forEach((name, value) -> arguments.addAll(List.of(name, value)));
        arguments.addAll(Arrays.asList(options));
        return CommandRun.of(arguments.toArray());
    }

    /** Also with an output asked for, of which nothing may be left. */
    private void isBad(String option, Object value, String... texts) throws IOException {
        Object before = head.put(option, value);
        head.put("--weight-gradient", folder.resolve("gradient.npy"));
        lm().isBadInput(texts);
        try (Stream<Path> files = Files.list(folder)) {
            assertTrue(files.noneMatch(file -> file.toString().contains("gradient")), "files left behind");
        }
        head.remove(option);
        if (before != null) {
            head.put(option, before);
        }
    }

    @Test
    void theHeadItselfIsFine() {
        Object loss = Objects.requireNonNull(lm("--json").isFine().json().get("loss"));
        assertEquals(Math.log(5), (double) loss, 1e-6);
    }

    @Test
    void shapes() throws IOException {
        Path wide = matrix("wide", 5, 6);
        isBad(
                "--weight",
                wide,
                wide + ": is float32 (5, 6), must be classes x 4, since",
                "hidden.npy is float32 (3, 4)");
        Path none = NpyWriter.values(folder.resolve("vector.npy"), 1, 2, 3);
        isBad("--hidden", none, none + ": shape is (3,), must be (rows, width)");
        isBad("--weight", none, none + ": shape is (3,), must be (classes, width)");
        isBad("--bias", matrix("short", 1, 4), "short.npy: has 4 numbers, must have one for each of the 5 classes");
        isBad("--bias", matrix("tall", 2, 5), "tall.npy: shape is (2, 5), must be (length,) or (1, length)");
        Path few = NpyWriter.indices(folder.resolve("few.npy"), 0, 1);
        isBad("--targets", few, few + ": has 2 targets, must have one for each of the 3 rows of");
        isBad("--sample-weights", NpyWriter.values(folder.resolve("s.npy"), 1, 1), "has 2 weights", "3 rows");
        isBad("--class-weights", NpyWriter.values(folder.resolve("c.npy"), 1, 1), "has 2 weights", "5 classes");
        isBad("--class-mask", NpyWriter.flags(folder.resolve("m.npy"), "bool", true), "has 1 flags", "5 classes");
        Path rows = NpyWriter.flagRows(folder.resolve("r.npy"), "bool", new boolean[3][5]);
        isBad("--class-mask", rows, rows + ": is bool (3, 5), must be one flag for each class");
    }

    @Test
    void types() throws IOException {
        Path doubles = NpyWriter.matrix(folder.resolve("doubles.npy"), new double[5][4]);
        isBad("--weight", doubles, doubles + ": is float64 (5, 4), must not be float64, since");
        Path bias = NpyWriter.values(folder.resolve("bias.npy"), new double[5]);
        isBad("--bias", bias, bias + ": is float64 (5,), must not be float64, since");
        isBad("--hidden", NpyWriter.matrix(folder.resolve("h.npy"), new double[3][4]), "weight.npy", "must be float64");
        isBad("--targets", doubles, "element type is <f8, must be <i4 or <i8");
    }

    @Test
    void numbers() throws IOException {
        Path targets = NpyWriter.indices(folder.resolve("t.npy"), 0, 5, 1);
        isBad("--targets", targets, targets + ": row 1 has target 5, must be from 0 to 4, or the ignore index -100");
        Path samples = NpyWriter.values(folder.resolve("s.npy"), 1, 2, -3);
        isBad("--sample-weights", samples, samples + ": row 2 has weight -3.0, must be finite and at least 0");
        Path classes = NpyWriter.values(folder.resolve("c.npy"), 1, 2, -3, 0, 0);
        isBad("--class-weights", classes, classes + ": row 2 has weight -3.0");
        Path mask = NpyWriter.flags(folder.resolve("m.npy"), "bool", true, true, true, true, false);
        isBad("--class-mask", mask, "targets.npy: row 1 has target 4, a class that the class mask leaves out");
    }

    @Test
    void options() throws IOException {
        isBad("--memory", 0, "--memory is 0, must be from 1 to");
        isBad("--top", -1, "--top is -1, must be from 0");
        isBad("--label-smoothing", 2, "--label-smoothing is 2.0, must be from 0.0 to 1.0");
        isBad("--hidden", folder.resolve("missing.npy"), "missing.npy: no such file");
        lm("--losses", folder.resolve("hidden.npy")).isBadInput("would overwrite", "hidden.npy");
        lm("--bert", folder).isBadInput("mutually exclusive");
        CommandRun.of("lm").isBadInput("xent lm: ", "--hidden", "--bert");
        head.remove("--targets");
        lm().isBadInput("--targets");
    }

    @Test
    void memoryTooSmallForOneRow() throws IOException {
        int classes = 300_000;
        head.put("--weight", TestArrays.write(folder.resolve("w.npy"), ElementType.FLOAT32, new double[classes][4]));
        isBad(
                "--memory",
                1,
                "working memory is 1048576 bytes, must be at least",
                "one row of 300000 logits",
                "--memory");
    }

    @ParameterizedTest
    @ValueSource(strings = {"random:0", "random:1.1", "random", "turns:0", "every:x", "all", "each:2"})
    void masks(String mask) throws IOException {
        Path model = new TinyBert().write(folder.resolve("model"));
        CommandRun.of("lm", "--bert", model, "--fill", "the [MASK]", "--mask", mask)
                .isBadInput(mask + ", must be random:P", "turns:K");
    }

    @Test
    void models() throws IOException {
        Path model = new TinyBert().write(folder.resolve("model"));
        CommandRun.of("lm", "--bert", model).isBadInput("give --text or --fill");
        CommandRun.of("lm", "--bert", model, "--text", "a", "--fill", "b").isBadInput("give --text or --fill");
        CommandRun.of("lm", "--bert", model, "--fill", "the cat").isBadInput("has no blank, must have [MASK]");
        CommandRun.of("lm", "--bert", model, "--fill", "[MASK]" + " the".repeat(20))
                .isBadInput("has 21 tokens", "14");
        CommandRun.of("lm", "--bert", model, "--fill", "[MASK]", "--window", 17)
                .isBadInput("--window is 17, must be from 3 to 16");
        Path text = Files.writeString(folder.resolve("text"), "zzz zzz");
        CommandRun.of("lm", "--bert", model, "--text", text).isBadInput(text + ": has no token that the model knows");
        CommandRun.of("lm", "--bert", model, "--text", text, "--tokens", 0).isBadInput("--tokens is 0");
        CommandRun.of("lm", "--bert", model, "--text", folder.resolve("none")).isBadInput("none: cannot be read");
        Path latin = Files.write(folder.resolve("latin"), "caf\u00e9".getBytes(StandardCharsets.ISO_8859_1));
        CommandRun.of("lm", "--bert", model, "--text", latin).isBadInput(latin + ": is not text in UTF-8");
        CommandRun.of("lm", "--bert", folder.resolve("none"), "--fill", "[MASK]")
                .isBadInput("none: no such file or folder");
        CommandRun.of("lm", "--bert", text, "--fill", "[MASK]").isBadInput(text + ": no BERT model");
    }

    @Test
    void weightsThatDoNotMakeAModel() throws IOException {
        fill(
                without("bert/encoder/layer_1/output/dense/bias"),
                "has no tensor \"module/bert/encoder/layer_1/output/dense/");
        fill(without("bert/embeddings/word_embeddings"), "no BERT model: has no tensor whose name ends in");
        fill(without("cls/predictions/output_bias"), "has no tensor \"module/cls/predictions/output_bias\"");
        TinyBert narrow = new TinyBert();
        narrow.put("cls/predictions/transform/dense/kernel", new float[12], 3, 4);
        fill(narrow, "transform/dense/kernel\" has shape [3, 4], must have [128, 128]");
        TinyBert odd = new TinyBert();
        odd.put("bert/embeddings/word_embeddings", new float[200], 20, 10);
        fill(odd, "has 10 numbers a token, must be a multiple of 64");
        TinyBert few = new TinyBert();
        few.put("bert/embeddings/word_embeddings", new float[128], 1, 128);
        fill(few, "vocab.txt: has 20 tokens, must have one for each of the 1 embeddings");
    }

    private static TinyBert without(String tensor) {
        TinyBert weights = new TinyBert();
        weights.remove(tensor);
        return weights;
    }

    private void fill(TinyBert weights, String message) throws IOException {
        Path model = weights.write(folder.resolve("damaged"));
        CommandRun.of("lm", "--bert", model, "--fill", "[MASK]").isBadInput(message);
    }
}
