package org.crossentropy.tck;

import java.util.ArrayList;
import java.util.List;
import org.crossentropy.api.ElementType;

/** The shapes that are tried: around every lane count, block length and group size, and vocabularies. */
public final class Grid {

    /** The system property that sets the seed. */
    public static final String SEED_PROPERTY = "org.crossentropy.test.seed";

    /** The seed where the property is not set. */
    public static final long DEFAULT_SEED = 20_260_101;

    private static final int[] SMALL_CLASSES = {1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129};
    private static final int[] MIDDLE_CLASSES = {511, 512, 513, 1000, 1023, 1024, 1025, 1537, 2049, 4097};
    private static final int[] VOCABULARIES = {32_000, 50_257, 128_256};
    private static final int[] ROWS = {0, 1, 2, 17};
    private static final MemoryKind[] KINDS = MemoryKind.values();

    private Grid() {}

    /** How much of the grid is tried. */
    public enum Extent {
        /** A second: every kind of logits, few shapes. */
        QUICK,
        /** Everything. */
        FULL
    }

    /**
     * {@return the seed of the tests}
     */
    public static long seed() {
        return Long.getLong(SEED_PROPERTY, DEFAULT_SEED);
    }

    /**
     * Returns shapes for comparing backends with each other. Kind of memory and padding change from shape to shape, so
     * that each meets each number of classes and each kind of logits.
     *
     * @param extent how much
     * @param seed seed
     * @return shapes
     */
    public static List<Batch.Shape> shapes(Extent extent, long seed) {
        Collector collector = new Collector(seed);
        if (extent == Extent.QUICK) {
            collector.add(new int[] {1, 17, 129, 1025}, new int[] {2}, DataFamily.values());
            collector.add(new int[] {32_000}, new int[] {1}, DataFamily.NORMAL);
            return collector.shapes;
        }
        collector.add(SMALL_CLASSES, ROWS, DataFamily.values());
        collector.add(MIDDLE_CLASSES, new int[] {1, 17}, DataFamily.values());
        collector.add(new int[] {5, 10, 65, 1000}, new int[] {600}, DataFamily.MIXED);
        collector.add(new int[] {50_257}, new int[] {1}, DataFamily.values());
        collector.add(
                VOCABULARIES,
                new int[] {0, 2},
                DataFamily.NORMAL,
                DataFamily.RISING,
                DataFamily.LEADING_MINUS_INFINITY,
                DataFamily.NAN);
        return collector.shapes;
    }

    /**
     * Returns shapes for comparing a backend with the oracle, which takes far longer than any backend.
     *
     * @param type element type
     * @param seed seed
     * @return shapes
     */
    public static List<Batch.Shape> oracleShapes(ElementType type, long seed) {
        Collector collector = new Collector(seed);
        collector.add(SMALL_CLASSES, new int[] {5}, DataFamily.values());
        collector.add(new int[] {511, 513, 1000, 1025, 2049}, new int[] {2}, DataFamily.values());
        collector.add(new int[] {2, 3, 10}, new int[] {200}, DataFamily.NORMAL, DataFamily.CONFIDENT);
        collector.add(new int[] {20, 100, 1024}, new int[] {40}, DataFamily.ABSORBED, DataFamily.CONFIDENT);
        collector.add(new int[] {4097}, new int[] {1}, DataFamily.RISING, DataFamily.FALLING, DataFamily.NORMAL);
        return collector.shapes.stream().filter(shape -> shape.type() == type).toList();
    }

    private static final class Collector {
        final List<Batch.Shape> shapes = new ArrayList<>();
        private final long seed;

        Collector(long seed) {
            this.seed = seed;
        }

        void add(int[] classes, int[] rows, DataFamily... families) {
            for (int count : classes) {
                for (int rowCount : rows) {
                    for (DataFamily family : families) {
                        add(ElementType.FLOAT32, rowCount, count, family);
                        add(ElementType.FLOAT64, rowCount, count, family);
                    }
                }
            }
        }

        private void add(ElementType type, int rows, int classes, DataFamily family) {
            int number = shapes.size();
            // 11 has no factor in common with the sizes of the loops around.
            int turn = number * 11 / 2 + number;
            MemoryKind memory = KINDS[turn % KINDS.length];
            int padding = turn / KINDS.length % 3 == 0 ? 0 : turn % 29;
            shapes.add(new Batch.Shape(seed + number, type, rows, classes, padding, family, memory));
        }
    }
}
