package org.crossentropy.app.io;

import java.util.List;
import java.util.stream.Collectors;

/**
 * The shape of an array.
 *
 * @param lengths length of each dimension, none negative
 */
record Shape(List<Long> lengths) {

    int dimensions() {
        return lengths.size();
    }

    /**
     * The size of the elements.
     *
     * @throws ArithmeticException if it is 2^63 bytes or more
     */
    long bytes(TensorType type) {
        // An array without elements has no size, however long its other dimensions are.
        long bytes = lengths.contains(0L) ? 0 : type.bytes();
        for (long length : lengths) {
            bytes = Math.multiplyExact(bytes, length);
        }
        return bytes;
    }

    /** The shape as Python writes it. */
    @Override
    public String toString() {
        return lengths.stream()
                .map(String::valueOf)
                .collect(Collectors.joining(", ", "(", lengths.size() == 1 ? ",)" : ")"));
    }
}
