package org.crossentropy.tck.test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.SplittableRandom;
import org.crossentropy.api.Matrix;
import org.crossentropy.tck.DoubleDouble;
import org.crossentropy.tck.Grid;
import org.crossentropy.tck.RowOracle;
import org.junit.jupiter.api.Test;

/** The oracle against decimal arithmetic of 60 digits. */
class OracleTest {

    private static final MathContext DIGITS = new MathContext(60);
    private static final double ARITHMETIC = 1e-30;
    private static final double FUNCTIONS = 1e-28;

    private static BigDecimal exact(DoubleDouble value) {
        return new BigDecimal(value.high()).add(new BigDecimal(value.low()));
    }

    private static void assertNear(BigDecimal expected, DoubleDouble actual, double relative, String where) {
        BigDecimal difference = expected.subtract(exact(actual)).abs();
        BigDecimal allowed = expected.abs().multiply(BigDecimal.valueOf(relative));
        assertTrue(
                difference.compareTo(allowed) <= 0,
                () -> where + " is " + actual + ", must be " + expected + ", off by " + difference.round(DIGITS));
    }

    private static DoubleDouble random(SplittableRandom random) {
        double high = Math.scalb(random.nextDouble(-2, 2), random.nextInt(-40, 40));
        return DoubleDouble.of(high).plus(DoubleDouble.of(high * 0x1p-60 * random.nextDouble()));
    }

    @Test
    void arithmetic() {
        SplittableRandom random = new SplittableRandom(Grid.seed());
        for (int i = 0; i < 20_000; i++) {
            DoubleDouble a = random(random);
            DoubleDouble b = random(random);
            String where = a + " and " + b;
            assertNear(exact(a).multiply(exact(b)), a.times(b), ARITHMETIC, "product of " + where);
            assertNear(exact(a).divide(exact(b), DIGITS), a.dividedBy(b), ARITHMETIC, "quotient of " + where);
            DoubleDouble sum = a.abs().plus(b.abs());
            assertNear(exact(a.abs()).add(exact(b.abs())), sum, ARITHMETIC, "sum of " + where);
        }
    }

    /** exp by halving the argument often, the series, and squaring. */
    private static BigDecimal exp(BigDecimal x) {
        int halvings = 20;
        BigDecimal small = x.divide(BigDecimal.valueOf(1L << halvings), new MathContext(90));
        BigDecimal term = BigDecimal.ONE;
        BigDecimal sum = BigDecimal.ONE;
        for (int n = 1; n < 40; n++) {
            term = term.multiply(small).divide(BigDecimal.valueOf(n), new MathContext(90));
            sum = sum.add(term);
        }
        for (int i = 0; i < halvings; i++) {
            sum = sum.multiply(sum, new MathContext(90));
        }
        return sum;
    }

    @Test
    void expOfAnyNumberAndItsInverse() {
        SplittableRandom random = new SplittableRandom(Grid.seed());
        for (int i = 0; i < 2_000; i++) {
            double x = i % 2 == 0 ? random.nextDouble(-600, 1) : -Math.scalb(1.0, random.nextInt(-90, 9));
            DoubleDouble value = DoubleDouble.of(x);
            BigDecimal expected = exp(new BigDecimal(x));
            assertNear(expected, value.exp(), FUNCTIONS, "exp of " + x);
            assertNear(expected.subtract(BigDecimal.ONE), value.expm1(), FUNCTIONS, "expm1 of " + x);
        }
        for (int i = 0; i < 2_000; i++) {
            DoubleDouble u = DoubleDouble.of(Math.scalb(random.nextDouble(1, 2), random.nextInt(-300, 20)));
            // expm1(log1p(u)) = u, and the condition number of expm1 is at most 1 + log1p(u).
            assertNear(exact(u), u.log1p().expm1(), 20 * FUNCTIONS, "expm1(log1p) of " + u);
        }
    }

    @Test
    void knownLogarithm() {
        BigDecimal ln2 = new BigDecimal("0.693147180559945309417232121458176568075500134360255254120680");
        assertNear(ln2, DoubleDouble.ONE.log1p(), FUNCTIONS, "log 2");
        assertEquals(Math.log(3), DoubleDouble.of(2).log1p().high());
    }

    @Test
    void specialNumbers() {
        double infinity = Double.POSITIVE_INFINITY;
        assertEquals(0, DoubleDouble.of(-infinity).exp().high());
        assertEquals(infinity, DoubleDouble.difference(1, -infinity).high());
        assertEquals(0, DoubleDouble.difference(1, -infinity).low());
        assertTrue(Double.isNaN(DoubleDouble.difference(infinity, infinity).high()));
        assertEquals(infinity, DoubleDouble.of(infinity).log1p().high());
    }

    @Test
    void rowByHand() {
        RowOracle row = new RowOracle(Matrix.of(new double[] {0, Math.log(3), Double.NEGATIVE_INFINITY}, 1, 3), 0);
        // log 3 is itself rounded, so all is as good as a double.
        assertEquals(0.25, row.probability(0).high(), Math.ulp(1.0));
        assertEquals(0.75, row.otherProbability(0).high(), Math.ulp(1.0));
        assertEquals(0, row.probability(2).high());
        assertEquals(Math.log(4), row.logSumExp().high(), 2 * Math.ulp(1.0));
        assertEquals(Double.POSITIVE_INFINITY, row.surprisal(2).high());
        assertEquals(Math.log1p(1 / 3.0), row.surprisal(1).high(), Math.ulp(1.0));
    }

    @Test
    void tinySurprisalKeepsItsDigits() {
        RowOracle row = new RowOracle(Matrix.of(new double[] {300, 0}, 1, 2), 0);
        BigDecimal expected = exp(BigDecimal.valueOf(-300));
        assertNear(expected, row.surprisal(0), FUNCTIONS, "surprisal of a lead of 300");
        assertNear(expected, row.otherProbability(0), FUNCTIONS, "1 - p of a lead of 300");
    }
}
