/*
 * The end of a row, as in row.h, for as many rows side by side as a vector of doubles has lanes. Not a
 * template: all of it is in double.
 */
#ifndef XENT_ROW_LANES_H
#define XENT_ROW_LANES_H

#include "row.h"
#include "vec_math.h"

/* What the pass over the rows found, as in struct row_sums. */
struct lane_sums {
    vec_f64 target; /* class indices as numbers; negative = ignored; anything else if there is none */
    vec_f64 max;
    vec_f64 first_shift;
    vec_f64 others;
    vec_f64 target_term;
    vec_f64 target_logit;
    vec_f64 target_weight;
    vec_f64 spread_sum;
};

/* Of an empty row the total is 0; that of a row with NaN is NaN, and so is not equal to anything. */
ALWAYS_INLINE mask_f64 lanes_are_empty(const struct lane_sums *s) {
    return equal_f64(add_f64(s->others, s->target_term), set1_f64(0));
}

/* As row_log_sum. */
ALWAYS_INLINE vec_f64 lanes_log_sum(const struct lane_sums *s) {
    return log1p_vec_f64(add_f64(s->others, sub_f64(s->target_term, set1_f64(1))));
}

/* As row_lse. */
ALWAYS_INLINE vec_f64 lanes_lse(const struct lane_sums *s, vec_f64 log_sum) {
    vec_f64 lse = canonical_vec_f64(add_f64(s->max, log_sum));
    return select_f64(lanes_are_empty(s), set1_f64(-(double)INFINITY), lse);
}

/* As row_spread. */
ALWAYS_INLINE vec_f64 lanes_spread(const struct xent_rows *rows, const struct lane_sums *s, vec_f64 log_sum) {
    vec_f64 other_weight = sub_f64(set1_f64(rows->weight_total), s->target_weight);
    vec_f64 level = add_f64(sub_f64(s->max, s->first_shift), log_sum);
    vec_f64 spread = sub_f64(mul_f64(other_weight, level), s->spread_sum);
    spread = drop_f64(less_f64(spread, set1_f64(0)), spread);
    mask_f64 beyond = is_nan_f64(sub_f64(s->spread_sum, s->spread_sum)); /* NaN or infinite */
    vec_f64 infinite = add_f64(add_f64(s->others, s->target_term), set1_f64((double)INFINITY));
    return canonical_vec_f64(select_f64(beyond, infinite, spread));
}

/* Stores the results that the caller wants, as row_results and row_ignored. */
ALWAYS_INLINE void lanes_results(const struct xent_rows *rows, int64_t index, const struct lane_sums *s,
                                 vec_f64 log_sum) {
    vec_f64 nan = set1_f64(nan_f64());
    mask_f64 empty = lanes_are_empty(s), ignored = less_f64(s->target, set1_f64(0));
    if (rows->lse) {
        store_f64(rows->lse + index, drop_f64(ignored, lanes_lse(s, log_sum)));
    }
    if (rows->nll) {
        vec_f64 nll = canonical_vec_f64(sub_f64(log_sum, sub_f64(s->target_logit, s->max)));
        store_f64(rows->nll + index, drop_f64(ignored, select_f64(empty, nan, nll)));
    }
    if (rows->spread) {
        vec_f64 spread = select_f64(empty, nan, lanes_spread(rows, s, log_sum));
        store_f64(rows->spread + index, drop_f64(ignored, spread));
    }
}

/* The coefficients of as many rows. */
struct lane_coefficients {
    double alpha[WIDTH_f64];
    double beta[WIDTH_f64];
    double gamma[WIDTH_f64];
};

ALWAYS_INLINE void load_lane_coefficients(struct lane_coefficients *c, const struct xent_rows *rows,
                                          int64_t index) {
    for (int r = 0; r < WIDTH_f64; r++) {
        const xent_coefficients *of = xent_coefficients_of(rows, index + r);
        c->alpha[r] = of->alpha;
        c->beta[r] = of->beta;
        c->gamma[r] = of->gamma;
    }
}

/* What the gradients of as many rows are made from. */
struct lane_gradients {
    vec_f64 ratio;     /* r; NaN where a row is filled */
    vec_f64 fill;      /* for rows whose ratio is NaN or infinite in the element type */
    vec_f64 at_target; /* as row_target_gradient */
};

ALWAYS_INLINE void lanes_gradient(struct lane_gradients *g, const struct xent_rows *rows,
                                  const struct lane_sums *s, const struct lane_coefficients *c) {
    vec_f64 alpha = load_f64(c->alpha), beta = load_f64(c->beta), gamma = load_f64(c->gamma);
    vec_f64 nan = set1_f64(nan_f64()), empty_fill = set1_f64(rows->empty_rows_zero ? 0 : nan_f64());
    vec_f64 total = add_f64(s->others, s->target_term);
    mask_f64 empty = lanes_are_empty(s), ignored = less_f64(s->target, set1_f64(0));
    vec_f64 remaining = div_f64(s->others, total);
    vec_f64 at_target = sub_f64(sub_f64(alpha, gamma), mul_f64(alpha, remaining));
    g->at_target = canonical_vec_f64(sub_f64(at_target, mul_f64(beta, s->target_weight)));
    g->ratio = select_f64(ignored, nan, select_f64(empty, nan, div_f64(alpha, total)));
    g->fill = drop_f64(ignored, select_f64(empty, empty_fill, nan));
}

#endif
