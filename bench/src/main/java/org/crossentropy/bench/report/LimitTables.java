package org.crossentropy.bench.report;

import java.util.ArrayList;
import java.util.List;
import org.crossentropy.bench.run.Figure;
import org.crossentropy.bench.run.Part;
import org.crossentropy.bench.subject.MemoryMove;
import org.crossentropy.bench.subject.Subjects;
import org.crossentropy.bench.task.Task;

/** What the machine allows. */
final class LimitTables {

    private final Figures figures;

    LimitTables(Figures figures) {
        this.figures = figures;
    }

    List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add("## Limits of the machine");
        lines.add("");
        lines.add("GB/s of the fastest call: bytes read plus bytes written, without what ordinary stores read first.");
        lines.add("");
        List<String> header = new ArrayList<>(List.of("memory", "threads"));
        for (MemoryMove move : MemoryMove.values()) {
            header.add(move.title());
        }
        Table moves = new Table(1, header.toArray(String[]::new));
        for (Task task : Part.TASKS) {
            for (int threads : Part.THREADS) {
                moves.row(moves(task, threads));
            }
        }
        lines.addAll(moves.lines());
        Table arithmetic = new Table(1, "arithmetic", "threads", "GFLOP/s");
        figures.of(Part.LOSSES).stream()
                .filter(figure -> figure.isMeasured() && figure.operations() > 0)
                .forEach(figure -> arithmetic.row(
                        figure.subject().equals(Subjects.FMA) ? figure.detail() : "sgemm, 2048 x 2048 x 2048",
                        Integer.toString(figure.threads()),
                        Table.number(figure.operations() / figure.fastest())));
        if (!arithmetic.isEmpty()) {
            lines.addAll(arithmetic.lines());
        }
        return lines;
    }

    private String[] moves(Task task, int threads) {
        List<String> row = new ArrayList<>();
        row.add(Table.number(task.logitBytes() / 1e6) + " MB");
        row.add(Integer.toString(threads));
        for (MemoryMove move : MemoryMove.values()) {
            double time = figures.find(Part.LOSSES, task, move.id(), threads)
                    .filter(Figure::isMeasured)
                    .map(Figure::fastest)
                    .orElse(Double.NaN);
            row.add(Table.number(move.times() * task.logitBytes() / time));
        }
        return row.toArray(String[]::new);
    }
}
