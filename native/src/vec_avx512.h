/*
 * Vectors of the AVX-512 kernels: 16 floats or 8 doubles. A mask has one bit a lane.
 *
 * The same names as in vec_avx2.h, so that the algorithms are written once: in vec_math.h, rows_vector.h,
 * rows_few.h and probes.h. Loads and stores need no alignment, except stream.
 */
#ifndef XENT_VEC_AVX512_H
#define XENT_VEC_AVX512_H

#include "kernels.h"
#include <immintrin.h>

enum { WIDTH_f32 = 16, WIDTH_f64 = 8, WIDENED_f32 = 2, WIDENED_f64 = 1 };
/* Registers that exp_vecs works on together, whole steps: with fewer it waits, with more it spills. */
enum { EXP_REGISTERS = 4 };

typedef __m512 vec_f32;
typedef __m512d vec_f64;
typedef __m512i vec_u64;
typedef __mmask16 mask_f32;
typedef __mmask8 mask_f64;

/* ---- float ---- */

ALWAYS_INLINE vec_f32 set1_f32(float value) { return _mm512_set1_ps(value); }
ALWAYS_INLINE vec_f32 load_f32(const float *from) { return _mm512_loadu_ps(from); }
ALWAYS_INLINE void store_f32(float *to, vec_f32 v) { _mm512_storeu_ps(to, v); }
ALWAYS_INLINE void stream_f32(float *to, vec_f32 v) { _mm512_stream_ps(to, v); }
/* The mask of the low 16 bits. */
ALWAYS_INLINE mask_f32 lanes_f32(uint32_t bits) { return (mask_f32)bits; }
/* Lanes outside the mask are not touched in memory; loaded, they are fill. */
ALWAYS_INLINE vec_f32 load_lanes_f32(const float *from, mask_f32 lanes, vec_f32 fill) {
    return _mm512_mask_loadu_ps(fill, lanes, from);
}
ALWAYS_INLINE void store_lanes_f32(float *to, mask_f32 lanes, vec_f32 v) {
    _mm512_mask_storeu_ps(to, lanes, v);
}
ALWAYS_INLINE vec_f32 load_indices_f32(const int32_t *from) {
    return _mm512_cvtepi32_ps(_mm512_loadu_si512(from));
}
ALWAYS_INLINE vec_f32 add_f32(vec_f32 a, vec_f32 b) { return _mm512_add_ps(a, b); }
ALWAYS_INLINE vec_f32 sub_f32(vec_f32 a, vec_f32 b) { return _mm512_sub_ps(a, b); }
ALWAYS_INLINE vec_f32 mul_f32(vec_f32 a, vec_f32 b) { return _mm512_mul_ps(a, b); }
ALWAYS_INLINE vec_f32 div_f32(vec_f32 a, vec_f32 b) { return _mm512_div_ps(a, b); }
ALWAYS_INLINE vec_f32 or_f32(vec_f32 a, vec_f32 b) { return _mm512_or_ps(a, b); }
ALWAYS_INLINE vec_f32 fma_f32(vec_f32 a, vec_f32 b, vec_f32 c) { return _mm512_fmadd_ps(a, b, c); }
ALWAYS_INLINE vec_f32 negate_f32(vec_f32 v) { return _mm512_xor_ps(v, _mm512_set1_ps(-0.0f)); }
/* The larger one; b where a is NaN. */
ALWAYS_INLINE vec_f32 max_f32(vec_f32 a, vec_f32 b) { return _mm512_max_ps(a, b); }
ALWAYS_INLINE float largest_f32(vec_f32 v) { return _mm512_reduce_max_ps(v); }
/* The low bits of an exp's biased value, moved to the exponent. */
ALWAYS_INLINE vec_f32 exponent_f32(vec_f32 biased) {
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_castps_si512(biased), 23));
}
ALWAYS_INLINE mask_f32 less_f32(vec_f32 a, vec_f32 b) { return _mm512_cmp_ps_mask(a, b, _CMP_LT_OQ); }
/* True where either is NaN. */
ALWAYS_INLINE mask_f32 not_less_f32(vec_f32 a, vec_f32 b) { return _mm512_cmp_ps_mask(a, b, _CMP_NLT_UQ); }
ALWAYS_INLINE mask_f32 equal_f32(vec_f32 a, vec_f32 b) { return _mm512_cmp_ps_mask(a, b, _CMP_EQ_OQ); }
ALWAYS_INLINE mask_f32 is_nan_f32(vec_f32 v) { return _mm512_cmp_ps_mask(v, v, _CMP_UNORD_Q); }
/* v in the mask, +0 outside. */
ALWAYS_INLINE vec_f32 keep_f32(mask_f32 mask, vec_f32 v) { return _mm512_maskz_mov_ps(mask, v); }
/* +0 in the mask, v outside. */
ALWAYS_INLINE vec_f32 drop_f32(mask_f32 mask, vec_f32 v) { return _mm512_maskz_mov_ps((mask_f32)~mask, v); }
/* a in the mask, b outside. */
ALWAYS_INLINE vec_f32 select_f32(mask_f32 mask, vec_f32 a, vec_f32 b) {
    return _mm512_mask_blend_ps(mask, b, a);
}

ALWAYS_INLINE int any_f32(mask_f32 lanes) { return lanes != 0; }
ALWAYS_INLINE int any_sign_f32(vec_f32 v) { return _mm512_movepi32_mask(_mm512_castps_si512(v)) != 0; }

/* ---- double ---- */

ALWAYS_INLINE vec_f64 set1_f64(double value) { return _mm512_set1_pd(value); }
ALWAYS_INLINE vec_f64 load_f64(const double *from) { return _mm512_loadu_pd(from); }
ALWAYS_INLINE void store_f64(double *to, vec_f64 v) { _mm512_storeu_pd(to, v); }
ALWAYS_INLINE void stream_f64(double *to, vec_f64 v) { _mm512_stream_pd(to, v); }
ALWAYS_INLINE mask_f64 lanes_f64(uint32_t bits) { return (mask_f64)bits; }
ALWAYS_INLINE vec_f64 load_lanes_f64(const double *from, mask_f64 lanes, vec_f64 fill) {
    return _mm512_mask_loadu_pd(fill, lanes, from);
}
ALWAYS_INLINE void store_lanes_f64(double *to, mask_f64 lanes, vec_f64 v) {
    _mm512_mask_storeu_pd(to, lanes, v);
}
ALWAYS_INLINE vec_f64 load_indices_f64(const int32_t *from) {
    return _mm512_cvtepi32_pd(_mm256_loadu_si256((const __m256i *)from));
}
ALWAYS_INLINE vec_f64 add_f64(vec_f64 a, vec_f64 b) { return _mm512_add_pd(a, b); }
ALWAYS_INLINE vec_f64 sub_f64(vec_f64 a, vec_f64 b) { return _mm512_sub_pd(a, b); }
ALWAYS_INLINE vec_f64 mul_f64(vec_f64 a, vec_f64 b) { return _mm512_mul_pd(a, b); }
ALWAYS_INLINE vec_f64 div_f64(vec_f64 a, vec_f64 b) { return _mm512_div_pd(a, b); }
ALWAYS_INLINE vec_f64 or_f64(vec_f64 a, vec_f64 b) { return _mm512_or_pd(a, b); }
ALWAYS_INLINE vec_f64 fma_f64(vec_f64 a, vec_f64 b, vec_f64 c) { return _mm512_fmadd_pd(a, b, c); }
ALWAYS_INLINE vec_f64 negate_f64(vec_f64 v) { return _mm512_xor_pd(v, _mm512_set1_pd(-0.0)); }
ALWAYS_INLINE vec_f64 max_f64(vec_f64 a, vec_f64 b) { return _mm512_max_pd(a, b); }
ALWAYS_INLINE double largest_f64(vec_f64 v) { return _mm512_reduce_max_pd(v); }
ALWAYS_INLINE vec_f64 exponent_f64(vec_f64 biased) {
    return _mm512_castsi512_pd(_mm512_slli_epi64(_mm512_castpd_si512(biased), 52));
}
ALWAYS_INLINE mask_f64 less_f64(vec_f64 a, vec_f64 b) { return _mm512_cmp_pd_mask(a, b, _CMP_LT_OQ); }
ALWAYS_INLINE mask_f64 not_less_f64(vec_f64 a, vec_f64 b) { return _mm512_cmp_pd_mask(a, b, _CMP_NLT_UQ); }
ALWAYS_INLINE mask_f64 equal_f64(vec_f64 a, vec_f64 b) { return _mm512_cmp_pd_mask(a, b, _CMP_EQ_OQ); }
ALWAYS_INLINE mask_f64 is_nan_f64(vec_f64 v) { return _mm512_cmp_pd_mask(v, v, _CMP_UNORD_Q); }
ALWAYS_INLINE vec_f64 keep_f64(mask_f64 mask, vec_f64 v) { return _mm512_maskz_mov_pd(mask, v); }
ALWAYS_INLINE vec_f64 drop_f64(mask_f64 mask, vec_f64 v) { return _mm512_maskz_mov_pd((mask_f64)~mask, v); }
ALWAYS_INLINE vec_f64 select_f64(mask_f64 mask, vec_f64 a, vec_f64 b) {
    return _mm512_mask_blend_pd(mask, b, a);
}
ALWAYS_INLINE int any_f64(mask_f64 lanes) { return lanes != 0; }
ALWAYS_INLINE int any_sign_f64(vec_f64 v) { return _mm512_movepi64_mask(_mm512_castpd_si512(v)) != 0; }

ALWAYS_INLINE vec_u64 set1_u64(uint64_t value) { return _mm512_set1_epi64((int64_t)value); }
ALWAYS_INLINE vec_u64 sub_u64(vec_u64 a, vec_u64 b) { return _mm512_sub_epi64(a, b); }
ALWAYS_INLINE vec_u64 and_u64(vec_u64 a, vec_u64 b) { return _mm512_and_si512(a, b); }
ALWAYS_INLINE vec_u64 or_u64(vec_u64 a, vec_u64 b) { return _mm512_or_si512(a, b); }
ALWAYS_INLINE vec_u64 shift_right_u64(vec_u64 v, int bits) { return _mm512_srli_epi64(v, (unsigned)bits); }
ALWAYS_INLINE vec_u64 bits_vec_f64(vec_f64 v) { return _mm512_castpd_si512(v); }
ALWAYS_INLINE vec_f64 from_bits_vec_f64(vec_u64 v) { return _mm512_castsi512_pd(v); }

/* ---- between the two ---- */

/* The lanes as doubles, in order; WIDENED vectors of them. */
ALWAYS_INLINE void widen_f32(vec_f32 v, vec_f64 *wide) {
    wide[0] = _mm512_cvtps_pd(_mm512_castps512_ps256(v));
    wide[1] = _mm512_cvtps_pd(_mm512_extractf32x8_ps(v, 1));
}
ALWAYS_INLINE void widen_f64(vec_f64 v, vec_f64 *wide) { wide[0] = v; }
/* Rounds back to the element type. */
ALWAYS_INLINE vec_f32 narrow_f32(const vec_f64 *wide) {
    return _mm512_insertf32x8(_mm512_castps256_ps512(_mm512_cvtpd_ps(wide[0])), _mm512_cvtpd_ps(wide[1]), 1);
}
ALWAYS_INLINE vec_f64 narrow_f64(const vec_f64 *wide) { return wide[0]; }

/* The last three levels of a tree sum: lanes 0..7 of v. */
ALWAYS_INLINE double tree_of_vector(vec_f64 v) {
    __m256d four = _mm256_add_pd(_mm512_castpd512_pd256(v), _mm512_extractf64x4_pd(v, 1));
    __m128d two = _mm_add_pd(_mm256_castpd256_pd128(four), _mm256_extractf128_pd(four, 1));
    return _mm_cvtsd_f64(_mm_add_sd(two, _mm_unpackhi_pd(two, two)));
}

/* Turns WIDTH rows of WIDTH elements into columns. Its own inverse. */
ALWAYS_INLINE void transpose_f32(vec_f32 *rows) {
    vec_f32 mixed[16];
    UNROLL for (int i = 0; i < 16; i += 2) {
        mixed[i] = _mm512_unpacklo_ps(rows[i], rows[i + 1]);
        mixed[i + 1] = _mm512_unpackhi_ps(rows[i], rows[i + 1]);
    }
    /* rows[4 i + c] now gets column c of each 128-bit part, rows 4 i to 4 i + 3. */
    UNROLL for (int i = 0; i < 16; i += 4) {
        __m512d low_01 = _mm512_castps_pd(mixed[i]), high_01 = _mm512_castps_pd(mixed[i + 1]);
        __m512d low_23 = _mm512_castps_pd(mixed[i + 2]), high_23 = _mm512_castps_pd(mixed[i + 3]);
        rows[i] = _mm512_castpd_ps(_mm512_unpacklo_pd(low_01, low_23));
        rows[i + 1] = _mm512_castpd_ps(_mm512_unpackhi_pd(low_01, low_23));
        rows[i + 2] = _mm512_castpd_ps(_mm512_unpacklo_pd(high_01, high_23));
        rows[i + 3] = _mm512_castpd_ps(_mm512_unpackhi_pd(high_01, high_23));
    }
    /* What is left is a transpose of 128-bit parts. */
    UNROLL for (int c = 0; c < 4; c++) {
        vec_f32 even_low = _mm512_shuffle_f32x4(rows[c], rows[c + 4], 0x88);
        vec_f32 odd_low = _mm512_shuffle_f32x4(rows[c], rows[c + 4], 0xdd);
        vec_f32 even_high = _mm512_shuffle_f32x4(rows[c + 8], rows[c + 12], 0x88);
        vec_f32 odd_high = _mm512_shuffle_f32x4(rows[c + 8], rows[c + 12], 0xdd);
        rows[c] = _mm512_shuffle_f32x4(even_low, even_high, 0x88);
        rows[c + 4] = _mm512_shuffle_f32x4(odd_low, odd_high, 0x88);
        rows[c + 8] = _mm512_shuffle_f32x4(even_low, even_high, 0xdd);
        rows[c + 12] = _mm512_shuffle_f32x4(odd_low, odd_high, 0xdd);
    }
}
ALWAYS_INLINE void transpose_f64(vec_f64 *rows) {
    vec_f64 mixed[8];
    UNROLL for (int i = 0; i < 8; i += 2) {
        mixed[i] = _mm512_unpacklo_pd(rows[i], rows[i + 1]);
        mixed[i + 1] = _mm512_unpackhi_pd(rows[i], rows[i + 1]);
    }
    UNROLL for (int c = 0; c < 2; c++) {
        vec_f64 even_low = _mm512_shuffle_f64x2(mixed[c], mixed[c + 2], 0x88);
        vec_f64 odd_low = _mm512_shuffle_f64x2(mixed[c], mixed[c + 2], 0xdd);
        vec_f64 even_high = _mm512_shuffle_f64x2(mixed[c + 4], mixed[c + 6], 0x88);
        vec_f64 odd_high = _mm512_shuffle_f64x2(mixed[c + 4], mixed[c + 6], 0xdd);
        rows[c] = _mm512_shuffle_f64x2(even_low, even_high, 0x88);
        rows[c + 2] = _mm512_shuffle_f64x2(odd_low, odd_high, 0x88);
        rows[c + 4] = _mm512_shuffle_f64x2(even_low, even_high, 0xdd);
        rows[c + 6] = _mm512_shuffle_f64x2(odd_low, odd_high, 0xdd);
    }
}

/* ---- formats of 16 bits, and masks of one byte an element ---- */

typedef __m512i vec_u16;

/* WIDTH elements as floats, exactly. A NaN keeps some payload: it goes into a sum and never to memory. */
ALWAYS_INLINE vec_f32 widen_bfloat16(const void *from) {
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm256_loadu_si256(from)), 16));
}
ALWAYS_INLINE vec_f32 widen_float16(const void *from) { return _mm512_cvtph_ps(_mm256_loadu_si256(from)); }
/* Twice WIDTH elements, rounded to nearest even as formats.h says. A NaN must be the canonical one. */
ALWAYS_INLINE __m512i round_bfloat16(vec_f32 v) {
    __m512i bits = _mm512_castps_si512(v), one = _mm512_set1_epi32(1);
    __m512i odd = _mm512_and_si512(_mm512_srli_epi32(bits, 16), one);
    return _mm512_add_epi32(_mm512_add_epi32(bits, _mm512_set1_epi32(0x7fff)), odd);
}
ALWAYS_INLINE vec_u16 narrow_bfloat16(vec_f32 low, vec_f32 high) {
    /* The upper half of every element; bit 5 of a lane's number chooses the register. */
    const __m512i upper_halves =
        _mm512_set_epi16(63, 61, 59, 57, 55, 53, 51, 49, 47, 45, 43, 41, 39, 37, 35, 33, 31, 29, 27, 25, 23,
                         21, 19, 17, 15, 13, 11, 9, 7, 5, 3, 1);
    return _mm512_permutex2var_epi16(round_bfloat16(low), upper_halves, round_bfloat16(high));
}
ALWAYS_INLINE vec_u16 narrow_float16(vec_f32 low, vec_f32 high) {
    __m256i lower = _mm512_cvtps_ph(low, _MM_FROUND_TO_NEAREST_INT);
    return _mm512_inserti64x4(_mm512_castsi256_si512(lower), _mm512_cvtps_ph(high, _MM_FROUND_TO_NEAREST_INT),
                              1);
}
ALWAYS_INLINE void store_u16(void *to, vec_u16 v) { _mm512_storeu_si512(to, v); }
ALWAYS_INLINE void stream_u16(void *to, vec_u16 v) { _mm512_stream_si512(to, v); }

/* The lanes whose byte is not 0; WIDTH bytes are read. */
ALWAYS_INLINE mask_f32 kept_f32(const uint8_t *from) {
    __m128i bytes = _mm_loadu_si128((const __m128i *)from);
    return _mm_test_epi8_mask(bytes, bytes);
}
ALWAYS_INLINE mask_f64 kept_f64(const uint8_t *from) {
    __m128i bytes = _mm_loadl_epi64((const __m128i *)from);
    return (mask_f64)_mm_test_epi8_mask(bytes, bytes);
}

/* ---- memory ---- */

/* Fetches a cache line into the second level, where its place is not wanted by the row in work. Never faults.
 */
ALWAYS_INLINE void prefetch_line(uintptr_t address) { _mm_prefetch((const char *)address, _MM_HINT_T1); }
/* Orders streamed stores before everything that follows. */
ALWAYS_INLINE void finish_streaming(void) { _mm_sfence(); }

#endif
