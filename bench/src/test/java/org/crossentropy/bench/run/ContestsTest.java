package org.crossentropy.bench.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.crossentropy.bench.run.Contest.Entry;
import org.crossentropy.bench.task.Pass;
import org.crossentropy.bench.task.Shape;
import org.crossentropy.bench.task.Task;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real processes, with little to do. */
class ContestsTest {

    private static final Task TASK = Task.plain(new Shape(5, 10), Pass.FORWARD);

    @TempDir
    Path folder;

    @Test
    void measuresInProcessesAndSaysWhyItCannot() throws IOException {
        Host absent = Host.peer("Absent", "nonesuch", java.util.Map.of());
        Host impossible = Host.with("impossible", "native", "org.crossentropy.native.isa=nonesuch");
        List<Entry> entries = List.of(
                new Entry(Host.plain("scalar"), "scalar", TASK),
                new Entry(Host.probes(), "read", TASK),
                new Entry(Host.plain("hand-written"), "hand-written", TASK.with(Pass.IN_PLACE)),
                new Entry(impossible, "native", TASK),
                new Entry(absent, "nonesuch", TASK));
        Results results = new Results(folder, "test");
        try (Contests contests = new Contests(results)) {
            contests.run(new Contest("test", 1, entries, 2, 1, 1));
        }

        Results read = new Results(folder, "test");
        assertEquals(List.copyOf(results.figures()), List.copyOf(read.figures()));
        Figure scalar = figure(read, "scalar", TASK);
        assertTrue(scalar.isMeasured());
        assertTrue(scalar.fastest() > 0 && scalar.median() >= scalar.fastest(), scalar.toString());
        assertTrue(scalar.detail().startsWith("scalar"), scalar.detail());
        assertTrue(figure(read, "read", TASK).isMeasured());
        assertProblem("by hand", figure(read, "hand-written", TASK.with(Pass.IN_PLACE)));
        assertProblem("nonesuch", figure(read, "impossible", TASK));
        assertProblem("bench-peers", figure(read, "Absent", TASK));
    }

    private static Figure figure(Results results, String subject, Task task) {
        Figure figure = results.get(new Figure.Key(task.toString(), subject, 1));
        assertNotNull(figure);
        return figure;
    }

    private static void assertProblem(String part, Figure figure) {
        assertFalse(figure.isMeasured());
        assertTrue(String.valueOf(figure.problem()).contains(part), String.valueOf(figure.problem()));
    }

    @Test
    void measuresOnlyWhatIsMissing() throws IOException {
        Results results = new Results(folder, "test");
        Figure known = new Figure(TASK.toString(), "scalar", 1, null, "kept", 1, 2, 3, 0, 0, 0, 0, "2026-01-01");
        results.put(known);
        Entry entry = new Entry(Host.plain("scalar"), "scalar", TASK);
        try (Contests contests = new Contests(results)) {
            contests.run(new Contest("test", 1, List.of(entry), 1, 1, 1));
        }
        assertEquals(known, figure(results, "scalar", TASK));
    }

    /** Else two contests of a part would fight for one figure. */
    @Test
    void noPartAsksTwiceForTheSame() {
        for (Part part : Part.values()) {
            Set<Figure.Key> keys = new HashSet<>();
            for (Contest contest : part.contests(Effort.FULL)) {
                for (Entry entry : contest.entries()) {
                    Figure.Key key = new Figure.Key(entry.task().toString(), entry.name(), contest.threads());
                    assertTrue(keys.add(key) || part == Part.GROWTH, part + " " + key);
                }
            }
        }
    }
}
