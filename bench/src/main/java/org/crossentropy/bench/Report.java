package org.crossentropy.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.crossentropy.bench.report.Document;
import org.crossentropy.bench.run.Effort;
import org.crossentropy.bench.run.Home;
import org.crossentropy.bench.run.Measuring;
import org.crossentropy.bench.run.Part;

/** Measures everything and writes {@code RESULTS.md}; see the README of the module. */
public final class Report {

    private static final String USAGE = """
            java -cp bench/target/benchmarks.jar org.crossentropy.bench.Report [options]

              --quick           a third of the time and more noise, kept in target and not in results
              --part NAME       losses, forms, small, heads, growth or start only; may be repeated
              --only TEXT       what has TEXT in its title only, such as 1024x32000
              --resume          keeps the figures that are there and measures what is missing or failed
              --document        measures nothing and writes RESULTS.md and the charts from the results
            """;

    private Report() {}

    /**
     * Runs the report.
     *
     * @param arguments see the README
     * @throws IOException if results cannot be read or written
     */
    public static void main(String[] arguments) throws IOException {
        List<String> rest = new ArrayList<>(List.of(arguments));
        Effort effort = rest.remove("--quick") ? Effort.QUICK : Effort.FULL;
        boolean resume = rest.remove("--resume");
        boolean measure = !rest.remove("--document");
        List<Part> parts = new ArrayList<>();
        for (int i; (i = rest.indexOf("--part")) >= 0 && i + 1 < rest.size(); ) {
            rest.remove(i);
            parts.add(Part.valueOf(rest.remove(i).toUpperCase(Locale.ROOT)));
        }
        String only = "";
        for (int i; (i = rest.indexOf("--only")) >= 0 && i + 1 < rest.size(); ) {
            rest.remove(i);
            only = rest.remove(i);
        }
        if (!rest.isEmpty()) {
            System.err.println("unknown: " + String.join(" ", rest) + "\n\n" + USAGE);
            System.exit(2);
        }
        Path folder = effort == Effort.FULL ? Home.bench() : Home.bench().resolve("target/quick");
        if (measure) {
            Measuring measuring = new Measuring(folder.resolve("results"), effort, resume, only);
            measuring.run(parts.isEmpty() ? List.of(Part.values()) : parts);
        }
        new Document(folder, Home.bench()).write();
        System.out.println("written: " + folder.resolve(Document.NAME));
    }
}
