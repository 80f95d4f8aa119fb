package org.crossentropy.app;

import static org.crossentropy.app.CommandRun.npy;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each is exit status 2, one line that says where, what and what it must be, and no file left behind. */
class EvalBadInputTest {

    @TempDir
    private Path folder = Path.of("replaced by the test framework");

    private Path gradient() {
        return folder.resolve("gradient.npy");
    }

    private CommandRun eval(Object logits, Object labels, Object... options) {
        Object[] arguments = Stream.concat(
                        Stream.of("eval", "--logits", logits, "--labels", labels), Stream.of(options))
                .toArray();
        return CommandRun.of(arguments);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "logits-big-endian | element type is >f4, must be <f2, <f4, <f8, <i4, <i8",
                "logits-object     | O, must be <f2, <f4",
                "logits-structured | element type is [[a, <f4], [b, <i4]], must be",
                "logits-fortran    | is in Fortran order, must be in C order",
                "logits-1d         | shape is (4,), must be (rows, classes)",
                "logits-3d         | shape is (2, 2, 4), must be (rows, classes)",
                "logits-no-classes | has 0 classes, must have at least 1",
                "labels-i4         | element type is <i4, must be <f2, <f4 or <f8 (float16, float32 or float64)",
                "missing           | no such file"
            })
    void logits(String name, String message) throws IOException {
        eval(npy(name), npy("labels-i4"), "--gradient", gradient()).isBadInput(npy(name), message);
        assertFolderHolds();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "labels-out-of-range | row 2 has label 4, must be from 0 to 3, or the ignore index -100",
                "labels-short        | has 3 labels, must have one for each of the 4 rows",
                "logits-f4           | element type is <f4, must be <i4 or <i8",
                "missing             | no such file"
            })
    void labels(String name, String message) throws IOException {
        eval(npy("logits-f4"), npy(name), "--gradient", gradient()).isBadInput(npy(name), message);
        assertFolderHolds();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "weights-negative | row 2 has weight -0.5, must be at least 0",
                "weights-short    | has 3 weights, must have one for each of the 4 classes",
                "labels-i4        | element type is <i4, must be <f4 or <f8 (float32 or float64)",
                "logits-f2        | element type is <f2, must be <f4 or <f8",
                "logits-f4        | shape is (4, 4), must be (length,)"
            })
    void weights(String name, String message) throws IOException {
        eval(npy("logits-f4"), npy("labels-i4"), "--class-weights", npy(name), "--gradient", gradient())
                .isBadInput(npy(name), message);
        assertFolderHolds();
    }

    @ParameterizedTest
    @ValueSource(strings = {"NaN", "-0.1", "1.5", "Infinity"})
    void smoothing(String epsilon) {
        eval(npy("logits-f4"), npy("labels-i4"), "--label-smoothing", epsilon)
                .isBadInput("--label-smoothing is " + epsilon + ", must be from 0.0 to 1.0");
    }

    @Test
    void options() {
        eval(npy("logits-f4"), npy("labels-i4"), "--reduction", "median").isBadInput("--reduction", "median");
        eval(npy("logits-f4"), npy("labels-i4"), "--backend", "gpu").isBadInput("--backend is gpu");
        eval(npy("logits-f4"), npy("labels-i4"), "--ignore-index", "x").isBadInput("--ignore-index", "x");
    }

    @Test
    void tensors() {
        Path batch = Path.of("src", "test", "resources", "safetensors", "batch.safetensors");
        eval(batch, npy("labels-i4")).isBadInput(batch.toString(), "which tensor is not said", "\"logits.f32\"");
        eval(batch, npy("labels-i4"), "--tensor", "x").isBadInput("has no tensor \"x\", must be one of", "\"mask\"");
        eval(batch, npy("labels-i4"), "--tensor", "mask").isBadInput("tensor \"mask\": element type is BOOL");
        eval(npy("logits-f4"), npy("labels-i4"), "--tensor", "x").isBadInput("a .npy file holds one array");
        eval(npy("logits-f4"), batch, "--labels-tensor", "weights")
                .isBadInput("tensor \"weights\": element type is F64, must be I32 or I64");
        eval(batch, npy("labels-short"), "--tensor", "logits.f32")
                .isBadInput(npy("labels-short"), "4 rows of " + batch + ": tensor \"logits.f32\"");
    }

    @Test
    void bfloat16ForNumpy() throws IOException {
        Path batch = Path.of("src", "test", "resources", "safetensors", "batch.safetensors");
        eval(batch, npy("labels-i4"), "--tensor", "logits.bf16", "--gradient", gradient())
                .isBadInput(gradient().toString(), "cannot hold bfloat16", "must end in .safetensors");
        assertFolderHolds();
    }

    @Test
    void truncatedFile() throws IOException {
        byte[] whole = Files.readAllBytes(Path.of(npy("logits-f4")));
        Path file = folder.resolve("logits.npy");
        for (int length : List.of(0, 3, 7, 9, 10, 60, 128, whole.length - 1)) {
            Files.write(file, Arrays.copyOf(whole, length));
            eval(file, npy("labels-i4")).isBadInput(file.toString());
        }
        eval(file, npy("labels-i4")).isBadInput("truncated: shape (4, 4) of <f4 needs 64 bytes", "has 63");
        Files.write(file, Arrays.copyOf(whole, whole.length + 1));
        eval(file, npy("labels-i4")).isBadInput("too long", "must hold one array");
    }

    @Test
    void damagedHeader() throws IOException {
        String whole = Files.readString(Path.of(npy("logits-f4")), StandardCharsets.ISO_8859_1);
        assertDamaged(whole.replace("NUMPY", "NUMPI"), "not a .npy file", "must start with \"93 4e 55 4d 50 59\"");
        assertDamaged(whole.replaceFirst("\u0001", "\u0009"), "version is 9.0, must be 1.0, 2.0 or 3.0");
        assertDamaged(whole.replace("'descr'", "'descx'"), "must be a dictionary with the keys descr");
        assertDamaged(whole.replace("(4, 4)", "(4, -)"), "where a value must be");
        assertDamaged(whole.replace("(4, 4)", "(4, -4)"), "shape is [4, -4], must be");
        assertDamaged(whole.replace("(4, 4)", "(4\u0000 4)"), "where ',' must be");
        assertDamaged(whole.replace("False", "'no' "), "fortran_order is no, must be True or False");
        assertDamaged(whole.replace("'<f4'", "((((("), "header is damaged");
        assertDamaged(
                whole.replace("(4, 4), }" + " ".repeat(36), "(9223372036854775807, 9223372036854775807), }"),
                "more than 2^63 bytes");
        assertDamaged(
                whole.replace("(4, 4), }" + " ".repeat(10), "(4, 99999999999), }"),
                "truncated: shape (4, 99999999999)");
    }

    private void assertDamaged(String content, String... texts) throws IOException {
        Path file = folder.resolve("logits.npy");
        Files.write(file, content.getBytes(StandardCharsets.ISO_8859_1));
        eval(file, npy("labels-i4")).isBadInput(texts);
    }

    @Test
    void outputThatIsAnInput() throws IOException {
        Path logits = Files.copy(Path.of(npy("logits-f4")), folder.resolve("logits.npy"));
        byte[] before = Files.readAllBytes(logits);
        Path alias = folder.resolve("alias.npy");
        Files.createSymbolicLink(alias, logits);
        eval(logits, npy("labels-i4"), "--gradient", logits).isBadInput("would overwrite", "must be another file");
        eval(logits, npy("labels-i4"), "--gradient", folder.resolve("x/../logits.npy"))
                .isBadInput("would overwrite");
        eval(logits, npy("labels-i4"), "--gradient", alias).isBadInput("would overwrite");
        eval(logits, npy("labels-i4"), "--gradient", gradient(), "--per-row", gradient())
                .isBadInput("would overwrite");
        assertArrayEquals(before, Files.readAllBytes(logits));
        assertFolderHolds("alias.npy", "logits.npy");
    }

    @Test
    void outputThatCannotBeWritten() throws IOException {
        Path nowhere = folder.resolve("missing").resolve("gradient.npy");
        eval(npy("logits-f4"), npy("labels-i4"), "--gradient", nowhere)
                .isBadInput(nowhere.toString(), "its folder does not exist");
        eval(npy("logits-f4"), npy("labels-i4"), "--per-row", gradient(), "--gradient", folder)
                .isBadInput(folder.toString(), "is not a regular file");
        assertFolderHolds();
    }

    private void assertFolderHolds(String... names) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(
                    List.of(names),
                    files.map(file -> file.getFileName().toString()).sorted().toList());
        }
    }
}
