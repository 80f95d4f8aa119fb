package org.crossentropy.jvm;

/**
 * The tile operations that compute in double, for one element: the same for both element types. The formulas are those of
 * {@link org.crossentropy.api.spi.TileOperation}.
 */
final class TileMath {

    private TileMath() {}

    /** Soft-cap and temperature of a logit; a cap of 0 is none. */
    static double shape(double a, double cap, double temperature) {
        if (cap == 0) {
            return a / temperature;
        }
        double e = CanonicalMath.exp(-2.0 * Math.abs(a / cap));
        double h = cap * ((1.0 - e) / (1.0 + e));
        return Math.copySign(h, a) / temperature;
    }

    /** What a gradient with respect to shaped logits becomes with respect to the logits. */
    static double shapeGradient(double gradient, double shaped, double inverseTemperature, double inverseCap) {
        double u = shaped * inverseCap;
        return gradient * inverseTemperature * Math.fma(-u, u, 1.0);
    }

    /** Whether a term takes part in a sum: a factor of 0 wins over an infinity. */
    static double term(double factor, double value) {
        return factor == 0 ? 0.0 : factor * value;
    }

    /**
     * The two sides of a binary loss at one logit. Mutable, so that a loop over elements allocates nothing; the fields are
     * named as in the definition of the operation.
     */
    static final class Logistic {
        /** Probability of the positive side, and of the negative. */
        double s;

        double z;

        /** Losses of the two sides and their derivatives. */
        double fP;

        double gP;
        double fN;
        double gN;

        /**
         * Sets the probabilities and the plain losses.
         *
         * @param a the logit
         * @param d {@code exp(-|a|)}
         */
        private void sides(double a, double d) {
            double l = CanonicalMath.log1p(d);
            fP = l + Math.max(-a, 0.0);
            fN = l + Math.max(a, 0.0);
            double q = 1.0 / (1.0 + d);
            s = a >= 0 ? q : d * q;
            z = a >= 0 ? d * q : q;
        }

        /**
         * Sets everything.
         *
         * @param a the logit
         * @param d {@code exp(-|a|)}
         * @param focus exponent of the focal loss, 0 for none
         * @param poly coefficient of poly-1, 0 for none
         */
        void set(double a, double d, double focus, double poly) {
            sides(a, d);
            if (focus == 0) {
                gP = -Math.fma(poly * s, z, z);
                gN = Math.fma(poly * z, s, s);
                fP = Math.fma(poly, z, fP);
                fN = Math.fma(poly, s, fN);
                return;
            }
            double mP = CanonicalMath.exp(-focus * fN);
            double mN = CanonicalMath.exp(-focus * fP);
            gP = -(mP * ((s == 0 ? 0.0 : focus * fP * s) + z));
            gN = mN * ((z == 0 ? 0.0 : focus * fN * z) + s);
            fP = mP * fP;
            fN = mN * fN;
        }

        /** Sets the probabilities alone. */
        void probabilities(double a, double d) {
            double q = 1.0 / (1.0 + d);
            s = a >= 0 ? q : d * q;
            z = a >= 0 ? d * q : q;
        }
    }
}
