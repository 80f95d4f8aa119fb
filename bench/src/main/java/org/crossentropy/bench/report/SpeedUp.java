package org.crossentropy.bench.report;

import java.util.ArrayList;
import java.util.List;
import org.crossentropy.bench.run.Part;
import org.crossentropy.bench.task.Pass;
import org.crossentropy.bench.task.Task;

/**
 * How many times as fast as PyTorch in its best configuration a backend is meant to be.
 *
 * @param task the task
 * @param backend the backend
 * @param goal the number
 */
record SpeedUp(Task task, String backend, double goal) {

    /** For each of {@link Part#TASKS}: native forward, native with gradient, vector forward, vector with gradient. */
    private static final double[][] GOALS = {
        {35, 20, 12, 7},
        {4, 4.5, 3.2, 3.8},
        {4.6, 7, 4, 6},
        {4.7, 6.5, 4, 6},
        {8.4, 8.4, 6, 6},
    };

    static List<SpeedUp> goals() {
        List<SpeedUp> goals = new ArrayList<>();
        for (int i = 0; i < GOALS.length; i++) {
            Task forward = Part.TASKS.get(i);
            Task gradient = forward.with(Pass.GRADIENT);
            goals.add(new SpeedUp(forward, "native", GOALS[i][0]));
            goals.add(new SpeedUp(gradient, "native", GOALS[i][1]));
            goals.add(new SpeedUp(forward, "vector", GOALS[i][2]));
            goals.add(new SpeedUp(gradient, "vector", GOALS[i][3]));
        }
        return goals;
    }

    /** Both in ordinary pages or in huge ones, whichever is faster. */
    double reached(Figures figures, int threads) {
        return figures.best(Part.LOSSES, task, threads, Names::isPyTorch)
                / figures.best(Part.LOSSES, task, threads, this::isOurs);
    }

    /** As {@link #reached}, of the median calls. */
    double reachedByMedians(Figures figures, int threads) {
        return median(figures, threads, Names.PYTORCH, Names.PYTORCH_HUGE)
                / median(figures, threads, backend, backend + ", huge pages");
    }

    /** Over PyTorch as it comes, and we as we come. */
    double overDefault(Figures figures, int threads) {
        return figures.fastest(Part.LOSSES, task, Names.PYTORCH, threads)
                / figures.fastest(Part.LOSSES, task, backend, threads);
    }

    private boolean isOurs(String subject) {
        return subject.equals(backend) || subject.equals(backend + ", huge pages");
    }

    private double median(Figures figures, int threads, String one, String other) {
        double first = figures.median(Part.LOSSES, task, one, threads);
        double second = figures.median(Part.LOSSES, task, other, threads);
        return Double.isNaN(second) || first < second ? first : second;
    }
}
