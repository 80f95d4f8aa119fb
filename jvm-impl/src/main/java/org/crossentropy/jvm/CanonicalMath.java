package org.crossentropy.jvm;

/**
 * The exponentials and the logarithm of the canonical algorithm: a few fused multiply-adds each, every operation
 * correctly rounded, so that any implementation of the same steps returns the same bits.
 *
 * <p>Both exponentials reduce {@code t = n ln 2 + r} with {@code |r| <= ln 2 / 2}, evaluate a polynomial for {@code
 * exp(r)} by Horner's rule and multiply by {@code 2^n}. {@code n} is found by adding a number so large that the sum has
 * no fraction bits; that number carries the exponent bias too, so the low bits of the sum, shifted into the exponent
 * field, <em>are</em> {@code 2^n}. {@code n ln 2} is subtracted in two steps, by a part of ln 2 short enough for the
 * first step to be exact and by the rest.
 *
 * <p>Only arguments up to 0 occur, since the largest logit is subtracted first. Results below the smallest normal number
 * are replaced by 0: they could not change any sum they are added to.
 */
final class CanonicalMath {

    private CanonicalMath() {}

    /**
     * exp for {@code t <= 0}: a polynomial of degree 6, within 0.86 ULP (measured over every float).
     *
     * @param t the exponent: at most 0, or NaN
     * @return exp(t); +0 where that is below 2^-126, and NaN for NaN
     */
    static float exp(float t) {
        float biased = Math.fma(t, F_LOG2_E, F_MAGIC);
        float n = biased - F_MAGIC;
        float r = Math.fma(n, F_MINUS_LN2_LOW, Math.fma(n, F_MINUS_LN2_HIGH, t));
        float p = F_C6;
        p = Math.fma(p, r, F_C5);
        p = Math.fma(p, r, F_C4);
        p = Math.fma(p, r, F_C3);
        p = Math.fma(p, r, F_C2);
        p = Math.fma(p, r, 1f);
        p = Math.fma(p, r, 1f);
        float powerOfTwo = Float.intBitsToFloat(Float.floatToRawIntBits(biased) << 23);
        return t < F_CUTOFF ? 0f : p * powerOfTwo;
    }

    /** 1 / ln 2. */
    static final float F_LOG2_E = 0x1.715476p0f;

    /** Has no fraction bits; adding it rounds to an integer and puts the exponent bias 127 into the low bits. */
    static final float F_MAGIC = 0x1.8p23f + 127;

    static final float F_MINUS_LN2_HIGH = -0x1.62e430p-1f;
    static final float F_MINUS_LN2_LOW = 0x1.05c610p-29f;

    static final float F_C2 = 0x1.fffffp-2f;
    static final float F_C3 = 0x1.55542ap-3f;
    static final float F_C4 = 0x1.555dbp-5f;
    static final float F_C5 = 0x1.1273ep-7f;
    static final float F_C6 = 0x1.6890e4p-10f;

    /** The smallest argument whose exponential is a normal number. */
    static final float F_CUTOFF = -0x1.5d589ep6f;

    /**
     * exp for {@code t <= 0}: a polynomial of degree 11, within 0.91 ULP (measured).
     *
     * @param t the exponent: at most 0, or NaN
     * @return exp(t); +0 where that is below 2^-1022, and NaN for NaN
     */
    static double exp(double t) {
        double biased = Math.fma(t, D_LOG2_E, D_MAGIC);
        double n = biased - D_MAGIC;
        double r = Math.fma(n, D_MINUS_LN2_LOW, Math.fma(n, D_MINUS_LN2_HIGH, t));
        double p = D_C11;
        p = Math.fma(p, r, D_C10);
        p = Math.fma(p, r, D_C9);
        p = Math.fma(p, r, D_C8);
        p = Math.fma(p, r, D_C7);
        p = Math.fma(p, r, D_C6);
        p = Math.fma(p, r, D_C5);
        p = Math.fma(p, r, D_C4);
        p = Math.fma(p, r, D_C3);
        p = Math.fma(p, r, D_C2);
        p = Math.fma(p, r, 1.0);
        p = Math.fma(p, r, 1.0);
        double powerOfTwo = Double.longBitsToDouble(Double.doubleToRawLongBits(biased) << 52);
        return t < D_CUTOFF ? 0.0 : p * powerOfTwo;
    }

    static final double D_LOG2_E = 0x1.71547652b82fep0;
    static final double D_MAGIC = 0x1.8p52 + 1023;
    static final double D_MINUS_LN2_HIGH = -0x1.62e42fefa39efp-1;
    static final double D_MINUS_LN2_LOW = -0x1.abc9e3b39803fp-56;

    static final double D_C2 = 0x1.000000000000ap-1;
    static final double D_C3 = 0x1.5555555555508p-3;
    static final double D_C4 = 0x1.55555555506dap-5;
    static final double D_C5 = 0x1.111111112482cp-7;
    static final double D_C6 = 0x1.6c16c1846e395p-10;
    static final double D_C7 = 0x1.a01a013aa73f8p-13;
    static final double D_C8 = 0x1.a019997933e47p-16;
    static final double D_C9 = 0x1.71df02d3d88b2p-19;
    static final double D_C10 = 0x1.28ade3c481965p-22;
    static final double D_C11 = 0x1.adb3b03f5b8f2p-26;

    static final double D_CUTOFF = -0x1.6232bdd7abcd2p+9;

    /**
     * {@code log(1 + e)} for e from 0 to 1, such as {@code exp(-|x|)}: {@code e + e^2 Q(e)}, within 1.24 ULP (measured over
     * every float from 2^-63 on). Without a division, and short because the argument is never larger.
     *
     * @param e from 0 to 1, or NaN
     * @return log(1 + e)
     */
    static float log1p(float e) {
        float q = F_Q8;
        q = Math.fma(q, e, F_Q7);
        q = Math.fma(q, e, F_Q6);
        q = Math.fma(q, e, F_Q5);
        q = Math.fma(q, e, F_Q4);
        q = Math.fma(q, e, F_Q3);
        q = Math.fma(q, e, F_Q2);
        q = Math.fma(q, e, F_Q1);
        q = Math.fma(q, e, F_Q0);
        return Math.fma(e * e, q, e);
    }

    static final float F_Q0 = -0x1.ffffd2p-2f;
    static final float F_Q1 = 0x1.554dd0p-2f;
    static final float F_Q2 = -0x1.ff23e6p-3f;
    static final float F_Q3 = 0x1.934b54p-3f;
    static final float F_Q4 = -0x1.3a435ep-3f;
    static final float F_Q5 = 0x1.b4ae08p-4f;
    static final float F_Q6 = -0x1.d6b08cp-5f;
    static final float F_Q7 = 0x1.4917cep-6f;
    static final float F_Q8 = -0x1.af49cep-9f;

    /**
     * {@code log(1 + u)} for {@code u >= 0}, within 0.82 ULP (measured).
     *
     * <p>{@code 1 + u} is split into {@code 2^k m} with m in [0.75, 1.5); what rounding {@code 1 + u} lost is put back
     * into {@code f = m - 1}. With {@code s = f / (2 + f)}, {@code log(1 + f) = f - f^2/2 + s (f^2/2 + R(s^2))}, where R
     * is a polynomial of degree 8 in {@code s^2}.
     *
     * @param u at least 0, or NaN
     * @return log(1 + u), with full relative accuracy however small u is; +inf for +inf and NaN for NaN
     */
    static double log1p(double u) {
        double onePlus = 1.0 + u;
        double lost = u - (onePlus - 1.0);
        long bits = Double.doubleToRawLongBits(onePlus);
        long aboveThreeQuarters = bits - L_THREE_QUARTERS;
        long exponentField = aboveThreeQuarters & L_EXPONENT;
        double k = Double.longBitsToDouble(aboveThreeQuarters >>> 52 | L_TWO_TO_52) - 0x1p52;
        double m = Double.longBitsToDouble(bits - exponentField);
        double scaledLost = lost * Double.longBitsToDouble(L_ONE - exponentField);
        // From 2^53 on, 1 + u differs from u by a rounding only, and 2^-k may not exist.
        double f = (m - 1.0) + (onePlus < 0x1p53 ? scaledLost : 0.0);

        double log = log(f, k);
        return u < Double.POSITIVE_INFINITY ? log : u;
    }

    /** {@code log((1 + f) 2^k)}. */
    private static double log(double f, double k) {
        double s = f / (2.0 + f);
        double z = s * s;
        double p = L_C8;
        p = Math.fma(p, z, L_C7);
        p = Math.fma(p, z, L_C6);
        p = Math.fma(p, z, L_C5);
        p = Math.fma(p, z, L_C4);
        p = Math.fma(p, z, L_C3);
        p = Math.fma(p, z, L_C2);
        p = Math.fma(p, z, L_C1);

        double minusHalf = -0.5 * f;
        double halfSquarePlusR = Math.fma(p, z, -(minusHalf * f));
        double tail = Math.fma(minusHalf, f, s * halfSquarePlusR);
        double log = f + Math.fma(k, L_LN2_LOW, tail);
        return Math.fma(k, L_LN2_HIGH, log);
    }

    /**
     * {@code log(x)}, by the steps of {@link #log1p} without a lost part; within 0.83 ULP (measured).
     *
     * @param x any number
     * @return log(x); -inf for 0, NaN below 0 and for NaN, +inf for +inf
     */
    static double log(double x) {
        boolean subnormal = x < Double.MIN_NORMAL;
        double scaled = subnormal ? x * 0x1p54 : x;
        long aboveThreeQuarters = Double.doubleToRawLongBits(scaled) - L_THREE_QUARTERS;
        double k = signedExponent(aboveThreeQuarters) - (subnormal ? 54.0 : 0.0);
        double m = Double.longBitsToDouble(Double.doubleToRawLongBits(scaled) - (aboveThreeQuarters & L_EXPONENT));
        double log = log(m - 1.0, k);
        if (x > 0) {
            return x < Double.POSITIVE_INFINITY ? log : x;
        }
        return x == 0 ? Double.NEGATIVE_INFINITY : Double.NaN;
    }

    /**
     * {@code log(1 + u)} for {@code u} from -1 on: {@link #log1p}, with the same bits where that is defined, and beyond.
     *
     * @param u any number
     * @return log(1 + u); -inf for -1, NaN below and for NaN, +inf for +inf
     */
    static double log1pFromMinusOne(double u) {
        double onePlus = 1.0 + u;
        double lost = u - (onePlus - 1.0);
        long bits = Double.doubleToRawLongBits(onePlus);
        long aboveThreeQuarters = bits - L_THREE_QUARTERS;
        long exponentField = aboveThreeQuarters & L_EXPONENT;
        double m = Double.longBitsToDouble(bits - exponentField);
        double scaledLost = lost * Double.longBitsToDouble(L_ONE - exponentField);
        double f = (m - 1.0) + (onePlus < 0x1p53 ? scaledLost : 0.0);
        double log = log(f, signedExponent(aboveThreeQuarters));
        if (u > -1) {
            return u < Double.POSITIVE_INFINITY ? log : u;
        }
        return u == -1 ? Double.NEGATIVE_INFINITY : Double.NaN;
    }

    /** The upper 12 bits as a signed number. The detour is for vectors, which convert no long to a double cheaply. */
    private static double signedExponent(long aboveThreeQuarters) {
        return Double.longBitsToDouble(((aboveThreeQuarters + L_EXPONENT_OFFSET) >>> 52) | L_TWO_TO_52)
                - (0x1p52 + 1024);
    }

    /**
     * exp for any t, by {@link #exp(float)}.
     *
     * @param t the exponent
     * @return exp(t); +inf where the largest power of two is exceeded
     */
    static float expOfAny(float t) {
        if (t < F_OVERFLOW) {
            return exp(t);
        }
        return Float.isNaN(t) ? t : Float.POSITIVE_INFINITY;
    }

    /**
     * exp for any t, by {@link #exp(double)}.
     *
     * @param t the exponent
     * @return exp(t); +inf where the largest power of two is exceeded
     */
    static double expOfAny(double t) {
        if (t < D_OVERFLOW) {
            return exp(t);
        }
        return Double.isNaN(t) ? t : Double.POSITIVE_INFINITY;
    }

    /** 128 ln 2. */
    static final float F_OVERFLOW = 0x1.62e430p6f;

    /** 1024 ln 2. */
    static final double D_OVERFLOW = 0x1.62e42fefa39efp9;

    /** 1024 in the exponent field. */
    static final long L_EXPONENT_OFFSET = 0x4000_0000_0000_0000L;

    static final long L_ONE = 0x3FF0_0000_0000_0000L;
    static final long L_THREE_QUARTERS = 0x3FE8_0000_0000_0000L;
    static final long L_TWO_TO_52 = 0x4330_0000_0000_0000L;
    static final long L_EXPONENT = 0xFFF0_0000_0000_0000L;

    /** ln 2 to 42 bits, so that its product with any exponent is exact, and the rest. */
    static final double L_LN2_HIGH = 0x1.62e42fefa3800p-1;

    static final double L_LN2_LOW = 0x1.ef35793c76730p-45;

    static final double L_C1 = 0x1.555555555554fp-1;
    static final double L_C2 = 0x1.999999999c175p-2;
    static final double L_C3 = 0x1.24924921e4c44p-2;
    static final double L_C4 = 0x1.c71c748eefdb5p-3;
    static final double L_C5 = 0x1.745c4b27eb33fp-3;
    static final double L_C6 = 0x1.3b35b3a358433p-3;
    static final double L_C7 = 0x1.0dcca7123ce96p-3;
    static final double L_C8 = 0x1.1b792193c20f7p-3;
}
