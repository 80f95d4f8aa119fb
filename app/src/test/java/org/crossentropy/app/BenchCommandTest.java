package org.crossentropy.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.crossentropy.app.chart.ChartSheet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchCommandTest {

    @TempDir
    private Path folder = Path.of("replaced by the test framework");

    private static CommandRun bench(Object... arguments) {
        return CommandRun.of(Stream.concat(Stream.of("bench", "--seconds", 1), Stream.of(arguments))
                .toArray());
    }

    private static Map<?, ?> object(Map<?, ?> parent, String name) {
        return (Map<?, ?>) Objects.requireNonNull(parent.get(name), name);
    }

    private static double number(Map<?, ?> object, String name) {
        return ((Number) Objects.requireNonNull(object.get(name), name)).doubleValue();
    }

    @Test
    void timesEveryBackendPassAndNumberOfThreads() throws IOException {
        Path file = folder.resolve("bench.json");
        bench("--shape", "64x100", "--threads", 1, "--threads", 2, "--json", file)
                .isFine();
        Map<String, ?> json = CommandRun.json(Files.readString(file));
        assertEquals(true, json.get("equal"));
        List<?> comparisons = CommandRun.list(json, "comparisons");
        assertEquals(2 * 2 * 2, comparisons.stream().distinct().count());
        for (Object each : comparisons) {
            Map<?, ?> comparison = (Map<?, ?>) each;
            Map<?, ?> backends = object(comparison, "backends");
            assertEquals(List.of("native", "vector", "scalar"), List.copyOf(backends.keySet()));
            assertTimes(object(comparison, "limit"));
            for (Object backend : backends.values()) {
                assertTimes((Map<?, ?>) backend);
            }
        }
        assertEquals(List.of(1.0, 2.0, 2.0, 3.0), traffic(comparisons));
    }

    private static void assertTimes(Map<?, ?> timing) {
        double fastest = number(timing, "minMilliseconds");
        assertTrue(fastest > 0 && fastest <= number(timing, "medianMilliseconds"), timing.toString());
        assertTrue(number(timing, "samples") >= 5, timing.toString());
        assertTrue(timing.get("steady") instanceof Boolean, timing.toString());
    }

    /** Matrices moved by softmax forward and with gradient, and by the binary loss. */
    private static List<Double> traffic(List<?> comparisons) {
        return comparisons.stream()
                .<Map<?, ?>>map(each -> (Map<?, ?>) each)
                .filter(each -> number(each, "threads") == 1)
                .map(each -> number(each, "bytes") / (number(each, "rows") * number(each, "columns") * Float.BYTES))
                .toList();
    }

    @Test
    void printsMachineTableAndVerdict() {
        List<String> lines = bench("--shape", "8x20", "--shape", "1x1", "--threads", 2)
                .isFine()
                .out()
                .lines()
                .toList();
        assertTrue(lines.getFirst().startsWith("processor  "), lines.getFirst());
        for (String title : List.of(
                "softmax cross-entropy 8x20",
                "softmax cross-entropy 1x1",
                "binary cross-entropy 8x20",
                "binary cross-entropy 1x1")) {
            assertTrue(lines.contains(title), title);
        }
        for (String backend : List.of("native", "vector", "scalar")) {
            for (String pass : List.of("forward", "forward+backward")) {
                String start = String.format("      2  %-16s  %-7s ", pass, backend);
                List<String> rows =
                        lines.stream().filter(line -> line.startsWith(start)).toList();
                assertEquals(4, rows.size(), start);
                String own = backend.equals("scalar") ? "1\\.00x +\\S+x" : ".*x";
                assertTrue(rows.stream().allMatch(row -> row.matches(".* \\d+ % +" + own)), rows.toString());
            }
        }
        assertEquals("same bits on all backends: yes (native, vector, scalar)", lines.getLast());
    }

    @Test
    void oneBackendHasNothingToCompareWith() {
        String out = bench("--shape", "4x4", "--backend", "scalar").isFine().out();
        assertTrue(out.endsWith("nothing to compare with, only scalar ran" + System.lineSeparator()), out);
        assertFalse(out.contains("native"), out);
    }

    @Test
    void drawsAPicture() throws IOException {
        Path file = folder.resolve("bench.png");
        bench("--shape", "64x100", "--threads", 1, "--output", file).isFine();
        BufferedImage image = Objects.requireNonNull(ImageIO.read(file.toFile()), "a PNG file");
        assertEquals(2 * ChartSheet.CHART_WIDTH, image.getWidth());
        assertEquals(ChartSheet.CHART_HEIGHT, image.getHeight());
        for (int chart = 0; chart < 2; chart++) {
            BufferedImage half = image.getSubimage(
                    chart * ChartSheet.CHART_WIDTH, 0, ChartSheet.CHART_WIDTH, ChartSheet.CHART_HEIGHT);
            for (int color : List.of(0x0072B2, 0xD55E00, 0x009E73, 0xBEBEBE)) {
                assertTrue(count(half, color) > 500, "bars " + Integer.toHexString(color) + " of chart " + chart);
            }
        }
    }

    private static long count(BufferedImage image, int color) {
        return Stream.of(image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth()))
                .flatMapToInt(Arrays::stream)
                .filter(pixel -> (pixel & 0xFFFFFF) == color)
                .count();
    }

    @Test
    void rejectsWhatItCannotUseBeforeItMeasures() throws IOException {
        CommandRun.of("bench", "--seconds", 0).isBadInput("--seconds is 0, must be from 1 to");
        CommandRun.of("bench", "--threads", 0).isBadInput("--threads is 0, must be from 1 to");
        CommandRun.of("bench", "--backend", "gpu").isBadInput("--backend is gpu", "native, vector, scalar");
        for (String shape : List.of("64", "64x", "64x100x2", "0x10", "8x-1", "axb", "1x99999999999")) {
            CommandRun.of("bench", "--shape", shape).isBadInput("--shape", shape + ", must be rows x columns");
        }
        CommandRun.of("bench", "--output", folder.resolve("bench.svg")).isBadInput("--output is", ".png");
        CommandRun.of("bench", "--json", folder.resolve("none/bench.json")).isBadInput("its folder does not exist");
        Path same = folder.resolve("same.png");
        CommandRun.of("bench", "--output", same, "--json", same).isBadInput("would overwrite");
        try (Stream<Path> files = Files.list(folder)) {
            assertFalse(files.findAny().isPresent());
        }
    }

    /** More than a petabyte, which no machine has free. */
    @Test
    void rejectsAShapeThatMemoryCannotHold() {
        CommandRun.of("bench", "--shape", "16777216x16777216")
                .isBadInput("--shape is 16777216x16777216", "must take at most", "half of the memory that is free");
    }
}
