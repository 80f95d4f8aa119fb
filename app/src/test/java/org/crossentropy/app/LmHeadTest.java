package org.crossentropy.app;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.crossentropy.api.ElementType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code xent lm} of files, beside {@code xent eval} of the logits that they make. */
class LmHeadTest {

    private static final int ROWS = 37;
    private static final int CLASSES = 23;
    private static final int WIDTH = 5;

    /** Exact in every type: multiples of 1/8 below 2. */
    private final double[][] hidden = numbers(ROWS, WIDTH, 1);

    private final double[][] weight = numbers(CLASSES, WIDTH, 2);
    private final double[][] bias = numbers(1, CLASSES, 3);

    @TempDir
    private Path folder = Path.of("replaced by the test framework");

    private static double[][] numbers(int rows, int columns, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        double[][] numbers = new double[rows][columns];
        for (double[] row : numbers) {
            for (int j = 0; j < columns; j++) {
                row[j] = random.nextInt(-15, 16) / 8.0;
            }
        }
        return numbers;
    }

    private long[] targetNumbers() {
        SplittableRandom random = new SplittableRandom(4);
        long[] targets = new long[ROWS];
        for (int i = 0; i < ROWS; i++) {
            targets[i] = i % 9 == 4 ? -100 : random.nextInt(CLASSES);
        }
        return targets;
    }

    private Path targets() {
        return NpyWriter.indices(folder.resolve("targets.npy"), targetNumbers());
    }

    private double[][] logits(boolean withBias) {
        double[][] logits = new double[ROWS][CLASSES];
        for (int i = 0; i < ROWS; i++) {
            for (int k = 0; k < CLASSES; k++) {
                logits[i][k] = withBias ? bias[0][k] : 0;
                for (int j = 0; j < WIDTH; j++) {
                    logits[i][k] += hidden[i][j] * weight[k][j];
                }
            }
        }
        return logits;
    }

    private Path file(String name, String type, double[][] rows) {
        ElementType elements = ElementType.valueOf(type.toUpperCase(Locale.ROOT));
        String suffix = elements == ElementType.BFLOAT16 ? ".safetensors" : ".npy";
        return TestArrays.write(folder.resolve(name + suffix), elements, rows);
    }

    private Map<String, ?> lm(Object... options) {
        return run("lm", options);
    }

    private Map<String, ?> eval(boolean withBias, Object... options) {
        List<Object> arguments = new ArrayList<>(List.of(
                "--logits", NpyWriter.matrix(folder.resolve("logits.npy"), logits(withBias)), "--labels", targets()));
        arguments.addAll(Arrays.asList(options));
        return run("eval", arguments.toArray());
    }

    private static Map<String, ?> run(String command, Object... options) {
        List<Object> arguments = new ArrayList<>(List.of(command));
        arguments.addAll(Arrays.asList(options));
        arguments.add("--json");
        return CommandRun.of(arguments.toArray()).isFine().json();
    }

    private static double number(Map<String, ?> json, String name) {
        return ((Number) Objects.requireNonNull(json.get(name), name)).doubleValue();
    }

    @ParameterizedTest
    @CsvSource({
        "float64, float64, float64, 1e-12",
        "float32, float32, float32, 1e-6",
        "float32, bfloat16, float16, 1e-6",
        "bfloat16, float32, bfloat16, 1e-6",
        "float16, float16, float32, 1e-6"
    })
    void isTheLossOfTheLogits(String ofHidden, String ofWeight, String ofBias, double close) {
        Map<String, ?> json = lm(
                "--hidden", file("hidden", ofHidden, hidden),
                "--weight", file("weight", ofWeight, weight),
                "--bias", file("bias", ofBias, bias),
                "--targets", targets(),
                "--top", 3);
        Map<String, ?> composed = eval(true, "--top", 3);
        for (String name : List.of("loss", "lossSum", "perplexity")) {
            assertEquals(number(composed, name), number(json, name), close * number(composed, name), name);
        }
        for (String name : List.of("count", "classes", "weightSum", "accuracy", "topAccuracy")) {
            assertEquals(number(composed, name), number(json, name), name);
        }
        assertEquals(ROWS, number(json, "tokens"));
        assertEquals(WIDTH, number(json, "width"));
        assertEquals(ofWeight, ((Map<?, ?>) Objects.requireNonNull(json.get("formats"))).get("weight"));
        assertTrue(number(json, "workingMemory") <= 64 << 20);
        assertTrue(number(json, "tokensPerSecond") > 0 && number(json, "gigaflops") > 0);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--label-smoothing=0.1",
                "--label-smoothing=0.2 --smoothing=others",
                "--temperature=1.7 --softcap=2",
                "--z-loss=0.01",
                "--focal=2",
                "--reduction=sum",
                "--denominator=all",
                "--denominator=valid",
                "--denominator=12.5",
                "--backend=vector",
                "--backend=scalar --threads=1",
                "--ignore-index=3 --reduction=sum"
            })
    void hasTheOptionsOfTheLoss(String options) {
        Object[] separate = options.split(" ", -1);
        long[] targets = targetNumbers();
        if (options.contains("ignore")) {
            targets = Arrays.stream(targets)
                    .map(target -> target < 0 ? 3 : target)
                    .toArray();
        }
        Path labels = NpyWriter.indices(folder.resolve("labels.npy"), targets);
        List<Object> ofHead = new ArrayList<>(List.of(
                "--hidden", file("hidden", "float64", hidden),
                "--weight", file("weight", "float64", weight),
                "--targets", labels));
        ofHead.addAll(Arrays.asList(separate));
        List<Object> ofLogits = new ArrayList<>(
                List.of("--logits", NpyWriter.matrix(folder.resolve("logits.npy"), logits(false)), "--labels", labels));
        ofLogits.addAll(Arrays.asList(separate));
        assertEquals(number(run("eval", ofLogits.toArray()), "loss"), number(lm(ofHead.toArray()), "loss"), 1e-11);
    }

    @Test
    void writesGradientsThatTheGradientOfTheLogitsMakes() {
        Path gradient = folder.resolve("gradient.npy");
        Path rowLosses = folder.resolve("rowLosses.npy");
        double[] samples = new double[ROWS];
        double[] classes = new double[CLASSES];
        Arrays.setAll(samples, i -> i % 5 / 2.0);
        Arrays.setAll(classes, i -> 0.5 + i % 4);
        Path sampleWeights = NpyWriter.values(folder.resolve("samples.npy"), samples);
        Path classWeights = NpyWriter.values(folder.resolve("classes.npy"), classes);
        Object[] shared = {"--sample-weights", sampleWeights, "--class-weights", classWeights};
        Map<String, ?> composed = eval(true, concat(shared, "--gradient", gradient, "--per-row", rowLosses));
        Path losses = folder.resolve("losses.npy");
        Path ofHidden = folder.resolve("ofHidden.npy");
        Path ofWeight = folder.resolve("ofWeight.safetensors");
        Path ofBias = folder.resolve("ofBias.npy");
        Object[] files = {
            "--hidden",
            file("hidden", "float64", hidden),
            "--weight",
            file("weight", "float64", weight),
            "--bias",
            file("bias", "float64", bias),
            "--targets",
            targets(),
            "--losses",
            losses,
            "--hidden-gradient",
            ofHidden,
            "--weight-gradient",
            ofWeight,
            "--bias-gradient",
            ofBias
        };
        Map<String, ?> json = lm(concat(files, shared));
        assertEquals(number(composed, "loss"), number(json, "loss"), 1e-12);
        assertArrayEquals(TestArrays.values(rowLosses), TestArrays.values(losses), 1e-12);
        double[][] g = TestArrays.matrix(gradient);
        assertClose(product(g, weight), TestArrays.matrix(ofHidden));
        assertClose(product(transposed(g), hidden), TestArrays.matrix(ofWeight));
        double[][] ones = new double[1][ROWS];
        Arrays.fill(ones[0], 1);
        assertClose(product(ones, g), TestArrays.matrix(ofBias));
    }

    private static Object[] concat(Object[] first, Object... second) {
        List<Object> all = new ArrayList<>(Arrays.asList(first));
        all.addAll(Arrays.asList(second));
        return all.toArray();
    }

    private static double[][] transposed(double[][] a) {
        double[][] t = new double[a[0].length][a.length];
        for (int i = 0; i < a.length; i++) {
            for (int j = 0; j < a[0].length; j++) {
                t[j][i] = a[i][j];
            }
        }
        return t;
    }

    private static double[][] product(double[][] a, double[][] b) {
        double[][] c = new double[a.length][b[0].length];
        for (int i = 0; i < a.length; i++) {
            for (int k = 0; k < b.length; k++) {
                for (int j = 0; j < b[0].length; j++) {
                    c[i][j] += a[i][k] * b[k][j];
                }
            }
        }
        return c;
    }

    private static void assertClose(double[][] expected, double[][] actual) {
        assertEquals(expected.length, actual.length);
        for (int i = 0; i < expected.length; i++) {
            assertArrayEquals(expected[i], actual[i], 1e-13, "row " + i);
        }
    }

    /** 1 MB holds 4 rows of 50,000 logits at most, so that there are several slices; 64 MB holds all. */
    @ParameterizedTest
    @CsvSource({"mean, weights", "mean, all", "mean, valid", "sum, weights"})
    void slicesAddUp(String reduction, String denominator) {
        int classes = 50_000;
        Object[] inputs = {
            "--hidden", file("hidden", "float32", hidden),
            "--weight", file("weight", "float16", numbers(classes, WIDTH, 5)),
            "--targets", targets(),
            "--reduction", reduction
        };
        Object[] shared = reduction.equals("mean") ? concat(inputs, "--denominator", denominator) : inputs;
        Path[] ofHidden = {folder.resolve("h1.npy"), folder.resolve("h64.npy")};
        Path[] ofWeight = {folder.resolve("w1.npy"), folder.resolve("w64.npy")};
        Map<String, ?> little =
                lm(concat(shared, "--memory", 1, "--hidden-gradient", ofHidden[0], "--weight-gradient", ofWeight[0]));
        Map<String, ?> much =
                lm(concat(shared, "--memory", 64, "--hidden-gradient", ofHidden[1], "--weight-gradient", ofWeight[1]));
        assertTrue(number(little, "workingMemory") <= 1 << 20);
        assertTrue(number(much, "workingMemory") > 4 << 20);
        assertEquals(number(much, "loss"), number(little, "loss"), 1e-6 * number(much, "loss"));
        assertEquals(number(much, "count"), number(little, "count"));
        double scale = reduction.equals("sum") ? 1e-5 : 1e-6;
        double[][] expected = TestArrays.matrix(ofHidden[1]);
        double[][] actual = TestArrays.matrix(ofHidden[0]);
        for (int i = 0; i < ROWS; i++) {
            assertArrayEquals(expected[i], actual[i], scale);
            assertEquals(targetNumbers()[i] >= 0, Arrays.stream(actual[i]).anyMatch(value -> value != 0));
        }
        double[][] expectedWeight = TestArrays.matrix(ofWeight[1]);
        double[][] actualWeight = TestArrays.matrix(ofWeight[0]);
        for (int k = 0; k < classes; k++) {
            assertArrayEquals(expectedWeight[k], actualWeight[k], scale);
        }
    }

    @Test
    void gradientsHaveTheTypesOfWhatTheyAreOf() {
        Path ofHidden = folder.resolve("h.safetensors");
        Path ofWeight = folder.resolve("w.npy");
        lm(
                "--hidden", file("hidden", "bfloat16", hidden),
                "--weight", file("weight", "bfloat16", weight),
                "--targets", targets(),
                "--hidden-gradient", ofHidden,
                "--weight-gradient", ofWeight);
        assertEquals("bfloat16", TestArrays.typeName(ofHidden));
        assertEquals("float32", TestArrays.typeName(ofWeight));
    }

    @Test
    void leavesClassesOut() {
        boolean[] kept = new boolean[CLASSES];
        for (int k = 0; k < CLASSES; k++) {
            kept[k] = k % 3 != 1 || Arrays.stream(targetNumbers()).anyMatch(Long.valueOf(k)::equals);
        }
        Path mask = NpyWriter.flags(folder.resolve("mask.npy"), "bool", kept);
        Map<String, ?> json = lm(
                "--hidden", file("hidden", "float64", hidden),
                "--weight", file("weight", "float64", weight),
                "--targets", targets(),
                "--class-mask", mask);
        assertEquals(number(eval(false, "--class-mask", mask), "loss"), number(json, "loss"), 1e-12);
    }

    @Test
    void readsTensorsByTheirNames() {
        Path file = file("weight", "bfloat16", weight);
        Map<String, ?> json = lm(
                "--hidden", file("hidden", "float32", hidden),
                "--weight", file + ":array",
                "--targets", targets());
        assertEquals(number(eval(false), "loss"), number(json, "loss"), 1e-6);
        CommandRun.of(
                        "lm",
                        "--hidden",
                        folder.resolve("hidden.npy"),
                        "--weight",
                        file + ":other",
                        "--targets",
                        targets())
                .isBadInput(file + ": has no tensor \"other\", must be one of \"array\"");
    }

    @Test
    void printsForPeople() {
        String out = CommandRun.of(
                        "lm",
                        "--hidden",
                        file("hidden", "float32", hidden),
                        "--weight",
                        file("weight", "float32", weight),
                        "--targets",
                        targets())
                .isFine()
                .out();
        assertTrue(out.contains("tokens            37, of which 33 count"), out);
        assertTrue(out.contains("weight float32 (23, 5)"), out);
        assertTrue(out.contains("GFLOP/s") && out.contains("MB to work in"), out);
        assertTrue(out.lines().anyMatch(line -> line.startsWith("perplexity")), out);
    }
}
