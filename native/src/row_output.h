/*
 * The output of a row, from its exponentials or logits, in vectors. A template like row_blocks.h.
 *
 * Output may be stored in a format of 16 bits, and be 0 where a mask has 0.
 */

/* The map from what is kept of a row to its output: fma(e, k, -bw), or (x - M) - L. */
enum N(map) { N(SHARED), N(WEIGHTED), N(LOG) };

struct N(finish) {
    N(vec) factor; /* k; M */
    N(vec) minus;  /* -bw, or (T) beta if weighted; L */
    const REAL *weights;
    const uint8_t *mask; /* null if there is none */
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

/* The output of the register at element j. */
ALWAYS_INLINE N(vec) N(finished_register)(const struct N(finish) * f, const REAL *from, int64_t j,
                                          enum N(map) map, int masked) {
    N(vec) value = N(load)(from + j);
    N(vec) w = map == N(WEIGHTED) ? N(load)(f->weights + j) : value;
    value = N(finished)(f, value, w, map);
    return masked ? N(keep)(N(kept)(f->mask + j), value) : value;
}

/* Elements of one step of finish_stored: what makes one register where they are stored. */
ALWAYS_INLINE int64_t N(finish_width)(enum xent_format format) {
    return format == FORMAT_PLAIN ? N(WIDTH) : 2 * N(WIDTH);
}

/* Stores a step of output, from element j on. */
ALWAYS_INLINE void N(finish_step)(const struct N(finish) * f, const REAL *from, void *to, int64_t j,
                                  enum N(map) map, int masked, enum xent_format format, int stream) {
    N(vec) low = N(finished_register)(f, from, j, map, masked);
    if (format != FORMAT_PLAIN) {
        N(vec) high = N(finished_register)(f, from, j + N(WIDTH), map, masked);
        N(store_narrow)(to, j, low, high, format, stream);
    } else if (stream) {
        N(stream)((REAL *)to + j, low);
    } else {
        N(store)((REAL *)to + j, low);
    }
}

/* Maps fewer elements than a step has, by way of copies that have room for one. */
ALWAYS_INLINE void N(finish_few)(const struct N(finish) * f, const REAL *from, void *to, int64_t count,
                                 enum N(map) map, int masked, enum xent_format format) {
    REAL values[2 * N(WIDTH)] = {0}, weights[2 * N(WIDTH)] = {0}, output[2 * N(WIDTH)];
    uint8_t mask[2 * N(WIDTH)] = {0};
    struct N(finish) few = *f;
    memcpy(values, from, (size_t)count * sizeof(REAL));
    if (map == N(WEIGHTED)) {
        memcpy(weights, f->weights, (size_t)count * sizeof(REAL));
        few.weights = weights;
    }
    if (masked) {
        memcpy(mask, f->mask, (size_t)count);
        few.mask = mask;
    }
    N(finish_step)(&few, values, output, 0, map, masked, format, 0);
    memcpy(to, output, (size_t)(count * xent_stored_bytes(format, sizeof(REAL))));
}

/*
 * As finish_elements, where the output is stored in another format or masked, and apart from what it is made of. The last
 * elements are mapped with those before them, once more, as a whole step.
 */
ALWAYS_INLINE void N(finish_stored)(const struct N(finish) * f, const REAL *from, void *to, int64_t count,
                                    enum N(map) map, int masked, enum xent_format format, int stream) {
    const int64_t step = N(finish_width)(format);
    int64_t j = 0;
    for (; j + step <= count; j += step) {
        N(finish_step)(f, from, to, j, map, masked, format, stream);
    }
    if (j < count && count >= step) {
        N(finish_step)(f, from, to, count - step, map, masked, format, 0);
    } else if (j < count) {
        N(finish_few)(f, from, to, count, map, masked, format);
    }
}

/* Elements of a cache line. */
ALWAYS_INLINE int64_t N(line)(enum xent_format format) {
    return INT64_C(64) >> xent_stored_shift(format, sizeof(REAL));
}

/*
 * A cache line of streamed output that is not complete yet: a block, and where rows follow each other without
 * a gap also a row, ends within a line, and the next one goes on there. Storing the parts would fetch the
 * line from memory. This way rows whose length is no multiple of a line are as fast as others.
 */
struct N(open_line) {
    _Alignas(64) REAL values[32]; /* not stored yet, so in no other format */
    void *to;                     /* null if there is none */
    int64_t first, end;           /* the elements that it has */
};

/* A row that has been summed and whose output is still to be written. */
struct N(pending) {
    const REAL *from; /* its exponentials or logits */
    void *to;         /* null if there is no such row */
    enum xent_format format;
    const uint8_t *mask; /* null if there is none */
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

/* Chooses the map once for all elements. */
static void N(finish_stored_stretch)(const struct N(finish) * f, const REAL *from, void *to, int64_t count,
                                     enum N(map) map, enum xent_format format, int stream) {
#define FINISH(MAP, MASKED, FORMAT)                                                                          \
    stream ? N(finish_stored)(f, from, to, count, MAP, MASKED, FORMAT, 1)                                    \
           : N(finish_stored)(f, from, to, count, MAP, MASKED, FORMAT, 0)
#define FINISH_AS(FORMAT)                                                                                    \
    if (map == N(WEIGHTED) && f->mask) {                                                                     \
        FINISH(N(WEIGHTED), 1, FORMAT);                                                                      \
    } else if (map == N(WEIGHTED)) {                                                                         \
        FINISH(N(WEIGHTED), 0, FORMAT);                                                                      \
    } else if (f->mask) {                                                                                    \
        FINISH(N(SHARED), 1, FORMAT);                                                                        \
    } else {                                                                                                 \
        FINISH(N(SHARED), 0, FORMAT);                                                                        \
    }
    switch (sizeof(REAL) == sizeof(float) ? format : FORMAT_PLAIN) {
    case FORMAT_BFLOAT16:
        FINISH_AS(FORMAT_BFLOAT16)
        break;
    case FORMAT_FLOAT16:
        FINISH_AS(FORMAT_FLOAT16)
        break;
    default:
        FINISH_AS(FORMAT_PLAIN)
    }
#undef FINISH_AS
#undef FINISH
}

/* Maps count elements from element start on, to another place; chooses the map once for all of them. */
static void N(finish_stretch)(struct N(pending) * p, int64_t start, int64_t count, void *to,
                              enum xent_format format, int stream) {
    const struct N(finish) *f = &p->finish;
    const REAL *from = p->from + start;
    if (p->map == N(WEIGHTED)) {
        p->finish.weights = p->weights + start;
    }
    if (p->mask || format != FORMAT_PLAIN) {
        p->finish.mask = p->mask ? p->mask + start : 0;
        N(finish_stored_stretch)(f, from, to, count, p->map, format, stream);
    } else if (p->map == N(LOG)) {
        N(finish_elements)(f, from, to, count, N(LOG), stream);
    } else if (p->map == N(WEIGHTED)) {
        N(finish_elements)(f, from, to, count, N(WEIGHTED), stream);
    } else if (stream) {
        N(finish_elements)(f, from, to, count, N(SHARED), 1);
    } else {
        N(finish_elements)(f, from, to, count, N(SHARED), 0);
    }
}

/* Stores what there is of the open line. */
static void N(close_line)(struct N(open_line) * open, enum xent_format format) {
    for (int64_t j = open->first; open->to && j < open->end; j++) {
        N(put)(open->to, j, format, open->values[j]);
    }
    open->to = 0;
}

/* Streams the open line, which is complete. */
static void N(stream_line)(struct N(open_line) * open, enum xent_format format) {
    if (format == FORMAT_PLAIN) {
        UNROLL for (int j = 0; j < 64 / (int)sizeof(REAL); j += N(WIDTH)) {
            N(stream)((REAL *)open->to + j, N(load)(open->values + j));
        }
    } else {
        for (int64_t j = 0; j < N(line)(format); j += 2 * N(WIDTH)) {
            N(vec) low = N(load)(open->values + j), high = N(load)(open->values + j + N(WIDTH));
            if (format == FORMAT_BFLOAT16) {
                N(store_narrow)(open->to, j, low, high, FORMAT_BFLOAT16, 1);
            } else {
                N(store_narrow)(open->to, j, low, high, FORMAT_FLOAT16, 1);
            }
        }
    }
    open->to = 0;
}

/* Maps some elements of one cache line into the open line, and streams it if it is complete. */
static void N(finish_in_line)(struct N(pending) * p, int64_t start, int64_t end) {
    struct N(open_line) *open = &p->open;
    uintptr_t at = (uintptr_t)N(element_at)(p->to, start, p->format);
    void *to = (void *)(at / 64 * 64);
    int64_t first = (int64_t)(at % 64) >> xent_stored_shift(p->format, sizeof(REAL));
    if (open->to != to || open->end != first) { /* rows may have a gap between them */
        N(close_line)(open, p->format);
        open->to = to;
        open->first = first;
    }
    N(finish_stretch)(p, start, end - start, open->values + first, FORMAT_PLAIN, 0);
    open->end = first + (end - start);
    if (p->target >= start && p->target < end) {
        open->values[first + (p->target - start)] = p->target_gradient;
    }
    if (open->first == 0 && open->end == N(line)(p->format)) {
        N(stream_line)(open, p->format);
    }
}

/* The first element of a cache line from element start on, or end. */
ALWAYS_INLINE int64_t N(line_start)(const struct N(pending) * p, int64_t start, int64_t end) {
    uintptr_t at = (uintptr_t)N(element_at)(p->to, start, p->format);
    int64_t next = start + ((int64_t)((0 - at) % 64) >> xent_stored_shift(p->format, sizeof(REAL)));
    return next < end ? next : end;
}

/* Streams the elements from start to end. The target's line, too, is put together before it is streamed. */
static void N(stream_elements)(struct N(pending) * p, int64_t start, int64_t end) {
    const int64_t line = N(line)(p->format);
    while (start < end) {
        int64_t whole = N(line_start)(p, start, end), last = end;
        if (p->target >= start && p->target < end) {
            last = p->target;
        }
        last = whole + ((last - whole) & -line); /* below whole only where whole lies after start */
        if (whole > start) {
            last = whole;
            N(finish_in_line)(p, start, last);
        } else if (last > start) {
            N(finish_stretch)(p, start, last - start, N(element_at)(p->to, start, p->format), p->format, 1);
        } else {
            last = start + line < end ? start + line : end;
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
    N(finish_stretch)(p, start, end - start, N(element_at)(p->to, start, p->format), p->format, 0);
    if (p->target >= start && p->target < end) {
        N(put)(p->to, p->target, p->format, p->target_gradient);
    }
}

/* Writes all output of a row. */
static void N(finish_row)(struct N(pending) * p, int stream) {
    for (int64_t start = 0; start < p->classes; start += N(BLOCK)) {
        N(finish_block)(p, start, stream);
    }
    p->to = 0;
}

/* Sets count elements. Those that a mask leaves out are 0. */
static void N(fill)(void *to, int64_t count, REAL value, const uint8_t *mask, enum xent_format format) {
    for (int64_t j = 0; j < count; j++) {
        N(put)(to, j, format, mask && !mask[j] ? 0 : value);
    }
}

/* Writes all output of a row with NaN made the canonical one; needed only where beta is NaN or infinite. */
static void N(finish_canonical)(struct N(pending) * p) {
    REAL values[N(BLOCK)];
    struct N(pending) block = *p;
    block.target = -1;
    block.format = FORMAT_PLAIN;
    for (int64_t start = 0; start < p->classes; start += N(BLOCK)) {
        block.to = values;
        block.from = p->from + start;
        block.classes = p->classes - start < N(BLOCK) ? p->classes - start : N(BLOCK);
        block.weights = p->weights ? p->weights + start : 0;
        block.mask = p->mask ? p->mask + start : 0;
        block.maxima = p->maxima + start / N(BLOCK);
        N(finish_block)(&block, 0, 0);
        for (int64_t j = 0; j < block.classes; j++) {
            N(put)(p->to, start + j, p->format, N(canonical)(values[j]));
        }
    }
    if (p->target >= 0) {
        N(put)(p->to, p->target, p->format, p->target_gradient);
    }
    p->to = 0;
}
