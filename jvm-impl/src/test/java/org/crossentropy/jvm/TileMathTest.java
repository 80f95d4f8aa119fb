package org.crossentropy.jvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The two sides of binary losses keep their relative accuracy where a prediction is sure, right or wrong. */
class TileMathTest {

    private static final double ULPS = 4;

    @ParameterizedTest
    @ValueSource(
            doubles = {0, 1e-300, 1e-8, -1e-8, 0.3, -0.7, 1, -5, 20, -20, 36.7, -36.7, 50, -50, 300, -300, 700, -700})
    void lossesAndProbabilitiesAreAccurate(double a) {
        TileMath.Logistic sides = new TileMath.Logistic();
        sides.set(a, CanonicalMath.exp(-Math.abs(a)), 0, 0);
        assertWithin(ULPS, softplus(-a), sides.fP);
        assertWithin(ULPS, softplus(a), sides.fN);
        assertWithin(ULPS, sigmoid(a), sides.s);
        assertWithin(ULPS, sigmoid(-a), sides.z);
        assertWithin(ULPS, sigmoid(-a).negate(), sides.gP);
        assertWithin(ULPS, sigmoid(a), sides.gN);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 1e-8, -1e-8, 0.3, -0.7, 1, -5, 20, -20, 50, -50, 300, -300})
    void focalLossIsTheLossTimesAPower(double a) {
        TileMath.Logistic sides = new TileMath.Logistic();
        sides.set(a, CanonicalMath.exp(-Math.abs(a)), 2, 0);
        BigDecimal s = sigmoid(a);
        BigDecimal z = sigmoid(-a);
        // The exponent's rounding error grows with the exponent.
        double ulps = ULPS * (2 + Math.abs(a));
        assertWithin(ulps, z.multiply(z).multiply(softplus(-a), Exact.DIGITS), sides.fP);
        assertWithin(ulps, s.multiply(s).multiply(softplus(a), Exact.DIGITS), sides.fN);
        assertWithin(ulps, focalSlope(z, s, softplus(-a)).negate(), sides.gP);
        assertWithin(ulps, focalSlope(s, z, softplus(a)), sides.gN);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 1e-8, 0.3, -0.7, 5, -20, 50})
    void polyAddsTheOtherProbability(double a) {
        TileMath.Logistic sides = new TileMath.Logistic();
        sides.set(a, CanonicalMath.exp(-Math.abs(a)), 0, 2);
        BigDecimal s = sigmoid(a);
        BigDecimal z = sigmoid(-a);
        BigDecimal product = BigDecimal.TWO.multiply(s).multiply(z);
        assertWithin(ULPS, softplus(-a).add(BigDecimal.TWO.multiply(z)), sides.fP);
        assertWithin(ULPS, softplus(a).add(BigDecimal.TWO.multiply(s)), sides.fN);
        assertWithin(ULPS, z.add(product).negate(), sides.gP);
        assertWithin(ULPS, s.add(product), sides.gN);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.0, -0.0, 1e-3, -0.5, 20, -31, 1e6, -1e6, Double.NEGATIVE_INFINITY})
    void softCapIsATangent(double a) {
        double shaped = TileMath.shape(a, 30, 2);
        assertEquals(30 * StrictMath.tanh(a / 30) / 2, shaped, 1e-14 * (1 + Math.abs(shaped)));
        assertEquals(Math.copySign(1.0, a), Math.copySign(1.0, shaped));
        assertEquals(a / 2, TileMath.shape(a, 0, 2));
    }

    private static BigDecimal focalSlope(BigDecimal other, BigDecimal own, BigDecimal loss) {
        BigDecimal inner = BigDecimal.TWO.multiply(loss).multiply(own).add(other);
        return other.multiply(other).multiply(inner, Exact.DIGITS);
    }

    private static BigDecimal softplus(double x) {
        BigDecimal positive = new BigDecimal(Math.max(x, 0));
        return positive.add(Exact.log1p(Exact.exp(new BigDecimal(-Math.abs(x)))));
    }

    private static BigDecimal sigmoid(double x) {
        BigDecimal d = Exact.exp(new BigDecimal(-Math.abs(x)));
        return (x >= 0 ? BigDecimal.ONE : d).divide(BigDecimal.ONE.add(d), Exact.DIGITS);
    }

    private static void assertWithin(double ulps, BigDecimal exact, double actual) {
        double error = Exact.ulps(actual, exact);
        assertTrue(error <= ulps, () -> actual + " is " + error + " ULP from " + exact);
    }
}
