/*
 * The operations that make one element out of one element of each operand. A template: included once for each
 * element type. What "in T" and "in double" mean for each operation is part of its definition.
 */

static inline const REAL *N(at)(const void *operand, const struct tile_row *row) {
    return (const REAL *)operand + row->start;
}

/* Without a cap a is divided by the temperature and nothing else. */
static void N(shape)(const struct xent_tile *tile, const struct tile_row *row) {
    const REAL *a = N(at)(tile->a, row);
    REAL *out = (REAL *)tile->out + row->start;
    double cap = row->r0, temperature = row->r1;
    if (cap == 0) {
        INDEPENDENT for (int64_t j = 0; j < tile->columns; j++) {
            out[j] = N(canonical)((REAL)((double)a[j] / temperature));
        }
        return;
    }
    INDEPENDENT for (int64_t j = 0; j < tile->columns; j++) {
        double logit = (double)a[j];
        double e = exp_f64(-2.0 * fabs(logit / cap));
        double height = cap * ((1.0 - e) / (1.0 + e));
        out[j] = N(canonical)((REAL)(copysign(height, logit) / temperature));
    }
}

static void N(shape_gradient)(const struct xent_tile *tile, const struct tile_row *row) {
    const REAL *a = N(at)(tile->a, row);
    REAL *out = (REAL *)tile->out + row->start;
    double inverse_temperature = row->r0, inverse_cap = row->r1;
    INDEPENDENT for (int64_t j = 0; j < tile->columns; j++) {
        double u = (double)a[j] * inverse_cap;
        out[j] = N(canonical)((REAL)(((double)out[j] * inverse_temperature) * fma(-u, u, 1.0)));
    }
}

static void N(mask)(const struct xent_tile *tile, const struct tile_row *row) {
    const REAL *a = N(at)(tile->a, row);
    const uint8_t *mask = (const uint8_t *)tile->c + (tile->shared_c ? 0 : row->start);
    REAL *out = (REAL *)tile->out + row->start;
    REAL other = (REAL)row->r0;
    INDEPENDENT for (int64_t j = 0; j < tile->columns; j++) {
        REAL kept = a[j];
        out[j] = N(canonical)(mask[j] != 0 ? kept : other);
    }
}

static void N(targets)(const struct xent_tile *tile, const struct tile_row *row) {
    const REAL *a = N(at)(tile->a, row);
    const REAL *column = tile->column;
    REAL *out = (REAL *)tile->out + row->start;
    double scale = row->r0, floor = row->r1;
    if (!column) {
        INDEPENDENT for (int64_t j = 0; j < tile->columns; j++) {
            out[j] = N(canonical)((REAL)fma(scale, (double)a[j], floor));
        }
        return;
    }
    INDEPENDENT for (int64_t j = 0; j < tile->columns; j++) {
        out[j] = N(canonical)((REAL)((double)column[j] * fma(scale, (double)a[j], floor)));
    }
}

static void N(blend)(const struct xent_tile *tile, const struct tile_row *row) {
    const REAL *a = N(at)(tile->a, row);
    REAL *out = (REAL *)tile->out + row->start;
    REAL keep = (REAL)row->r0, take = (REAL)row->r1;
    INDEPENDENT for (int64_t j = 0; j < tile->columns; j++) {
        out[j] = N(canonical)(N(fused)(out[j], keep, -(take * a[j])));
    }
}

/* Where b is 0 the old element is stored again, whatever its bits. */
static void N(tilt)(const struct xent_tile *tile, const struct tile_row *row) {
    const REAL *a = N(at)(tile->a, row), *b = N(at)(tile->b, row);
    REAL *out = (REAL *)tile->out + row->start;
    REAL factor = (REAL)row->r0, first = (REAL)row->r1, second = (REAL)row->r2;
    INDEPENDENT for (int64_t j = 0; j < tile->columns; j++) {
        REAL old = out[j];
        REAL tilted = N(canonical)(N(fused)(factor * b[j], (a[j] - first) - second, old));
        out[j] = b[j] != 0 ? tilted : old;
    }
}

static void N(exponential)(const struct xent_tile *tile, const struct tile_row *row) {
    const REAL *a = N(at)(tile->a, row);
    REAL *out = (REAL *)tile->out + row->start;
    INDEPENDENT for (int64_t j = 0; j < tile->columns; j++) { out[j] = N(canonical)(N(exp_any)(a[j])); }
}

static void N(logarithm)(const struct xent_tile *tile, const struct tile_row *row) {
    const REAL *a = N(at)(tile->a, row);
    REAL *out = (REAL *)tile->out + row->start;
    INDEPENDENT for (int64_t j = 0; j < tile->columns; j++) {
        out[j] = N(canonical)((REAL)log_f64((double)a[j]));
    }
}

static void N(ratio)(const struct xent_tile *tile, const struct tile_row *row) {
    const REAL *a = N(at)(tile->a, row), *b = N(at)(tile->b, row);
    REAL *out = (REAL *)tile->out + row->start;
    REAL factor = (REAL)row->r0;
    INDEPENDENT for (int64_t j = 0; j < tile->columns; j++) {
        REAL dividend = a[j];
        REAL scaled = factor * (dividend / b[j]);
        out[j] = N(canonical)(dividend == 0 ? 0 : scaled);
    }
}
