/*
 * Binary cross-entropy of logits in vectors. A template like rows_vector.h.
 *
 * A row is worked through in chunks, and each chunk in phases: exponentials, losses, gradients. In one phase instead of
 * three the chain of operations on a register is so long that the processor sees too few of them at a time to fill its
 * units: 0.25 nanoseconds for the exponential and logarithm of an element on Zen 5, and 0.19 in two phases.
 */

/* Elements of a chunk: whole steps. Its exponentials stay in the first-level cache. */
enum { N(CHUNK) = N(BLOCK) / 2 };

/* The operands of a chunk, or of a copy of its last elements that fills a step. */
struct N(logistic) {
    const REAL *logits, *targets, *weights, *column; /* the last two may be null */
    REAL *gradient, *losses;                         /* null if not wanted */
    N(vec) factor;
};

/* Partial sums of a block, and all sign bits of targets t and of 1 - t so far. */
struct N(logistic_sums) {
    N(vec) lane[STEP];
    N(vec) signs;
};

/*
 * Fetches the two lines of a step that a later phase will read: the targets while exponentials are taken, and the logits of
 * the next chunk while losses are. Otherwise each phase would begin with a wait, since the processor looks ahead within a
 * page and a stream only.
 */
ALWAYS_INLINE void N(logistic_fetch)(const REAL *at, uintptr_t ahead) {
    prefetch_line((uintptr_t)at + ahead);
    prefetch_line((uintptr_t)at + ahead + 64);
}

ALWAYS_INLINE void N(logistic_decays)(const REAL *logits, const REAL *targets, REAL *decays, int64_t count) {
    N(vec) sign = N(set1)(-(REAL)0.0);
    for (int64_t j = 0; j < count; j += N(LANES)) {
        N(logistic_fetch)(targets + j, 0);
        UNROLL for (int r = 0; r < STEP; r++) {
            int64_t at = j + r * N(WIDTH);
            N(store)(decays + at, N(exp_vec)(N(or)(N(load)(logits + at), sign)));
        }
    }
}

/* The factors p and n of the element's two sides. */
ALWAYS_INLINE N(vec) N(of_positive)(const struct N(logistic) * c, int64_t at, int is_weighted) {
    N(vec) p = N(load)(c->targets + at);
    if (is_weighted && c->column) {
        p = N(mul)(N(load)(c->column + at), p);
    }
    return is_weighted && c->weights ? N(mul)(N(load)(c->weights + at), p) : p;
}

ALWAYS_INLINE N(vec) N(of_negative)(const struct N(logistic) * c, int64_t at, int is_weighted) {
    N(vec) n = N(sub)(N(set1)(1), N(load)(c->targets + at));
    return is_weighted && c->weights ? N(mul)(N(load)(c->weights + at), n) : n;
}

/* 0 where the weight of an element leaves it out. */
ALWAYS_INLINE N(vec) N(left_out)(const struct N(logistic) * c, int64_t at, N(vec) value, int is_weighted) {
    return is_weighted && c->weights ? N(drop)(N(equal)(N(load)(c->weights + at), N(set1)(0)), value) : value;
}

/* The losses of a register; names are those of the definition. */
ALWAYS_INLINE N(vec)
    N(logistic_loss)(const struct N(logistic) * c, const REAL *decays, int64_t at, int is_weighted) {
    N(vec) zero = N(set1)(0);
    N(vec) x = N(load)(c->logits + at), l = N(log1p_vec)(N(load)(decays + at));
    N(vec) of_p = N(add)(l, N(max)(N(negate)(x), zero)), of_n = N(add)(l, N(max)(x, zero));
    N(vec) p = N(of_positive)(c, at, is_weighted), n = N(of_negative)(c, at, is_weighted);
    N(vec) loss = N(drop)(N(equal)(p, zero), N(mul)(p, of_p));
    loss = N(select)(N(equal)(n, zero), loss, N(fma)(n, of_n, loss));
    if (is_weighted && c->column) {
        loss = N(fma)(l, zero, loss);
    }
    return N(left_out)(c, at, loss, is_weighted);
}

/* Adds the losses of count elements, whole steps, to the sums. */
ALWAYS_INLINE void N(logistic_losses)(const struct N(logistic) * c, const REAL *decays, int64_t count,
                                      struct N(logistic_sums) * sums, int is_weighted) {
    struct N(logistic_sums) s = *sums; /* a copy, so that the sums live in registers */
    for (int64_t j = 0; j < count; j += N(LANES)) {
        N(logistic_fetch)(c->logits + j, N(CHUNK) * sizeof(REAL));
        UNROLL for (int r = 0; r < STEP; r++) {
            int64_t at = j + r * N(WIDTH);
            N(vec) loss = N(logistic_loss)(c, decays, at, is_weighted);
            s.lane[r] = N(add)(s.lane[r], loss);
            N(vec) t = N(load)(c->targets + at);
            s.signs = N(or)(s.signs, N(or)(t, N(sub)(N(set1)(1), t)));
            if (is_weighted && c->losses) {
                N(store)(c->losses + at, N(canonical_vec)(loss));
            }
        }
    }
    *sums = s;
}

ALWAYS_INLINE void N(logistic_gradients)(const struct N(logistic) * c, const REAL *decays, int64_t count,
                                         int is_weighted, int stream) {
    N(vec) one = N(set1)(1), zero = N(set1)(0);
    for (int64_t j = 0; j < count; j += N(LANES)) {
        UNROLL for (int r = 0; r < STEP; r++) {
            int64_t at = j + r * N(WIDTH);
            N(vec) e = N(load)(decays + at);
            N(vec) q = N(div)(one, N(add)(one, e));
            N(vec) eq = N(mul)(e, q);
            N(mask) is_negative = N(less)(N(load)(c->logits + at), zero);
            N(vec) s = N(select)(is_negative, eq, q), z = N(select)(is_negative, q, eq);
            N(vec) p = N(of_positive)(c, at, is_weighted), n = N(of_negative)(c, at, is_weighted);
            N(vec) g = N(mul)(c->factor, N(fma)(n, s, N(negate)(N(mul)(p, z))));
            g = N(left_out)(c, at, N(canonical_vec)(g), is_weighted);
            if (stream) {
                N(stream)(c->gradient + at, g);
            } else {
                N(store)(c->gradient + at, g);
            }
        }
    }
}

/* All phases over count elements, whole steps and no more than a chunk. */
ALWAYS_INLINE void N(logistic_chunk)(const struct N(logistic) * c, int64_t count,
                                     struct N(logistic_sums) * sums, int is_weighted, int stream) {
    _Alignas(64) REAL decays[N(CHUNK)];
    N(logistic_decays)(c->logits, c->targets, decays, count);
    N(logistic_losses)(c, decays, count, sums, is_weighted);
    if (c->gradient && stream && (uintptr_t)c->gradient % 64 == 0) {
        N(logistic_gradients)(c, decays, count, is_weighted, 1);
    } else if (c->gradient) {
        N(logistic_gradients)(c, decays, count, is_weighted, 0);
    }
}

static void N(copy)(REAL *to, const REAL *from, int64_t count) {
    for (int64_t j = 0; j < count; j++) {
        to[j] = from[j];
    }
}

/*
 * The last elements of a row, fewer than a step, on copies. What lies behind them has weight 0, so that it adds nothing
 * to the sums.
 */
static void N(logistic_rest)(const struct N(logistic) * c, int64_t count, struct N(logistic_sums) * sums) {
    REAL logits[N(LANES)] = {0}, targets[N(LANES)] = {0}, weights[N(LANES)] = {0}, column[N(LANES)] = {0};
    REAL gradient[N(LANES)], losses[N(LANES)];
    N(copy)(logits, c->logits, count);
    N(copy)(targets, c->targets, count);
    for (int64_t j = 0; j < count; j++) {
        weights[j] = c->weights ? c->weights[j] : 1;
        column[j] = c->column ? c->column[j] : 1;
    }
    struct N(logistic) padded = {.logits = logits,
                                 .targets = targets,
                                 .weights = weights,
                                 .column = c->column ? column : 0,
                                 .gradient = c->gradient ? gradient : 0,
                                 .losses = c->losses ? losses : 0,
                                 .factor = c->factor};
    N(logistic_chunk)(&padded, N(LANES), sums, 1, 0);
    if (c->gradient) {
        N(copy)(c->gradient, gradient, count);
    }
    if (c->losses) {
        N(copy)(c->losses, losses, count);
    }
}

/* The operands from an element on. */
ALWAYS_INLINE struct N(logistic) N(logistic_from)(const struct N(logistic) * c, int64_t j, int is_weighted) {
    struct N(logistic) from = {.logits = c->logits + j, .targets = c->targets + j, .factor = c->factor};
    from.gradient = c->gradient ? c->gradient + j : c->gradient;
    if (is_weighted) {
        from.weights = c->weights ? c->weights + j : c->weights;
        from.column = c->column ? c->column + j : c->column;
        from.losses = c->losses ? c->losses + j : c->losses;
    }
    return from;
}

/* Whether a target is below 0 or above 1. */
static int N(logistic_outside)(const REAL *targets, int64_t count) {
    for (int64_t j = 0; j < count; j++) {
        if (targets[j] < 0 || targets[j] > 1) {
            return 1;
        }
    }
    return 0;
}

/* The sum of a row. A sign bit may also be that of a -0 or of a NaN, so where there is one it is looked at closely. */
ALWAYS_INLINE double N(logistic_row)(const struct N(logistic) * row, int64_t columns, int is_weighted,
                                     int stream) {
    vec_f64 total[WIDE_STEP];
    UNROLL for (int i = 0; i < WIDE_STEP; i++) { total[i] = set1_f64(0); }
    struct N(logistic_sums) sums = {.signs = N(set1)(0)};
    for (int64_t start = 0; start < columns; start += N(BLOCK)) {
        UNROLL for (int r = 0; r < STEP; r++) { sums.lane[r] = N(set1)(0); }
        int64_t end = columns - start < N(BLOCK) ? columns : start + N(BLOCK);
        for (int64_t j = start; j < end; j += N(CHUNK)) {
            struct N(logistic) c = N(logistic_from)(row, j, is_weighted);
            int64_t count = end - j < N(CHUNK) ? end - j : N(CHUNK);
            int64_t whole = count / N(LANES) * N(LANES);
            N(logistic_chunk)(&c, whole, &sums, is_weighted, stream);
            if (whole < count) {
                struct N(logistic) rest = N(logistic_from)(&c, whole, is_weighted);
                N(logistic_rest)(&rest, count - whole, &sums);
            }
        }
        N(flush)(total, sums.lane);
    }
    int is_outside = N(any_sign)(sums.signs) && N(logistic_outside)(row->targets, columns);
    return is_outside ? nan_f64() : N(tree)(total);
}

/* Whether the gradient bypasses the cache, which three matrices of this size do not fit: see xent_exceeds_cache. */
ALWAYS_INLINE int N(logistic_streams)(const struct xent_logistic *call) {
    return call->gradient && call->gradient != call->logits &&
           xent_exceeds_cache(3, call->rows * call->columns, sizeof(REAL));
}

ALWAYS_INLINE void N(logistic_rows)(const struct xent_logistic *call, int is_weighted) {
    int stream = N(logistic_streams)(call);
    for (int64_t i = 0; i < call->rows; i++) {
        struct N(logistic) row = {.logits = (const REAL *)call->logits + i * call->logits_stride,
                                  .targets = (const REAL *)call->targets + i * call->targets_stride};
        if (is_weighted) {
            row.weights = call->weights ? (const REAL *)call->weights + i * call->weights_stride : 0;
            row.column = call->column;
            row.losses = call->losses ? (REAL *)call->losses + i * call->columns : 0;
        }
        if (call->gradient) {
            row.gradient = (REAL *)call->gradient + i * call->gradient_stride;
            row.factor = N(set1)((REAL)call->factors[i * call->factor_step]);
        }
        call->sums[i] = canonical_f64(N(logistic_row)(&row, call->columns, is_weighted, stream));
    }
    if (stream) {
        finish_streaming();
    }
}

static void N(logistic)(const struct xent_logistic *call) {
    if (call->weights || call->column || call->losses) {
        N(logistic_rows)(call, 1);
    } else {
        N(logistic_rows)(call, 0);
    }
}
