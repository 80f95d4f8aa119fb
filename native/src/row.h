/*
 * The end of a row: from the sums to the results, in double, for every element type and instruction set.
 */
#ifndef XENT_ROW_H
#define XENT_ROW_H

#include "kernels.h"
#include "scalar_math.h"

/* What the pass over a row found. All values are exact in double. */
struct row_sums {
    double max;           /* M, the largest logit; -inf if there is none */
    double first_shift;   /* c0 */
    double others;        /* s', the sum of exp(x - M) without the target */
    double target_term;   /* ey, the target's own exp(x - M); 0 without a target */
    double target_logit;  /* x[y]; not used without a target */
    double target_weight; /* w[y]; 0 without a target */
    double spread_sum;    /* t */
};

/* s, the whole sum. NaN if any logit is NaN or +inf. */
static inline double row_total(const struct row_sums *sums) { return sums->others + sums->target_term; }

/* Whether the row has no logit above -inf (and no NaN). */
static inline int row_is_empty(const struct row_sums *sums) {
    return sums->max == -(double)INFINITY && row_total(sums) == row_total(sums);
}

/* L = log-sum-exp - M. Subtracting 1 from the target's term first keeps a tiny s' whole where the target is
 * the maximum. */
static inline double row_log_sum(const struct row_sums *sums) {
    return log1p_f64(sums->others + (sums->target_term - 1.0));
}

/* Log-sum-exp of a row. */
static inline double row_lse(const struct row_sums *sums, double log_sum) {
    return row_is_empty(sums) ? -(double)INFINITY : canonical_f64(sums->max + log_sum);
}

/* The spread of a row that is not empty; NaN if any logit is. */
static inline double row_spread(const struct xent_rows *rows, const struct row_sums *sums, double log_sum) {
    if (!isfinite(sums->spread_sum)) {
        /* A logit of -inf, or a distance beyond the element type's range. */
        return row_total(sums) + (double)INFINITY;
    }
    double other_weight = rows->weight_total - sums->target_weight;
    double spread = other_weight * ((sums->max - sums->first_shift) + log_sum) - sums->spread_sum;
    return spread < 0 ? 0 : spread; /* rounding may leave a little less than nothing */
}

/* Stores the results of a row that the caller wants. */
static inline void row_results(const struct xent_rows *rows, int64_t row, const struct row_sums *sums,
                               double log_sum) {
    int empty = row_is_empty(sums);
    if (rows->lse) {
        rows->lse[row] = row_lse(sums, log_sum);
    }
    if (rows->nll) {
        double nll = log_sum - (sums->target_logit - sums->max);
        rows->nll[row] = empty ? nan_f64() : canonical_f64(nll);
    }
    if (rows->spread) {
        rows->spread[row] = empty ? nan_f64() : canonical_f64(row_spread(rows, sums, log_sum));
    }
}

/* Stores the results of an ignored row, all 0. */
static inline void row_ignored(const struct xent_rows *rows, int64_t row) {
    if (rows->nll) {
        rows->nll[row] = 0.0;
    }
    if (rows->lse) {
        rows->lse[row] = 0.0;
    }
    if (rows->spread) {
        rows->spread[row] = 0.0;
    }
}

/* The gradient at the target: s' / s is 1 - p[y] without cancellation. */
static inline double row_target_gradient(const struct row_sums *sums, const xent_coefficients *c) {
    double remaining = sums->others / row_total(sums);
    return canonical_f64(((c->alpha - c->gamma) - c->alpha * remaining) - c->beta * sums->target_weight);
}

#endif
