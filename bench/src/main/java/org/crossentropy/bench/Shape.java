package org.crossentropy.bench;

/**
 * Rows and classes of a batch, written {@code 1024x32000}.
 *
 * @param rows number of rows
 * @param classes number of classes
 */
record Shape(int rows, int classes) {

    static Shape parse(String text) {
        int cross = text.indexOf('x');
        try {
            return new Shape(Integer.parseInt(text, 0, cross, 10), Integer.parseInt(text.substring(cross + 1)));
        } catch (NumberFormatException | IndexOutOfBoundsException e) {
            throw new IllegalArgumentException("shape is '" + text + "', must be rows x classes such as 1024x32000", e);
        }
    }

    long elements() {
        return (long) rows * classes;
    }

    @Override
    public String toString() {
        return rows + "x" + classes;
    }
}
