package org.crossentropy.bench.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.crossentropy.bench.run.Part;
import org.crossentropy.bench.run.Results;

/** {@code RESULTS.md} and its charts, made from the files of figures and the notes of people, and from nothing else. */
public final class Document {

    /** The document's name. */
    public static final String NAME = "RESULTS.md";

    private static final String NOTES = "notes.md";

    private final Path folder;
    private final Path notes;
    private final Figures figures;

    /**
     * Reads what it is made from.
     *
     * @param folder where the folder {@code results} is and the document belongs
     * @param module folder of the module, where the notes are
     * @throws IOException if something cannot be read
     */
    public Document(Path folder, Path module) throws IOException {
        this.folder = folder;
        notes = module.resolve(NOTES);
        figures = Figures.read(folder.resolve("results"));
    }

    /**
     * Writes document and charts.
     *
     * @throws IOException if they cannot be written
     */
    public void write() throws IOException {
        Files.createDirectories(folder);
        Files.write(folder.resolve(NAME), lines());
        new Charts(figures).write(folder.resolve("charts"));
    }

    /**
     * {@return the lines of the document}
     *
     * @throws IOException if the notes cannot be read
     */
    public List<String> lines() throws IOException {
        List<String> lines = new ArrayList<>();
        lines.addAll(head());
        lines.addAll(new Targets(figures).lines());
        lines.add("## Losses at a glance");
        lines.add("");
        lines.add("![Nanoseconds an element of every subject](charts/losses.png)");
        lines.add("");
        lines.addAll(new LossTables(figures).lines());
        lines.addAll(new HeadTables(figures).lines());
        lines.addAll(new LimitTables(figures).lines());
        lines.addAll(new FormTables(figures).lines());
        lines.addAll(new SmallTables(figures).lines());
        lines.addAll(new Growth(figures).lines());
        lines.add("## Misses and what was tried");
        lines.add("");
        if (Files.exists(notes)) {
            lines.addAll(Files.readAllLines(notes));
        }
        return lines;
    }

    private List<String> head() {
        List<String> lines = new ArrayList<>();
        lines.add("# Results");
        lines.add("");
        lines.add("Made by `java -cp bench/target/benchmarks.jar org.crossentropy.bench.Report` from the figures in"
                + " [results](results) and never by hand;");
        lines.add("[README](README.md) says how to measure and how to read it. Measured: " + figures.dates() + ".");
        lines.add("");
        lines.add("```");
        for (Part part : Part.values()) {
            Results.Content content = figures.content(part);
            if (!content.figures().isEmpty()) {
                lines.add(content.command());
            }
        }
        lines.add("");
        lines.addAll(figures.content(Part.LOSSES).environment());
        lines.add("```");
        lines.add("");
        lines.add("Subjects: "
                + String.join(
                        "; ",
                        figures.of(Part.LOSSES).stream()
                                .filter(figure -> figure.isMeasured() && !Names.isProbe(figure.subject()))
                                .map(figure -> figure.detail())
                                .distinct()
                                .sorted()
                                .toList())
                + ".");
        lines.add("");
        return lines;
    }
}
