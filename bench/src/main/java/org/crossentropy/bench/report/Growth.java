package org.crossentropy.bench.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;
import org.crossentropy.bench.run.Part;
import org.crossentropy.bench.subject.Subjects;
import org.crossentropy.bench.task.Pass;
import org.crossentropy.bench.task.Shape;
import org.crossentropy.bench.task.Task;

/** How the time of an element depends on the size. */
final class Growth {

    /** Neighbours that differ by more are a cliff. */
    static final double CLIFF = 1.5;

    /** Elements of a batch in which the number of classes varies. */
    private static final int MANY = 1 << 21;

    /**
     * A series of sizes.
     *
     * @param title what varies
     * @param belongs whether a shape is of the series
     * @param size what varies, of a shape
     */
    record Series(String title, Predicate<Shape> belongs, ToIntFunction<Shape> size) {}

    static final List<Series> SERIES = List.of(
            new Series("classes", shape -> shape.elements() > MANY && isAboutFourMillion(shape), Shape::classes),
            new Series("rows of 10 classes", shape -> shape.classes() == 10, Shape::rows),
            new Series("rows of 1000 classes", shape -> shape.classes() == 1000, Shape::rows));

    static final List<Pass> PASSES = List.of(Pass.FORWARD, Pass.GRADIENT);

    private final Figures figures;

    Growth(Figures figures) {
        this.figures = figures;
    }

    private static boolean isAboutFourMillion(Shape shape) {
        return shape.rows() == Math.max(1, (1 << 22) / shape.classes());
    }

    List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add("## How cost grows");
        lines.add("");
        lines.add("Nanoseconds an element by number of classes, at about 4 million elements, and by number of rows.");
        lines.add("");
        lines.add("![Nanoseconds an element by number of classes](charts/growth-classes.png)");
        lines.add("");
        lines.add("![Nanoseconds an element by number of rows](charts/growth-rows.png)");
        lines.add("");
        for (Series series : SERIES) {
            lines.addAll(table(series).lines());
        }
        lines.addAll(cliffs());
        return lines;
    }

    private Table table(Series series) {
        List<String> header = new ArrayList<>(List.of(series.title()));
        for (String backend : Subjects.BACKENDS) {
            for (Pass pass : PASSES) {
                for (int threads : Part.THREADS) {
                    header.add(backend + " " + (pass == Pass.FORWARD ? "f" : "f+b") + " " + threads + "T");
                }
            }
        }
        Table table = new Table(0, header.toArray(String[]::new));
        for (Shape shape : shapes(series)) {
            List<String> row = new ArrayList<>();
            row.add(String.format(Locale.ROOT, "%d", series.size().applyAsInt(shape)));
            for (String backend : Subjects.BACKENDS) {
                for (Pass pass : PASSES) {
                    for (int threads : Part.THREADS) {
                        row.add(Table.number(nanosPerElement(Task.plain(shape, pass), backend, threads)));
                    }
                }
            }
            table.row(row.toArray(String[]::new));
        }
        return table;
    }

    /** Sizes of a series that were measured, ascending. */
    List<Shape> shapes(Series series) {
        return figures.tasks(Part.GROWTH).stream()
                .map(Task::shape)
                .distinct()
                .filter(series.belongs())
                .sorted(Comparator.comparingInt(series.size()))
                .toList();
    }

    double nanosPerElement(Task task, String backend, int threads) {
        return figures.fastest(Part.GROWTH, task, backend, threads)
                / task.shape().elements();
    }

    /** Growth is no cliff where a call is so short that its fixed cost counts: there the time of a call is looked at. */
    private List<String> cliffs() {
        List<String> found = new ArrayList<>();
        for (Series series : SERIES) {
            List<Shape> shapes = shapes(series);
            for (String backend : Subjects.BACKENDS) {
                for (Pass pass : PASSES) {
                    for (int threads : Part.THREADS) {
                        for (int i = 1; i < shapes.size(); i++) {
                            found.addAll(cliff(series, shapes.get(i - 1), shapes.get(i), pass, backend, threads));
                        }
                    }
                }
            }
        }
        List<String> lines = new ArrayList<>();
        lines.add("Cliffs, that is neighbouring sizes whose time an element differs by more than " + CLIFF + " times: "
                + (found.isEmpty() ? "none." : found.size() + "."));
        lines.add("");
        lines.addAll(found);
        if (!found.isEmpty()) {
            lines.add("");
        }
        return lines;
    }

    private List<String> cliff(Series series, Shape before, Shape after, Pass pass, String backend, int threads) {
        double first = nanosPerElement(Task.plain(before, pass), backend, threads);
        double second = nanosPerElement(Task.plain(after, pass), backend, threads);
        double ratio = Math.max(first / second, second / first);
        if (!(ratio > CLIFF)) {
            return List.of();
        }
        return List.of(String.format(
                Locale.ROOT,
                "- %s, %s, %s: %s %d to %d: %s to %s ns (%s)",
                backend,
                pass.title(),
                Names.threads(threads),
                series.title(),
                series.size().applyAsInt(before),
                series.size().applyAsInt(after),
                Table.number(first),
                Table.number(second),
                Table.times(ratio)));
    }
}
