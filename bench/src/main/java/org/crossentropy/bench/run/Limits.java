package org.crossentropy.bench.run;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import org.crossentropy.bench.subject.MemoryMove;
import org.crossentropy.bench.task.Task;

/**
 * The least time in which the machine can move what a task must move: the logits read, or copied the better way, or updated
 * in place, and what else there is to read.
 */
public final class Limits {

    private final List<Figure> probes;

    /**
     * Takes figures, probes among them.
     *
     * @param figures the figures
     */
    public Limits(Collection<Figure> figures) {
        probes = figures.stream()
                .filter(figure -> figure.isMeasured() && MemoryMove.isOne(figure.subject()))
                .toList();
    }

    /**
     * Returns the limit of a task.
     *
     * @param task the task
     * @param threads number of threads
     * @return nanoseconds, NaN where nobody probed as much memory with as many threads
     */
    public double of(Task task, int threads) {
        double read = fastest(task, threads, MemoryMove.READ);
        double logits = switch (task.pass()) {
            case FORWARD -> read;
            case GRADIENT -> fastest(task, threads, MemoryMove.COPY, MemoryMove.COPY_NON_TEMPORAL);
            case IN_PLACE -> fastest(task, threads, MemoryMove.UPDATE);
        };
        return logits + read * task.sideBytes() / task.logitBytes();
    }

    /** Any probe of the same number of bytes will do, for whichever loss it was. */
    private double fastest(Task task, int threads, MemoryMove... moves) {
        List<String> names = Arrays.stream(moves).map(MemoryMove::id).toList();
        return probes.stream()
                .filter(figure -> figure.threads() == threads
                        && names.contains(figure.subject())
                        && figure.parsedTask().logitBytes() == task.logitBytes())
                .mapToDouble(Figure::fastest)
                .min()
                .orElse(Double.NaN);
    }
}
