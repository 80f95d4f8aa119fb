/*
 * The output of a row, from its exponentials or logits, in vectors. A template like row_blocks.h.
 */

/* The map from what is kept of a row to its output: fma(e, k, -bw), or (x - M) - L. */
enum N(map) { N(SHARED), N(WEIGHTED), N(LOG) };

struct N(finish) {
    N(vec) factor; /* k; M */
    N(vec) minus;  /* -bw, or (T) beta if weighted; L */
    const REAL *weights;
};

ALWAYS_INLINE N(vec) N(finished)(const struct N(finish) * f, N(vec) value, N(vec) weights, enum N(map) map) {
    switch (map) {
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

/* Maps count elements. Where they are streamed they are whole cache lines. */
ALWAYS_INLINE void N(finish_elements)(const struct N(finish) * f, const REAL *from, REAL *to, int64_t count,
                                      enum N(map) map, int stream) {
    int64_t j = 0;
    for (; j + N(WIDTH) <= count; j += N(WIDTH)) {
        N(vec) value = N(load)(from + j);
        N(vec) w = map == N(WEIGHTED) ? N(load)(f->weights + j) : value;
        if (stream) {
            N(stream)(to + j, N(finished)(f, value, w, map));
        } else {
            N(store)(to + j, N(finished)(f, value, w, map));
        }
    }
    if (j < count) {
        N(finish_some_lanes)(f, from, to, j, count - j, map);
    }
}

/* Elements of a cache line. */
enum { N(LINE) = 64 / sizeof(REAL) };

/*
 * A cache line of streamed output that is not complete yet: a block, and where rows follow each other without
 * a gap also a row, ends within a line, and the next one goes on there. Storing the parts would fetch the
 * line from memory. This way rows whose length is no multiple of a line are as fast as others.
 */
struct N(open_line) {
    _Alignas(64) REAL values[N(LINE)];
    REAL *to;           /* null if there is none */
    int64_t first, end; /* the elements that it has */
};

/* A row that has been summed and whose output is still to be written. */
struct N(pending) {
    const REAL *from; /* its exponentials or logits */
    REAL *to;         /* null if there is no such row */
    int64_t classes;
    int64_t target; /* -1 if there is none */
    REAL target_gradient;
    enum N(map) map;
    const REAL *weights;
    const REAL *maxima; /* of the blocks */
    double max;
    double ratio; /* r */
    struct N(finish) finish;
    struct N(open_line) open;
};

/* Maps count elements from element start on, to another place; chooses the map once for all of them. */
static void N(finish_stretch)(struct N(pending) * p, int64_t start, int64_t count, REAL *to, int stream) {
    const struct N(finish) *f = &p->finish;
    const REAL *from = p->from + start;
    if (p->map == N(LOG)) {
        N(finish_elements)(f, from, to, count, N(LOG), stream);
    } else if (p->map == N(WEIGHTED)) {
        p->finish.weights = p->weights + start;
        N(finish_elements)(f, from, to, count, N(WEIGHTED), stream);
    } else if (stream) {
        N(finish_elements)(f, from, to, count, N(SHARED), 1);
    } else {
        N(finish_elements)(f, from, to, count, N(SHARED), 0);
    }
}

/* Stores what there is of the open line. */
static void N(close_line)(struct N(open_line) * open) {
    for (int64_t j = open->first; open->to && j < open->end; j++) {
        open->to[j] = open->values[j];
    }
    open->to = 0;
}

/* Maps some elements of one cache line into the open line, and streams it if it is complete. */
static void N(finish_in_line)(struct N(pending) * p, int64_t start, int64_t end) {
    struct N(open_line) *open = &p->open;
    int64_t first = (int64_t)((uintptr_t)(p->to + start) % 64 / sizeof(REAL));
    REAL *to = p->to + start - first;
    if (open->to != to || open->end != first) { /* rows may have a gap between them */
        N(close_line)(open);
        open->to = to;
        open->first = first;
    }
    N(finish_stretch)(p, start, end - start, open->values + first, 0);
    open->end = first + (end - start);
    if (p->target >= start && p->target < end) {
        open->values[first + (p->target - start)] = p->target_gradient;
    }
    if (open->first == 0 && open->end == N(LINE)) {
        UNROLL for (int j = 0; j < N(LINE); j += N(WIDTH)) { N(stream)(to + j, N(load)(open->values + j)); }
        open->to = 0;
    }
}

/* The first element of a cache line from element start on, or end. */
ALWAYS_INLINE int64_t N(line_start)(const struct N(pending) * p, int64_t start, int64_t end) {
    int64_t next = start + (int64_t)((0 - (uintptr_t)(p->to + start)) % 64 / sizeof(REAL));
    return next < end ? next : end;
}

/* Streams the elements from start to end. The target's line, too, is put together before it is streamed. */
static void N(stream_elements)(struct N(pending) * p, int64_t start, int64_t end) {
    while (start < end) {
        int64_t whole = N(line_start)(p, start, end), last = end;
        if (p->target >= start && p->target < end) {
            last = p->target;
        }
        last = whole + (last - whole) / N(LINE) * N(LINE);
        if (whole > start) {
            last = whole;
            N(finish_in_line)(p, start, last);
        } else if (last > start) {
            N(finish_stretch)(p, start, last - start, p->to + start, 1);
        } else {
            last = start + N(LINE) < end ? start + N(LINE) : end;
            N(finish_in_line)(p, start, last);
        }
        start = last;
    }
}

/* Writes the output of the block that starts at element start. */
static void N(finish_block)(struct N(pending) * p, int64_t start, int stream) {
    int64_t left = p->classes - start, end = start + (left < N(BLOCK) ? left : N(BLOCK));
    if (p->map != N(LOG)) {
        /* From the maximum of that time to the one that the row ended with. */
        double max = (double)p->maxima[start / N(BLOCK)];
        double factor = max == p->max ? p->ratio : p->ratio * exp_f64(max - p->max);
        p->finish.factor = N(set1)((REAL)factor);
    }
    if (stream) {
        N(stream_elements)(p, start, end);
        return;
    }
    N(finish_stretch)(p, start, end - start, p->to + start, 0);
    if (p->target >= start && p->target < end) {
        p->to[p->target] = p->target_gradient;
    }
}

/* Writes all output of a row. */
static void N(finish_row)(struct N(pending) * p, int stream) {
    for (int64_t start = 0; start < p->classes; start += N(BLOCK)) {
        N(finish_block)(p, start, stream);
    }
    p->to = 0;
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
