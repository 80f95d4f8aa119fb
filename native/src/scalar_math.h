/*
 * exp, log and log1p of one number, exactly as the canonical algorithm fixes them: every step is one
 * correctly rounded operation, so every instruction set and every language returns the same bits. The vector
 * versions (vec_math.h) do the same steps with the same constants.
 */
#ifndef XENT_SCALAR_MATH_H
#define XENT_SCALAR_MATH_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "kernels.h"

/*
 * Adding 1.5 * 2^23 to a float rounds it to an integer and leaves that integer in the low bits. The 127 on
 * top is the exponent bias: after a shift by 23 the low bits are the exponent of 2^n.
 */
#define EXP_F32_MAGIC (0x1.8p23f + 127)
#define EXP_F32_LOG2E 0x1.715476p0f
/* ln 2 in two parts, both negated; the first is short, so its product with n is exact. */
#define EXP_F32_LN2_HIGH (-0x1.62e430p-1f)
#define EXP_F32_LN2_LOW 0x1.05c610p-29f
/* Below it exp is no longer a normal number, and is taken for 0. */
#define EXP_F32_CUTOFF (-0x1.5d589ep6f)
#define EXP_F32_DEGREE 6
/* Coefficients of the polynomial, highest power first. */
static const float exp_f32_coefficients[EXP_F32_DEGREE + 1] = {
    0x1.6890e4p-10f, 0x1.1273ep-7f, 0x1.555dbp-5f, 0x1.55542ap-3f, 0x1.fffffp-2f, 1.0f, 1.0f};

#define EXP_F64_MAGIC 0x1.80000000003ffp52 /* 1.5 * 2^52 + 1023 */
#define EXP_F64_LOG2E 0x1.71547652b82fep0
#define EXP_F64_LN2_HIGH (-0x1.62e42fefa39efp-1)
#define EXP_F64_LN2_LOW (-0x1.abc9e3b39803fp-56)
#define EXP_F64_CUTOFF (-0x1.6232bdd7abcd2p+9)
#define EXP_F64_DEGREE 11
static const double exp_f64_coefficients[EXP_F64_DEGREE + 1] = {0x1.adb3b03f5b8f2p-26,
                                                                0x1.28ade3c481965p-22,
                                                                0x1.71df02d3d88b2p-19,
                                                                0x1.a019997933e47p-16,
                                                                0x1.a01a013aa73f8p-13,
                                                                0x1.6c16c1846e395p-10,
                                                                0x1.111111112482cp-7,
                                                                0x1.55555555506dap-5,
                                                                0x1.5555555555508p-3,
                                                                0x1.000000000000ap-1,
                                                                1.0,
                                                                1.0};

#define LOG1P_F64_LN2_HIGH 0x1.62e42fefa3800p-1 /* times an exponent: exact */
#define LOG1P_F64_LN2_LOW 0x1.ef35793c76730p-45
#define LOG1P_F64_BELOW_ONE UINT64_C(0x3fe8000000000000) /* bits of 0.75, where mantissas start */
#define LOG1P_F64_EXPONENT UINT64_C(0xfff0000000000000)
#define LOG1P_F64_ONE UINT64_C(0x3ff0000000000000)
#define LOG1P_F64_MAGIC UINT64_C(0x4330000000000000)  /* bits of 2^52: turns a small integer into a double */
#define LOG1P_F64_OFFSET UINT64_C(0x4000000000000000) /* 1024 in the exponent field */
#define LOG1P_F64_TERMS 8
static const double log1p_f64_coefficients[LOG1P_F64_TERMS] = {
    0x1.1b792193c20f7p-3, 0x1.0dcca7123ce96p-3, 0x1.3b35b3a358433p-3, 0x1.745c4b27eb33fp-3,
    0x1.c71c748eefdb5p-3, 0x1.24924921e4c44p-2, 0x1.999999999c175p-2, 0x1.555555555554fp-1};

static inline uint32_t bits_f32(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static inline float from_bits_f32(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline uint64_t bits_f64(double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static inline double from_bits_f64(uint64_t bits) {
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* The only NaN that is ever stored: processors disagree about the sign and payload of the ones they make. */
static inline float nan_f32(void) { return from_bits_f32(UINT32_C(0x7fc00000)); }
static inline double nan_f64(void) { return from_bits_f64(UINT64_C(0x7ff8000000000000)); }
static inline float canonical_f32(float value) { return value == value ? value : nan_f32(); }
static inline double canonical_f64(double value) { return value == value ? value : nan_f64(); }

/* The C library's fma by element type: an instruction where the file is compiled for one. */
static inline float fused_f32(float a, float b, float c) { return fmaf(a, b, c); }
static inline double fused_f64(double a, double b, double c) { return fma(a, b, c); }

/* e^t for t <= 0: at most 0.88 ULP off; 0 below the cutoff; NaN for NaN. */
static inline float exp_f32(float t) {
    float biased = fmaf(t, EXP_F32_LOG2E, EXP_F32_MAGIC);
    float n = biased - EXP_F32_MAGIC;
    /* r = t - n ln 2, at most half a ln 2, in two steps because ln 2 is longer than a float. */
    float r = fmaf(n, EXP_F32_LN2_HIGH, t);
    r = fmaf(n, EXP_F32_LN2_LOW, r);
    float power = exp_f32_coefficients[0];
    UNROLL for (int i = 1; i <= EXP_F32_DEGREE; i++) { power = fmaf(power, r, exp_f32_coefficients[i]); }
    float result = power * from_bits_f32(bits_f32(biased) << 23);
    return t < EXP_F32_CUTOFF ? 0.0f : result; /* written so that NaN takes the other way */
}

/* e^t for t <= 0: below 1 ULP off; 0 below the cutoff; NaN for NaN. The steps are those of exp_f32. */
static inline double exp_f64(double t) {
    double biased = fma(t, EXP_F64_LOG2E, EXP_F64_MAGIC);
    double n = biased - EXP_F64_MAGIC;
    double r = fma(n, EXP_F64_LN2_HIGH, t);
    r = fma(n, EXP_F64_LN2_LOW, r);
    double power = exp_f64_coefficients[0];
    UNROLL for (int i = 1; i <= EXP_F64_DEGREE; i++) { power = fma(power, r, exp_f64_coefficients[i]); }
    double result = power * from_bits_f64(bits_f64(biased) << 52);
    return t < EXP_F64_CUTOFF ? 0.0 : result;
}

/*
 * log(1 + e) for e from 0 to 1, such as e^-|x|: e + e^2 Q(e), at most 1.24 ULP off. Without a division, and short
 * because the argument is never larger. Coefficients of Q, highest power first.
 */
#define LOG1P_F32_TERMS 9
static const float log1p_f32_coefficients[LOG1P_F32_TERMS] = {
    -0x1.af49cep-9f, 0x1.4917cep-6f,  -0x1.d6b08cp-5f, 0x1.b4ae08p-4f, -0x1.3a435ep-3f,
    0x1.934b54p-3f,  -0x1.ff23e6p-3f, 0x1.554dd0p-2f,  -0x1.ffffd2p-2f};

static inline float log1p_f32(float e) {
    float series = log1p_f32_coefficients[0];
    UNROLL for (int i = 1; i < LOG1P_F32_TERMS; i++) { series = fmaf(series, e, log1p_f32_coefficients[i]); }
    return fmaf(e * e, series, e);
}

static inline float magnitude_f32(float x) { return fabsf(x); }
static inline double magnitude_f64(double x) { return fabs(x); }

/* From here on e^t is infinite: 128 ln 2 and 1024 ln 2. */
#define EXP_F32_OVERFLOW 0x1.62e430p6f
#define EXP_F64_OVERFLOW 0x1.62e42fefa39efp9

/* e^t for any t, by the steps for t <= 0; a NaN is any NaN. */
static inline float exp_any_f32(float t) {
    float power = exp_f32(t);
    return t >= EXP_F32_OVERFLOW ? INFINITY : power;
}

static inline double exp_any_f64(double t) {
    double power = exp_f64(t);
    return t >= EXP_F64_OVERFLOW ? (double)INFINITY : power;
}

/*
 * log(2^k (1 + f)), for 1 + f in [0.75, 1.5). With s = f / (2 + f), log(1 + f) = f - f^2 / 2 + s (f^2 / 2 +
 * R(s^2)).
 */
static inline double log_of_parts_f64(double k, double f) {
    double s = f / (2.0 + f);
    double square = s * s;
    double series = log1p_f64_coefficients[0];
    UNROLL for (int i = 1; i < LOG1P_F64_TERMS; i++) {
        series = fma(series, square, log1p_f64_coefficients[i]);
    }
    double minus_half = -0.5 * f;
    double rest = fma(series, square, -(minus_half * f));
    double curve = fma(minus_half, f, s * rest);

    /* k ln 2 + f + curve, small parts first; k times the high part of ln 2 is exact. */
    double result = fma(k, LOG1P_F64_LN2_LOW, curve);
    result = f + result;
    return fma(k, LOG1P_F64_LN2_HIGH, result);
}

/*
 * log(1 + u) for u >= 0: below 1 ULP off, however small u is; +inf for +inf; NaN for NaN.
 *
 * 1 + u is split into 2^k (1 + f) with 1 + f in [0.75, 1.5); the bits that the sum 1 + u lost go into f.
 */
static inline double log1p_f64(double u) {
    double w = 1.0 + u;
    double lost = u - (w - 1.0);
    uint64_t above = bits_f64(w) - LOG1P_F64_BELOW_ONE;
    uint64_t shifted_k = above & LOG1P_F64_EXPONENT;
    double k = from_bits_f64((above >> 52) | LOG1P_F64_MAGIC) - 0x1p52;
    double mantissa = from_bits_f64(bits_f64(w) - shifted_k);
    double lost_scaled = lost * from_bits_f64(LOG1P_F64_ONE - shifted_k);
    lost_scaled = w < 0x1p53 ? lost_scaled : 0.0;
    double result = log_of_parts_f64(k, (mantissa - 1.0) + lost_scaled);
    return u < (double)INFINITY ? result : u;
}

/* The upper 12 bits as a signed number; the offset makes them one without, which turns into a double. */
static inline double signed_exponent_f64(uint64_t above) {
    return from_bits_f64(((above + LOG1P_F64_OFFSET) >> 52) | LOG1P_F64_MAGIC) - (0x1p52 + 1024);
}

/* The same as log1p_f64 where that is defined, and beyond: -inf for -1, NaN below. */
static inline double log1p_any_f64(double u) {
    double w = 1.0 + u;
    double lost = u - (w - 1.0);
    uint64_t above = bits_f64(w) - LOG1P_F64_BELOW_ONE;
    uint64_t shifted_k = above & LOG1P_F64_EXPONENT;
    double mantissa = from_bits_f64(bits_f64(w) - shifted_k);
    double lost_scaled = lost * from_bits_f64(LOG1P_F64_ONE - shifted_k);
    lost_scaled = w < 0x1p53 ? lost_scaled : 0.0;
    double result = log_of_parts_f64(signed_exponent_f64(above), (mantissa - 1.0) + lost_scaled);
    result = u < (double)INFINITY ? result : u;
    double outside = u == -1.0 ? -(double)INFINITY : nan_f64();
    return u > -1.0 ? result : outside;
}

/* log(x) for any x: -inf for 0, NaN below, +inf for +inf. */
static inline double log_f64(double x) {
    double scaled = x < 0x1p-1022 ? x * 0x1p54 : x; /* a subnormal number has its exponent elsewhere */
    double scaling = x < 0x1p-1022 ? 54.0 : 0.0;
    uint64_t above = bits_f64(scaled) - LOG1P_F64_BELOW_ONE;
    double mantissa = from_bits_f64(bits_f64(scaled) - (above & LOG1P_F64_EXPONENT));
    double result = log_of_parts_f64(signed_exponent_f64(above) - scaling, mantissa - 1.0);
    result = x < (double)INFINITY ? result : x;
    double outside = x == 0.0 ? -(double)INFINITY : nan_f64();
    return x > 0.0 ? result : outside;
}

#endif
