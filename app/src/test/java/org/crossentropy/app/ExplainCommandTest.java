package org.crossentropy.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.crossentropy.app.explain.Picture;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExplainCommandTest {

    private static final int SURE_AND_WRONG = -8;

    private static Map<String, ?> json = Map.of();

    @TempDir
    private Path folder = Path.of("replaced by the test framework");

    @BeforeAll
    static void explain() {
        json = CommandRun.of("explain", "--json").isFine().json();
    }

    private static double number(Map<?, ?> object, String name) {
        return ((Number) Objects.requireNonNull(object.get(name), name)).doubleValue();
    }

    private static List<?> list(String object, String loss) {
        Map<?, ?> losses = (Map<?, ?>) Objects.requireNonNull(json.get(object));
        return (List<?>) Objects.requireNonNull(losses.get(loss));
    }

    private static Map<?, ?> point(String loss, double logit) {
        return list("curves", loss).stream()
                .<Map<?, ?>>map(each -> (Map<?, ?>) each)
                .filter(each -> number(each, "logit") == logit)
                .findFirst()
                .orElseThrow();
    }

    private static Stream<Map<?, ?>> trials(String start, String loss) {
        return CommandRun.list(json, "trials").stream()
                .<Map<?, ?>>map(each -> (Map<?, ?>) each)
                .filter(each -> start.equals(each.get("start")) && loss.equals(each.get("loss")));
    }

    /** Steps of a trial; endlessly many if it did not come to the goal. */
    private static double steps(String start, String loss, double rate) {
        Map<?, ?> trial = trials(start, loss)
                .filter(each -> number(each, "learningRate") == rate)
                .findFirst()
                .orElseThrow();
        return trial.get("steps") == null ? Double.POSITIVE_INFINITY : number(trial, "steps");
    }

    @Test
    void gradientsAndLossesAreThoseOfTheFormulas() {
        for (String loss : List.of("crossEntropy", "squaredError")) {
            assertEquals(24 * 16 + 1, list("curves", loss).size());
        }
        for (int logit = -12; logit <= 12; logit++) {
            double wrong = 1 / (1 + Math.exp(logit));
            double right = 1 / (1 + Math.exp(-logit));
            assertClose(-wrong, number(point("crossEntropy", logit), "gradient"));
            assertClose(Math.log1p(Math.exp(-logit)), number(point("crossEntropy", logit), "loss"));
            assertClose(-2 * wrong * right * wrong, number(point("squaredError", logit), "gradient"));
            assertClose(wrong * wrong, number(point("squaredError", logit), "loss"));
        }
    }

    private static void assertClose(double expected, double actual) {
        assertEquals(expected, actual, 1e-12 * Math.abs(expected));
    }

    /** The ratio of the gradients is 1 / (2 s (1 - s)), where s is the probability of the example's class. */
    @Test
    void squaredErrorHardlyPullsWhereTheModelIsSureAndWrong() {
        double s = 1 / (1 + Math.exp(-SURE_AND_WRONG));
        assertClose(1 / (2 * s * (1 - s)), number(json, "pullRatio"));
        assertEquals(-0.9997, number(point("crossEntropy", SURE_AND_WRONG), "gradient"), 5e-5);
        assertEquals(-6.7e-4, number(point("squaredError", SURE_AND_WRONG), "gradient"), 5e-6);
    }

    @Test
    void theStartIsSureAndWrong() {
        assertTrue(number(json, "startAccuracy") < 0.05, json.toString());
        assertTrue(number(json, "startMeanLogit") > 4, json.toString());
    }

    /** At the same rate, as long as that rate also serves a model that begins at 0. */
    @ParameterizedTest
    @ValueSource(doubles = {0.0625, 0.25, 1, 4, 16, 64})
    void crossEntropyRecoversInFewerStepsAtTheSameRate(double rate) {
        double crossEntropy = steps("sureAndWrong", "crossEntropy", rate);
        double squaredError = steps("sureAndWrong", "squaredError", rate);
        assertTrue(3 * crossEntropy < squaredError, crossEntropy + " and " + squaredError);
        assertTrue(steps("zero", "crossEntropy", rate) < steps("zero", "squaredError", rate));
    }

    /** A rate may be so large that squared error recovers as soon, but then it fails from an ordinary start. */
    @Test
    void theBestRateOfSquaredErrorServesOnlyTheWrongStart() {
        Map<?, ?> best = trials("sureAndWrong", "squaredError")
                .filter(each -> each.get("steps") != null)
                .min((first, second) -> Double.compare(number(first, "steps"), number(second, "steps")))
                .orElseThrow();
        double rate = number(best, "learningRate");
        assertTrue(steps("sureAndWrong", "crossEntropy", rate) <= number(best, "steps"));
        assertEquals(Double.POSITIVE_INFINITY, steps("zero", "squaredError", rate));
        assertTrue(steps("zero", "crossEntropy", rate) < 10);
    }

    @Test
    void stepsAreCountedOnTheCurves() {
        for (String loss : List.of("crossEntropy", "squaredError")) {
            List<Double> accuracies = list("descents", loss).stream()
                    .map(each -> number((Map<?, ?>) each, "accuracy"))
                    .toList();
            assertEquals(1001, accuracies.size());
            int steps = (int) steps("sureAndWrong", loss, 1);
            assertTrue(accuracies.get(steps) >= 0.95);
            assertTrue(accuracies.subList(0, steps).stream().allMatch(accuracy -> accuracy < 0.95));
        }
    }

    @Test
    void tooFewStepsAreNoSteps() {
        Map<String, ?> few =
                CommandRun.of("explain", "--steps", 1, "--json").isFine().json();
        for (Object trial : CommandRun.list(few, "trials")) {
            assertNull(((Map<?, ?>) trial).get("steps"));
        }
        assertEquals(List.of(), few.get("best"));
        String text = CommandRun.of("explain", "--steps", 1).isFine().out();
        assertTrue(text.contains("never"), text);
    }

    /** All but the last line, which names the backend. */
    @ParameterizedTest
    @ValueSource(strings = {"scalar", "vector"})
    void printsTheSameOnEveryBackend(String backend) {
        List<String> expected = CommandRun.of("explain").isFine().out().lines().toList();
        List<String> actual = CommandRun.of("explain", "--backend", backend, "--threads", 1)
                .isFine()
                .out()
                .lines()
                .toList();
        assertEquals(expected.subList(0, expected.size() - 1), actual.subList(0, actual.size() - 1));
        assertTrue(String.join("\n", expected).contains("cross-entropy pulls 1,491 times as hard"));
    }

    @Test
    void drawsAPicture() throws IOException {
        Path file = folder.resolve("explain.png");
        Files.writeString(file, "something older");
        CommandRun.of("explain", "--picture", file).isFine();
        BufferedImage image = Objects.requireNonNull(ImageIO.read(file.toFile()), "a PNG file");
        assertEquals(Picture.WIDTH, image.getWidth());
        assertEquals(Picture.HEIGHT, image.getHeight());
        for (int row = 0; row < 2; row++) {
            for (int column = 0; column < 2; column++) {
                BufferedImage chart = image.getSubimage(
                        column * Picture.WIDTH / 2, row * Picture.HEIGHT / 2, Picture.WIDTH / 2, Picture.HEIGHT / 2);
                assertTrue(count(chart, 0, 114, 178) > 500, "blue line of chart " + row + ", " + column);
                assertTrue(count(chart, 213, 94, 0) > 500, "orange line of chart " + row + ", " + column);
            }
        }
    }

    private static int count(BufferedImage image, int red, int green, int blue) {
        int color = (0xFF << 24) | (red << 16) | (green << 8) | blue;
        int count = 0;
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                count += image.getRGB(x, y) == color ? 1 : 0;
            }
        }
        return count;
    }

    @Test
    void rejectsWhatItCannotUseBeforeItComputes() throws IOException {
        CommandRun.of("explain", "--picture", folder.resolve("explain.svg")).isBadInput("--picture is", ".png");
        CommandRun.of("explain", "--picture", folder.resolve("none/explain.png"))
                .isBadInput("its folder does not exist");
        CommandRun.of("explain", "--steps", 0).isBadInput("--steps is 0, must be from 1 to");
        try (Stream<Path> files = Files.list(folder)) {
            assertFalse(files.findAny().isPresent());
        }
    }
}
