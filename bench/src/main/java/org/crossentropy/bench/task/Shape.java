package org.crossentropy.bench.task;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Rows and classes of a batch, written {@code 1024x32000}; where logits are products of rows of some width with those of a
 * weight, written {@code 1024x2048x32000}.
 *
 * @param rows number of rows
 * @param width elements of a row of hidden states, 0 where logits are given
 * @param classes number of classes
 */
public record Shape(int rows, int width, int classes) {

    /**
     * Makes the shape of given logits.
     *
     * @param rows number of rows
     * @param classes number of classes
     */
    public Shape(int rows, int classes) {
        this(rows, 0, classes);
    }

    /**
     * Reads what {@link #toString} writes.
     *
     * @param text rows x classes, or rows x width x classes
     * @return the shape
     * @throws IllegalArgumentException if it is something else
     */
    public static Shape parse(String text) {
        try {
            int[] sizes = Arrays.stream(text.split("x", -1))
                    .mapToInt(Integer::parseInt)
                    .toArray();
            if (sizes.length == 2 || sizes.length == 3) {
                return new Shape(sizes[0], sizes.length == 2 ? 0 : sizes[1], sizes[sizes.length - 1]);
            }
        } catch (NumberFormatException e) {
            throw wrong(text, e);
        }
        throw wrong(text, null);
    }

    private static IllegalArgumentException wrong(String text, @Nullable Throwable cause) {
        return new IllegalArgumentException(
                "shape is '" + text + "', must be rows x classes such as 1024x32000, or rows x width x classes such as"
                        + " 1024x2048x32000",
                cause);
    }

    /**
     * {@return rows times classes}
     */
    public long elements() {
        return (long) rows * classes;
    }

    /**
     * {@return the floating-point operations of the product that makes the logits, 0 where they are given}
     */
    public double productOperations() {
        return 2.0 * rows * width * classes;
    }

    @Override
    public String toString() {
        return rows + "x" + (width == 0 ? "" : width + "x") + classes;
    }
}
