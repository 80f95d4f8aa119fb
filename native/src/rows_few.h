/*
 * The row kernels for few classes: as many rows at a time as a register has lanes, one row a lane. A template
 * like rows_vector.h, whose kernels take the rows that do not fill a group.
 *
 * The rows are loaded and transposed, so that column q holds class q of all rows. A row has no more classes
 * than lanes of the canonical sum, so each partial sum has one term at most, and the tree over lanes is a
 * tree over columns.
 */

/* Vectors of doubles that a column widens to. */
#define WIDENED N(WIDENED)

/* The rows of a group, turned into columns. */
struct N(group) {
    N(vec) column[FEW_CLASSES]; /* logits, then exponentials */
    N(vec) beside[FEW_CLASSES]; /* terms of the spread; for log-softmax the logits once more */
    N(vec) target;              /* class indices as numbers; negative = ignored; FEW_CLASSES = no target */
    N(vec) max;
    N(vec) shift;
    N(vec) target_logit;
    N(vec) target_term;
    N(vec) target_weight;
};

/* The coefficients of a group. */
struct N(group_coefficients) {
    double alpha[N(WIDTH)];
    double beta[N(WIDTH)];
    double gamma[N(WIDTH)];
    int are_plain; /* every (T) beta is finite; others need care that only the row-at-a-time kernel takes */
};

/*
 * Elements from column first of row r on that may be loaded or stored without a mask: the row's own, and
 * where rows follow each other without a gap also those of the rows that follow in the group. What is loaded
 * beyond the row is not used; what is stored beyond it is overwritten when the next row is.
 */
ALWAYS_INLINE int64_t N(room)(const struct xent_rows *rows, int64_t stride, int r, int64_t first) {
    return stride == rows->classes ? (N(WIDTH) - r) * stride - first : rows->classes - first;
}

/* The register at column first of row r. Lanes beyond the row are undefined. */
ALWAYS_INLINE N(vec)
    N(load_row)(const struct xent_rows *rows, int64_t index, int r, int64_t first, int guarded) {
    const REAL *from = (const REAL *)rows->logits + (index + r) * rows->row_stride + first;
    if (guarded && xent_is_ignored(rows, index + r)) {
        return N(set1)(0);
    }
    if (!guarded && N(room)(rows, rows->row_stride, r, first) >= N(WIDTH)) {
        return N(load)(from);
    }
    return N(load_lanes)(from, N(register_lanes)(N(first_lanes)(rows->classes - first), 0), N(set1)(0));
}

/* Loads WIDTH rows and turns them into columns. Rows that are ignored are not read. */
ALWAYS_INLINE void N(load_group)(struct N(group) * g, const struct xent_rows *rows, int64_t index) {
    g->target = rows->targets ? N(load_indices)(rows->targets + index) : N(set1)(FEW_CLASSES);
    int guarded = N(any)(N(less)(g->target, N(set1)(0)));
    for (int64_t first = 0; first < rows->classes; first += N(WIDTH)) {
        N(vec) tile[N(WIDTH)];
        if (guarded) {
            UNROLL for (int r = 0; r < N(WIDTH); r++) { tile[r] = N(load_row)(rows, index, r, first, 1); }
        } else {
            UNROLL for (int r = 0; r < N(WIDTH); r++) { tile[r] = N(load_row)(rows, index, r, first, 0); }
        }
        N(transpose)(tile);
        UNROLL for (int r = 0; r < N(WIDTH); r++) { g->column[first + r] = tile[r]; }
    }
}

/* Turns the columns back into rows, and stores these in ascending order (see room). */
ALWAYS_INLINE void N(store_group)(struct N(group) * g, const struct xent_rows *rows, int64_t index) {
    REAL *to = (REAL *)rows->gradient + index * rows->gradient_stride;
    for (int64_t first = 0; first < rows->classes; first += N(WIDTH)) {
        N(vec) tile[N(WIDTH)];
        UNROLL for (int r = 0; r < N(WIDTH); r++) { tile[r] = g->column[first + r]; }
        N(transpose)(tile);
        UNROLL for (int r = 0; r < N(WIDTH); r++) { g->column[first + r] = tile[r]; }
    }
    for (int r = 0; r < N(WIDTH); r++, to += rows->gradient_stride) {
        for (int64_t first = 0; first < rows->classes; first += N(WIDTH)) {
            N(vec) part = g->column[first + r];
            if (N(room)(rows, rows->gradient_stride, r, first) >= N(WIDTH)) {
                N(store)(to + first, part);
            } else {
                N(store_lanes)(to + first, N(register_lanes)(N(first_lanes)(rows->classes - first), 0), part);
            }
        }
    }
}

/* Takes the maximum, the exponentials and what belongs to the target. */
ALWAYS_INLINE void N(sum_group)(struct N(group) * g, const struct xent_rows *rows, enum xent_spread spread,
                                int keeps_logits) {
    const REAL *weights = rows->class_weights;
    const int classes = (int)rows->classes;
    const N(vec) zero = N(set1)(0), lowest = N(set1)(-(REAL)INFINITY);
    g->max = lowest;
    for (int q = 0; q < classes; q++) {
        g->max = N(max)(g->column[q], g->max);
    }
    g->shift = N(drop)(N(equal)(g->max, lowest), g->max);
    g->target_logit = g->target_term = zero;
    g->target_weight = N(drop)(N(equal)(g->target, N(set1)(FEW_CLASSES)), N(set1)(1));
    for (int q = 0; q < classes; q++) {
        N(mask) hit = N(equal)(g->target, N(set1)((REAL)q));
        N(vec) distance = N(sub)(g->column[q], g->shift);
        N(vec) e = N(exp_vec)(distance);
        g->target_logit = N(select)(hit, g->column[q], g->target_logit);
        g->target_term = N(select)(hit, e, g->target_term);
        if (keeps_logits) {
            g->beside[q] = g->column[q];
        }
        g->column[q] = N(drop)(hit, e);
        if (weights) {
            g->target_weight = N(select)(hit, N(set1)(weights[q]), g->target_weight);
        }
        if (spread == SPREAD_WEIGHTED) {
            /* One fma on +0, as the canonical sum has it; a weight of 0 leaves the element out. */
            distance = weights[q] == 0 ? zero : N(fma)(N(set1)(weights[q]), distance, zero);
        }
        if (spread != SPREAD_NONE) {
            g->beside[q] = N(drop)(hit, distance);
        }
    }
}

/* The tree over the columns, one sum a row. Absent columns are +0 and are not visited. */
ALWAYS_INLINE void N(tree_of_columns)(const N(vec) * column, int classes, vec_f64 *sum) {
    vec_f64 level[FEW_CLASSES / 2][WIDENED];
    int left = classes < FEW_CLASSES / 2 ? classes : FEW_CLASSES / 2;
    for (int q = 0; q < left; q++) {
        N(widen)(column[q], level[q]);
        if (q + FEW_CLASSES / 2 < classes) {
            vec_f64 upper[WIDENED];
            N(widen)(column[q + FEW_CLASSES / 2], upper);
            UNROLL for (int i = 0; i < WIDENED; i++) { level[q][i] = add_f64(level[q][i], upper[i]); }
        }
    }
    for (int half = FEW_CLASSES / 4; half > 0; half /= 2) {
        for (int q = 0; q + half < left; q++) {
            UNROLL for (int i = 0; i < WIDENED; i++) {
                level[q][i] = add_f64(level[q][i], level[q + half][i]);
            }
        }
        left = left < half ? left : half;
    }
    /* A lone -0 becomes +0, as it does when it is added to a sum that starts at +0. */
    UNROLL for (int i = 0; i < WIDENED; i++) { sum[i] = add_f64(set1_f64(0), level[0][i]); }
}

ALWAYS_INLINE vec_f64 N(canonical_group)(vec_f64 v) {
    return select_f64(is_nan_f64(v), set1_f64(nan_f64()), v);
}

/* Log-sum-exp of WIDTH_f64 rows less their maximum, as in row_log_sum. */
ALWAYS_INLINE vec_f64 N(group_log_sum)(vec_f64 others, vec_f64 term) {
    return log1p_vec_f64(add_f64(others, sub_f64(term, set1_f64(1))));
}

/* Log-sum-exp of WIDTH_f64 rows. */
ALWAYS_INLINE vec_f64 N(group_lse)(vec_f64 others, vec_f64 term, vec_f64 max, vec_f64 log_sum) {
    mask_f64 empty = equal_f64(add_f64(others, term), set1_f64(0));
    return select_f64(empty, set1_f64(-(double)INFINITY), N(canonical_group)(add_f64(max, log_sum)));
}

/* Stores the results of WIDTH_f64 rows that the caller wants. */
ALWAYS_INLINE void N(group_results)(const struct xent_rows *rows, int64_t index, vec_f64 others, vec_f64 term,
                                    vec_f64 max, vec_f64 shift, vec_f64 logit, vec_f64 weight, vec_f64 target,
                                    vec_f64 spread_sum) {
    vec_f64 log_sum = N(group_log_sum)(others, term);
    vec_f64 nan = set1_f64(nan_f64());
    /* Of an empty row the total is 0; that of a row with NaN is NaN, and so is not equal to anything. */
    mask_f64 empty = equal_f64(add_f64(others, term), set1_f64(0));
    mask_f64 ignored = less_f64(target, set1_f64(0));
    if (rows->lse) {
        store_f64(rows->lse + index, drop_f64(ignored, N(group_lse)(others, term, max, log_sum)));
    }
    if (rows->nll) {
        vec_f64 nll = N(canonical_group)(sub_f64(log_sum, sub_f64(logit, max)));
        store_f64(rows->nll + index, drop_f64(ignored, select_f64(empty, nan, nll)));
    }
    if (rows->spread) {
        vec_f64 other_weight = sub_f64(set1_f64(rows->weight_total), weight);
        vec_f64 level = add_f64(sub_f64(max, shift), log_sum);
        vec_f64 spread = sub_f64(mul_f64(other_weight, level), spread_sum);
        spread = drop_f64(less_f64(spread, set1_f64(0)), spread);
        /* As in row_spread: +inf, or NaN with a NaN among the logits, where the sum is not finite. */
        mask_f64 beyond = is_nan_f64(sub_f64(spread_sum, spread_sum));
        vec_f64 infinite = add_f64(add_f64(others, term), set1_f64((double)INFINITY));
        spread = N(canonical_group)(select_f64(beyond, infinite, spread));
        store_f64(rows->spread + index, drop_f64(ignored, select_f64(empty, nan, spread)));
    }
}

/* Copies the coefficients of a group side by side. */
ALWAYS_INLINE void N(load_coefficients)(struct N(group_coefficients) * c, const struct xent_rows *rows,
                                        int64_t index) {
    c->are_plain = 1;
    for (int r = 0; r < N(WIDTH); r++) {
        const xent_coefficients *of = xent_coefficients_of(rows, index + r);
        c->alpha[r] = of->alpha;
        c->beta[r] = of->beta;
        c->gamma[r] = of->gamma;
        c->are_plain &= isfinite((REAL)of->beta) != 0;
    }
}

/* Turns the exponentials of a group into its gradient, and stores it. */
ALWAYS_INLINE void N(group_gradient)(struct N(group) * g, const struct xent_rows *rows, int64_t index,
                                     const struct N(group_coefficients) * c, const vec_f64 *others) {
    vec_f64 ratio[WIDENED], at_target[WIDENED], beta[WIDENED], fill[WIDENED];
    vec_f64 term[WIDENED], weight[WIDENED], target[WIDENED];
    N(widen)(g->target_term, term);
    N(widen)(g->target_weight, weight);
    N(widen)(g->target, target);
    vec_f64 nan = set1_f64(nan_f64()), empty_fill = set1_f64(rows->empty_rows_zero ? 0 : nan_f64());
    UNROLL for (int i = 0; i < WIDENED; i++) {
        vec_f64 alpha = load_f64(c->alpha + i * WIDTH_f64), gamma = load_f64(c->gamma + i * WIDTH_f64);
        beta[i] = load_f64(c->beta + i * WIDTH_f64);
        vec_f64 total = add_f64(others[i], term[i]);
        mask_f64 empty = equal_f64(total, set1_f64(0));
        mask_f64 ignored = less_f64(target[i], set1_f64(0));
        vec_f64 remaining = div_f64(others[i], total);
        at_target[i] = sub_f64(sub_f64(alpha, gamma), mul_f64(alpha, remaining));
        at_target[i] = N(canonical_group)(sub_f64(at_target[i], mul_f64(beta[i], weight[i])));
        /* Rows that are filled get a ratio that is NaN, which is how they are told apart below. */
        ratio[i] = select_f64(empty, nan, div_f64(alpha, total));
        ratio[i] = select_f64(ignored, nan, ratio[i]);
        fill[i] = drop_f64(ignored, select_f64(empty, empty_fill, nan));
    }
    N(vec) factor = N(narrow)(ratio), filling = N(narrow)(fill), gradient_at_target = N(narrow)(at_target);
    N(vec) minus_beta = N(negate)(N(narrow)(beta));
    N(mask) filled = N(is_nan)(N(sub)(factor, factor)); /* NaN or infinite */
    const REAL *weights = rows->class_weights;
    for (int q = 0; q < (int)rows->classes; q++) {
        /* -(beta w) and (-beta) w are the same number. */
        N(vec) minus = weights ? N(mul)(minus_beta, N(set1)(weights[q])) : minus_beta;
        N(vec) value = N(fma)(g->column[q], factor, minus);
        value = N(select)(N(equal)(g->target, N(set1)((REAL)q)), gradient_at_target, value);
        g->column[q] = N(select)(filled, filling, value);
    }
    N(store_group)(g, rows, index);
}

/* Turns the logits of a group into log-softmax, and stores it. */
ALWAYS_INLINE void N(group_log_softmax)(struct N(group) * g, const struct xent_rows *rows, int64_t index,
                                        const vec_f64 *others, const vec_f64 *term, const vec_f64 *max) {
    vec_f64 lse_part[WIDENED], log_sum_part[WIDENED];
    UNROLL for (int i = 0; i < WIDENED; i++) {
        log_sum_part[i] = N(group_log_sum)(others[i], term[i]);
        lse_part[i] = N(group_lse)(others[i], term[i], max[i], log_sum_part[i]);
    }
    N(vec) lse = N(narrow)(lse_part), log_sum = N(narrow)(log_sum_part);
    N(mask) filled = N(is_nan)(N(sub)(lse, lse)); /* NaN or infinite */
    for (int q = 0; q < (int)rows->classes; q++) {
        N(vec) value = N(sub)(N(sub)(g->beside[q], g->max), log_sum);
        g->column[q] = N(select)(filled, N(set1)(N(nan)()), value);
    }
    N(store_group)(g, rows, index);
}

/* Works on all full groups of rows, and returns the number of rows done. */
ALWAYS_INLINE int64_t N(groups)(const struct xent_rows *rows, enum xent_spread spread,
                                enum N(purpose) purpose) {
    struct N(group) g;
    struct N(group_coefficients) c = {.are_plain = 0};
    for (int q = 0; q < FEW_CLASSES; q++) {
        g.column[q] = N(set1)(0);
    }
    int64_t index = 0;
    for (; index + N(WIDTH) <= rows->rows; index += N(WIDTH)) {
        if (purpose == N(GRADIENT) && (index == 0 || rows->coefficient_step != 0)) {
            N(load_coefficients)(&c, rows, index);
        }
        if (purpose == N(GRADIENT) && !c.are_plain) {
            N(gradient_rows)(rows, index, index + N(WIDTH));
            continue;
        }
        vec_f64 others[WIDENED], term[WIDENED], max[WIDENED], shift[WIDENED], logit[WIDENED], weight[WIDENED];
        vec_f64 target[WIDENED], spread_sum[WIDENED];
        N(load_group)(&g, rows, index);
        N(sum_group)(&g, rows, spread, purpose == N(LOG_SOFTMAX));
        N(tree_of_columns)(g.column, (int)rows->classes, others);
        if (spread != SPREAD_NONE) {
            N(tree_of_columns)(g.beside, (int)rows->classes, spread_sum);
        }
        N(widen)(g.target_term, term);
        N(widen)(g.max, max);
        N(widen)(g.shift, shift);
        N(widen)(g.target_logit, logit);
        N(widen)(g.target_weight, weight);
        N(widen)(g.target, target);
        UNROLL for (int i = 0; i < WIDENED; i++) {
            N(group_results)
            (rows, index + i * WIDTH_f64, others[i], term[i], max[i], shift[i], logit[i], weight[i],
             target[i], spread == SPREAD_NONE ? set1_f64(0) : spread_sum[i]);
        }
        if (purpose == N(GRADIENT)) {
            N(group_gradient)(&g, rows, index, &c, others);
        } else if (purpose == N(LOG_SOFTMAX)) {
            N(group_log_softmax)(&g, rows, index, others, term, max);
        }
    }
    return index;
}

#undef WIDENED

static int64_t N(forward_groups)(const struct xent_rows *rows) {
    switch (xent_spread_of(rows)) {
    case SPREAD_PLAIN:
        return N(groups)(rows, SPREAD_PLAIN, N(FORWARD));
    case SPREAD_WEIGHTED:
        return N(groups)(rows, SPREAD_WEIGHTED, N(FORWARD));
    default:
        return N(groups)(rows, SPREAD_NONE, N(FORWARD));
    }
}

static int64_t N(gradient_groups)(const struct xent_rows *rows) {
    switch (xent_spread_of(rows)) {
    case SPREAD_PLAIN:
        return N(groups)(rows, SPREAD_PLAIN, N(GRADIENT));
    case SPREAD_WEIGHTED:
        return N(groups)(rows, SPREAD_WEIGHTED, N(GRADIENT));
    default:
        return N(groups)(rows, SPREAD_NONE, N(GRADIENT));
    }
}

/* The functions of the table. */
static void N(forward)(const struct xent_rows *rows) {
    int64_t done = rows->classes <= FEW_CLASSES ? N(forward_groups)(rows) : 0;
    N(forward_rows)(rows, done, rows->rows);
}

static void N(gradient)(const struct xent_rows *rows) {
    int64_t done = rows->classes <= FEW_CLASSES ? N(gradient_groups)(rows) : 0;
    N(gradient_rows)(rows, done, rows->rows);
}

static void N(log_softmax)(const struct xent_rows *rows) {
    int64_t done = rows->classes <= FEW_CLASSES ? N(groups)(rows, SPREAD_NONE, N(LOG_SOFTMAX)) : 0;
    N(log_softmax_rows)(rows, done, rows->rows);
}
