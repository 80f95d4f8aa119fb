package org.crossentropy.tck;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.crossentropy.api.ElementType;
import org.crossentropy.api.spi.TileStep;
import org.jspecify.annotations.Nullable;

/**
 * A {@link TileCase} in off-heap memory, every operand aligned to its elements and to no more, between marked bytes. A
 * NaN among the operands has any sign and payload, since what comes out must not depend on them.
 */
final class TileMemory {

    private static final byte MARK = 0x5a;
    private static final int MARGIN = 64;

    private static final int ODD_NAN = 0xffc1_2345;
    private static final long ODD_NAN_OF_DOUBLE = 0xfff8_1234_5678_9abcL;

    private final TileCase tile;
    private final Arena arena;
    private final TileStep step = new TileStep();

    /** Everything that was allocated, with its margins, and the names of it. */
    private final List<MemorySegment> marked = new ArrayList<>();

    private final List<String> names = new ArrayList<>();

    /** Copies of the operands that are only read. */
    private final List<MemorySegment> read = new ArrayList<>();

    private final List<byte[]> before = new ArrayList<>();

    TileMemory(TileCase tile, Arena arena) {
        this.tile = tile;
        this.arena = arena;
        step.begin(tile.operation(), tile.type(), tile.rows(), tile.columns());
        fill();
    }

    TileStep step() {
        return step;
    }

    private void fill() {
        MemorySegment a = input("a", tile.a(), TileCase.WIDENING.contains(tile.operation()));
        MemorySegment b = tile.hasB() ? input("b", tile.b(), false) : MemorySegment.NULL;
        MemorySegment c = tile.c() != null ? input("c", tile.c(), false) : MemorySegment.NULL;
        step.a(a).b(b);
        byte[] mask = tile.maskBytes();
        if (mask != null) {
            MemorySegment bytes = allocate("c", mask.length, 1);
            MemorySegment.copy(mask, 0, bytes, JAVA_BYTE, 0, mask.length);
            step.c(remember(bytes), tile.isMaskShared());
        } else {
            step.c(c, false);
        }
        if (tile.column() != null) {
            step.column(input("column", tile.column(), false));
        }
        if (tile.scalars() != null) {
            step.scalars(remember(doubles("scalars", tile.scalars())), tile.scalarStep());
        }
        if (tile.hasOut()) {
            step.out(out(a, b, c));
        }
        double[] results = new double[tile.resultCount()];
        Arrays.fill(results, TileCase.UNTOUCHED);
        step.results(results.length == 0 ? MemorySegment.NULL : doubles("results", results));
    }

    /** The tile that is written: memory of its own, or that of the operand whose values it has. */
    private MemorySegment out(MemorySegment a, MemorySegment b, MemorySegment c) {
        MemorySegment operand = switch (tile.inPlace()) {
            case NONE -> elements("out", tile.out(), TileCase.NARROWING.contains(tile.operation()), false);
            case A -> a;
            case B -> b;
            case C -> c;
        };
        if (tile.inPlace() == TileCase.InPlace.NONE) {
            return operand;
        }
        int at = read.indexOf(operand);
        read.remove(at);
        before.remove(at);
        return operand;
    }

    private MemorySegment input(String name, double[] values, boolean isShort) {
        return remember(elements(name, values, isShort, true));
    }

    private MemorySegment elements(String name, double[] values, boolean isShort, boolean oddNaN) {
        int bytes = isShort ? Short.BYTES : tile.type().bytes();
        MemorySegment segment = allocate(name, (long) values.length * bytes, bytes);
        for (int i = 0; i < values.length; i++) {
            if (isShort) {
                segment.setAtIndex(JAVA_SHORT, i, (short) (int) values[i]);
            } else if (Double.isNaN(values[i])) {
                putNaN(segment, i, oddNaN);
            } else if (tile.type() == ElementType.FLOAT64) {
                segment.setAtIndex(JAVA_DOUBLE, i, values[i]);
            } else {
                segment.setAtIndex(JAVA_FLOAT, i, (float) values[i]);
            }
        }
        return segment;
    }

    private void putNaN(MemorySegment segment, int i, boolean odd) {
        if (tile.type() == ElementType.FLOAT64) {
            segment.setAtIndex(JAVA_LONG, i, odd ? ODD_NAN_OF_DOUBLE : Double.doubleToLongBits(Double.NaN));
        } else {
            segment.setAtIndex(JAVA_INT, i, odd ? ODD_NAN : Float.floatToIntBits(Float.NaN));
        }
    }

    private MemorySegment doubles(String name, double[] values) {
        MemorySegment segment = allocate(name, (long) values.length * Double.BYTES, Double.BYTES);
        MemorySegment.copy(values, 0, segment, JAVA_DOUBLE, 0, values.length);
        return segment;
    }

    private MemorySegment allocate(String name, long bytes, int alignment) {
        MemorySegment all = arena.allocate(bytes + 2 * MARGIN + alignment, MARGIN);
        all.fill(MARK);
        marked.add(all);
        names.add(name);
        return all.asSlice(MARGIN + (long) alignment, bytes);
    }

    private MemorySegment remember(MemorySegment segment) {
        read.add(segment);
        before.add(segment.toArray(JAVA_BYTE));
        return segment;
    }

    /** {@return the bits of an element of the tile that was written} */
    long outBits(int i) {
        if (TileCase.NARROWING.contains(tile.operation())) {
            return step.out().getAtIndex(JAVA_SHORT, i) & 0xffff;
        }
        return tile.type() == ElementType.FLOAT64
                ? step.out().getAtIndex(JAVA_LONG, i)
                : Integer.toUnsignedLong(step.out().getAtIndex(JAVA_INT, i));
    }

    /** {@return the bits that an element must have, NaN in its one form} */
    long outBits(double expected) {
        if (TileCase.NARROWING.contains(tile.operation())) {
            return (int) expected;
        }
        return tile.type() == ElementType.FLOAT64
                ? Double.doubleToLongBits(expected)
                : Integer.toUnsignedLong(Float.floatToIntBits((float) expected));
    }

    long resultBits(int i) {
        return step.results().getAtIndex(JAVA_LONG, i);
    }

    /** {@return what was written and should not have been, or nothing} */
    String damage() {
        for (int i = 0; i < read.size(); i++) {
            if (!Arrays.equals(before.get(i), read.get(i).toArray(JAVA_BYTE))) {
                return "an operand that is only read, number " + i;
            }
        }
        for (int i = 0; i < marked.size(); i++) {
            MemorySegment all = marked.get(i);
            long end = all.byteSize() - MARGIN;
            @Nullable String where = null;
            for (long at = 0; at < MARGIN; at++) {
                where = all.get(JAVA_BYTE, at) != MARK ? "before " : where;
                where = all.get(JAVA_BYTE, end + at) != MARK ? "after " : where;
            }
            if (where != null) {
                return where + names.get(i);
            }
        }
        return "";
    }
}
