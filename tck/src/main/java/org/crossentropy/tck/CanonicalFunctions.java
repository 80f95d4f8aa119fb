package org.crossentropy.tck;

import org.crossentropy.api.ElementType;

/**
 * The functions of the canonical algorithm, written down from the documentation of {@link org.crossentropy.api.spi} once
 * more: slowly, for one number, and with branches where backends have none, so that a mistake is not shared.
 */
final class CanonicalFunctions {

    private static final float[] EXP_FLOAT = {
        0x1.6890e4p-10f, 0x1.1273ep-7f, 0x1.555dbp-5f, 0x1.55542ap-3f, 0x1.fffffp-2f, 1, 1
    };

    private static final double[] EXP_DOUBLE = {
        0x1.adb3b03f5b8f2p-26,
        0x1.28ade3c481965p-22,
        0x1.71df02d3d88b2p-19,
        0x1.a019997933e47p-16,
        0x1.a01a013aa73f8p-13,
        0x1.6c16c1846e395p-10,
        0x1.111111112482cp-7,
        0x1.55555555506dap-5,
        0x1.5555555555508p-3,
        0x1.000000000000ap-1,
        1,
        1
    };

    private static final double[] LOG = {
        0x1.1b792193c20f7p-3,
        0x1.0dcca7123ce96p-3,
        0x1.3b35b3a358433p-3,
        0x1.745c4b27eb33fp-3,
        0x1.c71c748eefdb5p-3,
        0x1.24924921e4c44p-2,
        0x1.999999999c175p-2,
        0x1.555555555554fp-1
    };

    private static final float[] LOG1P_FLOAT = {
        -0x1.af49cep-9f,
        0x1.4917cep-6f,
        -0x1.d6b08cp-5f,
        0x1.b4ae08p-4f,
        -0x1.3a435ep-3f,
        0x1.934b54p-3f,
        -0x1.ff23e6p-3f,
        0x1.554ddp-2f,
        -0x1.ffffd2p-2f
    };

    private CanonicalFunctions() {}

    /** exp in the arithmetic of a type, for any argument. */
    static double exp(ElementType type, double t) {
        return type == ElementType.FLOAT64 ? exp(t) : exp((float) t);
    }

    private static float exp(float t) {
        if (Float.isNaN(t)) {
            return Float.NaN;
        }
        if (t < -0x1.5d589ep6f) {
            return 0;
        }
        if (t >= 0x1.62e430p6f) {
            return Float.POSITIVE_INFINITY;
        }
        float z = Math.fma(t, 0x1.715476p0f, 12_583_039f);
        float n = z - 12_583_039f;
        float r = Math.fma(n, -0x1.62e430p-1f, t);
        r = Math.fma(n, 0x1.05c610p-29f, r);
        float p = EXP_FLOAT[0];
        for (int i = 1; i < EXP_FLOAT.length; i++) {
            p = Math.fma(p, r, EXP_FLOAT[i]);
        }
        // Math.scalb is exact below the last power of two; the definition multiplies by infinity from there on.
        return n > Float.MAX_EXPONENT ? Float.POSITIVE_INFINITY : Math.scalb(p, (int) n);
    }

    /** exp64, for any argument. */
    static double exp(double t) {
        if (Double.isNaN(t)) {
            return Double.NaN;
        }
        if (t < -0x1.6232bdd7abcd2p9) {
            return 0;
        }
        if (t >= 0x1.62e42fefa39efp9) {
            return Double.POSITIVE_INFINITY;
        }
        double z = Math.fma(t, 0x1.71547652b82fep0, 0x1.80000000003ffp52);
        double n = z - 0x1.80000000003ffp52;
        double r = Math.fma(n, -0x1.62e42fefa39efp-1, t);
        r = Math.fma(n, -0x1.abc9e3b39803fp-56, r);
        double p = EXP_DOUBLE[0];
        for (int i = 1; i < EXP_DOUBLE.length; i++) {
            p = Math.fma(p, r, EXP_DOUBLE[i]);
        }
        return n > Double.MAX_EXPONENT ? Double.POSITIVE_INFINITY : Math.scalb(p, (int) n);
    }

    /** log64. */
    static double log(double w) {
        if (!(w > 0) || w == Double.POSITIVE_INFINITY) {
            return outside(w);
        }
        return w < Double.MIN_NORMAL ? log(w * 0x1p54, 0, -54) : log(w, 0, 0);
    }

    /** log1p64, from -1 on. */
    static double log1p(double u) {
        double w = 1 + u;
        if (!(u > -1) || u == Double.POSITIVE_INFINITY) {
            return outside(w);
        }
        return log(w, u - (w - 1), 0);
    }

    /** log1p in the arithmetic of a type, for an argument from 0 to 1. */
    static double log1p(ElementType type, double u) {
        return type == ElementType.FLOAT64 ? log1p(u) : log1p((float) u);
    }

    private static float log1p(float u) {
        float q = LOG1P_FLOAT[0];
        for (int i = 1; i < LOG1P_FLOAT.length; i++) {
            q = Math.fma(q, u, LOG1P_FLOAT[i]);
        }
        return Math.fma(u * u, q, u);
    }

    /** The logarithm where it is no number, or of one that has none. */
    private static double outside(double w) {
        if (w == 0) {
            return Double.NEGATIVE_INFINITY;
        }
        return w > 0 ? w : Double.NaN;
    }

    /** {@code log(w + lost) + more ln 2} for a normal w above 0. */
    private static double log(double w, double lost, int more) {
        int k = Math.getExponent(w);
        double m = Math.scalb(w, -k);
        if (m >= 1.5) {
            k++;
            m /= 2;
        }
        double f = (m - 1) + (w < 0x1p53 ? lost * Math.scalb(1.0, -k) : 0);
        double s = f / (2 + f);
        double x = s * s;
        double p = LOG[0];
        for (int i = 1; i < LOG.length; i++) {
            p = Math.fma(p, x, LOG[i]);
        }
        double g = -0.5 * f;
        double a = Math.fma(p, x, -(g * f));
        double b = Math.fma(g, f, s * a);
        double y = f + Math.fma(k + more, 0x1.ef35793c76730p-45, b);
        return Math.fma(k + more, 0x1.62e42fefa3800p-1, y);
    }
}
