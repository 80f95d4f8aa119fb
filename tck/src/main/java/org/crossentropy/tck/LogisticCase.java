package org.crossentropy.tck;

import java.util.SplittableRandom;
import java.util.function.DoubleSupplier;
import org.crossentropy.api.ElementType;
import org.jspecify.annotations.Nullable;

/**
 * One call of the kernel of binary cross-entropy: operands drawn from a seed, some of them absent. Matrices are held
 * without gaps, as doubles that are elements of the type.
 */
final class LogisticCase {

    private static final double[] SPECIAL_LOGITS = {
        0,
        -0.0,
        Double.NaN,
        Double.POSITIVE_INFINITY,
        Double.NEGATIVE_INFINITY,
        Float.MIN_VALUE,
        -1e-40,
        Double.MAX_VALUE,
        -Double.MAX_VALUE,
        -87.3,
        87.4,
        708.3,
        -708.5
    };

    private static final double[] SPECIAL_TARGETS = {-0.0, Double.NaN, Float.MIN_VALUE, Double.MIN_VALUE};
    private static final double[] SPECIAL_WEIGHTS = {0, -0.0, Float.MIN_VALUE, 1e-310, 1e30};
    private static final double[] SPECIAL_FACTORS = {0, -0.0, 1e300, Double.NaN, Double.POSITIVE_INFINITY};

    final ElementType type;
    final int rows;
    final int columns;
    final double[] logits;
    final double[] targets;
    final double @Nullable [] weights;
    final double @Nullable [] positiveWeights;

    /** One for each row, or one for all. */
    final double[] factors;

    final boolean wantLosses;
    final boolean wantGradient;
    final boolean inPlace;

    private final SplittableRandom random;

    /** Whether some elements are NaN, infinite, zero or tiny. */
    private final boolean special;

    /** Draws everything that the kernel takes, and of what it may do without, some. */
    LogisticCase(ElementType type, int rows, int columns, SplittableRandom random) {
        this.type = type;
        this.rows = rows;
        this.columns = columns;
        this.random = random;
        special = random.nextBoolean();
        double spread = random.nextBoolean() ? 4 : 100;
        logits = operand(rows * columns, () -> drawn(SPECIAL_LOGITS, spread * random.nextGaussian()));
        targets = operand(rows * columns, () -> drawn(SPECIAL_TARGETS, drawTarget()));
        weights = random.nextBoolean() ? operand(rows * columns, this::drawWeight) : null;
        positiveWeights = random.nextBoolean() ? operand(columns, this::drawWeight) : null;
        factors = new double[random.nextBoolean() ? rows : 1];
        for (int i = 0; i < factors.length; i++) {
            factors[i] = drawn(SPECIAL_FACTORS, random.nextGaussian());
        }
        wantLosses = random.nextBoolean();
        wantGradient = random.nextBoolean();
        inPlace = wantGradient && random.nextBoolean();
    }

    private double[] operand(int count, DoubleSupplier value) {
        double[] values = new double[count];
        for (int i = 0; i < count; i++) {
            values[i] = rounded(value.getAsDouble());
        }
        return values;
    }

    private double drawn(double[] specials, double ordinary) {
        return special && random.nextInt(5) == 0 ? specials[random.nextInt(specials.length)] : ordinary;
    }

    private double drawTarget() {
        return random.nextInt(3) == 0 ? random.nextInt(2) : random.nextDouble();
    }

    private double drawWeight() {
        return drawn(SPECIAL_WEIGHTS, random.nextInt(4) == 0 ? 0 : 2 * random.nextDouble());
    }

    /** {@return the element of the type that is nearest to a number} */
    double rounded(double value) {
        return type == ElementType.FLOAT64 ? value : (double) (float) value;
    }

    @Override
    public String toString() {
        return String.format(
                "%s %d x %d%s%s%s%s, %d factors%s",
                type,
                rows,
                columns,
                weights != null ? ", weights" : "",
                positiveWeights != null ? ", positive weights" : "",
                wantLosses ? ", losses" : "",
                wantGradient ? inPlace ? ", gradient in place" : ", gradient" : "",
                factors.length,
                special ? ", special values" : "");
    }
}
