package org.crossentropy.bench.report;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.crossentropy.bench.run.Figure;
import org.crossentropy.bench.run.Limits;
import org.crossentropy.bench.run.Part;
import org.crossentropy.bench.run.Results;
import org.crossentropy.bench.task.Task;

/** All figures, and what follows from them. What is not there is NaN. */
final class Figures {

    private final Map<Part, Results.Content> parts;

    Figures(Map<Part, Results.Content> parts) {
        this.parts = new EnumMap<>(parts);
    }

    static Figures read(Path folder) throws IOException {
        Map<Part, Results.Content> parts = new EnumMap<>(Part.class);
        for (Part part : Part.values()) {
            parts.put(part, new Results(folder, part.id()).content());
        }
        return new Figures(parts);
    }

    Results.Content content(Part part) {
        return Objects.requireNonNull(parts.get(part));
    }

    List<Figure> of(Part part) {
        return content(part).figures();
    }

    Stream<Figure> of(Part part, Task task, int threads) {
        return of(part).stream()
                .filter(figure -> figure.threads() == threads && figure.task().equals(task.toString()));
    }

    Optional<Figure> find(Part part, Task task, String subject, int threads) {
        return of(part, task, threads)
                .filter(figure -> figure.subject().equals(subject))
                .findFirst();
    }

    /** Nanoseconds of the fastest call. */
    double fastest(Part part, Task task, String subject, int threads) {
        return find(part, task, subject, threads)
                .filter(Figure::isMeasured)
                .map(Figure::fastest)
                .orElse(Double.NaN);
    }

    /** Nanoseconds of the median call. */
    double median(Part part, Task task, String subject, int threads) {
        return find(part, task, subject, threads)
                .filter(Figure::isMeasured)
                .map(Figure::median)
                .orElse(Double.NaN);
    }

    /** Nanoseconds of the fastest call among some subjects. */
    double best(Part part, Task task, int threads, Predicate<String> subjects) {
        return of(part, task, threads)
                .filter(figure -> figure.isMeasured() && subjects.test(figure.subject()))
                .mapToDouble(Figure::fastest)
                .min()
                .orElse(Double.NaN);
    }

    /** The least time in which the machine can move what a task must move. */
    double limit(Part part, Task task, int threads) {
        return new Limits(of(part)).of(task, threads);
    }

    /** The tasks of a part, each once, in the order of their measurement. */
    List<Task> tasks(Part part) {
        return of(part).stream().map(Figure::task).distinct().map(Task::parse).toList();
    }

    /** First and last day of the figures. */
    String dates() {
        List<String> days = new ArrayList<>();
        for (Part part : Part.values()) {
            of(part).forEach(figure -> days.add(figure.date().substring(0, 10)));
        }
        List<String> sorted = days.stream().sorted().distinct().toList();
        if (sorted.isEmpty()) {
            return "never";
        }
        return sorted.size() == 1 ? sorted.getFirst() : sorted.getFirst() + " to " + sorted.getLast();
    }
}
