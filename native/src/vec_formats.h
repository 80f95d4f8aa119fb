/*
 * Vectors of elements as they are stored, in the operations of vec_avx2.h or vec_avx512.h. Doubles are stored as they
 * are computed with, always.
 */
#ifndef XENT_VEC_FORMATS_H
#define XENT_VEC_FORMATS_H

#include "formats.h"

/* WIDTH elements from element at on. */
ALWAYS_INLINE vec_f32 load_stored_f32(const void *from, int64_t at, enum xent_format format) {
    switch (format) {
    case FORMAT_BFLOAT16:
        return widen_bfloat16((const uint16_t *)from + at);
    case FORMAT_FLOAT16:
        return widen_float16((const uint16_t *)from + at);
    default:
        return load_f32((const float *)from + at);
    }
}
ALWAYS_INLINE vec_f64 load_stored_f64(const void *from, int64_t at, enum xent_format format) {
    (void)format;
    return load_f64((const double *)from + at);
}

/* Twice WIDTH elements from element at on, rounded to a format of 16 bits. Streamed, they are aligned to a vector. */
ALWAYS_INLINE void store_narrow_f32(void *to, int64_t at, vec_f32 low, vec_f32 high, enum xent_format format,
                                    int stream) {
    vec_u16 narrow = format == FORMAT_BFLOAT16 ? narrow_bfloat16(low, high) : narrow_float16(low, high);
    if (stream) {
        stream_u16((uint16_t *)to + at, narrow);
    } else {
        store_u16((uint16_t *)to + at, narrow);
    }
}
/* Never called: there is no such format. */
ALWAYS_INLINE void store_narrow_f64(void *to, int64_t at, vec_f64 low, vec_f64 high, enum xent_format format,
                                    int stream) {
    (void)to, (void)at, (void)low, (void)high, (void)format, (void)stream;
}

#endif
