/*
 * The row kernels, one row at a time, in vectors. A template like row_blocks.h and row_output.h, which it
 * builds on. kernels_scalar.c has the same algorithm in its plainest form.
 *
 * The output of a row is written while the next row is summed, block by block in turn. Summing waits for
 * arithmetic, writing for memory; one after the other, each would leave the other idle.
 */

/* One row and where its parts go. */
struct N(row) {
    const void *logits;  /* as stored */
    const uint8_t *mask; /* null if there is none */
    int64_t classes;
    int64_t target; /* -1 if there is none */
    const REAL *weights;
    REAL *exponentials; /* null if not wanted */
    REAL *maxima; /* of the blocks, as they stood when their exponentials were taken; null if not wanted */
    const void *next; /* the row after this one; null if there is none */
    const uint8_t *next_mask;
};

/* Logits that have been mapped: of the block in work, and of the one ahead, in turn. */
struct N(stage) {
    _Alignas(64) REAL blocks[2][N(BLOCK)];
    int turn;
};

/* Rescales the sums of a row when its maximum moves. */
static void N(rescale)(vec_f64 *lanes, double factor) {
    for (int i = 0; i < WIDE_STEP; i++) {
        lanes[i] = mul_f64(lanes[i], set1_f64(factor));
    }
}

/* A tile in the workspace, for rows of one block. */
ALWAYS_INLINE REAL *N(tile)(const struct xent_rows *rows) {
    return (REAL *)((char *)rows->workspace + xent_padded_bytes(1, sizeof(REAL)) +
                    xent_padded_bytes(rows->classes, sizeof(REAL)));
}

/* A source that is mapped, in a form that lets the compiler see that doubles have one format. */
ALWAYS_INLINE enum xent_source N(mapped_source)(enum xent_source source) {
    return sizeof(REAL) == sizeof(float) ? source : SOURCE_MASKED;
}

/* Chooses the map once: CALL is a macro that takes a source, which the compiler then knows. */
#define FOR_MAPPED_SOURCE(SOURCE, CALL)                                                                      \
    switch (N(mapped_source)(SOURCE)) {                                                                      \
    case SOURCE_BFLOAT16:                                                                                    \
        CALL(SOURCE_BFLOAT16);                                                                               \
        break;                                                                                               \
    case SOURCE_BFLOAT16_MASKED:                                                                             \
        CALL(SOURCE_BFLOAT16_MASKED);                                                                        \
        break;                                                                                               \
    case SOURCE_FLOAT16:                                                                                     \
        CALL(SOURCE_FLOAT16);                                                                                \
        break;                                                                                               \
    case SOURCE_FLOAT16_MASKED:                                                                              \
        CALL(SOURCE_FLOAT16_MASKED);                                                                         \
        break;                                                                                               \
    default:                                                                                                 \
        CALL(SOURCE_MASKED);                                                                                 \
    }

/* Sums a block whose logits have been mapped, and maps the next one. */
static REAL N(sum_mapped_block)(struct N(partials) * p, const struct N(block) * b, enum xent_spread spread,
                                int keep, enum xent_source source) {
    REAL next_max = 0;
#define SUM_BLOCK(SOURCE)                                                                                    \
    next_max = spread != SPREAD_NONE ? N(sum_block)(p, b, spread, keep, SOURCE)                              \
               : keep                ? N(sum_block)(p, b, SPREAD_NONE, 1, SOURCE)                            \
                                     : N(sum_block)(p, b, SPREAD_NONE, 0, SOURCE)
    FOR_MAPPED_SOURCE(source, SUM_BLOCK)
#undef SUM_BLOCK
    return next_max;
}

/* The maximum of a block that no other is summed before. */
static REAL N(first_mapped_max)(const struct N(ahead) * b, enum xent_source source) {
    REAL largest = 0;
#define TAKE_MAX(SOURCE) largest = N(block_max)(b, SOURCE)
    FOR_MAPPED_SOURCE(source, TAKE_MAX)
#undef TAKE_MAX
    return largest;
}

/* The block that starts at element start of a row. */
ALWAYS_INLINE struct N(ahead) N(block_ahead)(const void *logits, const uint8_t *mask, int64_t start,
                                             int64_t classes, enum xent_source source) {
    int64_t left = classes - start;
    struct N(ahead) block = {
        .logits = N(element_at)(logits, start, xent_format_of(source)),
        .mask = mask ? mask + start : 0,
        .count = left < N(BLOCK) ? left : N(BLOCK),
    };
    return block;
}

/*
 * Sums a row. On entry *next_max is the maximum of the row's first block, on return that of the next row's.
 * The output of the row before is written on the way, a block of it before each block that is summed.
 */
ALWAYS_INLINE void N(sum_row)(const struct N(row) * row, struct row_sums *sums, REAL *next_max,
                              struct N(pending) * before, enum xent_spread spread, int keep, int stream,
                              enum xent_source source, struct N(stage) * stage) {
    vec_f64 total[WIDE_STEP], spread_total[WIDE_STEP];
    for (int i = 0; i < WIDE_STEP; i++) {
        total[i] = spread_total[i] = set1_f64(0);
    }
    /* In place, the exponentials overwrite the logits: what is needed of these later is read now. */
    REAL target_logit = row->target >= 0 ? N(logit)(row->logits, row->mask, row->target, source) : 0;
    REAL max = -(REAL)INFINITY, shift = 0, first_shift = 0, block_max = *next_max;
    struct N(partials) p;
    for (int64_t start = 0; start < row->classes; start += N(BLOCK)) {
        if (before->to) {
            N(finish_block)(before, start, stream);
        }
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
        struct N(block) block = {
            .count = left < N(BLOCK) ? left : N(BLOCK),
            .target = row->target - start,
            .weights = spread == SPREAD_WEIGHTED ? row->weights + start : row->weights,
            .exponentials = keep ? row->exponentials + start : 0,
        };
        if (left > N(BLOCK)) {
            block.next = N(block_ahead)(row->logits, row->mask, start + N(BLOCK), row->classes, source);
        } else if (row->next) {
            block.next = N(block_ahead)(row->next, row->next_mask, 0, row->classes, source);
        }
        if (source == SOURCE_PLAIN) {
            block.logits = (const REAL *)row->logits + start;
        } else {
            block.logits = stage->blocks[stage->turn];
            block.next.mapped = stage->blocks[stage->turn ^= 1];
        }
        p.shift = N(set1)(shift);
        p.first_shift = N(set1)(first_shift);
        block_max = source == SOURCE_PLAIN ? N(sum_block)(&p, &block, spread, keep, SOURCE_PLAIN)
                                           : N(sum_mapped_block)(&p, &block, spread, keep, source);
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

/* Prepares the gradient of a row. Rows that are the same everywhere, or need care, are written at once. */
static void N(plan_gradient)(struct N(pending) * p, const struct xent_rows *rows, int64_t index,
                             const struct N(row) * row, const struct row_sums *sums) {
    const xent_coefficients *c = xent_coefficients_of(rows, index);
    void *gradient = N(element_at)(rows->gradient, index * rows->gradient_stride, rows->format);
    double ratio = c->alpha / row_total(sums);
    p->to = 0;
    p->mask = row->mask;
    if (row_is_empty(sums)) {
        N(fill)(gradient, row->classes, rows->empty_rows_zero ? 0 : N(nan)(), row->mask, rows->format);
        return;
    }
    if (!isfinite((REAL)ratio)) {
        N(fill)(gradient, row->classes, N(nan)(), row->mask, rows->format);
        return;
    }
    REAL beta = (REAL)c->beta;
    p->from = row->exponentials;
    p->to = gradient;
    p->target = row->target;
    p->target_gradient = row->target < 0 || (row->mask && !row->mask[row->target])
                             ? 0
                             : N(canonical)((REAL)row_target_gradient(sums, c));
    p->max = sums->max;
    p->ratio = ratio;
    p->finish.minus = N(set1)(row->weights ? beta : -beta);
    if (!isfinite(beta)) {
        N(finish_canonical)(p);
    }
}

/* Prepares the log-softmax of a row. */
static void N(plan_log_softmax)(struct N(pending) * p, const struct xent_rows *rows, int64_t index,
                                const struct N(row) * row, const struct row_sums *sums, double log_sum) {
    REAL *output = (REAL *)rows->gradient + index * rows->gradient_stride;
    p->to = 0;
    if (!isfinite(row_lse(sums, log_sum))) {
        N(fill)(output, row->classes, N(nan)(), 0, FORMAT_PLAIN);
        return;
    }
    p->from = row->logits;
    p->to = output;
    p->finish.factor = N(set1)((REAL)sums->max);
    p->finish.minus = N(set1)((REAL)log_sum);
}

/* What a pass over the rows is for. */
enum N(purpose) { N(FORWARD), N(GRADIENT), N(GRADIENT_STREAMED), N(LOG_SOFTMAX), N(LOG_SOFTMAX_STREAMED) };

/* The first row from index on that is not ignored, or end. Ignored rows that are passed get their results. */
static int64_t N(skip_ignored)(const struct xent_rows *rows, int64_t index, int64_t end, int has_gradient) {
    for (; index < end && xent_is_ignored(rows, index); index++) {
        row_ignored(rows, index);
        if (has_gradient) {
            int64_t bytes = xent_stored_bytes(rows->format, sizeof(REAL));
            memset((char *)rows->gradient + index * rows->gradient_stride * bytes, 0,
                   (size_t)(rows->classes * bytes)); /* 0 in every format */
        }
    }
    return index;
}

/* Works on the rows from index to end. */
ALWAYS_INLINE void N(pass)(const struct xent_rows *rows, int64_t index, int64_t end, enum xent_spread spread,
                           enum N(purpose) purpose, enum xent_source source) {
    const int has_gradient = purpose == N(GRADIENT) || purpose == N(GRADIENT_STREAMED);
    const int streamed = purpose == N(GRADIENT_STREAMED) || purpose == N(LOG_SOFTMAX_STREAMED);
    /* Elements of 16 bits have no room for exponentials. */
    const int keeps_apart = streamed || source != SOURCE_PLAIN;
    const enum xent_format format = xent_format_of(source);
    REAL *maxima = rows->workspace;
    REAL *spare = (REAL *)((char *)rows->workspace +
                           xent_padded_bytes(xent_block_count(rows->classes, N(BLOCK)), sizeof(REAL)));
    index = N(skip_ignored)(rows, index, end, has_gradient);
    if (index >= end) {
        return;
    }
    struct N(stage) stage = {.turn = 0};
    struct N(ahead) first = N(block_ahead)(N(element_at)(rows->logits, index * rows->row_stride, format),
                                           xent_mask_of(rows, index), 0, rows->classes, source);
    first.mapped = stage.blocks[0];
    REAL next_max =
        source == SOURCE_PLAIN ? N(block_max)(&first, SOURCE_PLAIN) : N(first_mapped_max)(&first, source);
    struct N(pending) pending = {
        .classes = rows->classes,
        .format = format,
        .target = -1,
        .maxima = maxima,
        .map = !has_gradient         ? N(LOG)
               : rows->class_weights ? N(WEIGHTED)
                                     : N(SHARED),
        .weights = rows->class_weights,
    };
    while (index < end) {
        int64_t following = N(skip_ignored)(rows, index + 1, end, has_gradient);
        REAL *gradient = has_gradient ? (REAL *)rows->gradient + index * rows->gradient_stride : 0;
        struct N(row) row = {
            .logits = N(element_at)(rows->logits, index * rows->row_stride, format),
            .mask = xent_mask_of(rows, index),
            .classes = rows->classes,
            .target = xent_target_of(rows, index),
            .weights = rows->class_weights,
            .exponentials = keeps_apart ? spare : gradient,
            .maxima = has_gradient ? maxima : 0,
        };
        if (following < end) {
            row.next = N(element_at)(rows->logits, following * rows->row_stride, format);
            row.next_mask = xent_mask_of(rows, following);
        }
        struct row_sums sums;
        N(sum_row)(&row, &sums, &next_max, &pending, spread, has_gradient, streamed, source, &stage);
        double log_sum = row_log_sum(&sums);
        row_results(rows, index, &sums, log_sum);
        if (has_gradient) {
            N(plan_gradient)(&pending, rows, index, &row, &sums);
        } else if (purpose != N(FORWARD)) {
            N(plan_log_softmax)(&pending, rows, index, &row, &sums, log_sum);
        }
        index = following;
    }
    if (pending.to) {
        N(finish_row)(&pending, streamed);
    }
    if (streamed) {
        N(close_line)(&pending.open, format);
        finish_streaming(); /* streamed stores become visible to other threads before the call returns */
    }
}

/* As pass, of logits that are mapped. The map is chosen block by block. */
static void N(mapped_pass)(const struct xent_rows *rows, int64_t index, int64_t end,
                           enum N(purpose) purpose) {
    enum xent_source source = xent_source_of(rows);
    if (purpose == N(FORWARD)) {
        N(pass)(rows, index, end, xent_spread_of(rows), N(FORWARD), source);
    } else if (purpose == N(GRADIENT)) {
        N(pass)(rows, index, end, xent_spread_of(rows), N(GRADIENT), source);
    } else {
        N(pass)(rows, index, end, xent_spread_of(rows), N(GRADIENT_STREAMED), source);
    }
}

static void N(forward_rows)(const struct xent_rows *rows, int64_t index, int64_t end) {
    switch (xent_spread_of(rows)) {
    case SPREAD_NONE:
        N(pass)(rows, index, end, SPREAD_NONE, N(FORWARD), SOURCE_PLAIN);
        break;
    case SPREAD_PLAIN:
        N(pass)(rows, index, end, SPREAD_PLAIN, N(FORWARD), SOURCE_PLAIN);
        break;
    case SPREAD_WEIGHTED:
        N(pass)(rows, index, end, SPREAD_WEIGHTED, N(FORWARD), SOURCE_PLAIN);
        break;
    }
}

static void N(gradient_rows)(const struct xent_rows *rows, int64_t index, int64_t end) {
    int stream = xent_should_stream(rows, sizeof(REAL), N(BLOCK));
    switch (xent_spread_of(rows)) {
    case SPREAD_NONE:
        if (stream) {
            N(pass)(rows, index, end, SPREAD_NONE, N(GRADIENT_STREAMED), SOURCE_PLAIN);
        } else {
            N(pass)(rows, index, end, SPREAD_NONE, N(GRADIENT), SOURCE_PLAIN);
        }
        break;
    case SPREAD_PLAIN:
        if (stream) {
            N(pass)(rows, index, end, SPREAD_PLAIN, N(GRADIENT_STREAMED), SOURCE_PLAIN);
        } else {
            N(pass)(rows, index, end, SPREAD_PLAIN, N(GRADIENT), SOURCE_PLAIN);
        }
        break;
    case SPREAD_WEIGHTED:
        if (stream) {
            N(pass)(rows, index, end, SPREAD_WEIGHTED, N(GRADIENT_STREAMED), SOURCE_PLAIN);
        } else {
            N(pass)(rows, index, end, SPREAD_WEIGHTED, N(GRADIENT), SOURCE_PLAIN);
        }
        break;
    }
}

static void N(log_softmax_rows)(const struct xent_rows *rows, int64_t index, int64_t end) {
    if (xent_should_stream(rows, sizeof(REAL), N(BLOCK))) {
        N(pass)(rows, index, end, SPREAD_NONE, N(LOG_SOFTMAX_STREAMED), SOURCE_PLAIN);
    } else {
        N(pass)(rows, index, end, SPREAD_NONE, N(LOG_SOFTMAX), SOURCE_PLAIN);
    }
}
