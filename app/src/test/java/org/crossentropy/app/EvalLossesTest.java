package org.crossentropy.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.crossentropy.api.Matrix;
import org.crossentropy.api.RowValues;
import org.crossentropy.app.io.ArrayFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every loss and option, against the formulas written out. */
class EvalLossesTest {

    private static final double[][] LOGITS = {{1, 2, -1}, {0.5, 0.5, 3}, {-2, 4, 4}};
    private static final double[][] TARGETS = {{0.25, 0.75, 0}, {0.5, 0, 0.5}, {0, 0.125, 0.75}};
    private static final long[] LABELS = {0, 2, 2};
    private static final double[] SAMPLE_WEIGHTS = {2, 0, 0.5};
    private static final double[] CLASS_WEIGHTS = {1, 3, 0.25};

    @TempDir
    private Path folder = Path.of("replaced by the test framework");

    private Path logits() {
        return NpyWriter.matrix(folder.resolve("logits.npy"), LOGITS);
    }

    private Path labels() {
        return NpyWriter.indices(folder.resolve("labels.npy"), LABELS);
    }

    private Path targets() {
        return NpyWriter.matrix(folder.resolve("targets.npy"), TARGETS);
    }

    private Path sampleWeights() {
        return NpyWriter.values(folder.resolve("samples.npy"), SAMPLE_WEIGHTS);
    }

    private Path classWeights() {
        return NpyWriter.values(folder.resolve("classes.npy"), CLASS_WEIGHTS);
    }

    private static Map<String, ?> eval(Object... options) {
        return CommandRun.of(Stream.concat(Stream.of("eval", "--json"), Stream.of(options))
                        .toArray())
                .isFine()
                .json();
    }

    private Map<String, ?> byLabels(Object... options) {
        return eval(Stream.concat(Stream.of("--logits", logits(), "--labels", labels()), Stream.of(options))
                .toArray());
    }

    private Map<String, ?> byTargets(Object... options) {
        return eval(Stream.concat(Stream.of("--logits", logits(), "--targets", targets()), Stream.of(options))
                .toArray());
    }

    private static double number(Map<String, ?> json, String name) {
        return switch (json.get(name)) {
            case Double number -> number;
            case Long number -> number;
            case null, default -> throw new AssertionError(name + " in " + json);
        };
    }

    private static double logSumExp(double... x) {
        double sum = 0;
        for (double each : x) {
            sum += Math.exp(each);
        }
        return Math.log(sum);
    }

    private static double softmax(double[] x, int j) {
        return Math.exp(x[j] - logSumExp(x));
    }

    /** The plain loss of a row by its label. */
    private static double nll(int row) {
        return logSumExp(LOGITS[row]) - LOGITS[row][(int) LABELS[row]];
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    /** What a row of numbers adds up to, given a term for each. */
    private interface Term {
        double of(double x, double t, int row, int column);
    }

    private static double sum(Term term) {
        double sum = 0;
        for (int i = 0; i < LOGITS.length; i++) {
            for (int j = 0; j < LOGITS[i].length; j++) {
                sum += term.of(LOGITS[i][j], TARGETS[i][j], i, j);
            }
        }
        return sum;
    }

    @Test
    void softTargets() {
        double sum = sum((x, t, i, _) -> t * (logSumExp(LOGITS[i]) - x));
        Map<String, ?> json = byTargets();
        assertEquals(sum / 3, number(json, "loss"), 1e-14);
        assertEquals(sum / 3 / Math.log(2), number(json, "bits"), 1e-14);
        assertEquals(Math.exp(sum / 3), number(json, "perplexity"), 1e-13);
        // The first largest logit is where the first largest target is in row 0 alone: 1, 2 and 1 against 1, 0 and 2.
        assertEquals(1.0 / 3, number(json, "accuracy"));
        assertEquals("softmax-cross-entropy", json.get("function"));
        assertEquals(Map.of("logits", "float64", "targets", "float64"), json.get("formats"));
    }

    @Test
    void sampleWeightsAndDenominators() {
        double sum = 2 * nll(0) + 0.5 * nll(2);
        assertEquals(sum / 2.5, number(byLabels("--sample-weights", sampleWeights()), "loss"), 1e-14);
        Map<String, ?> valid = byLabels("--sample-weights", sampleWeights(), "--denominator", "valid");
        assertEquals(sum / 2, number(valid, "loss"), 1e-14);
        assertEquals("valid", valid.get("denominator"));
        assertEquals(2, number(valid, "divisor"));
        assertEquals(
                sum / 3, number(byLabels("--sample-weights", sampleWeights(), "--denominator", "all"), "loss"), 1e-14);
        assertEquals(
                sum / 8, number(byLabels("--sample-weights", sampleWeights(), "--denominator", "8"), "loss"), 1e-14);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void topAccuracy(int top) {
        // Ranks of the labels 0, 2 and 2: 1, 0 and 1, since the equal of row 2 comes first.
        Map<String, ?> json = byLabels("--top", top);
        assertEquals(1.0 / 3, number(json, "accuracy"));
        assertEquals(top == 1 ? 1.0 / 3 : 1, number(json, "topAccuracy"));
        assertEquals(top, number(json, "top"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"bool", "uint8", "int32", "int64"})
    void sharedClassMask(String type) {
        Path mask = NpyWriter.flags(folder.resolve("mask.npy"), type, true, false, true);
        double sum = 0;
        for (int i = 0; i < 3; i++) {
            sum += logSumExp(LOGITS[i][0], LOGITS[i][2]) - LOGITS[i][(int) LABELS[i]];
        }
        Map<String, ?> json = byLabels("--class-mask", mask);
        assertEquals(sum / 3, number(json, "loss"), 1e-14);
        assertEquals(1, number(json, "accuracy"));
        assertEquals(type, ((Map<?, ?>) Objects.requireNonNull(json.get("formats"))).get("class-mask"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"bool", "uint8"})
    void classMaskOfEachRow(String type) {
        Path mask = NpyWriter.flagRows(folder.resolve("mask.npy"), type, new boolean[][] {
            {true, true, true}, {false, true, true}, {true, false, true}
        });
        double sum = nll(0) + logSumExp(0.5, 3) - 3 + logSumExp(-2, 4) - 4;
        assertEquals(sum, number(byLabels("--class-mask", mask, "--reduction", "sum"), "loss"), 1e-14);
    }

    @Test
    void temperatureSoftCapAndPenalty() {
        double tempered = logSumExp(0.5, 1, -0.5) - 0.5 + logSumExp(0.25, 0.25, 1.5) - 1.5 + logSumExp(-1, 2, 2) - 2;
        assertEquals(tempered / 3, number(byLabels("--temperature", 2), "loss"), 1e-14);
        double capped = 0;
        double penalised = 0;
        for (int i = 0; i < 3; i++) {
            double[] x = LOGITS[i].clone();
            for (int j = 0; j < 3; j++) {
                x[j] = 5 * Math.tanh(x[j] / 5);
            }
            capped += logSumExp(x) - x[(int) LABELS[i]];
            penalised += nll(i) + 0.25 * Math.pow(logSumExp(LOGITS[i]), 2);
        }
        assertEquals(capped / 3, number(byLabels("--softcap", 5), "loss"), 1e-14);
        assertEquals(penalised / 3, number(byLabels("--z-loss", 0.25), "loss"), 1e-14);
    }

    @Test
    void focal() {
        double sum = 0;
        for (int i = 0; i < 3; i++) {
            sum += Math.pow(1 - softmax(LOGITS[i], (int) LABELS[i]), 2) * nll(i);
        }
        assertEquals(sum / 3, number(byLabels("--focal", 2), "loss"), 1e-14);
        double binary = sum((x, t, _, _) -> t * Math.pow(1 - sigmoid(x), 2) * Math.log1p(Math.exp(-x))
                + (1 - t) * Math.pow(sigmoid(x), 2) * Math.log1p(Math.exp(x)));
        assertEquals(binary / 9, number(byTargets("--binary", "--focal", 2), "loss"), 1e-14);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--binary", "--loss=binary-cross-entropy"})
    void binary(String option) {
        double sum = sum((x, t, _, _) -> t * Math.log1p(Math.exp(-x)) + (1 - t) * Math.log1p(Math.exp(x)));
        Map<String, ?> json = byTargets(option);
        assertEquals(sum / 9, number(json, "loss"), 1e-14);
        assertEquals(9, number(json, "count"));
        assertEquals(3, number(json, "rows"));
        assertEquals("element", json.get("unit"));
        assertEquals("binary-cross-entropy", json.get("function"));
        // Above 0 and above 1/2: 1 2 -1, .5 .5 3, -2 4 4 against .25 .75 0, .5 0 .5, 0 .125 .75.
        assertEquals(4.0 / 9, number(json, "accuracy"));
    }

    @Test
    void binaryWithWeightsAndSmoothing() {
        Path positive = classWeights();
        double weighted = sum((x, t, i, j) -> SAMPLE_WEIGHTS[i]
                * (CLASS_WEIGHTS[j] * t * Math.log1p(Math.exp(-x)) + (1 - t) * Math.log1p(Math.exp(x))));
        Map<String, ?> json = byTargets("--binary", "--pos-weights", positive, "--sample-weights", sampleWeights());
        assertEquals(weighted / 7.5, number(json, "loss"), 1e-14);
        assertEquals(6, number(json, "count"));
        double smoothed = sum((x, t, _, _) ->
                (0.8 * t + 0.1) * Math.log1p(Math.exp(-x)) + (1 - (0.8 * t + 0.1)) * Math.log1p(Math.exp(x)));
        assertEquals(smoothed / 9, number(byTargets("--binary", "--label-smoothing", 0.2), "loss"), 1e-14);
    }

    @Test
    void binaryByLabels() {
        Path logits = NpyWriter.matrix(folder.resolve("column.npy"), new double[][] {{2}, {-1}, {0.5}, {-3}});
        Path labels = NpyWriter.indices(folder.resolve("yes.npy"), 1, 0, 0, 1);
        Object[] files = {"--logits", logits, "--labels", labels, "--loss"};
        Map<String, ?> json = eval(with(files, "binary-cross-entropy"));
        double sum = Math.log1p(Math.exp(-2))
                + Math.log1p(Math.exp(-1))
                + Math.log1p(Math.exp(0.5))
                + Math.log1p(Math.exp(3));
        assertEquals(sum / 4, number(json, "loss"), 1e-14);
        assertEquals(0.5, number(json, "accuracy"));
        Map<String, ?> squares = eval(with(files, "squared-error"));
        double squared = Math.pow(sigmoid(-2), 2)
                + Math.pow(sigmoid(-1), 2)
                + Math.pow(sigmoid(0.5), 2)
                + Math.pow(sigmoid(3), 2);
        assertEquals(squared / 4, number(squares, "loss"), 1e-14);
        assertEquals(0.5, number(squares, "accuracy"));
    }

    private static Object[] with(Object[] arguments, Object... more) {
        return Stream.concat(Stream.of(arguments), Stream.of(more)).toArray();
    }

    @Test
    void distances() {
        double squared = sum((x, t, _, _) -> Math.pow(sigmoid(x) - t, 2));
        Map<String, ?> json = byTargets("--loss", "squared-error");
        assertEquals(squared / 9, number(json, "loss"), 1e-14);
        assertFalse(json.containsKey("bits"));
        double soft = sum((_, t, i, j) -> Math.pow(softmax(LOGITS[i], j) - t, 2));
        assertEquals(soft / 3, number(byTargets("--loss", "brier"), "loss"), 1e-14);
        double brier = sum((_, _, i, j) -> Math.pow(softmax(LOGITS[i], j) - (LABELS[i] == j ? 1 : 0), 2));
        Map<String, ?> byLabels = byLabels("--loss", "brier", "--top", 2);
        assertEquals(brier / 3, number(byLabels, "loss"), 1e-14);
        assertEquals(1.0 / 3, number(byLabels, "accuracy"));
        assertEquals(1, number(byLabels, "topAccuracy"));
        assertFalse(byLabels.containsKey("perplexity"));
    }

    /** The same losses from logits, from probabilities and from their logarithms. */
    @Test
    void probabilitiesAndTheirLogarithms() {
        double[][] p = new double[3][3];
        double[][] logs = new double[3][3];
        for (int i = 0; i < 3; i++) {
            for (int j = 0; j < 3; j++) {
                logs[i][j] = LOGITS[i][j] - logSumExp(LOGITS[i]);
                p[i][j] = Math.exp(logs[i][j]);
            }
        }
        Path probabilities = NpyWriter.matrix(folder.resolve("p.npy"), p);
        Path logarithms = NpyWriter.matrix(folder.resolve("log.npy"), logs);
        double sum = nll(0) + 0.25 * (nll(1) + nll(2));
        Object[] weights = {"--labels", labels(), "--class-weights", classWeights(), "--loss"};
        assertEquals(sum / 1.5, number(eval(with(weights, "categorical", "--logits", probabilities)), "loss"), 1e-14);
        Map<String, ?> nll = eval(with(weights, "nll", "--logits", logarithms, "--ignore-index", 0));
        assertEquals((nll(1) + nll(2)) / 2, number(nll, "loss"), 1e-14);
        assertEquals(0.5, number(nll, "accuracy"));
        double soft = sum((_, t, i, j) -> -t * logs[i][j]);
        Map<String, ?> categorical = eval("--loss", "categorical", "--logits", probabilities, "--targets", targets());
        assertEquals(soft / 3, number(categorical, "loss"), 1e-14);
        assertEquals(1.0 / 3, number(categorical, "accuracy"));
    }

    @Test
    void divergence() {
        double sum = sum((x, t, i, _) -> t == 0 ? 0 : t * (Math.log(t) - (x - logSumExp(LOGITS[i]))));
        Map<String, ?> json = byTargets("--loss", "kl");
        assertEquals(sum / 3, number(json, "loss"), 1e-14);
        assertEquals(sum / 3 / Math.log(2), number(json, "bits"), 1e-14);
        assertFalse(json.containsKey("perplexity"));
        assertEquals(1.0 / 3, number(json, "accuracy"));
    }

    /** Row losses by each loss add up to the sum, and a step against the gradient of the sum is what it lowers. */
    @ParameterizedTest
    @ValueSource(strings = {"softmax-cross-entropy", "binary-cross-entropy", "brier", "squared-error", "kl"})
    void rowLossesAndGradient(String loss) throws IOException {
        Path rows = folder.resolve("rows.npy");
        Path gradient = folder.resolve("gradient.npy");
        Object[] options = {"--loss", loss, "--reduction", "sum"};
        Map<String, ?> json = byTargets(with(options, "--per-row", rows, "--gradient", gradient));
        try (Arena arena = Arena.ofConfined()) {
            RowValues losses = ArrayFile.map(rows, arena).tensor(null).asValues();
            assertEquals(number(json, "loss"), losses.get(0) + losses.get(1) + losses.get(2), 1e-14);
            Matrix gradients = ArrayFile.map(gradient, arena).tensor(null).asMatrix();
            for (int i = 0; i < 3; i++) {
                for (int j = 0; j < 3; j++) {
                    double slope = (moved(i, j, 0x1p-12, options) - moved(i, j, -0x1p-12, options)) / 0x1p-11;
                    assertEquals(slope, gradients.get(i, j), 1e-6);
                }
            }
        }
    }

    private double moved(int row, int column, double step, Object... options) {
        double[][] x = {LOGITS[0].clone(), LOGITS[1].clone(), LOGITS[2].clone()};
        x[row][column] += step;
        Path file = NpyWriter.matrix(folder.resolve("moved.npy"), x);
        return number(eval(with(options, "--logits", file, "--targets", targets())), "loss");
    }

    @ParameterizedTest
    @ValueSource(strings = {"scalar", "vector", "native"})
    void everyBackendGivesTheSameBits(String backend) {
        for (LossName loss : LossName.values()) {
            if (loss != LossName.CATEGORICAL) {
                Object[] options = {"--loss", loss, "--sample-weights", sampleWeights()};
                assertEquals(
                        byTargets(options).get("lossSum"),
                        byTargets(with(options, "--backend", backend)).get("lossSum"),
                        loss.toString());
            }
        }
    }

    @Test
    void printsForPeople() {
        String out = CommandRun.of(
                        "eval", "--logits", logits(), "--labels", labels(), "--top", 2, "--denominator", "all")
                .isFine()
                .out();
        assertTrue(out.contains("function    softmax-cross-entropy, mean over all"), out);
        assertTrue(out.contains("top 2       1.0 (3 among them)"), out);
        assertTrue(out.contains("formats     logits float64 (3, 3), labels int64 (3,)"), out);
        String binary = CommandRun.of("eval", "--logits", logits(), "--targets", targets(), "--binary")
                .isFine()
                .out();
        assertTrue(binary.contains("elements    9, of which 9 count"), binary);
    }

    private void isBad(Object[] arguments, String... texts) throws IOException {
        Path gradient = folder.resolve("gradient.npy");
        CommandRun.of(with(new Object[] {"eval", "--gradient", gradient, "--logits", logits()}, arguments))
                .isBadInput(texts);
        assertFalse(Files.exists(gradient));
        try (Stream<Path> files = Files.list(folder)) {
            assertTrue(files.noneMatch(file -> file.toString().endsWith(".part")));
        }
    }

    private static Object[] arguments(Object... arguments) {
        return arguments;
    }

    @ParameterizedTest
    @CsvSource({
        "brier, --class-weights, categorical",
        "brier, --label-smoothing, binary-cross-entropy",
        "kl, --focal, binary-cross-entropy",
        "squared-error, --top, nll",
        "nll, --temperature, softmax-cross-entropy",
        "categorical, --z-loss, softmax-cross-entropy",
        "binary-cross-entropy, --softcap, softmax-cross-entropy",
        "binary-cross-entropy, --class-mask, softmax-cross-entropy",
        "softmax-cross-entropy, --pos-weights, binary-cross-entropy"
    })
    void optionsOfOtherLosses(String loss, String option, String having) throws IOException {
        isBad(
                arguments("--targets", targets(), "--loss", loss, option, 1),
                option + " is not for --loss " + loss + ", it is for ",
                having);
    }

    @Test
    void optionsThatDoNotGoTogether() throws IOException {
        isBad(arguments("--loss", "kl", "--labels", labels()), "--labels is not for --loss kl");
        isBad(arguments("--binary", "--labels", labels(), "--ignore-index", 1), "--ignore-index is not for --loss");
        isBad(arguments("--labels", labels(), "--targets", targets()), "--labels", "--targets", "exclusive");
        isBad(arguments("--targets", targets(), "--ignore-index", 1), "--targets", "--ignore-index", "exclusive");
        isBad(arguments("--binary", "--loss", "kl", "--targets", targets()), "--binary", "--loss", "exclusive");
        isBad(arguments(), "--labels", "--targets");
        isBad(arguments("--targets", targets(), "--top", 2), "--top needs --labels");
        isBad(arguments("--targets", targets(), "--focal", 2), "--focal needs --labels");
        isBad(arguments("--labels", labels(), "--focal", 2, "--label-smoothing", 0.1), "--focal and --label-smoothing");
        isBad(
                arguments("--labels", labels(), "--reduction", "sum", "--denominator", "all"),
                "--denominator is for --reduction mean, not for --reduction sum");
    }

    @Test
    void valuesOutOfRange() throws IOException {
        isBad(
                arguments("--labels", labels(), "--loss", "hinge"),
                "hinge, must be one of softmax-cross-entropy, ",
                "kl");
        isBad(arguments("--labels", labels(), "--denominator", "-1"), "-1, must be weights, valid, all or a number");
        isBad(
                arguments("--labels", labels(), "--temperature", "0"),
                "--temperature is 0.0, must be finite and greater");
        isBad(arguments("--labels", labels(), "--softcap", "-1"), "--softcap is -1.0, must be finite and at least 0");
        isBad(arguments("--labels", labels(), "--z-loss", "NaN"), "--z-loss is NaN");
        isBad(arguments("--labels", labels(), "--focal", "-2"), "--focal is -2.0");
        isBad(arguments("--labels", labels(), "--top", "0"), "--top is 0, must be from 1");
    }

    @Test
    void filesThatDoNotFit() throws IOException {
        Path short2 = NpyWriter.values(folder.resolve("two.npy"), 1, 2);
        Path narrow = NpyWriter.matrix(folder.resolve("narrow.npy"), new double[][] {{1, 0}, {0, 1}, {1, 0}});
        Path mask = NpyWriter.flags(folder.resolve("mask.npy"), "bool", true, false);
        isBad(
                arguments("--targets", narrow),
                narrow + ": is float64 (3, 2), must have the shape of " + logits(),
                "(3, 3)");
        isBad(
                arguments("--targets", CommandRun.npy("logits-f4")),
                CommandRun.npy("logits-f4") + ": is float32 (4, 4), must have the shape of");
        isBad(arguments("--targets", labels()), labels() + ": element type is <i8, must be <f2, <f4 or <f8");
        isBad(arguments("--labels", labels(), "--sample-weights", short2), short2 + ": has 2 weights", "3 rows of");
        isBad(arguments("--labels", labels(), "--class-weights", short2), short2 + ": has 2 weights", "3 classes of");
        isBad(arguments("--targets", targets(), "--binary", "--pos-weights", short2), short2 + ": has 2 weights");
        isBad(arguments("--labels", labels(), "--class-mask", mask), mask + ": has 2 flags", "3 classes of");
        isBad(arguments("--labels", labels(), "--class-mask", targets()), "element type is <f8, must be |b1 or |u1");
        isBad(arguments("--labels", labels(), "--class-mask", short2), "must be |b1, |u1, <i4 or <i8");
        isBad(arguments("--labels", labels(), "--binary"), logits() + ": has 3 columns, must have 1 for --loss binary");
    }

    @Test
    void float32AndFloat64() throws IOException {
        Path wide = NpyWriter.matrix(folder.resolve("wide.npy"), new double[4][4]);
        CommandRun.of("eval", "--logits", CommandRun.npy("logits-f4"), "--targets", wide)
                .isBadInput(wide + ": is float64 (4, 4), must not be float64, since", "float32 (4, 4)");
    }

    @Test
    void numbersOutOfRange() throws IOException {
        Path negative = NpyWriter.values(folder.resolve("negative.npy"), 1, -0.5, 1);
        Path bad = NpyWriter.matrix(folder.resolve("bad.npy"), new double[][] {{1, 0, 0}, {0, 1, 1.5}, {1, 0, 0}});
        Path mask = NpyWriter.flags(folder.resolve("mask.npy"), "bool", true, true, false);
        Path high = NpyWriter.indices(folder.resolve("high.npy"), 0, 3, 1);
        isBad(arguments("--labels", high), high + ": row 1 has label 3, must be from 0 to 2, or the ignore index -100");
        isBad(
                arguments("--labels", labels(), "--sample-weights", negative),
                negative + ": sampleWeights[1] is -0.5, must be finite and at least 0");
        isBad(arguments("--targets", bad), bad + ": targets[1, 2] is 1.5, must be a probability from 0 to 1");
        isBad(arguments("--targets", bad, "--loss", "kl"), bad + ": p[1, 2] is 1.5");
        isBad(arguments("--targets", bad, "--binary"), bad + ": targets[1, 2] is 1.5");
        isBad(
                arguments("--labels", labels(), "--loss", "categorical"),
                logits() + ": probabilities[0, 1] is 2.0, must be a probability");
        isBad(arguments("--labels", labels(), "--class-mask", mask), labels() + ": targets[1] is 2, a class that");
        Path column = NpyWriter.matrix(folder.resolve("column.npy"), new double[][] {{2}, {-1}, {0.5}});
        CommandRun.of("eval", "--logits", column, "--labels", labels(), "--binary")
                .isBadInput(labels() + ": row 1 has label 2, must be 0 or 1");
    }
}
