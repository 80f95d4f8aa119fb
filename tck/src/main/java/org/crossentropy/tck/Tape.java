package org.crossentropy.tck;

import java.util.ArrayList;
import java.util.List;

/**
 * Differentiates what is computed on it: every number remembers what it was made of and how much it changes with each of
 * those, and {@link #differentiate} walks back from a result to all of them (reverse accumulation). So a gradient follows
 * from the definition of a loss alone; nobody had to derive it by hand, and no mistake of a hand can be in it.
 */
final class Tape {

    private final List<Value> values = new ArrayList<>();

    /** A number on the tape. */
    final class Value {

        private final DoubleDouble value;
        private final List<Value> arguments;
        private final List<DoubleDouble> partials;
        private DoubleDouble derivative = DoubleDouble.ZERO;

        private Value(DoubleDouble value, List<Value> arguments, List<DoubleDouble> partials) {
            this.value = value;
            this.arguments = arguments;
            this.partials = partials;
            values.add(this);
        }

        /** {@return the number itself} */
        DoubleDouble value() {
            return value;
        }

        /** {@return the derivative of the last differentiated number with respect to this one} */
        DoubleDouble derivative() {
            return derivative;
        }

        Value plus(Value other) {
            return new Value(
                    value.plus(other.value), List.of(this, other), List.of(DoubleDouble.ONE, DoubleDouble.ONE));
        }

        Value minus(Value other) {
            return new Value(
                    value.minus(other.value),
                    List.of(this, other),
                    List.of(DoubleDouble.ONE, DoubleDouble.ONE.negated()));
        }

        Value times(Value other) {
            return new Value(value.times(other.value), List.of(this, other), List.of(other.value, value));
        }

        Value dividedBy(Value divisor) {
            DoubleDouble quotient = value.dividedBy(divisor.value);
            DoubleDouble byDivisor = quotient.dividedBy(divisor.value).negated();
            return new Value(
                    quotient, List.of(this, divisor), List.of(DoubleDouble.ONE.dividedBy(divisor.value), byDivisor));
        }

        Value exp() {
            DoubleDouble power = value.exp();
            return new Value(power, List.of(this), List.of(power));
        }

        Value log() {
            return new Value(value.log(), List.of(this), List.of(DoubleDouble.ONE.dividedBy(value)));
        }

        /** {@return this to the power of a constant; for values greater than 0} */
        Value power(double exponent) {
            return log().times(constant(exponent)).exp();
        }

        /** {@return the hyperbolic tangent, from exponentials that do not overflow} */
        Value tanh() {
            boolean negative = value.high() < 0;
            Value one = constant(1);
            Value power = times(constant(negative ? 2 : -2)).exp();
            Value quotient = one.minus(power).dividedBy(one.plus(power));
            return negative ? quotient.times(constant(-1)) : quotient;
        }

        private void passOn() {
            for (int i = 0; i < arguments.size(); i++) {
                Value argument = arguments.get(i);
                argument.derivative = argument.derivative.plus(derivative.times(partials.get(i)));
            }
        }
    }

    /**
     * Puts a number on the tape that is made of no other.
     *
     * @param value the number
     * @return a number whose derivative can be asked for
     */
    Value variable(double value) {
        return new Value(DoubleDouble.of(value), List.of(), List.of());
    }

    /** The same, said of a number whose derivative nobody wants. */
    Value constant(double value) {
        return variable(value);
    }

    /** The same, of more digits. */
    Value constant(DoubleDouble value) {
        return new Value(value, List.of(), List.of());
    }

    /** Sets the derivatives of one number with respect to all values it was made of. */
    void differentiate(Value result) {
        values.forEach(number -> number.derivative = DoubleDouble.ZERO);
        result.derivative = DoubleDouble.ONE;
        for (Value number : values.reversed()) {
            if (number.derivative.high() != 0) {
                number.passOn();
            }
        }
    }
}
