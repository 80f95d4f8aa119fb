package org.crossentropy.app;

import static org.crossentropy.app.CommandRun.npy;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.RowValues;
import org.crossentropy.app.io.ArrayFile;
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

    /** Written by the format's reference implementation. */
    private static final Path SAFETENSORS = Path.of("src", "test", "resources", "safetensors", "batch.safetensors");

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

    @ParameterizedTest
    @CsvSource({"f32, i32, logits-f4", "f64, i64, logits-f8-v2"})
    void readsSafetensors(String logitsType, String labelsType, String npy) {
        Object[] inputs = {
            "eval",
            "--logits",
            SAFETENSORS,
            "--tensor",
            "logits." + logitsType,
            "--labels",
            SAFETENSORS,
            "--labels-tensor",
            "labels." + labelsType,
            "--json"
        };
        Map<String, ?> json = CommandRun.of(inputs).isFine().json();
        assertEquals(eval(npy, "labels-i4").get("lossSum"), json.get("lossSum"));
        assertEquals(3L, json.get("count"));
        assertEquals(2.0 / 3, number(json, "accuracy"));
    }

    /** These logits are exact in 16 bits, so they have the loss of float32, and its gradient rounded. */
    @ParameterizedTest
    @CsvSource({"f16, gradient.npy", "f16, gradient.safetensors", "bf16, gradient.safetensors"})
    void evaluatesLogitsOf16Bits(String type, String output) throws IOException {
        Path gradient = folder.resolve(output);
        Map<String, ?> json = CommandRun.of(
                        "eval",
                        "--logits",
                        SAFETENSORS,
                        "--tensor",
                        "logits." + type,
                        "--labels",
                        npy("labels-i4"),
                        "--gradient",
                        gradient,
                        "--json")
                .isFine()
                .json();
        Path wide = folder.resolve("wide.npy");
        Map<String, ?> expected = eval("logits-f4", "labels-i4", "--gradient", wide.toString());
        assertEquals(expected.get("lossSum"), json.get("lossSum"));
        assertEquals(expected.get("accuracy"), json.get("accuracy"));
        try (Arena arena = Arena.ofConfined()) {
            Matrix narrow = ArrayFile.map(gradient, arena).tensor(null).asMatrix();
            Matrix exact = ArrayFile.map(wide, arena).tensor(null).asMatrix();
            Matrix rounded =
                    Matrix.of(narrow.type(), arena.allocate(narrow.segment().byteSize()), 4, 4);
            for (int row = 0; row < 4; row++) {
                for (int column = 0; column < 4; column++) {
                    rounded.set(row, column, exact.get(row, column));
                }
            }
            assertEquals(-1, rounded.segment().mismatch(narrow.segment()));
        }
    }

    @Test
    void evaluatesFloat16OfNumpy() {
        assertEquals(
                eval("logits-f4", "labels-i4").get("lossSum"),
                eval("logits-f2", "labels-i4").get("lossSum"));
    }

    /** One byte more in front of the tensor, so that no element is aligned. */
    @ParameterizedTest
    @ValueSource(strings = {"scalar", "vector", "native"})
    void readsSafetensorsThatAreNotAligned(String backend) throws IOException {
        Path file = folder.resolve("logits.safetensors");
        byte[] npy = Files.readAllBytes(Path.of(npy("logits-f4")));
        String json = "{\"x\":{\"dtype\":\"F32\",\"shape\":[4,4],\"data_offsets\":[0,64]}}";
        byte[] header = (json + " ".repeat(Math.floorMod(1 - json.length(), 8))).getBytes(StandardCharsets.US_ASCII);
        ByteBuffer content = ByteBuffer.allocate(8 + header.length + 64).order(ByteOrder.LITTLE_ENDIAN);
        Files.write(
                file,
                content.putLong(header.length)
                        .put(header)
                        .put(npy, npy.length - 64, 64)
                        .array());
        Path gradient = folder.resolve("gradient.npy");
        Map<String, ?> found = CommandRun.of(
                        "eval",
                        "--logits",
                        file,
                        "--labels",
                        npy("labels-i4"),
                        "--backend",
                        backend,
                        "--gradient",
                        gradient,
                        "--json")
                .isFine()
                .json();
        assertEquals(eval("logits-f4", "labels-i4").get("lossSum"), found.get("lossSum"));
        Path aligned = folder.resolve("aligned.npy");
        eval("logits-f4", "labels-i4", "--backend", backend, "--gradient", aligned.toString());
        assertEquals(-1, Files.mismatch(aligned, gradient));
    }

    @Test
    void writesSafetensors() throws IOException {
        Path rows = folder.resolve("rows.safetensors");
        Path gradient = folder.resolve("gradient.safetensors");
        eval("logits-f8-v2", "labels-i4", "--per-row", rows.toString(), "--gradient", gradient.toString());
        try (Arena arena = Arena.ofConfined()) {
            RowValues losses = ArrayFile.map(rows, arena).tensor("losses").asValues();
            assertEquals(LOSSES[1], losses.get(1), 1e-15);
            Matrix gradients = ArrayFile.map(gradient, arena).tensor("gradient").asMatrix();
            assertEquals(ElementType.FLOAT64, gradients.type());
            assertEquals(0.25 / 3, gradients.get(0, 3), 1e-16);
        }
        assertHolds(gradient, rows);
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
            RowValues losses = ArrayFile.map(rows, arena).tensor(null).asValues();
            assertEquals(LOSSES[1], losses.get(1), 1e-15);
            assertEquals(0, losses.get(3));
            Matrix gradients = ArrayFile.map(gradient, arena).tensor(null).asMatrix();
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
