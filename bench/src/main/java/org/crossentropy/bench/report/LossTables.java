package org.crossentropy.bench.report;

import java.util.ArrayList;
import java.util.List;
import org.crossentropy.bench.run.Figure;
import org.crossentropy.bench.run.Part;
import org.crossentropy.bench.task.Pass;
import org.crossentropy.bench.task.Task;

/** Ours beside every other library: a table for each shape, pass and number of threads. */
final class LossTables {

    private final Figures figures;

    LossTables(Figures figures) {
        this.figures = figures;
    }

    List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add("## Ours beside other libraries");
        lines.add("");
        lines.add(
                "Milliseconds of the fastest call of all rounds, and the median of the rounds' medians. *of limit*: share of");
        lines.add("the fastest memory probe that moves what the loss must move (reads it; copies it with ordinary or");
        lines.add(
                "non-temporal stores, whichever is faster; updates it in place), on as many threads, in the same minutes.");
        lines.add(
                "*x other*, *x PyTorch*, *x default*: how many times as fast as the fastest of the other subjects, as PyTorch");
        lines.add(
                "in its best configuration, and as PyTorch in its default one. *memory*: growth of the resident memory of the");
        lines.add(
                "process in the first calls, over what it had with the inputs loaded; *heap*: bytes a call allocates on the");
        lines.add(
                "Java heap. *huge pages*: `GLIBC_TUNABLES=glibc.malloc.hugetlb=1` for ours, `THP_MEM_ALLOC_ENABLE=1` for");
        lines.add(
                "PyTorch. TensorFlow's one operation always computes the gradient too, and that of the sum of the rows.");
        lines.add("");
        for (Task task : Part.TASKS) {
            for (int threads : Part.THREADS) {
                lines.addAll(table(task.with(Pass.FORWARD), threads, List.of(Pass.FORWARD)));
                lines.addAll(table(task.with(Pass.GRADIENT), threads, List.of(Pass.GRADIENT, Pass.IN_PLACE)));
            }
        }
        return lines;
    }

    private List<String> table(Task task, int threads, List<Pass> passes) {
        Table table = new Table(
                1,
                "subject",
                "ms",
                "median",
                "ns/element",
                "GB/s",
                "of limit",
                "x other",
                "x PyTorch",
                "x default",
                "memory MB",
                "heap B");
        for (Pass pass : passes) {
            figures.of(Part.LOSSES, task.with(pass), threads)
                    .filter(figure -> !Names.isProbe(figure.subject()))
                    .forEach(figure -> row(table, figure, task));
        }
        if (table.isEmpty()) {
            return List.of();
        }
        List<String> lines = new ArrayList<>();
        lines.add("### " + Names.title(task) + ", " + task.pass().title() + ", " + Names.threads(threads));
        lines.add("");
        lines.addAll(table.lines());
        return lines;
    }

    /** Gradients in place are compared with the separate ones of others, which have no others. */
    private void row(Table table, Figure figure, Task compared) {
        Task task = figure.parsedTask();
        int threads = figure.threads();
        String name = figure.subject() + (task.pass() == Pass.IN_PLACE ? ", in place" : "");
        if (!figure.isMeasured()) {
            table.row(name + ": " + figure.problem());
            return;
        }
        double time = figure.fastest();
        table.row(
                name,
                Table.number(time / 1e6),
                Table.number(figure.median() / 1e6),
                Table.number(time / task.shape().elements()),
                Table.number(task.traffic() / time),
                Table.percent(figures.limit(Part.LOSSES, task, threads) / time),
                Table.times(figures.best(Part.LOSSES, compared, threads, Names::isOther) / time),
                Table.times(figures.best(Part.LOSSES, compared, threads, Names::isPyTorch) / time),
                Table.times(figures.fastest(Part.LOSSES, compared, Names.PYTORCH, threads) / time),
                Table.number((figure.peakBytes() - figure.inputBytes()) / 1e6),
                Table.number(figure.allocated()));
    }
}
