/* The kernels for AVX2 with FMA. The algorithms are in rows_vector.h and rows_few.h; here they meet their
 * vectors. */
#if !defined(__AVX2__) || !defined(__FMA__) || !defined(__F16C__)
#error "compile this file with -mavx2 -mfma -mf16c"
#endif

/* The order matters: each of these builds on the ones before it. */
#include "kernels.h"
#include "row.h"

#include "vec_avx2.h"

#define XENT_KERNELS xent_kernels_avx2
#define XENT_TILE xent_tile_avx2
#include "kernels_vector.h"
