/*
 * The block ahead: its maximum, which is taken as its logits come from memory, and where logits are mapped, the map.
 * What is mapped is kept in working memory, so that the sums read plain elements in any case. A template: included
 * once for each element type, after element_f32.h or element_f64.h and the vectors of an instruction set.
 *
 * One step is LANES elements (128 bytes): as many registers as hold the partial sums of the canonical
 * algorithm.
 */

#undef STEP
/* Registers of a step. */
#define STEP (N(LANES) / N(WIDTH))

/* A block of which the maximum is taken. */
struct N(ahead) {
    const void *logits;  /* as stored */
    const uint8_t *mask; /* null if the source has none */
    REAL *mapped;        /* where they are kept, up to a whole step; null if the source is plain */
    int64_t count;       /* 0 if there is none */
};

/* A bit for each of the first count lanes of a step. */
ALWAYS_INLINE uint32_t N(first_lanes)(int64_t count) {
    return count < N(LANES) ? (UINT32_C(1) << count) - 1 : (uint32_t)((UINT64_C(1) << N(LANES)) - 1);
}

/* The bits of a step that belong to one of its registers. */
ALWAYS_INLINE N(mask) N(register_lanes)(uint32_t bits, int reg) {
    return N(lanes)(bits >> (reg * N(WIDTH)) & ((UINT32_C(1) << N(WIDTH)) - 1));
}

/* Where element at of a stored matrix is. */
ALWAYS_INLINE void *N(element_at)(const void *matrix, int64_t at, enum xent_format format) {
    return (void *)((uintptr_t)matrix + (uintptr_t)(at * xent_stored_bytes(format, sizeof(REAL))));
}

/* The register of logits at element at: -inf where the mask has 0. */
ALWAYS_INLINE N(vec)
    N(load_logits)(const void *logits, const uint8_t *mask, int64_t at, enum xent_source source) {
    N(vec) v = N(load_stored)(logits, at, xent_format_of(source));
    return xent_has_mask(source) ? N(select)(N(kept)(mask + at), v, N(set1)(-(REAL)INFINITY)) : v;
}

/* One logit. */
ALWAYS_INLINE REAL N(logit)(const void *logits, const uint8_t *mask, int64_t at, enum xent_source source) {
    return xent_has_mask(source) && !mask[at] ? -(REAL)INFINITY
                                              : N(stored)(logits, at, xent_format_of(source));
}

/* Takes the register at element at. NaN is skipped: it is never the second operand of max. */
ALWAYS_INLINE void N(take_register)(N(vec) * largest, const void *logits, const struct N(ahead) * b,
                                    int64_t at, enum xent_source source) {
    N(vec) v = N(load_logits)(logits, b->mask, at, source);
    if (source != SOURCE_PLAIN) {
        N(store)(b->mapped + at, v);
    }
    *largest = N(max)(v, *largest);
}

/* Takes a block of less than a step by way of a copy, of which the rest is -inf. */
ALWAYS_INLINE void N(take_short)(N(vec) * largest, const struct N(ahead) * b, enum xent_source source) {
    size_t count = (size_t)b->count, bytes = (size_t)xent_stored_bytes(xent_format_of(source), sizeof(REAL));
    REAL logits[N(LANES)] = {0};
    uint8_t mask[N(LANES)] = {0};
    memcpy(logits, b->logits, count * bytes);
    if (xent_has_mask(source)) {
        memcpy(mask, b->mask, count);
    }
    uint32_t live = N(first_lanes)(b->count);
    UNROLL for (int r = 0; r < STEP; r++) {
        N(vec) v = N(load_logits)(logits, mask, r * N(WIDTH), source);
        v = N(select)(N(register_lanes)(live, r), v, N(set1)(-(REAL)INFINITY));
        N(store)(b->mapped + r * N(WIDTH), v);
        largest[r] = N(max)(v, largest[r]);
    }
}

/*
 * Takes the last elements of a block, less than a step. Mapped, they are taken with the elements before them, once
 * more, as a whole step.
 */
ALWAYS_INLINE void N(take_last)(N(vec) * largest, const struct N(ahead) * b, int64_t first,
                                enum xent_source source) {
    if (source == SOURCE_PLAIN) {
        const REAL *x = b->logits;
        uint32_t live = N(first_lanes)(b->count - first);
        UNROLL for (int r = 0; r < STEP; r++) {
            N(mask) lanes = N(register_lanes)(live, r);
            largest[r] = N(max)(N(load_lanes)(x + first + r * N(WIDTH), lanes, largest[r]), largest[r]);
        }
    } else if (b->count >= N(LANES)) {
        UNROLL for (int r = 0; r < STEP; r++) {
            N(take_register)(&largest[r], b->logits, b, b->count - N(LANES) + r * N(WIDTH), source);
        }
    } else {
        N(take_short)(largest, b, source);
    }
}

/* Takes the elements from first, which begins a step, to end, which ends one or the block. */
ALWAYS_INLINE void N(take_max)(N(vec) * largest, const struct N(ahead) * b, int64_t first, int64_t end,
                               enum xent_source source) {
    int64_t j = first;
    for (; j + N(LANES) <= end; j += N(LANES)) {
        UNROLL for (int r = 0; r < STEP; r++) {
            N(take_register)(&largest[r], b->logits, b, j + r * N(WIDTH), source);
        }
    }
    if (j < end) {
        N(take_last)(largest, b, j, source);
    }
}

/* The largest element of a step's registers. */
ALWAYS_INLINE REAL N(largest_of)(const N(vec) * largest) {
    N(vec) all = largest[0];
    UNROLL for (int r = 1; r < STEP; r++) { all = N(max)(all, largest[r]); }
    return N(largest)(all);
}

/* The maximum of a block that no other is summed before; -inf if it is empty. */
ALWAYS_INLINE REAL N(block_max)(const struct N(ahead) * b, enum xent_source source) {
    N(vec) largest[STEP];
    UNROLL for (int r = 0; r < STEP; r++) { largest[r] = N(set1)(-(REAL)INFINITY); }
    N(take_max)(largest, b, 0, b->count, source);
    return N(largest_of)(largest);
}

/* The same of plain elements. */
static REAL N(plain_max)(const REAL *x, int64_t count) {
    struct N(ahead) block = {.logits = x, .count = count};
    return N(block_max)(&block, SOURCE_PLAIN);
}
