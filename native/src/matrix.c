/* Matrix products by OpenBLAS. The only file that sees cblas.h. */
#include <pthread.h>
#include <stddef.h>

#include <cblas.h>

#include "xent/xent.h"

static pthread_once_t threads_set = PTHREAD_ONCE_INIT;

/* Callers split products over their own threads: OpenBLAS's would only compete with them. */
static void use_calling_thread(void) { openblas_set_num_threads(1); }

/* Whether a stored matrix has no negative size, and a stride that holds its columns and that OpenBLAS can
 * take. */
static int is_matrix_valid(const void *data, int64_t stride, int32_t rows, int32_t columns) {
    int is_empty = rows == 0 || columns == 0;
    return rows >= 0 && columns >= 0 && stride >= columns && stride <= INT32_MAX && (data || is_empty);
}

/* OpenBLAS wants a leading dimension of at least 1 even of an empty matrix. */
static blasint leading(int64_t stride) { return stride > 1 ? (blasint)stride : 1; }

static CBLAS_TRANSPOSE transposed(int32_t flag) { return flag ? CblasTrans : CblasNoTrans; }

/* With k = 0 the product is zero whatever A and B are, and OpenBLAS need not be asked what it makes of that.
 */
#define DEFINE_MATRIX_PRODUCT(REAL, SUFFIX, GEMM)                                                            \
    static void accumulate_only_##SUFFIX(int32_t m, int32_t n, double accumulate, REAL *c,                   \
                                         int64_t stride_c) {                                                 \
        for (int32_t i = 0; i < m; i++) {                                                                    \
            for (int32_t j = 0; j < n; j++) {                                                                \
                REAL *element = c + i * stride_c + j;                                                        \
                *element = accumulate == 0 ? 0 : (REAL)accumulate * *element;                                \
            }                                                                                                \
        }                                                                                                    \
    }                                                                                                        \
                                                                                                             \
    int32_t xent_matrix_product_##SUFFIX(int32_t transpose_a, int32_t transpose_b, int32_t m, int32_t n,     \
                                         int32_t k, double scale, const REAL *a, int64_t stride_a,           \
                                         const REAL *b, int64_t stride_b, double accumulate, REAL *c,        \
                                         int64_t stride_c) {                                                 \
        if (!is_matrix_valid(a, stride_a, transpose_a ? k : m, transpose_a ? m : k) ||                       \
            !is_matrix_valid(b, stride_b, transpose_b ? n : k, transpose_b ? k : n) ||                       \
            !is_matrix_valid(c, stride_c, m, n)) {                                                           \
            return XENT_INVALID_ARGUMENT;                                                                    \
        }                                                                                                    \
        if (m == 0 || n == 0) {                                                                              \
            return XENT_OK;                                                                                  \
        }                                                                                                    \
        if (k == 0) {                                                                                        \
            accumulate_only_##SUFFIX(m, n, accumulate, c, stride_c);                                         \
            return XENT_OK;                                                                                  \
        }                                                                                                    \
        pthread_once(&threads_set, use_calling_thread);                                                      \
        GEMM(CblasRowMajor, transposed(transpose_a), transposed(transpose_b), m, n, k, (REAL)scale, a,       \
             leading(stride_a), b, leading(stride_b), (REAL)accumulate, c, leading(stride_c));               \
        return XENT_OK;                                                                                      \
    }

DEFINE_MATRIX_PRODUCT(float, f32, cblas_sgemm)
DEFINE_MATRIX_PRODUCT(double, f64, cblas_dgemm)

const char *xent_blas_description(void) {
    const char *description = openblas_get_config();
    return description ? description : "OpenBLAS";
}
