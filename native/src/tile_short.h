/* Widening and narrowing of tiles, see formats.h. */

#include "formats.h"

static void widen_bfloat16(const struct xent_tile *tile, const struct tile_row *row) {
    const uint16_t *restrict a = (const uint16_t *)tile->a + row->start;
    float *restrict out = (float *)tile->out + row->start;
    for (int64_t j = 0; j < tile->columns; j++) {
        out[j] = from_bits_f32(widened_bfloat16(a[j]));
    }
}

static void widen_float16(const struct xent_tile *tile, const struct tile_row *row) {
    const uint16_t *restrict a = (const uint16_t *)tile->a + row->start;
    float *restrict out = (float *)tile->out + row->start;
    for (int64_t j = 0; j < tile->columns; j++) {
        out[j] = from_bits_f32(widened_float16(a[j]));
    }
}

static void narrow_bfloat16(const struct xent_tile *tile, const struct tile_row *row) {
    const float *restrict a = (const float *)tile->a + row->start;
    uint16_t *restrict out = (uint16_t *)tile->out + row->start;
    for (int64_t j = 0; j < tile->columns; j++) {
        out[j] = (uint16_t)narrowed_bfloat16(bits_f32(a[j]));
    }
}

static void narrow_float16(const struct xent_tile *tile, const struct tile_row *row) {
    const float *restrict a = (const float *)tile->a + row->start;
    uint16_t *restrict out = (uint16_t *)tile->out + row->start;
    for (int64_t j = 0; j < tile->columns; j++) {
        out[j] = (uint16_t)narrowed_float16(bits_f32(a[j]));
    }
}
