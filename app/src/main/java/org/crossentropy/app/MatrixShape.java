package org.crossentropy.app;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Rows and columns, as the user says them.
 *
 * @param rows number of rows
 * @param columns elements of a row
 */
record MatrixShape(int rows, int columns) {

    private static final int LARGEST = 1 << 24;

    /** Reads what the user gives. */
    static final class Converter implements ITypeConverter<MatrixShape> {

        @Override
        public MatrixShape convert(String text) {
            String[] parts = text.split("x", -1);
            try {
                if (parts.length == 2) {
                    return new MatrixShape(length(parts[0]), length(parts[1]));
                }
            } catch (NumberFormatException notANumber) {
                // Falls through to the one message for everything that is no shape.
            }
            throw new TypeConversionException(
                    text + ", must be rows x columns such as 1024x32000, each from 1 to " + LARGEST);
        }

        private static int length(String text) {
            int length = Integer.parseInt(text);
            if (length < 1 || length > LARGEST) {
                throw new NumberFormatException(text);
            }
            return length;
        }
    }
}
