package org.crossentropy.api;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Class weights, copied from the caller's array and rounded once to each element type, as the kernels read them. */
final class ClassWeights {

    /** The weights as rows of one element type use them. */
    static final class Table {

        private final MemorySegment segment;
        private final double[] values;
        private final double total;

        private Table(MemorySegment segment, double[] values, double total) {
            this.segment = segment;
            this.values = values;
            this.total = total;
        }

        /** In the element type, for the kernels. */
        MemorySegment segment() {
            return segment;
        }

        /** Of one class, rounded to the element type. */
        double of(int target) {
            return values[target];
        }

        /** Sum over the classes. */
        double total() {
            return total;
        }
    }

    private final String name;
    private final double[] given;
    private final Table float64;
    private final Table float32;

    ClassWeights(double[] weights) {
        this("classWeights", weights);
    }

    /**
     * Copies weights.
     *
     * @param name what errors call them
     * @param weights one a class
     * @throws IllegalArgumentException if one is negative, not finite or beyond the range of float
     */
    ClassWeights(String name, double[] weights) {
        this.name = name;
        given = weights.clone();
        for (int i = 0; i < given.length; i++) {
            if (!(given[i] >= 0 && given[i] <= Float.MAX_VALUE)) {
                throw new IllegalArgumentException(
                        name + "[" + i + "] is " + given[i] + ", must be at least 0 and at most " + Float.MAX_VALUE);
            }
            // A weight of -0 is one of +0, so that no sign of zero can come from it.
            given[i] += 0.0;
        }
        float64 = table(ElementType.FLOAT64);
        float32 = table(ElementType.FLOAT32);
    }

    private Table table(ElementType type) {
        MemorySegment segment = Arena.ofAuto().allocate((long) given.length * type.bytes(), 64);
        double[] values = new double[given.length];
        CompensatedSum total = new CompensatedSum();
        for (int i = 0; i < given.length; i++) {
            switch (type) {
                case FLOAT32 -> {
                    segment.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) given[i]);
                    values[i] = (float) given[i];
                }
                case FLOAT64 -> {
                    segment.setAtIndex(ValueLayout.JAVA_DOUBLE, i, given[i]);
                    values[i] = given[i];
                }
                case BFLOAT16, FLOAT16 -> throw new AssertionError(type);
            }
            total.add(values[i]);
        }
        return new Table(segment, values, total.high());
    }

    /** The weights with 0 for classes that do not take part. */
    static ClassWeights masked(@Nullable ClassWeights weights, ClassMask mask) {
        double[] masked = new double[mask.classes()];
        for (int j = 0; j < masked.length; j++) {
            double weight = weights == null ? 1 : weights.given[j];
            masked[j] = mask.isKept(0, j) ? weight : 0;
        }
        return new ClassWeights(masked);
    }

    /** The weights of some consecutive classes. */
    ClassWeights slice(int from, int count) {
        return new ClassWeights(name, Arrays.copyOfRange(given, from, from + count));
    }

    static ClassWeights ones(String name, int classes) {
        double[] ones = new double[classes];
        Arrays.fill(ones, 1);
        return new ClassWeights(name, ones);
    }

    /** The weights, multiplied by a factor. */
    ClassWeights times(double factor) {
        double[] products = given.clone();
        for (int j = 0; j < products.length; j++) {
            products[j] *= factor;
        }
        return new ClassWeights(name, products);
    }

    Table of(ElementType type) {
        return switch (type) {
            case FLOAT32, BFLOAT16, FLOAT16 -> float32;
            case FLOAT64 -> float64;
        };
    }

    void check(int classes) {
        if (given.length != classes) {
            throw new IllegalArgumentException(
                    name + " has " + given.length + " elements, must have one for each of the " + classes + " classes");
        }
    }
}
