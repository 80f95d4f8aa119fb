/*
 * Binary cross-entropy: every instruction set against a reference in long double, and against the scalar kernels bit
 * by bit, on guarded memory.
 */
#define _DEFAULT_SOURCE

#include <float.h>
#include <math.h>

#include "guarded.h"
#include "harness.h"
#include "xent/xent.h"

/* Room for a call whose gradient is written past the cache, with gaps between its rows. */
enum { MAX_ROWS = 1100, MAX_ELEMENTS = 320000, MAX_COLUMNS = 300000 };

/* What the operands look like. */
enum kind {
    ORDINARY,
    SPECIAL,     /* NaN, infinities, zeros of both signs, subnormal numbers */
    OVERFLOWING, /* special, and numbers and factors whose products overflow */
    OUTSIDE,     /* some targets are below 0 or above 1 */
    KINDS
};

enum gradient { NONE, APART, IN_PLACE, GRADIENTS };

/* One call; strides are in elements. */
struct call {
    int is_f64;
    enum kind kind;
    int64_t rows, columns;
    int64_t logits_stride, targets_stride, weights_stride, gradient_stride;
    int has_weights, has_column, has_losses;
    enum gradient gradient;
    int64_t factor_step;
    int at_end;
};

/* The operands of a call, in its element type, and the guarded memory they are brought to. */
static struct {
    char logits[MAX_ELEMENTS * 8], targets[MAX_ELEMENTS * 8], weights[MAX_ELEMENTS * 8];
    char column[MAX_COLUMNS * 8];
    double factors[MAX_ROWS];
} input;

static struct { struct guarded logits, targets, weights, column, factors, sums, losses, gradient; } memory;

/* What a call leaves behind; the gradient with what lies between its rows. */
struct outcome {
    double sums[MAX_ROWS];
    char losses[MAX_ELEMENTS * 8], gradient[MAX_ELEMENTS * 8];
};

static struct outcome expected, actual;

static size_t element_bytes(const struct call *c) { return c->is_f64 ? 8 : 4; }

/* Bytes from the first element of a matrix to the end of its last row. */
static size_t extent(const struct call *c, int64_t stride) {
    return (size_t)((c->rows - 1) * stride + c->columns) * element_bytes(c);
}

static size_t factor_bytes(const struct call *c) { return (c->factor_step ? (size_t)c->rows : 1) * 8; }

static int64_t gradient_stride(const struct call *c) {
    return c->gradient == IN_PLACE ? c->logits_stride : c->gradient_stride;
}

static double rounded(const struct call *c, double value) { return c->is_f64 ? value : (double)(float)value; }

static double get(const struct call *c, const void *values, int64_t at) {
    return c->is_f64 ? ((const double *)values)[at] : (double)((const float *)values)[at];
}

/* A NaN gets any sign and payload, signalling ones too. */
static void put(const struct call *c, void *values, int64_t at, double value) {
    if (c->is_f64) {
        uint64_t bits = next_bits() | UINT64_C(0x7ff0000000000001);
        memcpy((double *)values + at, isnan(value) ? (const void *)&bits : &value, sizeof bits);
    } else {
        uint32_t bits = (uint32_t)next_bits() | UINT32_C(0x7f800001);
        float narrow = (float)value;
        memcpy((float *)values + at, isnan(value) ? (const void *)&bits : &narrow, sizeof bits);
    }
}

/* ---- The operands. ---- */

static int is_special(const struct call *c) { return c->kind != ORDINARY && next_below(6) == 0; }

static double largest(const struct call *c) { return c->is_f64 ? DBL_MAX : FLT_MAX; }

static double smallest(const struct call *c) {
    return (c->is_f64 ? 0x1p-1074 : 0x1p-149) * (double)(1 + next_below(100));
}

static double logit(const struct call *c) {
    double sign = next_flag() ? 1 : -1;
    if (!is_special(c)) {
        return next_normal() * (next_below(4) == 0 ? c->is_f64 ? 400 : 60 : 4);
    }
    switch (next_below(c->kind == OVERFLOWING ? 6 : 5)) {
    case 0:
        return NAN;
    case 1:
        return sign * INFINITY;
    case 2:
        return sign * 0.0;
    case 3:
        return sign * smallest(c);
    case 4: /* on either side of where the exponential becomes 0 */
        return sign * (c->is_f64 ? 708.4 : 87.34) * (1 + 1e-4 * next_normal());
    default:
        return sign * largest(c);
    }
}

static double target(const struct call *c) {
    int64_t corner = next_below(6);
    if (c->kind >= OVERFLOWING && next_below(200) == 0) {
        static const double wrong[] = {-0x1p-149, -0.5, 1 + 0x1p-23, 3, INFINITY, -INFINITY};
        return wrong[next_below(c->kind == OVERFLOWING ? 6 : 4)];
    }
    if (is_special(c)) {
        return corner < 2 ? NAN : corner < 4 ? -0.0 : smallest(c);
    }
    return corner == 0 ? 0 : corner == 1 ? 1 : next_unit();
}

/* The weight of an element or of a column. */
static double weight(const struct call *c) {
    if (next_below(5) == 0) {
        return next_flag() ? 0.0 : -0.0;
    }
    return !is_special(c)                          ? 3 * next_unit()
           : c->kind == OVERFLOWING && next_flag() ? largest(c)
                                                   : smallest(c);
}

static double factor(const struct call *c) {
    static const double odd[] = {0, -0.0, INFINITY, -INFINITY, NAN, 1e300, -1e-300, 0x1p-149};
    return c->kind == OVERFLOWING && next_flag() ? odd[next_below(8)] : next_normal();
}

/* The call in work, for messages. */
static char description[160];

static void describe(const struct call *c) {
    snprintf(description, sizeof description,
             "f%d kind %d, %lld x %lld, weights %d, column %d, losses %d, gradient %d", c->is_f64 ? 64 : 32,
             c->kind, (long long)c->rows, (long long)c->columns, c->has_weights, c->has_column, c->has_losses,
             c->gradient);
}

static void make_input(const struct call *c) {
    describe(c);
    memset(input.logits, 0x5a, extent(c, c->logits_stride));
    memset(input.targets, 0x5a, extent(c, c->targets_stride));
    memset(input.weights, 0x5a, extent(c, c->weights_stride));
    for (int64_t i = 0; i < c->rows; i++) {
        input.factors[i] = factor(c);
        for (int64_t j = 0; j < c->columns; j++) {
            put(c, input.logits, i * c->logits_stride + j, logit(c));
            put(c, input.targets, i * c->targets_stride + j, target(c));
            put(c, input.weights, i * c->weights_stride + j, weight(c));
        }
    }
    for (int64_t j = 0; j < c->columns; j++) {
        put(c, input.column, j, weight(c));
    }
}

/* ---- Running one call on one instruction set. ---- */

static void *copy_in(const struct guarded *g, const void *from, size_t bytes, int at_end) {
    void *place = guarded_place(g, bytes, at_end);
    memcpy(place, from, bytes);
    return place;
}

/* What is between the rows of a matrix must be as it was. */
static void check_gaps(const struct call *c, const char *matrix, int64_t stride, const char *isa) {
    size_t row_bytes = (size_t)c->columns * element_bytes(c), step = (size_t)stride * element_bytes(c);
    int ok = 1;
    for (int64_t i = 0; i + 1 < c->rows; i++) {
        for (size_t at = row_bytes; at < step; at++) {
            ok &= matrix[(size_t)i * step + at] == 0x5a;
        }
    }
    check(ok, "written between rows on %s: %s", isa, description);
}

static void run(const struct call *c, int32_t isa, struct outcome *outcome) {
    const xent_kernels *k = xent_kernels_for(isa);
    size_t loss_bytes = (size_t)(c->rows * c->columns) * element_bytes(c);
    size_t weight_bytes = extent(c, c->weights_stride), column_bytes = (size_t)c->columns * element_bytes(c);
    void *x = copy_in(&memory.logits, input.logits, extent(c, c->logits_stride), c->at_end);
    void *t = copy_in(&memory.targets, input.targets, extent(c, c->targets_stride), c->at_end);
    void *w = c->has_weights ? copy_in(&memory.weights, input.weights, weight_bytes, c->at_end) : NULL;
    void *v = c->has_column ? copy_in(&memory.column, input.column, column_bytes, c->at_end) : NULL;
    double *factors = copy_in(&memory.factors, input.factors, factor_bytes(c), c->at_end);
    double *sums = guarded_place(&memory.sums, (size_t)c->rows * 8, c->at_end);
    void *losses = c->has_losses ? guarded_place(&memory.losses, loss_bytes, c->at_end) : NULL;
    size_t bytes = extent(c, gradient_stride(c));
    void *g = c->gradient == APART  ? guarded_place(&memory.gradient, bytes, c->at_end)
              : c->gradient == NONE ? NULL
                                    : x;
    factors = c->gradient == NONE ? NULL : factors;
    int32_t status = c->is_f64 ? xent_logistic_f64(k, c->rows, c->columns, x, c->logits_stride, t,
                                                   c->targets_stride, w, c->weights_stride, v, factors,
                                                   c->factor_step, sums, losses, g, gradient_stride(c))
                               : xent_logistic_f32(k, c->rows, c->columns, x, c->logits_stride, t,
                                                   c->targets_stride, w, c->weights_stride, v, factors,
                                                   c->factor_step, sums, losses, g, gradient_stride(c));
    check(status == XENT_OK, "%s returned %d: %s", xent_isa_name(isa), status, description);
    int is_kept = c->gradient == IN_PLACE || memcmp(x, input.logits, extent(c, c->logits_stride)) == 0;
    is_kept &= memcmp(t, input.targets, extent(c, c->targets_stride)) == 0;
    is_kept &= !w || memcmp(w, input.weights, weight_bytes) == 0;
    is_kept &= !v || memcmp(v, input.column, column_bytes) == 0;
    check(is_kept, "%s changed an operand: %s", xent_isa_name(isa), description);
    memcpy(outcome->sums, sums, (size_t)c->rows * 8);
    if (losses) {
        memcpy(outcome->losses, losses, loss_bytes);
    }
    if (g) {
        memcpy(outcome->gradient, g, bytes);
        check_gaps(c, g, gradient_stride(c), xent_isa_name(isa));
    }
}

/* ---- The reference. ---- */

/* A value, and how large the numbers were that it was made of: rounding errors are in proportion to those. */
struct expectation {
    long double value, scale;
};

static struct expectation pair_of(long double a, long double b) {
    return (struct expectation){a + b, fabsl(a) + fabsl(b)};
}

/*
 * Loss of an element, and its gradient. The factors of its two sides are rounded as they are defined, since it matters
 * whether they vanish; all else is in long double. No gradient is asked for where slope is null.
 */
static struct expectation reference(const struct call *c, int64_t i, int64_t j, struct expectation *slope) {
    long double x = get(c, input.logits, i * c->logits_stride + j);
    double t = get(c, input.targets, i * c->targets_stride + j);
    double w = c->has_weights ? get(c, input.weights, i * c->weights_stride + j) : 1;
    double v = c->has_column ? get(c, input.column, j) : 1;
    double p = rounded(c, w * rounded(c, v * t)), n = rounded(c, w * rounded(c, 1 - t));
    *slope = (struct expectation){0, 0};
    if (w == 0) {
        return *slope;
    }
    long double e = expl(-fabsl(x)), l = log1pl(e);
    long double s = x >= 0 ? 1 / (1 + e) : e / (1 + e), z = x >= 0 ? e / (1 + e) : 1 / (1 + e);
    long double k = rounded(c, input.factors[i * c->factor_step]);
    *slope = pair_of(k * n * s, -k * p * z);
    struct expectation loss =
        pair_of(p == 0 ? 0 : p * (x < 0 ? l - x : l), n == 0 ? 0 : n * (x > 0 ? l + x : l));
    return c->has_column && isnan(x) ? (struct expectation){NAN, NAN} : loss;
}

/* Compares, with so many units of rounding allowed for; and exponentials are 0 where they would be subnormal. */
static void compare(const struct call *c, const char *what, int64_t i, int64_t j, double got,
                    struct expectation e, double units) {
    double epsilon = c->is_f64 ? DBL_EPSILON : FLT_EPSILON;
    double tiny = c->is_f64 ? 0x1p-1014 : 0x1p-118;
    int is_close = fabsl((long double)got - e.value) <= (long double)(units * epsilon) * e.scale + tiny;
    check((long double)got == e.value || (isnan(got) && isnan(e.value)) || is_close,
          "%s[%lld, %lld] is %.17g, must be %.17Lg (logit %.9g, target %.9g): %s", what, (long long)i,
          (long long)j, got, e.value, get(c, input.logits, i * c->logits_stride + j),
          get(c, input.targets, i * c->targets_stride + j), description);
}

/* What is left out is +0, and a NaN has the bits of the definition. */
static void check_bits(const struct call *c, const void *values, int64_t at, int is_left_out) {
    uint64_t nan = c->is_f64 ? UINT64_C(0x7ff8000000000000) : UINT32_C(0x7fc00000), bits = 0;
    memcpy(&bits, (const char *)values + (size_t)at * element_bytes(c), element_bytes(c));
    check(!is_left_out || bits == 0, "an element of weight 0 left %#llx: %s", (unsigned long long)bits,
          description);
    check(!isnan(get(c, values, at)) || bits == nan, "NaN is %#llx: %s", (unsigned long long)bits,
          description);
}

static void check_element(const struct call *c, int64_t i, int64_t j, struct expectation loss,
                          struct expectation slope) {
    int is_left_out = c->has_weights && get(c, input.weights, i * c->weights_stride + j) == 0;
    int64_t of_loss = i * c->columns + j, of_gradient = i * gradient_stride(c) + j;
    if (c->has_losses) {
        check_bits(c, expected.losses, of_loss, is_left_out);
        if (c->kind != OVERFLOWING) {
            compare(c, "losses", i, j, get(c, expected.losses, of_loss), loss, 4);
        }
    }
    if (c->gradient != NONE) {
        check_bits(c, expected.gradient, of_gradient, is_left_out);
        if (c->kind != OVERFLOWING) {
            compare(c, "gradient", i, j, get(c, expected.gradient, of_gradient), slope, 6);
        }
    }
}

/* The results of the scalar kernels. The rounding errors of a lane are those of the 32 elements between two flushes. */
static void check_against_reference(const struct call *c) {
    for (int64_t i = 0; i < c->rows; i++) {
        struct expectation sum = {0, 0}, slope;
        int is_outside = 0;
        for (int64_t j = 0; j < c->columns; j++) {
            double t = get(c, input.targets, i * c->targets_stride + j);
            struct expectation loss = reference(c, i, j, &slope);
            check_element(c, i, j, loss, slope);
            sum.value += loss.value;
            sum.scale += loss.scale;
            is_outside |= t < 0 || t > 1;
        }
        if (c->kind != OVERFLOWING || is_outside) {
            compare(c, "sums", i, 0, expected.sums[i], is_outside ? (struct expectation){NAN, 0} : sum, 24);
        }
        uint64_t bits;
        memcpy(&bits, &expected.sums[i], sizeof bits);
        check(!isnan(expected.sums[i]) || bits == UINT64_C(0x7ff8000000000000), "NaN of a sum: %s",
              description);
    }
}

/* ---- The calls. ---- */

static void check_same(const struct call *c, int32_t isa) {
    size_t loss_bytes = (size_t)(c->rows * c->columns) * element_bytes(c);
    check(memcmp(actual.sums, expected.sums, (size_t)c->rows * 8) == 0, "sums on %s: %s", xent_isa_name(isa),
          description);
    check(!c->has_losses || memcmp(actual.losses, expected.losses, loss_bytes) == 0, "losses on %s: %s",
          xent_isa_name(isa), description);
    check(c->gradient == NONE ||
              memcmp(actual.gradient, expected.gradient, extent(c, gradient_stride(c))) == 0,
          "gradient on %s: %s", xent_isa_name(isa), description);
}

static void test_call(const struct call *c) {
    make_input(c);
    run(c, XENT_ISA_SCALAR, &expected);
    check_against_reference(c);
    for (int32_t isa = XENT_ISA_SCALAR + 1; isa < XENT_ISA_COUNT; isa++) {
        if (xent_kernels_for(isa)) {
            run(c, isa, &actual);
            check_same(c, isa);
        }
    }
}

static int64_t stride_for(int64_t columns) {
    static const int64_t gaps[] = {0, 0, 1, 3, 16, 37};
    return columns + gaps[next_below(6)];
}

/* A call with everything drawn but the operands that it has. */
static struct call draw_call(int is_f64, int64_t rows, int64_t columns, int operands,
                             enum gradient gradient) {
    return (struct call){.is_f64 = is_f64,
                         .kind = (enum kind)next_below(KINDS),
                         .rows = rows,
                         .columns = columns,
                         .logits_stride = stride_for(columns),
                         .targets_stride = stride_for(columns),
                         .weights_stride = stride_for(columns),
                         .gradient_stride = stride_for(columns),
                         .has_weights = operands & 1,
                         .has_column = operands >> 1 & 1,
                         .has_losses = operands >> 2 & 1,
                         .gradient = gradient,
                         .factor_step = next_flag(),
                         .at_end = next_flag()};
}

/* All combinations of operands, of both types. */
static void test_columns(int64_t columns) {
    for (int combination = 0; combination < 16 * GRADIENTS; combination++) {
        int operands = combination / 2 % 8;
        struct call c = draw_call(combination & 1, 1 + next_below(4), columns, operands,
                                  (enum gradient)(combination / 16));
        test_call(&c);
    }
}

/* Rows of any length, and around those of a step, a chunk, a block, and more than two blocks. */
static void test_shapes(void) {
    static const int64_t lengths[] = {255,  256,  257,  511,  512,  513,  527, 768,
                                      1023, 1024, 1025, 1055, 1536, 2048, 2100};
    for (int64_t columns = 1; columns <= 70; columns++) {
        test_columns(columns);
    }
    for (size_t n = 0; n < sizeof lengths / sizeof lengths[0]; n++) {
        test_columns(lengths[n]);
    }
}

/* Gradients of more than a mebibyte are written past the cache where rows are aligned, and not in place. */
static void test_streaming(void) {
    for (int which = 0; which < 12; which++) {
        int is_f64 = which & 1, is_aligned = which % 4 < 2;
        int64_t columns = is_f64 ? 130 : 260;
        struct call c = draw_call(is_f64, 1040, columns, which < 4 ? 0 : which < 8 ? 7 : 1, APART);
        c.kind = which < 8 ? ORDINARY : SPECIAL;
        c.at_end = 0;
        c.gradient_stride = is_aligned ? (columns + 15) / 16 * 16 : columns + 1;
        test_call(&c);
    }
    for (int which = 0; which < 6; which++) {
        struct call c = draw_call(which & 1, 1, 262144 + 77, which < 2 ? 0 : 5, which < 4 ? APART : IN_PLACE);
        c.kind = ORDINARY;
        test_call(&c);
    }
}

/* The same targets, with one of them outside at every place in turn: of whole steps, of the rest, of the last chunk. */
static void test_outside(void) {
    for (int64_t columns = 1; columns <= 1100; columns += columns < 70 ? 23 : 515) {
        struct call c = draw_call(next_flag(), 1, columns, 0, NONE);
        c.kind = ORDINARY;
        make_input(&c);
        for (int64_t j = 0; j < columns; j++) {
            double inside = get(&c, input.targets, j);
            put(&c, input.targets, j,
                next_flag() ? -smallest(&c) : 1 + (c.is_f64 ? DBL_EPSILON : FLT_EPSILON));
            for (int32_t isa = 0; isa < XENT_ISA_COUNT; isa++) {
                if (xent_kernels_for(isa)) {
                    run(&c, isa, &actual);
                    check(isnan(actual.sums[0]), "a target outside at %lld is not seen on %s: %s",
                          (long long)j, xent_isa_name(isa), description);
                }
            }
            put(&c, input.targets, j, inside);
        }
    }
}

/* ---- Refusals. ---- */

/* A good call of two rows, to be spoilt. */
struct arguments {
    const xent_kernels *kernels;
    int64_t rows, columns;
    float *logits;
    int64_t logits_stride;
    const float *targets;
    int64_t targets_stride;
    const float *weights;
    int64_t weights_stride;
    const float *column;
    const double *factors;
    int64_t factor_step;
    double *sums;
    float *losses, *gradient;
    int64_t gradient_stride;
};

static int32_t call_with(const struct arguments *a) {
    return xent_logistic_f32(a->kernels, a->rows, a->columns, a->logits, a->logits_stride, a->targets,
                             a->targets_stride, a->weights, a->weights_stride, a->column, a->factors,
                             a->factor_step, a->sums, a->losses, a->gradient, a->gradient_stride);
}

/* Refused calls write nothing. */
static void test_refusals(void) {
    float x[6] = {1, -2, 3, -4, 5, -6}, half[6] = {0.5, 0.5, 0.5, 0.5, 0.5, 0.5};
    float losses[6] = {9, 9, 9, 9, 9, 9}, gradient[6] = {9, 9, 9, 9, 9, 9};
    double factors[2] = {1, 1}, sums[2] = {9, 9};
    const struct arguments good = {xent_kernels_for(XENT_ISA_SCALAR),
                                   2,
                                   2,
                                   x,
                                   2,
                                   half,
                                   2,
                                   half,
                                   2,
                                   half,
                                   factors,
                                   1,
                                   sums,
                                   losses,
                                   gradient,
                                   2};
#define REFUSES(...)                                                                                         \
    do {                                                                                                     \
        struct arguments a = good;                                                                           \
        __VA_ARGS__;                                                                                         \
        check(call_with(&a) == XENT_INVALID_ARGUMENT, "accepted: %s", #__VA_ARGS__);                         \
    } while (0)
#define ACCEPTS(...)                                                                                         \
    do {                                                                                                     \
        struct arguments a = good;                                                                           \
        __VA_ARGS__;                                                                                         \
        check(call_with(&a) == XENT_OK, "refused: %s", #__VA_ARGS__);                                        \
    } while (0)
    REFUSES(a.kernels = NULL);
    REFUSES(a.rows = -1);
    REFUSES(a.columns = 0);
    REFUSES(a.columns = -2);
    REFUSES(a.rows = 0, a.columns = 0);
    REFUSES(a.logits = NULL);
    REFUSES(a.logits_stride = 1);
    REFUSES(a.targets = NULL);
    REFUSES(a.targets_stride = 1);
    REFUSES(a.weights_stride = 1);
    REFUSES(a.factors = NULL);
    REFUSES(a.factor_step = 2);
    REFUSES(a.factor_step = -1);
    REFUSES(a.sums = NULL);
    REFUSES(a.gradient_stride = 1);
    REFUSES(a.gradient = x, a.gradient_stride = 3);
    for (int i = 0; i < 6; i++) {
        check(losses[i] == 9 && gradient[i] == 9 && sums[i % 2] == 9, "a refused call wrote");
    }
    ACCEPTS(a.rows = 0, a.logits = NULL, a.targets = NULL, a.sums = NULL, a.factors = NULL);
    check(gradient[0] == 9 && sums[0] == 9, "no rows are no work");
    ACCEPTS(a.weights = NULL, a.weights_stride = 0, a.column = NULL, a.losses = NULL);
    check(losses[0] == 9 && gradient[3] != 9 && sums[1] != 9, "a call without optional operands");
    ACCEPTS(a.gradient = NULL, a.gradient_stride = 0, a.factors = NULL, a.factor_step = 0);
    check(losses[3] != 9, "a call without gradient");
    ACCEPTS(a.gradient = x);
    check(x[0] != 1 && x[3] != -4 && x[4] == 5, "a call in place");
}

int main(void) {
    size_t elements = MAX_ELEMENTS * 8;
    memory.logits = guarded_new(elements);
    memory.targets = guarded_new(elements);
    memory.weights = guarded_new(elements);
    memory.column = guarded_new(MAX_COLUMNS * 8);
    memory.factors = guarded_new(MAX_ROWS * 8);
    memory.sums = guarded_new(MAX_ROWS * 8);
    memory.losses = guarded_new(elements);
    memory.gradient = guarded_new(elements);
    test_shapes();
    test_streaming();
    test_outside();
    test_refusals();
    return report("test_logistic");
}
