package org.crossentropy.tck;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import org.crossentropy.api.ElementType;
import org.crossentropy.tck.Tolerances.Quantity;

/** Compares results with the oracle's, fails where one is too far off, and remembers the worst errors for a table. */
public final class ErrorMeter {

    /** Upper ends of the columns of the table: nats below the row's largest logit. */
    private static final double[] DEPTHS = {1, 4, 16, 64, Double.POSITIVE_INFINITY};

    private final ElementType type;
    private final Map<Quantity, double[]> worst = new EnumMap<>(Quantity.class);
    private final Map<Quantity, Double> closest = new EnumMap<>(Quantity.class);
    private long comparisons;

    /**
     * Creates a meter without measurements.
     *
     * @param type element type of the logits
     */
    public ErrorMeter(ElementType type) {
        this.type = type;
    }

    /**
     * What a result should be, and how exactly.
     *
     * @param quantity what it is
     * @param value the true value
     * @param unit what errors are counted in
     * @param depth nats below the row's largest logit
     * @param free absolute error that is allowed besides
     */
    public record Expected(Quantity quantity, DoubleDouble value, double unit, double depth, double free) {}

    /**
     * Compares one result.
     *
     * @param actual the result
     * @param expected what it should be
     * @param where says which result it is, for the message
     * @throws AssertionError if it is too far off
     */
    public void check(double actual, Expected expected, Supplier<String> where) {
        comparisons++;
        double distance = Ulp.distance(actual, expected.value());
        if (distance == 0) {
            return;
        }
        double units = Math.max(0, distance - expected.free()) / expected.unit();
        double bound = expected.quantity().bound(type, expected.depth());
        record(expected.quantity(), expected.depth(), units, bound);
        if (!(units <= bound)) {
            throw new AssertionError(String.format(
                    Locale.ROOT,
                    "%s of %s is %s (%a), must be %s (%a): off by %.3g units of %.3g, allowed are %.3g at depth %.3g; %s",
                    expected.quantity(),
                    type,
                    actual,
                    actual,
                    expected.value().high(),
                    expected.value().high(),
                    units,
                    expected.unit(),
                    bound,
                    expected.depth(),
                    where.get()));
        }
    }

    private void record(Quantity quantity, double depth, double units, double bound) {
        double[] row = worst.computeIfAbsent(quantity, q -> new double[DEPTHS.length]);
        int column = 0;
        while (depth >= DEPTHS[column] && column < DEPTHS.length - 1) {
            column++;
        }
        row[column] = Math.max(row[column], units);
        closest.merge(quantity, units / bound, Math::max);
    }

    /**
     * {@return the number of comparisons so far}
     */
    public long comparisons() {
        return comparisons;
    }

    /**
     * {@return the worst errors measured, a table for people}
     */
    public String table() {
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                "measured worst error, %s, %d comparisons, in units (see Tolerances), by nats below the maximum%n",
                type,
                comparisons));
        text.append(String.format(
                "%-18s %9s %9s %9s %9s %9s %9s%n", "quantity", "< 1", "< 4", "< 16", "< 64", "more", "of bound"));
        worst.forEach((quantity, row) -> {
            text.append(String.format(Locale.ROOT, "%-18s", quantity));
            for (double units : row) {
                text.append(String.format(Locale.ROOT, " %9.3f", units));
            }
            text.append(String.format(Locale.ROOT, " %8.0f%%%n", 100 * closest.getOrDefault(quantity, 0.0)));
        });
        return text.toString();
    }
}
