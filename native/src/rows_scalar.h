/*
 * The row kernels in their plainest form: the canonical algorithm as it is described, one element after the
 * other. The vector kernels are compared with this bit by bit. A template: kernels_scalar.c includes it once
 * for each element type.
 */

/* A block of a row as it is computed with: the caller's memory, or where logits are mapped a copy. */
static const REAL *N(block_of)(const struct xent_rows *rows, int64_t index, int64_t start, int64_t count,
                               REAL *copy) {
    int64_t at = index * rows->row_stride + start;
    const uint8_t *mask = xent_mask_of(rows, index);
    if (!xent_is_mapped(rows)) {
        return (const REAL *)rows->logits + at;
    }
    for (int64_t j = 0; j < count; j++) {
        int kept = !mask || mask[start + j];
        copy[j] = kept ? N(stored)(rows->logits, at + j, rows->format) : -(REAL)INFINITY;
    }
    return copy;
}

/* Stores an element of the gradient; 0 where the class is masked. */
static void N(put_gradient)(const struct xent_rows *rows, int64_t index, int64_t j, REAL value) {
    const uint8_t *mask = xent_mask_of(rows, index);
    N(put)(rows->gradient, index * rows->gradient_stride + j, rows->format, !mask || mask[j] ? value : 0);
}

/* The largest of count logits; -inf if there is none. A NaN is greater than nothing, and so is skipped. */
static REAL N(largest)(const REAL *x, int64_t count) {
    REAL largest = -(REAL)INFINITY;
    for (int64_t j = 0; j < count; j++) {
        if (x[j] > largest) {
            largest = x[j];
        }
    }
    return largest;
}

/*
 * Sums exp(x - shift) over one block into LANES partial sums, which go round and round over the elements, and
 * flushes them into those of the row. Several sums instead of one make room for vectors; flushing into
 * doubles after a block keeps the rounding errors of T from growing with the row.
 *
 * The target is left out: what is left is the mass of the other classes, which a loss near 0 consists of.
 * Where the exponentials are kept they may overwrite the logits.
 */
static void N(sum_block)(const REAL *x, int64_t count, int64_t target, REAL shift, REAL *kept, double *row) {
    REAL block[N(LANES)] = {0};
    for (int64_t j = 0; j < count; j++) {
        REAL e = j == target ? 0 : N(exp)(x[j] - shift);
        block[j % N(LANES)] += e;
        if (kept) {
            kept[j] = e;
        }
    }
    for (int lane = 0; lane < N(LANES); lane++) {
        row[lane] += (double)block[lane];
    }
}

/*
 * Sums the distances of one block's logits from the first block's shift, times their weights. Subtracting the
 * shift before summing keeps the digits that matter where all logits are large. A class of weight 0 must not
 * count even where its logit is -inf, and 0 times infinity is not 0.
 */
static void N(spread_block)(const REAL *x, int64_t count, int64_t target, REAL first_shift,
                            const REAL *weights, double *row) {
    REAL block[N(LANES)] = {0};
    for (int64_t j = 0; j < count; j++) {
        REAL distance = x[j] - first_shift;
        int64_t lane = j % N(LANES);
        if (j == target) {
            continue;
        }
        if (!weights) {
            block[lane] += distance;
        } else if (weights[j] != 0) {
            block[lane] = N(fma)(weights[j], distance, block[lane]);
        }
    }
    for (int lane = 0; lane < N(LANES); lane++) {
        row[lane] += (double)block[lane];
    }
}

/* Adds the lanes of a row, the upper half to the lower half until one is left. */
static double N(tree)(double *lanes) {
    for (int half = N(LANES) / 2; half > 0; half /= 2) {
        for (int lane = 0; lane < half; lane++) {
            lanes[lane] += lanes[lane + half];
        }
    }
    return lanes[0];
}

/*
 * The pass over a row. The maximum is that of the blocks so far: when it moves, the sums so far are scaled
 * down to it. So one pass over memory is enough, and exp never sees a positive number.
 *
 * kept and maxima, which may be null, receive the exponentials and the maximum that each block's were taken
 * with.
 */
static void N(sum_row)(const struct xent_rows *rows, int64_t index, REAL *kept, REAL *maxima,
                       struct row_sums *sums) {
    const REAL *weights = rows->class_weights;
    REAL copy[N(BLOCK)];
    int64_t target = xent_target_of(rows, index);
    /* Read before the exponentials overwrite it. */
    REAL target_logit = target >= 0 ? *N(block_of)(rows, index, target, 1, copy) : 0;
    double lanes[N(LANES)] = {0}, spread_lanes[N(LANES)] = {0};
    REAL max = -(REAL)INFINITY, shift = 0, first_shift = 0;
    for (int64_t start = 0; start < rows->classes; start += N(BLOCK)) {
        int64_t left = rows->classes - start;
        int64_t count = left < N(BLOCK) ? left : N(BLOCK);
        const REAL *x = N(block_of)(rows, index, start, count, copy);
        REAL block_max = N(largest)(x, count);
        if (block_max > max) {
            double factor = exp_f64((double)max - (double)block_max);
            for (int lane = 0; lane < N(LANES); lane++) {
                lanes[lane] *= factor;
            }
            max = block_max;
        }
        /* Minus infinity minus itself would be NaN; minus 0 it stays what it is, and its exponential is 0. */
        shift = max == -(REAL)INFINITY ? 0 : max;
        if (start == 0) {
            first_shift = shift;
        }
        if (maxima) {
            maxima[start / N(BLOCK)] = max;
        }
        if (rows->spread) {
            N(spread_block)
            (x, count, target - start, first_shift, weights ? weights + start : weights, spread_lanes);
        }
        N(sum_block)(x, count, target - start, shift, kept ? kept + start : kept, lanes);
    }
    sums->max = (double)max;
    sums->first_shift = (double)first_shift;
    sums->others = N(tree)(lanes);
    sums->spread_sum = N(tree)(spread_lanes);
    sums->target_logit = (double)target_logit;
    sums->target_term = target >= 0 ? (double)N(exp)(target_logit - shift) : 0;
    sums->target_weight = target < 0 ? 0 : weights ? (double)weights[target] : 1;
}

/* Sets the whole gradient of a row. */
static void N(fill)(const struct xent_rows *rows, int64_t index, REAL value) {
    for (int64_t j = 0; j < rows->classes; j++) {
        N(put_gradient)(rows, index, j, value);
    }
}

/* Turns the exponentials of a row, which may be kept where the gradient goes, into the gradient. */
static void N(scale_row)(const struct xent_rows *rows, int64_t index, const REAL *kept, const REAL *maxima,
                         const struct row_sums *sums) {
    const xent_coefficients *c = xent_coefficients_of(rows, index);
    const REAL *weights = rows->class_weights;
    double ratio = c->alpha / row_total(sums);
    if (row_is_empty(sums)) {
        N(fill)(rows, index, rows->empty_rows_zero ? 0 : N(nan)());
        return;
    }
    if (!isfinite((REAL)ratio)) {
        N(fill)(rows, index, N(nan)());
        return;
    }
    REAL beta = (REAL)c->beta, factor = 0;
    for (int64_t j = 0; j < rows->classes; j++) {
        if (j % N(BLOCK) == 0) {
            /* From the maximum of that time to the one that the row ended with. */
            double max = (double)maxima[j / N(BLOCK)];
            factor = (REAL)(max == sums->max ? ratio : ratio * exp_f64(max - sums->max));
        }
        REAL shared = weights ? beta * weights[j] : beta;
        N(put_gradient)(rows, index, j, N(canonical)(N(fma)(kept[j], factor, -shared)));
    }
    int64_t target = xent_target_of(rows, index);
    if (target >= 0) {
        N(put_gradient)(rows, index, target, N(canonical)((REAL)row_target_gradient(sums, c)));
    }
}

static void N(forward)(const struct xent_rows *rows) {
    for (int64_t index = 0; index < rows->rows; index++) {
        if (xent_is_ignored(rows, index)) {
            row_ignored(rows, index);
            continue;
        }
        struct row_sums sums;
        N(sum_row)(rows, index, 0, 0, &sums);
        row_results(rows, index, &sums, row_log_sum(&sums));
    }
}

static void N(gradient)(const struct xent_rows *rows) {
    REAL *maxima = rows->workspace;
    REAL *spare = (REAL *)((char *)rows->workspace +
                           xent_padded_bytes(xent_block_count(rows->classes, N(BLOCK)), sizeof(REAL)));
    for (int64_t index = 0; index < rows->rows; index++) {
        /* Elements of 16 bits have no room for exponentials. */
        REAL *kept = xent_is_mapped(rows) ? spare : (REAL *)rows->gradient + index * rows->gradient_stride;
        if (xent_is_ignored(rows, index)) {
            row_ignored(rows, index);
            N(fill)(rows, index, 0);
            continue;
        }
        struct row_sums sums;
        N(sum_row)(rows, index, kept, maxima, &sums);
        row_results(rows, index, &sums, row_log_sum(&sums));
        N(scale_row)(rows, index, kept, maxima, &sums);
    }
}

/*
 * x - lse in two steps: first the maximum goes, then what lse has beyond it, so that the result is not off by
 * the rounding of a large lse.
 */
static void N(log_softmax)(const struct xent_rows *rows) {
    for (int64_t index = 0; index < rows->rows; index++) {
        const REAL *x = (const REAL *)rows->logits + index * rows->row_stride;
        REAL *output = (REAL *)rows->gradient + index * rows->gradient_stride;
        struct row_sums sums;
        N(sum_row)(rows, index, 0, 0, &sums);
        double log_sum = row_log_sum(&sums);
        row_results(rows, index, &sums, log_sum);
        int finite = isfinite(row_lse(&sums, log_sum));
        REAL max = (REAL)sums.max, rest = (REAL)log_sum;
        for (int64_t j = 0; j < rows->classes; j++) {
            output[j] = finite ? (x[j] - max) - rest : N(nan)();
        }
    }
}
