package org.crossentropy.jvm;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.spi.LossKernels;
import org.crossentropy.api.spi.SoftmaxRows;

/**
 * One call of a row kernel with seeded data, to be run on several kernels.
 *
 * @param kernel which kernel
 * @param type element type
 * @param classes number of classes
 * @param rowCount number of rows
 * @param data what the logits look like
 * @param memory where logits and gradient lie
 * @param targets whether there are targets
 * @param weighted whether there are class weights
 * @param spread whether the spread is wanted
 * @param padding elements between rows
 * @param alpha gradient coefficient
 * @param beta gradient coefficient
 * @param seed of the data
 */
record RowCase(
        Kernel kernel,
        ElementType type,
        int classes,
        int rowCount,
        Data data,
        Memory memory,
        boolean targets,
        boolean weighted,
        boolean spread,
        int padding,
        double alpha,
        double beta,
        long seed) {

    enum Kernel {
        FORWARD,
        GRADIENT,
        GRADIENT_IN_PLACE,
        LOG_SOFTMAX,
        LOG_SOFTMAX_IN_PLACE;

        boolean inPlace() {
            return this == GRADIENT_IN_PLACE || this == LOG_SOFTMAX_IN_PLACE;
        }
    }

    enum Data {
        NORMAL,
        ASCENDING,
        DESCENDING,
        CONSTANT,
        WIDE,
        HUGE,
        INFINITE_START,
        SPARSE,
        EMPTY,
        NAN,
        POSITIVE_INFINITY,
        SUBNORMAL,
        ZEROS,
        SURE
    }

    enum Memory {
        HEAP,
        OFF_HEAP,
        OFF_HEAP_UNALIGNED,
        MIXED,
        BYTES,
        READ_ONLY
    }

    /** {@return a case whose other properties follow from a seed} */
    static RowCase random(ElementType type, int classes, int rowCount, Data data, long seed) {
        Random random = new Random(seed);
        Kernel kernel = Kernel.values()[random.nextInt(Kernel.values().length)];
        Memory memory = Memory.values()[random.nextInt(Memory.values().length)];
        double[] alphas = {1, 0.37, -0.5, 0, 1e-30, 1e39, Double.NaN};
        double[] betas = {0, 0, 0.01, -0.25, -0.0, Double.POSITIVE_INFINITY};
        return new RowCase(
                kernel,
                type,
                classes,
                rowCount,
                data,
                kernel.inPlace() && memory == Memory.READ_ONLY ? Memory.HEAP : memory,
                random.nextInt(4) != 0,
                random.nextBoolean(),
                random.nextBoolean(),
                random.nextBoolean() ? 0 : 1 + random.nextInt(5),
                alphas[random.nextInt(4) == 0 ? random.nextInt(alphas.length) : random.nextInt(2)],
                betas[random.nextInt(4) == 0 ? random.nextInt(betas.length) : random.nextInt(3)],
                seed);
    }

    /** {@return every bit that the kernels leave behind: row outputs, then logits, then gradient, padding included} */
    long[] run(LossKernels kernels) {
        try (Arena arena = Arena.ofConfined()) {
            long elements = (long) Math.max(1, rowCount) * (classes + padding) + 7;
            MemorySegment logits = allocate(arena, elements, memory == Memory.MIXED ? Memory.HEAP : memory);
            MemorySegment gradient = kernel.inPlace()
                    ? logits
                    : allocate(
                            arena,
                            elements,
                            switch (memory) {
                                case MIXED -> Memory.OFF_HEAP;
                                case READ_ONLY -> Memory.HEAP;
                                default -> memory;
                            });
            fillLogits(logits, elements);
            if (!kernel.inPlace()) {
                gradient.fill((byte) 0x5a);
            }
            MemorySegment outputs = MemorySegment.ofArray(new double[3 * rowCount + 3]);
            MemorySegment source = memory == Memory.READ_ONLY ? logits.asReadOnly() : logits;
            SoftmaxRows rows = arguments(arena, source, gradient, outputs, kernels.workspaceBytes(type, classes));
            switch (kernel) {
                case FORWARD -> kernels.softmaxForward(rows);
                case GRADIENT, GRADIENT_IN_PLACE -> kernels.softmaxGradient(rows);
                case LOG_SOFTMAX, LOG_SOFTMAX_IN_PLACE -> kernels.logSoftmax(rows);
            }
            return bits(outputs, logits, gradient);
        }
    }

    private SoftmaxRows arguments(
            Arena arena, MemorySegment logits, MemorySegment gradient, MemorySegment outputs, long workspaceBytes) {
        Random random = new Random(seed + 1);
        MemorySegment workspace = arena.allocate(Math.max(64, workspaceBytes), 64);
        workspace.fill((byte) 0xff);
        MemorySegment targetIndices = MemorySegment.NULL;
        if (targets) {
            targetIndices = MemorySegment.ofArray(new int[rowCount + 4]);
            for (int i = 0; i < rowCount; i++) {
                int target = random.nextInt(6) == 0 ? -1 - random.nextInt(100) : random.nextInt(classes);
                targetIndices.setAtIndex(JAVA_INT_UNALIGNED, 3 + i, target);
            }
        }
        MemorySegment weights = MemorySegment.NULL;
        double total = classes;
        if (weighted) {
            weights = allocate(arena, classes, memory == Memory.MIXED ? Memory.OFF_HEAP : memory);
            total = 0;
            for (int j = 0; j < classes; j++) {
                float weight = random.nextInt(5) == 0 ? 0f : random.nextFloat();
                set(weights, j, weight);
                total += weight;
            }
        }
        double[] triples = new double[3 * rowCount];
        for (int i = 0; i < rowCount; i++) {
            triples[3 * i] = alpha;
            triples[3 * i + 1] = beta;
            triples[3 * i + 2] = random.nextDouble();
        }
        long slice = 8L * (rowCount + 1);
        return new SoftmaxRows()
                .logits(type, logits, classes + padding, classes)
                .range(0, rowCount)
                .targets(targetIndices, 3)
                .classWeights(weights, total)
                .emptyRowsZero(random.nextBoolean())
                .rowOutputs(
                        targets ? outputs.asSlice(0, slice) : MemorySegment.NULL,
                        outputs.asSlice(slice, slice),
                        spread ? outputs.asSlice(2 * slice, slice) : MemorySegment.NULL)
                .gradient(kernel == Kernel.FORWARD ? MemorySegment.NULL : gradient, classes + padding)
                .coefficients(MemorySegment.ofArray(triples), 3)
                .workspace(workspace);
    }

    private MemorySegment allocate(Arena arena, long elements, Memory where) {
        long bytes = elements * type.bytes();
        return switch (where) {
            case OFF_HEAP, MIXED -> arena.allocate(bytes, 64);
            case OFF_HEAP_UNALIGNED -> arena.allocate(bytes + 64, 64).asSlice(type.bytes(), bytes);
            case BYTES -> MemorySegment.ofArray(new byte[(int) bytes + 3]).asSlice(3, bytes);
            case HEAP, READ_ONLY ->
                type == ElementType.FLOAT32
                        ? MemorySegment.ofArray(new float[(int) elements + 1]).asSlice(4, bytes)
                        : MemorySegment.ofArray(new double[(int) elements + 1]).asSlice(8, bytes);
        };
    }

    private void fillLogits(MemorySegment logits, long elements) {
        Random random = new Random(seed + 2);
        for (long j = 0; j < elements; j++) {
            set(logits, j, logit(random, (int) (j % (classes + padding))));
        }
        // Few special values, so that most lanes are ordinary.
        for (int i = 0; i < rowCount; i++) {
            long at = (long) i * (classes + padding) + random.nextInt(classes);
            if (data == Data.NAN && i % 3 != 2) {
                setNaN(logits, at, random.nextBoolean());
            } else if (data == Data.POSITIVE_INFINITY && i % 3 != 2) {
                set(logits, at, Double.POSITIVE_INFINITY);
            } else if (data == Data.SURE) {
                set(logits, at, 200 * random.nextDouble());
            }
        }
    }

    private double logit(Random random, int j) {
        double normal = random.nextGaussian();
        return switch (data) {
            case NORMAL, NAN, POSITIVE_INFINITY, SURE -> 3 * normal;
            case ASCENDING -> 0.05 * j + normal;
            case DESCENDING -> -0.05 * j + normal;
            case CONSTANT -> 1.25;
            case WIDE -> 60 * normal;
            case HUGE -> 3e38 * Math.max(-1, Math.min(1, normal));
            case INFINITE_START -> j < 2100 && j < classes - 1 ? Double.NEGATIVE_INFINITY : normal;
            case SPARSE -> random.nextInt(3) == 0 ? normal : Double.NEGATIVE_INFINITY;
            case EMPTY -> Double.NEGATIVE_INFINITY;
            case SUBNORMAL -> 1e-40 * normal;
            case ZEROS -> random.nextBoolean() ? 0.0 : -0.0;
        };
    }

    private void set(MemorySegment segment, long index, double value) {
        if (type == ElementType.FLOAT32) {
            segment.setAtIndex(JAVA_FLOAT_UNALIGNED, index, (float) value);
        } else {
            segment.setAtIndex(JAVA_DOUBLE_UNALIGNED, index, value);
        }
    }

    private void setNaN(MemorySegment segment, long index, boolean negative) {
        if (type == ElementType.FLOAT32) {
            segment.setAtIndex(JAVA_INT_UNALIGNED, index, negative ? 0xffc1_2345 : 0x7fc0_00ff);
        } else {
            segment.setAtIndex(JAVA_LONG_UNALIGNED, index, negative ? 0xfff8_1234_5678_9abcL : 0x7ff8_0000_0000_00ffL);
        }
    }

    private static long[] bits(MemorySegment... segments) {
        return Arrays.stream(segments)
                .flatMapToLong(segment -> Arrays.stream(bytes(segment)))
                .toArray();
    }

    private static long[] bytes(MemorySegment segment) {
        long[] words = new long[(int) ((segment.byteSize() + 7) / 8)];
        MemorySegment.copy(segment, JAVA_BYTE, 0, MemorySegment.ofArray(words), JAVA_BYTE, 0, segment.byteSize());
        return words;
    }
}
