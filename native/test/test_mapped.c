/*
 * Logits of 16 bits and masks: every instruction set against its definition bit by bit, which is the plain scalar
 * kernel between operations on tiles, on guarded memory. Usage: test_mapped [least classes]
 */
#define _DEFAULT_SOURCE

#include <math.h>

#include "guarded.h"
#include "harness.h"
#include "xent/xent.h"

enum { MAX_ROWS = 40, MAX_CLASSES = 5000, MAX_ELEMENTS = 66000 };

enum mask_kind { NO_MASK, SHARED, PER_ROW, MASK_KINDS };

/* The data of a row, by the corner it is for. */
enum kind {
    NORMAL,
    WIDE,
    RISING,
    SOME_MINUS_INFINITY,
    SOME_NAN,
    PLUS_INFINITY,
    EMPTY,
    SUBNORMAL,
    ANY_BITS,
    KINDS
};

/* One call. Strides are in elements. */
struct call {
    int32_t type;
    enum mask_kind mask;
    enum kind kind;
    int64_t classes, rows, stride, gradient_stride, mask_stride;
    int has_targets, has_ignored, has_weights, wants_spread, in_place, at_end, odd;
    int64_t coefficient_step;
};

/* The inputs of a call. Matrices in their type, weights in that computed in. */
static char logits[MAX_ELEMENTS * 8];
static uint8_t mask[MAX_ELEMENTS];
static int32_t targets[MAX_ROWS];
static char weights[MAX_CLASSES * 8];
static double weight_total;
static xent_coefficients coefficients[MAX_ROWS];

struct results {
    double nll[MAX_ROWS], lse[MAX_ROWS], spread[MAX_ROWS];
    char gradient[MAX_ELEMENTS * 8];
};

static struct results expected, actual;

static int32_t arithmetic(const struct call *c) {
    return c->type == XENT_FLOAT64 ? XENT_FLOAT64 : XENT_FLOAT32;
}
static int is_short(const struct call *c) { return c->type == XENT_BFLOAT16 || c->type == XENT_FLOAT16; }
static size_t real_bytes(const struct call *c) { return c->type == XENT_FLOAT64 ? 8 : 4; }
static size_t stored_bytes(const struct call *c) { return is_short(c) ? 2 : real_bytes(c); }

static size_t extent(const struct call *c, int64_t stride) {
    return c->rows == 0 ? 0 : (size_t)((c->rows - 1) * stride + c->classes);
}

static void put_real(const struct call *c, void *values, int64_t at, double value) {
    if (c->type == XENT_FLOAT64) {
        ((double *)values)[at] = value;
    } else {
        ((float *)values)[at] = (float)value;
    }
}

static double logit_of(const struct call *c, int64_t j) {
    switch (c->kind) {
    case WIDE:
        return next_normal() * 300;
    case RISING:
        return (double)j * 0.02 + next_unit();
    case SOME_MINUS_INFINITY:
        return next_below(3) == 0 ? next_normal() : -INFINITY;
    case SOME_NAN:
        return next_below(2 * c->classes) == 0 ? NAN : next_normal();
    case PLUS_INFINITY:
        return next_below(2 * c->classes) == 0 ? INFINITY : next_normal();
    case EMPTY:
        return next_below(c->classes) == 0 ? next_normal() : -INFINITY;
    case SUBNORMAL:
        return next_normal() * (c->type == XENT_FLOAT16 ? 1e-6 : 1e-39);
    default:
        return next_normal() * 4;
    }
}

/* Stores a row of numbers in the type of the logits, by the scalar operation on tiles. */
static void store(const struct call *c, void *to, void *row) {
    int32_t narrow = c->type == XENT_BFLOAT16 ? XENT_TILE_NARROW_BFLOAT16 : XENT_TILE_NARROW_FLOAT16;
    if (is_short(c)) {
        xent_tile(xent_kernels_for(XENT_ISA_SCALAR), narrow, XENT_FLOAT32, 1, c->classes, to, row, NULL, NULL,
                  0, NULL, NULL, 0, NULL);
    } else {
        memcpy(to, row, (size_t)c->classes * stored_bytes(c));
    }
}

static void make_logits(const struct call *c) {
    static double row[MAX_CLASSES];
    memset(logits, 0x5a, extent(c, c->stride) * stored_bytes(c));
    for (int64_t i = 0; i < c->rows; i++) {
        char *to = logits + (size_t)(i * c->stride) * stored_bytes(c);
        for (int64_t j = 0; j < c->classes; j++) {
            put_real(c, row, j, logit_of(c, j));
        }
        store(c, to, row);
        for (size_t at = 0; c->kind == ANY_BITS && is_short(c) && at < (size_t)c->classes; at++) {
            if (next_below(c->classes) < 3) {
                uint16_t bits = (uint16_t)next_bits();
                memcpy(to + 2 * at, &bits, sizeof bits);
            }
        }
    }
}

static void make_input(const struct call *c) {
    memset(mask, 0, sizeof mask);
    for (int64_t i = 0; i < (c->mask == SHARED ? 1 : c->rows); i++) {
        int mostly = (int)next_below(4); /* a row with nothing left, too */
        for (int64_t j = 0; j < c->classes; j++) {
            mask[i * c->mask_stride + j] = next_below(4) < mostly ? (uint8_t)(1 + next_below(255)) : 0;
        }
    }
    double total = c->has_weights ? 0 : (double)c->classes;
    for (int64_t j = 0; c->has_weights && j < c->classes; j++) {
        double weight = next_below(4) == 0 ? 0 : 0.25 * (double)(1 + next_below(8));
        put_real(c, weights, j, weight);
        total += weight;
    }
    weight_total = total;
    for (int64_t i = 0; i < c->rows; i++) {
        static const double odd[] = {0, -0.0, INFINITY, NAN, 1e300, 1e38, -1e-42, -1};
        int is_ignored = c->has_ignored && next_below(3) == 0;
        targets[i] = is_ignored ? -1 - (int32_t)next_below(200) : (int32_t)next_below(c->classes);
        coefficients[i].alpha = c->odd ? odd[next_below(8)] : next_normal();
        coefficients[i].beta = c->odd ? odd[next_below(8)] : next_flag() ? 0 : 0.01 * next_normal();
        coefficients[i].gamma = c->odd ? odd[next_below(8)] : next_normal();
    }
    make_logits(c);
}

/* The definition, row by row: widen, mask, the plain kernel, mask, narrow. */
static void run_definition(const struct call *c) {
    const xent_kernels *k = xent_kernels_for(XENT_ISA_SCALAR);
    static _Alignas(64) char workspace[1 << 20];
    static char row[MAX_CLASSES * 8], gradient[MAX_CLASSES * 8];
    static const double lowest[3] = {-INFINITY, 0, 0};
    int32_t type = arithmetic(c);
    memset(expected.gradient, 0x5a, extent(c, c->gradient_stride) * stored_bytes(c));
    if (c->in_place) {
        memcpy(expected.gradient, logits, extent(c, c->stride) * stored_bytes(c));
    }
    for (int64_t i = 0; i < c->rows; i++) {
        const char *from = logits + (size_t)(i * c->stride) * stored_bytes(c);
        const uint8_t *kept = mask + i * c->mask_stride;
        const xent_coefficients *of = &coefficients[i * c->coefficient_step];
        const int32_t *target = c->has_targets ? &targets[i] : NULL;
        const void *w = c->has_weights ? weights : NULL;
        double *nll = c->has_targets ? &expected.nll[i] : NULL;
        double *spread = c->wants_spread ? &expected.spread[i] : NULL;
        if (is_short(c)) {
            int32_t widen = c->type == XENT_BFLOAT16 ? XENT_TILE_WIDEN_BFLOAT16 : XENT_TILE_WIDEN_FLOAT16;
            xent_tile(k, widen, type, 1, c->classes, row, from, NULL, NULL, 0, NULL, NULL, 0, NULL);
        } else {
            memcpy(row, from, (size_t)c->classes * stored_bytes(c));
        }
        if (c->mask != NO_MASK) {
            xent_tile(k, XENT_TILE_MASK, type, 1, c->classes, row, row, NULL, kept, 1, NULL, lowest, 0, NULL);
        }
        if (type == XENT_FLOAT64) {
            xent_softmax_gradient_f64(k, (double *)row, c->classes, 1, c->classes, target, w, weight_total,
                                      workspace, nll, &expected.lse[i], spread, of, 1, 0, (double *)gradient,
                                      c->classes);
        } else {
            xent_softmax_gradient_f32(k, (float *)row, c->classes, 1, c->classes, target, w, weight_total,
                                      workspace, nll, &expected.lse[i], spread, of, 1, 0, (float *)gradient,
                                      c->classes);
        }
        if (c->mask != NO_MASK) {
            xent_tile(k, XENT_TILE_MASK, type, 1, c->classes, gradient, gradient, NULL, kept, 1, NULL, NULL,
                      0, NULL);
        }
        store(c, expected.gradient + (size_t)(i * c->gradient_stride) * stored_bytes(c), gradient);
    }
}

static struct {
    struct guarded logits, mask, targets, weights, workspace, nll, lse, spread, coefficients, gradient;
} memory;

static void *copy_in(const struct guarded *g, const void *from, size_t bytes, int at_end) {
    return memcpy(guarded_place(g, bytes, at_end), from, bytes);
}

static void run_mapped(const struct call *c, const xent_kernels *k, int has_gradient) {
    size_t rows = (size_t)c->rows, doubles = rows * sizeof(double);
    size_t mask_bytes = c->mask == SHARED ? (size_t)c->classes : extent(c, c->mask_stride);
    size_t work = (size_t)xent_workspace_bytes(arithmetic(c), c->classes);
    size_t triples = c->coefficient_step ? rows : rows > 0;
    size_t output = extent(c, c->gradient_stride) * stored_bytes(c);
    void *x = copy_in(&memory.logits, logits, extent(c, c->stride) * stored_bytes(c), c->at_end);
    uint8_t *m = c->mask == NO_MASK ? NULL : copy_in(&memory.mask, mask, mask_bytes, c->at_end);
    int32_t *y = c->has_targets ? copy_in(&memory.targets, targets, rows * sizeof(int32_t), c->at_end) : NULL;
    void *w = c->has_weights
                  ? copy_in(&memory.weights, weights, (size_t)c->classes * real_bytes(c), c->at_end)
                  : NULL;
    void *workspace = guarded_place(&memory.workspace, work, c->at_end);
    double *nll = c->has_targets ? guarded_place(&memory.nll, doubles, c->at_end) : NULL;
    double *lse = guarded_place(&memory.lse, doubles, c->at_end);
    double *spread = c->wants_spread ? guarded_place(&memory.spread, doubles, c->at_end) : NULL;
    xent_coefficients *of =
        copy_in(&memory.coefficients, coefficients, triples * sizeof(xent_coefficients), c->at_end);
    void *g = c->in_place ? x : guarded_place(&memory.gradient, output, c->at_end);
    int32_t status = has_gradient
                         ? xent_mapped_gradient(k, c->type, x, c->stride, m, c->mask_stride, c->rows,
                                                c->classes, y, w, weight_total, workspace, nll, lse, spread,
                                                of, c->coefficient_step, 0, g, c->gradient_stride)
                         : xent_mapped_forward(k, c->type, x, c->stride, m, c->mask_stride, c->rows,
                                               c->classes, y, w, weight_total, workspace, nll, lse, spread);
    check(status == XENT_OK, "status %d", status);
    if (nll) {
        memcpy(actual.nll, nll, doubles);
    }
    memcpy(actual.lse, lse, doubles);
    if (spread) {
        memcpy(actual.spread, spread, doubles);
    }
    memcpy(actual.gradient, g, has_gradient ? output : 0);
}

static void check_call(const struct call *c, int32_t isa, int has_gradient) {
    size_t doubles = (size_t)c->rows * sizeof(double);
    size_t output = extent(c, c->gradient_stride) * stored_bytes(c);
    run_mapped(c, xent_kernels_for(isa), has_gradient);
    int same = (!c->has_targets || memcmp(actual.nll, expected.nll, doubles) == 0) &&
               memcmp(actual.lse, expected.lse, doubles) == 0 &&
               (!c->wants_spread || memcmp(actual.spread, expected.spread, doubles) == 0);
    const char *what = has_gradient ? "gradient" : "forward";
    check(same, "%s, %s: numbers of rows; type %d mask %d kind %d, %lld x %lld stride %lld",
          xent_isa_name(isa), what, c->type, c->mask, c->kind, (long long)c->rows, (long long)c->classes,
          (long long)c->stride);
    size_t at = 0;
    while (has_gradient && at < output && actual.gradient[at] == expected.gradient[at]) {
        at++;
    }
    check(!has_gradient || at == output,
          "%s: gradient at element %zu; type %d mask %d kind %d, %lld x %lld stride %lld %lld in place %d "
          "odd %d",
          xent_isa_name(isa), at / stored_bytes(c), c->type, c->mask, c->kind, (long long)c->rows,
          (long long)c->classes, (long long)c->stride, (long long)c->gradient_stride, c->in_place, c->odd);
}

static void test_case(int64_t classes, int32_t type, enum mask_kind kind_of_mask) {
    if (!is_short(&(struct call){.type = type}) && kind_of_mask == NO_MASK) {
        return; /* plain: test_kernels */
    }
    int64_t most = MAX_ELEMENTS / (classes + 3) < MAX_ROWS ? MAX_ELEMENTS / (classes + 3) : MAX_ROWS;
    int64_t gap = next_below(3) == 0 ? next_below(4) : 0;
    struct call c = {
        .type = type, .mask = kind_of_mask, .kind = (enum kind)next_below(KINDS), .classes = classes};
    c.rows = next_below(8) == 0 ? next_below(3) : 1 + next_below(most);
    c.in_place = next_below(3) == 0;
    c.stride = classes + gap;
    c.gradient_stride = c.in_place ? c.stride : classes + (next_below(3) == 0 ? next_below(4) : 0);
    c.mask_stride = kind_of_mask == SHARED ? 0 : classes + (next_below(4) == 0 ? next_below(3) : 0);
    c.has_targets = next_below(5) != 0;
    c.has_ignored = next_flag();
    c.has_weights = next_below(3) == 0;
    c.wants_spread = next_below(3) == 0;
    c.at_end = next_flag();
    c.odd = next_below(6) == 0;
    c.coefficient_step = next_flag();
    make_input(&c);
    run_definition(&c);
    for (int32_t isa = 0; isa < XENT_ISA_COUNT; isa++) {
        if (xent_kernels_for(isa)) {
            if (!c.in_place) {
                check_call(&c, isa, 0);
            }
            check_call(&c, isa, 1);
        }
    }
}

/* Every finite number of 16 bits as a logit beside 0, whose log-sum-exp shows what it was taken for. */
static void test_every_number(int32_t type) {
    for (int32_t isa = 0; isa < XENT_ISA_COUNT; isa++) {
        for (int64_t first = 0; xent_kernels_for(isa) && first < 65536; first += 4096) {
            struct call c = {
                .type = type, .classes = 4096, .rows = 1, .stride = 4096, .gradient_stride = 4096};
            c.has_targets = 0;
            c.coefficient_step = 1;
            coefficients[0] = (xent_coefficients){1, 0, 0};
            weight_total = 4096;
            for (int64_t j = 0; j < 4096; j++) {
                uint16_t bits = (uint16_t)(first + j);
                int is_infinite =
                    type == XENT_BFLOAT16 ? (bits & 0x7f80) == 0x7f80 : (bits & 0x7c00) == 0x7c00;
                bits = is_infinite ? 0 : bits;
                memcpy(logits + 2 * j, &bits, sizeof bits);
            }
            run_definition(&c);
            check_call(&c, isa, 1);
        }
    }
}

static void test_arguments(void) {
    const xent_kernels *k = xent_kernels_for(XENT_ISA_SCALAR);
    static _Alignas(64) char workspace[1 << 17];
    uint16_t x[4] = {0};
    uint8_t kept[4] = {1, 1, 1, 1};
    double lse[1];
    check(xent_mapped_forward(k, XENT_BFLOAT16, x, 4, kept, 4, 1, 4, NULL, NULL, 4, workspace, NULL, lse,
                              NULL) == XENT_OK,
          "a valid call");
    check(xent_mapped_forward(k, 4, x, 4, kept, 4, 1, 4, NULL, NULL, 4, workspace, NULL, lse, NULL) ==
              XENT_INVALID_ARGUMENT,
          "no such type");
    check(xent_mapped_forward(k, -1, x, 4, kept, 4, 1, 4, NULL, NULL, 4, workspace, NULL, lse, NULL) ==
              XENT_INVALID_ARGUMENT,
          "no such type");
    check(xent_mapped_forward(k, XENT_BFLOAT16, x, 4, kept, 3, 1, 4, NULL, NULL, 4, workspace, NULL, lse,
                              NULL) == XENT_INVALID_ARGUMENT,
          "rows of a mask overlap");
    check(xent_mapped_gradient(k, XENT_BFLOAT16, x, 4, kept, 4, 1, 4, NULL, NULL, 4, workspace, NULL, lse,
                               NULL, coefficients, 1, 0, NULL, 4) == XENT_INVALID_ARGUMENT,
          "no gradient");
}

int main(int argc, char **argv) {
    static const int64_t classes[] = {1,    2,    3,    7,    8,    10,   15,   16,   17,   31,   32,   33,
                                      63,   64,   65,   100,  127,  128,  129,  500,  511,  512,  513,  1000,
                                      1023, 1024, 1025, 1030, 1055, 1056, 1057, 2047, 2048, 2049, 3000, 4999};
    int64_t least = argc > 1 ? atoll(argv[1]) : 1;
    memory.logits = guarded_new(sizeof logits);
    memory.mask = guarded_new(sizeof mask);
    memory.targets = guarded_new(sizeof targets);
    memory.weights = guarded_new(sizeof weights);
    memory.workspace = guarded_new(1 << 20);
    memory.nll = guarded_new(sizeof expected.nll);
    memory.lse = guarded_new(sizeof expected.lse);
    memory.spread = guarded_new(sizeof expected.spread);
    memory.coefficients = guarded_new(sizeof coefficients);
    memory.gradient = guarded_new(sizeof logits);
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) {
        for (int32_t type = XENT_FLOAT32; type <= XENT_FLOAT16 && classes[i] >= least; type++) {
            for (int m = NO_MASK; m < MASK_KINDS; m++) {
                for (int repetition = 0; repetition < 6; repetition++) {
                    test_case(classes[i], type, (enum mask_kind)m);
                }
            }
        }
    }
    test_every_number(XENT_BFLOAT16);
    test_every_number(XENT_FLOAT16);
    test_arguments();
    return report("test_mapped");
}
