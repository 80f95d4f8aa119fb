/*
 * libxent: row kernels of softmax cross-entropy, and matrix products.
 *
 * The kernels compute the canonical algorithm written down in the Java package org.crossentropy.api.spi;
 * every instruction set returns the same bits. Conventions of all functions:
 *
 *   - Matrices are row-major; strides are in elements. Pointers need the alignment of their element only.
 *   - Nothing outside the named rows and columns is read or written: no over-read past the last element, and
 *     padding between rows is left alone.
 *   - Arguments are the caller's duty. XENT_INVALID_ARGUMENT is returned, before anything is written, for
 *     what can be seen at once (a null where data is needed, a negative size); class indices are not checked.
 *   - Nothing is allocated, printed or kept; errno is not touched; the floating-point environment is expected
 *     in its default state. Any number of threads may call at once with different outputs and workspaces.
 *
 * This header is the only input of the generated Java bindings.
 */
#ifndef XENT_H
#define XENT_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define XENT_API __attribute__((visibility("default")))
#else
#define XENT_API
#endif

/* Changes whenever a caller built against an older header could misread this one. */
enum { XENT_ABI = 4 };

typedef enum xent_status { XENT_OK = 0, XENT_INVALID_ARGUMENT = 1, XENT_UNSUPPORTED = 2 } xent_status;

/* Instruction sets, in ascending order of preference within an architecture. */
typedef enum xent_isa {
    XENT_ISA_SCALAR = 0,
    XENT_ISA_AVX2 = 1,
    XENT_ISA_AVX512 = 2,
    XENT_ISA_NEON = 3
} xent_isa;

enum { XENT_ISA_COUNT = 4 };

/* How an instruction set stands on this machine. */
typedef enum xent_support {
    XENT_SUPPORTED = 0,
    XENT_NOT_COMPILED = 1,   /* the library was built for another architecture or without it */
    XENT_NOT_ON_THIS_CPU = 2 /* the processor lacks it, or the operating system does not enable it */
} xent_support;

/* The formats of 16 bits are for storage: they are computed with in float. */
typedef enum xent_type { XENT_FLOAT32 = 0, XENT_FLOAT64 = 1, XENT_BFLOAT16 = 2, XENT_FLOAT16 = 3 } xent_type;

/*
 * What xent_tile does: the constants of org.crossentropy.api.spi.TileOperation, which defines them, in its
 * order.
 */
typedef enum xent_tile_operation {
    XENT_TILE_WIDEN_BFLOAT16 = 0,
    XENT_TILE_WIDEN_FLOAT16 = 1,
    XENT_TILE_NARROW_BFLOAT16 = 2,
    XENT_TILE_NARROW_FLOAT16 = 3,
    XENT_TILE_SHAPE = 4,
    XENT_TILE_SHAPE_GRADIENT = 5,
    XENT_TILE_MASK = 6,
    XENT_TILE_CENTER = 7,
    XENT_TILE_TARGETS = 8,
    XENT_TILE_CROSS = 9,
    XENT_TILE_BLEND = 10,
    XENT_TILE_TILT = 11,
    XENT_TILE_EXP = 12,
    XENT_TILE_LOG = 13,
    XENT_TILE_RATIO = 14,
    XENT_TILE_LOGISTIC = 15,
    XENT_TILE_SIGMOID_SQUARED = 16,
    XENT_TILE_BERNOULLI = 17,
    XENT_TILE_ORDER = 18,
    XENT_TILE_RANGE = 19
} xent_tile_operation;

enum { XENT_TILE_COUNT = 20 };

/* Alpha, beta and gamma of the gradient g[j] = alpha p[j] - beta w[j] - gamma [j = y]. */
typedef struct xent_coefficients {
    double alpha;
    double beta;
    double gamma;
} xent_coefficients;

/* The kernels of one instruction set. */
typedef struct xent_kernels xent_kernels;

/* XENT_ABI of the library, to be compared with the header's before anything else is called. */
XENT_API int32_t xent_abi(void);

/* Version of the library, such as "0.1.0". */
XENT_API const char *xent_version(void);

/* Lower-case name of an instruction set ("avx2"), or null for an unknown number. */
XENT_API const char *xent_isa_name(int32_t isa);

/* xent_support of an instruction set on this machine; XENT_NOT_COMPILED for an unknown number. */
XENT_API int32_t xent_isa_support(int32_t isa);

/* The best supported instruction set; XENT_ISA_SCALAR at least. */
XENT_API int32_t xent_best_isa(void);

/* The kernels of an instruction set, or null unless it is supported. Valid while the library is loaded. */
XENT_API const xent_kernels *xent_kernels_for(int32_t isa);

/* Name of a status ("XENT_OK"), or null for an unknown number. */
XENT_API const char *xent_status_name(int32_t status);

/* sizeof(xent_coefficients) and offsetof(xent_coefficients, gamma), for bindings to compare. */
XENT_API int64_t xent_sizeof_coefficients(void);
XENT_API int64_t xent_offsetof_coefficients_gamma(void);

/*
 * Working memory that one call needs for rows of this many classes, in bytes; to be aligned to 64. The type is that
 * computed in, XENT_FLOAT32 or XENT_FLOAT64.
 */
XENT_API int64_t xent_workspace_bytes(int32_t type, int64_t classes);

/*
 * Log-sum-exp of each row; with targets also lse - x[y]; on demand the spread, the sum over j != y of w[j]
 * (lse - x[j]).
 *
 *   logits          rows x classes, stride row_stride
 *   targets         one class index a row, negative = ignored row (not read, results 0); null = no targets
 *   class_weights   one weight a class, or null for 1 each
 *   weight_total    their sum; the number of classes where there are none
 *   workspace       xent_workspace_bytes(type, classes) bytes
 *   nll, lse, spread   one double a row, each may be null; nll needs targets
 */
XENT_API int32_t xent_softmax_forward_f32(const xent_kernels *kernels, const float *logits,
                                          int64_t row_stride, int64_t rows, int64_t classes,
                                          const int32_t *targets, const float *class_weights,
                                          double weight_total, void *workspace, double *nll, double *lse,
                                          double *spread);
XENT_API int32_t xent_softmax_forward_f64(const xent_kernels *kernels, const double *logits,
                                          int64_t row_stride, int64_t rows, int64_t classes,
                                          const int32_t *targets, const double *class_weights,
                                          double weight_total, void *workspace, double *nll, double *lse,
                                          double *spread);

/*
 * As forward, with the same bits, and the gradient of each row. Without targets and with coefficients 1, 0, 0
 * the gradient is the softmax.
 *
 *   coefficients      of row i: coefficients[i * coefficient_step]; step 1, or 0 where all rows share one
 *   empty_rows_zero   gradient of a row whose logits are all -inf: 0 if not zero, else NaN
 *   gradient          rows x classes, stride gradient_stride; either apart from the logits, or exactly the
 *                     logits (same pointer, same stride), which are then overwritten
 */
XENT_API int32_t xent_softmax_gradient_f32(const xent_kernels *kernels, const float *logits,
                                           int64_t row_stride, int64_t rows, int64_t classes,
                                           const int32_t *targets, const float *class_weights,
                                           double weight_total, void *workspace, double *nll, double *lse,
                                           double *spread, const xent_coefficients *coefficients,
                                           int64_t coefficient_step, int32_t empty_rows_zero, float *gradient,
                                           int64_t gradient_stride);
XENT_API int32_t xent_softmax_gradient_f64(const xent_kernels *kernels, const double *logits,
                                           int64_t row_stride, int64_t rows, int64_t classes,
                                           const int32_t *targets, const double *class_weights,
                                           double weight_total, void *workspace, double *nll, double *lse,
                                           double *spread, const xent_coefficients *coefficients,
                                           int64_t coefficient_step, int32_t empty_rows_zero,
                                           double *gradient, int64_t gradient_stride);

/*
 * As xent_softmax_forward and xent_softmax_gradient, of logits that are mapped on their way in, and a gradient that is
 * mapped on its way out. The bits are those of a copy of the logits that is widened (XENT_TILE_WIDEN_*) and masked with
 * -inf (XENT_TILE_MASK), and of a gradient that is masked with 0 and narrowed (XENT_TILE_NARROW_*).
 *
 *   type          of the elements of logits and gradient; class weights are float for formats of 16 bits, else of the type
 *   mask          one byte a class, 0 where it is left out, which a target must not be; null = no class is
 *   mask_stride   bytes from the mask of one row to that of the next, or 0 where all rows share one
 *   workspace     for the type computed in
 */
XENT_API int32_t xent_mapped_forward(const xent_kernels *kernels, int32_t type, const void *logits,
                                     int64_t row_stride, const uint8_t *mask, int64_t mask_stride,
                                     int64_t rows, int64_t classes, const int32_t *targets,
                                     const void *class_weights, double weight_total, void *workspace,
                                     double *nll, double *lse, double *spread);
XENT_API int32_t xent_mapped_gradient(const xent_kernels *kernels, int32_t type, const void *logits,
                                      int64_t row_stride, const uint8_t *mask, int64_t mask_stride,
                                      int64_t rows, int64_t classes, const int32_t *targets,
                                      const void *class_weights, double weight_total, void *workspace,
                                      double *nll, double *lse, double *spread,
                                      const xent_coefficients *coefficients, int64_t coefficient_step,
                                      int32_t empty_rows_zero, void *gradient, int64_t gradient_stride);

/* x[j] - lse for each row; lse (one double a row) may be null; output may be exactly the logits. */
XENT_API int32_t xent_log_softmax_f32(const xent_kernels *kernels, const float *logits, int64_t row_stride,
                                      int64_t rows, int64_t classes, void *workspace, double *lse,
                                      float *output, int64_t output_stride);
XENT_API int32_t xent_log_softmax_f64(const xent_kernels *kernels, const double *logits, int64_t row_stride,
                                      int64_t rows, int64_t classes, void *workspace, double *lse,
                                      double *output, int64_t output_stride);

/*
 * One operation on a tile: rows x columns elements of the type, without gaps between rows. What the operands
 * are and which of them an operation takes is written down with the operations; absent ones are null.
 *
 *   operation     xent_tile_operation; those of 16-bit elements want XENT_FLOAT32
 *   out           the tile that is written; may be an operand where the operation says so
 *   a, b          tiles; a of 16-bit elements where these are widened
 *   c             a tile, or for XENT_TILE_MASK bytes: one row of them for all rows if shared_c is not 0
 *   column        one element a column
 *   scalars       r0, r1, r2 of row i: scalars[i * scalar_step] and the next two; step 3, or 0 where all rows
 *                 share them; where null, all are 0
 *   results       as many doubles as the operation says
 */
XENT_API int32_t xent_tile(const xent_kernels *kernels, int32_t operation, int32_t type, int64_t rows,
                           int64_t columns, void *out, const void *a, const void *b, const void *c,
                           int32_t shared_c, const void *column, const double *scalars, int64_t scalar_step,
                           double *results);

/*
 * Binary cross-entropy of logits with targets from 0 to 1, element by element, and its sum over each row. With P =
 * -log sigmoid(x) and N = -log(1 - sigmoid(x)) the loss of an element is w (v t P + (1 - t) N).
 *
 *   logits, targets    rows x columns, with a stride each
 *   weights            w, rows x columns with a stride, or null for 1 each; an element of weight 0 is left out
 *   column             v, one weight of the positive side a column, or null for 1 each
 *   factors            of the gradient of row i: factors[i * factor_step]; step 1, or 0 where all rows share one
 *   sums               one double a row; NaN if a target of the row is below 0 or above 1
 *   losses             rows x columns without gaps, or null
 *   gradient           rows x columns with a stride, or null; apart from the operands, or exactly the logits
 */
XENT_API int32_t xent_logistic_f32(const xent_kernels *kernels, int64_t rows, int64_t columns,
                                   const float *logits, int64_t logits_stride, const float *targets,
                                   int64_t targets_stride, const float *weights, int64_t weights_stride,
                                   const float *column, const double *factors, int64_t factor_step,
                                   double *sums, float *losses, float *gradient, int64_t gradient_stride);
XENT_API int32_t xent_logistic_f64(const xent_kernels *kernels, int64_t rows, int64_t columns,
                                   const double *logits, int64_t logits_stride, const double *targets,
                                   int64_t targets_stride, const double *weights, int64_t weights_stride,
                                   const double *column, const double *factors, int64_t factor_step,
                                   double *sums, double *losses, double *gradient, int64_t gradient_stride);

/*
 * C = scale op(A) op(B) + accumulate C, row-major, by OpenBLAS on the calling thread; op transposes where the
 * flag is not 0. op(A) is m x k, op(B) is k x n. With accumulate 0, C is not read.
 */
XENT_API int32_t xent_matrix_product_f32(int32_t transpose_a, int32_t transpose_b, int32_t m, int32_t n,
                                         int32_t k, double scale, const float *a, int64_t stride_a,
                                         const float *b, int64_t stride_b, double accumulate, float *c,
                                         int64_t stride_c);
XENT_API int32_t xent_matrix_product_f64(int32_t transpose_a, int32_t transpose_b, int32_t m, int32_t n,
                                         int32_t k, double scale, const double *a, int64_t stride_a,
                                         const double *b, int64_t stride_b, double accumulate, double *c,
                                         int64_t stride_c);

/* What OpenBLAS says of itself: version, build options, core type. Never null. */
XENT_API const char *xent_blas_description(void);

/*
 * Memory probes: how fast this machine moves memory, measured with the same loads and stores as the kernels.
 * Each returns a value that depends on the data, so that a compiler cannot drop the work.
 */
XENT_API float xent_probe_read(const xent_kernels *kernels, const float *source, int64_t count);
XENT_API void xent_probe_copy(const xent_kernels *kernels, const float *source, float *target, int64_t count,
                              int32_t non_temporal);
XENT_API void xent_probe_update(const xent_kernels *kernels, float *values, int64_t count);

#ifdef __cplusplus
}
#endif

#endif
