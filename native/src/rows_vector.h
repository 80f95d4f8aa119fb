/*
 * The row kernels, one row at a time, in vectors. A template: included once for each element type, after
 * element_f32.h or element_f64.h and the vectors of an instruction set. kernels_scalar.c has the same
 * algorithm in its plainest form.
 *
 * A row is worked through in blocks. While the exponentials of a block are summed, which keeps the arithmetic
 * units busy, the maximum of the block that comes next is taken, which brings that block from memory into the
 * first-level cache; "next" goes across the end of the row. So every logit comes from memory once, and
 * without a wait.
 *
 * One step is LANES elements (128 bytes): as many registers as hold the partial sums of the canonical
 * algorithm.
 */

#undef STEP
#undef WIDE_STEP
/* Registers of a step. */
#define STEP (N(LANES) / N(WIDTH))
/* Doubles per vector of doubles, vectors of doubles per step. */
#define WIDE_STEP (N(LANES) / WIDTH_f64)

/* One block of a row and what is to be done with it. */
struct N(block) {
    const REAL *logits;
    int64_t count;
    int64_t target;      /* index in the block of the element left out; negative or at least count if it is
                            elsewhere */
    const REAL *weights; /* for a weighted spread */
    REAL *exponentials;  /* where they are kept; null if they are not */
    const REAL *next;    /* the block whose maximum is taken meanwhile */
    int64_t next_count;  /* 0 if there is none */
    int64_t ahead;       /* bytes from a logit to what is prefetched with it: the next row, which would
                          * otherwise wait until the output of this one has been written */
};

/* Partial sums of a block, and the maximum of the next one. */
struct N(partials) {
    N(vec) shift;
    N(vec) first_shift;
    N(vec) sum[STEP];
    N(vec) spread[STEP];
    N(vec) largest[STEP];
};

/* A bit for each of the first count lanes of a step. */
ALWAYS_INLINE uint32_t N(first_lanes)(int64_t count) {
    return count < N(LANES) ? (UINT32_C(1) << count) - 1 : (uint32_t)((UINT64_C(1) << N(LANES)) - 1);
}

/* The bits of a step that belong to one of its registers. */
ALWAYS_INLINE N(mask) N(register_lanes)(uint32_t bits, int reg) {
    return N(lanes)(bits >> (reg * N(WIDTH)) & ((UINT32_C(1) << N(WIDTH)) - 1));
}

/* Takes the maximum of the elements from first to count. NaN is skipped: it is never the second operand of
 * max. */
ALWAYS_INLINE void N(take_max)(N(vec) * largest, const REAL *x, int64_t first, int64_t count) {
    int64_t j = first;
    for (; j + N(LANES) <= count; j += N(LANES)) {
        UNROLL for (int r = 0; r < STEP; r++) {
            largest[r] = N(max)(N(load)(x + j + r * N(WIDTH)), largest[r]);
        }
    }
    if (j < count) {
        uint32_t live = N(first_lanes)(count - j);
        UNROLL for (int r = 0; r < STEP; r++) {
            N(mask) lanes = N(register_lanes)(live, r);
            largest[r] = N(max)(N(load_lanes)(x + j + r * N(WIDTH), lanes, largest[r]), largest[r]);
        }
    }
}

/* The largest element of a step's registers. */
ALWAYS_INLINE REAL N(largest_of)(const N(vec) * largest) {
    N(vec) all = largest[0];
    UNROLL for (int r = 1; r < STEP; r++) { all = N(max)(all, largest[r]); }
    return N(largest)(all);
}

/* The largest of count elements; -inf if there is none. */
static REAL N(block_max)(const REAL *x, int64_t count) {
    N(vec) largest[STEP];
    UNROLL for (int r = 0; r < STEP; r++) { largest[r] = N(set1)(-(REAL)INFINITY); }
    N(take_max)(largest, x, 0, count);
    return N(largest_of)(largest);
}

/* Adds the spread's terms of one register. Elements of weight 0 are left out, whatever their logit is. */
ALWAYS_INLINE void N(add_spread)(struct N(partials) * p, int r, N(vec) logits, N(vec) weights, N(mask) live,
                                 int masked, enum xent_spread spread) {
    N(vec) distance = N(sub)(logits, p->first_shift);
    if (masked) {
        distance = N(keep)(live, distance);
    }
    if (spread == SPREAD_WEIGHTED) {
        distance = N(drop)(N(equal)(weights, N(set1)(0)), distance);
        p->spread[r] = N(fma)(weights, distance, p->spread[r]);
    } else if (spread == SPREAD_PLAIN) {
        p->spread[r] = N(add)(p->spread[r], distance);
    }
}

/*
 * The step at element j, of which only some lanes take part: the step with the target, and the last one of a
 * row. The others are loaded as -inf, whose exponential is 0.
 */
ALWAYS_INLINE void N(sum_some_lanes)(struct N(partials) * p, const struct N(block) * b, int64_t j,
                                     enum xent_spread spread) {
    uint32_t present = N(first_lanes)(b->count - j);
    uint32_t live = present;
    if (b->target >= j && b->target < j + N(LANES)) {
        live &= ~(UINT32_C(1) << (b->target - j));
    }
    UNROLL for (int r = 0; r < STEP; r++) {
        int64_t at = j + r * N(WIDTH);
        N(mask) lanes = N(register_lanes)(live, r);
        N(vec) logits = N(load_lanes)(b->logits + at, lanes, N(set1)(-(REAL)INFINITY));
        N(vec) e = N(exp_vec)(N(sub)(logits, p->shift));
        if (b->exponentials) {
            N(store_lanes)(b->exponentials + at, N(register_lanes)(present, r), e);
        }
        p->sum[r] = N(add)(p->sum[r], e);
        if (spread != SPREAD_NONE) {
            N(vec) zero = N(set1)(0);
            N(vec) w = spread == SPREAD_WEIGHTED ? N(load_lanes)(b->weights + at, lanes, zero) : zero;
            N(add_spread)(p, r, logits, w, lanes, 1, spread);
        }
    }
}

/*
 * The hot loop: whole steps from element j to end, and the maximum of the steps of the next block from next
 * on. Where the next block has no step left, advance is 0 and the maximum is taken of something harmless.
 */
ALWAYS_INLINE void N(sum_steps)(struct N(partials) * p, const struct N(block) * b, int64_t j, int64_t end,
                                const REAL *next, int64_t advance, enum xent_spread spread, int keep,
                                int ahead) {
    for (; j < end; j += N(LANES), next += advance) {
        if (ahead) {
            uintptr_t far = (uintptr_t)(b->logits + j) + (uintptr_t)b->ahead;
            prefetch_line(far);
            prefetch_line(far + 64);
        }
        UNROLL for (int r = 0; r < STEP; r++) {
            int64_t at = j + r * N(WIDTH);
            N(vec) logits = N(load)(b->logits + at);
            N(vec) e = N(exp_vec)(N(sub)(logits, p->shift));
            p->largest[r] = N(max)(N(load)(next + r * N(WIDTH)), p->largest[r]);
            if (keep) {
                N(store)(b->exponentials + at, e);
            }
            p->sum[r] = N(add)(p->sum[r], e);
            if (spread != SPREAD_NONE) {
                N(vec) w = spread == SPREAD_WEIGHTED ? N(load)(b->weights + at) : logits;
                N(add_spread)(p, r, logits, w, N(lanes)(0), 0, spread);
            }
        }
    }
}

/* Sums a block into p, and returns the maximum of the next one. */
ALWAYS_INLINE REAL N(sum_block)(struct N(partials) * out, const struct N(block) * b, enum xent_spread spread,
                                int keep, int ahead) {
    struct N(partials) p = *out; /* a copy, so that the sums live in registers */
    int64_t whole = b->count / N(LANES) * N(LANES);
    int64_t next_whole = b->next_count / N(LANES) * N(LANES);
    int64_t paired = next_whole < whole ? next_whole : whole;
    int64_t apart = b->target >= 0 && b->target < whole ? b->target / N(LANES) * N(LANES) : whole;
    UNROLL for (int r = 0; r < STEP; r++) {
        p.sum[r] = p.spread[r] = N(set1)(0);
        p.largest[r] = N(set1)(-(REAL)INFINITY);
    }
    int64_t j = 0;
    while (j < whole) {
        int64_t end = j < apart ? apart : whole;
        int64_t advance = 0;
        const REAL *next = b->next; /* its first step once more changes no maximum */
        if (j < paired) {
            end = end < paired ? end : paired;
            advance = N(LANES);
            next += j;
        } else if (paired == 0) {
            next = b->logits; /* there is no step to read at all; see below */
        }
        if (j == apart) {
            N(sum_some_lanes)(&p, b, j, spread);
            end = j + N(LANES);
            if (advance) {
                N(take_max)(p.largest, b->next, j, end);
            }
        } else {
            N(sum_steps)(&p, b, j, end, next, advance, spread, keep, ahead);
        }
        j = end;
    }
    if (paired == 0) {
        UNROLL for (int r = 0; r < STEP; r++) { p.largest[r] = N(set1)(-(REAL)INFINITY); }
    }
    if (whole < b->count) {
        N(sum_some_lanes)(&p, b, whole, spread);
    }
    N(take_max)(p.largest, b->next, paired, b->next_count);
    UNROLL for (int r = 0; r < STEP; r++) {
        out->sum[r] = p.sum[r];
        out->spread[r] = p.spread[r];
    }
    return N(largest_of)(p.largest);
}

/* Adds the partial sums of a block to those of the row. */
ALWAYS_INLINE void N(flush)(vec_f64 *row, const N(vec) * block) {
    UNROLL for (int r = 0; r < STEP; r++) {
        vec_f64 wide[N(WIDENED)];
        N(widen)(block[r], wide);
        UNROLL for (int i = 0; i < N(WIDENED); i++) {
            int at = r * N(WIDENED) + i;
            row[at] = add_f64(row[at], wide[i]);
        }
    }
}

/* The tree sum of the lanes. */
ALWAYS_INLINE double N(tree)(const vec_f64 *lanes) {
    vec_f64 level[WIDE_STEP];
    UNROLL for (int i = 0; i < WIDE_STEP; i++) { level[i] = lanes[i]; }
    UNROLL for (int half = WIDE_STEP / 2; half > 0; half /= 2) {
        UNROLL for (int i = 0; i < half; i++) { level[i] = add_f64(level[i], level[i + half]); }
    }
    return tree_of_vector(level[0]);
}

/* One row and where its parts go. */
struct N(row) {
    const REAL *logits;
    int64_t classes;
    int64_t target; /* -1 if there is none */
    const REAL *weights;
    REAL *exponentials; /* null if not wanted */
    REAL *maxima; /* of the blocks, as they stood when their exponentials were taken; null if not wanted */
    const REAL *next; /* the row after this one; null if there is none */
    int64_t ahead;
};

/* Rescales the sums of a row when its maximum moves. */
static void N(rescale)(vec_f64 *lanes, double factor) {
    for (int i = 0; i < WIDE_STEP; i++) {
        lanes[i] = mul_f64(lanes[i], set1_f64(factor));
    }
}

/*
 * Sums a row. On entry *next_max is the maximum of the row's first block, on return that of the next row's.
 */
ALWAYS_INLINE void N(sum_row)(const struct N(row) * row, struct row_sums *sums, REAL *next_max,
                              enum xent_spread spread, int keep, int ahead) {
    vec_f64 total[WIDE_STEP], spread_total[WIDE_STEP];
    for (int i = 0; i < WIDE_STEP; i++) {
        total[i] = spread_total[i] = set1_f64(0);
    }
    /* In place, the exponentials overwrite the logits: what is needed of these later is read now. */
    REAL target_logit = row->target >= 0 ? row->logits[row->target] : 0;
    REAL max = -(REAL)INFINITY, shift = 0, first_shift = 0, block_max = *next_max;
    struct N(partials) p;
    for (int64_t start = 0; start < row->classes; start += N(BLOCK)) {
        if (block_max > max) {
            if (start > 0) {
                N(rescale)(total, exp_f64((double)max - (double)block_max));
            }
            max = block_max;
        }
        shift = max == -(REAL)INFINITY ? 0 : max;
        first_shift = start == 0 ? shift : first_shift;
        if (row->maxima) {
            row->maxima[start / N(BLOCK)] = max;
        }
        int64_t left = row->classes - start;
        int64_t next_left = left - N(BLOCK) > 0 ? left - N(BLOCK) : row->next ? row->classes : 0;
        struct N(block) block = {
            .logits = row->logits + start,
            .count = left < N(BLOCK) ? left : N(BLOCK),
            .target = row->target - start,
            .weights = spread == SPREAD_WEIGHTED ? row->weights + start : row->weights,
            .exponentials = keep ? row->exponentials + start : 0,
            .next = left > N(BLOCK) ? row->logits + start + N(BLOCK) : row->next,
            .next_count = next_left < N(BLOCK) ? next_left : N(BLOCK),
            .ahead = row->ahead,
        };
        p.shift = N(set1)(shift);
        p.first_shift = N(set1)(first_shift);
        block_max = N(sum_block)(&p, &block, spread, keep, ahead);
        N(flush)(total, p.sum);
        if (spread != SPREAD_NONE) {
            N(flush)(spread_total, p.spread);
        }
    }
    *next_max = block_max;
    sums->max = (double)max;
    sums->first_shift = (double)first_shift;
    sums->others = N(tree)(total);
    sums->spread_sum = spread == SPREAD_NONE ? 0 : N(tree)(spread_total);
    sums->target_logit = (double)target_logit;
    sums->target_term = row->target >= 0 ? (double)N(exp)(target_logit - shift) : 0;
    sums->target_weight = row->target < 0 ? 0 : row->weights ? (double)row->weights[row->target] : 1;
}

/* The map of the last pass over a row: e k, or fma(e, k, -bw), or (x - M) - L. */
enum N(map) { N(PRODUCT), N(SHARED), N(WEIGHTED), N(LOG) };

struct N(finish) {
    N(vec) factor; /* k; M */
    N(vec) minus;  /* -bw, or (T) beta if weighted; L */
    const REAL *weights;
};

ALWAYS_INLINE N(vec) N(finished)(const struct N(finish) * f, N(vec) value, N(vec) weights, enum N(map) map) {
    switch (map) {
    case N(PRODUCT):
        return N(mul)(value, f->factor);
    case N(SHARED):
        return N(fma)(value, f->factor, f->minus);
    case N(WEIGHTED):
        return N(fma)(value, f->factor, N(negate)(N(mul)(f->minus, weights)));
    default:
        return N(sub)(N(sub)(value, f->factor), f->minus);
    }
}

/* Maps some lanes of a register. */
ALWAYS_INLINE void N(finish_some_lanes)(const struct N(finish) * f, const REAL *from, REAL *to, int64_t j,
                                        int64_t count, enum N(map) map) {
    N(mask) lanes = N(lanes)(N(first_lanes)(count) & ((UINT32_C(1) << N(WIDTH)) - 1));
    N(vec) zero = N(set1)(0);
    N(vec) w = map == N(WEIGHTED) ? N(load_lanes)(f->weights + j, lanes, zero) : zero;
    N(store_lanes)(to + j, lanes, N(finished)(f, N(load_lanes)(from + j, lanes, zero), w, map));
}

/* Maps count elements. Streaming starts at the first whole cache line; the parts of lines at both ends are
 * stored. */
ALWAYS_INLINE void N(finish_elements)(const struct N(finish) * f, const REAL *from, REAL *to, int64_t count,
                                      enum N(map) map, int stream) {
    int64_t j = 0;
    if (stream) {
        int64_t head = (int64_t)((0 - (uintptr_t)to) % 64 / sizeof(REAL));
        head = head < count ? head : count;
        for (; j < head; j += N(WIDTH)) {
            N(finish_some_lanes)(f, from, to, j, head - j, map);
        }
        j = head;
    }
    for (; j + N(LANES) <= count; j += N(LANES)) {
        UNROLL for (int r = 0; r < STEP; r++) {
            int64_t at = j + r * N(WIDTH);
            N(vec) value = N(load)(from + at);
            N(vec) w = map == N(WEIGHTED) ? N(load)(f->weights + at) : value;
            if (stream) {
                N(stream)(to + at, N(finished)(f, value, w, map));
            } else {
                N(store)(to + at, N(finished)(f, value, w, map));
            }
        }
    }
    for (; j < count; j += N(WIDTH)) {
        N(finish_some_lanes)(f, from, to, j, count - j, map);
    }
}

/* Chooses the map once for a stretch of a row, not for each element. */
static void N(finish_block)(const struct N(finish) * f, const REAL *from, REAL *to, int64_t count,
                            enum N(map) map, int stream) {
    if (map == N(PRODUCT)) {
        if (stream) {
            N(finish_elements)(f, from, to, count, N(PRODUCT), 1);
        } else {
            N(finish_elements)(f, from, to, count, N(PRODUCT), 0);
        }
    } else if (map == N(SHARED)) {
        if (stream) {
            N(finish_elements)(f, from, to, count, N(SHARED), 1);
        } else {
            N(finish_elements)(f, from, to, count, N(SHARED), 0);
        }
    } else if (map == N(WEIGHTED)) {
        N(finish_elements)(f, from, to, count, N(WEIGHTED), stream);
    } else {
        N(finish_elements)(f, from, to, count, N(LOG), stream);
    }
}

/* Sets count elements. */
static void N(fill)(REAL *to, int64_t count, REAL value) {
    for (int64_t j = 0; j < count; j++) {
        to[j] = value;
    }
}

/* Replaces every NaN by the canonical one; needed only where beta is NaN or infinite. */
static void N(canonicalise)(REAL *values, int64_t count) {
    for (int64_t j = 0; j < count; j++) {
        values[j] = N(canonical)(values[j]);
    }
}

/* Turns the exponentials of a row into its gradient. */
static void N(finish_gradient)(const struct xent_rows *rows, int64_t index, const struct N(row) * row,
                               const struct row_sums *sums, REAL *gradient, int stream) {
    const xent_coefficients *c = xent_coefficients_of(rows, index);
    double ratio = c->alpha / row_total(sums);
    if (row_is_empty(sums)) {
        N(fill)(gradient, row->classes, rows->empty_rows_zero ? 0 : N(nan)());
        return;
    }
    if (!isfinite((REAL)ratio)) {
        N(fill)(gradient, row->classes, N(nan)());
        return;
    }
    REAL beta = (REAL)c->beta;
    int beta_is_finite = isfinite(beta);
    enum N(map) map = row->weights ? N(WEIGHTED) : N(SHARED);
    if (beta == 0 && !signbit(beta) && !row->weights) {
        map = N(PRODUCT); /* adding -0 changes nothing */
    }
    struct N(finish) finish = {.minus = N(set1)(row->weights ? beta : -beta)};
    for (int64_t start = 0; start < row->classes; start += N(BLOCK)) {
        double max = (double)row->maxima[start / N(BLOCK)];
        double factor = max == sums->max ? ratio : ratio * exp_f64(max - sums->max);
        int64_t left = row->classes - start;
        finish.factor = N(set1)((REAL)factor);
        finish.weights = row->weights ? row->weights + start : row->weights;
        N(finish_block)
        (&finish, row->exponentials + start, gradient + start, left < N(BLOCK) ? left : N(BLOCK), map,
         stream && beta_is_finite);
    }
    if (row->target >= 0) {
        gradient[row->target] = N(canonical)((REAL)row_target_gradient(sums, c));
    }
    if (!beta_is_finite) {
        N(canonicalise)(gradient, row->classes);
    }
}

/* Turns the logits of a row into log-softmax. */
static void N(finish_log_softmax)(const struct N(row) * row, const struct row_sums *sums, double log_sum,
                                  REAL *output, int stream) {
    if (!isfinite(row_lse(sums, log_sum))) {
        N(fill)(output, row->classes, N(nan)());
        return;
    }
    struct N(finish) finish = {.factor = N(set1)((REAL)sums->max), .minus = N(set1)((REAL)log_sum)};
    N(finish_block)(&finish, row->logits, output, row->classes, N(LOG), stream);
}

/* What a pass over the rows is for. */
enum N(purpose) { N(FORWARD), N(GRADIENT), N(GRADIENT_STREAMED), N(LOG_SOFTMAX), N(LOG_SOFTMAX_STREAMED) };

/* The first row from index on that is not ignored, or end. Ignored rows that are passed get their results. */
static int64_t N(skip_ignored)(const struct xent_rows *rows, int64_t index, int64_t end, int has_gradient) {
    for (; index < end && xent_is_ignored(rows, index); index++) {
        row_ignored(rows, index);
        if (has_gradient) {
            N(fill)((REAL *)rows->gradient + index * rows->gradient_stride, rows->classes, 0);
        }
    }
    return index;
}

/* Works on the rows from index to end. */
ALWAYS_INLINE void N(pass)(const struct xent_rows *rows, int64_t index, int64_t end, enum xent_spread spread,
                           enum N(purpose) purpose) {
    const int has_gradient = purpose == N(GRADIENT) || purpose == N(GRADIENT_STREAMED);
    const int streamed = purpose == N(GRADIENT_STREAMED) || purpose == N(LOG_SOFTMAX_STREAMED);
    const REAL *logits = rows->logits;
    REAL *maxima = rows->workspace;
    REAL *spare = (REAL *)((char *)rows->workspace +
                           xent_padded_bytes(xent_block_count(rows->classes, N(BLOCK)), sizeof(REAL)));
    index = N(skip_ignored)(rows, index, end, has_gradient);
    if (index >= end) {
        return;
    }
    int64_t first_count = rows->classes < N(BLOCK) ? rows->classes : N(BLOCK);
    REAL next_max = N(block_max)(logits + index * rows->row_stride, first_count);
    while (index < end) {
        int64_t following = N(skip_ignored)(rows, index + 1, end, has_gradient);
        REAL *gradient = has_gradient ? (REAL *)rows->gradient + index * rows->gradient_stride : 0;
        struct N(row) row = {
            .logits = logits + index * rows->row_stride,
            .classes = rows->classes,
            .target = xent_target_of(rows, index),
            .weights = rows->class_weights,
            .exponentials = streamed ? spare : gradient,
            .maxima = has_gradient ? maxima : 0,
            .next = following < end ? logits + following * rows->row_stride : 0,
            .ahead = rows->row_stride * (int64_t)sizeof(REAL),
        };
        struct row_sums sums;
        N(sum_row)(&row, &sums, &next_max, spread, has_gradient, purpose != N(FORWARD));
        double log_sum = row_log_sum(&sums);
        row_results(rows, index, &sums, log_sum);
        if (has_gradient) {
            N(finish_gradient)(rows, index, &row, &sums, gradient, streamed);
        } else if (purpose != N(FORWARD)) {
            REAL *output = (REAL *)rows->gradient + index * rows->gradient_stride;
            N(finish_log_softmax)(&row, &sums, log_sum, output, streamed);
        }
        index = following;
    }
    if (streamed) {
        finish_streaming(); /* streamed stores become visible to other threads before the call returns */
    }
}

static void N(forward_rows)(const struct xent_rows *rows, int64_t index, int64_t end) {
    switch (xent_spread_of(rows)) {
    case SPREAD_NONE:
        N(pass)(rows, index, end, SPREAD_NONE, N(FORWARD));
        break;
    case SPREAD_PLAIN:
        N(pass)(rows, index, end, SPREAD_PLAIN, N(FORWARD));
        break;
    case SPREAD_WEIGHTED:
        N(pass)(rows, index, end, SPREAD_WEIGHTED, N(FORWARD));
        break;
    }
}

static void N(gradient_rows)(const struct xent_rows *rows, int64_t index, int64_t end) {
    int stream = xent_should_stream(rows, sizeof(REAL));
    switch (xent_spread_of(rows)) {
    case SPREAD_NONE:
        if (stream) {
            N(pass)(rows, index, end, SPREAD_NONE, N(GRADIENT_STREAMED));
        } else {
            N(pass)(rows, index, end, SPREAD_NONE, N(GRADIENT));
        }
        break;
    case SPREAD_PLAIN:
        if (stream) {
            N(pass)(rows, index, end, SPREAD_PLAIN, N(GRADIENT_STREAMED));
        } else {
            N(pass)(rows, index, end, SPREAD_PLAIN, N(GRADIENT));
        }
        break;
    case SPREAD_WEIGHTED:
        if (stream) {
            N(pass)(rows, index, end, SPREAD_WEIGHTED, N(GRADIENT_STREAMED));
        } else {
            N(pass)(rows, index, end, SPREAD_WEIGHTED, N(GRADIENT));
        }
        break;
    }
}

static void N(log_softmax_rows)(const struct xent_rows *rows, int64_t index, int64_t end) {
    if (xent_should_stream(rows, sizeof(REAL))) {
        N(pass)(rows, index, end, SPREAD_NONE, N(LOG_SOFTMAX_STREAMED));
    } else {
        N(pass)(rows, index, end, SPREAD_NONE, N(LOG_SOFTMAX));
    }
}
