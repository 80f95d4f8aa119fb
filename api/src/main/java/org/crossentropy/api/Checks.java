package org.crossentropy.api;

import java.lang.foreign.MemorySegment;

/** Argument checks of the façades; every message names the argument, the value and the rule. */
final class Checks {

    private Checks() {}

    static void atLeast(String name, long value, long minimum) {
        if (value < minimum) {
            throw new IllegalArgumentException(name + " is " + value + ", must be at least " + minimum);
        }
    }

    static double positive(String name, double value) {
        if (!(value >= Double.MIN_NORMAL && value < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(name + " is " + value + ", must be finite and greater than 0");
        }
        return value;
    }

    static double finiteNotNegative(String name, double value) {
        if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(name + " is " + value + ", must be finite and at least 0");
        }
        return value + 0.0;
    }

    /** The bound of logarithms, infinite for none. */
    static double logBound(double bound) {
        if (!(bound > 0)) {
            throw new IllegalArgumentException("logClamp bound is " + bound
                    + ", must be greater than 0: logarithms are cut at minus the bound; infinite for none");
        }
        return bound;
    }

    /** The coefficient of poly-1. */
    static double polyCoefficient(double epsilon) {
        if (!(epsilon >= -1 && epsilon < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("poly1 epsilon is " + epsilon
                    + ", must be finite and at least -1, so that the loss falls as the target's probability rises");
        }
        return epsilon;
    }

    static void forClasses(String option, boolean present) {
        if (present) {
            throw new IllegalArgumentException(
                    option + " and soft targets cannot be combined: it is for targets that are"
                            + " classes; use class indices or leave it out");
        }
    }

    /** Rejects two options whose combination has no meaning that all would expect. */
    static void exclusive(String first, boolean hasFirst, String second, boolean hasSecond) {
        if (hasFirst && hasSecond) {
            throw new IllegalArgumentException(first + " and " + second
                    + " cannot be combined: their product has no agreed meaning; use one of them");
        }
    }

    static void room(String what, MemorySegment segment, long elements, int bytesEach) {
        if (elements < 0 || elements > segment.byteSize() / bytesEach) {
            throw new IllegalArgumentException(what + " needs "
                    + (elements < 0 ? "more than 2^63" : Long.toString(elements)) + " elements of " + bytesEach
                    + " bytes, the segment holds " + segment.byteSize() / bytesEach);
        }
    }

    static void sameShape(String firstName, Matrix first, String secondName, Matrix second) {
        shape(firstName, first, secondName, second);
        if (first.type() != second.type()) {
            throw new IllegalArgumentException(secondName + " is " + second.type() + ", must have the element type of "
                    + firstName + ", " + first.type());
        }
    }

    /** Rejects an operand of another shape than the first, or one that is computed in another format. */
    static void fits(String firstName, Matrix first, String secondName, Matrix second) {
        shape(firstName, first, secondName, second);
        if (first.type().arithmetic() != second.type().arithmetic()) {
            throw new IllegalArgumentException(secondName + " is " + second.type()
                    + ", must be computed in the same format as " + firstName + ", "
                    + first.type().arithmetic());
        }
    }

    static void shape(String firstName, Matrix first, String secondName, Matrix second) {
        if (first.rows() != second.rows() || first.columns() != second.columns()) {
            throw new IllegalArgumentException(secondName + " is " + second.rows() + " x " + second.columns()
                    + ", must have the shape of " + firstName + ", " + first.rows() + " x " + first.columns());
        }
    }

    static void hasColumns(String name, Matrix matrix) {
        if (matrix.columns() == 0) {
            throw new IllegalArgumentException(name + " has 0 columns, must have at least 1");
        }
    }

    static void perRow(String name, long count, Matrix matrix) {
        if (count != matrix.rows()) {
            throw new IllegalArgumentException(
                    name + " has " + count + " elements, must have one for each of the " + matrix.rows() + " rows");
        }
    }

    static void hasClasses(Matrix logits) {
        if (logits.columns() == 0) {
            throw new IllegalArgumentException("logits have 0 classes, must have at least 1");
        }
    }

    static void writable(String name, MemorySegment segment) {
        if (segment.isReadOnly()) {
            throw new IllegalArgumentException(name + " is read-only, must be writable");
        }
    }

    static void alive(String name, MemorySegment segment) {
        if (!segment.scope().isAlive()) {
            throw new IllegalStateException("the arena of " + name + " is closed");
        }
        if (!segment.isAccessibleBy(Thread.currentThread())) {
            throw new IllegalStateException(
                    "the arena of " + name + " is confined to another thread; use it there or take a shared arena");
        }
    }

    /** Rejects an output that shares memory with an input, unless the two are exactly the same matrix. */
    static void apartOrSame(String inputName, Matrix input, String outputName, Matrix output) {
        if (input != output
                && overlaps(input.segment(), output.segment())
                && !sameElements(input, output)
                && !interleaved(input, output)) {
            throw new IllegalArgumentException(outputName + " overlaps " + inputName
                    + " in memory; it must be apart from it, or be exactly the same matrix (in place)");
        }
    }

    static void apart(String inputName, MemorySegment input, String outputName, MemorySegment output) {
        if (overlaps(input, output)) {
            throw new IllegalArgumentException(
                    outputName + " overlaps " + inputName + " in memory; they must be apart");
        }
    }

    private static boolean overlaps(MemorySegment a, MemorySegment b) {
        return a.byteSize() > 0 && b.byteSize() > 0 && a.asOverlappingSlice(b).isPresent();
    }

    private static boolean sameElements(Matrix a, Matrix b) {
        return a.rowStride() == b.rowStride() && distance(a, b) == 0;
    }

    /** Whether two matrices lie side by side in the rows of one larger matrix and share no element. */
    private static boolean interleaved(Matrix a, Matrix b) {
        if (a.rowStride() != b.rowStride() || a.rowStride() == 0) {
            return false;
        }
        long strideBytes = a.rowStride() * a.type().bytes();
        long phase = Math.floorMod(distance(a, b), strideBytes);
        return phase >= (long) a.columns() * a.type().bytes()
                && strideBytes - phase >= (long) b.columns() * b.type().bytes();
    }

    /** Bytes from the start of a to the start of b, which share an array or are both off-heap. */
    private static long distance(Matrix a, Matrix b) {
        return b.segment().address() - a.segment().address();
    }
}
