package org.crossentropy.bench.run;

import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The figures of one part of the report, kept in a file of JSON so that documents can be made again without measuring. */
public final class Results {

    /**
     * What the file holds.
     *
     * @param command how the figures were made
     * @param environment lines that describe the machine
     * @param figures the figures
     */
    public record Content(String command, List<String> environment, List<Figure> figures) {

        /** Copies the lists. */
        public Content {
            environment = List.copyOf(environment);
            figures = List.copyOf(figures);
        }
    }

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path file;
    private String command = "";
    private List<String> environment = List.of();
    private final Map<Figure.Key, Figure> figures = new LinkedHashMap<>();

    /**
     * Opens a part, with what its file holds.
     *
     * @param folder folder of the files
     * @param part name of the part
     * @throws IOException if there is a file that cannot be read
     */
    public Results(Path folder, String part) throws IOException {
        file = folder.resolve(part + ".json");
        if (Files.exists(file)) {
            Content content = JSON.readValue(file.toFile(), Content.class);
            command = content.command();
            environment = content.environment();
            content.figures().forEach(this::put);
        }
    }

    /** Forgets everything, and says how what comes will have been made. */
    void restart(String newCommand, List<String> newEnvironment) {
        command = newCommand;
        environment = newEnvironment;
        figures.clear();
    }

    void put(Figure figure) {
        figures.put(figure.key(), figure);
    }

    @Nullable
    Figure get(Figure.Key key) {
        return figures.get(key);
    }

    /**
     * {@return everything}
     */
    public Content content() {
        return new Content(command, environment, List.copyOf(figures.values()));
    }

    /**
     * {@return the figures in the order in which they were first asked for}
     */
    public Collection<Figure> figures() {
        return figures.values();
    }

    void save() throws IOException {
        Path folder = file.getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        DefaultPrettyPrinter onePerLine = new DefaultPrettyPrinter();
        onePerLine.indentArraysWith(DefaultIndenter.SYSTEM_LINEFEED_INSTANCE.withLinefeed("\n"));
        onePerLine.indentObjectsWith(new DefaultPrettyPrinter.FixedSpaceIndenter());
        List<String> lines = new ArrayList<>();
        lines.add(JSON.writer(onePerLine).writeValueAsString(content()));
        Files.write(file, lines);
    }
}
