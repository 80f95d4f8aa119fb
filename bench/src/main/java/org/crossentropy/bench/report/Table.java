package org.crossentropy.bench.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/** A table of Markdown: words in the first columns, numbers in the others. */
final class Table {

    private final int words;
    private final List<List<String>> rows = new ArrayList<>();

    Table(int words, String... header) {
        this.words = words;
        rows.add(List.of(header));
    }

    void row(String... cells) {
        rows.add(List.copyOf(Arrays.asList(cells)));
    }

    boolean isEmpty() {
        return rows.size() == 1;
    }

    /** {@return the lines of the table, columns aligned, and an empty one after it} */
    List<String> lines() {
        int columns = rows.getFirst().size();
        int[] widths = new int[columns];
        for (List<String> row : rows) {
            for (int column = 0; column < row.size(); column++) {
                widths[column] = Math.max(widths[column], row.get(column).length());
            }
        }
        List<String> lines = new ArrayList<>();
        for (List<String> row : rows) {
            lines.add(line(row, widths));
            if (lines.size() == 1) {
                lines.add(rule(widths));
            }
        }
        lines.add("");
        return lines;
    }

    private String line(List<String> row, int[] widths) {
        StringBuilder line = new StringBuilder("|");
        for (int column = 0; column < widths.length; column++) {
            String cell = column < row.size() ? row.get(column) : "";
            String gap = " ".repeat(widths[column] - cell.length());
            line.append(' ').append(column < words ? cell + gap : gap + cell).append(" |");
        }
        return line.toString();
    }

    private String rule(int[] widths) {
        List<String> cells = new ArrayList<>(Collections.nCopies(widths.length, ""));
        for (int column = 0; column < widths.length; column++) {
            cells.set(column, column < words ? "-".repeat(widths[column]) : "-".repeat(widths[column] - 1) + ":");
        }
        return "| " + String.join(" | ", cells) + " |";
    }

    /** A number with three significant digits or a few more, or a dash for what is not known. */
    static String number(double value) {
        if (Double.isNaN(value)) {
            return "-";
        }
        if (value == 0) {
            return "0";
        }
        double size = Math.abs(value);
        return String.format(
                Locale.ROOT, size >= 100 ? "%.0f" : size >= 10 ? "%.1f" : size >= 1 ? "%.2f" : "%.3f", value);
    }

    /** A ratio as 4.6x. */
    static String times(double ratio) {
        return Double.isNaN(ratio) ? "-" : String.format(Locale.ROOT, ratio >= 9.95 ? "%.1fx" : "%.2fx", ratio);
    }

    static String percent(double share) {
        return Double.isNaN(share) ? "-" : String.format(Locale.ROOT, "%.0f %%", 100 * share);
    }
}
