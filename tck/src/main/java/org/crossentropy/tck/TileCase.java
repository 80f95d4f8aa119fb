package org.crossentropy.tck;

import static org.crossentropy.api.spi.TileOperation.BERNOULLI;
import static org.crossentropy.api.spi.TileOperation.CENTER;
import static org.crossentropy.api.spi.TileOperation.CROSS;
import static org.crossentropy.api.spi.TileOperation.EXP;
import static org.crossentropy.api.spi.TileOperation.LOG;
import static org.crossentropy.api.spi.TileOperation.LOGISTIC;
import static org.crossentropy.api.spi.TileOperation.MASK;
import static org.crossentropy.api.spi.TileOperation.NARROW_BFLOAT16;
import static org.crossentropy.api.spi.TileOperation.NARROW_FLOAT16;
import static org.crossentropy.api.spi.TileOperation.ORDER;
import static org.crossentropy.api.spi.TileOperation.RANGE;
import static org.crossentropy.api.spi.TileOperation.RATIO;
import static org.crossentropy.api.spi.TileOperation.SIGMOID_SQUARED;
import static org.crossentropy.api.spi.TileOperation.TARGETS;
import static org.crossentropy.api.spi.TileOperation.TILT;
import static org.crossentropy.api.spi.TileOperation.WIDEN_BFLOAT16;
import static org.crossentropy.api.spi.TileOperation.WIDEN_FLOAT16;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.spi.TileOperation;
import org.crossentropy.api.spi.TileStep;
import org.jspecify.annotations.Nullable;

/** The operands of one tile operation, drawn at random: as doubles, elements of 16 bits as their bit patterns. */
final class TileCase {

    /** What results hold before a step. */
    static final double UNTOUCHED = 7777;

    static final Set<TileOperation> WIDENING = EnumSet.of(WIDEN_BFLOAT16, WIDEN_FLOAT16);
    static final Set<TileOperation> NARROWING = EnumSet.of(NARROW_BFLOAT16, NARROW_FLOAT16);

    private static final Set<TileOperation> LOSSES = EnumSet.of(LOGISTIC, SIGMOID_SQUARED, BERNOULLI);
    private static final Set<TileOperation> WITH_B =
            EnumSet.of(CROSS, TILT, RATIO, LOGISTIC, SIGMOID_SQUARED, BERNOULLI);
    private static final Set<TileOperation> WITH_COLUMN = EnumSet.of(TARGETS, LOGISTIC, BERNOULLI);
    private static final Set<TileOperation> WITHOUT_OUT = EnumSet.of(CROSS, ORDER, RANGE);
    private static final Set<TileOperation> APART =
            EnumSet.of(WIDEN_BFLOAT16, WIDEN_FLOAT16, NARROW_BFLOAT16, NARROW_FLOAT16, TILT);
    private static final Set<TileOperation> WITHOUT_SCALARS =
            EnumSet.of(WIDEN_BFLOAT16, WIDEN_FLOAT16, NARROW_BFLOAT16, NARROW_FLOAT16, CENTER, EXP, LOG);

    private final TileOperation operation;
    private final ElementType type;
    private final int rows;
    private final int columns;
    private final SplittableRandom random;

    /** Whether some elements are NaN, infinite, zero or tiny. */
    private final boolean special;

    private final double[] a;
    private final double @Nullable [] b;
    private final double @Nullable [] c;
    private final double @Nullable [] column;
    private final byte @Nullable [] mask;
    private final boolean sharedMask;
    private final double @Nullable [] scalars;
    private final int scalarStep;
    private final boolean hasOut;
    private final double[] out;

    private final InPlace inPlace;

    /** The operand that is overwritten, if any. */
    enum InPlace {
        NONE,
        A,
        B,
        C
    }

    /** Draws everything that the operation takes, and of what it may do without, some. */
    TileCase(TileOperation operation, ElementType type, int rows, int columns, SplittableRandom random) {
        this.operation = operation;
        this.type = type;
        this.rows = rows;
        this.columns = columns;
        this.random = random;
        int count = rows * columns;
        boolean loss = LOSSES.contains(operation);
        special = random.nextBoolean();
        a = operand(count, this::drawA);
        emptySomeRows();
        b = WITH_B.contains(operation) ? operand(count, this::drawB) : null;
        c = loss && random.nextBoolean() ? operand(count, this::drawWeight) : null;
        column = WITH_COLUMN.contains(operation) && random.nextBoolean() ? operand(columns, this::drawWeight) : null;
        sharedMask = operation == MASK && random.nextBoolean();
        mask = operation == MASK ? drawMask(sharedMask ? columns : count) : null;
        scalarStep = random.nextBoolean() ? TileStep.SCALARS : 0;
        scalars = WITHOUT_SCALARS.contains(operation) ? null : drawScalars(scalarStep == 0 ? 1 : rows);
        hasOut = !WITHOUT_OUT.contains(operation) && !(loss && random.nextBoolean());
        inPlace = hasOut && !APART.contains(operation) ? drawInPlace() : InPlace.NONE;
        double[] overwritten = overwritten();
        out = overwritten != null ? overwritten : operand(count, this::drawOut);
    }

    TileOperation operation() {
        return operation;
    }

    ElementType type() {
        return type;
    }

    int rows() {
        return rows;
    }

    int columns() {
        return columns;
    }

    double[] a() {
        return a;
    }

    /** {@return the second operand, of an operation that has one} */
    double[] b() {
        if (b == null) {
            throw new AssertionError(operation + " has no second operand");
        }
        return b;
    }

    boolean hasB() {
        return b != null;
    }

    double @Nullable [] c() {
        return c;
    }

    double @Nullable [] column() {
        return column;
    }

    byte @Nullable [] maskBytes() {
        return mask;
    }

    boolean isMaskShared() {
        return sharedMask;
    }

    /** {@return whether an element stays} */
    boolean mask(int row, int j) {
        return mask != null && mask[sharedMask ? j : row * columns + j] != 0;
    }

    boolean hasOut() {
        return hasOut;
    }

    /** {@return what the tile that is written holds before} */
    double[] out() {
        return out;
    }

    InPlace inPlace() {
        return inPlace;
    }

    double @Nullable [] scalars() {
        return scalars;
    }

    int scalarStep() {
        return scalarStep;
    }

    double scalar(int row, int index) {
        return scalars == null ? 0 : scalars[row * scalarStep + index];
    }

    /** {@return how many results the operation has} */
    int resultCount() {
        return switch (operation) {
            case CENTER, RANGE -> rows;
            case CROSS, ORDER -> 2 * rows;
            case LOGISTIC, SIGMOID_SQUARED, BERNOULLI -> rows * columns;
            default -> 0;
        };
    }

    @Override
    public String toString() {
        return "%s of %s, %d x %d%s%s%s%s%s"
                .formatted(
                        operation,
                        type,
                        rows,
                        columns,
                        special ? ", special values" : "",
                        c != null ? ", weights" : "",
                        column != null ? ", column" : "",
                        scalarStep == 0 ? ", shared scalars" : "",
                        inPlace == InPlace.NONE ? "" : ", in place of " + inPlace);
    }

    private interface Draw {
        double next();
    }

    private double[] operand(int count, Draw draw) {
        double[] operand = new double[count];
        for (int i = 0; i < count; i++) {
            operand[i] = rounded(draw.next());
        }
        return operand;
    }

    private double rounded(double value) {
        return type == ElementType.FLOAT64 ? value : (double) (float) value;
    }

    private double drawA() {
        return switch (operation) {
            case WIDEN_BFLOAT16, WIDEN_FLOAT16 -> random.nextInt(1 << Short.SIZE);
            case NARROW_BFLOAT16, NARROW_FLOAT16 -> withSpecial(random.nextGaussian() * Math.scalb(1.0, scale(30)));
            case EXP -> withSpecial(random.nextGaussian() * (type == ElementType.FLOAT32 ? 60 : 480));
            case LOG -> withSpecial(random.nextDouble() * Math.scalb(1.0, scale(100)));
            case BERNOULLI, RANGE, CROSS -> withSpecial(drawProbability());
            case ORDER, CENTER ->
                withSpecial(random.nextBoolean() ? Math.rint(3 * random.nextGaussian()) : random.nextGaussian());
            case RATIO, TARGETS -> withSpecial(drawWeight());
            default -> withSpecial(6 * random.nextGaussian());
        };
    }

    private double drawB() {
        return switch (operation) {
            case CROSS -> withSpecial(6 * random.nextGaussian());
            default -> withSpecial(drawProbability());
        };
    }

    /** Patterns of 16 bits are not to be taken for NaN. */
    private double drawOut() {
        return NARROWING.contains(operation) ? 1 : withSpecial(random.nextGaussian());
    }

    private double drawProbability() {
        return switch (random.nextInt(8)) {
            case 0 -> 0;
            case 1 -> 1;
            case 2 -> Math.scalb(random.nextDouble(), -60);
            default -> random.nextDouble();
        };
    }

    private double drawWeight() {
        return switch (random.nextInt(4)) {
            case 0 -> 0;
            case 1 -> 1;
            default -> 3 * random.nextDouble();
        };
    }

    private int scale(int bound) {
        return random.nextInt(-bound, bound + 1);
    }

    private double withSpecial(double value) {
        if (!special || random.nextInt(8) != 0) {
            return value;
        }
        boolean single = type == ElementType.FLOAT32;
        double magnitude = switch (random.nextInt(10)) {
            case 0, 1 -> Double.NaN;
            case 2, 3 -> Double.POSITIVE_INFINITY;
            case 4 -> 0.0;
            case 5 -> single ? Float.MIN_VALUE : Double.MIN_VALUE;
            case 6 -> single ? Float.MIN_NORMAL * 0.7f : Double.MIN_NORMAL * 0.7;
            case 7 -> single ? Float.MIN_NORMAL : Double.MIN_NORMAL;
            case 8 -> single ? Float.MAX_VALUE : Double.MAX_VALUE;
            default -> 1.0;
        };
        return random.nextBoolean() ? magnitude : -magnitude;
    }

    private void emptySomeRows() {
        if (special && (operation == ORDER || operation == CENTER)) {
            for (int row = 0; row < rows; row++) {
                if (random.nextInt(4) == 0) {
                    Arrays.fill(a, row * columns, (row + 1) * columns, Double.NEGATIVE_INFINITY);
                }
            }
        }
    }

    private byte[] drawMask(int count) {
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++) {
            bytes[i] = (byte) (random.nextBoolean() ? 0 : random.nextInt(1, 256));
        }
        return bytes;
    }

    private InPlace drawInPlace() {
        return switch (random.nextInt(4)) {
            case 0 -> InPlace.A;
            case 1 -> b != null ? InPlace.B : InPlace.NONE;
            case 2 -> c != null ? InPlace.C : InPlace.NONE;
            default -> InPlace.NONE;
        };
    }

    private double @Nullable [] overwritten() {
        return switch (inPlace) {
            case NONE -> null;
            case A -> a;
            case B -> b;
            case C -> c;
        };
    }

    private double[] drawScalars(int triples) {
        double[] drawn = new double[triples * TileStep.SCALARS];
        for (int i = 0; i < drawn.length; i += TileStep.SCALARS) {
            double[] triple = drawTriple();
            System.arraycopy(triple, 0, drawn, i, TileStep.SCALARS);
        }
        return drawn;
    }

    /** Numbers for which an operation is defined; the unused ones are NaN. */
    private double[] drawTriple() {
        double unused = Double.NaN;
        double x = random.nextGaussian();
        boolean first = random.nextBoolean();
        int pick = random.nextInt(3);
        return switch (operation) {
            case SHAPE -> new double[] {first ? 0 : 10 + x, 0.5 + random.nextDouble(), unused};
            case SHAPE_GRADIENT -> new double[] {0.5 + random.nextDouble(), first ? 0 : 0.1 * x, unused};
            case MASK -> new double[] {first ? Double.NEGATIVE_INFINITY : x, unused, unused};
            case TARGETS -> new double[] {first ? 1 : random.nextDouble(), first ? 0 : 0.01, unused};
            case CROSS -> new double[] {10 * x, unused, unused};
            case BLEND -> new double[] {x, random.nextGaussian(), unused};
            case TILT -> new double[] {x, random.nextGaussian(), random.nextGaussian()};
            case RATIO, SIGMOID_SQUARED -> new double[] {x, unused, unused};
            case LOGISTIC ->
                new double[] {x, pick == 0 ? 4 * random.nextDouble() : 0, pick == 1 ? 2 * random.nextDouble() - 1 : 0};
            case BERNOULLI -> new double[] {x, first ? Double.POSITIVE_INFINITY : 3 * random.nextDouble(), unused};
            case ORDER -> new double[] {random.nextInt(-1, columns), unused, unused};
            case RANGE -> new double[] {first ? 0 : -0.5, pick == 0 ? Double.POSITIVE_INFINITY : 1, unused};
            default -> throw new AssertionError(operation);
        };
    }
}
