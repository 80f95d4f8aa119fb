package org.crossentropy.tck;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.random.RandomGenerator;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.Matrix;

/** Kinds of logits, each of which has broken some softmax somewhere. */
public enum DataFamily {
    /** Gaussian, a few units wide: the logits of a model in training. */
    NORMAL,
    /** All equal within a row, so that the loss is log K. */
    CONSTANT,
    /** One class at +1e4 or -1e4, the others at 0. */
    ONE_HOT,
    /** From 90 to 100: exp overflows without a shift. */
    HIGH,
    /** Below -104: exp underflows without a shift. */
    LOW,
    /** From -1e4 to 1e4. */
    HUGE_SPREAD,
    /** Up to the largest finite numbers of either sign; differences overflow. */
    EXTREME,
    /** Subnormal numbers of either sign. */
    SUBNORMAL,
    /** +0 and -0. */
    SIGNED_ZERO,
    /** Every exponent, so that sums meet all magnitudes. */
    ALL_EXPONENTS,
    /** A slow rise over the row, so that every block has a new maximum. */
    RISING,
    /** A slow fall: no block but the first has a new maximum. */
    FALLING,
    /** One class far above the rest, by 5 to 80 nats: tiny losses. */
    CONFIDENT,
    /** Gaussian, far from 0: the shift is a large number with all its digits. */
    OFFSET,
    /** Differences right around the point where exponentials become 0. */
    UNDERFLOW_EDGE,
    /**
     * One class far above the others, whose exponentials are about as large as half a unit in the last place of its own:
     * added one by one in the element type they get lost, or count twice.
     */
    ABSORBED,
    /** About a third of the classes at -inf. */
    SOME_MINUS_INFINITY,
    /** The first blocks, or half of a short row, at -inf. */
    LEADING_MINUS_INFINITY,
    /** All classes but one at -inf. */
    ONE_FINITE,
    /** Whole rows of -inf among ordinary ones. */
    EMPTY_ROWS,
    /** A +inf in some rows. */
    PLUS_INFINITY,
    /** NaN of both signs, quiet and signalling, with payloads, in some rows. */
    NAN,
    /** NaN and +inf together, and NaN among -inf. */
    NAN_AND_INFINITIES,
    /** A row of each of the others. */
    MIXED;

    private static final DataFamily[] FAMILIES = values();
    private static final double FLOAT_EXP_EDGE = -87.33;
    private static final double DOUBLE_EXP_EDGE = -708.39;

    /** Elements of a canonical block, in bytes. */
    private static final int BLOCK_BYTES = 4096;

    /**
     * {@return whether losses and gradients of all rows are ordinary numbers}
     */
    public boolean isOrdinary() {
        return switch (this) {
            case NORMAL, CONSTANT, HIGH, LOW, SUBNORMAL, SIGNED_ZERO, RISING, FALLING, CONFIDENT, OFFSET, ABSORBED ->
                true;
            default -> false;
        };
    }

    /**
     * {@return whether sums of exponentials may meet the same rounding again and again}
     */
    public boolean repeatsRoundings() {
        return switch (this) {
            case ABSORBED, ALL_EXPONENTS, ONE_HOT, MIXED -> true;
            default -> false;
        };
    }

    /**
     * Fills a matrix.
     *
     * @param random source of the numbers
     * @param matrix receives them; what lies between its rows is not touched
     */
    public void fill(RandomGenerator random, Matrix matrix) {
        for (long row = 0; row < matrix.rows(); row++) {
            DataFamily family = this == MIXED ? FAMILIES[(int) (row % (FAMILIES.length - 1))] : this;
            family.fillRow(random, matrix, row);
        }
    }

    private void fillRow(RandomGenerator random, Matrix matrix, long row) {
        int classes = matrix.columns();
        int chosen = random.nextInt(classes);
        double level = level(random, matrix.type());
        boolean struck = random.nextInt(3) != 0;
        for (int j = 0; j < classes; j++) {
            matrix.set(row, j, element(random, matrix.type(), j, classes, j == chosen, level));
        }
        if (struck) {
            strike(random, matrix, row, chosen);
        }
    }

    /** What is the same for a whole row. */
    private double level(RandomGenerator random, ElementType type) {
        return switch (this) {
            case CONSTANT -> random.nextGaussian() * 30;
            case ONE_HOT -> random.nextBoolean() ? 1e4 : -1e4;
            case CONFIDENT -> random.nextDouble(5, 80);
            case OFFSET -> Math.scalb(random.nextGaussian(), random.nextInt(4, 14));
            case UNDERFLOW_EDGE -> edge(type);
            case ABSORBED -> Math.log(Ulp.roundoff(type)) + random.nextDouble(-0.05, 0.05);
            case EXTREME -> type == ElementType.FLOAT32 ? Float.MAX_VALUE : Double.MAX_VALUE;
            default -> 0;
        };
    }

    private static double edge(ElementType type) {
        return type == ElementType.FLOAT32 ? FLOAT_EXP_EDGE : DOUBLE_EXP_EDGE;
    }

    private double element(
            RandomGenerator random, ElementType type, int j, int classes, boolean isChosen, double level) {
        double normal = random.nextGaussian();
        return switch (this) {
            case CONSTANT -> level;
            case ONE_HOT -> isChosen ? level : 0;
            case HIGH -> random.nextDouble(90, 100);
            case LOW -> random.nextDouble(-1000, -104);
            case HUGE_SPREAD -> random.nextDouble(-1e4, 1e4);
            case EXTREME -> level * random.nextInt(-4, 5) / 4.0;
            case SUBNORMAL -> subnormal(random, type);
            case SIGNED_ZERO -> Math.copySign(0.0, normal);
            case ALL_EXPONENTS -> allExponents(random, type);
            case RISING -> 60.0 * j / classes + 0.01 * normal;
            case FALLING -> -60.0 * j / classes + 0.01 * normal;
            case CONFIDENT -> isChosen ? level : normal;
            case OFFSET -> level + normal;
            case ABSORBED -> isChosen ? 0 : level;
            case UNDERFLOW_EDGE -> isChosen ? 0 : level + random.nextDouble(-1, 1);
            case SOME_MINUS_INFINITY -> random.nextInt(3) == 0 ? Double.NEGATIVE_INFINITY : 4 * normal;
            case LEADING_MINUS_INFINITY -> j < leading(type, classes) ? Double.NEGATIVE_INFINITY : 4 * normal;
            case ONE_FINITE -> isChosen ? 7 * normal : Double.NEGATIVE_INFINITY;
            default -> 4 * normal;
        };
    }

    /** One block, as many whole blocks as leave an element, or half of the row. */
    private static int leading(ElementType type, int classes) {
        int block = BLOCK_BYTES / type.bytes();
        return classes <= block ? classes / 2 : Math.min(3, (classes - 1) / block) * block;
    }

    private static double subnormal(RandomGenerator random, ElementType type) {
        return switch (type) {
            case FLOAT32 -> Float.intBitsToFloat(random.nextInt() & 0x807fffff);
            case FLOAT64 -> Double.longBitsToDouble(random.nextLong() & 0x800fffffffffffffL);
            case BFLOAT16, FLOAT16 -> throw new AssertionError(type);
        };
    }

    private static double allExponents(RandomGenerator random, ElementType type) {
        int least = type == ElementType.FLOAT32 ? -149 : -1074;
        return Math.scalb(random.nextDouble(-2, 2), random.nextInt(least, 12));
    }

    /** Puts the special values of some families where they belong. */
    private void strike(RandomGenerator random, Matrix matrix, long row, int chosen) {
        int other = random.nextInt(matrix.columns());
        switch (this) {
            case EMPTY_ROWS -> fillWith(matrix, row, Double.NEGATIVE_INFINITY);
            case PLUS_INFINITY -> matrix.set(row, chosen, Double.POSITIVE_INFINITY);
            case NAN -> setNan(random, matrix, row, chosen);
            case NAN_AND_INFINITIES -> {
                if (random.nextBoolean()) {
                    fillWith(matrix, row, Double.NEGATIVE_INFINITY);
                } else {
                    matrix.set(row, other, Double.POSITIVE_INFINITY);
                }
                setNan(random, matrix, row, chosen);
            }
            default -> {}
        }
    }

    private static void fillWith(Matrix matrix, long row, double value) {
        for (int j = 0; j < matrix.columns(); j++) {
            matrix.set(row, j, value);
        }
    }

    /** Writes the bits of a NaN: sign, quiet bit and payload all random. */
    private static void setNan(RandomGenerator random, Matrix matrix, long row, int column) {
        MemorySegment segment = matrix.segment();
        long offset = (row * matrix.rowStride() + column) * matrix.type().bytes();
        switch (matrix.type()) {
            case FLOAT32 ->
                segment.set(ValueLayout.JAVA_INT_UNALIGNED, offset, 0x7f800000 | 1 | (random.nextInt() & 0x807fffff));
            case FLOAT64 ->
                segment.set(
                        ValueLayout.JAVA_LONG_UNALIGNED,
                        offset,
                        0x7ff0000000000000L | 1 | (random.nextLong() & 0x800fffffffffffffL));
            case BFLOAT16, FLOAT16 -> throw new AssertionError(matrix.type());
        }
    }
}
