package org.crossentropy.app;

import org.crossentropy.api.Denominator;
import org.crossentropy.api.LossResult;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * What a mean divides by, as the user says it.
 *
 * @param text what the user says
 * @param denominator what it means
 */
record DenominatorName(String text, Denominator denominator) {

    /** What a mean divides by unless the user says otherwise. */
    static final DenominatorName WEIGHTS = new DenominatorName("weights", Denominator.Of.WEIGHT_SUM);

    /** Reads what the user gives. */
    static final class Converter implements ITypeConverter<DenominatorName> {

        @Override
        public DenominatorName convert(String text) {
            return switch (text) {
                case "weights" -> WEIGHTS;
                case "valid" -> new DenominatorName(text, Denominator.Of.VALID_ROWS);
                case "all" -> new DenominatorName(text, Denominator.Of.ALL_ROWS);
                default -> new DenominatorName(text, Denominator.given(number(text)));
            };
        }

        private static double number(String text) {
            try {
                double number = Double.parseDouble(text);
                if (number >= Double.MIN_NORMAL && number < Double.POSITIVE_INFINITY) {
                    return number;
                }
            } catch (NumberFormatException notANumber) {
                // Falls through to the one message for everything that is no denominator.
            }
            throw new TypeConversionException(text + ", must be weights, valid, all or a number greater than 0");
        }
    }

    /** The number that a result is divided by. */
    double of(LossResult result) {
        return switch (denominator) {
            case Denominator.Of.WEIGHT_SUM -> result.weightSum();
            case Denominator.Of.VALID_ROWS -> result.count();
            case Denominator.Of.ALL_ROWS -> result.rows();
            case Denominator.Given(double value) -> value;
        };
    }
}
