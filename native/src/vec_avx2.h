/*
 * Vectors of the AVX2 kernels: 8 floats or 4 doubles. A mask is a vector whose lanes are all ones or all
 * zeros.
 *
 * The same names as in vec_avx512.h, which has the contracts.
 */
#ifndef XENT_VEC_AVX2_H
#define XENT_VEC_AVX2_H

#include "kernels.h"
#include <immintrin.h>
#include <string.h>

enum { WIDTH_f32 = 8, WIDTH_f64 = 4, WIDENED_f32 = 2, WIDENED_f64 = 1 };
/* More than 16 registers hold; still, this order is 7 % faster than 4, although it spills. */
enum { EXP_REGISTERS = 8 };

typedef __m256 vec_f32;
typedef __m256d vec_f64;
typedef __m256i vec_u64;
typedef __m256 mask_f32;
typedef __m256d mask_f64;

/* ---- float ---- */

ALWAYS_INLINE vec_f32 set1_f32(float value) { return _mm256_set1_ps(value); }
ALWAYS_INLINE vec_f32 load_f32(const float *from) { return _mm256_loadu_ps(from); }
ALWAYS_INLINE void store_f32(float *to, vec_f32 v) { _mm256_storeu_ps(to, v); }
ALWAYS_INLINE void stream_f32(float *to, vec_f32 v) { _mm256_stream_ps(to, v); }
ALWAYS_INLINE mask_f32 lanes_f32(uint32_t bits) {
    __m256i bit = _mm256_setr_epi32(1, 2, 4, 8, 16, 32, 64, 128);
    return _mm256_castsi256_ps(_mm256_cmpeq_epi32(_mm256_and_si256(_mm256_set1_epi32((int)bits), bit), bit));
}
ALWAYS_INLINE vec_f32 load_lanes_f32(const float *from, mask_f32 lanes, vec_f32 fill) {
    return _mm256_blendv_ps(fill, _mm256_maskload_ps(from, _mm256_castps_si256(lanes)), lanes);
}
ALWAYS_INLINE void store_lanes_f32(float *to, mask_f32 lanes, vec_f32 v) {
    _mm256_maskstore_ps(to, _mm256_castps_si256(lanes), v);
}
ALWAYS_INLINE vec_f32 load_indices_f32(const int32_t *from) {
    return _mm256_cvtepi32_ps(_mm256_loadu_si256((const __m256i *)from));
}
ALWAYS_INLINE vec_f32 add_f32(vec_f32 a, vec_f32 b) { return _mm256_add_ps(a, b); }
ALWAYS_INLINE vec_f32 sub_f32(vec_f32 a, vec_f32 b) { return _mm256_sub_ps(a, b); }
ALWAYS_INLINE vec_f32 mul_f32(vec_f32 a, vec_f32 b) { return _mm256_mul_ps(a, b); }
ALWAYS_INLINE vec_f32 div_f32(vec_f32 a, vec_f32 b) { return _mm256_div_ps(a, b); }
ALWAYS_INLINE vec_f32 or_f32(vec_f32 a, vec_f32 b) { return _mm256_or_ps(a, b); }
ALWAYS_INLINE vec_f32 fma_f32(vec_f32 a, vec_f32 b, vec_f32 c) { return _mm256_fmadd_ps(a, b, c); }
ALWAYS_INLINE vec_f32 negate_f32(vec_f32 v) { return _mm256_xor_ps(v, _mm256_set1_ps(-0.0f)); }
ALWAYS_INLINE vec_f32 max_f32(vec_f32 a, vec_f32 b) { return _mm256_max_ps(a, b); }
ALWAYS_INLINE float largest_f32(vec_f32 v) {
    __m128 four = _mm_max_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    __m128 two = _mm_max_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_max_ss(two, _mm_movehdup_ps(two)));
}
ALWAYS_INLINE vec_f32 exponent_f32(vec_f32 biased) {
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_castps_si256(biased), 23));
}
ALWAYS_INLINE mask_f32 less_f32(vec_f32 a, vec_f32 b) { return _mm256_cmp_ps(a, b, _CMP_LT_OQ); }
ALWAYS_INLINE mask_f32 not_less_f32(vec_f32 a, vec_f32 b) { return _mm256_cmp_ps(a, b, _CMP_NLT_UQ); }
ALWAYS_INLINE mask_f32 equal_f32(vec_f32 a, vec_f32 b) { return _mm256_cmp_ps(a, b, _CMP_EQ_OQ); }
ALWAYS_INLINE mask_f32 is_nan_f32(vec_f32 v) { return _mm256_cmp_ps(v, v, _CMP_UNORD_Q); }
ALWAYS_INLINE vec_f32 keep_f32(mask_f32 mask, vec_f32 v) { return _mm256_and_ps(mask, v); }
ALWAYS_INLINE vec_f32 drop_f32(mask_f32 mask, vec_f32 v) { return _mm256_andnot_ps(mask, v); }
ALWAYS_INLINE vec_f32 select_f32(mask_f32 mask, vec_f32 a, vec_f32 b) { return _mm256_blendv_ps(b, a, mask); }

ALWAYS_INLINE int any_sign_f32(vec_f32 v) { return _mm256_movemask_ps(v) != 0; }
ALWAYS_INLINE int any_f32(mask_f32 lanes) { return _mm256_movemask_ps(lanes) != 0; }

/* ---- double ---- */

ALWAYS_INLINE vec_f64 set1_f64(double value) { return _mm256_set1_pd(value); }
ALWAYS_INLINE vec_f64 load_f64(const double *from) { return _mm256_loadu_pd(from); }
ALWAYS_INLINE void store_f64(double *to, vec_f64 v) { _mm256_storeu_pd(to, v); }
ALWAYS_INLINE void stream_f64(double *to, vec_f64 v) { _mm256_stream_pd(to, v); }
ALWAYS_INLINE mask_f64 lanes_f64(uint32_t bits) {
    __m256i bit = _mm256_setr_epi64x(1, 2, 4, 8);
    return _mm256_castsi256_pd(_mm256_cmpeq_epi64(_mm256_and_si256(_mm256_set1_epi64x(bits), bit), bit));
}
ALWAYS_INLINE vec_f64 load_lanes_f64(const double *from, mask_f64 lanes, vec_f64 fill) {
    return _mm256_blendv_pd(fill, _mm256_maskload_pd(from, _mm256_castpd_si256(lanes)), lanes);
}
ALWAYS_INLINE void store_lanes_f64(double *to, mask_f64 lanes, vec_f64 v) {
    _mm256_maskstore_pd(to, _mm256_castpd_si256(lanes), v);
}
ALWAYS_INLINE vec_f64 load_indices_f64(const int32_t *from) {
    return _mm256_cvtepi32_pd(_mm_loadu_si128((const __m128i *)from));
}
ALWAYS_INLINE vec_f64 add_f64(vec_f64 a, vec_f64 b) { return _mm256_add_pd(a, b); }
ALWAYS_INLINE vec_f64 sub_f64(vec_f64 a, vec_f64 b) { return _mm256_sub_pd(a, b); }
ALWAYS_INLINE vec_f64 mul_f64(vec_f64 a, vec_f64 b) { return _mm256_mul_pd(a, b); }
ALWAYS_INLINE vec_f64 div_f64(vec_f64 a, vec_f64 b) { return _mm256_div_pd(a, b); }
ALWAYS_INLINE vec_f64 or_f64(vec_f64 a, vec_f64 b) { return _mm256_or_pd(a, b); }
ALWAYS_INLINE vec_f64 fma_f64(vec_f64 a, vec_f64 b, vec_f64 c) { return _mm256_fmadd_pd(a, b, c); }
ALWAYS_INLINE vec_f64 negate_f64(vec_f64 v) { return _mm256_xor_pd(v, _mm256_set1_pd(-0.0)); }
ALWAYS_INLINE vec_f64 max_f64(vec_f64 a, vec_f64 b) { return _mm256_max_pd(a, b); }
ALWAYS_INLINE double largest_f64(vec_f64 v) {
    __m128d two = _mm_max_pd(_mm256_castpd256_pd128(v), _mm256_extractf128_pd(v, 1));
    return _mm_cvtsd_f64(_mm_max_sd(two, _mm_unpackhi_pd(two, two)));
}
ALWAYS_INLINE vec_f64 exponent_f64(vec_f64 biased) {
    return _mm256_castsi256_pd(_mm256_slli_epi64(_mm256_castpd_si256(biased), 52));
}
ALWAYS_INLINE mask_f64 less_f64(vec_f64 a, vec_f64 b) { return _mm256_cmp_pd(a, b, _CMP_LT_OQ); }
ALWAYS_INLINE mask_f64 not_less_f64(vec_f64 a, vec_f64 b) { return _mm256_cmp_pd(a, b, _CMP_NLT_UQ); }
ALWAYS_INLINE mask_f64 equal_f64(vec_f64 a, vec_f64 b) { return _mm256_cmp_pd(a, b, _CMP_EQ_OQ); }
ALWAYS_INLINE mask_f64 is_nan_f64(vec_f64 v) { return _mm256_cmp_pd(v, v, _CMP_UNORD_Q); }
ALWAYS_INLINE vec_f64 keep_f64(mask_f64 mask, vec_f64 v) { return _mm256_and_pd(mask, v); }
ALWAYS_INLINE vec_f64 drop_f64(mask_f64 mask, vec_f64 v) { return _mm256_andnot_pd(mask, v); }
ALWAYS_INLINE vec_f64 select_f64(mask_f64 mask, vec_f64 a, vec_f64 b) { return _mm256_blendv_pd(b, a, mask); }
ALWAYS_INLINE int any_sign_f64(vec_f64 v) { return _mm256_movemask_pd(v) != 0; }
ALWAYS_INLINE int any_f64(mask_f64 lanes) { return _mm256_movemask_pd(lanes) != 0; }

ALWAYS_INLINE vec_u64 set1_u64(uint64_t value) { return _mm256_set1_epi64x((int64_t)value); }
ALWAYS_INLINE vec_u64 sub_u64(vec_u64 a, vec_u64 b) { return _mm256_sub_epi64(a, b); }
ALWAYS_INLINE vec_u64 and_u64(vec_u64 a, vec_u64 b) { return _mm256_and_si256(a, b); }
ALWAYS_INLINE vec_u64 or_u64(vec_u64 a, vec_u64 b) { return _mm256_or_si256(a, b); }
ALWAYS_INLINE vec_u64 shift_right_u64(vec_u64 v, int bits) { return _mm256_srli_epi64(v, bits); }
ALWAYS_INLINE vec_u64 bits_vec_f64(vec_f64 v) { return _mm256_castpd_si256(v); }
ALWAYS_INLINE vec_f64 from_bits_vec_f64(vec_u64 v) { return _mm256_castsi256_pd(v); }

/* ---- between the two ---- */

ALWAYS_INLINE void widen_f32(vec_f32 v, vec_f64 *wide) {
    wide[0] = _mm256_cvtps_pd(_mm256_castps256_ps128(v));
    wide[1] = _mm256_cvtps_pd(_mm256_extractf128_ps(v, 1));
}
ALWAYS_INLINE void widen_f64(vec_f64 v, vec_f64 *wide) { wide[0] = v; }
ALWAYS_INLINE vec_f32 narrow_f32(const vec_f64 *wide) {
    return _mm256_insertf128_ps(_mm256_castps128_ps256(_mm256_cvtpd_ps(wide[0])), _mm256_cvtpd_ps(wide[1]),
                                1);
}
ALWAYS_INLINE vec_f64 narrow_f64(const vec_f64 *wide) { return wide[0]; }

/* The last two levels of a tree sum: lanes 0..3 of v. */
ALWAYS_INLINE double tree_of_vector(vec_f64 v) {
    __m128d two = _mm_add_pd(_mm256_castpd256_pd128(v), _mm256_extractf128_pd(v, 1));
    return _mm_cvtsd_f64(_mm_add_sd(two, _mm_unpackhi_pd(two, two)));
}

ALWAYS_INLINE void transpose_f32(vec_f32 *rows) {
    vec_f32 mixed[8];
    UNROLL for (int i = 0; i < 8; i += 2) {
        mixed[i] = _mm256_unpacklo_ps(rows[i], rows[i + 1]);
        mixed[i + 1] = _mm256_unpackhi_ps(rows[i], rows[i + 1]);
    }
    /* rows[4 i + c] now gets column c of each 128-bit half, rows 4 i to 4 i + 3. */
    UNROLL for (int i = 0; i < 8; i += 4) {
        rows[i] = _mm256_shuffle_ps(mixed[i], mixed[i + 2], 0x44);
        rows[i + 1] = _mm256_shuffle_ps(mixed[i], mixed[i + 2], 0xee);
        rows[i + 2] = _mm256_shuffle_ps(mixed[i + 1], mixed[i + 3], 0x44);
        rows[i + 3] = _mm256_shuffle_ps(mixed[i + 1], mixed[i + 3], 0xee);
    }
    UNROLL for (int c = 0; c < 4; c++) {
        vec_f32 upper = rows[c], lower = rows[c + 4];
        rows[c] = _mm256_permute2f128_ps(upper, lower, 0x20);
        rows[c + 4] = _mm256_permute2f128_ps(upper, lower, 0x31);
    }
}
ALWAYS_INLINE void transpose_f64(vec_f64 *rows) {
    vec_f64 low_01 = _mm256_unpacklo_pd(rows[0], rows[1]), high_01 = _mm256_unpackhi_pd(rows[0], rows[1]);
    vec_f64 low_23 = _mm256_unpacklo_pd(rows[2], rows[3]), high_23 = _mm256_unpackhi_pd(rows[2], rows[3]);
    rows[0] = _mm256_permute2f128_pd(low_01, low_23, 0x20);
    rows[1] = _mm256_permute2f128_pd(high_01, high_23, 0x20);
    rows[2] = _mm256_permute2f128_pd(low_01, low_23, 0x31);
    rows[3] = _mm256_permute2f128_pd(high_01, high_23, 0x31);
}

/* ---- formats of 16 bits, and masks of one byte an element ---- */

typedef __m256i vec_u16;

ALWAYS_INLINE vec_f32 widen_bfloat16(const void *from) {
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(_mm_loadu_si128(from)), 16));
}
ALWAYS_INLINE vec_f32 widen_float16(const void *from) { return _mm256_cvtph_ps(_mm_loadu_si128(from)); }
ALWAYS_INLINE __m256i round_bfloat16(vec_f32 v) {
    __m256i bits = _mm256_castps_si256(v), one = _mm256_set1_epi32(1);
    __m256i odd = _mm256_and_si256(_mm256_srli_epi32(bits, 16), one);
    return _mm256_srli_epi32(_mm256_add_epi32(_mm256_add_epi32(bits, _mm256_set1_epi32(0x7fff)), odd), 16);
}
ALWAYS_INLINE vec_u16 narrow_bfloat16(vec_f32 low, vec_f32 high) {
    /* Packing goes by 128-bit halves, whose order is mended. */
    return _mm256_permute4x64_epi64(_mm256_packus_epi32(round_bfloat16(low), round_bfloat16(high)), 0xd8);
}
ALWAYS_INLINE vec_u16 narrow_float16(vec_f32 low, vec_f32 high) {
    __m128i lower = _mm256_cvtps_ph(low, _MM_FROUND_TO_NEAREST_INT);
    return _mm256_inserti128_si256(_mm256_castsi128_si256(lower),
                                   _mm256_cvtps_ph(high, _MM_FROUND_TO_NEAREST_INT), 1);
}
ALWAYS_INLINE void store_u16(void *to, vec_u16 v) { _mm256_storeu_si256(to, v); }
ALWAYS_INLINE void stream_u16(void *to, vec_u16 v) { _mm256_stream_si256(to, v); }

ALWAYS_INLINE mask_f32 kept_f32(const uint8_t *from) {
    __m256i bytes = _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)from));
    return _mm256_castsi256_ps(_mm256_cmpgt_epi32(bytes, _mm256_setzero_si256()));
}
ALWAYS_INLINE mask_f64 kept_f64(const uint8_t *from) {
    int32_t four;
    memcpy(&four, from, sizeof four);
    __m256i bytes = _mm256_cvtepu8_epi64(_mm_cvtsi32_si128(four));
    return _mm256_castsi256_pd(_mm256_cmpgt_epi64(bytes, _mm256_setzero_si256()));
}

/* ---- memory ---- */

/* Fetches a cache line into the second level, where its place is not wanted by the row in work. Never faults.
 */
ALWAYS_INLINE void prefetch_line(uintptr_t address) { _mm_prefetch((const char *)address, _MM_HINT_T1); }
/* Orders streamed stores before everything that follows. */
ALWAYS_INLINE void finish_streaming(void) { _mm_sfence(); }

#endif
