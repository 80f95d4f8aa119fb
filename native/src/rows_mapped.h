/*
 * The row kernels for logits that are mapped. A template that builds on the others: long rows and short ones map as they
 * sum; rows of few classes are mapped in a tile, as many as it holds, where they are plain.
 */

/* Maps count elements that follow each other, wherever rows begin. */
ALWAYS_INLINE void N(map_elements)(const struct N(ahead) * from, enum xent_source source) {
    N(vec) largest[STEP]; /* not looked at */
    UNROLL for (int r = 0; r < STEP; r++) { largest[r] = N(set1)(0); }
    N(take_max)(largest, from, 0, from->count, source);
}

/*
 * Maps rows into a tile without gaps, in which there is room for a step beyond the last row. Rows that follow each
 * other without a gap are mapped as one, whatever a row that is ignored holds.
 */
ALWAYS_INLINE void N(map_rows_of)(const struct xent_rows *rows, REAL *tile, enum xent_source source) {
    int is_one = rows->row_stride == rows->classes && (!rows->mask || rows->mask_stride == rows->classes);
    int64_t runs = is_one ? 1 : rows->rows;
    for (int64_t i = 0; i < runs; i++) {
        struct N(ahead) run = {
            .logits = N(element_at)(rows->logits, i * rows->row_stride, rows->format),
            .mask = xent_mask_of(rows, i),
            .mapped = tile + i * rows->classes,
            .count = is_one ? rows->rows * rows->classes : rows->classes,
        };
        N(map_elements)(&run, source);
    }
}

static void N(map_rows)(const struct xent_rows *rows, REAL *tile) {
#define MAP_ROWS(SOURCE) N(map_rows_of)(rows, tile, SOURCE)
    FOR_MAPPED_SOURCE(xent_source_of(rows), MAP_ROWS)
#undef MAP_ROWS
}

/* Stores the rows of a tile as a gradient: in its format, and 0 where the mask has 0. */
static void N(store_rows)(const struct xent_rows *rows, const REAL *tile) {
    int is_one =
        rows->gradient_stride == rows->classes && (!rows->mask || rows->mask_stride == rows->classes);
    int64_t runs = is_one ? 1 : rows->rows;
    /* Times 1 minus 0, a value is what it is, also -0 and the canonical NaN. */
    struct N(finish) finish = {.factor = N(set1)(1), .minus = N(set1)(-(REAL)0)};
    for (int64_t i = 0; i < runs; i++) {
        void *to = N(element_at)(rows->gradient, i * rows->gradient_stride, rows->format);
        finish.mask = xent_mask_of(rows, i);
        N(finish_stored_stretch)
        (&finish, tile + i * rows->classes, to, is_one ? rows->rows * rows->classes : rows->classes,
         N(SHARED), rows->format, 0);
    }
}

/* Some rows of a call, as plain rows that are or will be in a tile. */
static struct xent_rows N(tile_of_rows)(const struct xent_rows *rows, int64_t index, int64_t count,
                                        REAL *tile) {
    struct xent_rows part = *rows;
    part.rows = count;
    part.targets = rows->targets ? rows->targets + index : 0;
    part.nll = rows->nll ? rows->nll + index : 0;
    part.lse = rows->lse ? rows->lse + index : 0;
    part.spread = rows->spread ? rows->spread + index : 0;
    part.coefficients = rows->coefficients ? xent_coefficients_of(rows, index) : 0;
    part.logits = part.gradient = tile;
    part.row_stride = part.gradient_stride = rows->classes;
    part.format = FORMAT_PLAIN;
    part.mask = 0;
    return part;
}

/* Some rows of a call, where they are stored. */
static struct xent_rows N(stored_rows)(const struct xent_rows *rows, int64_t index, int64_t count) {
    struct xent_rows part = *rows;
    part.rows = count;
    part.logits = N(element_at)(rows->logits, index * rows->row_stride, rows->format);
    part.gradient = N(element_at)(rows->gradient, index * rows->gradient_stride, rows->format);
    part.mask = xent_mask_of(rows, index);
    return part;
}

/*
 * A mask of all rows of a tile, where the rows share one: so that they can be mapped as one. In the tile of bytes
 * behind the other one.
 */
static void N(repeat_mask)(struct xent_rows *rows, int64_t height) {
    uint8_t *mask = (uint8_t *)(N(tile)(rows) + N(TILE_ELEMENTS) + N(LANES));
    for (int64_t i = 0; i < height && i < rows->rows; i++) {
        memcpy(mask + i * rows->classes, rows->mask, (size_t)rows->classes);
    }
    rows->mask = mask;
    rows->mask_stride = rows->classes;
}

/* Works on all rows of few classes, as many at a time as the tile holds, in whole groups. */
static void N(mapped_tiles)(const struct xent_rows *call, xent_row_kernel *kernel, int has_gradient) {
    struct xent_rows rows = *call;
    REAL *tile = N(tile)(&rows);
    int64_t height = N(TILE_ELEMENTS) / rows.classes / N(WIDTH) * N(WIDTH);
    int is_repeated = rows.mask && rows.mask_stride == 0;
    if (is_repeated) {
        N(repeat_mask)(&rows, height);
    }
    for (int64_t index = 0; index < rows.rows; index += height) {
        int64_t count = rows.rows - index < height ? rows.rows - index : height;
        struct xent_rows stored = N(stored_rows)(&rows, index, count);
        struct xent_rows plain = N(tile_of_rows)(&rows, index, count, tile);
        if (is_repeated) {
            stored.mask = rows.mask;
        }
        N(map_rows)(&stored, tile);
        kernel(&plain);
        if (has_gradient) {
            N(store_rows)(&stored, tile);
        }
    }
}

/* Works on all rows that are mapped. */
static void N(mapped_rows)(const struct xent_rows *rows, enum N(purpose) purpose) {
    if (rows->classes <= FEW_CLASSES) {
        N(mapped_tiles)
        (rows, purpose == N(FORWARD) ? N(plain_forward) : N(plain_gradient), purpose != N(FORWARD));
        return;
    }
    int64_t done = rows->classes <= N(BLOCK) ? N(mapped_groups)(rows, purpose) : 0;
    N(mapped_pass)(rows, done, rows->rows, purpose);
}

/* The functions of the table. */
static void N(forward)(const struct xent_rows *rows) {
    if (xent_is_mapped(rows)) {
        N(mapped_rows)(rows, N(FORWARD));
    } else {
        N(plain_forward)(rows);
    }
}

static void N(gradient)(const struct xent_rows *rows) {
    if (!xent_is_mapped(rows)) {
        N(plain_gradient)(rows);
        return;
    }
    int stream = xent_should_stream(rows, xent_stored_bytes(rows->format, sizeof(REAL)), N(BLOCK));
    N(mapped_rows)(rows, stream ? N(GRADIENT_STREAMED) : N(GRADIENT));
}
