package org.crossentropy.app;

import static org.crossentropy.app.CommandRun.npy;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.RowValues;
import org.crossentropy.app.io.NpyArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EvalCommandTest {

    /** The losses of the rows, by the definition: 0 0 0 0; 1 2 3 4 at 3; -2 0.5 -inf 1 at 1; the last is ignored. */
    private static final double[] LOSSES = {
        Math.log(4),
        Math.log(1 + Math.exp(-1) + Math.exp(-2) + Math.exp(-3)),
        Math.log(Math.exp(-2) + Math.exp(0.5) + Math.exp(1)) - 0.5
    };

    private static final double SUM = LOSSES[0] + LOSSES[1] + LOSSES[2];

    @TempDir
    private Path folder = Path.of("replaced by the test framework");

    private static Map<String, ?> eval(String logits, String labels, String... options) {
        Object[] arguments = Stream.concat(
                        Stream.of("eval", "--logits", npy(logits), "--labels", npy(labels), "--json"),
                        Stream.of(options))
                .toArray();
        return CommandRun.of(arguments).isFine().json();
    }

    private static double number(Map<String, ?> json, String name) {
        return switch (json.get(name)) {
            case Double number -> number;
            case Long number -> number;
            case String text -> Double.parseDouble(text);
            case null, default -> throw new AssertionError(name + " in " + json);
        };
    }

    @ParameterizedTest
    @CsvSource({"logits-f4, labels-i4", "logits-f8-v2, labels-i8", "logits-f8-v3, labels-i4", "logits-f4, labels-i8"})
    void computesTheMean(String logits, String labels) {
        Map<String, ?> json = eval(logits, labels);
        assertEquals(SUM / 3, number(json, "loss"), 1e-6);
        assertEquals(SUM, number(json, "lossSum"), 1e-6);
        assertEquals(Math.exp(SUM / 3), number(json, "perplexity"), 1e-6);
        assertEquals(3, number(json, "weightSum"));
        assertEquals(3L, json.get("count"));
        assertEquals(4L, json.get("rows"));
        assertEquals(4L, json.get("classes"));
        assertEquals(2.0 / 3, number(json, "accuracy"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"scalar", "vector", "native"})
    void computesTheSameOnEveryBackend(String backend) {
        Map<String, ?> json = eval("logits-f8-v2", "labels-i4", "--backend", backend, "--threads", "2");
        assertEquals(backend, json.get("backend"));
        assertEquals(eval("logits-f8-v2", "labels-i4").get("lossSum"), json.get("lossSum"));
    }

    @Test
    void reduces() {
        assertEquals(SUM, number(eval("logits-f8-v2", "labels-i4", "--reduction", "sum"), "loss"), 1e-14);
        Map<String, ?> none = eval("logits-f8-v2", "labels-i4", "--reduction", "none");
        assertTrue(none.containsKey("loss"));
        assertEquals(null, none.get("loss"));
        assertEquals(SUM, number(none, "lossSum"), 1e-14);
    }

    @Test
    void weighs() {
        Map<String, ?> json = eval("logits-f8-v2", "labels-i4", "--class-weights", npy("weights"));
        double sum = LOSSES[0] + 0.25 * LOSSES[1] + 2 * LOSSES[2];
        assertEquals(3.25, number(json, "weightSum"));
        assertEquals(sum, number(json, "lossSum"), 1e-14);
        assertEquals(sum / 3.25, number(json, "loss"), 1e-14);
    }

    @Test
    void ignoresTheIndexGiven() {
        CommandRun.of("eval", "--logits", npy("logits-f4"), "--labels", npy("labels-i4"), "--ignore-index", "3")
                .isBadInput("row 3 has label -100", "or the ignore index 3");
        Map<String, ?> json = eval("logits-f8-v2", "labels-minus-inf", "--ignore-index", "2");
        assertEquals(3L, json.get("count"));
    }

    @Test
    void smoothsByBothConventions() {
        // Uniform smoothing by E over K classes is smoothing by E (K - 1) / K over the others.
        Map<String, ?> uniform = eval("logits-no-inf-f8", "labels-i4", "--label-smoothing", "0.4");
        Map<String, ?> others =
                eval("logits-no-inf-f8", "labels-i4", "--label-smoothing", "0.3", "--smoothing", "others");
        assertEquals(number(uniform, "loss"), number(others, "loss"), 1e-14);
        // Row 1 2 3 4 alone: log-sum-exp minus the mean under the smoothed target.
        double lse = 4 + LOSSES[1];
        Map<String, ?> one = eval("logits-one-row-f8", "labels-one-row", "--label-smoothing", "0.4");
        assertEquals(lse - (0.1 * (1 + 2 + 3) + 0.7 * 4), number(one, "loss"), 1e-14);
    }

    @Test
    void printsWhatJsonHasNoNumberFor() {
        Map<String, ?> infinite = eval("logits-f4", "labels-minus-inf");
        assertEquals("Infinity", infinite.get("loss"));
        Map<String, ?> empty = eval("logits-no-rows", "labels-none");
        assertEquals("NaN", empty.get("loss"));
        assertEquals("NaN", empty.get("accuracy"));
        assertEquals(0.0, number(empty, "lossSum"));
    }

    @Test
    void printsForPeople() {
        String out = CommandRun.of("eval", "--logits", npy("logits-f4"), "--labels", npy("labels-i4"))
                .isFine()
                .out();
        assertTrue(out.contains("rows        4, of which 3 count"), out);
        String loss = out.lines().findFirst().orElseThrow().replaceFirst("loss +", "");
        assertEquals(eval("logits-f4", "labels-i4").get("loss"), Double.valueOf(loss));
    }

    @Test
    void writesRowLossesAndGradient() throws IOException {
        Path rows = folder.resolve("rows.npy");
        Path gradient = folder.resolve("gradient.npy");
        eval("logits-f8-v2", "labels-i4", "--per-row", rows.toString(), "--gradient", gradient.toString());
        try (Arena arena = Arena.ofConfined()) {
            RowValues losses = NpyArray.map(rows, arena).asValues();
            assertEquals(LOSSES[1], losses.get(1), 1e-15);
            assertEquals(0, losses.get(3));
            Matrix gradients = NpyArray.map(gradient, arena).asMatrix();
            assertEquals(-0.75 / 3, gradients.get(0, 0), 1e-16);
            assertEquals(0.25 / 3, gradients.get(0, 3), 1e-16);
            assertEquals(Math.exp(3 - 4 - LOSSES[1]) / 3, gradients.get(1, 2), 1e-16);
            assertEquals(0, gradients.get(2, 2));
            assertEquals(0, gradients.get(3, 0));
        }
        assertHolds(rows, gradient);
    }

    @Test
    void replacesAnOlderOutput() throws IOException {
        Path rows = Files.writeString(folder.resolve("rows.npy"), "older");
        eval("logits-f4", "labels-i4", "--per-row", rows.toString());
        assertEquals(4 * Double.BYTES, Files.size(rows) % 64);
        assertHolds(rows);
    }

    private void assertHolds(Path... files) throws IOException {
        try (Stream<Path> found = Files.list(folder)) {
            assertEquals(Stream.of(files).sorted().toList(), found.sorted().toList());
        }
    }
}
