package org.crossentropy.jvm;

import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;

/** {@link CanonicalMath#exp} for a vector, step by step the same. */
final class VectorExp {

    private VectorExp() {}

    /** {@return exp(t) in every lane, for t at most 0 or NaN} */
    static FloatVector exp(FloatVector t) {
        FloatVector biased = t.fma(constant(CanonicalMath.F_LOG2_E), constant(CanonicalMath.F_MAGIC));
        FloatVector n = biased.sub(constant(CanonicalMath.F_MAGIC));
        FloatVector r = n.fma(constant(CanonicalMath.F_MINUS_LN2_HIGH), t);
        r = n.fma(constant(CanonicalMath.F_MINUS_LN2_LOW), r);
        FloatVector p = constant(CanonicalMath.F_C6);
        p = p.fma(r, constant(CanonicalMath.F_C5));
        p = p.fma(r, constant(CanonicalMath.F_C4));
        p = p.fma(r, constant(CanonicalMath.F_C3));
        p = p.fma(r, constant(CanonicalMath.F_C2));
        p = p.fma(r, constant(1f));
        p = p.fma(r, constant(1f));
        FloatVector powerOfTwo = biased.reinterpretAsInts().lanewise(LSHL, 23).reinterpretAsFloats();
        return p.mul(powerOfTwo)
                .blend(FloatVector.zero(VectorWidth.FLOATS), t.compare(LT, constant(CanonicalMath.F_CUTOFF)));
    }

    /** {@return exp(t) in every lane, for t at most 0 or NaN} */
    static DoubleVector exp(DoubleVector t) {
        DoubleVector biased = t.fma(constant(CanonicalMath.D_LOG2_E), constant(CanonicalMath.D_MAGIC));
        DoubleVector n = biased.sub(constant(CanonicalMath.D_MAGIC));
        DoubleVector r = n.fma(constant(CanonicalMath.D_MINUS_LN2_HIGH), t);
        r = n.fma(constant(CanonicalMath.D_MINUS_LN2_LOW), r);
        DoubleVector p = constant(CanonicalMath.D_C11);
        p = p.fma(r, constant(CanonicalMath.D_C10));
        p = p.fma(r, constant(CanonicalMath.D_C9));
        p = p.fma(r, constant(CanonicalMath.D_C8));
        p = p.fma(r, constant(CanonicalMath.D_C7));
        p = p.fma(r, constant(CanonicalMath.D_C6));
        p = p.fma(r, constant(CanonicalMath.D_C5));
        p = p.fma(r, constant(CanonicalMath.D_C4));
        p = p.fma(r, constant(CanonicalMath.D_C3));
        p = p.fma(r, constant(CanonicalMath.D_C2));
        p = p.fma(r, constant(1.0));
        p = p.fma(r, constant(1.0));
        DoubleVector powerOfTwo = biased.reinterpretAsLongs().lanewise(LSHL, 52).reinterpretAsDoubles();
        return p.mul(powerOfTwo)
                .blend(DoubleVector.zero(VectorWidth.DOUBLES), t.compare(LT, constant(CanonicalMath.D_CUTOFF)));
    }

    private static FloatVector constant(float value) {
        return FloatVector.broadcast(VectorWidth.FLOATS, value);
    }

    private static DoubleVector constant(double value) {
        return DoubleVector.broadcast(VectorWidth.DOUBLES, value);
    }
}
