package org.crossentropy.bench.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.crossentropy.bench.run.Figure;
import org.crossentropy.bench.run.Host;
import org.crossentropy.bench.run.Part;
import org.crossentropy.bench.subject.Subjects;
import org.crossentropy.bench.task.Shape;
import org.crossentropy.bench.task.Task;

/** What figures of heads say. What is not there is NaN. */
final class Heads {

    /** The backend that is measured with several sizes of chunks. */
    static final String BACKEND = "native";

    /** Inputs of 16 bits. */
    static final String NARROW = "native, bfloat16";

    private static final double MEGA = 1e6;

    private final Figures figures;

    Heads(Figures figures) {
        this.figures = figures;
    }

    double time(Task task, String subject, int threads) {
        return figures.fastest(Part.HEADS, task, subject, threads);
    }

    /** The bare products of a head with all rows at once. */
    double products(Task task, int threads) {
        return time(task, Subjects.PRODUCTS, threads);
    }

    /** The fastest products that were measured, in chunks where all rows at once were too many. */
    double limit(Task task, int threads) {
        double whole = products(task, threads);
        return Double.isNaN(whole) ? time(task, Subjects.PRODUCTS + Subjects.CHUNK + Part.LARGE_CHUNK, threads) : whole;
    }

    double bestPyTorch(Task task, int threads) {
        return figures.best(Part.HEADS, task, threads, Names::isPyTorch);
    }

    /** Megabytes of resident memory beyond inputs and gradients. */
    double memory(Task task, String subject, int threads) {
        return figures.find(Part.HEADS, task, subject, threads)
                .filter(Figure::isMeasured)
                .map(Heads::memory)
                .orElse(Double.NaN);
    }

    static double memory(Figure figure) {
        return Math.max(0, figure.peakBytes() - figure.inputBytes()) / MEGA;
    }

    /**
     * The size of chunks that wins: the fastest of those that keep within a bound on memory; of all, where none does.
     *
     * @param task what is computed
     * @param sizes rows of a chunk
     * @param mostMemory megabytes
     * @param threads number of threads
     * @return the name of the subject
     */
    String winner(Task task, List<Integer> sizes, double mostMemory, int threads) {
        Comparator<String> byTime = Comparator.comparingDouble(name -> time(task, name, threads));
        List<String> all =
                sizes.stream().map(rows -> Host.chunkedName(BACKEND, rows)).toList();
        return all.stream()
                .filter(name -> memory(task, name, threads) <= mostMemory)
                .min(byTime)
                .orElseGet(() -> all.stream().min(byTime).orElseThrow());
    }

    /** Part of the time of a head, in milliseconds. */
    record Piece(String title, double millis) {}

    /**
     * The pieces of a pass, each measured by itself.
     *
     * @param task a head
     * @param rows rows of a chunk, 0 for all
     * @param threads number of threads
     * @return products and loss
     */
    List<Piece> pieces(Task task, int rows, int threads) {
        List<Piece> pieces = new ArrayList<>();
        for (var part : Part.PRODUCT_PARTS) {
            String name = part.id() + (rows == 0 ? "" : Subjects.CHUNK + rows);
            pieces.add(new Piece(part.title(), time(task, name, threads) / MEGA));
        }
        pieces.add(new Piece("loss and its gradient", time(Part.lossAlone(task), Part.LOSS_ALONE, threads) / MEGA));
        return pieces;
    }

    /** Billions of floating-point operations a second, of the products alone. */
    static double gigaflops(Task task, double nanos) {
        return task.productOperations() / nanos;
    }

    /** What logits would take that exist as a whole, in megabytes. */
    static double logits(Shape shape) {
        return shape.elements() * (double) Float.BYTES / MEGA;
    }
}
