/* The operations on tiles, in vectors that the compiler makes for AVX2 with FMA. */
#if !defined(__AVX2__) || !defined(__FMA__)
#error "compile this file with -mavx2 -mfma"
#endif

#include "tile_types.h"

const struct xent_tile_kernels xent_tile_avx2 = {.f32 = tile_f32, .f64 = tile_f64};
