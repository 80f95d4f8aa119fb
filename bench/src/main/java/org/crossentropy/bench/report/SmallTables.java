package org.crossentropy.bench.report;

import java.util.ArrayList;
import java.util.List;
import org.crossentropy.bench.run.Figure;
import org.crossentropy.bench.run.Part;
import org.crossentropy.bench.subject.Subjects;
import org.crossentropy.bench.task.Memory;
import org.crossentropy.bench.task.Pass;
import org.crossentropy.bench.task.Shape;
import org.crossentropy.bench.task.Task;

/** Calls of a few rows, short or long, and the time to the first loss of a JVM. */
final class SmallTables {

    static final List<Shape> TINY = List.of(new Shape(1, 10), new Shape(8, 10));
    static final List<Shape> LONG = List.of(new Shape(1, 128256), new Shape(8, 128256));

    private static final List<Pass> PASSES = List.of(Pass.FORWARD, Pass.GRADIENT);

    private final Figures figures;

    SmallTables(Figures figures) {
        this.figures = figures;
    }

    List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.addAll(tiny());
        lines.addAll(longRows());
        lines.addAll(start());
        return lines;
    }

    private List<String> tiny() {
        Table table = new Table(
                3,
                "rows x classes",
                "pass",
                "backend",
                "call ns",
                "heap B",
                "on arrays ns",
                "heap B",
                "kernel ns",
                "overhead ns");
        for (Shape shape : TINY) {
            for (Pass pass : PASSES) {
                Task task = Task.plain(shape, pass);
                Task heap = new Task(task.form(), shape, task.type(), Memory.HEAP, pass);
                for (String backend : Subjects.BACKENDS) {
                    table.row(
                            Names.title(task),
                            pass.title(),
                            backend,
                            Table.number(figures.fastest(Part.SMALL, task, backend, 1)),
                            Table.number(allocated(task, backend)),
                            Table.number(figures.fastest(Part.SMALL, heap, backend, 1)),
                            Table.number(allocated(heap, backend)),
                            Table.number(figures.fastest(Part.SMALL, task, Subjects.KERNEL + backend, 1)),
                            Table.number(overhead(figures, task, backend)));
                }
            }
        }
        List<String> lines = new ArrayList<>();
        lines.add("## Tiny calls");
        lines.add("");
        lines.add(
                "*kernel* is the call of the backend without the facade; for `native` that is by the foreign function");
        lines.add("interface, and the *overhead* of the facade counts the cost of an empty native call as well ("
                + Table.number(nativeCall(figures)) + " ns).");
        lines.add("");
        lines.addAll(table.lines());
        return lines;
    }

    /** Nanoseconds of a call over the kernel. */
    static double overhead(Figures figures, Task task, String backend) {
        double call = figures.fastest(Part.SMALL, task, backend, 1);
        double kernel = figures.fastest(Part.SMALL, task, Subjects.KERNEL + backend, 1);
        return call - kernel + (backend.equals("native") ? nativeCall(figures) : 0);
    }

    private static double nativeCall(Figures figures) {
        return figures.fastest(Part.SMALL, Task.plain(TINY.getFirst(), Pass.FORWARD), Subjects.NATIVE_CALL, 1);
    }

    private double allocated(Task task, String backend) {
        return figures.find(Part.SMALL, task, backend, 1)
                .filter(Figure::isMeasured)
                .map(Figure::allocated)
                .orElse(Double.NaN);
    }

    private List<String> longRows() {
        Table table = new Table(
                3,
                "rows x classes",
                "pass",
                "backend",
                "1 thread us",
                "of limit",
                "2 threads us",
                "of limit",
                "2 over 1");
        for (Shape shape : LONG) {
            for (Pass pass : PASSES) {
                Task task = Task.plain(shape, pass);
                for (String backend : Subjects.BACKENDS) {
                    double one = figures.fastest(Part.SMALL, task, backend, 1);
                    double two = figures.fastest(Part.SMALL, task, backend, 2);
                    table.row(
                            Names.title(task),
                            pass.title(),
                            backend,
                            Table.number(one / 1e3),
                            Table.percent(figures.limit(Part.SMALL, task, 1) / one),
                            Table.number(two / 1e3),
                            Table.percent(figures.limit(Part.SMALL, task, 2) / two),
                            Table.times(one / two));
                }
            }
        }
        List<String> lines = new ArrayList<>();
        lines.add("## Few rows that are long");
        lines.add("");
        lines.addAll(table.lines());
        return lines;
    }

    private List<String> start() {
        Table table = new Table(1, "backend", "fastest ms", "median ms");
        for (Figure figure : figures.of(Part.START)) {
            table.row(figure.subject(), Table.number(figure.fastest() / 1e6), Table.number(figure.median() / 1e6));
        }
        List<String> lines = new ArrayList<>();
        lines.add("## From the start of a JVM to its first loss and gradient");
        lines.add("");
        lines.add(
                "A process each time, 64 x 1000 on the heap, from before the process is made until the result is there; the");
        lines.add("classes come from the one large jar of benchmarks.");
        lines.add("");
        lines.addAll(table.lines());
        return lines;
    }
}
