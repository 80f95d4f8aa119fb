package org.crossentropy.jvm;

import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorSpecies;

/** {@link CanonicalMath#log1p} for a vector of doubles, step by step the same. */
final class VectorLog1p {

    private static final VectorSpecies<Double> SPECIES = VectorWidth.DOUBLES;

    private VectorLog1p() {}

    /** {@return log(1 + u) in every lane, for u at least 0 or NaN} */
    static DoubleVector log1p(DoubleVector u) {
        DoubleVector onePlus = u.add(1.0);
        DoubleVector lost = u.sub(onePlus.sub(1.0));
        LongVector bits = onePlus.reinterpretAsLongs();
        LongVector aboveThreeQuarters = bits.sub(CanonicalMath.L_THREE_QUARTERS);
        LongVector exponentField = aboveThreeQuarters.and(CanonicalMath.L_EXPONENT);
        DoubleVector k = aboveThreeQuarters
                .lanewise(LSHR, 52)
                .or(CanonicalMath.L_TWO_TO_52)
                .reinterpretAsDoubles()
                .sub(0x1p52);
        DoubleVector m = bits.sub(exponentField).reinterpretAsDoubles();
        DoubleVector inversePower = LongVector.broadcast(bits.species(), CanonicalMath.L_ONE)
                .sub(exponentField)
                .reinterpretAsDoubles();
        DoubleVector zero = DoubleVector.zero(SPECIES);
        DoubleVector f = m.sub(1.0).add(zero.blend(lost.mul(inversePower), onePlus.compare(LT, 0x1p53)));
        return u.blend(log1p(f, k), u.compare(LT, Double.POSITIVE_INFINITY));
    }

    /** {@return log((1 + f) 2^k)} */
    private static DoubleVector log1p(DoubleVector f, DoubleVector k) {
        DoubleVector s = f.div(f.add(2.0));
        DoubleVector z = s.mul(s);
        DoubleVector p = DoubleVector.broadcast(SPECIES, CanonicalMath.L_C8);
        p = p.fma(z, DoubleVector.broadcast(SPECIES, CanonicalMath.L_C7));
        p = p.fma(z, DoubleVector.broadcast(SPECIES, CanonicalMath.L_C6));
        p = p.fma(z, DoubleVector.broadcast(SPECIES, CanonicalMath.L_C5));
        p = p.fma(z, DoubleVector.broadcast(SPECIES, CanonicalMath.L_C4));
        p = p.fma(z, DoubleVector.broadcast(SPECIES, CanonicalMath.L_C3));
        p = p.fma(z, DoubleVector.broadcast(SPECIES, CanonicalMath.L_C2));
        p = p.fma(z, DoubleVector.broadcast(SPECIES, CanonicalMath.L_C1));
        DoubleVector minusHalf = f.mul(-0.5);
        DoubleVector halfSquarePlusR = p.fma(z, minusHalf.mul(f).neg());
        DoubleVector tail = minusHalf.fma(f, s.mul(halfSquarePlusR));
        DoubleVector log = f.add(k.fma(DoubleVector.broadcast(SPECIES, CanonicalMath.L_LN2_LOW), tail));
        return k.fma(DoubleVector.broadcast(SPECIES, CanonicalMath.L_LN2_HIGH), log);
    }
}
