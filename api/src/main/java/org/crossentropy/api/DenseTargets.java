package org.crossentropy.api;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Targets that give every class a probability, in whatever form the caller has them, as tiles. */
sealed interface DenseTargets {

    /** Reads the probabilities of some rows into a tile. */
    void load(Tiles tiles, long from, int rows, MemorySegment tile);

    /** A matrix of probabilities. */
    record Full(Matrix probabilities) implements DenseTargets {
        @Override
        public void load(Tiles tiles, long from, int rows, MemorySegment tile) {
            StoredRows.load(tiles, probabilities, from, rows, tile);
        }
    }

    /** A few probabilities a row. */
    record Top(TopTargets targets) implements DenseTargets {
        @Override
        public void load(Tiles tiles, long from, int rows, MemorySegment tile) {
            tiles.zeroRows(tile, rows);
            Matrix probabilities = targets.probabilities();
            int top = probabilities.columns();
            for (int i = 0; i < rows; i++) {
                for (int k = 0; k < top; k++) {
                    long index = targets.classes().get((from + i) * top + k);
                    // Looked at again, since the caller's memory may have changed after the check.
                    if (index >= 0 && index < tiles.columns()) {
                        add(tiles, tile, i, (int) index, probabilities.get(from + i, k));
                    }
                }
            }
        }
    }

    /** One class a row, with probability 1; rows without a class are left 0. */
    record OneHot(TargetScan targets) implements DenseTargets {
        @Override
        public void load(Tiles tiles, long from, int rows, MemorySegment tile) {
            tiles.zeroRows(tile, rows);
            for (int i = 0; i < rows; i++) {
                int target = tiles.scratch().targets.getAtIndex(ValueLayout.JAVA_INT, i);
                if (target >= 0) {
                    add(tiles, tile, i, target, 1);
                }
            }
        }
    }

    /** One column: 1 where the class index is 1, and 0 where it is 0. */
    record Labels(ClassIndices labels) implements DenseTargets {
        @Override
        public void load(Tiles tiles, long from, int rows, MemorySegment tile) {
            for (int i = 0; i < rows; i++) {
                tiles.set(tile, i, labels.get(from + i) == 0 ? 0 : 1);
            }
        }
    }

    private static void add(Tiles tiles, MemorySegment tile, int row, int column, double value) {
        long at = (long) row * tiles.columns() + column;
        tiles.set(tile, at, tiles.get(tile, at) + (tiles.type() == ElementType.FLOAT64 ? value : (float) value));
    }
}
