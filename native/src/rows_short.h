/*
 * The row kernels for rows of one block: as many rows at a time as a vector of doubles has lanes. A template
 * like rows_vector.h, whose kernels take the rows that do not fill a group.
 *
 * Each row is summed on its own, but what comes after (the tree over its lanes, the logarithm, the divisions)
 * takes as long for one row as for a vector of them: a chain of operations that wait for each other. A row
 * of few steps would spend most of its time there.
 *
 * Where logits are mapped, the exponentials of a group are kept in the tile of the workspace.
 */

/* What is known of the rows of a group, side by side. */
struct N(short_rows) {
    vec_f64 lanes[WIDTH_f64];
    vec_f64 spread_lanes[WIDTH_f64];
    /* One a lane; those beyond the group are not used. */
    REAL max[N(WIDTH)];
    REAL target_logit[N(WIDTH)];
    double target[WIDTH_f64];
    double target_weight[WIDTH_f64];
};

/* The first levels of the tree over the lanes of a row's one block. */
ALWAYS_INLINE vec_f64 N(top_of_short_row)(const N(vec) * block) {
    vec_f64 lanes[WIDE_STEP];
    for (int i = 0; i < WIDE_STEP; i++) {
        lanes[i] = set1_f64(0);
    }
    N(flush)(lanes, block);
    return N(top_of_tree)(lanes);
}

/* The remaining levels, for all rows of a group. */
ALWAYS_INLINE vec_f64 N(rest_of_tree)(vec_f64 *rows) {
    transpose_f64(rows);
    UNROLL for (int half = WIDTH_f64 / 2; half > 0; half /= 2) {
        UNROLL for (int i = 0; i < half; i++) { rows[i] = add_f64(rows[i], rows[i + half]); }
    }
    return rows[0];
}

/* An ignored row counts as one without logits; its results are 0 whatever is found. */
ALWAYS_INLINE void N(skip_short_row)(struct N(short_rows) * g, int r) {
    g->lanes[r] = g->spread_lanes[r] = set1_f64(0);
    g->max[r] = g->target_logit[r] = -(REAL)INFINITY;
    g->target[r] = -1;
    g->target_weight[r] = 0;
}

/* A row of a group as a block of which the maximum is taken. */
ALWAYS_INLINE struct N(ahead)
    N(short_row_ahead)(const struct xent_rows *rows, int64_t row, enum xent_source source, REAL *mapped) {
    struct N(ahead) block = {
        .logits = N(element_at)(rows->logits, row * rows->row_stride, xent_format_of(source)),
        .mask = xent_has_mask(source) ? xent_mask_of(rows, row) : 0,
        .mapped = mapped,
        .count = rows->classes,
    };
    return block;
}

/* Where the exponentials of row r of a group are kept: where the gradient goes, if they can be. */
ALWAYS_INLINE REAL *N(short_exponentials)(const struct xent_rows *rows, int64_t index, int r,
                                          enum xent_source source) {
    return source == SOURCE_PLAIN ? (REAL *)rows->gradient + (index + r) * rows->gradient_stride
                                  : N(tile)(rows) + r * rows->classes;
}

/* Sums row r of a group. *known is its maximum, and becomes that of the row after it; NaN if not known. */
ALWAYS_INLINE void N(sum_short_row)(struct N(short_rows) * g, const struct xent_rows *rows, int64_t index,
                                    int r, REAL *known, enum xent_spread spread, int keep,
                                    enum xent_source source, struct N(stage) * stage) {
    int64_t row = index + r, target = xent_target_of(rows, row);
    const REAL *weights = rows->class_weights;
    REAL *mapped = stage->blocks[stage->turn], *next_mapped = stage->blocks[stage->turn ^= 1];
    struct N(ahead) own = N(short_row_ahead)(rows, row, source, mapped);
    REAL max = *known;
    if (max != max) {
        max =
            source == SOURCE_PLAIN ? N(plain_max)(own.logits, own.count) : N(first_mapped_max)(&own, source);
    }
    const REAL *logits = source == SOURCE_PLAIN ? own.logits : mapped;
    int has_next = row + 1 < rows->rows && !xent_is_ignored(rows, row + 1);
    struct N(block) block = {
        .logits = logits,
        .count = rows->classes,
        .target = target,
        .weights = weights,
        .exponentials = keep ? N(short_exponentials)(rows, index, r, source) : 0,
    };
    if (has_next) {
        block.next = N(short_row_ahead)(rows, row + 1, source, next_mapped);
    }
    struct N(partials) p;
    p.shift = p.first_shift = N(set1)(max == -(REAL)INFINITY ? 0 : max);
    g->max[r] = max;
    g->target[r] = 0;
    g->target_logit[r] = target < 0 ? -(REAL)INFINITY : logits[target]; /* without target its term is 0 */
    g->target_weight[r] = target < 0 ? 0 : weights ? (double)weights[target] : 1;
    max = source == SOURCE_PLAIN ? N(sum_block)(&p, &block, spread, keep, SOURCE_PLAIN)
                                 : N(sum_mapped_block)(&p, &block, spread, keep, source);
    *known = has_next ? max : N(nan)();
    g->lanes[r] = N(top_of_short_row)(p.sum);
    if (spread != SPREAD_NONE) {
        g->spread_lanes[r] = N(top_of_short_row)(p.spread);
    }
}

/* Brings what was found of the rows together in vectors. */
ALWAYS_INLINE void N(gather_short_rows)(struct N(short_rows) * g, enum xent_spread spread,
                                        struct lane_sums *sums) {
    vec_f64 wide[N(WIDENED)];
    N(vec) max = N(load)(g->max), logit = N(load)(g->target_logit);
    N(vec) shift = N(drop)(N(equal)(max, N(set1)(-(REAL)INFINITY)), max);
    N(widen)(max, wide);
    sums->max = wide[0];
    N(widen)(shift, wide);
    sums->first_shift = wide[0];
    N(widen)(logit, wide);
    sums->target_logit = wide[0];
    N(widen)(N(exp_vec)(N(sub)(logit, shift)), wide);
    sums->target_term = wide[0];
    sums->target = load_f64(g->target);
    sums->target_weight = load_f64(g->target_weight);
    sums->others = N(rest_of_tree)(g->lanes);
    sums->spread_sum = spread == SPREAD_NONE ? set1_f64(0) : N(rest_of_tree)(g->spread_lanes);
}

/* Whether every (T) beta of some rows is finite; others need care that only the row-at-a-time kernel takes. */
ALWAYS_INLINE int N(are_betas_finite)(const struct xent_rows *rows, int64_t index, int count) {
    int are_finite = 1;
    for (int r = 0; r < count; r++) {
        are_finite &= isfinite((REAL)xent_coefficients_of(rows, index + r)->beta) != 0;
    }
    return are_finite;
}

/* Turns the exponentials of a group into the gradient. */
ALWAYS_INLINE void N(finish_short_gradients)(const struct xent_rows *rows, int64_t index,
                                             const struct lane_sums *sums, const struct lane_coefficients *c,
                                             enum xent_source source) {
    const enum xent_format format = xent_format_of(source);
    struct lane_gradients of;
    double ratio[WIDTH_f64], fill[WIDTH_f64], at_target[WIDTH_f64];
    lanes_gradient(&of, rows, sums, c);
    store_f64(ratio, of.ratio);
    store_f64(fill, of.fill);
    store_f64(at_target, of.at_target);
    struct N(pending) p = {
        .map = rows->class_weights ? N(WEIGHTED) : N(SHARED),
        .weights = rows->class_weights,
    };
    for (int r = 0; r < WIDTH_f64; r++) {
        void *gradient = N(element_at)(rows->gradient, (index + r) * rows->gradient_stride, format);
        REAL factor = (REAL)ratio[r], beta = (REAL)c->beta[r];
        p.mask = xent_has_mask(source) ? xent_mask_of(rows, index + r) : 0;
        if (!isfinite(factor)) {
            N(fill)(gradient, rows->classes, (REAL)fill[r], p.mask, format);
            continue;
        }
        p.from = N(short_exponentials)(rows, index, r, source);
        p.finish.factor = N(set1)(factor);
        p.finish.minus = N(set1)(rows->class_weights ? beta : -beta);
        N(finish_stretch)(&p, 0, rows->classes, gradient, format, 0);
        int64_t target = xent_target_of(rows, index + r);
        if (target >= 0 && (!p.mask || p.mask[target])) {
            N(put)(gradient, target, format, (REAL)at_target[r]);
        }
    }
}

/* Turns the logits of a group into log-softmax. */
ALWAYS_INLINE void N(finish_short_log_softmax)(const struct xent_rows *rows, int64_t index,
                                               const struct lane_sums *sums, vec_f64 log_sum) {
    double lse[WIDTH_f64], max[WIDTH_f64], rest[WIDTH_f64];
    store_f64(lse, lanes_lse(sums, log_sum));
    store_f64(max, sums->max);
    store_f64(rest, log_sum);
    struct N(pending) p = {.map = N(LOG)};
    for (int r = 0; r < WIDTH_f64; r++) {
        REAL *output = (REAL *)rows->gradient + (index + r) * rows->gradient_stride;
        if (!isfinite(lse[r])) {
            N(fill)(output, rows->classes, N(nan)(), 0, FORMAT_PLAIN);
            continue;
        }
        p.from = (const REAL *)rows->logits + (index + r) * rows->row_stride;
        p.finish.factor = N(set1)((REAL)max[r]);
        p.finish.minus = N(set1)((REAL)rest[r]);
        N(finish_stretch)(&p, 0, rows->classes, output, FORMAT_PLAIN, 0);
    }
}

/* Works on all full groups of rows, and returns the number of rows done. */
ALWAYS_INLINE int64_t N(short_groups)(const struct xent_rows *rows, enum xent_spread spread,
                                      enum N(purpose) purpose, enum xent_source source) {
    struct N(short_rows) g = {.max = {0}};
    struct N(stage) stage;
    stage.turn = 0;
    struct lane_coefficients c;
    int are_finite = 1;
    REAL known = N(nan)();
    int64_t index = 0;
    for (; index + WIDTH_f64 <= rows->rows; index += WIDTH_f64) {
        if (purpose == N(GRADIENT) && (index == 0 || rows->coefficient_step != 0)) {
            are_finite = N(are_betas_finite)(rows, index, WIDTH_f64);
            load_lane_coefficients(&c, rows, index);
        }
        if (!are_finite) {
            if (source == SOURCE_PLAIN) {
                N(gradient_rows)(rows, index, index + WIDTH_f64);
            } else {
                N(mapped_pass)(rows, index, index + WIDTH_f64, N(GRADIENT));
            }
            known = N(nan)();
            continue;
        }
        for (int r = 0; r < WIDTH_f64; r++) {
            if (xent_is_ignored(rows, index + r)) {
                N(skip_short_row)(&g, r);
            } else {
                N(sum_short_row)(&g, rows, index, r, &known, spread, purpose == N(GRADIENT), source, &stage);
            }
        }
        struct lane_sums sums;
        N(gather_short_rows)(&g, spread, &sums);
        vec_f64 log_sum = lanes_log_sum(&sums);
        lanes_results(rows, index, &sums, log_sum);
        if (purpose == N(GRADIENT)) {
            N(finish_short_gradients)(rows, index, &sums, &c, source);
        } else if (purpose == N(LOG_SOFTMAX)) {
            N(finish_short_log_softmax)(rows, index, &sums, log_sum);
        }
    }
    return index;
}

/* The same of rows that are mapped. */
static int64_t N(mapped_groups)(const struct xent_rows *rows, enum N(purpose) purpose) {
    enum xent_source source = N(mapped_source)(xent_source_of(rows));
    return purpose == N(FORWARD) ? N(short_groups)(rows, xent_spread_of(rows), N(FORWARD), source)
                                 : N(short_groups)(rows, xent_spread_of(rows), N(GRADIENT), source);
}
