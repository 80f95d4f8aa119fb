/*
 * What the operations on tiles mean, in long double and with the C library's functions, for one element or
 * row.
 */
#ifndef XENT_TEST_TILE_REFERENCE_H
#define XENT_TEST_TILE_REFERENCE_H

#include <math.h>

#include "xent/xent.h"

/* A value, and how large the numbers were that it was made of: rounding errors are in proportion to those. */
struct expectation {
    long double value, scale;
};

/* The operands of one element. What is absent is 1. */
struct element {
    long double a, b, c, v, old;
    long double r0, r1, r2;
    int is_f64;
};

/* A factor of 0 wins over an infinity. */
static long double term(long double factor, long double value) { return factor == 0 ? 0 : factor * value; }

static struct expectation sum_of(long double x, long double y) {
    return (struct expectation){x + y, fabsl(x) + fabsl(y)};
}

static struct expectation times(long double factor, struct expectation e) {
    return (struct expectation){factor * e.value, fabsl(factor) * e.scale};
}

static struct expectation shape_of(const struct element *e) {
    long double height = e->r0 * tanhl(fabsl(e->a / e->r0));
    return e->r0 == 0 ? sum_of(e->a / e->r1, 0)
                      : (struct expectation){copysignl(height, e->a) / e->r1, e->r0 / e->r1};
}

/* To the element type: where a product vanishes or a quotient overflows, that is part of the definition. */
static long double stored(const struct element *e, long double value) {
    return e->is_f64 ? (double)value : (float)value;
}

static struct expectation tilt_of(const struct element *e) {
    long double factor = stored(e, e->r0 * e->b);
    long double scale = fabsl(factor) * (fabsl(e->a) + fabsl(e->r1) + fabsl(e->r2)) + fabsl(e->old);
    return e->b == 0 ? sum_of(e->old, 0)
                     : (struct expectation){factor * (e->a - e->r1 - e->r2) + e->old, scale};
}

static struct expectation ratio_of(const struct element *e) {
    return sum_of(e->a == 0 ? 0 : e->r0 * stored(e, e->a / e->b), 0);
}

static struct expectation element_of(int32_t operation, const struct element *e) {
    long double u = e->a * e->r1;
    switch (operation) {
    case XENT_TILE_SHAPE:
        return shape_of(e);
    case XENT_TILE_SHAPE_GRADIENT:
        return times((double)(e->old * e->r0), sum_of(1, -u * u));
    case XENT_TILE_MASK:
        return sum_of(e->c != 0 ? e->a : e->r0, 0);
    case XENT_TILE_TARGETS:
        return times(e->v, sum_of(e->r0 * e->a, e->r1));
    case XENT_TILE_BLEND:
        return sum_of(e->old * e->r0, -e->r1 * e->a);
    case XENT_TILE_TILT:
        return tilt_of(e);
    case XENT_TILE_EXP:
        return sum_of(expl(e->a), 0);
    case XENT_TILE_LOG:
        return sum_of(logl(e->a), 0);
    default:
        return ratio_of(e);
    }
}

/* The factors of the two sides, in double: one that vanishes there takes its term with it. */
static long double positive_factor(const struct element *e) { return (double)((double)(e->c * e->v) * e->b); }

static long double negative_factor(const struct element *e) { return (double)(e->c * (double)(1 - e->b)); }

/* Loss, or derivative, of LOGISTIC; without r0. */
static struct expectation logistic_of(const struct element *e, int is_gradient) {
    long double d = expl(-fabsl(e->a)), l = log1pl(d);
    long double of_p = l + (e->a < 0 ? -e->a : 0), of_n = l + (e->a > 0 ? e->a : 0);
    long double s = e->a >= 0 ? 1 / (1 + d) : d / (1 + d), z = e->a >= 0 ? d / (1 + d) : 1 / (1 + d);
    long double p = positive_factor(e), n = negative_factor(e);
    if (isnan(e->a)) {
        return sum_of(e->a, 0);
    }
    if (e->r1 == 0) {
        return is_gradient ? sum_of(term(p, -(e->r2 * s * z + z)), term(n, e->r2 * z * s + s))
                           : sum_of(term(p, e->r2 * z + of_p), term(n, e->r2 * s + of_n));
    }
    long double m_p = expl(-e->r1 * of_n), m_n = expl(-e->r1 * of_p);
    struct expectation focal = is_gradient ? sum_of(term(p, -m_p * (term(s, e->r1 * of_p) + z)),
                                                    term(n, m_n * (term(z, e->r1 * of_n) + s)))
                                           : sum_of(term(p, m_p * of_p), term(n, m_n * of_n));
    focal.scale *= 1 + fminl(e->r1 * (of_p + of_n), 1000); /* what rounding an exponent does to the power */
    return focal;
}

static struct expectation sigmoid_squared_of(const struct element *e, int is_gradient) {
    long double d = expl(-fabsl(e->a));
    long double s = e->a >= 0 ? 1 / (1 + d) : d / (1 + d), z = e->a >= 0 ? d / (1 + d) : 1 / (1 + d);
    struct expectation distance = sum_of((1 - e->b) * s, -e->b * z);
    long double other = is_gradient ? 2 * s * z : distance.value;
    return (struct expectation){e->c * distance.value * other,
                                e->c * distance.scale * (is_gradient ? other : distance.scale)};
}

static struct expectation bernoulli_of(const struct element *e, int is_gradient) {
    long double of_p = -logl(e->a), of_n = -log1pl(-e->a);
    long double p = positive_factor(e), n = negative_factor(e);
    if (isnan(e->a)) {
        return sum_of(e->a, 0);
    }
    if (!is_gradient) {
        return sum_of(term(p, of_p > e->r1 ? e->r1 : of_p), term(n, of_n > e->r1 ? e->r1 : of_n));
    }
    long double up = (double)(n / (1 - e->a)), down = (double)(p / e->a);
    return sum_of(n == 0 || of_n > e->r1 ? 0 : up, p == 0 || of_p > e->r1 ? 0 : -down);
}

/* What a loss returns for an element, or its gradient. */
static struct expectation loss_of(int32_t operation, const struct element *e, int is_gradient) {
    struct expectation loss = operation == XENT_TILE_LOGISTIC          ? logistic_of(e, is_gradient)
                              : operation == XENT_TILE_SIGMOID_SQUARED ? sigmoid_squared_of(e, is_gradient)
                                                                       : bernoulli_of(e, is_gradient);
    return is_gradient ? times(e->r0, loss) : loss;
}

/* A number of 16 bits, from its fields: so many bits of fraction, exponents that start at a least one. */
static double short_value(uint32_t bits, int fraction_bits, int least) {
    int exponent_bits = 15 - fraction_bits;
    int field = (int)(bits >> fraction_bits) & ((1 << exponent_bits) - 1);
    double fraction = bits & ((1U << fraction_bits) - 1);
    double sign = bits >> 15 ? -1.0 : 1.0;
    if (field == (1 << exponent_bits) - 1) {
        return fraction != 0 ? NAN : sign * INFINITY;
    }
    double units = field == 0 ? fraction : fraction + (double)(1 << fraction_bits);
    return sign * ldexp(units, (field == 0 ? least : field - 1 + least) - fraction_bits);
}

#endif
