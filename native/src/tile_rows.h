/*
 * The operations that look at a row as a whole: its largest element, its sums, its order. Side by side in
 * lanes, since a single maximum or sum would have to wait for itself. A template: included once for each
 * element type.
 */

/* The largest of a row; -inf if there is none. A NaN is greater than nothing, and so is skipped. */
static REAL N(largest)(const REAL *x, int64_t count) {
    REAL lanes[TILE_LANES], largest = -(REAL)INFINITY;
    for (int lane = 0; lane < TILE_LANES; lane++) {
        lanes[lane] = -(REAL)INFINITY;
    }
    int64_t j = 0;
    for (; j + TILE_LANES <= count; j += TILE_LANES) {
        for (int lane = 0; lane < TILE_LANES; lane++) {
            lanes[lane] = x[j + lane] > lanes[lane] ? x[j + lane] : lanes[lane];
        }
    }
    for (; j < count; j++) {
        largest = x[j] > largest ? x[j] : largest;
    }
    for (int lane = 0; lane < TILE_LANES; lane++) {
        largest = lanes[lane] > largest ? lanes[lane] : largest;
    }
    return largest;
}

/* Adding 0 makes +0 of -0, so that it does not matter which of the two was found. */
static void N(center)(const struct xent_tile *tile, const struct tile_row *row) {
    const REAL *a = N(at)(tile->a, row);
    REAL *out = (REAL *)tile->out + row->start;
    REAL max = N(largest)(a, tile->columns) + 0;
    REAL shift = max == -(REAL)INFINITY ? 0 : max;
    INDEPENDENT for (int64_t j = 0; j < tile->columns; j++) { out[j] = N(canonical)(a[j] - shift); }
    tile->results[row->index] = (double)max;
}

/*
 * Takes TILE_LANES elements into the lanes. An element of mass 0 leaves a partial mass as it is: none is -0.
 */
ALWAYS_INLINE void N(cross_lanes)(const REAL *a, const REAL *b, double shift, double *sums, double *masses) {
    for (int lane = 0; lane < TILE_LANES; lane++) {
        double mass = (double)a[lane];
        double sum = fma(mass, shift - (double)b[lane], sums[lane]);
        sums[lane] = mass != 0 ? sum : sums[lane];
        masses[lane] += mass;
    }
}

/* Beyond the end of the row the mass is 0. */
static void N(cross)(const struct xent_tile *tile, const struct tile_row *row) {
    const REAL *a = N(at)(tile->a, row), *b = N(at)(tile->b, row);
    double sums[TILE_LANES] = {0}, masses[TILE_LANES] = {0};
    double shift = row->r0;
    int64_t j = 0;
    for (; j + TILE_LANES <= tile->columns; j += TILE_LANES) {
        N(cross_lanes)(a + j, b + j, shift, sums, masses);
    }
    if (j < tile->columns) {
        REAL last_a[TILE_LANES] = {0}, last_b[TILE_LANES] = {0};
        for (int lane = 0; j + lane < tile->columns; lane++) {
            last_a[lane] = a[j + lane];
            last_b[lane] = b[j + lane];
        }
        N(cross_lanes)(last_a, last_b, shift, sums, masses);
    }
    tile->results[2 * row->index] = canonical_f64(tile_tree(sums));
    tile->results[2 * row->index + 1] = canonical_f64(tile_tree(masses));
}

static int N(has_nan)(const REAL *x, int64_t count) {
    int32_t found = 0;
    for (int64_t j = 0; j < count; j++) {
        found |= x[j] != x[j];
    }
    return found;
}

/*
 * The first place of a value that is there. Chunks are looked through in vectors, the one that has it again.
 */
static int64_t N(first_equal)(const REAL *x, int64_t count, REAL value) {
    int64_t start = 0;
    for (; start + TILE_CHUNK < count; start += TILE_CHUNK) {
        int32_t found = 0;
        for (int64_t j = start; j < start + TILE_CHUNK; j++) {
            found |= x[j] == value;
        }
        if (found) {
            break;
        }
    }
    while (x[start] != value) {
        start++;
    }
    return start;
}

/* The first place outside of a range, or -1; NaN is nowhere outside. */
static int64_t N(first_outside)(const REAL *x, int64_t count, REAL least, REAL largest) {
    for (int64_t start = 0; start < count; start += TILE_CHUNK) {
        int64_t end = count - start < TILE_CHUNK ? count : start + TILE_CHUNK;
        int32_t found = 0;
        for (int64_t j = start; j < end; j++) {
            found |= (x[j] < least) | (x[j] > largest);
        }
        for (int64_t j = start; j < end && found; j++) {
            if (x[j] < least || x[j] > largest) {
                return j;
            }
        }
    }
    return -1;
}

/* How many elements go before that of the target: larger ones, and equal ones that are earlier. */
static int32_t N(rank)(const REAL *x, int32_t count, int32_t target) {
    REAL value = x[target];
    int32_t before = 0;
    for (int32_t j = 0; j < target; j++) {
        before += x[j] >= value;
    }
    for (int32_t j = target + 1; j < count; j++) {
        before += x[j] > value;
    }
    return before;
}

static void N(order)(const struct xent_tile *tile, const struct tile_row *row) {
    const REAL *a = N(at)(tile->a, row);
    int32_t columns = (int32_t)tile->columns;
    REAL max = N(largest)(a, columns);
    int has_order = max > -(REAL)INFINITY && !N(has_nan)(a, columns);
    int has_target = row->r0 >= 0 && row->r0 < (double)columns;
    double *results = tile->results + 2 * row->index;
    results[0] = has_order ? (double)N(first_equal)(a, columns, max) : -1;
    results[1] = has_order && has_target ? N(rank)(a, columns, (int32_t)row->r0) : -1;
}

static void N(range)(const struct xent_tile *tile, const struct tile_row *row) {
    const REAL *a = N(at)(tile->a, row);
    tile->results[row->index] = (double)N(first_outside)(a, tile->columns, (REAL)row->r0, (REAL)row->r1);
}
