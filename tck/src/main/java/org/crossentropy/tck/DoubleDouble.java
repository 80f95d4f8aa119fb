package org.crossentropy.tck;

/**
 * A number as the unevaluated sum of two doubles, about 106 bits: the arithmetic of the oracle. Written for its own sake,
 * apart from everything the backends use, so that an error of theirs cannot be an error of the oracle too.
 *
 * <p>Errors are relative and far below what is measured with them: some 1e-31 for sums and products, some 1e-29 for
 * {@link #expm1} and {@link #log1p}, as long as the result is above 1e-290 (below, the low part becomes subnormal).
 * Infinities and NaN live in the high part, with a low part of 0.
 *
 * @param high the number rounded to double
 * @param low what rounding took away
 */
public record DoubleDouble(double high, double low) {

    /** Zero. */
    public static final DoubleDouble ZERO = new DoubleDouble(0, 0);

    /** One. */
    public static final DoubleDouble ONE = new DoubleDouble(1, 0);

    private static final DoubleDouble LN2 = new DoubleDouble(0x1.62e42fefa39efp-1, 0x1.abc9e3b39803fp-56);

    /** exp(r) is computed as exp(r / 2^9) squared nine times over. */
    private static final int SQUARINGS = 9;

    /** Terms of the Taylor series: with r below 2^-10 the first one left out is below 2^-118. */
    private static final int TERMS = 9;

    /** Below this exp is 0 even as a subnormal double. */
    private static final double EXP_UNDERFLOW = -746;

    private static final DoubleDouble[] INVERSE_FACTORIALS = inverseFactorials();

    /**
     * Returns a double as it is.
     *
     * @param value any number
     * @return the same number
     */
    public static DoubleDouble of(double value) {
        return new DoubleDouble(value, 0);
    }

    /**
     * Returns the exact difference of two doubles.
     *
     * @param a any number
     * @param b any number
     * @return a - b
     */
    public static DoubleDouble difference(double a, double b) {
        return twoSum(a, -b);
    }

    /**
     * Returns the exact product of two doubles.
     *
     * @param a any number
     * @param b any number
     * @return a b
     */
    public static DoubleDouble product(double a, double b) {
        double high = a * b;
        return finite(high, Math.fma(a, b, -high));
    }

    /**
     * Adds.
     *
     * @param other any number
     * @return this + other
     */
    public DoubleDouble plus(DoubleDouble other) {
        DoubleDouble sum = twoSum(high, other.high);
        if (!Double.isFinite(sum.high)) {
            return sum;
        }
        DoubleDouble rest = twoSum(low, other.low);
        DoubleDouble most = fastTwoSum(sum.high, sum.low + rest.high);
        return fastTwoSum(most.high, most.low + rest.low);
    }

    /**
     * Subtracts.
     *
     * @param other any number
     * @return this - other
     */
    public DoubleDouble minus(DoubleDouble other) {
        return plus(other.negated());
    }

    /**
     * {@return this with the other sign}
     */
    public DoubleDouble negated() {
        return new DoubleDouble(-high, -low);
    }

    /**
     * {@return this without its sign}
     */
    public DoubleDouble abs() {
        return high < 0 ? negated() : this;
    }

    /**
     * Multiplies.
     *
     * @param other any number
     * @return this times other
     */
    public DoubleDouble times(DoubleDouble other) {
        double product = high * other.high;
        if (product == 0 || !Double.isFinite(product)) {
            return of(product);
        }
        double rest = Math.fma(high, other.high, -product) + (high * other.low + low * other.high);
        return fastTwoSum(product, rest);
    }

    /**
     * Multiplies by a double.
     *
     * @param factor any number
     * @return this times factor
     */
    public DoubleDouble times(double factor) {
        return times(of(factor));
    }

    /**
     * Divides.
     *
     * @param divisor any number
     * @return this divided by divisor
     */
    public DoubleDouble dividedBy(DoubleDouble divisor) {
        double first = high / divisor.high;
        if (first == 0 || !Double.isFinite(first)) {
            return of(first);
        }
        DoubleDouble rest = minus(divisor.times(first));
        double second = rest.high / divisor.high;
        rest = rest.minus(divisor.times(second));
        return fastTwoSum(first, second).plus(of(rest.high / divisor.high));
    }

    /**
     * {@return e to the power of this; 0 where even a double cannot hold it}
     */
    public DoubleDouble exp() {
        if (!(high > EXP_UNDERFLOW)) {
            return Double.isNaN(high) ? this : ZERO;
        }
        int exponent = (int) Math.rint(high / LN2.high);
        return ONE.plus(expm1Near0(minus(LN2.times(exponent)))).scaled(exponent);
    }

    /**
     * {@return e to the power of this, minus 1, with full relative accuracy around 0}
     */
    public DoubleDouble expm1() {
        return Math.abs(high) < LN2.high / 2 ? expm1Near0(this) : exp().minus(ONE);
    }

    /**
     * {@return the logarithm of 1 plus this, with full relative accuracy around 0; for numbers greater than -0.5}
     */
    public DoubleDouble log1p() {
        if (!Double.isFinite(high) || high == 0) {
            return this;
        }
        DoubleDouble guess = of(Math.log1p(high));
        // Two steps of Newton's method on expm1(y) = this; each squares the relative error, the first from 2^-52.
        for (int step = 0; step < 2; step++) {
            DoubleDouble value = guess.expm1();
            guess = guess.minus(value.minus(this).dividedBy(ONE.plus(value)));
        }
        return guess;
    }

    /**
     * {@return the logarithm; with full relative accuracy around 1, -inf of 0, NaN below}
     */
    public DoubleDouble log() {
        if (!(high > 0) || high == Double.POSITIVE_INFINITY) {
            return of(Math.log(high));
        }
        // Brought to [0.75, 1.5), where log1p is exact enough and cannot cancel against the multiple of log 2.
        int exponent = Math.getExponent(Math.max(high, Double.MIN_NORMAL) * (4.0 / 3.0));
        DoubleDouble mantissa = scaled(-exponent);
        return LN2.times(exponent).plus(mantissa.minus(ONE).log1p());
    }

    /**
     * {@return whether this is neither infinite nor NaN}
     */
    public boolean isFinite() {
        return Double.isFinite(high);
    }

    private static DoubleDouble expm1Near0(DoubleDouble x) {
        DoubleDouble r = x.scaled(-SQUARINGS);
        DoubleDouble sum = INVERSE_FACTORIALS[TERMS];
        for (int n = TERMS - 1; n >= 1; n--) {
            sum = sum.times(r).plus(INVERSE_FACTORIALS[n]);
        }
        sum = sum.times(r);
        for (int i = 0; i < SQUARINGS; i++) {
            sum = sum.scaled(1).plus(sum.times(sum));
        }
        return sum;
    }

    private static DoubleDouble[] inverseFactorials() {
        DoubleDouble[] inverses = new DoubleDouble[TERMS + 1];
        DoubleDouble factorial = ONE;
        inverses[0] = ONE;
        for (int n = 1; n <= TERMS; n++) {
            factorial = factorial.times(n);
            inverses[n] = ONE.dividedBy(factorial);
        }
        return inverses;
    }

    private DoubleDouble scaled(int exponent) {
        return new DoubleDouble(Math.scalb(high, exponent), Math.scalb(low, exponent));
    }

    private static DoubleDouble twoSum(double a, double b) {
        double sum = a + b;
        double part = sum - a;
        return finite(sum, (a - (sum - part)) + (b - part));
    }

    /** For a at least as large as b, or 0. */
    private static DoubleDouble fastTwoSum(double a, double b) {
        double sum = a + b;
        return finite(sum, b - (sum - a));
    }

    private static DoubleDouble finite(double high, double low) {
        return new DoubleDouble(high, Double.isFinite(high) ? low : 0);
    }
}
