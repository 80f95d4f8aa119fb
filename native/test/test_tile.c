/*
 * The operations on tiles: every instruction set against a reference in long double, and against the scalar
 * kernels bit by bit, on guarded memory.
 */
#define _DEFAULT_SOURCE

#include <float.h>
#include <math.h>

#include "guarded.h"
#include "harness.h"
#include "tile_reference.h"

enum { MAX_ROWS = 3, MAX_ELEMENTS = 20000, SHORTS = 65536 };

/* Which operand is overwritten. */
enum in_place { APART, IN_A, IN_B, IN_C, PLACES };

struct call {
    int32_t operation;
    int is_f64;
    int64_t rows, columns;
    int is_special, has_huge, at_end, is_shared;
    int64_t scalar_step;
    int has_c, has_column, has_out;
    enum in_place in_place;
};

/* The operands of a call, and the guarded memory they are brought to. */
static struct {
    double a[MAX_ELEMENTS], b[MAX_ELEMENTS], c[MAX_ELEMENTS], column[MAX_ELEMENTS], old[MAX_ELEMENTS];
    double scalars[MAX_ROWS * 3];
} input;

static struct { struct guarded a, b, c, column, scalars, out, results; } memory;

struct outcome {
    char out[MAX_ELEMENTS * 8];
    double results[MAX_ELEMENTS];
};

static struct outcome expected, actual;

static int is_loss(const struct call *c) {
    return c->operation == XENT_TILE_LOGISTIC || c->operation == XENT_TILE_SIGMOID_SQUARED ||
           c->operation == XENT_TILE_BERNOULLI;
}

static int is_for_rows(const struct call *c) {
    return c->operation == XENT_TILE_CROSS || c->operation == XENT_TILE_ORDER ||
           c->operation == XENT_TILE_RANGE;
}

static size_t result_count(const struct call *c) {
    if (is_loss(c)) {
        return (size_t)(c->rows * c->columns);
    }
    int has_two = c->operation == XENT_TILE_CROSS || c->operation == XENT_TILE_ORDER;
    int has_one = c->operation == XENT_TILE_CENTER || c->operation == XENT_TILE_RANGE;
    return (size_t)c->rows * (has_two ? 2 : has_one ? 1 : 0);
}

static double rounded(const struct call *c, double value) { return c->is_f64 ? value : (double)(float)value; }

static double special(const struct call *c) {
    double sign = next_flag() ? 1 : -1;
    switch (next_below(c->has_huge ? 7 : 6)) {
    case 0:
        return NAN;
    case 1:
        return sign * INFINITY;
    case 2:
        return sign * 0.0;
    case 3:
        return sign * (c->is_f64 ? 0x1p-1074 : 0x1p-149);
    case 4:
        return sign * (c->is_f64 ? 0x1.7p-1023 : 0x1.7p-127);
    case 5:
        return sign;
    default:
        return sign * (c->is_f64 ? DBL_MAX : FLT_MAX);
    }
}

static double probability(void) {
    int64_t corner = next_below(6);
    return corner == 0 ? 0 : corner == 1 ? 1 : next_unit();
}

/* An element of the first operand, in the range that the operation is for. */
static double first_operand(const struct call *c) {
    switch (c->operation) {
    case XENT_TILE_EXP:
        return next_normal() * (c->is_f64 ? 400 : 50);
    case XENT_TILE_LOG:
        return ldexp(next_unit(), (int)next_below(200) - 100);
    case XENT_TILE_CROSS:
    case XENT_TILE_BERNOULLI:
    case XENT_TILE_RANGE:
        return probability();
    case XENT_TILE_ORDER: /* many ties */
        return rint(next_normal() * 4);
    default:
        return next_normal() * 5;
    }
}

static double drawn(const struct call *c, double value) {
    return rounded(c, c->is_special && next_below(6) == 0 ? special(c) : value);
}

/* Numbers for which an operation is defined. */
static void make_scalars(const struct call *c, double *r) {
    int first = next_flag();
    r[0] = next_normal();
    r[1] = next_normal();
    r[2] = next_normal();
    switch (c->operation) {
    case XENT_TILE_SHAPE:
        r[0] = first ? 0 : 20 + r[0];
        r[1] = 0.5 + next_unit();
        break;
    case XENT_TILE_LOGISTIC:
        r[1] = first ? 0 : 4 * next_unit();
        r[2] = first && next_flag() ? next_unit() : 0;
        break;
    case XENT_TILE_BERNOULLI:
        r[1] = first ? INFINITY : 3 * next_unit();
        break;
    case XENT_TILE_ORDER:
        r[0] = (double)(next_below(c->columns + 1) - 1);
        break;
    case XENT_TILE_RANGE:
        r[0] = 0;
        r[1] = first ? 1 : INFINITY;
        break;
    }
}

static void make_input(const struct call *c) {
    for (int64_t i = 0; i < c->rows * c->columns; i++) {
        input.a[i] = drawn(c, first_operand(c));
        input.b[i] = drawn(c, c->operation == XENT_TILE_CROSS ? next_normal() * 5 : probability());
        input.c[i] = c->operation == XENT_TILE_MASK ? (double)next_below(3) : drawn(c, next_unit() * 3);
        input.old[i] = c->in_place == IN_A   ? input.a[i]
                       : c->in_place == IN_B ? input.b[i]
                       : c->in_place == IN_C ? input.c[i]
                                             : drawn(c, next_normal());
    }
    for (int64_t j = 0; j < c->columns; j++) {
        input.column[j] = drawn(c, next_unit() * 3);
    }
    for (int64_t i = 0; i < c->rows; i++) {
        make_scalars(c, input.scalars + 3 * i);
        for (int s = 0; s < 3; s++) { /* rounded, so that the reference need not care which of them are */
            input.scalars[3 * i + s] = (double)(float)input.scalars[3 * i + s];
        }
    }
}

/* Elements in guarded memory; a NaN gets any sign and payload. */
static void *place(const struct call *c, const struct guarded *g, const double *values, int64_t count) {
    void *to = guarded_place(g, (size_t)count * (c->is_f64 ? 8 : 4), c->at_end);
    for (int64_t i = 0; i < count; i++) {
        if (c->is_f64) {
            uint64_t bits = next_bits() | UINT64_C(0x7ff8000000000001);
            memcpy((double *)to + i, isnan(values[i]) ? (const void *)&bits : &values[i], sizeof bits);
        } else {
            uint32_t bits = (uint32_t)next_bits() | UINT32_C(0x7fc00001);
            float value = (float)values[i];
            memcpy((float *)to + i, isnan(value) ? (const void *)&bits : &value, sizeof bits);
        }
    }
    return to;
}

static void *place_third(const struct call *c, int64_t count) {
    if (c->operation != XENT_TILE_MASK) {
        return c->has_c ? place(c, &memory.c, input.c, count) : NULL;
    }
    int64_t bytes = c->is_shared ? c->columns : count;
    uint8_t *to = guarded_place(&memory.c, (size_t)bytes, c->at_end);
    for (int64_t i = 0; i < bytes; i++) {
        to[i] = (uint8_t)input.c[i];
    }
    return to;
}

static void run(const struct call *c, const xent_kernels *kernels, struct outcome *outcome) {
    int64_t count = c->rows * c->columns;
    size_t out_bytes = (size_t)count * (c->is_f64 ? 8 : 4), result_bytes = result_count(c) * 8;
    random_state = 7; /* the same NaN in every run, so that an element left alone has the same bits */
    void *a = place(c, &memory.a, input.a, count);
    void *b = place(c, &memory.b, input.b, count);
    void *third = place_third(c, count);
    void *column = c->has_column ? place(c, &memory.column, input.column, c->columns) : NULL;
    void *apart = place(c, &memory.out, input.old, count);
    void *out = c->in_place == IN_A ? a : c->in_place == IN_B ? b : c->in_place == IN_C ? third : apart;
    size_t scalar_count = c->scalar_step == 0 ? 3 : (size_t)c->rows * 3;
    double *scalars = guarded_place(&memory.scalars, scalar_count * 8, c->at_end);
    memcpy(scalars, input.scalars, scalar_count * 8);
    double *results = guarded_place(&memory.results, result_bytes, c->at_end);
    int32_t status = xent_tile(kernels, c->operation, c->is_f64 ? XENT_FLOAT64 : XENT_FLOAT32, c->rows,
                               c->columns, c->has_out ? out : NULL, a, b, third, c->is_shared, column,
                               scalars, c->scalar_step, result_bytes == 0 ? NULL : results);
    check(status == XENT_OK, "operation %d returned %d", c->operation, status);
    memcpy(outcome->out, out, out_bytes);
    memcpy(outcome->results, results, result_bytes);
}

static void compare(const struct call *c, const char *what, int64_t index, double got, struct expectation e) {
    double wanted = rounded(c, (double)e.value);
    double epsilon = c->is_f64 ? DBL_EPSILON : FLT_EPSILON;
    double tiny = c->is_f64 ? 0x1p-1015 : 0x1p-118; /* exp is 0 where it would be subnormal */
    double most = c->is_f64 ? 0x1p1023 : 0x1p127;
    int is_close = fabsl((long double)got - e.value) <=
                   4 * epsilon * fabsl(e.value) + 16 * epsilon * fabsl(e.scale) + tiny;
    int may_overflow = c->operation == XENT_TILE_EXP && got == INFINITY && e.value >= most;
    check(got == wanted || (isnan(got) && isnan(wanted)) || is_close || may_overflow,
          "operation %d f%d %lldx%lld: %s[%lld] is %.17g, must be %.17g (a %.9g, b %.9g)", c->operation,
          c->is_f64 ? 64 : 32, (long long)c->rows, (long long)c->columns, what, (long long)index, got, wanted,
          input.a[index], input.b[index]);
}

static double out_of(const struct call *c, int64_t i) {
    return c->is_f64 ? ((const double *)expected.out)[i] : (double)((const float *)expected.out)[i];
}

static void check_element(const struct call *c, int64_t i, int64_t j, const double *r) {
    int64_t of_c = c->operation == XENT_TILE_MASK && c->is_shared ? j : i;
    struct element e = {.a = input.a[i],
                        .b = input.b[i],
                        .c = c->has_c ? input.c[of_c] : 1,
                        .v = c->has_column ? input.column[j] : 1,
                        .old = input.old[i],
                        .r0 = r[0],
                        .r1 = r[1],
                        .r2 = r[2],
                        .is_f64 = c->is_f64};
    if (is_loss(c)) {
        compare(c, "results", i, expected.results[i], loss_of(c->operation, &e, 0));
        if (c->has_out) {
            compare(c, "out", i, out_of(c, i), loss_of(c->operation, &e, 1));
        }
    } else {
        compare(c, "out", i, out_of(c, i), element_of(c->operation, &e));
    }
}

static void check_cross(const struct call *c, int64_t row, const double *a, const double *b, double r0) {
    struct expectation sum = {0, 0}, mass = {0, 0};
    for (int64_t j = 0; j < c->columns; j++) {
        if (a[j] != 0) {
            sum.value += (long double)a[j] * ((long double)r0 - b[j]);
            sum.scale += fabsl((long double)a[j] * ((long double)r0 - b[j]));
            mass.value += a[j];
            mass.scale += fabs(a[j]);
        }
    }
    compare(c, "sum", row, expected.results[2 * row], sum);
    compare(c, "mass", row, expected.results[2 * row + 1], mass);
}

static void check_center(const struct call *c, int64_t row, const double *a) {
    double max = -INFINITY;
    for (int64_t j = 0; j < c->columns; j++) {
        max = a[j] > max ? a[j] : max;
    }
    check(expected.results[row] == max && !(max == 0 && signbit(expected.results[row])),
          "largest is %g, not %g", expected.results[row], max);
    for (int64_t j = 0; j < c->columns; j++) {
        compare(c, "out", row * c->columns + j, out_of(c, row * c->columns + j),
                max == -INFINITY ? sum_of(a[j], 0) : sum_of(a[j], -(long double)max));
    }
}

static void check_order(const struct call *c, int64_t row, const double *a, int64_t target) {
    int64_t best = -1, rank = 0;
    int has_nan = 0;
    for (int64_t j = 0; j < c->columns; j++) {
        has_nan |= isnan(a[j]);
        if (a[j] > -INFINITY && (best < 0 || a[j] > a[best])) {
            best = j;
        }
        rank += target >= 0 && (a[j] > a[target] || (a[j] == a[target] && j < target));
    }
    best = has_nan ? -1 : best;
    rank = best < 0 || target < 0 ? -1 : rank;
    check(expected.results[2 * row] == (double)best, "best is %g, not %lld", expected.results[2 * row],
          (long long)best);
    check(expected.results[2 * row + 1] == (double)rank, "rank is %g, not %lld",
          expected.results[2 * row + 1], (long long)rank);
}

static void check_range(const struct call *c, int64_t row, const double *a, const double *r) {
    int64_t first = 0;
    while (first < c->columns && !(a[first] < r[0] || a[first] > r[1])) {
        first++;
    }
    double wanted = first == c->columns ? -1 : (double)first;
    check(expected.results[row] == wanted, "first outside is %g, not %g", expected.results[row], wanted);
}

static void check_against_reference(const struct call *c) {
    for (int64_t row = 0; row < c->rows; row++) {
        int64_t start = row * c->columns;
        const double *a = input.a + start, *b = input.b + start, *r = input.scalars + row * c->scalar_step;
        switch (c->operation) {
        case XENT_TILE_CROSS:
            check_cross(c, row, a, b, r[0]);
            break;
        case XENT_TILE_CENTER:
            check_center(c, row, a);
            break;
        case XENT_TILE_ORDER:
            check_order(c, row, a, (int64_t)r[0]);
            break;
        case XENT_TILE_RANGE:
            check_range(c, row, a, r);
            break;
        default:
            for (int64_t j = 0; j < c->columns; j++) {
                check_element(c, start + j, j, r);
            }
        }
    }
}

static void test_call(const struct call *c) {
    make_input(c);
    uint64_t state = random_state;
    run(c, xent_kernels_for(XENT_ISA_SCALAR), &expected);
    if (!c->has_huge) {
        check_against_reference(c);
    }
    for (int32_t isa = XENT_ISA_SCALAR + 1; isa < XENT_ISA_COUNT; isa++) {
        const xent_kernels *kernels = xent_kernels_for(isa);
        if (kernels) {
            run(c, kernels, &actual);
            size_t bytes = (size_t)(c->rows * c->columns) * (c->is_f64 ? 8 : 4);
            check(memcmp(actual.out, expected.out, bytes) == 0, "out of operation %d f%d %lldx%lld on %s",
                  c->operation, c->is_f64 ? 64 : 32, (long long)c->rows, (long long)c->columns,
                  xent_isa_name(isa));
            check(memcmp(actual.results, expected.results, result_count(c) * 8) == 0,
                  "results of operation %d f%d %lldx%lld on %s", c->operation, c->is_f64 ? 64 : 32,
                  (long long)c->rows, (long long)c->columns, xent_isa_name(isa));
        }
    }
    random_state = state;
}

/* A call with everything drawn that may be one or the other. */
static struct call draw_call(int32_t operation, int is_f64, int64_t rows, int64_t columns) {
    struct call c = {.operation = operation, .is_f64 = is_f64, .rows = rows, .columns = columns};
    int has_b = is_loss(&c) || operation == XENT_TILE_RATIO;
    c.is_special = next_flag();
    c.has_huge = c.is_special && next_flag();
    c.at_end = next_flag();
    c.is_shared = operation == XENT_TILE_MASK && next_flag();
    c.scalar_step = next_flag() ? 3 : 0;
    c.has_c = operation == XENT_TILE_MASK || (is_loss(&c) && next_flag());
    c.has_column = (is_loss(&c) || operation == XENT_TILE_TARGETS) &&
                   operation != XENT_TILE_SIGMOID_SQUARED && next_flag();
    c.has_out = is_loss(&c) ? next_flag() : !is_for_rows(&c);
    if (c.has_out && operation != XENT_TILE_TILT) {
        c.in_place = (enum in_place)next_below(PLACES);
        int is_there = c.in_place == IN_B ? has_b : c.in_place == IN_C ? is_loss(&c) && c.has_c : 1;
        c.in_place = is_there ? c.in_place : APART;
    }
    return c;
}

static void test_operations(void) {
    static const int64_t large[] = {127, 128, 129, 255, 1000, 4099, 16384};
    for (int32_t operation = XENT_TILE_SHAPE; operation < XENT_TILE_COUNT; operation++) {
        for (int draw = 0; draw < 12; draw++) {
            for (int64_t columns = 1; columns <= 70; columns++) {
                struct call c = draw_call(operation, draw & 1, 1 + next_below(MAX_ROWS), columns);
                test_call(&c);
            }
        }
        for (size_t i = 0; i < sizeof large / sizeof *large; i++) {
            for (int draw = 0; draw < 4; draw++) {
                struct call c = draw_call(operation, draw & 1, 1, large[i]);
                test_call(&c);
            }
        }
    }
}

/* Every number of 16 bits, and with every length of a row that ends at a guard. */
static void test_widening(const xent_kernels *kernels, int32_t operation, int fraction_bits, int least) {
    for (int64_t count = 1; count <= SHORTS; count += count < 70 ? 1 : SHORTS - 70) {
        uint16_t *from = guarded_place(&memory.a, (size_t)count * 2, 1);
        float *to = guarded_place(&memory.out, (size_t)count * 4, 1);
        for (int64_t i = 0; i < count; i++) {
            from[i] = (uint16_t)(count == SHORTS ? i : next_below(SHORTS));
        }
        int32_t status = xent_tile(kernels, operation, XENT_FLOAT32, 1, count, to, from, NULL, NULL, 0, NULL,
                                   NULL, 0, NULL);
        check(status == XENT_OK, "widening returned %d", status);
        for (int64_t i = 0; i < count; i++) {
            float wanted = (float)short_value(from[i], fraction_bits, least);
            uint32_t bits, nan = UINT32_C(0x7fc00000);
            memcpy(&bits, &to[i], 4);
            int is_right = isnan(wanted) ? bits == nan : memcmp(&to[i], &wanted, 4) == 0;
            check(is_right, "operation %d of %#x is %a, not %a", operation, from[i], (double)to[i],
                  (double)wanted);
        }
    }
}

/*
 * The nearest number of 16 bits: of the patterns up to that of infinity, which stands for the next number
 * after the largest, the one whose value is nearest; the even one of two.
 */
static uint32_t nearest_short(float value, int fraction_bits, int least) {
    uint32_t low = 0, high = (UINT32_C(0x7fff) >> fraction_bits) << fraction_bits;
    double magnitude = fabs((double)value), infinite = ldexp(2, (int)(high >> fraction_bits) - 2 + least);
    while (high - low > 1) {
        uint32_t middle = (low + high) / 2;
        double at_middle = short_value(middle, fraction_bits, least);
        low = at_middle <= magnitude ? middle : low;
        high = at_middle <= magnitude ? high : middle;
    }
    double above = short_value(high, fraction_bits, least);
    double to_low = magnitude - short_value(low, fraction_bits, least);
    double to_high = (isinf(above) ? infinite : above) - magnitude;
    uint32_t nearest = to_low < to_high || (to_low == to_high && low % 2 == 0) ? low : high;
    return nearest | (signbit(value) ? 0x8000 : 0);
}

/* Every sign and exponent of a float with fractions around the ties, and some of any kind. */
static void test_narrowing(const xent_kernels *kernels, int32_t operation, int fraction_bits, int least) {
    static const uint32_t low[] = {0,      1,      0xfff,  0x1000, 0x1001, 0x1fff,
                                   0x3000, 0x7fff, 0x8000, 0x8001, 0xffff};
    enum { LOW = sizeof low / sizeof *low, HIGH = 9, FRACTIONS = LOW * HIGH };
    static const uint32_t high[HIGH] = {0,        0x10000,  0x20000,  0x30000, 0x3f0000,
                                        0x400000, 0x550000, 0x7e0000, 0x7f0000};
    uint32_t infinite = (UINT32_C(0x7fff) >> fraction_bits) << fraction_bits;
    uint32_t not_a_number = infinite | UINT32_C(1) << (fraction_bits - 1);
    for (int64_t exponent = 0; exponent < 512; exponent++) {
        int64_t count = 1 + next_below(FRACTIONS + 70);
        float *from = guarded_place(&memory.a, (size_t)count * 4, 1);
        uint16_t *to = guarded_place(&memory.out, (size_t)count * 2, 1);
        for (int64_t i = 0; i < count; i++) {
            int64_t at = (i + exponent) % FRACTIONS;
            uint32_t fraction = i < FRACTIONS ? low[at % LOW] | high[at / LOW] : next_bits() & 0x7fffff;
            uint32_t bits = (uint32_t)exponent << 23 | fraction;
            memcpy(&from[i], &bits, 4);
        }
        int32_t status = xent_tile(kernels, operation, XENT_FLOAT32, 1, count, to, from, NULL, NULL, 0, NULL,
                                   NULL, 0, NULL);
        check(status == XENT_OK, "narrowing returned %d", status);
        for (int64_t i = 0; i < count; i++) {
            uint32_t wanted = isnan(from[i])   ? not_a_number
                              : isinf(from[i]) ? infinite | (signbit(from[i]) ? 0x8000 : 0)
                                               : nearest_short(from[i], fraction_bits, least);
            check(to[i] == wanted, "operation %d of %a is %#x, not %#x", operation, (double)from[i], to[i],
                  wanted);
        }
    }
}

static void test_conversions(void) {
    for (int32_t isa = 0; isa < XENT_ISA_COUNT; isa++) {
        const xent_kernels *kernels = xent_kernels_for(isa);
        if (kernels) {
            test_widening(kernels, XENT_TILE_WIDEN_BFLOAT16, 7, -126);
            test_widening(kernels, XENT_TILE_WIDEN_FLOAT16, 10, -14);
            test_narrowing(kernels, XENT_TILE_NARROW_BFLOAT16, 7, -126);
            test_narrowing(kernels, XENT_TILE_NARROW_FLOAT16, 10, -14);
        }
    }
}

/* Refused calls write nothing. */
static void test_refusals(void) {
    const xent_kernels *k = xent_kernels_for(XENT_ISA_SCALAR);
    float x[4] = {1, 2, 3, 4}, out[4] = {9, 9, 9, 9};
    double results[8] = {9, 9, 9, 9, 9, 9, 9, 9}, r[3] = {1, 0, 0};
    const int32_t bad = XENT_INVALID_ARGUMENT;
#define TILE(k, operation, type, rows, columns, out, a, b, c, step, results)                                 \
    xent_tile(k, operation, type, rows, columns, out, a, b, c, 0, NULL, r, step, results)
    check(TILE(NULL, XENT_TILE_EXP, 0, 2, 2, out, x, 0, 0, 0, 0) == bad, "no kernels");
    check(TILE(k, -1, 0, 2, 2, out, x, x, x, 0, results) == bad, "operation -1");
    check(TILE(k, XENT_TILE_COUNT, 0, 2, 2, out, x, x, x, 0, results) == bad, "operation beyond the last");
    check(TILE(k, XENT_TILE_EXP, 2, 2, 2, out, x, 0, 0, 0, 0) == bad, "unknown type");
    check(TILE(k, XENT_TILE_NARROW_FLOAT16, 1, 2, 2, out, x, 0, 0, 0, 0) == bad, "narrowing of double");
    check(TILE(k, XENT_TILE_EXP, 0, -1, 2, out, x, 0, 0, 0, 0) == bad, "negative rows");
    check(TILE(k, XENT_TILE_EXP, 0, 2, 0, out, x, 0, 0, 0, 0) == bad, "no columns");
    check(TILE(k, XENT_TILE_EXP, 0, 2, INT64_C(1) << 31, out, x, 0, 0, 0, 0) == bad, "too many columns");
    check(TILE(k, XENT_TILE_EXP, 0, 2, 2, out, x, 0, 0, 1, 0) == bad, "scalar step 1");
    check(TILE(k, XENT_TILE_EXP, 0, 2, 2, NULL, x, 0, 0, 0, 0) == bad, "no output");
    check(TILE(k, XENT_TILE_EXP, 0, 2, 2, out, NULL, 0, 0, 0, 0) == bad, "no first operand");
    check(TILE(k, XENT_TILE_RATIO, 0, 2, 2, out, x, NULL, 0, 0, 0) == bad, "no second operand");
    check(TILE(k, XENT_TILE_MASK, 0, 2, 2, out, x, 0, NULL, 0, 0) == bad, "no mask");
    check(TILE(k, XENT_TILE_CENTER, 0, 2, 2, out, x, 0, 0, 0, NULL) == bad, "no results");
    check(out[0] == 9 && out[3] == 9 && results[0] == 9, "a refused call wrote");
    check(TILE(k, XENT_TILE_EXP, 0, 0, 2, NULL, NULL, 0, 0, 0, 0) == XENT_OK, "no rows need no data");
    check(TILE(k, XENT_TILE_EXP, 0, 2, 2, out, x, 0, 0, 0, 0) == XENT_OK && out[0] != 9, "a good call");
}

int main(void) {
    size_t elements = MAX_ELEMENTS * 8;
    memory.a = guarded_new(elements);
    memory.b = guarded_new(elements);
    memory.c = guarded_new(elements);
    memory.column = guarded_new(elements);
    memory.scalars = guarded_new(MAX_ROWS * 3 * 8);
    memory.out = guarded_new(SHORTS * 4);
    memory.results = guarded_new(elements);
    test_operations();
    test_conversions();
    test_refusals();
    return report("test_tile");
}
