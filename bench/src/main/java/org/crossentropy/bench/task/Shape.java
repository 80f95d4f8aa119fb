package org.crossentropy.bench.task;

/**
 * Rows and classes of a batch, written {@code 1024x32000}.
 *
 * @param rows number of rows
 * @param classes number of classes
 */
public record Shape(int rows, int classes) {

    /**
     * Reads what {@link #toString} writes.
     *
     * @param text rows x classes
     * @return the shape
     * @throws IllegalArgumentException if it is something else
     */
    public static Shape parse(String text) {
        int cross = text.indexOf('x');
        try {
            return new Shape(Integer.parseInt(text, 0, cross, 10), Integer.parseInt(text.substring(cross + 1)));
        } catch (NumberFormatException | IndexOutOfBoundsException e) {
            throw new IllegalArgumentException("shape is '" + text + "', must be rows x classes such as 1024x32000", e);
        }
    }

    /**
     * {@return rows times classes}
     */
    public long elements() {
        return (long) rows * classes;
    }

    @Override
    public String toString() {
        return rows + "x" + classes;
    }
}
