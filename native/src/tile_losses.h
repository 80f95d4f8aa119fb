/*
 * The binary losses. They work on chunks of a row: operands are brought into doubles first, which settles
 * what is absent and lets the output be any of the operands; what lies beyond the end of the row is computed
 * with and not stored, so that loops have whole vectors only. A template: included once for each element
 * type.
 */

/* The operands of a chunk. */
struct N(chunk) {
    _Alignas(64) double x[TILE_CHUNK];        /* a */
    _Alignas(64) double decay[TILE_CHUNK];    /* d */
    _Alignas(64) double positive[TILE_CHUNK]; /* p */
    _Alignas(64) double negative[TILE_CHUNK]; /* n */
    _Alignas(64) double loss[TILE_CHUNK];
    _Alignas(64) double gradient[TILE_CHUNK];
};

/* A factor of 0 wins over an infinity. */
ALWAYS_INLINE double N(term)(double factor, double value) {
    double product = factor * value;
    return factor == 0 ? 0 : product;
}

/* Where a chunk ends that has whole vectors: not after TILE_CHUNK. */
ALWAYS_INLINE int64_t N(whole)(int64_t count) { return (count + TILE_LANES - 1) & -(int64_t)TILE_LANES; }

/* Weights that are there are multiplied, others are 1. */
ALWAYS_INLINE void N(load_factors)(struct N(chunk) * chunk, const REAL *b, const REAL *c, const REAL *column,
                                   int64_t count) {
    double *restrict positive = chunk->positive, *restrict negative = chunk->negative;
    for (int64_t j = 0; j < count; j++) {
        double weight = c ? (double)c[j] : 1.0;
        double of_positive = column ? (double)column[j] : 1.0;
        positive[j] = (weight * of_positive) * (double)b[j];
        negative[j] = weight * (1.0 - (double)b[j]);
    }
}

/* The loops above with what is absent decided outside of them. */
static void N(factors)(struct N(chunk) * chunk, const REAL *b, const REAL *c, const REAL *column,
                       int64_t count) {
    if (c && column) {
        N(load_factors)(chunk, b, c, column, count);
    } else if (c) {
        N(load_factors)(chunk, b, c, 0, count);
    } else if (column) {
        N(load_factors)(chunk, b, 0, column, count);
    } else {
        N(load_factors)(chunk, b, 0, 0, count);
    }
    for (int64_t j = count; j < N(whole)(count); j++) {
        chunk->positive[j] = chunk->negative[j] = 0;
    }
}

static void N(load)(double *restrict to, const REAL *restrict from, int64_t count) {
    for (int64_t j = 0; j < count; j++) {
        to[j] = (double)from[j];
    }
    for (int64_t j = count; j < N(whole)(count); j++) {
        to[j] = 0;
    }
}

static void N(ones)(double *restrict to, int64_t count) {
    for (int64_t j = 0; j < N(whole)(count); j++) {
        to[j] = 1;
    }
}

/* Logits and their e^-|x|, which is computed in T. */
static void N(load_logits)(struct N(chunk) * chunk, const REAL *a, int64_t count) {
    REAL decay[TILE_CHUNK];
    N(load)(chunk->x, a, count);
    for (int64_t j = 0; j < N(whole)(count); j++) {
        decay[j] = N(exp)(-(REAL)fabs(chunk->x[j]));
    }
    for (int64_t j = 0; j < N(whole)(count); j++) {
        chunk->decay[j] = (double)decay[j];
    }
}

static void N(store)(const struct xent_tile *tile, int64_t from, const struct N(chunk) * chunk,
                     int64_t count) {
    const double *restrict loss = chunk->loss, *restrict gradient = chunk->gradient;
    double *restrict results = tile->results + from;
    for (int64_t j = 0; j < count; j++) {
        results[j] = canonical_f64(loss[j]);
    }
    if (tile->out) {
        REAL *restrict out = (REAL *)tile->out + from;
        for (int64_t j = 0; j < count; j++) {
            out[j] = N(canonical)((REAL)gradient[j]);
        }
    }
}

/* Loss and gradient of a chunk. Names are those of the definition. A term left out must not hide a NaN. */
ALWAYS_INLINE void N(logistic_chunk)(struct N(chunk) * chunk, const struct tile_row *row, int64_t count,
                                     int is_focal, int wants_gradient) {
    double r0 = row->r0, r1 = row->r1, r2 = row->r2;
    for (int64_t j = 0; j < N(whole)(count); j++) {
        double x = chunk->x[j], d = chunk->decay[j], p = chunk->positive[j], n = chunk->negative[j];
        double l = log1p_f64(d);
        double of_p = l + (x < 0 ? -x : 0.0), of_n = l + (x > 0 ? x : 0.0);
        double q = 1.0 / (1.0 + d);
        double dq = d * q;
        double s = x >= 0 ? q : dq, z = x >= 0 ? dq : q;
        double f_p, f_n, g_p, g_n;
        if (is_focal) {
            double m_p = exp_f64(-r1 * of_n), m_n = exp_f64(-r1 * of_p);
            double slope_p = (r1 * of_p) * s, slope_n = (r1 * of_n) * z;
            f_p = m_p * of_p;
            f_n = m_n * of_n;
            g_p = -(m_p * ((s == 0 ? 0.0 : slope_p) + z));
            g_n = m_n * ((z == 0 ? 0.0 : slope_n) + s);
        } else {
            f_p = fma(r2, z, of_p);
            f_n = fma(r2, s, of_n);
            g_p = -fma(r2 * s, z, z);
            g_n = fma(r2 * z, s, s);
        }
        double loss = N(term)(p, f_p) + N(term)(n, f_n);
        chunk->loss[j] = x == x ? loss : x;
        if (wants_gradient) {
            double gradient = r0 * (N(term)(p, g_p) + N(term)(n, g_n));
            chunk->gradient[j] = x == x ? gradient : x;
        }
    }
}

/* Elements of the chunk that starts at j. */
ALWAYS_INLINE int64_t N(chunk_count)(const struct xent_tile *tile, int64_t j) {
    return tile->columns - j < TILE_CHUNK ? tile->columns - j : TILE_CHUNK;
}

static void N(logistic)(const struct xent_tile *tile, const struct tile_row *row) {
    struct N(chunk) chunk;
    for (int64_t j = 0; j < tile->columns; j += TILE_CHUNK) {
        int64_t count = N(chunk_count)(tile, j), from = row->start + j;
        const REAL *c = tile->c, *column = tile->column;
        N(load_logits)(&chunk, (const REAL *)tile->a + from, count);
        N(factors)
        (&chunk, (const REAL *)tile->b + from, c ? c + from : c, column ? column + j : column, count);
        if (row->r1 == 0 && tile->out) {
            N(logistic_chunk)(&chunk, row, count, 0, 1);
        } else if (row->r1 == 0) {
            N(logistic_chunk)(&chunk, row, count, 0, 0);
        } else if (tile->out) {
            N(logistic_chunk)(&chunk, row, count, 1, 1);
        } else {
            N(logistic_chunk)(&chunk, row, count, 1, 0);
        }
        N(store)(tile, from, &chunk, count);
    }
}

/* Here positive holds b itself and negative the weight. */
static void N(sigmoid_squared)(const struct xent_tile *tile, const struct tile_row *row) {
    struct N(chunk) chunk;
    double r0 = row->r0;
    for (int64_t start = 0; start < tile->columns; start += TILE_CHUNK) {
        int64_t count = N(chunk_count)(tile, start), from = row->start + start;
        N(load_logits)(&chunk, (const REAL *)tile->a + from, count);
        N(load)(chunk.positive, (const REAL *)tile->b + from, count);
        if (tile->c) {
            N(load)(chunk.negative, (const REAL *)tile->c + from, count);
        } else {
            N(ones)(chunk.negative, count);
        }
        for (int64_t j = 0; j < N(whole)(count); j++) {
            double x = chunk.x[j], d = chunk.decay[j], b = chunk.positive[j], c = chunk.negative[j];
            double q = 1.0 / (1.0 + d);
            double dq = d * q;
            double s = x >= 0 ? q : dq, z = x >= 0 ? dq : q;
            double distance = (1.0 - b) * s - b * z;
            chunk.loss[j] = (c * distance) * distance;
            chunk.gradient[j] = r0 * (((2.0 * c) * distance) * (s * z));
        }
        N(store)(tile, from, &chunk, count);
    }
}

static void N(bernoulli)(const struct xent_tile *tile, const struct tile_row *row) {
    struct N(chunk) chunk;
    double r0 = row->r0, most = row->r1;
    for (int64_t start = 0; start < tile->columns; start += TILE_CHUNK) {
        int64_t count = N(chunk_count)(tile, start), from = row->start + start;
        const REAL *c = tile->c, *column = tile->column;
        N(load)(chunk.x, (const REAL *)tile->a + from, count);
        N(factors)
        (&chunk, (const REAL *)tile->b + from, c ? c + from : c, column ? column + start : column, count);
        for (int64_t j = 0; j < N(whole)(count); j++) {
            double x = chunk.x[j], p = chunk.positive[j], n = chunk.negative[j];
            double of_p = -log_f64(x), of_n = -log1p_any_f64(-x);
            int cut_p = of_p > most, cut_n = of_n > most;
            double loss = N(term)(p, cut_p ? most : of_p) + N(term)(n, cut_n ? most : of_n);
            double up = n / (1.0 - x), down = p / x;
            up = (n == 0) | cut_n ? 0.0 : up;
            down = (p == 0) | cut_p ? 0.0 : down;
            double gradient = r0 * (up - down);
            chunk.loss[j] = x == x ? loss : x;
            chunk.gradient[j] = x == x ? gradient : x;
        }
        N(store)(tile, from, &chunk, count);
    }
}
