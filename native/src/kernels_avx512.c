/* The kernels for AVX-512. The algorithms are in row_blocks.h to rows_few.h; here they meet their vectors.
 */
#if !defined(__AVX512F__) || !defined(__AVX512VL__) || !defined(__AVX512DQ__) || !defined(__AVX512BW__)
#error "compile this file with -mavx512f -mavx512vl -mavx512dq -mavx512bw"
#endif

/* The order matters: each of these builds on the ones before it. */
#include "kernels.h"
#include "row.h"

#include "vec_avx512.h"

#define XENT_KERNELS xent_kernels_avx512
#define XENT_TILE xent_tile_avx512
#include "kernels_vector.h"
