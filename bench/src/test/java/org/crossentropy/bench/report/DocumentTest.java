package org.crossentropy.bench.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.crossentropy.bench.run.Figure;
import org.crossentropy.bench.run.Home;
import org.crossentropy.bench.run.Part;
import org.crossentropy.bench.run.Results;
import org.crossentropy.bench.task.Pass;
import org.crossentropy.bench.task.Shape;
import org.crossentropy.bench.task.Task;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DocumentTest {

    private static final Task FORWARD = Task.plain(new Shape(1024, 32000), Pass.FORWARD);

    @Test
    void resultsAreWhatTheGeneratorMakesOfTheFigures() throws IOException {
        Path bench = Home.bench();
        assertEquals(
                String.join("\n", Files.readAllLines(bench.resolve(Document.NAME))),
                String.join("\n", new Document(bench, bench).lines()),
                "make it again: java -cp bench/target/benchmarks.jar org.crossentropy.bench.Report --document");
    }

    @Test
    void picturesAreDrawn(@TempDir Path folder) throws IOException {
        new Charts(Figures.read(Home.bench().resolve("results"))).write(folder);
        for (String name : List.of("losses.png", "heads.png", "growth-classes.png", "growth-rows.png")) {
            assertTrue(Files.size(folder.resolve(name)) > 10_000, name);
        }
    }

    @Test
    void speedUpsAreOverTheBetterPyTorch() {
        Figures figures = figures(
                figure(FORWARD, "native", 10e6),
                figure(FORWARD, "native, huge pages", 8e6),
                figure(FORWARD, "PyTorch", 80e6),
                figure(FORWARD, "PyTorch, huge pages", 40e6));

        SpeedUp goal = SpeedUp.goals().stream()
                .filter(each -> each.task().equals(FORWARD) && each.backend().equals("native"))
                .findFirst()
                .orElseThrow();

        assertEquals(5, goal.reached(figures, 1));
        assertEquals(5, goal.reachedByMedians(figures, 1));
        assertEquals(8, goal.overDefault(figures, 1));
        assertTrue(Double.isNaN(goal.reached(figures, 2)));
    }

    @Test
    void limitsCountTheBetterCopy() {
        Task gradient = FORWARD.with(Pass.GRADIENT);
        Figures figures =
                figures(figure(FORWARD, "read", 4e6), figure(FORWARD, "copy", 9e6), figure(FORWARD, "copy-nt", 6e6));

        assertEquals(4e6, figures.limit(Part.LOSSES, FORWARD, 1));
        assertEquals(6e6, figures.limit(Part.LOSSES, gradient, 1));
        Task binary = Task.parse("binary/1024x32000/float32/offheap/gradient");
        assertEquals(10e6, figures.limit(Part.LOSSES, binary, 1));
        assertTrue(Double.isNaN(figures.limit(Part.LOSSES, FORWARD.with(Pass.IN_PLACE), 1)));
    }

    @Test
    void problemsAreNamedInTheirRows() {
        Figure failed = new Figure(
                FORWARD.toString(), "ND4J", 1, "the process ended", "", 0, 0, 0, 0, 0, 0, 0, "2026-01-01T00:00:00Z");
        List<String> lines = new LossTables(figures(failed)).lines();
        assertTrue(lines.stream().anyMatch(line -> line.contains("ND4J: the process ended")));
    }

    @Test
    void verdictsSayHowNear() {
        assertEquals("met", Target.atLeast("", 4, 4.1, Table::times).verdict());
        assertEquals("**missed** (50 %)", Target.atLeast("", 4, 2, Table::times).verdict());
        assertEquals("met", Target.atMost("", 0, 0, Table::number).verdict());
        assertEquals(
                "**missed** (80 %)", Target.atMost("", 60, 75, Table::number).verdict());
        assertEquals(
                "not measured", Target.atMost("", 60, Double.NaN, Table::number).verdict());
    }

    /** The fastest head within the bound on memory is looked at, though another is faster still. */
    @Test
    void targetsOfHeadsAreOfOneSizeOfChunks() {
        Task task = Part.HEAD.with(Pass.GRADIENT);
        Figures figures = figures(
                Part.HEADS,
                head(task, "native, 64 rows", 12e6, 20_000_000),
                head(task, "native, 256 rows", 10e6, 40_000_000),
                head(task, "native, 512 rows", 9e6, 70_000_000),
                head(task, "PyTorch", 13e6, 300_000_000),
                head(task, "PyTorch, huge pages", 12e6, 300_000_000),
                head(task, "products", 9e6, 0));

        List<Target> targets = new HeadTargets(figures)
                .list().stream()
                        .filter(target -> target.what().startsWith("native, 256 rows, 1024 x 2048 to 32000"))
                        .toList();

        assertEquals(
                List.of("1.20x", "40.0 MB", "90 %", "-"),
                targets.stream().map(Target::reached).toList());
        assertEquals(
                List.of("met", "met", "**missed** (94 %)", "not measured"),
                targets.stream().map(Target::verdict).toList());
    }

    @Test
    void headsAreComparedWithTheirProducts() {
        Task task = Part.HEAD.with(Pass.GRADIENT);
        double products = task.productOperations() / 100;
        Figures figures = figures(
                Part.HEADS,
                head(task, "native", 1.25 * products, 66_000_000),
                head(task, "PyTorch", 2.5 * products, 0),
                head(task, "products", products, 0));
        List<String> lines = new HeadTables(figures).lines();
        String row = lines.stream()
                .filter(line -> line.startsWith("| native "))
                .findFirst()
                .orElseThrow();
        assertTrue(row.matches(".*\\| +80\\.0 \\| +80 % \\| +2\\.00x \\| +66\\.0 \\|"), row);
    }

    private static Figure head(Task task, String subject, double nanos, long memory) {
        return new Figure(
                task.toString(), subject, 1, null, subject, nanos, nanos, 1, 0, 1000, 1000 + memory, 0, "2026-01-01");
    }

    private static Figures figures(Figure... figures) {
        return figures(Part.LOSSES, figures);
    }

    private static Figures figures(Part of, Figure... figures) {
        Map<Part, Results.Content> parts = new EnumMap<>(Part.class);
        for (Part part : Part.values()) {
            parts.put(part, new Results.Content("", List.of(), part == of ? List.of(figures) : new ArrayList<>()));
        }
        return new Figures(parts);
    }

    private static Figure figure(Task task, String subject, double nanos) {
        return new Figure(
                task.toString(), subject, 1, null, subject, nanos, nanos, 1, 0, 0, 0, 0, "2026-01-01T00:00:00Z");
    }
}
