/*
 * The reference kernels: portable C, for any processor, in the order of the canonical algorithm. Where the
 * processor has no fused multiply-add, the C library's function is used, which is slow and rounds the same.
 */
#include "formats.h"
#include "kernels.h"
#include "row.h"

/* The C library's names for fma, by element type. */
#define fma_f32 fmaf
#define fma_f64 fma

#include "element_f32.h"

#include "rows_scalar.h"

#include "logistic_scalar.h"

#include "element_end.h"

#include "element_f64.h"

#include "rows_scalar.h"

#include "logistic_scalar.h"

#include "element_end.h"

static float probe_read(const float *source, int64_t count) {
    float sum[8] = {0};
    int64_t j = 0;
    for (; j + 8 <= count; j += 8) {
        for (int lane = 0; lane < 8; lane++) { /* several sums, or the adder's latency would be measured */
            sum[lane] += source[j + lane];
        }
    }
    for (; j < count; j++) {
        sum[0] += source[j];
    }
    return ((sum[0] + sum[1]) + (sum[2] + sum[3])) + ((sum[4] + sum[5]) + (sum[6] + sum[7]));
}

/* Without vectors there are no streamed stores; non_temporal changes nothing. */
static void probe_copy(const float *source, float *target, int64_t count, int32_t non_temporal) {
    (void)non_temporal;
    for (int64_t j = 0; j < count; j++) {
        target[j] = source[j];
    }
}

static void probe_update(float *values, int64_t count) {
    for (int64_t j = 0; j < count; j++) {
        values[j] = -values[j];
    }
}

const struct xent_kernels xent_kernels_scalar = {
    .forward_f32 = forward_f32,
    .forward_f64 = forward_f64,
    .gradient_f32 = gradient_f32,
    .gradient_f64 = gradient_f64,
    .log_softmax_f32 = log_softmax_f32,
    .log_softmax_f64 = log_softmax_f64,
    .logistic_f32 = logistic_f32,
    .logistic_f64 = logistic_f64,
    .tile = &xent_tile_scalar,
    .probe_read = probe_read,
    .probe_copy = probe_copy,
    .probe_update = probe_update,
};
