package org.crossentropy.bench.report;

import java.util.ArrayList;
import java.util.List;
import org.crossentropy.api.ElementType;
import org.crossentropy.bench.run.Figure;
import org.crossentropy.bench.run.Part;
import org.crossentropy.bench.subject.Subjects;
import org.crossentropy.bench.task.Memory;
import org.crossentropy.bench.task.Pass;
import org.crossentropy.bench.task.Shape;
import org.crossentropy.bench.task.Task;

/** What was to be reached beside what was. */
final class Targets {

    private static final List<String> FAST = List.of("native", "vector");
    private static final Task LARGE = Task.plain(new Shape(1024, 32000), Pass.FORWARD);

    /** At least as fast, but for what two measurements of the same thing differ. */
    private static final double NO_SLOWER = 0.97;

    private final Figures figures;

    Targets(Figures figures) {
        this.figures = figures;
    }

    List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add("## Targets");
        lines.add("");
        lines.add(
                "Speed-up over PyTorch in its best configuration, both sides in ordinary or huge pages, whichever is faster;");
        lines.add(
                "by fastest calls, and in brackets by medians. *over default*: both sides as they come, without huge pages.");
        lines.add("");
        lines.addAll(speedUps().lines());
        Table others = new Table(1, "target", "goal", "reached", "");
        List<Target> all = others();
        long met = all.stream().filter(target -> target.margin() >= 1).count();
        long known =
                all.stream().filter(target -> !Double.isNaN(target.margin())).count();
        lines.add("Of the other targets " + met + " of " + known
                + " that were measured are met. \"No slower\" allows for " + Table.percent(1 - NO_SLOWER)
                + " of noise.");
        lines.add("");
        for (Target target : all) {
            others.row(target.what(), target.goal(), target.reached(), target.verdict());
        }
        lines.addAll(others.lines());
        return lines;
    }

    private Table speedUps() {
        Table table = new Table(
                3,
                "rows x classes",
                "pass",
                "backend",
                "goal",
                "1 thread",
                "",
                "2 threads",
                "",
                "over default, 1 thread",
                "2 threads");
        for (SpeedUp goal : SpeedUp.goals()) {
            table.row(
                    Names.title(goal.task()),
                    goal.task().pass().title(),
                    goal.backend(),
                    Table.times(goal.goal()),
                    reached(goal, 1),
                    Target.verdict(goal.reached(figures, 1) / goal.goal()),
                    reached(goal, 2),
                    Target.verdict(goal.reached(figures, 2) / goal.goal()),
                    Table.times(goal.overDefault(figures, 1)),
                    Table.times(goal.overDefault(figures, 2)));
        }
        return table;
    }

    private String reached(SpeedUp goal, int threads) {
        return Table.times(goal.reached(figures, threads)) + " (" + Table.times(goal.reachedByMedians(figures, threads))
                + ")";
    }

    private List<Target> others() {
        List<Target> targets = new ArrayList<>();
        targets.addAll(limits());
        targets.addAll(inPlace());
        targets.addAll(types());
        targets.addAll(forms());
        targets.addAll(memory());
        targets.addAll(longRows());
        targets.addAll(tinyCalls());
        targets.addAll(start());
        targets.addAll(handWritten());
        targets.addAll(new HeadTargets(figures).list());
        return targets;
    }

    private List<Target> limits() {
        Task gradient = LARGE.with(Pass.GRADIENT);
        return List.of(
                Target.atLeast(
                        "native, 1024 x 32000 forward, 2 threads: share of reading",
                        0.95,
                        figures.limit(Part.LOSSES, LARGE, 2) / ours(LARGE, "native", 2),
                        Table::percent),
                Target.atLeast(
                        "native, 1024 x 32000 forward+backward, 2 threads: share of copying",
                        0.85,
                        figures.limit(Part.LOSSES, gradient, 2) / ours(gradient, "native", 2),
                        Table::percent));
    }

    private double ours(Task task, String backend, int threads) {
        return figures.fastest(Part.LOSSES, task, backend, threads);
    }

    private List<Target> inPlace() {
        List<Target> targets = new ArrayList<>();
        for (Task task : Part.TASKS) {
            for (String backend : FAST) {
                for (int threads : Part.THREADS) {
                    double separate = ours(task.with(Pass.GRADIENT), backend, threads);
                    double inPlace = ours(task.with(Pass.IN_PLACE), backend, threads);
                    targets.add(Target.atLeast(
                            backend + ", " + Names.title(task) + ", " + Names.threads(threads)
                                    + ": in place over separate",
                            NO_SLOWER,
                            separate / inPlace,
                            Table::times));
                }
            }
        }
        return targets;
    }

    private List<Target> types() {
        List<Target> targets = new ArrayList<>();
        for (Pass pass : Pass.values()) {
            for (String backend : FAST) {
                Task plain = LARGE.with(pass);
                targets.add(rate(backend, plain, ElementType.BFLOAT16, 1.6));
                targets.add(rate(backend, plain, ElementType.FLOAT64, 0.5));
            }
        }
        for (Task task : figures.tasks(Part.FORMS)) {
            if (task.equals(FormTables.plainOf(task))) {
                targets.add(Target.atMost(
                        "AVX2 over AVX-512, " + Names.title(task) + ", "
                                + task.pass().title(),
                        1.5,
                        form(task, "native avx2") / form(task, "native"),
                        Table::times));
            }
        }
        return targets;
    }

    private Target rate(String backend, Task plain, ElementType type, double goal) {
        Task task = new Task(plain.form(), plain.shape(), type, plain.memory(), plain.pass());
        return Target.atLeast(
                backend + ", " + FormTables.variant(task) + ", " + Names.title(plain) + " "
                        + plain.pass().title() + ": elements a second over float32",
                goal,
                form(plain, backend) / form(task, backend),
                Table::times);
    }

    private double form(Task task, String subject) {
        return figures.fastest(Part.FORMS, task, subject, 1);
    }

    private List<Target> forms() {
        List<Target> targets = new ArrayList<>();
        for (Task task : figures.tasks(Part.FORMS)) {
            Task plain = FormTables.plainOf(task);
            if (task.form() != plain.form()) {
                for (String backend : FAST) {
                    double traffic = (double) task.traffic() / plain.traffic();
                    targets.add(Target.atMost(
                            backend + ", " + task.form().title() + ", " + Names.title(task) + " "
                                    + task.pass().title() + ": time over plain, by traffic",
                            1.25,
                            form(task, backend) / form(plain, backend) / traffic,
                            Table::times));
                }
            }
        }
        return targets;
    }

    private List<Target> memory() {
        List<Target> targets = new ArrayList<>();
        for (Task task : figures.tasks(Part.FORMS)) {
            if (task.memory() == Memory.HEAP) {
                for (String backend : FAST) {
                    targets.add(Target.atMost(
                            backend + ", " + Names.title(task) + " "
                                    + task.pass().title() + ": heap over off-heap",
                            1.1,
                            form(task, backend) / form(FormTables.plainOf(task), backend),
                            Table::times));
                }
            }
        }
        return targets;
    }

    private List<Target> longRows() {
        List<Target> targets = new ArrayList<>();
        for (Shape shape : SmallTables.LONG) {
            for (Pass pass : List.of(Pass.FORWARD, Pass.GRADIENT)) {
                for (String backend : FAST) {
                    Task task = Task.plain(shape, pass);
                    targets.add(Target.atLeast(
                            backend + ", " + Names.title(task) + " " + pass.title() + ": 2 threads over 1",
                            NO_SLOWER,
                            figures.fastest(Part.SMALL, task, backend, 1)
                                    / figures.fastest(Part.SMALL, task, backend, 2),
                            Table::times));
                }
            }
        }
        return targets;
    }

    private List<Target> tinyCalls() {
        List<Target> targets = new ArrayList<>();
        for (Shape shape : SmallTables.TINY) {
            for (Pass pass : List.of(Pass.FORWARD, Pass.GRADIENT)) {
                Task task = Task.plain(shape, pass);
                for (String backend : FAST) {
                    String what = backend + ", " + Names.title(task) + " " + pass.title();
                    targets.add(Target.atMost(
                            what + ": overhead",
                            60,
                            SmallTables.overhead(figures, task, backend),
                            value -> Table.number(value) + " ns"));
                    double allocated = figures.find(Part.SMALL, task, backend, 1)
                            .filter(Figure::isMeasured)
                            .map(Figure::allocated)
                            .orElse(Double.NaN);
                    targets.add(Target.atMost(
                            what + ": allocated by a call", 0, allocated, value -> Table.number(value) + " B"));
                }
            }
        }
        return targets;
    }

    private List<Target> start() {
        List<Target> targets = new ArrayList<>();
        for (Figure figure : figures.of(Part.START)) {
            if (!figure.subject().startsWith("scalar")) {
                targets.add(Target.atMost(
                        figure.subject() + ": first loss after the start of a JVM, median",
                        figure.subject().startsWith("native") ? 150 : 250,
                        figure.median() / 1e6,
                        value -> Table.number(value) + " ms"));
            }
        }
        return targets;
    }

    private List<Target> handWritten() {
        List<Target> targets = new ArrayList<>();
        for (Task each : Part.TASKS) {
            for (Pass pass : List.of(Pass.FORWARD, Pass.GRADIENT)) {
                Task task = each.with(pass);
                targets.add(Target.atLeast(
                        "scalar, " + Names.title(task) + " " + pass.title()
                                + ", 1 thread: over the loop written by hand",
                        3,
                        ours(task, Subjects.HAND_WRITTEN, 1) / ours(task, "scalar", 1),
                        Table::times));
            }
        }
        return targets;
    }
}
