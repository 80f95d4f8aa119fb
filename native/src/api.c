/* The functions of xent.h that take data: they check what can be seen at once and call the kernels. */
#include <stddef.h>

#include "kernels.h"

/* Class indices are int32, so longer rows could not have a target everywhere. */
static int are_sizes_valid(int64_t rows, int64_t classes, int64_t row_stride) {
    return rows >= 0 && classes >= 1 && classes <= INT32_MAX && row_stride >= classes;
}

static int is_workspace_valid(const void *workspace) { return workspace && (uintptr_t)workspace % 64 == 0; }

/* What forward and gradient have in common. Without rows no data is needed. */
static int are_rows_valid(const xent_kernels *kernels, const struct xent_rows *r) {
    if (!kernels || !are_sizes_valid(r->rows, r->classes, r->row_stride)) {
        return 0;
    }
    return r->rows == 0 || (r->logits && is_workspace_valid(r->workspace) && (r->targets || !r->nll));
}

/* What a matrix that is written needs, on top. */
static int is_output_valid(const struct xent_rows *r) {
    if (r->gradient_stride < r->classes) {
        return 0;
    }
    int in_place = r->gradient == r->logits;
    return r->rows == 0 || (r->gradient && (!in_place || r->gradient_stride == r->row_stride));
}

static int is_gradient_valid(const struct xent_rows *r) {
    int step_is_valid = r->coefficient_step == 0 || r->coefficient_step == 1;
    return is_output_valid(r) && step_is_valid && (r->rows == 0 || r->coefficients);
}

int64_t xent_workspace_bytes(int32_t type, int64_t classes) {
    if ((type != XENT_FLOAT32 && type != XENT_FLOAT64) || classes < 1 || classes > INT32_MAX) {
        return 0;
    }
    int64_t element_bytes = type == XENT_FLOAT32 ? sizeof(float) : sizeof(double);
    int64_t block = type == XENT_FLOAT32 ? BLOCK_f32 : BLOCK_f64;
    /* The maximum of each block, and a row of exponentials; for rows of one block a tile and a step beyond it, and as
     * many bytes of a mask. */
    int64_t tile = type == XENT_FLOAT32 ? TILE_ELEMENTS_f32 + LANES_f32 : TILE_ELEMENTS_f64 + LANES_f64;
    return xent_padded_bytes(xent_block_count(classes, block), element_bytes) +
           xent_padded_bytes(classes, element_bytes) +
           (classes <= block ? xent_padded_bytes(tile, element_bytes) + xent_padded_bytes(tile, 1) : 0);
}

/* The functions of the two element types differ in the type and in the table's entry, and in nothing else. */
#define DEFINE_ROW_FUNCTIONS(REAL, SUFFIX)                                                                   \
    int32_t xent_softmax_forward_##SUFFIX(                                                                   \
        const xent_kernels *kernels, const REAL *logits, int64_t row_stride, int64_t rows, int64_t classes,  \
        const int32_t *targets, const REAL *class_weights, double weight_total, void *workspace,             \
        double *nll, double *lse, double *spread) {                                                          \
        struct xent_rows r = {.logits = logits,                                                              \
                              .row_stride = row_stride,                                                      \
                              .rows = rows,                                                                  \
                              .classes = classes,                                                            \
                              .targets = targets,                                                            \
                              .class_weights = class_weights,                                                \
                              .weight_total = weight_total,                                                  \
                              .workspace = workspace,                                                        \
                              .nll = nll,                                                                    \
                              .lse = lse,                                                                    \
                              .spread = spread};                                                             \
        if (!are_rows_valid(kernels, &r)) {                                                                  \
            return XENT_INVALID_ARGUMENT;                                                                    \
        }                                                                                                    \
        kernels->forward_##SUFFIX(&r);                                                                       \
        return XENT_OK;                                                                                      \
    }                                                                                                        \
                                                                                                             \
    int32_t xent_softmax_gradient_##SUFFIX(                                                                  \
        const xent_kernels *kernels, const REAL *logits, int64_t row_stride, int64_t rows, int64_t classes,  \
        const int32_t *targets, const REAL *class_weights, double weight_total, void *workspace,             \
        double *nll, double *lse, double *spread, const xent_coefficients *coefficients,                     \
        int64_t coefficient_step, int32_t empty_rows_zero, REAL *gradient, int64_t gradient_stride) {        \
        struct xent_rows r = {.logits = logits,                                                              \
                              .row_stride = row_stride,                                                      \
                              .rows = rows,                                                                  \
                              .classes = classes,                                                            \
                              .targets = targets,                                                            \
                              .class_weights = class_weights,                                                \
                              .weight_total = weight_total,                                                  \
                              .workspace = workspace,                                                        \
                              .nll = nll,                                                                    \
                              .lse = lse,                                                                    \
                              .spread = spread,                                                              \
                              .coefficients = coefficients,                                                  \
                              .coefficient_step = coefficient_step,                                          \
                              .empty_rows_zero = empty_rows_zero,                                            \
                              .gradient = gradient,                                                          \
                              .gradient_stride = gradient_stride};                                           \
        if (!are_rows_valid(kernels, &r) || !is_gradient_valid(&r)) {                                        \
            return XENT_INVALID_ARGUMENT;                                                                    \
        }                                                                                                    \
        kernels->gradient_##SUFFIX(&r);                                                                      \
        return XENT_OK;                                                                                      \
    }                                                                                                        \
                                                                                                             \
    int32_t xent_log_softmax_##SUFFIX(const xent_kernels *kernels, const REAL *logits, int64_t row_stride,   \
                                      int64_t rows, int64_t classes, void *workspace, double *lse,           \
                                      REAL *output, int64_t output_stride) {                                 \
        struct xent_rows r = {.logits = logits,                                                              \
                              .row_stride = row_stride,                                                      \
                              .rows = rows,                                                                  \
                              .classes = classes,                                                            \
                              .weight_total = (double)classes,                                               \
                              .workspace = workspace,                                                        \
                              .lse = lse,                                                                    \
                              .gradient = output,                                                            \
                              .gradient_stride = output_stride};                                             \
        if (!are_rows_valid(kernels, &r) || !is_output_valid(&r)) {                                          \
            return XENT_INVALID_ARGUMENT;                                                                    \
        }                                                                                                    \
        kernels->log_softmax_##SUFFIX(&r);                                                                   \
        return XENT_OK;                                                                                      \
    }

DEFINE_ROW_FUNCTIONS(float, f32)
DEFINE_ROW_FUNCTIONS(double, f64)

/* A mask that is there has a byte for every class. */
static int is_mask_valid(const struct xent_rows *r) {
    return !r->mask || r->mask_stride == 0 || r->mask_stride >= r->classes;
}

/* The element type that logits of a type are computed in, or -1; and the format they are stored in. */
static int32_t arithmetic_of(int32_t type, enum xent_format *format) {
    *format = type == XENT_BFLOAT16 ? FORMAT_BFLOAT16 : type == XENT_FLOAT16 ? FORMAT_FLOAT16 : FORMAT_PLAIN;
    return type < XENT_FLOAT32 || type > XENT_FLOAT16 ? -1 : *format == FORMAT_PLAIN ? type : XENT_FLOAT32;
}

int32_t xent_mapped_forward(const xent_kernels *kernels, int32_t type, const void *logits, int64_t row_stride,
                            const uint8_t *mask, int64_t mask_stride, int64_t rows, int64_t classes,
                            const int32_t *targets, const void *class_weights, double weight_total,
                            void *workspace, double *nll, double *lse, double *spread) {
    struct xent_rows r = {.logits = logits,
                          .mask = mask,
                          .mask_stride = mask_stride,
                          .row_stride = row_stride,
                          .rows = rows,
                          .classes = classes,
                          .targets = targets,
                          .class_weights = class_weights,
                          .weight_total = weight_total,
                          .workspace = workspace,
                          .nll = nll,
                          .lse = lse,
                          .spread = spread};
    int32_t arithmetic = arithmetic_of(type, &r.format);
    if (arithmetic < 0 || !are_rows_valid(kernels, &r) || !is_mask_valid(&r)) {
        return XENT_INVALID_ARGUMENT;
    }
    (arithmetic == XENT_FLOAT32 ? kernels->forward_f32 : kernels->forward_f64)(&r);
    return XENT_OK;
}

int32_t xent_mapped_gradient(const xent_kernels *kernels, int32_t type, const void *logits,
                             int64_t row_stride, const uint8_t *mask, int64_t mask_stride, int64_t rows,
                             int64_t classes, const int32_t *targets, const void *class_weights,
                             double weight_total, void *workspace, double *nll, double *lse, double *spread,
                             const xent_coefficients *coefficients, int64_t coefficient_step,
                             int32_t empty_rows_zero, void *gradient, int64_t gradient_stride) {
    struct xent_rows r = {.logits = logits,
                          .mask = mask,
                          .mask_stride = mask_stride,
                          .row_stride = row_stride,
                          .rows = rows,
                          .classes = classes,
                          .targets = targets,
                          .class_weights = class_weights,
                          .weight_total = weight_total,
                          .workspace = workspace,
                          .nll = nll,
                          .lse = lse,
                          .spread = spread,
                          .coefficients = coefficients,
                          .coefficient_step = coefficient_step,
                          .empty_rows_zero = empty_rows_zero,
                          .gradient = gradient,
                          .gradient_stride = gradient_stride};
    int32_t arithmetic = arithmetic_of(type, &r.format);
    if (arithmetic < 0 || !are_rows_valid(kernels, &r) || !is_gradient_valid(&r) || !is_mask_valid(&r)) {
        return XENT_INVALID_ARGUMENT;
    }
    (arithmetic == XENT_FLOAT32 ? kernels->gradient_f32 : kernels->gradient_f64)(&r);
    return XENT_OK;
}

/* What an operation on tiles cannot do without. The weights of the losses are not among it. */
enum { NEEDS_OUT = 1, NEEDS_B = 2, NEEDS_C = 4, NEEDS_RESULTS = 8 };

static const int tile_needs[XENT_TILE_COUNT] = {
    [XENT_TILE_WIDEN_BFLOAT16] = NEEDS_OUT,
    [XENT_TILE_WIDEN_FLOAT16] = NEEDS_OUT,
    [XENT_TILE_NARROW_BFLOAT16] = NEEDS_OUT,
    [XENT_TILE_NARROW_FLOAT16] = NEEDS_OUT,
    [XENT_TILE_SHAPE] = NEEDS_OUT,
    [XENT_TILE_SHAPE_GRADIENT] = NEEDS_OUT,
    [XENT_TILE_MASK] = NEEDS_OUT | NEEDS_C,
    [XENT_TILE_CENTER] = NEEDS_OUT | NEEDS_RESULTS,
    [XENT_TILE_TARGETS] = NEEDS_OUT,
    [XENT_TILE_CROSS] = NEEDS_B | NEEDS_RESULTS,
    [XENT_TILE_BLEND] = NEEDS_OUT,
    [XENT_TILE_TILT] = NEEDS_OUT | NEEDS_B,
    [XENT_TILE_EXP] = NEEDS_OUT,
    [XENT_TILE_LOG] = NEEDS_OUT,
    [XENT_TILE_RATIO] = NEEDS_OUT | NEEDS_B,
    [XENT_TILE_LOGISTIC] = NEEDS_B | NEEDS_RESULTS,
    [XENT_TILE_SIGMOID_SQUARED] = NEEDS_B | NEEDS_RESULTS,
    [XENT_TILE_BERNOULLI] = NEEDS_B | NEEDS_RESULTS,
    [XENT_TILE_ORDER] = NEEDS_RESULTS,
    [XENT_TILE_RANGE] = NEEDS_RESULTS,
};

static int is_tile_type_valid(int32_t operation, int32_t type) {
    return type == XENT_FLOAT32 || (type == XENT_FLOAT64 && operation > XENT_TILE_NARROW_FLOAT16);
}

/* Without rows no data is needed. */
static int is_tile_valid(const struct xent_tile *t) {
    int step_is_valid = t->scalar_step == 0 || t->scalar_step == 3;
    if (t->rows < 0 || t->columns < 1 || t->columns > INT32_MAX || !step_is_valid) {
        return 0;
    }
    int needs = tile_needs[t->operation];
    return t->rows == 0 || (t->a && (t->out || !(needs & NEEDS_OUT)) && (t->b || !(needs & NEEDS_B)) &&
                            (t->c || !(needs & NEEDS_C)) && (t->results || !(needs & NEEDS_RESULTS)));
}

int32_t xent_tile(const xent_kernels *kernels, int32_t operation, int32_t type, int64_t rows, int64_t columns,
                  void *out, const void *a, const void *b, const void *c, int32_t shared_c,
                  const void *column, const double *scalars, int64_t scalar_step, double *results) {
    struct xent_tile t = {.operation = operation,
                          .rows = rows,
                          .columns = columns,
                          .out = out,
                          .a = a,
                          .b = b,
                          .c = c,
                          .shared_c = shared_c,
                          .column = column,
                          .scalars = scalars,
                          .scalar_step = scalar_step,
                          .results = results};
    if (!kernels || operation < 0 || operation >= XENT_TILE_COUNT || !is_tile_type_valid(operation, type) ||
        !is_tile_valid(&t)) {
        return XENT_INVALID_ARGUMENT;
    }
    xent_tile_kernel *kernel = type == XENT_FLOAT32 ? kernels->tile->f32 : kernels->tile->f64;
    kernel(&t);
    return XENT_OK;
}

/* A matrix operand that may be absent where that is allowed. */
static int is_operand_valid(const void *values, int64_t stride, int64_t columns, int is_needed) {
    return values ? stride >= columns : !is_needed;
}

/* Without rows no data is needed. */
static int is_logistic_valid(const struct xent_logistic *l) {
    if (l->rows < 0 || l->columns < 1 || (l->factor_step != 0 && l->factor_step != 1)) {
        return 0;
    }
    int in_place = l->gradient == l->logits;
    return l->rows == 0 ||
           (is_operand_valid(l->logits, l->logits_stride, l->columns, 1) &&
            is_operand_valid(l->targets, l->targets_stride, l->columns, 1) &&
            is_operand_valid(l->weights, l->weights_stride, l->columns, 0) &&
            is_operand_valid(l->gradient, l->gradient_stride, l->columns, 0) &&
            (!in_place || l->gradient_stride == l->logits_stride) && (l->factors || !l->gradient) && l->sums);
}

#define DEFINE_LOGISTIC(REAL, SUFFIX)                                                                        \
    int32_t xent_logistic_##SUFFIX(const xent_kernels *kernels, int64_t rows, int64_t columns,               \
                                   const REAL *logits, int64_t logits_stride, const REAL *targets,           \
                                   int64_t targets_stride, const REAL *weights, int64_t weights_stride,      \
                                   const REAL *column, const double *factors, int64_t factor_step,           \
                                   double *sums, REAL *losses, REAL *gradient, int64_t gradient_stride) {    \
        struct xent_logistic l = {.rows = rows,                                                              \
                                  .columns = columns,                                                        \
                                  .logits = logits,                                                          \
                                  .logits_stride = logits_stride,                                            \
                                  .targets = targets,                                                        \
                                  .targets_stride = targets_stride,                                          \
                                  .weights = weights,                                                        \
                                  .weights_stride = weights_stride,                                          \
                                  .column = column,                                                          \
                                  .factors = factors,                                                        \
                                  .factor_step = factor_step,                                                \
                                  .sums = sums,                                                              \
                                  .losses = losses,                                                          \
                                  .gradient = gradient,                                                      \
                                  .gradient_stride = gradient_stride};                                       \
        if (!kernels || !is_logistic_valid(&l)) {                                                            \
            return XENT_INVALID_ARGUMENT;                                                                    \
        }                                                                                                    \
        kernels->logistic_##SUFFIX(&l);                                                                      \
        return XENT_OK;                                                                                      \
    }

DEFINE_LOGISTIC(float, f32)
DEFINE_LOGISTIC(double, f64)

float xent_probe_read(const xent_kernels *kernels, const float *source, int64_t count) {
    return kernels->probe_read(source, count);
}

void xent_probe_copy(const xent_kernels *kernels, const float *source, float *target, int64_t count,
                     int32_t non_temporal) {
    kernels->probe_copy(source, target, count, non_temporal);
}

void xent_probe_update(const xent_kernels *kernels, float *values, int64_t count) {
    kernels->probe_update(values, count);
}
