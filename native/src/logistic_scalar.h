/*
 * Binary cross-entropy of logits in its plainest form, one element after the other: what logistic_vector.h is compared
 * with bit by bit. A template: kernels_scalar.c includes it once for each element type.
 */

/*
 * Loss of element j of a row, and its gradient. Names are those of the definition. A term of factor 0 is left out, because
 * the other factor may be infinite; but not a NaN, unless the weight of the element leaves it out altogether.
 */
static REAL N(logistic_element)(const struct xent_logistic *call, int64_t row, int64_t j) {
    REAL x = ((const REAL *)call->logits)[row * call->logits_stride + j];
    REAL t = ((const REAL *)call->targets)[row * call->targets_stride + j];
    REAL weight = call->weights ? ((const REAL *)call->weights)[row * call->weights_stride + j] : 1;
    REAL e = N(exp)(-N(magnitude)(x));
    REAL l = N(log1p)(e);
    REAL of_p = l + (x < 0 ? -x : 0), of_n = l + (x > 0 ? x : 0);
    REAL p = weight * (call->column ? ((const REAL *)call->column)[j] * t : t);
    REAL n = weight * (1 - t);
    REAL loss = p == 0 ? 0 : p * of_p;
    loss = n == 0 ? loss : N(fma)(n, of_n, loss);
    if (call->column) {
        loss = N(fma)(l, 0, loss); /* NaN also where both factors are 0 */
    }
    if (call->gradient) {
        REAL q = 1 / (1 + e);
        REAL s = x >= 0 ? q : e * q, z = x >= 0 ? e * q : q;
        REAL g = (REAL)call->factors[row * call->factor_step] * N(fma)(n, s, -(p * z));
        ((REAL *)call->gradient)[row * call->gradient_stride + j] = weight == 0 ? 0 : N(canonical)(g);
    }
    return weight == 0 ? 0 : loss;
}

/* Each row is summed in the same shape as a row of exponentials. */
static void N(logistic)(const struct xent_logistic *call) {
    for (int64_t row = 0; row < call->rows; row++) {
        const REAL *targets = (const REAL *)call->targets + row * call->targets_stride;
        double lanes[N(LANES)] = {0};
        int is_outside = 0;
        for (int64_t start = 0; start < call->columns; start += N(BLOCK)) {
            REAL block[N(LANES)] = {0};
            for (int64_t j = start; j < call->columns && j < start + N(BLOCK); j++) {
                REAL loss = N(logistic_element)(call, row, j);
                block[j % N(LANES)] += loss;
                is_outside |= targets[j] < 0 || targets[j] > 1;
                if (call->losses) {
                    ((REAL *)call->losses)[row * call->columns + j] = N(canonical)(loss);
                }
            }
            for (int lane = 0; lane < N(LANES); lane++) {
                lanes[lane] += (double)block[lane];
            }
        }
        call->sums[row] = is_outside ? nan_f64() : canonical_f64(N(tree)(lanes));
    }
}
