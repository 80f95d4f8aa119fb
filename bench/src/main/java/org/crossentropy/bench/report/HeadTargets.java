package org.crossentropy.bench.report;

import java.util.ArrayList;
import java.util.List;
import org.crossentropy.bench.run.Part;
import org.crossentropy.bench.task.Pass;
import org.crossentropy.bench.task.Task;

/**
 * What heads were meant to reach. All of one size of chunks, that which is fastest with both gradients within the bound on
 * memory, forward only too: nobody sets it twice.
 */
final class HeadTargets {

    /** Megabytes of working memory. */
    private static final double MOST_MEMORY = 48;

    private static final double MOST_MEMORY_OF_PAIRS = 64;

    private static final Task GRADIENT = Part.HEAD.with(Pass.GRADIENT);
    private static final Task FORWARD = Part.HEAD.with(Pass.FORWARD);

    private final Heads heads;

    HeadTargets(Figures figures) {
        heads = new Heads(figures);
    }

    List<Target> list() {
        List<Target> targets = new ArrayList<>();
        for (int threads : Part.THREADS) {
            targets.addAll(head(heads.winner(GRADIENT, Part.CHUNK_ROWS, MOST_MEMORY, threads), threads));
            targets.add(Target.atLeast(
                    what(Heads.NARROW, GRADIENT, threads) + ": speed over float32, where OpenBLAS multiplies bfloat16",
                    1.8,
                    heads.time(GRADIENT, Heads.BACKEND, threads)
                            / heads.time(Part.narrow(GRADIENT), Heads.NARROW, threads),
                    Table::times));
        }
        int threads = Part.THREADS.getLast();
        String winner = heads.winner(Part.PAIRS, Part.PAIR_ROWS, MOST_MEMORY_OF_PAIRS, threads);
        targets.add(Target.atMost(
                Part.PAIRS.form().title() + ", " + what(winner, Part.PAIRS, threads) + ": working memory",
                MOST_MEMORY_OF_PAIRS,
                heads.memory(Part.PAIRS, winner, threads),
                HeadTargets::megabytes));
        return targets;
    }

    private List<Target> head(String winner, int threads) {
        String gradient = what(winner, GRADIENT, threads);
        return List.of(
                Target.atLeast(
                        gradient + ": speed over PyTorch",
                        1.15,
                        heads.bestPyTorch(GRADIENT, threads) / heads.time(GRADIENT, winner, threads),
                        Table::times),
                Target.atMost(
                        gradient + ": memory beyond inputs and gradients",
                        MOST_MEMORY,
                        heads.memory(GRADIENT, winner, threads),
                        HeadTargets::megabytes),
                Target.atLeast(
                        gradient + ": share of the bare products",
                        0.96,
                        heads.products(GRADIENT, threads) / heads.time(GRADIENT, winner, threads),
                        Table::percent),
                Target.atMost(
                        what(winner, FORWARD, threads) + ": time over the bare product",
                        1.05,
                        heads.time(FORWARD, winner, threads) / heads.products(FORWARD, threads),
                        Table::times));
    }

    private static String what(String subject, Task task, int threads) {
        return subject + ", " + Names.title(task) + " " + task.pass().title() + ", " + Names.threads(threads);
    }

    private static String megabytes(double value) {
        return Table.number(value) + " MB";
    }
}
