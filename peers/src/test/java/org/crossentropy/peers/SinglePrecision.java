package org.crossentropy.peers;

import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Errors of float32 results in ULP, ours and PyTorch's beside each other, for a second table. */
final class SinglePrecision {

    private static final Map<String, Row> ROWS = new TreeMap<>();

    private record Row(double ourLoss, double theirLoss, double ourGradient, double theirGradient) {}

    private SinglePrecision() {}

    static void row(String name, double ourLoss, double theirLoss, double ourGradient, double theirGradient) {
        ROWS.put(name, new Row(ourLoss, theirLoss, ourGradient, theirGradient));
    }

    /** Largest error in units of the last place that a float has at the exact number. */
    static double ulps(float[] numbers, double[] exact) {
        double largest = 0;
        for (int i = 0; i < exact.length; i++) {
            double error = Math.abs(numbers[i] - exact[i]) / Math.ulp((float) exact[i]);
            largest = Double.isNaN(error) ? Double.POSITIVE_INFINITY : Math.max(largest, error);
        }
        return largest;
    }

    static Stream<String> names() {
        return ROWS.keySet().stream();
    }

    static String table() {
        StringBuilder table = new StringBuilder("| float32 logits | loss, here | loss, PyTorch | gradient, here"
                + " | gradient, PyTorch |\n|---|---|---|---|---|\n");
        ROWS.forEach((name, row) -> table.append(String.format(
                Locale.ROOT,
                "| %s | %.2f | %,.2f | %.2f | %,.2f |%n",
                name,
                row.ourLoss,
                row.theirLoss,
                row.ourGradient,
                row.theirGradient)));
        return table.toString();
    }
}
