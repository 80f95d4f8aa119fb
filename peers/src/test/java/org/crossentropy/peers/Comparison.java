package org.crossentropy.peers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.crossentropy.api.LossCall;
import org.crossentropy.api.Matrix;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Compares numbers of the library with those of PyTorch, both in float64, and keeps the largest difference of each loss
 * for a table. Differences are relative to the larger of the number and 1e-3 of the largest of its kind, since both sides
 * round.
 */
final class Comparison implements AfterAllCallback {

    /** What float64 arithmetic in two different orders may differ by. */
    private static final double TOLERANCE = 1e-11;

    private static final double NOT_COMPARED = -1;

    private static final Map<String, Row> ROWS = new TreeMap<>();

    private static final class Row {
        long numbers;
        double loss = NOT_COMPARED;
        double gradient = NOT_COMPARED;
    }

    static void loss(String name, double ours, double theirs) {
        Row row = ROWS.computeIfAbsent(name, _ -> new Row());
        row.loss = Math.max(row.loss, difference(name + ", loss", ours, theirs, Math.abs(theirs)));
        row.numbers++;
    }

    /** Compares the loss of elements or rows. */
    static void losses(String name, double[] ours, double[] theirs) {
        Row row = ROWS.computeIfAbsent(name, _ -> new Row());
        row.loss = Math.max(row.loss, largestDifference(name + ", loss", ours, theirs));
        row.numbers += theirs.length;
    }

    static void gradient(String name, double[] ours, double[] theirs) {
        Row row = ROWS.computeIfAbsent(name, _ -> new Row());
        row.gradient = Math.max(row.gradient, largestDifference(name + ", gradient", ours, theirs));
        row.numbers += theirs.length;
    }

    /** Compares reduced loss and gradient of one call. */
    static void call(
            String name,
            Data data,
            double[] input,
            Function<Matrix, ? extends LossCall<?>> ours,
            Function<Tensor, Tensor> theirs) {
        double[] gradient = new double[input.length];
        double loss = ours.apply(Matrix.of(input, data.rows, data.classes))
                .gradient(Matrix.of(gradient, data.rows, data.classes))
                .compute()
                .value();
        Torch.Value value = Torch.differentiate(input, data.rows, data.classes, theirs);
        loss(name, loss, value.loss());
        gradient(name, gradient, value.gradient());
    }

    private static double largestDifference(String what, double[] ours, double[] theirs) {
        assertEquals(theirs.length, ours.length, what + ", number of elements");
        double largest = 0;
        for (double value : theirs) {
            if (Double.isFinite(value)) {
                largest = Math.max(largest, Math.abs(value));
            }
        }
        double difference = 0;
        for (int i = 0; i < theirs.length; i++) {
            double size = Math.max(Math.abs(theirs[i]), 1e-3 * largest);
            difference = Math.max(difference, difference(what + "[" + i + "]", ours[i], theirs[i], size));
        }
        return difference;
    }

    private static double difference(String what, double ours, double theirs, double size) {
        if (Double.compare(ours, theirs) == 0 || ours == theirs) {
            return 0;
        }
        double difference = Math.abs(ours - theirs) / size;
        if (!(difference <= TOLERANCE)) {
            fail(what + " is " + ours + ", PyTorch has " + theirs);
        }
        return difference;
    }

    /** Writes the tables of all comparisons so far, and fails where the document does not name one of them. */
    @Override
    public void afterAll(ExtensionContext context) {
        StringBuilder table =
                new StringBuilder("| loss | numbers | largest difference, loss | gradient |\n|---|---|---|---|\n");
        ROWS.forEach((name, row) -> table.append(String.format(
                Locale.ROOT, "| %s | %,d | %s | %s |\n", name, row.numbers, digits(row.loss), digits(row.gradient))));
        String document;
        try {
            Files.writeString(Path.of(System.getProperty("peers.report")), table + "\n" + SinglePrecision.table());
            document = Files.readString(Path.of(System.getProperty("peers.document")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        String missing = Stream.concat(ROWS.keySet().stream(), SinglePrecision.names())
                .filter(name -> !document.contains("\n| " + name + " |"))
                .collect(Collectors.joining("\n"));
        assertEquals("", missing, "docs/peers.md lacks rows; take them from " + System.getProperty("peers.report"));
    }

    private static String digits(double difference) {
        return difference == NOT_COMPARED ? "" : String.format(Locale.ROOT, "%.1e", difference);
    }
}
