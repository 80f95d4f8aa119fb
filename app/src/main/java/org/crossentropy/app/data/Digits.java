package org.crossentropy.app.data;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.zip.GZIPInputStream;

/**
 * The 1,797 handwritten digits that come with the command; data/README.md beside the resource says whose they are. Each
 * line holds 64 pixels from 0 to 16 and the digit. The last 360 are held out.
 */
public final class Digits {

    private static final String RESOURCE = "/org/crossentropy/app/data/digits.csv.gz";
    private static final int SIDE = 8;
    private static final int PIXELS = SIDE * SIDE;
    private static final int CLASSES = 10;
    private static final int HELD_OUT = 360;

    private Digits() {}

    /**
     * Reads the digits.
     *
     * @return 1,437 digits to train, 360 held out
     */
    public static Dataset load() {
        try (InputStream resource =
                        Objects.requireNonNull(Digits.class.getResourceAsStream(RESOURCE), "digits of the command");
                BufferedReader lines = new BufferedReader(
                        new InputStreamReader(new GZIPInputStream(resource), StandardCharsets.US_ASCII))) {
            List<String> digits = lines.lines().toList();
            int split = digits.size() - HELD_OUT;
            return new Dataset(
                    "digits", CLASSES, images(digits.subList(0, split)), images(digits.subList(split, digits.size())));
        } catch (IOException damaged) {
            throw new UncheckedIOException(damaged);
        }
    }

    private static Images images(List<String> digits) {
        byte[] pixels = new byte[digits.size() * PIXELS];
        int[] classes = new int[digits.size()];
        for (int i = 0; i < classes.length; i++) {
            int[] values = Arrays.stream(digits.get(i).split(",", -1))
                    .mapToInt(Integer::parseInt)
                    .toArray();
            for (int j = 0; j < PIXELS; j++) {
                pixels[i * PIXELS + j] = (byte) values[j];
            }
            classes[i] = values[PIXELS];
        }
        return new Images(SIDE, SIDE, pixels, classes);
    }
}
