package org.crossentropy.jvm;

import java.math.BigDecimal;
import java.math.MathContext;

/** Exponentials and logarithms to many more digits than a double has, and the distance of a double from them. */
final class Exact {

    static final MathContext DIGITS = new MathContext(50);

    private static final int HALVINGS = 12;
    private static final int TERMS = 14;
    private static final double TINY = 1e-20;

    private Exact() {}

    /** {@return exp(t), from the series of exp(t / 4096)} */
    static BigDecimal exp(BigDecimal t) {
        BigDecimal r = t.divide(BigDecimal.valueOf(1L << HALVINGS), DIGITS);
        BigDecimal sum = BigDecimal.ONE;
        for (int term = TERMS; term > 0; term--) {
            sum = BigDecimal.ONE.add(sum.multiply(r, DIGITS).divide(BigDecimal.valueOf(term), DIGITS), DIGITS);
        }
        for (int i = 0; i < HALVINGS; i++) {
            sum = sum.multiply(sum, DIGITS);
        }
        return sum;
    }

    /** {@return log(x) for x above 0} */
    static BigDecimal log(double x) {
        return refine(new BigDecimal(x), StrictMath.log(x));
    }

    /** {@return log(1 + u) for u above -1} */
    static BigDecimal log1p(double u) {
        return log1p(new BigDecimal(u));
    }

    /** {@return log(1 + u) for u above -1} */
    static BigDecimal log1p(BigDecimal u) {
        if (Math.abs(u.doubleValue()) < TINY) {
            BigDecimal half = u.multiply(u, DIGITS).divide(BigDecimal.TWO, DIGITS);
            return u.subtract(half, DIGITS);
        }
        return refine(BigDecimal.ONE.add(u), StrictMath.log1p(u.doubleValue()));
    }

    /** A step of Newton's method, with the square of the correction: 16 digits become 48. */
    private static BigDecimal refine(BigDecimal x, double guess) {
        BigDecimal power = exp(new BigDecimal(guess));
        BigDecimal delta = x.subtract(power, DIGITS).divide(power, DIGITS);
        BigDecimal half = delta.multiply(delta, DIGITS).divide(BigDecimal.TWO, DIGITS);
        return new BigDecimal(guess).add(delta, DIGITS).subtract(half, DIGITS);
    }

    /** {@return how many units in the last place of the exact number a double is from it} */
    static double ulps(double actual, BigDecimal exact) {
        BigDecimal unit = new BigDecimal(Math.ulp(exact.doubleValue()));
        return new BigDecimal(actual)
                .subtract(exact, DIGITS)
                .abs()
                .divide(unit, DIGITS)
                .doubleValue();
    }
}
