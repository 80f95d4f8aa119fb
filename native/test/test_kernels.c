/*
 * Every instruction set against a reference in long double, and against the scalar kernels bit by bit, on
 * guarded memory.
 */
#define _DEFAULT_SOURCE

#include <float.h>
#include <math.h>

#include "guarded.h"
#include "harness.h"
#include "xent/xent.h"

enum { MAX_ROWS = 33, MAX_CLASSES = 50257, MAX_ELEMENTS = 120000 };

/* The data of a row, by the corner it is for. */
enum kind {
    NORMAL,
    CONSTANT,
    HUGE_SPREAD,
    OVERFLOWING, /* 90..100: exp of it is infinite in float */
    CONFIDENT,   /* one logit far above all others */
    SUBNORMAL,
    ZEROS, /* of both signs */
    SOME_MINUS_INFINITY,
    LATE_FINITE, /* whole blocks of -inf first */
    RISING,      /* the maximum moves in every block */
    FALLING,
    MOSTLY_NAN_FREE, /* about one element a matrix is NaN, of any sign and payload */
    TARGET_IS_NAN,
    PLUS_INFINITY,
    ALL_MINUS_INFINITY,
    MINUS_INFINITY_AND_NAN,
    LARGEST_NUMBERS,
    KINDS
};

/* One call. Matrices have the type of the case; offsets and strides are in elements. */
struct call {
    int is_f64;
    enum kind kind;
    int64_t classes, rows, stride, gradient_stride;
    int has_targets, has_ignored, has_weights, in_place, at_end;
    int wants_nll, wants_lse, wants_spread;
    int64_t coefficient_step;
    int empty_rows_zero;
    int odd_beta;
};

/* Where the buffers of a call lie. */
struct buffers {
    struct guarded logits, targets, weights, workspace, nll, lse, spread, coefficients, gradient;
};

static struct buffers guarded_buffers;

/* The inputs of a call, and the results of the scalar kernels. */
static char input[MAX_ELEMENTS * 8 + 4096];
static int32_t input_targets[MAX_ROWS];
static char input_weights[MAX_CLASSES * 8];
static double weight_total;
static xent_coefficients input_coefficients[MAX_ROWS];

struct results {
    double nll[MAX_ROWS], lse[MAX_ROWS], spread[MAX_ROWS];
    char gradient[MAX_ELEMENTS * 8 + 4096];
};

static struct results expected, actual;

static size_t element_bytes(const struct call *c) { return c->is_f64 ? 8 : 4; }

/* Elements from the first one of a matrix to the end of its last row: no padding behind it. */
static size_t extent(int64_t rows, int64_t classes, int64_t stride) {
    return rows == 0 ? 0 : (size_t)((rows - 1) * stride + classes);
}

static double get(const struct call *c, const void *values, int64_t at) {
    return c->is_f64 ? ((const double *)values)[at] : (double)((const float *)values)[at];
}

static void put(const struct call *c, void *values, int64_t at, double value) {
    if (c->is_f64) {
        ((double *)values)[at] = value;
    } else {
        ((float *)values)[at] = (float)value;
    }
}

/* A NaN of any sign and payload, signalling ones too. */
static void put_nan(const struct call *c, void *values, int64_t at) {
    if (c->is_f64) {
        uint64_t bits = next_bits() | UINT64_C(0x7ff0000000000001);
        memcpy((double *)values + at, &bits, sizeof bits);
    } else {
        uint32_t bits = (uint32_t)next_bits() | UINT32_C(0x7f800001);
        memcpy((float *)values + at, &bits, sizeof bits);
    }
}

static double logit_of(const struct call *c, int64_t row, int64_t j) {
    switch (c->kind) {
    case CONSTANT:
        return 7.25 + (double)row;
    case HUGE_SPREAD:
        return next_normal() * 1e30;
    case OVERFLOWING:
        return 90 + 10 * next_unit();
    case CONFIDENT:
        return j == (row * 7 + 3) % c->classes ? 60 : next_normal();
    case SUBNORMAL:
        return next_normal() * (c->is_f64 ? 1e-310 : 1e-40);
    case ZEROS:
        return next_flag() ? 0.0 : -0.0;
    case SOME_MINUS_INFINITY:
    case MINUS_INFINITY_AND_NAN:
        return next_below(3) == 0 ? next_normal() : -INFINITY;
    case LATE_FINITE:
        return j < c->classes - c->classes / 3 - 1 ? -INFINITY : next_normal() * 4;
    case RISING:
        return (double)j * 0.05 + next_unit();
    case FALLING:
        return (double)j * -0.05 + next_unit();
    case ALL_MINUS_INFINITY:
        return row % 2 == 0 ? -INFINITY : next_normal();
    case LARGEST_NUMBERS:
        return (next_flag() ? 1 : -1) * (c->is_f64 ? 0x1.fffffffffffffp1023 : 0x1.fffffep127) *
               (next_flag() ? 1 : 0.5);
    default:
        return next_normal() * 3;
    }
}

static void make_logits(const struct call *c) {
    memset(input, 0x5a, extent(c->rows, c->classes, c->stride) * element_bytes(c));
    for (int64_t i = 0; i < c->rows; i++) {
        for (int64_t j = 0; j < c->classes; j++) {
            put(c, input, i * c->stride + j, logit_of(c, i, j));
        }
    }
    for (int64_t n = 0; c->rows > 0 && n < 1 + c->rows / 4; n++) {
        int64_t row = next_below(c->rows);
        int64_t at = row * c->stride + next_below(c->classes);
        if (c->kind == MOSTLY_NAN_FREE || c->kind == MINUS_INFINITY_AND_NAN) {
            put_nan(c, input, at);
        } else if (c->kind == PLUS_INFINITY) {
            put(c, input, next_flag() && input_targets[row] >= 0 ? row * c->stride + input_targets[row] : at,
                INFINITY);
        } else if (c->kind == TARGET_IS_NAN && input_targets[row] >= 0) {
            put_nan(c, input, row * c->stride + input_targets[row]);
        }
    }
}

static double coefficient(int odd) {
    static const double odd_values[] = {0, -0.0, INFINITY, -INFINITY, NAN, 1e300, -1e-300, 1e38};
    return odd ? odd_values[next_below(8)] : next_flag() ? next_normal() : 1;
}

static void make_input(const struct call *c) {
    for (int64_t i = 0; i < c->rows; i++) {
        int is_ignored = c->has_ignored && next_below(3) == 0;
        input_targets[i] = is_ignored ? (int32_t)(-1 - next_below(200)) : (int32_t)next_below(c->classes);
        if (c->kind == CONFIDENT && !is_ignored && next_flag()) {
            input_targets[i] = (int32_t)((i * 7 + 3) % c->classes);
        }
    }
    long double total = c->has_weights ? 0 : (long double)c->classes;
    for (int64_t j = 0; c->has_weights && j < c->classes; j++) {
        put(c, input_weights, j, next_below(4) == 0 ? 0 : 0.1 + next_unit());
        total += get(c, input_weights, j);
    }
    weight_total = (double)total;
    for (int64_t i = 0; i < c->rows; i++) {
        int odd = c->odd_beta && next_below(4) == 0;
        input_coefficients[i].alpha = coefficient(c->odd_beta && next_below(6) == 0);
        input_coefficients[i].beta = next_flag() && !odd ? 0 : coefficient(odd) * (odd ? 1 : 0.01);
        input_coefficients[i].gamma = coefficient(c->odd_beta && next_below(6) == 0);
    }
    make_logits(c);
}

/* ---- Running one call on one instruction set. ---- */

enum operation { FORWARD, GRADIENT, LOG_SOFTMAX, OPERATIONS };

static void *copy_in(const struct guarded *g, const void *from, size_t bytes, int at_end) {
    void *place = guarded_place(g, bytes, at_end);
    memcpy(place, from, bytes);
    return place;
}

#define RUN(REAL, SUFFIX)                                                                                    \
    static int32_t run_##SUFFIX(const struct call *c, enum operation op, const xent_kernels *k,              \
                                const REAL *x, const int32_t *targets, const REAL *weights, void *workspace, \
                                double *nll, double *lse, double *spread,                                    \
                                const xent_coefficients *coefficients, REAL *gradient) {                     \
        switch (op) {                                                                                        \
        case FORWARD:                                                                                        \
            return xent_softmax_forward_##SUFFIX(k, x, c->stride, c->rows, c->classes, targets, weights,     \
                                                 weight_total, workspace, nll, lse, spread);                 \
        case GRADIENT:                                                                                       \
            return xent_softmax_gradient_##SUFFIX(k, x, c->stride, c->rows, c->classes, targets, weights,    \
                                                  weight_total, workspace, nll, lse, spread, coefficients,   \
                                                  c->coefficient_step, c->empty_rows_zero, gradient,         \
                                                  c->gradient_stride);                                       \
        default:                                                                                             \
            return xent_log_softmax_##SUFFIX(k, x, c->stride, c->rows, c->classes, workspace, lse, gradient, \
                                             c->gradient_stride);                                            \
        }                                                                                                    \
    }

RUN(float, f32)
RUN(double, f64)

/* Runs a call on guarded memory and copies what it wrote to results. Inputs are seen to be unchanged. */
static void run(const struct call *c, enum operation op, const xent_kernels *k, struct results *out) {
    struct buffers *b = &guarded_buffers;
    size_t rows = (size_t)c->rows, size = element_bytes(c);
    size_t input_bytes = extent(c->rows, c->classes, c->stride) * size;
    size_t gradient_bytes = extent(c->rows, c->classes, c->gradient_stride) * size;
    int in_place = c->in_place && op != FORWARD;
    void *x = copy_in(&b->logits, input, input_bytes, c->at_end);
    int32_t *targets = copy_in(&b->targets, input_targets, rows * 4, c->at_end);
    void *weights = copy_in(&b->weights, input_weights, (size_t)c->classes * size, c->at_end);
    void *workspace = guarded_place(
        &b->workspace, (size_t)xent_workspace_bytes(c->is_f64 ? XENT_FLOAT64 : XENT_FLOAT32, c->classes),
        c->at_end);
    double *nll = guarded_place(&b->nll, rows * 8, c->at_end);
    double *lse = guarded_place(&b->lse, rows * 8, c->at_end);
    double *spread = guarded_place(&b->spread, rows * 8, c->at_end);
    size_t triples = c->coefficient_step == 0 ? 1 : rows;
    xent_coefficients *coefficients =
        copy_in(&b->coefficients, input_coefficients, triples * sizeof *input_coefficients, c->at_end);
    void *gradient = in_place ? x : guarded_place(&b->gradient, gradient_bytes, c->at_end);

    targets = c->has_targets ? targets : NULL;
    weights = c->has_weights ? weights : NULL;
    double *wanted_nll = c->wants_nll && c->has_targets ? nll : NULL;
    double *wanted_lse = c->wants_lse ? lse : NULL, *wanted_spread = c->wants_spread ? spread : NULL;
    int32_t status = c->is_f64 ? run_f64(c, op, k, x, targets, weights, workspace, wanted_nll, wanted_lse,
                                         wanted_spread, coefficients, gradient)
                               : run_f32(c, op, k, x, targets, weights, workspace, wanted_nll, wanted_lse,
                                         wanted_spread, coefficients, gradient);
    check(status == XENT_OK, "status %d", status);
    check(in_place || memcmp(x, input, input_bytes) == 0, "logits were changed");
    memcpy(out->nll, nll, rows * 8);
    memcpy(out->lse, lse, rows * 8);
    memcpy(out->spread, spread, rows * 8);
    memcpy(out->gradient, gradient, gradient_bytes);
}

/* ---- The reference. ---- */

/* A row in long double, and how far the kernels may be off. */
struct reference {
    int is_nan, is_empty, is_ignored;
    int64_t target;
    long double max, sum, others, log_sum, spread, other_weight;
    long double sum_error;    /* of sum, relative */
    long double log_error;    /* of log_sum, absolute */
    long double spread_error; /* absolute */
};

static long double unit(const struct call *c) { return c->is_f64 ? 0x1p-53L : 0x1p-24L; }

/* Far more exact than the element type; long double's is slow, so float does without. */
static long double exp_of(const struct call *c, long double t) {
    return c->is_f64 ? expl(t) : exp((double)t);
}

static double weight_at(const struct call *c, int64_t j) {
    return c->has_weights ? get(c, input_weights, j) : 1;
}

/* The sum's error: each exponential is off by its own ulp and by the rounding of x - M; a lane adds 32
 * numbers. */
static void reference_sums(const struct call *c, int64_t row, struct reference *r) {
    long double u = unit(c), error = 0, target_term = 0;
    for (int64_t j = 0; j < c->classes; j++) {
        long double distance = (long double)get(c, input, row * c->stride + j) - r->max;
        long double e = exp_of(c, distance);
        int is_target = j == r->target;
        r->others += is_target ? 0 : e;
        target_term = is_target ? e : target_term;
        if (e > 0) {
            error += e * u * (2 * -distance + 40) + (is_target && e == 1 ? -e * u * 40 : 0);
        }
        error += c->is_f64 ? 1e-307L : 1.2e-38L; /* what is flushed to 0 */
    }
    r->sum = r->others + target_term;
    r->sum_error = error / r->sum;
    r->log_sum = r->target >= 0 && target_term == 1 ? log1pl(r->others) : logl(r->sum);
    r->log_error = r->sum_error + fabsl(r->log_sum) * 0x1p-51L;
}

static void reference_spread(const struct call *c, int64_t row, struct reference *r) {
    long double size = 0;
    int64_t block = c->is_f64 ? 512 : 1024;
    long double first = -INFINITY;
    for (int64_t j = 0; j < c->classes && j < block; j++) {
        first = fmaxl(first, (long double)get(c, input, row * c->stride + j));
    }
    first = isinf(first) ? 0 : first;
    for (int64_t j = 0; j < c->classes; j++) {
        long double w = weight_at(c, j);
        if (j == r->target || w == 0) {
            continue;
        }
        long double x = get(c, input, row * c->stride + j);
        r->other_weight += w;
        r->spread += w * (r->max - x);
        size += w * fabsl(x - first);
    }
    long double level = fabsl(r->max - first) + fabsl(r->log_sum);
    r->spread += r->other_weight * r->log_sum;
    r->spread_error = 80 * unit(c) * size + r->other_weight * (r->log_error + level * 0x1p-49L) +
                      weight_total * level * 0x1p-48L;
}

static struct reference reference_of(const struct call *c, int64_t row, int has_targets) {
    struct reference r = {.max = -INFINITY, .target = has_targets ? input_targets[row] : -1};
    r.is_ignored = has_targets && input_targets[row] < 0;
    for (int64_t j = 0; j < c->classes; j++) {
        long double x = get(c, input, row * c->stride + j);
        r.is_nan |= isnan(x) || x == INFINITY;
        r.max = x > r.max ? x : r.max;
    }
    r.is_empty = !r.is_nan && isinf(r.max);
    if (!r.is_nan && !r.is_empty) {
        reference_sums(c, row, &r);
        reference_spread(c, row, &r);
    }
    return r;
}

/* ---- Comparing. ---- */

static int is_canonical(const struct call *c, const void *values, int64_t at) {
    uint64_t bits = 0;
    memcpy(&bits, (const char *)values + (size_t)at * element_bytes(c), element_bytes(c));
    return !isnan(get(c, values, at)) ||
           bits == (c->is_f64 ? UINT64_C(0x7ff8000000000000) : UINT64_C(0x7fc00000));
}

static int is_close(double value, long double reference, long double error) {
    if (fabsl(reference) > (long double)DBL_MAX) {
        reference = copysignl(INFINITY, reference); /* a difference of doubles that no double holds */
    }
    if (isinf(reference) || isnan(reference)) {
        return isnan(reference) ? isnan(value) : value == (double)reference;
    }
    return fabsl((long double)value - reference) <= error;
}

static const char *describe(const struct call *c, enum operation op, int64_t row) {
    static char text[256];
    snprintf(text, sizeof text,
             "op %d %s kind %d classes %lld row %lld of %lld stride %lld target %d weights %d in place %d "
             "step %lld",
             op, c->is_f64 ? "f64" : "f32", c->kind, (long long)c->classes, (long long)row,
             (long long)c->rows, (long long)c->stride, c->has_targets ? input_targets[row] : -1,
             c->has_weights, c->in_place, (long long)c->coefficient_step);
    return text;
}

static void check_row_results(const struct call *c, enum operation op, int64_t row, const struct reference *r,
                              const struct results *out) {
    struct call doubles = {.is_f64 = 1};
    long double lse = r->is_ignored ? 0 : r->is_nan ? NAN : r->is_empty ? -INFINITY : r->max + r->log_sum;
    long double error = r->log_error + 0x1p-52L * fabsl(lse);
    if (c->wants_lse) {
        check(is_close(out->lse[row], lse, error), "lse %.17g, not %.17Lg: %s", out->lse[row], lse,
              describe(c, op, row));
        check(is_canonical(&doubles, out->lse, row), "lse NaN: %s", describe(c, op, row));
    }
    int has_none = r->is_nan || r->is_empty;
    if (c->wants_nll && c->has_targets && op != LOG_SOFTMAX) {
        long double logit = r->target >= 0 ? get(c, input, row * c->stride + r->target) : 0;
        long double nll = r->is_ignored ? 0 : has_none ? NAN : r->log_sum - (logit - r->max);
        error = r->log_error + 0x1p-52L * fabsl(logit - r->max) + 0x1p-52L * fabsl(nll);
        check(is_close(out->nll[row], nll, error), "nll %.17g, not %.17Lg: %s", out->nll[row], nll,
              describe(c, op, row));
        check(is_canonical(&doubles, out->nll, row), "nll NaN: %s", describe(c, op, row));
    }
    if (c->wants_spread && op != LOG_SOFTMAX) {
        long double spread = r->is_ignored ? 0 : has_none ? NAN : r->spread;
        int overflows = c->kind == LARGEST_NUMBERS; /* distances are infinite in T */
        check(overflows || is_close(out->spread[row], spread, r->spread_error),
              "spread %.17g, not %.17Lg: %s", out->spread[row], spread, describe(c, op, row));
        check(is_canonical(&doubles, out->spread, row), "spread NaN: %s", describe(c, op, row));
    }
}

static void check_gradient(const struct call *c, int64_t row, const struct reference *r,
                           const struct results *out) {
    const xent_coefficients *k = input_coefficients + row * c->coefficient_step;
    int has_odd_numbers = c->odd_beta;
    for (int64_t j = 0; j < c->classes; j++) {
        int64_t at = row * c->gradient_stride + j;
        double g = get(c, out->gradient, at);
        check(is_canonical(c, out->gradient, at), "gradient NaN: %s", describe(c, GRADIENT, row));
        if (has_odd_numbers && !r->is_ignored && !r->is_empty) {
            continue; /* compared between instruction sets only */
        }
        long double expected_value, error = 0;
        if (r->is_ignored) {
            expected_value = 0;
        } else if (r->is_nan || r->is_empty) {
            expected_value = r->is_empty && c->empty_rows_zero ? 0 : NAN;
        } else {
            long double distance = (long double)get(c, input, row * c->stride + j) - r->max;
            long double p = exp_of(c, distance) / r->sum, w = weight_at(c, j), u = unit(c);
            long double rest = k->beta * w;
            int is_target = j == r->target;
            expected_value = is_target ? (k->alpha - k->gamma) - k->alpha * (r->others / r->sum) - rest
                                       : k->alpha * p - rest;
            error = fabsl(k->alpha) * p * (u * (p > 0 ? 2 * -distance : 0) + 16 * u) +
                    fabsl(k->alpha) * (is_target ? r->others / r->sum : p) * 2 * r->sum_error +
                    4 * u * fabsl(rest) +
                    (is_target ? 4 * u * (fabsl(k->alpha - k->gamma) + fabsl(expected_value)) : 0) +
                    (fabsl(k->alpha) + 1) * (c->is_f64 ? 1e-306L : 1.2e-37L);
        }
        check(is_close(g, expected_value, error), "gradient[%lld] %.9g, not %.9Lg (%.3Lg): %s", (long long)j,
              g, expected_value, error, describe(c, GRADIENT, row));
    }
}

static void check_log_softmax(const struct call *c, int64_t row, const struct reference *r,
                              const struct results *out) {
    for (int64_t j = 0; j < c->classes; j++) {
        int64_t at = row * c->gradient_stride + j;
        long double x = get(c, input, row * c->stride + j);
        long double value = r->is_nan || r->is_empty ? NAN : x - r->max - r->log_sum;
        long double error = r->log_error + 4 * unit(c) * (fabsl(x) + fabsl(r->max)) + 0x1p-1070L;
        int overflows = c->kind == LARGEST_NUMBERS;
        check(overflows || is_close(get(c, out->gradient, at), value, error),
              "log-softmax[%lld] %.9g, not %.9Lg: %s", (long long)j, get(c, out->gradient, at), value,
              describe(c, LOG_SOFTMAX, row));
        check(is_canonical(c, out->gradient, at), "log-softmax NaN: %s", describe(c, LOG_SOFTMAX, row));
    }
}

static void check_padding(const struct call *c, enum operation op, const struct results *out) {
    for (int64_t row = 0; row + 1 < c->rows && op != FORWARD; row++) {
        const char *end = out->gradient + (size_t)(row * c->gradient_stride + c->classes) * element_bytes(c);
        size_t bytes = (size_t)(c->gradient_stride - c->classes) * element_bytes(c);
        for (size_t i = 0; i < bytes; i++) {
            check(end[i] == 0x5a, "padding was written: %s", describe(c, op, row));
        }
    }
}

static void check_against_reference(const struct call *c, enum operation op, const struct results *out) {
    for (int64_t row = 0; row < c->rows; row++) {
        struct reference r = reference_of(c, row, c->has_targets && op != LOG_SOFTMAX);
        check_row_results(c, op, row, &r, out);
        if (op == GRADIENT) {
            check_gradient(c, row, &r, out);
        } else if (op == LOG_SOFTMAX) {
            check_log_softmax(c, row, &r, out);
        }
    }
    check_padding(c, op, out);
}

/* Bit equality of everything that was written, padding included. */
static void check_same_bits(const struct call *c, enum operation op, const char *isa) {
    size_t bytes = extent(c->rows, c->classes, c->gradient_stride) * element_bytes(c);
    for (int64_t i = 0; i < c->rows; i++) {
        check(memcmp(&expected.nll[i], &actual.nll[i], 8) == 0, "%s nll %.17g, scalar %.17g: %s", isa,
              actual.nll[i], expected.nll[i], describe(c, op, i));
        check(memcmp(&expected.lse[i], &actual.lse[i], 8) == 0, "%s lse %.17g, scalar %.17g: %s", isa,
              actual.lse[i], expected.lse[i], describe(c, op, i));
        check(memcmp(&expected.spread[i], &actual.spread[i], 8) == 0, "%s spread %.17g, scalar %.17g: %s",
              isa, actual.spread[i], expected.spread[i], describe(c, op, i));
    }
    int same = op == FORWARD || memcmp(expected.gradient, actual.gradient, bytes) == 0;
    int64_t at = 0, size = (int64_t)element_bytes(c);
    while (!same && memcmp(expected.gradient + at * size, actual.gradient + at * size, (size_t)size) == 0) {
        at++;
    }
    check(same, "%s output[%lld] %.9g, scalar %.9g: %s", isa, (long long)(at % c->gradient_stride),
          get(c, actual.gradient, at), get(c, expected.gradient, at),
          describe(c, op, at / c->gradient_stride));
}

static void test_call(const struct call *c) {
    make_input(c);
    for (enum operation op = FORWARD; op < OPERATIONS; op++) {
        run(c, op, xent_kernels_for(XENT_ISA_SCALAR), &expected);
        check_against_reference(c, op, &expected);
        for (int32_t isa = XENT_ISA_SCALAR + 1; isa < XENT_ISA_COUNT; isa++) {
            const xent_kernels *kernels = xent_kernels_for(isa);
            if (kernels) {
                run(c, op, kernels, &actual);
                check_same_bits(c, op, xent_isa_name(isa));
            }
        }
    }
}

/* A call with these sizes and everything else drawn. */
static struct call draw_call(int is_f64, enum kind kind, int64_t classes, int64_t rows) {
    struct call c = {.is_f64 = is_f64, .kind = kind, .classes = classes, .rows = rows};
    c.stride = classes + (next_flag() ? 0 : next_below(20));
    c.in_place = next_below(3) == 0;
    c.gradient_stride = c.in_place ? c.stride : classes + (next_flag() ? 0 : next_below(20));
    c.has_targets = next_below(4) != 0;
    c.has_ignored = next_flag();
    c.has_weights = next_flag();
    c.at_end = next_flag();
    c.wants_nll = next_below(4) != 0;
    c.wants_lse = next_below(4) != 0;
    c.wants_spread = next_flag();
    c.coefficient_step = next_flag();
    c.empty_rows_zero = next_flag();
    c.odd_beta = next_below(4) == 0;
    return c;
}

static void test_grid(int64_t least_classes) {
    static const int64_t classes[] = {1,   2,   3,   4,   5,    6,    7,    8,    9,    10,   11,   12,  13,
                                      14,  15,  16,  17,  31,   32,   33,   63,   64,   65,   100,  127, 128,
                                      129, 511, 512, 513, 1000, 1023, 1024, 1025, 2047, 2048, 2049, 4097};
    static const int64_t rows[] = {0, 1, 2, 15, 16, 17, MAX_ROWS};
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) {
        for (size_t j = 0; j < sizeof rows / sizeof *rows; j++) {
            for (int draw = 0; draw < KINDS * (classes[i] <= 16 ? 8 : 2); draw++) {
                if (classes[i] < least_classes) {
                    continue;
                }
                if (classes[i] * rows[j] > 4097 && (draw + (int)i + (int)j) % 4 != 0) {
                    continue; /* seconds, not minutes */
                }
                struct call c = draw_call(draw & 1, (enum kind)(draw / 2 % KINDS), classes[i], rows[j]);
                if (extent(c.rows, c.classes, c.stride) <= MAX_ELEMENTS &&
                    extent(c.rows, c.classes, c.gradient_stride) <= MAX_ELEMENTS) {
                    test_call(&c);
                }
            }
        }
    }
}

/* Rows of a vocabulary. */
static void test_long_rows(void) {
    for (int draw = 0; draw < KINDS * 2; draw++) {
        struct call c =
            draw_call(draw & 1, (enum kind)(draw / 2), next_flag() ? 32000 : MAX_CLASSES, 1 + next_flag());
        test_call(&c);
    }
}

static void make_buffers(void) {
    size_t matrix = MAX_ELEMENTS * 8 + 4096;
    struct buffers *b = &guarded_buffers;
    b->logits = guarded_new(matrix);
    b->gradient = guarded_new(matrix);
    b->targets = guarded_new(MAX_ROWS * 4);
    b->weights = guarded_new(MAX_CLASSES * 8);
    b->workspace = guarded_new((size_t)xent_workspace_bytes(XENT_FLOAT64, MAX_CLASSES));
    b->nll = guarded_new(MAX_ROWS * 8);
    b->lse = guarded_new(MAX_ROWS * 8);
    b->spread = guarded_new(MAX_ROWS * 8);
    b->coefficients = guarded_new(sizeof input_coefficients);
}

/* The argument, if there is one, leaves out shapes with fewer classes. */
int main(int count, char **arguments) {
    static const char *support[] = {"tested", "NOT TESTED: not compiled", "NOT TESTED: not on this CPU"};
    for (int32_t isa = 0; isa < XENT_ISA_COUNT; isa++) {
        printf("%-7s %s\n", xent_isa_name(isa), support[xent_isa_support(isa)]);
    }
    make_buffers();
    test_grid(count > 1 ? atoll(arguments[1]) : 1);
    test_long_rows();
    return report("test_kernels");
}
