/* The operations on tiles, in vectors that the compiler makes for AVX-512. */
#if !defined(__AVX512F__) || !defined(__AVX512VL__) || !defined(__AVX512DQ__) || !defined(__AVX512BW__)
#error "compile this file with -mavx512f -mavx512vl -mavx512dq -mavx512bw"
#endif

#include "tile_types.h"

const struct xent_tile_kernels xent_tile_avx512 = {.f32 = tile_f32, .f64 = tile_f64};
