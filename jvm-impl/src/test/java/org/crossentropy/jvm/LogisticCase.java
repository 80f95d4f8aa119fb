package org.crossentropy.jvm;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.spi.LogisticRows;
import org.crossentropy.api.spi.LossKernels;

/**
 * One call of the kernel of binary cross-entropy with seeded data, to be run on several kernels.
 *
 * @param type element type
 * @param rows number of rows
 * @param columns elements of a row
 * @param data what the elements look like
 * @param hasWeights whether elements have weights
 * @param hasColumn whether columns have weights of the positive side
 * @param wantLosses whether the losses of elements are asked for
 * @param wantGradient whether the gradient is asked for
 * @param inPlace whether the gradient is the same memory as the logits
 * @param factorPerRow whether each row has a factor of its own
 * @param gap elements between the rows of a matrix
 * @param seed of the data
 */
record LogisticCase(
        ElementType type,
        int rows,
        int columns,
        Data data,
        boolean hasWeights,
        boolean hasColumn,
        boolean wantLosses,
        boolean wantGradient,
        boolean inPlace,
        boolean factorPerRow,
        int gap,
        long seed) {

    /** How many combinations of operands there are. */
    static final int VARIANTS = 64;

    enum Data {
        NORMAL,
        WIDE,
        SPECIAL,
        OUTSIDE,
        BITS
    }

    private static final double[] SPECIAL_LOGITS = {
        0,
        -0.0,
        Double.NaN,
        Double.POSITIVE_INFINITY,
        Double.NEGATIVE_INFINITY,
        Double.MIN_VALUE,
        -Float.MIN_VALUE,
        -1e-40,
        Double.MAX_VALUE,
        -Float.MAX_VALUE,
        87.336,
        -87.337,
        708.39,
        -708.4
    };

    private static final double[] SPECIAL_TARGETS = {-0.0, Double.NaN, Double.MIN_VALUE, Float.MIN_VALUE, 1 - 0x1p-53};

    private static final double[] OUTSIDE_TARGETS = {
        -Float.MIN_VALUE, -0.5, 1 + 0x1p-23, 7, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY
    };

    private static final double[] SPECIAL_WEIGHTS = {0, -0.0, 1, Float.MIN_VALUE, 1e-40, Float.MAX_VALUE};

    private static final double[] SPECIAL_FACTORS = {0, -0.0, 1e300, Double.NaN, Double.NEGATIVE_INFINITY};

    /** What is drawn for an operand. */
    private enum Operand {
        LOGITS,
        TARGETS,
        WEIGHTS
    }

    /** {@return a case whose optional operands are the bits of a number, and whose data follow from it} */
    static LogisticCase of(ElementType type, int rows, int columns, Data data, int variant) {
        return new LogisticCase(
                type,
                rows,
                columns,
                data,
                (variant & 1) != 0,
                (variant & 2) != 0,
                (variant & 4) != 0,
                (variant & 8) != 0,
                (variant & 16) != 0,
                (variant & 32) != 0,
                variant % 3,
                ((rows * 5003L + columns) * 31 + data.name().hashCode()) * VARIANTS + variant);
    }

    /** {@return every byte of all operands and results, which the kernels may have written or not} */
    byte[] run(LossKernels kernels, boolean onHeap) {
        try (Arena arena = Arena.ofConfined()) {
            Memory memory = new Memory(arena, onHeap, new Random(seed));
            kernels.logistic(call(memory));
            return memory.bytes();
        }
    }

    private LogisticRows call(Memory memory) {
        MemorySegment logits = memory.matrix(Operand.LOGITS, gap);
        LogisticRows call = new LogisticRows()
                .begin(type, rows, columns)
                .logits(logits, columns + gap)
                .targets(memory.matrix(Operand.TARGETS, 2 * gap), columns + 2L * gap);
        if (hasWeights) {
            call.weights(memory.matrix(Operand.WEIGHTS, 0), columns);
        }
        if (hasColumn) {
            call.positiveWeights(memory.elements(Operand.WEIGHTS, columns));
        }
        MemorySegment losses = wantLosses ? memory.matrix(Operand.LOGITS, 0) : MemorySegment.NULL;
        call.outputs(memory.doubles(rows), losses);
        if (wantGradient) {
            MemorySegment gradient = inPlace ? logits : memory.matrix(Operand.LOGITS, gap);
            call.gradient(gradient, columns + gap, memory.doubles(Math.max(1, rows)), factorPerRow ? 1 : 0);
        }
        return call;
    }

    private double element(Random random, Operand operand) {
        if (data == Data.BITS) {
            double bits = type == ElementType.FLOAT32
                    ? (double) Float.intBitsToFloat(random.nextInt())
                    : Double.longBitsToDouble(random.nextLong());
            return operand != Operand.WEIGHTS ? bits : Double.isFinite(bits) ? Math.abs(bits) : 0;
        }
        boolean special = data == Data.SPECIAL && random.nextInt(4) == 0;
        return switch (operand) {
            case LOGITS ->
                special ? drawn(random, SPECIAL_LOGITS) : random.nextGaussian() * (data == Data.WIDE ? 100 : 3);
            case TARGETS -> {
                if (data == Data.OUTSIDE && random.nextInt(500) == 0) {
                    yield drawn(random, OUTSIDE_TARGETS);
                }
                yield special
                        ? drawn(random, SPECIAL_TARGETS)
                        : random.nextInt(4) == 0 ? random.nextInt(2) : random.nextDouble();
            }
            case WEIGHTS ->
                special ? drawn(random, SPECIAL_WEIGHTS) : random.nextInt(6) == 0 ? 0 : 2 * random.nextDouble();
        };
    }

    private double factor(Random random) {
        return data == Data.SPECIAL && random.nextBoolean() ? drawn(random, SPECIAL_FACTORS) : random.nextGaussian();
    }

    private static double drawn(Random random, double[] values) {
        return values[random.nextInt(values.length)];
    }

    /** The operands, all on the heap or all off it, there aligned to their elements and to no more. */
    private final class Memory {

        private final Arena arena;
        private final boolean onHeap;
        private final Random random;
        private final List<MemorySegment> all = new ArrayList<>();

        Memory(Arena arena, boolean onHeap, Random random) {
            this.arena = arena;
            this.onHeap = onHeap;
            this.random = random;
        }

        MemorySegment matrix(Operand operand, int gap) {
            return elements(operand, rows * (columns + gap));
        }

        MemorySegment elements(Operand operand, int count) {
            MemorySegment segment = allocate(count, type.bytes());
            for (int i = 0; i < count; i++) {
                double value = element(random, operand);
                if (type == ElementType.FLOAT32) {
                    segment.setAtIndex(JAVA_FLOAT_UNALIGNED, i, (float) value);
                } else {
                    segment.setAtIndex(JAVA_DOUBLE_UNALIGNED, i, value);
                }
            }
            return segment;
        }

        MemorySegment doubles(int count) {
            MemorySegment segment = allocate(count, Double.BYTES);
            for (int i = 0; i < count; i++) {
                segment.setAtIndex(JAVA_DOUBLE_UNALIGNED, i, factor(random));
            }
            return segment;
        }

        private MemorySegment allocate(int count, int elementBytes) {
            MemorySegment segment = onHeap
                    ? heap(count, elementBytes)
                    : arena.allocate((count + 1L) * elementBytes, 64).asSlice(elementBytes);
            all.add(segment);
            return segment;
        }

        private static MemorySegment heap(int count, int elementBytes) {
            return elementBytes == Float.BYTES
                    ? MemorySegment.ofArray(new float[count])
                    : MemorySegment.ofArray(new double[count]);
        }

        byte[] bytes() {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            for (MemorySegment segment : all) {
                bytes.writeBytes(segment.toArray(JAVA_BYTE));
            }
            return bytes.toByteArray();
        }
    }
}
