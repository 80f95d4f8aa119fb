package org.crossentropy.bench.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.crossentropy.api.ElementType;
import org.crossentropy.bench.run.Part;
import org.crossentropy.bench.subject.Subjects;
import org.crossentropy.bench.task.Form;
import org.crossentropy.bench.task.Memory;
import org.crossentropy.bench.task.Pass;
import org.crossentropy.bench.task.Task;

/** Forms of the loss, element types, memory and instruction sets, each beside the plain loss. */
final class FormTables {

    private final Figures figures;

    FormTables(Figures figures) {
        this.figures = figures;
    }

    List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add("## Forms, element types and memory");
        lines.add("");
        lines.add(
                "Milliseconds on 1 thread, and in brackets how many times as long as the plain loss in float32 off-heap");
        lines.add(
                "took in the same minutes. *traffic* is how many times as many bytes there are to move. All variants ran in");
        lines.add("one process, which has therefore seen every kind of memory and type.");
        lines.add("");
        for (Task plain : plain()) {
            Table table = new Table(1, "variant", "traffic", "native", "vector", "scalar");
            for (Task task : figures.tasks(Part.FORMS)) {
                if (task.shape().equals(plain.shape()) && task.pass() == plain.pass()) {
                    table.row(row(task, plain));
                }
            }
            for (String host : hosts()) {
                double base = time(plain, host.split(" ", 2)[0]);
                String cell = cell(time(plain, host), base);
                table.row(
                        host, "1.00", host.startsWith("native") ? cell : "", host.startsWith("vector") ? cell : "", "");
            }
            lines.add("### " + Names.title(plain) + ", " + plain.pass().title());
            lines.add("");
            lines.addAll(table.lines());
        }
        return lines;
    }

    private List<Task> plain() {
        return figures.tasks(Part.FORMS).stream()
                .filter(task -> task.equals(Task.plain(task.shape(), task.pass())))
                .toList();
    }

    private List<String> hosts() {
        return figures.of(Part.FORMS).stream()
                .map(figure -> figure.subject())
                .filter(name -> !Subjects.BACKENDS.contains(name))
                .distinct()
                .toList();
    }

    private String[] row(Task task, Task plain) {
        List<String> row = new ArrayList<>();
        row.add(variant(task));
        row.add(Table.number((double) task.traffic() / plain.traffic()));
        for (String backend : Subjects.BACKENDS) {
            row.add(cell(time(task, backend), time(plain, backend)));
        }
        return row.toArray(String[]::new);
    }

    private double time(Task task, String subject) {
        return figures.fastest(Part.FORMS, task, subject, 1);
    }

    private static String cell(double time, double plain) {
        return Table.number(time / 1e6) + " (" + Table.number(time / plain) + ")";
    }

    /** What distinguishes a task from the plain one. */
    static String variant(Task task) {
        if (task.type() != ElementType.FLOAT32) {
            return task.type().name().toLowerCase(Locale.ROOT);
        }
        if (task.memory() == Memory.HEAP) {
            return "on the heap";
        }
        return task.form() == Form.SOFTMAX ? "plain" : task.form().title();
    }

    /** The plain task that a variant is compared with. */
    static Task plainOf(Task task) {
        Pass pass = task.pass();
        return Task.plain(task.shape(), pass);
    }
}
