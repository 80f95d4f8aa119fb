package org.crossentropy.app;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * How many examples make a step of training, as the user says it.
 *
 * @param most examples, if there are as many
 */
record BatchSize(int most) {

    private static final int LARGEST = 1 << 20;

    private static final String FULL = "full";

    /** Reads what the user gives. */
    static final class Converter implements ITypeConverter<BatchSize> {

        @Override
        public BatchSize convert(String text) {
            if (text.equals(FULL)) {
                return new BatchSize(Integer.MAX_VALUE);
            }
            try {
                int size = Integer.parseInt(text);
                if (size >= 1 && size <= LARGEST) {
                    return new BatchSize(size);
                }
            } catch (NumberFormatException notANumber) {
                // Falls through to the one message for everything that is no size.
            }
            throw new TypeConversionException(text + ", must be from 1 to " + LARGEST + ", or " + FULL);
        }
    }

    /** The examples of a step where there are so many. */
    int of(int examples) {
        return Math.min(most, examples);
    }

    /** What the user would say. */
    @Override
    public String toString() {
        return most == Integer.MAX_VALUE ? FULL : String.valueOf(most);
    }
}
