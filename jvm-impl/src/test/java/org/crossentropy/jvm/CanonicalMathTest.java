package org.crossentropy.jvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The bits of the canonical functions, which other implementations reproduce, and their accuracy. */
class CanonicalMathTest {

    /** Argument and result of exp for float, as bits. */
    private static final int[][] FLOAT_EXP = {
        {0x00000000, 0x3f800000},
        {0x80000000, 0x3f800000},
        {0x80000001, 0x3f800000},
        {0x80800000, 0x3f800000},
        {0xb0800000, 0x3f800000},
        {0xb3000000, 0x3f800000},
        {0xb3800000, 0x3f7fffff},
        {0xb9800000, 0x3f7ff000},
        {0xba83126f, 0x3f7fbe7f},
        {0xbdcccccd, 0x3f67a36d},
        {0xbe800000, 0x3f475f7d},
        {0xbeb17218, 0x3f3504f3},
        {0xbeb17218, 0x3f3504f3},
        {0xbeb33333, 0x3f346670},
        {0xbf000000, 0x3f1b4598},
        {0xbf317218, 0x3f000000},
        {0xbf800000, 0x3ebc5ab2},
        {0xc0000000, 0x3e0a9555},
        {0xc0490fdb, 0x3d310113},
        {0xc0a00000, 0x3bdcc9ff},
        {0xc1200000, 0x383e6bce},
        {0xc1a00000, 0x310da433},
        {0xc26d0f36, 0x14b4e143},
        {0xc2200000, 0x229cbc92},
        {0xc2700000, 0x142d70c9},
        {0xc2a00000, 0x05bfecba},
        {0xc2ae0000, 0x00b33687},
        {0xc2aeac4f, 0x00800026},
        {0xc2aeac4e, 0x00800066},
        {0xc2aeac50, 0x00000000},
        {0xc2b00000, 0x00000000},
        {0xc2d00000, 0x00000000},
        {0xd01502f9, 0x00000000},
        {0xff800000, 0x00000000},
    };

    /** Argument and result of exp for double, as bits. */
    private static final long[][] DOUBLE_EXP = {
        {0x0000000000000000L, 0x3ff0000000000000L},
        {0x8000000000000000L, 0x3ff0000000000000L},
        {0x8000000000000001L, 0x3ff0000000000000L},
        {0xbc30000000000000L, 0x3ff0000000000000L},
        {0xbca0000000000000L, 0x3fefffffffffffffL},
        {0xbe10000000000000L, 0x3fefffffff800000L},
        {0xbf50624dd2f1a9fcL, 0x3feff7cfe56f1a9eL},
        {0xbfb999999999999aL, 0x3fecf46d99d52b3aL},
        {0xbfd0000000000000L, 0x3fe8ebef9eac820bL},
        {0xbfd62e42fefa39efL, 0x3fe6a09e667f3bcdL},
        {0xbfd62e42fefa39f0L, 0x3fe6a09e667f3bccL},
        {0xbfe0000000000000L, 0x3fe368b2fc6f960aL},
        {0xbfe62e42fefa39efL, 0x3fe0000000000000L},
        {0xbff0000000000000L, 0x3fd78b56362cef38L},
        {0xc000000000000000L, 0x3fc152aaa3bf81ccL},
        {0xc00921fb54442d18L, 0x3fa620227b598efaL},
        {0xc014000000000000L, 0x3f7b993fe00d5376L},
        {0xc024000000000000L, 0x3f07cd79b5647c9bL},
        {0xc034000000000000L, 0x3e21b48655f37267L},
        {0xc044000000000000L, 0x3c539792499b1a24L},
        {0xc054000000000000L, 0x38b7fd974d372e44L},
        {0xc059000000000000L, 0x36ea8c1f14e2af5dL},
        {0xc069000000000000L, 0x2de6061812054cfaL},
        {0xc072c00000000000L, 0x24e245639c3a49f7L},
        {0xc07e0b293edd5747L, 0x1496a09e669f5409L},
        {0xc082c00000000000L, 0x09d4dd4d0d12c071L},
        {0xc085e00000000000L, 0x00d14f2b0fb9307fL},
        {0xc086200000000000L, 0x0017c8ab2288c9acL},
        {0xc086232bdd7abcd2L, 0x001000000000007cL},
        {0xc086232bdd7abcd1L, 0x001000000000027cL},
        {0xc086232bdd7abcd3L, 0x0000000000000000L},
        {0xc086280000000000L, 0x0000000000000000L},
        {0xc08749999999999aL, 0x0000000000000000L},
        {0xfe37e43c8800759cL, 0x0000000000000000L},
        {0xfff0000000000000L, 0x0000000000000000L},
    };

    /** Argument and result of log1p, as bits. */
    private static final long[][] LOG1P = {
        {0x0000000000000000L, 0x0000000000000000L},
        {0x8000000000000000L, 0x0000000000000000L},
        {0x0000000000000001L, 0x0000000000000001L},
        {0x0010000000000000L, 0x0010000000000000L},
        {0x01a56e1fc2f8f359L, 0x01a56e1fc2f8f359L},
        {0x3bc79ca10c924223L, 0x3bc79ca10c924223L},
        {0x3c90000000000000L, 0x3c90000000000000L},
        {0x3ca0000000000000L, 0x3ca0000000000000L},
        {0x3cb0000000000000L, 0x3cafffffffffffffL},
        {0x3ddb7cdfd9d7bdbbL, 0x3ddb7cdfd9d1d693L},
        {0x3f50624dd2f1a9fcL, 0x3f5060354f8c3ebfL},
        {0x3fb999999999999aL, 0x3fb8663f793c46c7L},
        {0x3fd0000000000000L, 0x3fcc8ff7c79a9a22L},
        {0x3fda827999fcef32L, 0x3fd62e42fefa39efL},
        {0x3fda827999fcef33L, 0x3fd62e42fefa39f0L},
        {0x3fdf821a3d8ab00cL, 0x3fd99efe31c219f0L},
        {0x3fdfffffffffffffL, 0x3fd9f323ecbf984cL},
        {0x3fe0000000000000L, 0x3fd9f323ecbf984cL},
        {0x3fe0000000000001L, 0x3fd9f323ecbf984dL},
        {0x3fe8000000000000L, 0x3fe1e85f5e7040d0L},
        {0x3ff0000000000000L, 0x3fe62e42fefa39efL},
        {0x3ffb7e151628aed2L, 0x3ff0000000000000L},
        {0x4000000000000000L, 0x3ff193ea7aad030aL},
        {0x3fffffffffffffffL, 0x3ff193ea7aad030aL},
        {0x4008000000000000L, 0x3ff62e42fefa39efL},
        {0x4022000000000000L, 0x40026bb1bbb55516L},
        {0x408f400000000000L, 0x401ba2909ce4f864L},
        {0x412e848000000000L, 0x402ba18abb1dedc8L},
        {0x4330000000000000L, 0x404205966f2b4f12L},
        {0x433fffffffffffffL, 0x40425e4f7b2737faL},
        {0x4340000000000000L, 0x40425e4f7b2737faL},
        {0x4340000000000001L, 0x40425e4f7b2737faL},
        {0x4376345785d8a000L, 0x4043926cd770aa67L},
        {0x7e37e43c8800759cL, 0x4085963447f87fb5L},
        {0x7fefffffffffffffL, 0x40862e42fefa39efL},
        {0x7ff0000000000000L, 0x7ff0000000000000L},
        {0x7ff8000000000123L, 0x7ff8000000000123L},
    };

    private static final int SAMPLES = 200_000;

    /** Fewer, since {@link Exact} takes its time. */
    private static final int EXACT_SAMPLES = 5_000;

    @Test
    void floatExpHasTheCanonicalBits() {
        for (int[] pair : FLOAT_EXP) {
            assertEquals(
                    Integer.toHexString(pair[1]),
                    Integer.toHexString(Float.floatToRawIntBits(CanonicalMath.exp(Float.intBitsToFloat(pair[0])))),
                    () -> "exp of " + Float.intBitsToFloat(pair[0]));
        }
    }

    @Test
    void doubleExpHasTheCanonicalBits() {
        for (long[] pair : DOUBLE_EXP) {
            assertEquals(
                    Long.toHexString(pair[1]),
                    Long.toHexString(Double.doubleToRawLongBits(CanonicalMath.exp(Double.longBitsToDouble(pair[0])))),
                    () -> "exp of " + Double.longBitsToDouble(pair[0]));
        }
    }

    @Test
    void log1pHasTheCanonicalBits() {
        for (long[] pair : LOG1P) {
            assertEquals(
                    Long.toHexString(pair[1]),
                    Long.toHexString(Double.doubleToRawLongBits(CanonicalMath.log1p(Double.longBitsToDouble(pair[0])))),
                    () -> "log1p of " + Double.longBitsToDouble(pair[0]));
        }
    }

    @Test
    void nanStaysNaN() {
        assertTrue(Float.isNaN(CanonicalMath.exp(Float.NaN)));
        assertTrue(Double.isNaN(CanonicalMath.exp(Double.NaN)));
        assertTrue(Float.isNaN(CanonicalMath.log1p(Float.NaN)));
        assertTrue(Double.isNaN(CanonicalMath.log1p(Double.NaN)));
        assertTrue(Float.isNaN(CanonicalMath.exp(Float.intBitsToFloat(0xffff_ffff))));
        assertTrue(Double.isNaN(CanonicalMath.exp(Double.longBitsToDouble(0xffff_ffff_ffff_ffffL))));
    }

    @Test
    void floatExpIsWithinAnUlp() {
        Random random = new Random(42);
        for (int i = 0; i < SAMPLES; i++) {
            float t = (float) (-87.3 * random.nextDouble());
            double exact = StrictMath.exp(t);
            assertEquals(exact, CanonicalMath.exp(t), Math.ulp((float) exact), () -> "exp of " + t);
        }
    }

    @Test
    void doubleExpIsWithinTwoUlps() {
        Random random = new Random(42);
        for (int i = 0; i < SAMPLES; i++) {
            double t = -708 * random.nextDouble();
            double exact = StrictMath.exp(t);
            assertEquals(exact, CanonicalMath.exp(t), 2 * Math.ulp(exact), () -> "exp of " + t);
        }
    }

    @Test
    void log1pIsWithinTwoUlps() {
        Random random = new Random(42);
        for (int i = 0; i < SAMPLES; i++) {
            double u = Math.scalb(random.nextDouble(), random.nextInt(80) - 60);
            double exact = StrictMath.log1p(u);
            assertEquals(exact, CanonicalMath.log1p(u), 2 * Math.ulp(exact), () -> "log1p of " + u);
        }
    }

    /** The bound of the documentation; dense where the polynomial has its largest errors. */
    @Test
    void floatLog1pIsWithinItsBound() {
        Random random = new Random(42);
        for (int i = 0; i < SAMPLES; i++) {
            assertFloatLog1p(Math.scalb(1 + random.nextFloat(), -1 - random.nextInt(63)));
        }
        for (int bits = Float.floatToIntBits(0.25f); bits <= Float.floatToIntBits(1f); bits += 11) {
            assertFloatLog1p(Float.intBitsToFloat(bits));
        }
        assertFloatLog1p(1f);
        assertFloatLog1p(0x1p-63f);
    }

    private static void assertFloatLog1p(float e) {
        double exact = StrictMath.log1p(e);
        double error = Math.abs((double) CanonicalMath.log1p(e) - exact) / Math.ulp((float) exact);
        assertTrue(error <= 1.24, () -> "log1p of " + e + " is off by " + error + " ULP");
    }

    /** So small that the square counts for nothing, or is not even a number above 0. */
    @Test
    void floatLog1pOfTinyIsItself() {
        float[] tiny = {0, Float.MIN_VALUE, 3e-42f, Float.MIN_NORMAL, 0x1.8p-100f, 0x1.fffffep-64f, 0x1p-40f};
        for (float e : tiny) {
            assertEquals(
                    Float.floatToRawIntBits(e), Float.floatToRawIntBits(CanonicalMath.log1p(e)), () -> "log1p of " + e);
        }
    }

    /** Where the relative error is largest: around 1, and wherever the exponent is small. */
    @Test
    void logIsWithinAnUlp() {
        Random random = new Random(42);
        for (int i = 0; i < EXACT_SAMPLES; i++) {
            assertLog(0.5 + 1.5 * random.nextDouble());
            assertLog(1 + random.nextGaussian() * Math.scalb(1.0, -random.nextInt(50)) / 8);
            assertLog(Math.scalb(1 + random.nextDouble(), random.nextInt(2098) - 1074));
        }
        double[] edges = {Double.MIN_VALUE, 0x1p-1073, Double.MIN_NORMAL, Math.nextDown(Double.MIN_NORMAL), 0.75, 1.5};
        for (double edge : edges) {
            assertLog(edge);
        }
        assertLog(Math.nextDown(0.75));
        assertLog(Math.nextDown(1.5));
        assertLog(Math.nextDown(1.0));
        assertLog(Math.nextUp(1.0));
        assertLog(Double.MAX_VALUE);
    }

    private static void assertLog(double x) {
        double error = Exact.ulps(CanonicalMath.log(x), Exact.log(x));
        assertTrue(error <= 1, () -> "log of " + x + " is off by " + error + " ULP");
    }

    @Test
    void log1pFromMinusOneIsWithinAnUlp() {
        Random random = new Random(42);
        for (int i = 0; i < EXACT_SAMPLES; i++) {
            assertLog1p(-random.nextDouble());
            assertLog1p(Math.scalb(random.nextDouble(), -random.nextInt(60)) - 1 + 0x1p-53);
            assertLog1p(-Math.scalb(1 + random.nextDouble(), -1 - random.nextInt(1000)));
            assertLog1p(Math.scalb(random.nextDouble(), random.nextInt(120) - 60));
        }
        assertLog1p(Math.nextUp(-1.0));
        assertLog1p(-Double.MIN_VALUE);
        assertLog1p(-0.25);
        assertLog1p(Math.nextUp(-0.25));
        assertLog1p(Math.nextDown(-0.25));
    }

    private static void assertLog1p(double u) {
        double error = Exact.ulps(CanonicalMath.log1pFromMinusOne(u), Exact.log1p(u));
        assertTrue(error <= 1, () -> "log1p of " + u + " is off by " + error + " ULP");
    }

    @Test
    void log1pFromMinusOneHasTheBitsOfLog1p() {
        for (long[] pair : LOG1P) {
            double u = Double.longBitsToDouble(pair[0]);
            assertEquals(CanonicalMath.log1p(u), CanonicalMath.log1pFromMinusOne(u), () -> "log1p of " + u);
        }
    }

    @Test
    void logarithmsHaveLimits() {
        assertEquals(Double.NEGATIVE_INFINITY, CanonicalMath.log(0.0));
        assertEquals(Double.NEGATIVE_INFINITY, CanonicalMath.log(-0.0));
        assertEquals(Double.POSITIVE_INFINITY, CanonicalMath.log(Double.POSITIVE_INFINITY));
        assertEquals(0.0, CanonicalMath.log(1.0));
        assertEquals(Double.NEGATIVE_INFINITY, CanonicalMath.log1pFromMinusOne(-1.0));
        assertEquals(Double.POSITIVE_INFINITY, CanonicalMath.log1pFromMinusOne(Double.POSITIVE_INFINITY));
        double[] below = {-Double.MIN_VALUE, -1, -Double.MAX_VALUE, Double.NEGATIVE_INFINITY, Double.NaN};
        for (double x : below) {
            assertTrue(Double.isNaN(CanonicalMath.log(x)), () -> "log of " + x);
            assertTrue(Double.isNaN(CanonicalMath.log1pFromMinusOne(x - 1 - Math.ulp(1.0))), () -> "log1p of " + x);
        }
    }

    @Test
    void expOfAnyIsWithinAnUlp() {
        Random random = new Random(42);
        for (int i = 0; i < EXACT_SAMPLES; i++) {
            double t = 1417.8 * random.nextDouble() - 708.3;
            double error = Exact.ulps(CanonicalMath.expOfAny(t), Exact.exp(new BigDecimal(t)));
            assertTrue(error <= 1, () -> "exp of " + t + " is off by " + error + " ULP");
        }
        for (int i = 0; i < SAMPLES; i++) {
            float t = (float) (175.5 * random.nextDouble() - 87.3);
            double exact = StrictMath.exp(t);
            assertEquals(exact, CanonicalMath.expOfAny(t), Math.ulp((float) exact), () -> "exp of " + t);
        }
    }

    @Test
    void expOfAnyOverflowsToInfinity() {
        assertEquals(Float.POSITIVE_INFINITY, CanonicalMath.expOfAny(CanonicalMath.F_OVERFLOW));
        assertEquals(Float.POSITIVE_INFINITY, CanonicalMath.expOfAny(Float.POSITIVE_INFINITY));
        assertEquals(Double.POSITIVE_INFINITY, CanonicalMath.expOfAny(CanonicalMath.D_OVERFLOW));
        assertEquals(Double.POSITIVE_INFINITY, CanonicalMath.expOfAny(Double.POSITIVE_INFINITY));
        assertEquals(0f, CanonicalMath.expOfAny(Float.NEGATIVE_INFINITY));
        assertEquals(0.0, CanonicalMath.expOfAny(Double.NEGATIVE_INFINITY));
        assertTrue(Float.isNaN(CanonicalMath.expOfAny(Float.NaN)));
        assertTrue(Double.isNaN(CanonicalMath.expOfAny(Double.NaN)));
    }
}
