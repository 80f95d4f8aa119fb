/*
 * exp and log1p of a vector, in the operations of vec_avx2.h or vec_avx512.h. Step by step what scalar_math.h
 * does, where the steps are explained.
 */
#ifndef XENT_VEC_MATH_H
#define XENT_VEC_MATH_H

#include "scalar_math.h"

/*
 * e^t of count registers, in place, for t <= 0; 0 below the cutoff; NaN for NaN. Each step is taken for all
 * registers before the next one: the steps of one exponential wait for each other, so a processor that meets
 * them in a row fills its queue of waiting instructions before it sees enough that can be started.
 */
ALWAYS_INLINE void exp_vecs_f32(vec_f32 *t, int count) {
    vec_f32 biased[EXP_REGISTERS], r[EXP_REGISTERS], power[EXP_REGISTERS];
    vec_f32 magic = set1_f32(EXP_F32_MAGIC);
    UNROLL for (int k = 0; k < count; k++) { biased[k] = fma_f32(t[k], set1_f32(EXP_F32_LOG2E), magic); }
    UNROLL for (int k = 0; k < count; k++) { r[k] = sub_f32(biased[k], magic); }
    UNROLL for (int k = 0; k < count; k++) { power[k] = fma_f32(r[k], set1_f32(EXP_F32_LN2_HIGH), t[k]); }
    UNROLL for (int k = 0; k < count; k++) { r[k] = fma_f32(r[k], set1_f32(EXP_F32_LN2_LOW), power[k]); }
    UNROLL for (int k = 0; k < count; k++) { power[k] = set1_f32(exp_f32_coefficients[0]); }
    UNROLL for (int i = 1; i <= EXP_F32_DEGREE; i++) {
        UNROLL for (int k = 0; k < count; k++) {
            power[k] = fma_f32(power[k], r[k], set1_f32(exp_f32_coefficients[i]));
        }
    }
    UNROLL for (int k = 0; k < count; k++) {
        vec_f32 result = mul_f32(power[k], exponent_f32(biased[k]));
        t[k] = keep_f32(not_less_f32(t[k], set1_f32(EXP_F32_CUTOFF)), result);
    }
}

/* v with the one NaN that may be stored. */
ALWAYS_INLINE vec_f32 canonical_vec_f32(vec_f32 v) {
    return select_f32(is_nan_f32(v), set1_f32(nan_f32()), v);
}
ALWAYS_INLINE vec_f64 canonical_vec_f64(vec_f64 v) {
    return select_f64(is_nan_f64(v), set1_f64(nan_f64()), v);
}

/* log(1 + e) for e from 0 to 1. */
ALWAYS_INLINE vec_f32 log1p_vec_f32(vec_f32 e) {
    vec_f32 series = set1_f32(log1p_f32_coefficients[0]);
    UNROLL for (int i = 1; i < LOG1P_F32_TERMS; i++) {
        series = fma_f32(series, e, set1_f32(log1p_f32_coefficients[i]));
    }
    return fma_f32(mul_f32(e, e), series, e);
}

ALWAYS_INLINE void exp_vecs_f64(vec_f64 *t, int count) {
    vec_f64 biased[EXP_REGISTERS], r[EXP_REGISTERS], power[EXP_REGISTERS];
    vec_f64 magic = set1_f64(EXP_F64_MAGIC);
    UNROLL for (int k = 0; k < count; k++) { biased[k] = fma_f64(t[k], set1_f64(EXP_F64_LOG2E), magic); }
    UNROLL for (int k = 0; k < count; k++) { r[k] = sub_f64(biased[k], magic); }
    UNROLL for (int k = 0; k < count; k++) { power[k] = fma_f64(r[k], set1_f64(EXP_F64_LN2_HIGH), t[k]); }
    UNROLL for (int k = 0; k < count; k++) { r[k] = fma_f64(r[k], set1_f64(EXP_F64_LN2_LOW), power[k]); }
    UNROLL for (int k = 0; k < count; k++) { power[k] = set1_f64(exp_f64_coefficients[0]); }
    UNROLL for (int i = 1; i <= EXP_F64_DEGREE; i++) {
        UNROLL for (int k = 0; k < count; k++) {
            power[k] = fma_f64(power[k], r[k], set1_f64(exp_f64_coefficients[i]));
        }
    }
    UNROLL for (int k = 0; k < count; k++) {
        vec_f64 result = mul_f64(power[k], exponent_f64(biased[k]));
        t[k] = keep_f64(not_less_f64(t[k], set1_f64(EXP_F64_CUTOFF)), result);
    }
}

ALWAYS_INLINE vec_f32 exp_vec_f32(vec_f32 t) {
    exp_vecs_f32(&t, 1);
    return t;
}
ALWAYS_INLINE vec_f64 exp_vec_f64(vec_f64 t) {
    exp_vecs_f64(&t, 1);
    return t;
}

/* log(1 + u) for u >= 0. */
ALWAYS_INLINE vec_f64 log1p_vec_f64(vec_f64 u) {
    vec_f64 one = set1_f64(1.0);
    vec_f64 w = add_f64(one, u);
    vec_f64 lost = sub_f64(u, sub_f64(w, one));
    vec_u64 above = sub_u64(bits_vec_f64(w), set1_u64(LOG1P_F64_BELOW_ONE));
    vec_u64 shifted_k = and_u64(above, set1_u64(LOG1P_F64_EXPONENT));
    vec_f64 k = from_bits_vec_f64(or_u64(shift_right_u64(above, 52), set1_u64(LOG1P_F64_MAGIC)));
    k = sub_f64(k, set1_f64(0x1p52));
    vec_f64 mantissa = from_bits_vec_f64(sub_u64(bits_vec_f64(w), shifted_k));
    vec_f64 lost_scaled = mul_f64(lost, from_bits_vec_f64(sub_u64(set1_u64(LOG1P_F64_ONE), shifted_k)));
    lost_scaled = keep_f64(less_f64(w, set1_f64(0x1p53)), lost_scaled);
    vec_f64 f = add_f64(sub_f64(mantissa, one), lost_scaled);

    vec_f64 s = div_f64(f, add_f64(set1_f64(2.0), f));
    vec_f64 square = mul_f64(s, s);
    vec_f64 series = set1_f64(log1p_f64_coefficients[0]);
    UNROLL for (int i = 1; i < LOG1P_F64_TERMS; i++) {
        series = fma_f64(series, square, set1_f64(log1p_f64_coefficients[i]));
    }
    vec_f64 minus_half = mul_f64(set1_f64(-0.5), f);
    vec_f64 rest = fma_f64(series, square, negate_f64(mul_f64(minus_half, f)));
    vec_f64 curve = fma_f64(minus_half, f, mul_f64(s, rest));

    vec_f64 result = fma_f64(k, set1_f64(LOG1P_F64_LN2_LOW), curve);
    result = add_f64(f, result);
    result = fma_f64(k, set1_f64(LOG1P_F64_LN2_HIGH), result);
    return select_f64(less_f64(u, set1_f64((double)INFINITY)), result, u);
}

#endif
