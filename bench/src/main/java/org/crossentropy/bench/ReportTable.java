package org.crossentropy.bench;

import static java.util.Comparator.comparing;
import static java.util.stream.Collectors.groupingBy;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.function.Predicate;
import org.crossentropy.bench.Measurement.Group;
import org.crossentropy.bench.Measurement.Subject;

/** Measurements as a table: each backend beside the probe that limits it and the native backend. */
final class ReportTable {

    private static final List<String> HEADER = List.of(
            "shape",
            "kind",
            "threads",
            "backend",
            "setting",
            "ns/row",
            "median",
            "ns/element",
            "GB/s",
            "of probe",
            "of native");

    /** The first columns hold words, the others numbers. */
    private static final int WORDS = 5;

    /** Backends in descending order of speed, after the probes. */
    private static final List<String> BACKENDS = List.of("native", "vector", "scalar");

    private static final Comparator<Measurement> ORDER = comparing(
            Measurement::subject,
            comparing(Subject::group, groupOrder())
                    .thenComparing(Subject::setting)
                    .thenComparingInt(ReportTable::rank)
                    .thenComparing(Subject::runner));

    private final List<Measurement> measurements;

    /** Joins the rounds of each measurement. */
    ReportTable(Collection<Measurement> rounds) {
        measurements = rounds.stream().collect(groupingBy(Measurement::subject)).values().stream()
                .map(Measurement::join)
                .sorted(ORDER)
                .toList();
    }

    private static Comparator<Group> groupOrder() {
        return Comparator.comparingInt((Group group) -> group.shape().classes())
                .thenComparing(Group::type)
                .thenComparingInt(Group::threads)
                .thenComparing(Group::kind);
    }

    private static int rank(Subject subject) {
        int backend = BACKENDS.indexOf(subject.runner());
        return subject.isProbe() ? -1 : backend < 0 ? BACKENDS.size() : backend;
    }

    /** {@return the table, a header and one line a measurement} */
    List<String> lines() {
        List<List<String>> rows = new ArrayList<>();
        rows.add(HEADER);
        measurements.forEach(each -> rows.add(row(each)));
        int[] widths = new int[HEADER.size()];
        for (List<String> row : rows) {
            for (int column = 0; column < widths.length; column++) {
                widths[column] = Math.max(widths[column], row.get(column).length());
            }
        }
        return rows.stream().map(row -> line(row, widths)).toList();
    }

    private static String line(List<String> row, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int column = 0; column < widths.length; column++) {
            String format = column < WORDS ? "%-" + widths[column] + "s  " : "%" + widths[column] + "s  ";
            line.append(String.format(format, row.get(column)));
        }
        return line.toString().stripTrailing();
    }

    private List<String> row(Measurement each) {
        Subject subject = each.subject();
        Group group = subject.group();
        OptionalDouble probe = fastest(group, Subject::isProbe);
        OptionalDouble ours = fastest(
                group,
                other -> other.runner().equals("native") && other.setting().equals(subject.setting()));
        return List.of(
                group.shape() + ("FLOAT32".equals(group.type()) ? "" : " " + group.type()),
                group.kind().title,
                Integer.toString(group.threads()),
                subject.runner(),
                subject.setting(),
                number("%.1f", each.nanosPerRow()),
                number("%.1f", each.medianNanosPerRow()),
                number("%.4f", each.nanosPerElement()),
                number("%.2f", each.gigabytesPerSecond()),
                share(probe, each.fastest()),
                subject.isProbe() ? "" : share(ours, each.fastest()));
    }

    /** Time of the fastest call among some of a group. */
    private OptionalDouble fastest(Group group, Predicate<Subject> which) {
        return measurements.stream()
                .filter(each -> each.subject().group().equals(group) && which.test(each.subject()))
                .mapToDouble(Measurement::fastest)
                .min();
    }

    private static String share(OptionalDouble other, double time) {
        return other.isPresent() ? number("%.0f %%", 100 * other.getAsDouble() / time) : "-";
    }

    private static String number(String format, double value) {
        return String.format(Locale.ROOT, format, value);
    }
}
