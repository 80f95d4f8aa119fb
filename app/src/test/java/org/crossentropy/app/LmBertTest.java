package org.crossentropy.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.crossentropy.app.bert.PlainBert;
import org.crossentropy.app.bert.TinyBert;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code xent lm} of a small BERT with random weights. */
class LmBertTest {

    /** 16 tokens, one of them unknown. */
    private static final String TEXT = "The cat sat on the mat. A dog ran, xyz! The cat.";

    @TempDir
    private Path folder = Path.of("replaced by the test framework");

    private Path model = Path.of("replaced below");
    private Path text = Path.of("replaced below");

    @BeforeEach
    void writeModel() throws IOException {
        model = new TinyBert().write(folder.resolve("model"));
        text = Files.writeString(folder.resolve("text"), TEXT);
    }

    private Map<String, ?> lm(Object... options) {
        List<Object> arguments = new ArrayList<>(List.of("lm", "--bert", model, "--text", text, "--json"));
        arguments.addAll(Arrays.asList(options));
        return CommandRun.of(arguments.toArray()).isFine().json();
    }

    private static double number(Map<String, ?> json, String name) {
        return ((Number) Objects.requireNonNull(json.get(name), name)).doubleValue();
    }

    @Test
    void isTheLossByDefinition() throws IOException {
        Files.writeString(text, "the cat sat on the mat , unaffable .");
        List<String> words =
                List.of("[CLS]", "the", "cat", "sat", "on", "the", "mat", ",", "un", "##aff", "##able", ".", "[SEP]");
        int[] tokens = words.stream().mapToInt(TinyBert.TOKENS::indexOf).toArray();
        PlainBert plain = new PlainBert(new TinyBert());
        double sum = 0;
        for (int place = 1; place < tokens.length - 1; place++) {
            sum -= plain.logProbability(tokens, place);
        }
        Map<String, ?> json = lm("--mask", "each");
        assertEquals(11, number(json, "count"));
        assertEquals(sum / 11, number(json, "loss"), 1e-4);
    }

    @Test
    void countsWhatItMasks() {
        Map<String, ?> each = lm("--mask", "each", "--window", 10);
        assertEquals(16, number(each, "textTokens"));
        assertEquals(1, number(each, "unknownTokens"));
        assertEquals(2, number(each, "windows"));
        assertEquals(15, number(each, "passes"));
        assertEquals(15, number(each, "count"));
        assertEquals(TinyBert.TOKENS.size(), number(each, "classes"));
        assertEquals(Math.exp(number(each, "loss")), number(each, "pseudoPerplexity"), 1e-9);
        assertTrue(number(each, "encoderSeconds") > 0);
        Map<String, ?> turns = lm("--mask", "turns:4", "--window", 10);
        assertEquals(8, number(turns, "passes"));
        assertEquals(15, number(turns, "count"));
        assertEquals(4, number(lm("--mask", "every:4", "--window", 10, "--tokens", 12), "count"));
        Map<String, ?> drawn = lm("--window", 10, "--mask", "random:0.5");
        assertEquals("random:0.5", drawn.get("mask"));
        assertEquals(8, number(drawn, "count"));
        assertEquals(number(drawn, "loss"), number(lm("--window", 10, "--mask", "random:0.5"), "loss"));
    }

    @ParameterizedTest
    @CsvSource({"vector, 2", "scalar, 1", "native, 1"})
    void backendsAgree(String backend, int threads) {
        Map<String, ?> json = lm("--mask", "each", "--backend", backend, "--threads", threads);
        assertEquals(backend, json.get("backend"));
        assertEquals(number(lm("--mask", "each"), "loss"), number(json, "loss"), 1e-4);
    }

    @Test
    void hasTheOptionsOfTheLoss() {
        double plain = number(lm("--mask", "each"), "lossSum");
        assertEquals(plain, number(lm("--mask", "each", "--reduction", "sum"), "loss"), 1e-9);
        assertTrue(number(lm("--mask", "each", "--temperature", 100), "mean") < Math.log(20) + 1);
        assertEquals(1, number(lm("--mask", "each", "--top", 20), "topAccuracy"));
    }

    @Test
    void fillsBlanks() {
        Map<String, ?> json = CommandRun.of("lm", "--bert", model, "--fill", "The [MASK] sat on the [MASK].", "--json")
                .isFine()
                .json();
        List<?> blanks = CommandRun.list(json, "blanks");
        assertEquals(2, blanks.size());
        for (Object each : blanks) {
            Map<?, ?> blank = (Map<?, ?>) each;
            assertTrue(TinyBert.TOKENS.contains(blank.get("token")), blank.toString());
            double probability = (double) Objects.requireNonNull(blank.get("probability"));
            assertTrue(probability >= 1.0 / TinyBert.TOKENS.size() && probability <= 1, blank.toString());
        }
        assertEquals(
                2,
                CommandRun.of("lm", "--bert", model, "--fill", "[MASK] [MASK]")
                        .isFine()
                        .out()
                        .lines()
                        .count());
    }

    @Test
    void printsForPeople() {
        String out =
                CommandRun.of("lm", "--bert", model, "--text", text).isFine().out();
        assertTrue(out.contains("text              16 tokens, 1 of them unknown, in 2 windows"), out);
        assertTrue(out.lines().anyMatch(line -> line.startsWith("pseudo-perplexity ")), out);
        assertTrue(out.contains("masked            random:0.15, in 2 passes"), out);
    }
}
