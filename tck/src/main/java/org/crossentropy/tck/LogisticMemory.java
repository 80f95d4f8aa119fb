package org.crossentropy.tck;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.spi.LogisticRows;

/**
 * A {@link LogisticCase} in memory, each operand in a kind of its own, with marks around it and between its rows; and next
 * to each what must be there after the call. A NaN among the operands has any sign and payload, since what comes out must
 * not depend on them.
 */
final class LogisticMemory {

    /** Elements before an operand and behind it. */
    private static final int MARGIN = 16;

    private static final MemoryKind[] KINDS = {
        MemoryKind.HEAP,
        MemoryKind.HEAP_BYTES,
        MemoryKind.OFF_HEAP,
        MemoryKind.OFF_HEAP_SHIFTED,
        MemoryKind.OFF_HEAP_ODD
    };

    private static final int[] GAPS = {0, 0, 1, 5, 16};

    private static final int ODD_NAN = 0xffc1_2345;
    private static final long ODD_NAN_OF_DOUBLE = 0xfff8_1234_5678_9abcL;

    private final LogisticCase call;
    private final SplittableRandom random;
    private final Arena arena;
    private final LogisticRows rows;
    private final List<Operand> operands = new ArrayList<>();

    /** A matrix with its margins, and what its memory must hold after the call. */
    private static final class Operand {
        final String name;
        final ElementType type;
        final int rows;
        final int columns;
        final int stride;
        final MemorySegment all;
        final MemorySegment wanted;

        Operand(String name, ElementType type, int rows, int columns, int stride, MemorySegment all) {
            this.name = name;
            this.type = type;
            this.rows = rows;
            this.columns = columns;
            this.stride = stride;
            this.all = all;
            all.fill(Batch.MARK);
            this.wanted = MemorySegment.ofArray(all.toArray(JAVA_BYTE));
        }

        MemorySegment data() {
            long bytes = all.byteSize() - 2L * MARGIN * type.bytes();
            return all.asSlice((long) MARGIN * type.bytes(), bytes);
        }

        /** Sets the elements of the matrix. */
        void put(MemorySegment to, double[] values, boolean oddNaN) {
            for (int i = 0; i < rows * columns; i++) {
                long at = ((long) MARGIN + (long) (i / columns) * stride + i % columns) * type.bytes();
                if (type == ElementType.FLOAT64) {
                    long nan = oddNaN ? ODD_NAN_OF_DOUBLE : Double.doubleToLongBits(Double.NaN);
                    to.set(JAVA_LONG_UNALIGNED, at, Double.isNaN(values[i]) ? nan : Double.doubleToLongBits(values[i]));
                } else {
                    int nan = oddNaN ? ODD_NAN : Float.floatToIntBits(Float.NaN);
                    float value = (float) values[i];
                    to.set(JAVA_INT_UNALIGNED, at, Float.isNaN(value) ? nan : Float.floatToIntBits(value));
                }
            }
        }

        String difference() {
            long at = all.mismatch(wanted);
            if (at < 0) {
                return "";
            }
            long element = at / type.bytes() - MARGIN;
            long start = Math.min(at, all.byteSize() - type.bytes()) / type.bytes() * type.bytes();
            return String.format(
                    "%s: row %d, element %d of its stride %d is %s, must be %s",
                    name,
                    Math.floorDiv(element, stride),
                    Math.floorMod(element, stride),
                    stride,
                    at(all, start),
                    at(wanted, start));
        }

        private String at(MemorySegment segment, long at) {
            if (type == ElementType.FLOAT64) {
                long bits = segment.get(JAVA_LONG_UNALIGNED, at);
                return String.format("%a (bits %#x)", Double.longBitsToDouble(bits), bits);
            }
            int bits = segment.get(JAVA_INT_UNALIGNED, at);
            return String.format("%a (bits %#x)", Float.intBitsToFloat(bits), bits);
        }
    }

    LogisticMemory(LogisticCase call, SplittableRandom random, Arena arena) {
        this.call = call;
        this.random = random;
        this.arena = arena;
        this.rows = new LogisticRows().begin(call.type, call.rows, call.columns);
        fill(new LogisticReference(call));
    }

    /** {@return the arguments of the call} */
    LogisticRows rows() {
        return rows;
    }

    private void fill(LogisticReference expected) {
        Operand logits = matrix("logits", gap());
        input(logits, call.logits);
        rows.logits(logits.data(), logits.stride);
        Operand targets = matrix("targets", gap());
        rows.targets(input(targets, call.targets), targets.stride);
        if (call.weights != null) {
            Operand weights = matrix("weights", gap());
            rows.weights(input(weights, call.weights), weights.stride);
        }
        if (call.positiveWeights != null) {
            rows.positiveWeights(
                    input(operand("positiveWeights", call.type, 1, call.columns, 0), call.positiveWeights));
        }
        Operand sums = operand("sums", ElementType.FLOAT64, call.rows, 1, 0);
        sums.put(sums.wanted, expected.sums, false);
        MemorySegment losses = MemorySegment.NULL;
        if (call.wantLosses) {
            Operand matrix = matrix("losses", 0);
            matrix.put(matrix.wanted, expected.losses, false);
            losses = matrix.data();
        }
        rows.outputs(sums.data(), losses);
        if (call.wantGradient) {
            Operand gradient = call.inPlace ? logits : matrix("gradient", gap());
            gradient.put(gradient.wanted, expected.gradient, false);
            Operand factors = operand("factors", ElementType.FLOAT64, call.factors.length, 1, 0);
            int step = call.factors.length == 1 ? 0 : 1;
            rows.gradient(gradient.data(), gradient.stride, input(factors, call.factors), step);
        }
    }

    private int gap() {
        return GAPS[random.nextInt(GAPS.length)];
    }

    private Operand matrix(String name, int gap) {
        return operand(name, call.type, call.rows, call.columns, gap);
    }

    private Operand operand(String name, ElementType type, int count, int columns, int gap) {
        int stride = columns + gap;
        int elements = Math.max(0, count * stride - gap);
        MemoryKind kind = KINDS[random.nextInt(KINDS.length)];
        MemorySegment all = kind.allocate(arena, type, elements + 2L * MARGIN);
        Operand operand = new Operand(name, type, count, columns, stride, all);
        operands.add(operand);
        return operand;
    }

    private static MemorySegment input(Operand operand, double[] values) {
        operand.put(operand.all, values, true);
        operand.put(operand.wanted, values, true);
        return operand.data();
    }

    /** {@return what is not as it must be, or nothing} */
    String differences() {
        StringBuilder differences = new StringBuilder();
        for (Operand operand : operands) {
            differences.append(operand.difference());
        }
        return differences.toString();
    }
}
