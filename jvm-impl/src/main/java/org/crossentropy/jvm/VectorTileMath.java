package org.crossentropy.jvm;

import static jdk.incubator.vector.VectorOperators.EQ;
import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.LT;
import static jdk.incubator.vector.VectorOperators.NE;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link TileMath} for a chunk of elements at a time, step by step the same. The elements are in arrays of double, which
 * stay in the first-level cache; beyond a chunk's last element they are filled up to a whole vector with what was there.
 *
 * <p>Each function is a loop of its own over the chunk, and none calls another with a vector: the compiler C2 stops
 * inlining in a loop that is as long as all of them, and a vector that is passed to a call is an allocation.
 */
final class VectorTileMath {

    /** Elements of a chunk, unless a row is shorter. */
    static final int CHUNK = 128;

    private static final VectorSpecies<Double> SPECIES = VectorWidth.DOUBLES;
    private static final VectorSpecies<Long> LONGS = VectorSpecies.of(long.class, SPECIES.vectorShape());
    private static final int WIDTH = SPECIES.length();

    /** The elements, as operand a. */
    final double[] a;

    /** {@code exp(-|a|)} of the logistic functions. */
    final double[] d;

    /** Weights of the positive and of the negative side. */
    final double[] p;

    final double[] n;

    /** Results, and their gradient. */
    final double[] loss;

    final double[] gradient;

    private final double[] log;

    /**
     * Allocates the arrays.
     *
     * @param columns the most elements there will be at a time
     */
    VectorTileMath(int columns) {
        int length = Math.min(CHUNK, (columns + WIDTH - 1) & -WIDTH);
        a = new double[length];
        d = new double[length];
        p = new double[length];
        n = new double[length];
        loss = new double[length];
        gradient = new double[length];
        log = new double[length];
    }

    /** From c in n, v in d and b in p: the weights of the two sides. */
    void weighSides(int count) {
        weighSides(n, d, p, count);
    }

    private static void weighSides(double[] n, double[] d, double[] p, int count) {
        final DoubleVector one = DoubleVector.broadcast(SPECIES, 1.0);
        for (int j = 0; j < count; j += WIDTH) {
            DoubleVector c = DoubleVector.fromArray(SPECIES, n, j);
            DoubleVector v = DoubleVector.fromArray(SPECIES, d, j);
            DoubleVector b = DoubleVector.fromArray(SPECIES, p, j);
            c.mul(v).mul(b).intoArray(p, j);
            c.mul(one.sub(b)).intoArray(n, j);
        }
    }

    /** From logits in a: soft-cap and temperature of them, in a; the cap is not 0. */
    void shape(int count, double cap, double temperature) {
        toCapExponents(a, d, count, cap);
        exp(d, count);
        shape(a, d, count, cap, temperature);
    }

    private static void toCapExponents(double[] a, double[] d, int count, double cap) {
        for (int j = 0; j < count; j += WIDTH) {
            DoubleVector y = DoubleVector.fromArray(SPECIES, a, j).div(cap);
            y.abs().mul(-2.0).intoArray(d, j);
        }
    }

    private static void shape(double[] a, double[] d, int count, double cap, double temperature) {
        final DoubleVector one = DoubleVector.broadcast(SPECIES, 1.0);
        for (int j = 0; j < count; j += WIDTH) {
            DoubleVector e = DoubleVector.fromArray(SPECIES, d, j);
            DoubleVector h = one.sub(e).div(one.add(e)).mul(cap);
            LongVector sign =
                    DoubleVector.fromArray(SPECIES, a, j).reinterpretAsLongs().and(Long.MIN_VALUE);
            h.reinterpretAsLongs()
                    .and(Long.MAX_VALUE)
                    .or(sign)
                    .reinterpretAsDoubles()
                    .div(temperature)
                    .intoArray(a, j);
        }
    }

    /** From a, d, p and n: loss and gradient, as {@link TileMath.Logistic#set}. */
    void logistic(int count, double focus, double poly, double scale) {
        System.arraycopy(d, 0, log, 0, d.length);
        log1p(count);
        if (focus == 0) {
            logisticWithoutFocus(count, poly, scale, a, d, log, p, n, loss, gradient);
        } else {
            toFocusExponents(count, focus, a, log, loss, gradient);
            exp(loss, count);
            exp(gradient, count);
            logisticWithFocus(count, focus, scale, a, d, log, p, n, loss, gradient);
        }
    }

    private static void logisticWithoutFocus(
            int count,
            double poly,
            double scale,
            double[] a,
            double[] d,
            double[] log,
            double[] p,
            double[] n,
            double[] loss,
            double[] gradient) {
        final DoubleVector zero = DoubleVector.zero(SPECIES);
        final DoubleVector one = DoubleVector.broadcast(SPECIES, 1.0);
        final DoubleVector r2 = DoubleVector.broadcast(SPECIES, poly);
        for (int j = 0; j < count; j += WIDTH) {
            DoubleVector x = DoubleVector.fromArray(SPECIES, a, j);
            DoubleVector e = DoubleVector.fromArray(SPECIES, d, j);
            DoubleVector l = DoubleVector.fromArray(SPECIES, log, j);
            VectorMask<Double> positive = x.compare(GE, zero);
            DoubleVector q = one.div(one.add(e));
            DoubleVector s = e.mul(q).blend(q, positive);
            DoubleVector z = q.blend(e.mul(q), positive);
            DoubleVector lossP = r2.fma(z, l.add(x.neg().blend(zero, positive)));
            DoubleVector lossN = r2.fma(s, l.add(zero.blend(x, positive)));
            DoubleVector gradientP = r2.mul(s).fma(z, z).neg();
            DoubleVector gradientN = r2.mul(z).fma(s, s);
            DoubleVector weightP = DoubleVector.fromArray(SPECIES, p, j);
            DoubleVector weightN = DoubleVector.fromArray(SPECIES, n, j);
            VectorMask<Double> noP = weightP.compare(EQ, zero);
            VectorMask<Double> noN = weightN.compare(EQ, zero);
            VectorMask<Double> nan = x.compare(NE, x);
            weightP.mul(lossP)
                    .blend(zero, noP)
                    .add(weightN.mul(lossN).blend(zero, noN))
                    .blend(x, nan)
                    .intoArray(loss, j);
            weightP.mul(gradientP)
                    .blend(zero, noP)
                    .add(weightN.mul(gradientN).blend(zero, noN))
                    .mul(scale)
                    .blend(x, nan)
                    .intoArray(gradient, j);
        }
    }

    /** What the factors of the focal loss are the exponentials of. */
    private static void toFocusExponents(
            int count, double focus, double[] a, double[] log, double[] ofPositive, double[] ofNegative) {
        final DoubleVector zero = DoubleVector.zero(SPECIES);
        for (int j = 0; j < count; j += WIDTH) {
            DoubleVector x = DoubleVector.fromArray(SPECIES, a, j);
            DoubleVector l = DoubleVector.fromArray(SPECIES, log, j);
            VectorMask<Double> positive = x.compare(GE, zero);
            l.add(zero.blend(x, positive)).mul(-focus).intoArray(ofPositive, j);
            l.add(x.neg().blend(zero, positive)).mul(-focus).intoArray(ofNegative, j);
        }
    }

    /** The factors are in loss and gradient. */
    private static void logisticWithFocus(
            int count,
            double focus,
            double scale,
            double[] a,
            double[] d,
            double[] log,
            double[] p,
            double[] n,
            double[] loss,
            double[] gradient) {
        final DoubleVector zero = DoubleVector.zero(SPECIES);
        final DoubleVector one = DoubleVector.broadcast(SPECIES, 1.0);
        for (int j = 0; j < count; j += WIDTH) {
            DoubleVector x = DoubleVector.fromArray(SPECIES, a, j);
            DoubleVector e = DoubleVector.fromArray(SPECIES, d, j);
            DoubleVector l = DoubleVector.fromArray(SPECIES, log, j);
            VectorMask<Double> positive = x.compare(GE, zero);
            DoubleVector q = one.div(one.add(e));
            DoubleVector s = e.mul(q).blend(q, positive);
            DoubleVector z = q.blend(e.mul(q), positive);
            DoubleVector lossP = l.add(x.neg().blend(zero, positive));
            DoubleVector lossN = l.add(zero.blend(x, positive));
            DoubleVector factorP = DoubleVector.fromArray(SPECIES, loss, j);
            DoubleVector factorN = DoubleVector.fromArray(SPECIES, gradient, j);
            DoubleVector slopeP = lossP.mul(focus).mul(s).blend(zero, s.compare(EQ, zero));
            DoubleVector slopeN = lossN.mul(focus).mul(z).blend(zero, z.compare(EQ, zero));
            DoubleVector gradientP = factorP.mul(slopeP.add(z)).neg();
            DoubleVector gradientN = factorN.mul(slopeN.add(s));
            DoubleVector weightP = DoubleVector.fromArray(SPECIES, p, j);
            DoubleVector weightN = DoubleVector.fromArray(SPECIES, n, j);
            VectorMask<Double> noP = weightP.compare(EQ, zero);
            VectorMask<Double> noN = weightN.compare(EQ, zero);
            VectorMask<Double> nan = x.compare(NE, x);
            weightP.mul(factorP.mul(lossP))
                    .blend(zero, noP)
                    .add(weightN.mul(factorN.mul(lossN)).blend(zero, noN))
                    .blend(x, nan)
                    .intoArray(loss, j);
            weightP.mul(gradientP)
                    .blend(zero, noP)
                    .add(weightN.mul(gradientN).blend(zero, noN))
                    .mul(scale)
                    .blend(x, nan)
                    .intoArray(gradient, j);
        }
    }

    /** From a: {@code exp(-|a|)}, in d, as it is for double. */
    void expOfMinusAbs(int count) {
        minusAbs(a, d, count);
        exp(d, count);
    }

    private static void minusAbs(double[] from, double[] to, int count) {
        for (int j = 0; j < count; j += WIDTH) {
            DoubleVector.fromArray(SPECIES, from, j).abs().neg().intoArray(to, j);
        }
    }

    /** From a and d, targets in p and weights in n: loss and gradient of the squared error. */
    void sigmoidSquared(int count, double scale) {
        sigmoidSquared(count, scale, a, d, p, n, loss, gradient);
    }

    private static void sigmoidSquared(
            int count,
            double scale,
            double[] a,
            double[] d,
            double[] targets,
            double[] weights,
            double[] loss,
            double[] gradient) {
        final DoubleVector one = DoubleVector.broadcast(SPECIES, 1.0);
        for (int j = 0; j < count; j += WIDTH) {
            DoubleVector e = DoubleVector.fromArray(SPECIES, d, j);
            VectorMask<Double> positive = DoubleVector.fromArray(SPECIES, a, j).compare(GE, 0.0);
            DoubleVector q = one.div(one.add(e));
            DoubleVector s = e.mul(q).blend(q, positive);
            DoubleVector z = q.blend(e.mul(q), positive);
            DoubleVector t = DoubleVector.fromArray(SPECIES, targets, j);
            DoubleVector weight = DoubleVector.fromArray(SPECIES, weights, j);
            DoubleVector error = one.sub(t).mul(s).sub(t.mul(z));
            weight.mul(error).mul(error).intoArray(loss, j);
            weight.mul(2.0).mul(error).mul(s.mul(z)).mul(scale).intoArray(gradient, j);
        }
    }

    /** From probabilities in a, and p and n: loss and gradient; each logarithm is at most {@code most}. */
    void bernoulli(int count, double most, double scale) {
        negate(a, d, count);
        System.arraycopy(d, 0, log, 0, d.length);
        log1p(count);
        System.arraycopy(log, 0, d, 0, d.length);
        System.arraycopy(a, 0, log, 0, a.length);
        log(count);
        bernoulli(count, most, scale, a, log, d, p, n, loss, gradient);
    }

    private static void negate(double[] from, double[] to, int count) {
        for (int j = 0; j < count; j += WIDTH) {
            DoubleVector.fromArray(SPECIES, from, j).neg().intoArray(to, j);
        }
    }

    private static void bernoulli(
            int count,
            double most,
            double scale,
            double[] a,
            double[] log,
            double[] log1p,
            double[] p,
            double[] n,
            double[] loss,
            double[] gradient) {
        final DoubleVector zero = DoubleVector.zero(SPECIES);
        final DoubleVector one = DoubleVector.broadcast(SPECIES, 1.0);
        final DoubleVector cut = DoubleVector.broadcast(SPECIES, most);
        for (int j = 0; j < count; j += WIDTH) {
            DoubleVector x = DoubleVector.fromArray(SPECIES, a, j);
            DoubleVector lossP = DoubleVector.fromArray(SPECIES, log, j).neg();
            DoubleVector lossN = DoubleVector.fromArray(SPECIES, log1p, j).neg();
            DoubleVector weightP = DoubleVector.fromArray(SPECIES, p, j);
            DoubleVector weightN = DoubleVector.fromArray(SPECIES, n, j);
            VectorMask<Double> cutP = lossP.compare(GT, cut);
            VectorMask<Double> cutN = lossN.compare(GT, cut);
            VectorMask<Double> noP = weightP.compare(EQ, zero);
            VectorMask<Double> noN = weightN.compare(EQ, zero);
            VectorMask<Double> nan = x.compare(NE, x);
            weightP.mul(lossP.blend(cut, cutP))
                    .blend(zero, noP)
                    .add(weightN.mul(lossN.blend(cut, cutN)).blend(zero, noN))
                    .blend(x, nan)
                    .intoArray(loss, j);
            DoubleVector up = weightN.div(one.sub(x)).blend(zero, noN).blend(zero, cutN);
            DoubleVector down = weightP.div(x).blend(zero, noP).blend(zero, cutP);
            up.sub(down).mul(scale).blend(x, nan).intoArray(gradient, j);
        }
    }

    /** From a: its logarithms, in a. */
    void logOfElements(int count) {
        System.arraycopy(a, 0, log, 0, a.length);
        log(count);
        System.arraycopy(log, 0, a, 0, a.length);
    }

    /** {@link CanonicalMath#log} of what is in log. */
    private void log(int count) {
        reduceForLog(log, loss, gradient, count);
        finishLog(log, 0.0, loss, gradient, count);
    }

    /** {@link CanonicalMath#log1pFromMinusOne} of what is in log. */
    private void log1p(int count) {
        reduceForLog1p(log, loss, gradient, count);
        finishLog(log, -1.0, loss, gradient, count);
    }

    /** {@code x = (1 + f) 2^k}. */
    private static void reduceForLog(double[] x, double[] f, double[] k, int count) {
        for (int j = 0; j < count; j += WIDTH) {
            DoubleVector argument = DoubleVector.fromArray(SPECIES, x, j);
            VectorMask<Double> subnormal = argument.compare(LT, Double.MIN_NORMAL);
            LongVector bits = argument.blend(argument.mul(0x1p54), subnormal).reinterpretAsLongs();
            LongVector aboveThreeQuarters = bits.sub(CanonicalMath.L_THREE_QUARTERS);
            DoubleVector exponent = aboveThreeQuarters
                    .add(CanonicalMath.L_EXPONENT_OFFSET)
                    .lanewise(LSHR, 52)
                    .or(CanonicalMath.L_TWO_TO_52)
                    .reinterpretAsDoubles()
                    .sub(0x1p52 + 1024);
            exponent.blend(exponent.sub(54.0), subnormal).intoArray(k, j);
            bits.sub(aboveThreeQuarters.and(CanonicalMath.L_EXPONENT))
                    .reinterpretAsDoubles()
                    .sub(1.0)
                    .intoArray(f, j);
        }
    }

    /** {@code 1 + u = (1 + f) 2^k}. */
    private static void reduceForLog1p(double[] u, double[] f, double[] k, int count) {
        final DoubleVector zero = DoubleVector.zero(SPECIES);
        final LongVector one = LongVector.broadcast(LONGS, CanonicalMath.L_ONE);
        for (int j = 0; j < count; j += WIDTH) {
            DoubleVector argument = DoubleVector.fromArray(SPECIES, u, j);
            DoubleVector onePlus = argument.add(1.0);
            DoubleVector lost = argument.sub(onePlus.sub(1.0));
            LongVector bits = onePlus.reinterpretAsLongs();
            LongVector aboveThreeQuarters = bits.sub(CanonicalMath.L_THREE_QUARTERS);
            LongVector exponentField = aboveThreeQuarters.and(CanonicalMath.L_EXPONENT);
            DoubleVector inversePower = one.sub(exponentField).reinterpretAsDoubles();
            // From 2^53 on, 1 + u differs from u by a rounding only, and 2^-k may not exist.
            DoubleVector scaledLost = zero.blend(lost.mul(inversePower), onePlus.compare(LT, 0x1p53));
            bits.sub(exponentField)
                    .reinterpretAsDoubles()
                    .sub(1.0)
                    .add(scaledLost)
                    .intoArray(f, j);
            aboveThreeQuarters
                    .add(CanonicalMath.L_EXPONENT_OFFSET)
                    .lanewise(LSHR, 52)
                    .or(CanonicalMath.L_TWO_TO_52)
                    .reinterpretAsDoubles()
                    .sub(0x1p52 + 1024)
                    .intoArray(k, j);
        }
    }

    /** {@code log((1 + f) 2^k)} in place of the argument, where that is finite and above the pole. */
    private static void finishLog(double[] argument, double pole, double[] f, double[] k, int count) {
        final DoubleVector c8 = DoubleVector.broadcast(SPECIES, CanonicalMath.L_C8);
        final DoubleVector c7 = DoubleVector.broadcast(SPECIES, CanonicalMath.L_C7);
        final DoubleVector c6 = DoubleVector.broadcast(SPECIES, CanonicalMath.L_C6);
        final DoubleVector c5 = DoubleVector.broadcast(SPECIES, CanonicalMath.L_C5);
        final DoubleVector c4 = DoubleVector.broadcast(SPECIES, CanonicalMath.L_C4);
        final DoubleVector c3 = DoubleVector.broadcast(SPECIES, CanonicalMath.L_C3);
        final DoubleVector c2 = DoubleVector.broadcast(SPECIES, CanonicalMath.L_C2);
        final DoubleVector c1 = DoubleVector.broadcast(SPECIES, CanonicalMath.L_C1);
        final DoubleVector low = DoubleVector.broadcast(SPECIES, CanonicalMath.L_LN2_LOW);
        final DoubleVector high = DoubleVector.broadcast(SPECIES, CanonicalMath.L_LN2_HIGH);
        final DoubleVector nan = DoubleVector.broadcast(SPECIES, Double.NaN);
        final DoubleVector infinity = DoubleVector.broadcast(SPECIES, Double.POSITIVE_INFINITY);
        for (int j = 0; j < count; j += WIDTH) {
            DoubleVector fraction = DoubleVector.fromArray(SPECIES, f, j);
            DoubleVector exponent = DoubleVector.fromArray(SPECIES, k, j);
            DoubleVector s = fraction.div(fraction.add(2.0));
            DoubleVector z = s.mul(s);
            DoubleVector p = c8.fma(z, c7)
                    .fma(z, c6)
                    .fma(z, c5)
                    .fma(z, c4)
                    .fma(z, c3)
                    .fma(z, c2)
                    .fma(z, c1);
            DoubleVector minusHalf = fraction.mul(-0.5);
            DoubleVector halfSquarePlusR = p.fma(z, minusHalf.mul(fraction).neg());
            DoubleVector tail = minusHalf.fma(fraction, s.mul(halfSquarePlusR));
            DoubleVector log = exponent.fma(high, fraction.add(exponent.fma(low, tail)));
            DoubleVector x = DoubleVector.fromArray(SPECIES, argument, j);
            nan.blend(log, x.compare(GT, pole))
                    .blend(infinity.neg(), x.compare(EQ, pole))
                    .blend(infinity, x.compare(EQ, infinity))
                    .intoArray(argument, j);
        }
    }

    /** {@link CanonicalMath#expOfAny(double)} in place. */
    static void exp(double[] t, int count) {
        final DoubleVector log2e = DoubleVector.broadcast(SPECIES, CanonicalMath.D_LOG2_E);
        final DoubleVector magic = DoubleVector.broadcast(SPECIES, CanonicalMath.D_MAGIC);
        final DoubleVector minusHigh = DoubleVector.broadcast(SPECIES, CanonicalMath.D_MINUS_LN2_HIGH);
        final DoubleVector minusLow = DoubleVector.broadcast(SPECIES, CanonicalMath.D_MINUS_LN2_LOW);
        final DoubleVector c11 = DoubleVector.broadcast(SPECIES, CanonicalMath.D_C11);
        final DoubleVector c10 = DoubleVector.broadcast(SPECIES, CanonicalMath.D_C10);
        final DoubleVector c9 = DoubleVector.broadcast(SPECIES, CanonicalMath.D_C9);
        final DoubleVector c8 = DoubleVector.broadcast(SPECIES, CanonicalMath.D_C8);
        final DoubleVector c7 = DoubleVector.broadcast(SPECIES, CanonicalMath.D_C7);
        final DoubleVector c6 = DoubleVector.broadcast(SPECIES, CanonicalMath.D_C6);
        final DoubleVector c5 = DoubleVector.broadcast(SPECIES, CanonicalMath.D_C5);
        final DoubleVector c4 = DoubleVector.broadcast(SPECIES, CanonicalMath.D_C4);
        final DoubleVector c3 = DoubleVector.broadcast(SPECIES, CanonicalMath.D_C3);
        final DoubleVector c2 = DoubleVector.broadcast(SPECIES, CanonicalMath.D_C2);
        final DoubleVector one = DoubleVector.broadcast(SPECIES, 1.0);
        final DoubleVector cutoff = DoubleVector.broadcast(SPECIES, CanonicalMath.D_CUTOFF);
        final DoubleVector overflow = DoubleVector.broadcast(SPECIES, CanonicalMath.D_OVERFLOW);
        final DoubleVector infinity = DoubleVector.broadcast(SPECIES, Double.POSITIVE_INFINITY);
        final DoubleVector zero = DoubleVector.zero(SPECIES);
        for (int j = 0; j < count; j += WIDTH) {
            DoubleVector x = DoubleVector.fromArray(SPECIES, t, j);
            DoubleVector b = x.fma(log2e, magic);
            DoubleVector k = b.sub(magic);
            DoubleVector r = k.fma(minusLow, k.fma(minusHigh, x));
            DoubleVector p = c11.fma(r, c10)
                    .fma(r, c9)
                    .fma(r, c8)
                    .fma(r, c7)
                    .fma(r, c6)
                    .fma(r, c5)
                    .fma(r, c4)
                    .fma(r, c3)
                    .fma(r, c2)
                    .fma(r, one)
                    .fma(r, one);
            DoubleVector power = b.reinterpretAsLongs().lanewise(LSHL, 52).reinterpretAsDoubles();
            p.mul(power)
                    .blend(zero, x.compare(LT, cutoff))
                    .blend(infinity, x.compare(GE, overflow))
                    .intoArray(t, j);
        }
    }
}
