/* The operations on tiles for any processor, without vectors: what the others are compared with. */

#include "tile_types.h"

const struct xent_tile_kernels xent_tile_scalar = {.f32 = tile_f32, .f64 = tile_f64};
