/* The kernels for AVX-512. The algorithms are in rows_vector.h and rows_few.h; here they meet their vectors.
 */
#if !defined(__AVX512F__) || !defined(__AVX512VL__) || !defined(__AVX512DQ__) || !defined(__AVX512BW__)
#error "compile this file with -mavx512f -mavx512vl -mavx512dq -mavx512bw"
#endif

/* The order matters: each of these builds on the ones before it. */
#include "kernels.h"
#include "row.h"

#include "vec_avx512.h"

#include "vec_math.h"

#include "element_f32.h"

#include "rows_vector.h"

#include "rows_few.h"

#include "element_end.h"

#include "element_f64.h"

#include "rows_vector.h"

#include "rows_few.h"

#include "element_end.h"

#include "probes.h"

const struct xent_kernels xent_kernels_avx512 = {
    .forward_f32 = forward_f32,
    .forward_f64 = forward_f64,
    .gradient_f32 = gradient_f32,
    .gradient_f64 = gradient_f64,
    .log_softmax_f32 = log_softmax_f32,
    .log_softmax_f64 = log_softmax_f64,
    .tile = &xent_tile_avx512,
    .probe_read = probe_read,
    .probe_copy = probe_copy,
    .probe_update = probe_update,
};
