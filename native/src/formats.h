/*
 * Conversions between float and the two formats of 16 bits, one element at a time: exact, or to nearest even, with
 * integer operations that any processor has in vectors. NaN has one form in each format.
 */
#ifndef XENT_FORMATS_H
#define XENT_FORMATS_H

#include <stddef.h>

#include "kernels.h"
#include "scalar_math.h"

#define SHORT_SIGN UINT32_C(0x8000)
#define F32_MAGNITUDE UINT32_C(0x7fffffff)
#define F32_INFINITY UINT32_C(0x7f800000)
#define F32_NAN UINT32_C(0x7fc00000)

static inline uint32_t widened_bfloat16(uint32_t bits) {
    uint32_t wide = bits << 16;
    return (int32_t)(wide & F32_MAGNITUDE) > (int32_t)F32_INFINITY ? F32_NAN : wide;
}

/*
 * A normal number moves to its place and gets the larger bias of the exponent. A subnormal one is an integer
 * times 2^-24, as a float it is normal.
 */
static inline uint32_t widened_float16(uint32_t bits) {
    int32_t magnitude = (int32_t)(bits & 0x7fff);
    uint32_t sign = (bits & SHORT_SIGN) << 16;
    uint32_t normal = ((uint32_t)magnitude << 13) + (UINT32_C(112) << 23);
    uint32_t subnormal = bits_f32((float)magnitude * 0x1p-24f);
    uint32_t wide = magnitude < 0x0400 ? subnormal : normal;
    wide = magnitude == 0x7c00 ? F32_INFINITY : wide;
    return magnitude > 0x7c00 ? F32_NAN : wide | sign;
}

/*
 * Just less than half of the last place kept is added, or half where that place is odd; the rest is cut off.
 */
static inline uint32_t narrowed_bfloat16(uint32_t bits) {
    uint32_t rounded = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
    return (int32_t)(bits & F32_MAGNITUDE) > (int32_t)F32_INFINITY ? UINT32_C(0x7fc0) : rounded;
}

/*
 * A result that is normal is rounded as above. For a subnormal one the adder does it: beside 0.5 a float has
 * no digits below 2^-24, which is the smallest subnormal number. A carry into the exponent is right in both
 * cases.
 */
static inline uint32_t narrowed_float16(uint32_t bits) {
    int32_t magnitude = (int32_t)(bits & F32_MAGNITUDE);
    uint32_t sign = (bits >> 16) & SHORT_SIGN;
    uint32_t even = (uint32_t)magnitude + 0x0fff + (((uint32_t)magnitude >> 13) & 1);
    uint32_t normal = (even >> 13) - (UINT32_C(112) << 10);
    uint32_t subnormal = bits_f32(from_bits_f32((uint32_t)magnitude) + 0.5f) - UINT32_C(0x3f000000);
    uint32_t narrow = magnitude < 0x38800000 ? subnormal : normal;
    narrow = magnitude >= 0x477ff000 ? UINT32_C(0x7c00) : narrow; /* from 65520 on */
    return magnitude > (int32_t)F32_INFINITY ? UINT32_C(0x7e00) : narrow | sign;
}

/* One element of a matrix as it is stored. */
static inline float stored_f32(const void *matrix, int64_t at, enum xent_format format) {
    switch (format) {
    case FORMAT_BFLOAT16:
        return from_bits_f32(widened_bfloat16(((const uint16_t *)matrix)[at]));
    case FORMAT_FLOAT16:
        return from_bits_f32(widened_float16(((const uint16_t *)matrix)[at]));
    default:
        return ((const float *)matrix)[at];
    }
}
static inline double stored_f64(const void *matrix, int64_t at, enum xent_format format) {
    (void)format; /* the only one */
    return ((const double *)matrix)[at];
}

/* Stores one element, rounded. */
static inline void put_f32(void *matrix, int64_t at, enum xent_format format, float value) {
    switch (format) {
    case FORMAT_BFLOAT16:
        ((uint16_t *)matrix)[at] = (uint16_t)narrowed_bfloat16(bits_f32(value));
        break;
    case FORMAT_FLOAT16:
        ((uint16_t *)matrix)[at] = (uint16_t)narrowed_float16(bits_f32(value));
        break;
    default:
        ((float *)matrix)[at] = value;
    }
}
static inline void put_f64(void *matrix, int64_t at, enum xent_format format, double value) {
    (void)format;
    ((double *)matrix)[at] = value;
}

#endif
