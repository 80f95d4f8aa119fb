package org.crossentropy.jvm;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import java.util.stream.LongStream;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.spi.LossKernels;
import org.crossentropy.api.spi.TileOperation;
import org.crossentropy.api.spi.TileStep;

/**
 * One step on a tile with seeded data, to be run on several kernels.
 *
 * @param operation what is done
 * @param type element type
 * @param rows number of rows
 * @param columns elements of a row
 * @param data what the elements look like
 * @param wantOut whether an optional out is given
 * @param hasC whether an optional c is given
 * @param sharedC whether c is one row for all
 * @param hasColumn whether an optional column is given
 * @param inPlace whether out is the same memory as a
 * @param scalarPerRow whether each row has scalars of its own
 * @param seed of the data
 */
record TileCase(
        TileOperation operation,
        ElementType type,
        int rows,
        int columns,
        Data data,
        boolean wantOut,
        boolean hasC,
        boolean sharedC,
        boolean hasColumn,
        boolean inPlace,
        boolean scalarPerRow,
        long seed) {

    enum Data {
        NORMAL,
        UNIT,
        WIDE,
        SPECIAL,
        EMPTY,
        BITS
    }

    private static final double[] SPECIAL_VALUES = {
        0,
        -0.0,
        1,
        -1,
        Double.NaN,
        Double.POSITIVE_INFINITY,
        Double.NEGATIVE_INFINITY,
        Double.MIN_VALUE,
        -Double.MIN_VALUE,
        Float.MIN_VALUE,
        -1e-40,
        Double.MIN_NORMAL,
        Float.MIN_NORMAL,
        Double.MAX_VALUE,
        Float.MAX_VALUE,
        -Float.MAX_VALUE,
        88.7,
        -87.4,
        709.7,
        -708.4,
        1e-8,
        0.75,
        1.5
    };

    private static final double[] SCALARS = {0, 0, 1, 1, 0.5, 2, -0.25, 30, 1e-30, -0.0, Double.POSITIVE_INFINITY};

    /** {@return whether a type has an operation} */
    static boolean exists(TileOperation operation, ElementType type) {
        return switch (operation) {
            case WIDEN_BFLOAT16, WIDEN_FLOAT16, NARROW_BFLOAT16, NARROW_FLOAT16 -> type == ElementType.FLOAT32;
            default -> type == ElementType.FLOAT32 || type == ElementType.FLOAT64;
        };
    }

    /** {@return a case whose optional operands are the lower bits of a number, and whose data follow from it} */
    static TileCase of(TileOperation operation, ElementType type, int rows, int columns, Data data, int variant) {
        boolean apart = switch (operation) {
            case WIDEN_BFLOAT16, WIDEN_FLOAT16, NARROW_BFLOAT16, NARROW_FLOAT16, TILT -> true;
            default -> false;
        };
        return new TileCase(
                operation,
                type,
                rows,
                columns,
                data,
                !isOutOptional(operation) || (variant & 1) == 0,
                (variant & 2) == 0,
                operation == TileOperation.MASK && (variant & 2) == 0,
                (variant & 4) == 0,
                !apart && (variant & 8) == 0,
                (variant & 16) == 0,
                ((rows * 5003L + columns) * 31 + data.name().hashCode()) * 64 + variant);
    }

    private static boolean isOutOptional(TileOperation operation) {
        return switch (operation) {
            case LOGISTIC, SIGMOID_SQUARED, BERNOULLI -> true;
            default -> false;
        };
    }

    /** {@return every bit that the kernels leave behind: a, out and results} */
    long[] run(LossKernels kernels) {
        try (Arena arena = Arena.ofConfined()) {
            Random random = new Random(seed);
            int elements = rows * columns;
            MemorySegment a = operandA(arena, random, elements);
            TileStep step = new TileStep().begin(operation, type, rows, columns).a(a);
            MemorySegment out = MemorySegment.NULL;
            switch (operation) {
                case CROSS, ORDER, RANGE -> {}
                case NARROW_BFLOAT16, NARROW_FLOAT16 -> out = shorts(arena, random, elements);
                default -> out = inPlace ? a : elements(arena, random, elements, data);
            }
            if (wantOut) {
                step.out(out);
            }
            setFurtherOperands(step, arena, random);
            step.scalars(scalars(arena, random), scalarPerRow ? TileStep.SCALARS : 0);
            MemorySegment results = arena.allocate(Double.BYTES * resultCount());
            results.fill((byte) 0x5a);
            step.results(results);
            kernels.tile(step);
            return LongStream.concat(bytes(a), LongStream.concat(bytes(out), bytes(results)))
                    .toArray();
        }
    }

    private MemorySegment operandA(Arena arena, Random random, int elements) {
        return switch (operation) {
            case WIDEN_BFLOAT16, WIDEN_FLOAT16 -> shorts(arena, random, elements);
            default -> elements(arena, random, elements, data);
        };
    }

    private void setFurtherOperands(TileStep step, Arena arena, Random random) {
        int elements = rows * columns;
        switch (operation) {
            case CROSS, TILT, RATIO -> step.b(elements(arena, random, elements, data));
            case LOGISTIC, SIGMOID_SQUARED, BERNOULLI -> {
                step.b(elements(arena, random, elements, data == Data.NORMAL ? Data.UNIT : data));
                if (hasC) {
                    step.c(elements(arena, random, elements, Data.UNIT), false);
                }
                if (hasColumn) {
                    step.column(elements(arena, random, columns, Data.UNIT));
                }
            }
            case MASK -> {
                MemorySegment mask = arena.allocate(sharedC ? columns : elements);
                for (long j = 0; j < mask.byteSize(); j++) {
                    mask.set(JAVA_BYTE, j, (byte) (random.nextInt(3) == 0 ? 0 : random.nextInt(256)));
                }
                step.c(mask, sharedC);
            }
            case TARGETS -> {
                if (hasColumn) {
                    step.column(elements(arena, random, columns, data));
                }
            }
            default -> {}
        }
    }

    private long resultCount() {
        return switch (operation) {
            case CENTER, RANGE -> rows;
            case CROSS, ORDER -> 2L * rows;
            case LOGISTIC, SIGMOID_SQUARED, BERNOULLI -> (long) rows * columns;
            default -> 0;
        };
    }

    private MemorySegment scalars(Arena arena, Random random) {
        int count = TileStep.SCALARS * (scalarPerRow ? rows : 1);
        MemorySegment scalars = arena.allocate((long) count * Double.BYTES, Double.BYTES);
        for (int i = 0; i < count; i++) {
            scalars.setAtIndex(JAVA_DOUBLE, i, scalar(random, i % TileStep.SCALARS));
        }
        return scalars;
    }

    private double scalar(Random random, int which) {
        return switch (operation) {
            case ORDER -> random.nextInt(4) == 0 ? -1 : random.nextInt(columns);
            case RANGE -> which == 0 ? -2.0 : 6.0 + random.nextInt(9);
            // Poly-1 is without focus, and the focus of weight 0 is none.
            case LOGISTIC -> which == 1 && (seed & 32) == 0 ? 0.0 : which == 2 ? 0.25 : random.nextInt(1, 5) / 2.0;
            default -> random.nextBoolean() ? random.nextGaussian() : SCALARS[random.nextInt(SCALARS.length)];
        };
    }

    private static MemorySegment shorts(Arena arena, Random random, int count) {
        MemorySegment segment = arena.allocate((count + 1L) * Short.BYTES, 64).asSlice(Short.BYTES);
        for (int i = 0; i < count; i++) {
            segment.setAtIndex(JAVA_SHORT, i, (short) random.nextInt());
        }
        return segment;
    }

    /** Aligned to its elements, and to no more. */
    private MemorySegment elements(Arena arena, Random random, int count, Data like) {
        MemorySegment segment = arena.allocate((count + 1L) * type.bytes(), 64).asSlice(type.bytes());
        for (int i = 0; i < count; i++) {
            if (type == ElementType.FLOAT32) {
                float bits = Float.intBitsToFloat(random.nextInt());
                segment.setAtIndex(JAVA_FLOAT, i, like == Data.BITS ? bits : (float) element(random, like));
            } else {
                double bits = Double.longBitsToDouble(random.nextLong());
                segment.setAtIndex(JAVA_DOUBLE, i, like == Data.BITS ? bits : element(random, like));
            }
        }
        return segment;
    }

    private static double element(Random random, Data like) {
        return switch (like) {
            case NORMAL, BITS -> 3 * random.nextGaussian();
            case UNIT -> random.nextInt(8) == 0 ? random.nextInt(2) : random.nextDouble();
            case WIDE -> 60 * random.nextGaussian();
            case SPECIAL ->
                random.nextInt(4) == 0 ? SPECIAL_VALUES[random.nextInt(SPECIAL_VALUES.length)] : random.nextGaussian();
            case EMPTY -> random.nextInt(100) == 0 ? -0.0 : Double.NEGATIVE_INFINITY;
        };
    }

    private static LongStream bytes(MemorySegment segment) {
        return LongStream.range(0, segment.byteSize()).map(i -> segment.get(JAVA_BYTE, i));
    }
}
