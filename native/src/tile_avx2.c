/* The operations on tiles, in vectors that the compiler makes for AVX2 with FMA. */
#if !defined(__AVX2__) || !defined(__FMA__)
#error "compile this file with -mavx2 -mfma"
#endif

#include "tile.h"

#include "tile_short.h"

#include "element_f32.h"

#include "tile_elements.h"

#include "tile_losses.h"

#include "tile_rows.h"

#include "tile_table.h"

#include "element_end.h"

#include "element_f64.h"

#include "tile_elements.h"

#include "tile_losses.h"

#include "tile_rows.h"

#include "tile_table.h"

#include "element_end.h"

const struct xent_tile_kernels xent_tile_avx2 = {.f32 = tile_f32, .f64 = tile_f64};
