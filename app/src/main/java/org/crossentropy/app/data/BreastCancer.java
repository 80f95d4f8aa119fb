package org.crossentropy.app.data;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * The 569 tumours of the Wisconsin diagnostic breast cancer data (wdbc) that come with the command; data/README.md beside
 * the resource says whose they are. After a line of counts and names, each line holds 30 measurements and the class: 0
 * malignant, 1 benign.
 *
 * <p>Every fifth tumour of each class is held out, in the order of the file, so that both parts have the classes in the
 * same proportion and every run has the same parts. Each measurement is brought to mean 0 and standard deviation 1 over
 * the tumours to train.
 */
public final class BreastCancer {

    private static final String RESOURCE = "/org/crossentropy/app/data/breast_cancer.csv";
    private static final int FEATURES = 30;
    private static final int CLASSES = 2;
    private static final int HELD_OUT_ONE_IN = 5;

    private BreastCancer() {}

    /**
     * Reads the tumours.
     *
     * @return 456 tumours to train, 113 held out
     */
    public static Dataset load() {
        try (InputStream resource = Objects.requireNonNull(
                        BreastCancer.class.getResourceAsStream(RESOURCE), "breast cancer data of the command");
                BufferedReader lines = new BufferedReader(new InputStreamReader(resource, StandardCharsets.US_ASCII))) {
            return split(lines.lines().skip(1).map(BreastCancer::parse).toList());
        } catch (IOException damaged) {
            throw new UncheckedIOException(damaged);
        }
    }

    private static Table.Line parse(String line) {
        List<String> fields = List.of(line.split(",", -1));
        return new Table.Line(
                fields.subList(0, FEATURES).stream().map(Double::valueOf).toList(),
                Integer.parseInt(fields.get(FEATURES)));
    }

    private static Dataset split(List<Table.Line> tumours) {
        List<Table.Line> training = new ArrayList<>();
        List<Table.Line> heldOut = new ArrayList<>();
        int[] ofClass = new int[CLASSES];
        for (Table.Line tumour : tumours) {
            boolean isHeldOut = ++ofClass[tumour.label()] % HELD_OUT_ONE_IN == 0;
            (isHeldOut ? heldOut : training).add(tumour);
        }
        Standardisation scale = Standardisation.of(training);
        return new Dataset(
                "wdbc", CLASSES, new Table("tumours", training, scale), new Table("tumours", heldOut, scale));
    }
}
