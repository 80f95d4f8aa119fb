/*
 * The sums of one block of a row, in vectors. A template like row_ahead.h, which it builds on.
 *
 * While the exponentials of a block are summed, which keeps the arithmetic units busy, the maximum of the
 * block that comes next is taken; "next" goes across the end of the row. So every logit comes from memory
 * once.
 */

#undef WIDE_STEP
/* Doubles per vector of doubles, vectors of doubles per step. */
#define WIDE_STEP (N(LANES) / WIDTH_f64)

/* One block of a row and what is to be done with it. */
struct N(block) {
    const REAL *logits; /* mapped, if the source is */
    int64_t count;
    int64_t target;       /* index in the block of the element left out; negative or at least count if it is
                       elsewhere */
    const REAL *weights;  /* for a weighted spread */
    REAL *exponentials;   /* where they are kept; null if they are not */
    struct N(ahead) next; /* the block whose maximum is taken meanwhile */
};

/* Partial sums of a block, and the maximum of the next one. */
struct N(partials) {
    N(vec) shift;
    N(vec) first_shift;
    N(vec) sum[STEP];
    N(vec) spread[STEP];
    N(vec) largest[STEP];
};

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

/* The exponentials of registers from element j on, and the maximum of as many of the next block from its element
 * at_next on. */
ALWAYS_INLINE void N(sum_registers)(struct N(partials) * p, const struct N(block) * b, int64_t j,
                                    const void *next, int64_t at_next, int64_t advance,
                                    enum xent_spread spread, int keep, enum xent_source source,
                                    int registers) {
    N(vec) e[EXP_REGISTERS];
    UNROLL for (int i = 0; i < registers; i++) {
        e[i] = N(sub)(N(load)(b->logits + j + i * N(WIDTH)), p->shift);
    }
    N(exp_vecs)(e, registers);
    UNROLL for (int i = 0; i < registers; i++) {
        int r = i % STEP;
        int64_t at = j + i * N(WIDTH);
        if (spread != SPREAD_NONE) { /* before the exponentials overwrite the logits */
            N(vec) logits = N(load)(b->logits + at);
            N(vec) w = spread == SPREAD_WEIGHTED ? N(load)(b->weights + at) : logits;
            N(add_spread)(p, r, logits, w, N(lanes)(0), 0, spread);
        }
        if (source == SOURCE_PLAIN || advance) {
            int64_t ahead = at_next + i / STEP * advance + r * N(WIDTH);
            N(take_register)(&p->largest[r], next, &b->next, ahead, source);
        }
        if (keep) {
            N(store)(b->exponentials + at, e[i]);
        }
        p->sum[r] = N(add)(p->sum[r], e[i]);
    }
}

/*
 * Fetches what the hot loop will need. Logits that are mapped come from memory where the next block's maximum is taken,
 * a block ahead; those that are plain, too, but to count from the block in work is as good.
 */
ALWAYS_INLINE void N(prefetch_steps)(const struct N(block) * b, int64_t j, int64_t at_next, int count,
                                     int keep, enum xent_source source) {
    const int64_t bytes = xent_stored_bytes(xent_format_of(source), sizeof(REAL));
    uintptr_t logits = source == SOURCE_PLAIN ? (uintptr_t)(b->logits + j)
                                              : (uintptr_t)b->next.logits + (uintptr_t)(at_next * bytes);
    UNROLL for (int line = 0; line < count * (int)bytes; line += 64) {
        prefetch_line(logits + (uintptr_t)(LOGITS_AHEAD + line));
    }
    if (xent_has_mask(source)) { /* count is not above a line of bytes */
        prefetch_line((uintptr_t)b->next.mask + (uintptr_t)(at_next + LOGITS_AHEAD / (int64_t)sizeof(REAL)));
    }
    if (keep) {
        UNROLL for (int line = 0; line < count * (int)sizeof(REAL); line += 64) {
            prefetch_line((uintptr_t)(b->exponentials + j) + (uintptr_t)(EXPONENTIALS_AHEAD + line));
        }
    }
}

/*
 * The hot loop: whole steps from element j to end, and the maximum of the steps of the next block from element at_next
 * on. Where the next block has no step left, advance is 0; then the maximum of plain elements is taken of something
 * harmless.
 */
ALWAYS_INLINE void N(sum_steps)(struct N(partials) * p, const struct N(block) * b, int64_t j, int64_t end,
                                const void *next, int64_t at_next, int64_t advance, enum xent_spread spread,
                                int keep, enum xent_source source) {
    const int together = EXP_REGISTERS / STEP * N(LANES);
    for (; j + together <= end; j += together, at_next += EXP_REGISTERS / STEP * advance) {
        N(prefetch_steps)(b, j, at_next, together, keep, source);
        N(sum_registers)(p, b, j, next, at_next, advance, spread, keep, source, EXP_REGISTERS);
    }
    for (; j < end; j += N(LANES), at_next += advance) {
        N(sum_registers)(p, b, j, next, at_next, advance, spread, keep, source, STEP);
    }
}

/* Sums a block into p, and returns the maximum of the next one. */
ALWAYS_INLINE REAL N(sum_block)(struct N(partials) * out, const struct N(block) * b, enum xent_spread spread,
                                int keep, enum xent_source source) {
    struct N(partials) p = *out; /* a copy, so that the sums live in registers */
    int64_t whole = b->count / N(LANES) * N(LANES);
    int64_t next_whole = b->next.count / N(LANES) * N(LANES);
    int64_t paired = next_whole < whole ? next_whole : whole;
    int64_t apart = b->target >= 0 && b->target < whole ? b->target / N(LANES) * N(LANES) : whole;
    UNROLL for (int r = 0; r < STEP; r++) {
        p.sum[r] = p.spread[r] = N(set1)(0);
        p.largest[r] = N(set1)(-(REAL)INFINITY);
    }
    int64_t j = 0;
    while (j < whole) {
        int64_t end = j < apart ? apart : whole;
        int64_t advance = 0, at_next = 0;
        const void *next = b->next.logits; /* its first step once more changes no maximum */
        if (j < paired) {
            end = end < paired ? end : paired;
            advance = N(LANES);
            at_next = j;
        } else if (paired == 0) {
            next = b->logits; /* there is no step to read at all; see below */
        }
        if (j == apart) {
            N(sum_some_lanes)(&p, b, j, spread);
            end = j + N(LANES);
            if (advance) {
                N(take_max)(p.largest, &b->next, j, end, source);
            }
        } else if (source == SOURCE_PLAIN) {
            N(sum_steps)(&p, b, j, end, next, at_next, advance, spread, keep, source);
        } else if (advance) {
            N(sum_steps)(&p, b, j, end, next, at_next, N(LANES), spread, keep, source);
        } else {
            N(sum_steps)(&p, b, j, end, next, 0, 0, spread, keep, source);
        }
        j = end;
    }
    if (paired == 0 && source == SOURCE_PLAIN) {
        UNROLL for (int r = 0; r < STEP; r++) { p.largest[r] = N(set1)(-(REAL)INFINITY); }
    }
    if (whole < b->count) {
        N(sum_some_lanes)(&p, b, whole, spread);
    }
    N(take_max)(p.largest, &b->next, paired, b->next.count, source);
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

/* The first levels of the tree sum of the lanes: as many are left as fit one vector. */
ALWAYS_INLINE vec_f64 N(top_of_tree)(const vec_f64 *lanes) {
    vec_f64 level[WIDE_STEP];
    UNROLL for (int i = 0; i < WIDE_STEP; i++) { level[i] = lanes[i]; }
    UNROLL for (int half = WIDE_STEP / 2; half > 0; half /= 2) {
        UNROLL for (int i = 0; i < half; i++) { level[i] = add_f64(level[i], level[i + half]); }
    }
    return level[0];
}

/* The tree sum of the lanes. */
ALWAYS_INLINE double N(tree)(const vec_f64 *lanes) { return tree_of_vector(N(top_of_tree)(lanes)); }
