package org.crossentropy.api;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Numbers of the rows of a group that outlive the step which finds them: a run of doubles for each kind, one a row. */
final class RowPlaces {

    /** What is kept. */
    enum Place {
        MAXIMUM(0),
        LOG_SUM_EXP(1),
        CROSS_ENTROPY(2),
        MASS(3),
        CENTERED_LOG_SUM_EXP(4),
        ENTROPY(5),
        BY_CROSS_ENTROPY(6),
        BY_ENTROPY(7);

        private final int number;

        Place(int number) {
            this.number = number;
        }
    }

    private static final int PLACES = 8;

    private final MemorySegment numbers;
    private final int capacity;

    RowPlaces(Tiles tiles) {
        this.capacity = tiles.capacity();
        this.numbers = tiles.doubles(Tiles.Buffer.ROW_NUMBERS, (long) PLACES * capacity);
    }

    void set(Place place, int row, double value) {
        numbers.setAtIndex(ValueLayout.JAVA_DOUBLE, (long) place.number * capacity + row, value);
    }

    double get(Place place, int row) {
        return numbers.getAtIndex(ValueLayout.JAVA_DOUBLE, (long) place.number * capacity + row);
    }
}
