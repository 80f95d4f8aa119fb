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
    int64_t index; /* of its first row */
    struct lane_sums sums[WIDENED];
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

/* Widens what the pass over the group found. */
ALWAYS_INLINE void N(widen_group)(const struct N(group) * g, int classes, enum xent_spread spread,
                                  struct lane_sums *sums) {
    vec_f64 wide[8][WIDENED];
    N(widen)(g->target, wide[0]);
    N(widen)(g->max, wide[1]);
    N(widen)(g->shift, wide[2]);
    N(widen)(g->target_term, wide[3]);
    N(widen)(g->target_logit, wide[4]);
    N(widen)(g->target_weight, wide[5]);
    N(tree_of_columns)(g->column, classes, wide[6]);
    if (spread != SPREAD_NONE) {
        N(tree_of_columns)(g->beside, classes, wide[7]);
    }
    UNROLL for (int i = 0; i < WIDENED; i++) {
        sums[i] = (struct lane_sums){
            .target = wide[0][i],
            .max = wide[1][i],
            .first_shift = wide[2][i],
            .target_term = wide[3][i],
            .target_logit = wide[4][i],
            .target_weight = wide[5][i],
            .others = wide[6][i],
            .spread_sum = spread == SPREAD_NONE ? set1_f64(0) : wide[7][i],
        };
    }
}

/* Turns the exponentials of a group into its gradient, and stores it. */
ALWAYS_INLINE void N(group_gradient)(struct N(group) * g, const struct xent_rows *rows, int64_t index,
                                     const struct lane_coefficients *c, const struct lane_sums *sums) {
    vec_f64 ratio[WIDENED], fill[WIDENED], at_target[WIDENED], beta[WIDENED];
    UNROLL for (int i = 0; i < WIDENED; i++) {
        struct lane_gradients of;
        lanes_gradient(&of, rows, &sums[i], &c[i]);
        ratio[i] = of.ratio;
        fill[i] = of.fill;
        at_target[i] = of.at_target;
        beta[i] = load_f64(c[i].beta);
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
                                        const struct lane_sums *sums, const vec_f64 *log_sums) {
    vec_f64 lse_part[WIDENED];
    UNROLL for (int i = 0; i < WIDENED; i++) { lse_part[i] = lanes_lse(&sums[i], log_sums[i]); }
    N(vec) lse = N(narrow)(lse_part), log_sum = N(narrow)(log_sums);
    N(mask) filled = N(is_nan)(N(sub)(lse, lse)); /* NaN or infinite */
    for (int q = 0; q < (int)rows->classes; q++) {
        N(vec) value = N(sub)(N(sub)(g->beside[q], g->max), log_sum);
        g->column[q] = N(select)(filled, N(set1)(N(nan)()), value);
    }
    N(store_group)(g, rows, index);
}

/* Sums a group. */
ALWAYS_INLINE void N(begin_group)(struct N(group) * g, const struct xent_rows *rows, int64_t index,
                                  enum xent_spread spread, enum N(purpose) purpose) {
    g->index = index;
    N(load_group)(g, rows, index);
    N(sum_group)(g, rows, spread, purpose == N(LOG_SOFTMAX));
    N(widen_group)(g, (int)rows->classes, spread, g->sums);
}

/* Stores what is wanted of a group that has been summed. */
ALWAYS_INLINE void N(end_group)(struct N(group) * g, const struct xent_rows *rows, enum N(purpose) purpose) {
    vec_f64 log_sums[WIDENED];
    UNROLL for (int i = 0; i < WIDENED; i++) { log_sums[i] = lanes_log_sum(&g->sums[i]); }
    UNROLL for (int i = 0; i < WIDENED; i++) {
        lanes_results(rows, g->index + i * WIDTH_f64, &g->sums[i], log_sums[i]);
    }
    if (purpose == N(GRADIENT)) {
        struct lane_coefficients c[WIDENED];
        for (int i = 0; i < WIDENED; i++) {
            load_lane_coefficients(&c[i], rows, g->index + i * WIDTH_f64);
        }
        N(group_gradient)(g, rows, g->index, c, g->sums);
    } else if (purpose == N(LOG_SOFTMAX)) {
        N(group_log_softmax)(g, rows, g->index, g->sums, log_sums);
    }
}

/*
 * Works on all full groups of rows, and returns the number of rows done. A group ends after the next one has
 * begun: each half is a long chain of operations that wait for each other, so two groups at a time are faster
 * by 7 % (10 classes, float) to 25 % (3 classes).
 */
ALWAYS_INLINE int64_t N(groups)(const struct xent_rows *rows, enum xent_spread spread,
                                enum N(purpose) purpose) {
    struct N(group) space[2];
    struct N(group) *begun = 0;
    int are_finite = 1, turn = 0;
    int64_t index = 0;
    for (int i = 0; i < 2; i++) {
        for (int q = 0; q < FEW_CLASSES; q++) {
            space[i].column[q] = N(set1)(0);
        }
    }
    for (; index + N(WIDTH) <= rows->rows; index += N(WIDTH)) {
        if (purpose == N(GRADIENT) && (index == 0 || rows->coefficient_step != 0)) {
            are_finite = N(are_betas_finite)(rows, index, N(WIDTH));
        }
        if (!are_finite) {
            N(gradient_rows)(rows, index, index + N(WIDTH));
            continue;
        }
        struct N(group) *group = &space[turn ^= 1];
        N(begin_group)(group, rows, index, spread, purpose);
        if (begun) {
            N(end_group)(begun, rows, purpose);
        }
        begun = group;
    }
    if (begun) {
        N(end_group)(begun, rows, purpose);
    }
    return index;
}

#undef WIDENED

/* Chooses by the number of classes; the rows that fill no group are left. */
ALWAYS_INLINE int64_t N(any_groups)(const struct xent_rows *rows, enum xent_spread spread,
                                    enum N(purpose) purpose) {
    if (rows->classes <= FEW_CLASSES) {
        return N(groups)(rows, spread, purpose);
    }
    return rows->classes <= N(BLOCK) ? N(short_groups)(rows, spread, purpose, SOURCE_PLAIN) : 0;
}

static int64_t N(forward_groups)(const struct xent_rows *rows) {
    switch (xent_spread_of(rows)) {
    case SPREAD_PLAIN:
        return N(any_groups)(rows, SPREAD_PLAIN, N(FORWARD));
    case SPREAD_WEIGHTED:
        return N(any_groups)(rows, SPREAD_WEIGHTED, N(FORWARD));
    default:
        return N(any_groups)(rows, SPREAD_NONE, N(FORWARD));
    }
}

static int64_t N(gradient_groups)(const struct xent_rows *rows) {
    switch (xent_spread_of(rows)) {
    case SPREAD_PLAIN:
        return N(any_groups)(rows, SPREAD_PLAIN, N(GRADIENT));
    case SPREAD_WEIGHTED:
        return N(any_groups)(rows, SPREAD_WEIGHTED, N(GRADIENT));
    default:
        return N(any_groups)(rows, SPREAD_NONE, N(GRADIENT));
    }
}

/* All plain rows. */
static void N(plain_forward)(const struct xent_rows *rows) {
    N(forward_rows)(rows, N(forward_groups)(rows), rows->rows);
}

static void N(plain_gradient)(const struct xent_rows *rows) {
    N(gradient_rows)(rows, N(gradient_groups)(rows), rows->rows);
}

static void N(log_softmax)(const struct xent_rows *rows) {
    int64_t done = N(any_groups)(rows, SPREAD_NONE, N(LOG_SOFTMAX));
    N(log_softmax_rows)(rows, done, rows->rows);
}
