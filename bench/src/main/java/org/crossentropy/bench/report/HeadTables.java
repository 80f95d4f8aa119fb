package org.crossentropy.bench.report;

import java.util.ArrayList;
import java.util.List;
import org.crossentropy.bench.run.Figure;
import org.crossentropy.bench.run.Host;
import org.crossentropy.bench.run.Part;
import org.crossentropy.bench.task.Form;
import org.crossentropy.bench.task.Pass;
import org.crossentropy.bench.task.Task;

/** Losses of logits that are products, beside PyTorch and beside the products alone. */
final class HeadTables {

    private static final List<Task> HEADS =
            List.of(Part.HEAD, Part.SMALL_HEAD, Part.LARGE_HEAD.with(Pass.FORWARD), Part.PAIRS.with(Pass.FORWARD));

    private final Figures figures;
    private final Heads heads;

    HeadTables(Figures figures) {
        this.figures = figures;
        heads = new Heads(figures);
    }

    List<String> lines() {
        if (figures.of(Part.HEADS).isEmpty()) {
            return List.of();
        }
        List<String> lines = new ArrayList<>();
        lines.add("## Heads of language models");
        lines.add("");
        lines.addAll(introduction());
        for (Task task : HEADS) {
            for (int threads : Part.THREADS) {
                for (Pass pass : List.of(Pass.GRADIENT, Pass.FORWARD)) {
                    lines.addAll(table(task.with(pass), threads));
                }
            }
        }
        lines.addAll(chunks());
        lines.addAll(profile());
        return lines;
    }

    private List<String> introduction() {
        List<String> lines = new ArrayList<>();
        lines.add(
                "Hidden states N x D times a weight V x D, and the loss of the logits: *1024 x 2048 to 32000* is N x D to V.");
        lines.add(
                "*forward+backward* makes the gradients of both. PyTorch: `linear`, `cross_entropy_loss`, `backward`; the figure");
        lines.add(
                "of *huge pages* as above. *rows* after the name of a backend: lent working memory for logits of so many rows;");
        lines.add(
                "without, each call allocates the default of 64 MB. *GFLOP/s* counts 2 N D V for each product, one forward and");
        lines.add(
                "three with gradients. *of products*: share of the time of the bare products, with all rows at once and nothing");
        lines.add(
                "between them (the row `products`). *memory*: the most resident memory of a process of its own in the first");
        lines.add(
                "calls, beyond inputs and gradients, and with it what the Java heap grew by; *loss alone*: that of given logits.");
        lines.add("");
        List<String> environment = figures.content(Part.HEADS).environment();
        if (!environment.isEmpty()) {
            lines.add("```");
            lines.addAll(environment);
            lines.add("```");
            lines.add("");
            lines.add("Subjects: " + String.join("; ", details()) + ".");
            lines.add("");
        }
        return lines;
    }

    private List<String> details() {
        return figures.of(Part.HEADS).stream()
                .filter(figure -> figure.isMeasured() && !Names.isProbe(figure.subject()))
                .map(Figure::detail)
                .distinct()
                .sorted()
                .toList();
    }

    private List<String> table(Task task, int threads) {
        Table table = new Table(1, "subject", "ms", "median", "GFLOP/s", "of products", "x PyTorch", "memory MB");
        for (Task each : List.of(task, Part.narrow(task))) {
            figures.of(Part.HEADS, each, threads)
                    .filter(figure -> !isPiece(figure.subject()))
                    .forEach(figure -> row(table, figure, task));
        }
        if (table.isEmpty()) {
            return List.of();
        }
        List<String> lines = new ArrayList<>();
        String form = task.form() == Form.LINEAR ? "" : task.form().title() + ", ";
        lines.add("### " + form + Names.title(task) + ", " + task.pass().title() + ", " + Names.threads(threads));
        lines.add("");
        lines.addAll(table.lines());
        return lines;
    }

    /** A product that is not all that the pass needs. */
    private static boolean isPiece(String subject) {
        return Part.PRODUCT_PARTS.stream().anyMatch(part -> subject.startsWith(part.id()));
    }

    private void row(Table table, Figure figure, Task task) {
        if (!figure.isMeasured()) {
            table.row(figure.subject() + ": " + figure.problem());
            return;
        }
        double time = figure.fastest();
        int threads = figure.threads();
        boolean isProbe = Names.isProbe(figure.subject());
        table.row(
                figure.subject(),
                Table.number(time / 1e6),
                Table.number(figure.median() / 1e6),
                Table.number(Heads.gigaflops(task, time)),
                Table.percent(heads.limit(task, threads) / time),
                Table.times(heads.bestPyTorch(task, threads) / time),
                isProbe ? "" : Table.number(Heads.memory(figure)));
    }

    private List<String> chunks() {
        Table table = new Table(
                1, "rows of a chunk", "1 thread ms", "memory MB", "2 threads ms", "memory MB", "MB of logits");
        Task task = Part.HEAD.with(Pass.GRADIENT);
        for (int rows : Part.CHUNK_ROWS) {
            List<String> row = new ArrayList<>(List.of(Integer.toString(rows)));
            String name = Host.chunkedName(Heads.BACKEND, rows);
            for (int threads : Part.THREADS) {
                row.add(Table.number(heads.time(task, name, threads) / 1e6));
                row.add(Table.number(heads.memory(task, name, threads)));
            }
            row.add(Table.number(
                    Heads.logits(task.shape()) * rows / task.shape().rows()));
            table.row(row.toArray(String[]::new));
        }
        List<String> lines = new ArrayList<>();
        lines.add(
                "### Rows of a chunk: " + Names.title(task) + ", " + task.pass().title() + ", " + Heads.BACKEND);
        lines.add("");
        lines.add("![Time and memory by rows of a chunk](charts/heads.png)");
        lines.add("");
        lines.addAll(table.lines());
        return lines;
    }

    /** Where the time goes: of the head that is furthest from its products. */
    private List<String> profile() {
        Task task = Part.HEAD.with(Pass.GRADIENT);
        List<Integer> sizes = new ArrayList<>(Part.PROFILED_ROWS);
        sizes.add(0);
        List<String> header = new ArrayList<>(List.of("milliseconds"));
        for (int threads : Part.THREADS) {
            for (int rows : sizes) {
                header.add((rows == 0 ? "all rows" : rows + " rows") + ", " + Names.threads(threads));
            }
        }
        Table table = new Table(1, header.toArray(String[]::new));
        int pieces = heads.pieces(task, 0, 1).size();
        for (int piece = 0; piece < pieces; piece++) {
            List<String> row =
                    new ArrayList<>(List.of(heads.pieces(task, 0, 1).get(piece).title()));
            for (int threads : Part.THREADS) {
                for (int rows : sizes) {
                    row.add(Table.number(
                            heads.pieces(task, rows, threads).get(piece).millis()));
                }
            }
            table.row(row.toArray(String[]::new));
        }
        table.row(sums(task, sizes));
        table.row(whole(task, sizes));
        List<String> lines = new ArrayList<>();
        lines.add("### Where the time goes: " + Names.title(task) + ", "
                + task.pass().title() + ", " + Heads.BACKEND);
        lines.add("");
        lines.add(
                "Every piece by itself: the products of all chunks one after the other, and the loss of all logits at once, whose");
        lines.add("gradient overwrites them. In the head the logits of a chunk may still be in the cache.");
        lines.add("");
        lines.addAll(table.lines());
        return lines;
    }

    private String[] sums(Task task, List<Integer> sizes) {
        List<String> row = new ArrayList<>(List.of("sum of the pieces"));
        for (int threads : Part.THREADS) {
            for (int rows : sizes) {
                row.add(Table.number(heads.pieces(task, rows, threads).stream()
                        .mapToDouble(Heads.Piece::millis)
                        .sum()));
            }
        }
        return row.toArray(String[]::new);
    }

    private String[] whole(Task task, List<Integer> sizes) {
        List<String> row = new ArrayList<>(List.of("the head"));
        for (int threads : Part.THREADS) {
            for (int rows : sizes) {
                String name =
                        Host.chunkedName(Heads.BACKEND, rows == 0 ? task.shape().rows() : rows);
                row.add(Table.number(heads.time(task, name, threads) / 1e6));
            }
        }
        return row.toArray(String[]::new);
    }
}
